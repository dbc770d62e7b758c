//! Lines of a booking by kind: each a named object, told apart by `kind`. Generators of clients drop what is anonymous.

use utoipa::PartialSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ComponentsBuilder, Discriminator, Object, OneOfBuilder, Ref, Schema};

use crate::view::availability::AlternativeView;
use crate::view::booking::{DetailView, LineView, SeatingView};

/// The lines that answers show.
pub fn add(components: ComponentsBuilder) -> ComponentsBuilder {
    let components = add_of::<LineView<'static>>(components, "BookingLine", "Booked");
    add_of::<AlternativeView<'static>>(components, "Alternative", "Alternative")
}

/// Adds `name`: a choice of objects that have the fields of `T` and those of a kind.
fn add_of<T: PartialSchema>(components: ComponentsBuilder, name: &str, prefix: &str) -> ComponentsBuilder {
    let (mut choice, mut mapping) = (OneOfBuilder::new(), Vec::new());
    let mut components = components;
    for (kind, detail) in details() {
        let variant = format!("{prefix}{}", capitalized(&kind));
        let mut whole = own_fields(T::schema());
        merge(&mut whole, detail);
        choice = choice.item(Ref::from_schema_name(&variant));
        mapping.push((kind, format!("#/components/schemas/{variant}")));
        components = components.schema(variant, Schema::from(whole));
    }
    let by_kind = Discriminator::with_mapping("kind", mapping);
    components.schema(name, Schema::from(choice.discriminator(Some(by_kind)).build()))
}

/// The fields of each kind of line, by its word.
fn details() -> Vec<(String, Object)> {
    let RefOr::T(Schema::OneOf(choice)) = DetailView::schema() else { return Vec::new() };
    let object = |schema| {
        let object = own_fields(schema);
        let RefOr::T(Schema::Object(kind)) = object.properties.get("kind")? else { return None };
        let word = kind.enum_values.as_ref()?.first()?.as_str()?.to_owned();
        Some((word, object))
    };
    choice.items.into_iter().filter_map(object).collect()
}

/// The fields of a schema that is an object, or a seating and an object.
fn own_fields(schema: RefOr<Schema>) -> Object {
    match schema {
        RefOr::T(Schema::Object(object)) => object,
        RefOr::T(Schema::AllOf(all)) => {
            let mut whole = Object::new();
            all.items.into_iter().for_each(|part| merge(&mut whole, own_fields(part)));
            whole
        }
        RefOr::Ref(_) => own_fields(SeatingView::schema()),
        RefOr::T(_) => Object::new(),
    }
}

fn merge(whole: &mut Object, part: Object) {
    whole.required.extend(part.required);
    whole.properties.extend(part.properties);
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
