//! The OpenAPI schemas of requests and responses.

use serde_json::{Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AdditionalProperties, AnyOfBuilder, ArrayBuilder, Discriminator, KnownFormat, ObjectBuilder,
    OneOfBuilder, Ref, Schema, SchemaFormat, SchemaType, Type,
};

pub type Described = RefOr<Schema>;

/// The named schemas of a document, each once.
#[derive(Default)]
pub struct Schemas(Vec<(String, Described)>);

impl Schemas {
    /// A reference to the schema `name`, which is created by `describe` if it does not exist.
    pub fn named(&mut self, name: &str, describe: impl FnOnce(&mut Self) -> Schema) -> Described {
        if !self.0.iter().any(|(known, _)| known == name) {
            let place = self.0.len();
            // Reserved first, so that a schema can refer to itself.
            self.0.push((name.to_owned(), nothing()));
            let schema = describe(self);
            if let Some((_, held)) = self.0.get_mut(place) {
                *held = schema.into();
            }
        }
        reference(name)
    }

    pub fn into_named(self) -> Vec<(String, Described)> {
        self.0
    }
}

/// A member of an object in a request, a query or a response.
pub struct Property {
    pub name: &'static str,
    pub schema: Described,
    pub is_required: bool,
}

impl Property {
    pub fn new(name: &'static str, says: &str, schema: Described, is_required: bool) -> Self {
        Self { name, schema: described(schema, says), is_required }
    }
}

/// An object with exactly these members.
pub fn request_object(says: &str, properties: impl IntoIterator<Item = Property>) -> Schema {
    let object = object(says, properties);
    object.additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false))).into()
}

/// An object that may get more members in a later version.
pub fn object(says: &str, properties: impl IntoIterator<Item = Property>) -> ObjectBuilder {
    let object = ObjectBuilder::new().schema_type(Type::Object);
    let object = if says.is_empty() { object } else { object.description(Some(says)) };
    properties.into_iter().fold(object, |object, Property { name, schema, is_required }| {
        let object = if is_required { object.required(name) } else { object };
        object.property(name, schema)
    })
}

/// One or more of several named schemas.
pub fn any_of(says: &str, choices: impl IntoIterator<Item = Described>) -> Schema {
    choices.into_iter().fold(AnyOfBuilder::new().description(Some(says)), AnyOfBuilder::item).into()
}

/// Exactly one of several schemas.
pub fn one_of(choices: impl IntoIterator<Item = Described>) -> Schema {
    choices.into_iter().fold(OneOfBuilder::new(), OneOfBuilder::item).into()
}

/// One of several named objects, distinguished by the word in their member `kind`.
pub fn one_of_kind<'a>(says: &str, choices: impl IntoIterator<Item = (&'a str, String)>) -> Schema {
    let (mut of, mut mapping) = (OneOfBuilder::new(), Vec::new());
    for (word, name) in choices {
        of = of.item(Ref::from_schema_name(&name));
        mapping.push((word, format!("#/components/schemas/{name}")));
    }
    let of = if says.is_empty() { of } else { of.description(Some(says)) };
    of.discriminator(Some(Discriminator::with_mapping("kind", mapping))).into()
}

pub fn reference(name: &str) -> Described {
    Ref::from_schema_name(name).into()
}

/// The schema of a value that can also be null.
pub fn nullable(mut schema: Described) -> Described {
    match &mut schema {
        RefOr::T(Schema::Object(object)) => {
            or_null(&mut object.schema_type);
            object.enum_values.iter_mut().for_each(|words| words.push(Value::Null));
        }
        RefOr::T(Schema::Array(array)) => or_null(&mut array.schema_type),
        RefOr::T(Schema::OneOf(of)) => of.items.push(nothing()),
        RefOr::T(Schema::AnyOf(of)) => of.items.push(nothing()),
        RefOr::T(_) => {}
        RefOr::Ref(_) => return one_of([schema, nothing()]).into(),
    }
    schema
}

fn or_null(of: &mut SchemaType) {
    if let SchemaType::Type(only) = of {
        *of = SchemaType::from_iter([only.clone(), Type::Null]);
    }
}

fn nothing() -> Described {
    Schema::from(ObjectBuilder::new().schema_type(Type::Null)).into()
}

/// The schema with a description.
fn described(mut schema: Described, says: &str) -> Described {
    let says = says.trim();
    if says.is_empty() {
        return schema;
    }
    let says = says.to_owned();
    match &mut schema {
        RefOr::Ref(reference) => reference.description = says,
        RefOr::T(Schema::Object(object)) => object.description = Some(says),
        RefOr::T(Schema::Array(array)) => array.description = Some(says),
        RefOr::T(Schema::OneOf(of)) => of.description = Some(says),
        RefOr::T(Schema::AnyOf(of)) => of.description = Some(says),
        RefOr::T(_) => {}
    }
    schema
}

pub fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

pub fn formatted(format: KnownFormat) -> ObjectBuilder {
    string().format(Some(SchemaFormat::KnownFormat(format)))
}

pub fn words(words: &[&str]) -> ObjectBuilder {
    let example = words.first().copied().unwrap_or_default();
    string().enum_values(Some(words.iter().copied())).examples([json!(example)])
}

pub fn integer() -> ObjectBuilder {
    let format = SchemaFormat::KnownFormat(KnownFormat::Int64);
    ObjectBuilder::new().schema_type(Type::Integer).format(Some(format))
}

pub fn array(of: Described) -> ArrayBuilder {
    ArrayBuilder::new().items(of)
}

pub fn inline(schema: impl Into<Schema>) -> Described {
    schema.into().into()
}

/// The end of every id in an example.
pub const EXAMPLE_UUID: &str = "0190f5c41b0a7c3e8a41d2f07b6c9e55";

/// The form of an id in a request: with or without its prefix, with or without hyphens.
pub fn id(prefix: &str) -> ObjectBuilder {
    let hyphenated = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}";
    let pattern = format!("^({prefix}_)?([0-9A-Fa-f]{{32}}|{hyphenated})$");
    string().pattern(Some(pattern)).examples([json!(format!("{prefix}_{EXAMPLE_UUID}"))])
}

/// Removes null.
pub fn without_null(object: &mut utoipa::openapi::schema::Object) {
    if let SchemaType::Array(types) = &object.schema_type
        && let Some(only) = types.iter().find(|of| **of != Type::Null)
    {
        object.schema_type = SchemaType::Type(only.clone());
    }
    object.enum_values.iter_mut().for_each(|words| words.retain(|word| !word.is_null()));
}
