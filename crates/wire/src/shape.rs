//! The parts of responses: each type defines its schema once, and [`view!`](crate::view!) combines them.

use domain::ids::{
    ApiKeyId, BookingId, BusinessId, GuestId, InvitationId, JobId, OfferingId, OrderId, PersonId, PoolId,
    SessionId, VenueId,
};
use domain::money::Money;
use domain::permission::MemberRole;
use domain::status::Status;
use domain::time::Instant;
use jiff::civil::{Date, Time};
use serde_json::json;
use serde_json::value::RawValue;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Type};

use crate::schema::{
    Described, EXAMPLE_UUID, Property, Schemas, array, formatted, inline, integer, nullable, object, string,
};

/// A type as shown in a response.
pub trait Shape {
    /// Whether it can be null.
    const IS_NULLABLE: bool = false;

    fn shape(schemas: &mut Schemas) -> Described;
}

/// The members of a response that is an object.
pub trait Members {
    const NAME: &'static str;
    const SAYS: &'static str;

    fn members(schemas: &mut Schemas) -> Vec<Property>;
}

/// The schema of an object, under its name.
pub fn object_shape<T: Members>(schemas: &mut Schemas) -> Described {
    schemas.named(T::NAME, |schemas| {
        let members = T::members(schemas);
        object(T::SAYS.trim(), members).into()
    })
}

/// Declares a response: its type, its JSON and its documentation.
///
/// `as` gives the name of its schema. A member whose Rust type does not define its form names a type that does:
/// `role: &'static str as MemberRole`.
macro_rules! view {
    ($(
        $(#[doc = $says:literal])*
        pub struct $name:ident $(<$life:lifetime>)? as $schema:literal {
            $($(#[doc = $member_says:literal])* $(#[serde($($serde:tt)*)])?
                $member:ident: $type:ty $(as $shape:ty)?,)*
        }
    )+) => { $(
        $(#[doc = $says])*
        #[derive(serde::Serialize)]
        pub struct $name $(<$life>)? {
            $($(#[doc = $member_says])* $(#[serde($($serde)*)])? pub $member: $type,)*
        }

        impl $(<$life>)? $crate::shape::Members for $name $(<$life>)? {
            const NAME: &'static str = $schema;
            const SAYS: &'static str = concat!($($says),*);

            fn members(schemas: &mut $crate::schema::Schemas) -> Vec<$crate::schema::Property> {
                vec![$($crate::shape::member::<$crate::shape::view!(@shape $type $(, $shape)?)>(
                    stringify!($member),
                    concat!($($member_says),*),
                    schemas,
                )),*]
            }
        }

        impl $(<$life>)? $crate::shape::Shape for $name $(<$life>)? {
            fn shape(schemas: &mut $crate::schema::Schemas) -> $crate::schema::Described {
                $crate::shape::object_shape::<Self>(schemas)
            }
        }
    )+ };
    (@shape $type:ty) => { $type };
    (@shape $type:ty, $shape:ty) => { $shape };
}
pub(crate) use view;

pub fn member<T: Shape>(name: &'static str, says: &str, schemas: &mut Schemas) -> Property {
    Property::new(name.trim_start_matches("r#"), says, T::shape(schemas), !T::IS_NULLABLE)
}

impl<T: Shape> Shape for Option<T> {
    const IS_NULLABLE: bool = true;

    fn shape(schemas: &mut Schemas) -> Described {
        nullable(T::shape(schemas))
    }
}

impl<T: Shape> Shape for Vec<T> {
    fn shape(schemas: &mut Schemas) -> Described {
        inline(array(T::shape(schemas)))
    }
}

impl<T: Shape> Shape for &[T] {
    fn shape(schemas: &mut Schemas) -> Described {
        Vec::<T>::shape(schemas)
    }
}

macro_rules! shapes {
    ($($type:ty: $schema:expr;)*) => { $(
        impl Shape for $type {
            fn shape(_: &mut Schemas) -> Described {
                inline($schema)
            }
        }
    )* };
}

shapes! {
    String: string();
    &str: string();
    bool: ObjectBuilder::new().schema_type(Type::Boolean);
    i64: integer();
    u64: integer().minimum(Some(0));
    usize: ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
    u16: ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
    Date: formatted(KnownFormat::Date);
    Time: string().examples([json!("19:30:00")]);
    Instant: formatted(KnownFormat::DateTime);
    &RawValue: AnyObject::schema();
    AnyObject: AnyObject::schema();
    ReferenceText: string().examples([json!("BR-20241225-K7QXM2RD9A")]);
    CurrencyText: string().examples([json!("EUR")]);
}

/// The form of a booking reference.
pub struct ReferenceText;

/// The form of a currency.
pub struct CurrencyText;

/// An object without a further description.
pub struct AnyObject;

impl AnyObject {
    fn schema() -> ObjectBuilder {
        ObjectBuilder::new().schema_type(Type::Object)
    }
}

macro_rules! ids {
    ($($id:ident),* $(,)?) => { $(
        impl Shape for $id {
            fn shape(_: &mut Schemas) -> Described {
                inline(string().examples([json!(format!("{}_{EXAMPLE_UUID}", $id::PREFIX))]))
            }
        }
    )* };
}

ids! {
    ApiKeyId, BookingId, BusinessId, GuestId, InvitationId, JobId, OfferingId, OrderId, PersonId, PoolId, SessionId,
    VenueId,
}

impl Shape for Status {
    fn shape(schemas: &mut Schemas) -> Described {
        let states = domain::status::ALL.map(Self::as_str);
        schemas.named("BookingStatus", |_| {
            string().description(Some("The status of a booking.")).enum_values(Some(states)).into()
        })
    }
}

impl Shape for MemberRole {
    fn shape(schemas: &mut Schemas) -> Described {
        let says = "The role of a member.";
        schemas.named("MemberRole", |_| {
            string().description(Some(says)).enum_values(Some(Self::WORDS.iter().copied())).into()
        })
    }
}

impl Shape for Money {
    fn shape(schemas: &mut Schemas) -> Described {
        schemas.named("Money", |_| {
            let says = "Money: `amount` in minor units, so 12950 EUR is 129.50 euro.";
            let amount = inline(integer().examples([json!(12_950)]));
            let currency = inline(string().examples([json!("EUR")]));
            let members = [("amount", amount), ("currency", currency)];
            object(says, members.map(|(name, schema)| Property::new(name, "", schema, true))).into()
        })
    }
}
