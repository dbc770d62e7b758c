//! Building blocks for describing requests. [`crate::form`] reads the requests; these schemas describe them, with the
//! same limits, and a test compares the two.
#![expect(dead_code, reason = "only the catalogue's requests are described this way")]

use serde_json::{Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AdditionalProperties, AnyOfBuilder, ArrayBuilder, Discriminator, KnownFormat, ObjectBuilder,
    OneOfBuilder, Ref, Schema, SchemaFormat, SchemaType, Type,
};

use domain::limits::LABEL_CHARS_MAX;

pub type Described = RefOr<Schema>;

/// A field of a request.
#[derive(Clone)]
pub struct Field {
    pub name: &'static str,
    pub schema: Described,
    required: bool,
}

impl Field {
    pub fn new(name: &'static str, schema: impl Into<Described>) -> Self {
        Self { name, schema: schema.into(), required: false }
    }

    pub fn required(self) -> Self {
        Self { required: true, ..self }
    }

    pub fn optional(self) -> Self {
        Self { required: false, ..self }
    }

    /// A field that can be null, which means absent or, in an update, removed.
    pub fn nullable(mut self) -> Self {
        match &mut self.schema {
            RefOr::T(Schema::Object(object)) => {
                or_null(&mut object.schema_type);
                object.enum_values.iter_mut().for_each(|words| words.push(Value::Null));
            }
            RefOr::T(Schema::Array(array)) => or_null(&mut array.schema_type),
            RefOr::T(Schema::OneOf(of)) => of.items.push(nothing()),
            RefOr::T(Schema::AnyOf(of)) => of.items.push(nothing()),
            // Neither is ever the whole of a field that may be left out.
            RefOr::T(_) | RefOr::Ref(_) => {}
        }
        self
    }
}

fn or_null(of: &mut SchemaType) {
    if let SchemaType::Type(only) = of {
        *of = SchemaType::from_iter([only.clone(), Type::Null]);
    }
}

fn nothing() -> Described {
    Schema::from(ObjectBuilder::new().schema_type(Type::Null)).into()
}

/// An object of exactly these fields.
pub fn object(description: &str, fields: impl IntoIterator<Item = Field>) -> Schema {
    let mut object = ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some(description))
        .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)));
    for field in fields {
        if field.required {
            object = object.required(field.name).property(field.name, field.schema);
        } else {
            object = object.property(field.name, field.nullable().schema);
        }
    }
    object.into()
}

/// One of several schemas of the document, all of which may fit.
pub fn any_of(description: &str, names: &[&str]) -> Schema {
    let of = AnyOfBuilder::new().description(Some(description));
    names.iter().fold(of, |of, name| of.item(Ref::from_schema_name(*name))).into()
}

/// One of several named objects, told apart by the word in their field `kind`.
pub fn by_kind(description: &str, variants: &[(&[&str], &str)]) -> Schema {
    let words = |(words, name): &(&[&str], &str)| {
        let at = format!("#/components/schemas/{name}");
        words.iter().map(|word| ((*word).to_owned(), at.clone())).collect::<Vec<_>>()
    };
    let kind = Discriminator::with_mapping("kind", variants.iter().flat_map(words).collect::<Vec<_>>());
    let of = OneOfBuilder::new().description(Some(description)).discriminator(Some(kind));
    variants.iter().fold(of, |of, (_, name)| of.item(Ref::from_schema_name(*name))).into()
}

pub fn one_of(description: &str, schemas: impl IntoIterator<Item = Described>) -> Schema {
    let of = OneOfBuilder::new().description(Some(description));
    schemas.into_iter().fold(of, OneOfBuilder::item).into()
}

pub fn text(name: &'static str, (min, max): (usize, usize), description: &str, example: &str) -> Field {
    let schema = typed(Type::String, description, json!(example)).min_length(Some(min)).max_length(Some(max));
    Field::new(name, schema)
}

/// A text of a certain shape.
pub fn shaped(
    name: &'static str,
    (min, max): (usize, usize),
    pattern: &str,
    description: &str,
    example: &str,
) -> Field {
    let schema = typed(Type::String, description, json!(example)).pattern(Some(pattern));
    Field::new(name, schema.min_length(Some(min)).max_length(Some(max)))
}

pub fn integer(name: &'static str, (min, max): (i64, i64), description: &str, example: i64) -> Field {
    Field::new(name, whole((min, max), description, example))
}

/// A count that is one where it is not given.
pub fn count(name: &'static str, max: i64, description: &str) -> Field {
    Field::new(name, whole((1, max), description, 1).default(Some(json!(1))))
}

fn whole((min, max): (i64, i64), description: &str, example: i64) -> ObjectBuilder {
    let format = SchemaFormat::KnownFormat(KnownFormat::Int64);
    let schema = typed(Type::Integer, description, json!(example)).format(Some(format));
    schema.minimum(Some(min)).maximum(Some(max))
}

pub fn version(name: &'static str, description: &str) -> Field {
    integer(name, (1, i64::MAX), description, 1)
}

pub fn boolean(name: &'static str, default: bool, description: &str) -> Field {
    Field::new(name, typed(Type::Boolean, description, json!(default)).default(Some(json!(default))))
}

pub fn date(name: &'static str, description: &str, example: &str) -> Field {
    let format = SchemaFormat::KnownFormat(KnownFormat::Date);
    Field::new(name, typed(Type::String, description, json!(example)).format(Some(format)))
}

pub fn time_of_day(name: &'static str, description: &str, example: &str) -> Field {
    let pattern = r"^\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{1,2}:\d{2})?$";
    Field::new(name, typed(Type::String, description, json!(example)).pattern(Some(pattern)))
}

pub fn moment(name: &'static str, description: &str, example: &str) -> Field {
    let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
    Field::new(name, typed(Type::String, description, json!(example)).format(Some(format)))
}

/// One of some words.
pub fn word(name: &'static str, words: &[&str], description: &str) -> Field {
    let example = words.first().copied().unwrap_or_default();
    Field::new(
        name,
        typed(Type::String, description, json!(example)).enum_values(Some(words.iter().copied())),
    )
}

pub fn id(name: &'static str, prefix: &str, description: &str) -> Field {
    let example = format!("{prefix}_0190f5c41b0a7c3e8a41d2f07b6c9e55");
    let pattern = id_pattern(prefix);
    Field::new(name, typed(Type::String, description, json!(example)).pattern(Some(pattern)))
}

/// How an id is written: with its prefix or without, with hyphens or without.
pub fn id_pattern(prefix: &str) -> String {
    let hyphenated = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}";
    format!("^({prefix}_)?([0-9A-Fa-f]{{32}}|{hyphenated})$")
}

/// A venue or an offering: its id, a bare UUID, or its code, which may be a number.
pub fn selector(name: &'static str, description: &str, example: &str) -> Field {
    let text =
        ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(LABEL_CHARS_MAX));
    let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
    let of = OneOfBuilder::new()
        .item(text)
        .item(number)
        .description(Some(format!("{description} Its id, a UUID, or its code, as a string or a number.")));
    Field::new(name, Schema::from(of.examples([json!(example)])))
}

pub fn list(
    name: &'static str,
    (min, max): (usize, usize),
    description: &str,
    of: impl Into<Described>,
) -> Field {
    Field::new(name, Schema::from(array((min, max), description, of)))
}

pub fn array((min, max): (usize, usize), description: &str, of: impl Into<Described>) -> ArrayBuilder {
    let array = ArrayBuilder::new().items(of.into()).min_items(Some(min)).max_items(Some(max));
    if description.is_empty() { array } else { array.description(Some(description)) }
}

pub fn string((min, max): (usize, usize), example: &str) -> ObjectBuilder {
    let string = ObjectBuilder::new().schema_type(Type::String).examples([json!(example)]);
    string.min_length(Some(min)).max_length(Some(max))
}

/// An object that is not looked into.
pub fn opaque(name: &'static str, description: &str, example: Value) -> Field {
    Field::new(name, typed(Type::Object, description, example))
}

pub fn reference(schema: &str) -> Described {
    Ref::from_schema_name(schema).into()
}

fn typed(of: Type, description: &str, example: Value) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(of).description(Some(description)).examples([example])
}
