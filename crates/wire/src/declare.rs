//! The macro that declares a request.

/// Declares a request: its type, how it is read and how it is documented.
///
/// Each field has a documentation comment, a type, and a [kind](crate::kind), which contains its bounds and example.
/// A kind alone means that the field is required; [`maybe`](crate::kind::maybe), [`or`](crate::kind::or) and
/// [`replaced`](crate::kind::replaced) define the meaning of its absence. `..name: Type` includes the fields of
/// another declaration. `rules` is a function that checks rules between valid fields.
macro_rules! request {
    (
        $(#[doc = $says:literal])+
        pub struct $name:ident {
            $(..$group:ident: $group_type:ty,)*
            $($(#[doc = $field_says:literal])+ $field:ident $(as $json:literal)?: $type:ty = $kind:expr,)*
        }
        $(rules $rules:path;)?
        $(example $title:literal $body:tt;)*
    ) => {
        $(#[doc = $says])+
        pub struct $name {
            $(pub $group: $group_type,)*
            $($(#[doc = $field_says])+ pub $field: $type,)*
        }

        impl $crate::request::Fields for $name {
            const SAYS: &'static str = concat!($($says),+);

            fn read_fields(reader: &mut $crate::reader::Reader<'_>) -> Option<Self> {
                // Fields, not bindings: a binding would hide a function that a later kind calls.
                struct Read {
                    $($group: Option<$group_type>,)*
                    $($field: Option<$type>,)*
                }
                let read = Read {
                    $($group: <$group_type as $crate::request::Fields>::read_fields(reader),)*
                    $($field: $crate::kind::Field::read(
                        &$kind,
                        reader,
                        $crate::declare::request!(@name $field $($json)?),
                    ),)*
                };
                let read = Self { $($group: read.$group?,)* $($field: read.$field?,)* };
                $($rules(&read, reader);)?
                Some(read)
            }

            fn properties(schemas: &mut $crate::schema::Schemas) -> Vec<$crate::schema::Property> {
                let taken_in: Vec<Vec<$crate::schema::Property>> =
                    vec![$(<$group_type as $crate::request::Fields>::properties(schemas)),*];
                let own = vec![$($crate::kind::property::<$type, _>(
                    $crate::declare::request!(@name $field $($json)?),
                    concat!($($field_says),+),
                    &$kind,
                    schemas,
                )),*];
                taken_in.into_iter().flatten().chain(own).collect()
            }
        }

        impl $crate::request::Request for $name {
            const NAME: &'static str = stringify!($name);

            fn read(reader: &mut $crate::reader::Reader<'_>) -> Option<Self> {
                <Self as $crate::request::Fields>::read_fields(reader)
            }

            fn schema(schemas: &mut $crate::schema::Schemas) -> $crate::schema::Described {
                $crate::request::object_schema::<Self>(schemas)
            }

            fn examples() -> $crate::request::Examples {
                vec![$(($title, serde_json::json!($body))),*]
            }
        }
    };
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $json:literal) => { $json };
}
pub(crate) use request;
