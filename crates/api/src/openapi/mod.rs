//! The OpenAPI document, its page, and the documentation of problems.
//!
//! The document is derived from the [routes], which name their requests and responses. Tests compare it with the
//! server.

#[cfg(test)]
mod agreement;
mod catalogue;
mod fields;
#[cfg(test)]
mod tests;

use std::sync::{Arc, LazyLock};

use app::App;
use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ComponentsBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, PathItem, PathsBuilder};
use wire::problem::{Problem, kinds};
use wire::schema::Schemas;

use crate::route::SECURITY;
use crate::routes::{self, extract::Segment};
use crate::view::answers;

const INTRODUCTION: &str = "\
Holdfast sells what there is only so much of, exactly once: hotel nights, tables, seats, experiences, stock.

- **Who calls** is said by a bearer token: the access token of a session (`/api/v1/auth`) or the API key of a business \
(`hfk_…`), or, where the installation accepts it, the token of an external issuer, whose holder is a guest without a \
session. Guests see and cancel their own bookings, businesses run their venues by the roles of their members, \
admins all; each operation says for whom it is. What a caller may not see is not there (404).
- **Money** is `{\"amount\": 12950, \"currency\": \"EUR\"}`, in minor units. **Moments** are RFC 3339, **days** \
`2025-12-01`. A field that is null counts as left out.
- **Ids** have a prefix (`bkg_…`); a bare UUID is taken too. Venues and offerings can also be named by their code.
- **Repeating** a request is safe with an `Idempotency-Key`: for 24 hours it brings back the first answer, byte for byte. \
Keys that grow with time (UUIDv7) are stored fastest.
- **Refusals** are problems (RFC 9457). Go by their `type`; each is explained at that address. A request that is not \
valid is told everything that is wrong with it at once.";

/// The document as JSON.
pub fn document() -> String {
    let mut text = serde_json::to_string_pretty(&described()).expect("a document is always JSON");
    text.push('\n');
    text
}

fn described() -> OpenApi {
    let mut schemas = Schemas::default();
    let paths = routes::all().into_iter().fold(PathsBuilder::new(), |paths, route| {
        let operation = route.describe(&mut schemas);
        paths.path(route.path, PathItem::new(route.method, operation))
    });
    let license = LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build();
    let info = InfoBuilder::new()
        .title("Holdfast")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(INTRODUCTION))
        .license(Some(license));
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    let components = ComponentsBuilder::new().security_scheme(SECURITY, SecurityScheme::Http(token));
    let components = shown(catalogue::add(components)).schema("Problem", problem());
    let components = components.schemas_from_iter(schemas.into_named());
    OpenApiBuilder::new().info(info).paths(paths).components(Some(components.build())).build()
}

/// The responses of the catalogue.
fn shown(components: ComponentsBuilder) -> ComponentsBuilder {
    let components = with::<answers::Venues<'static>>(components);
    let components = with::<answers::Pools<'static>>(components);
    let components = with::<answers::Offerings<'static>>(components);
    let components = with::<answers::Slots>(components);
    let components = with::<answers::Capacity>(components);
    with::<answers::Added>(components)
}

/// A view and the views inside it.
fn with<T: ToSchema>(components: ComponentsBuilder) -> ComponentsBuilder {
    let mut inside = Vec::new();
    T::schemas(&mut inside);
    components.schema(T::name(), T::schema()).schemas_from_iter(inside)
}

fn problem() -> Schema {
    let text = |says: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(says));
    let names = kinds::ALL.iter().map(|kind| kind.uri());
    let of = text("The kind of problem, documented at this URL.").enum_values(Some(names));
    let status = ObjectBuilder::new().schema_type(Type::Integer).description(Some("The HTTP status."));
    let error = ObjectBuilder::new()
        .schema_type(Type::Object)
        .property(
            "pointer",
            text("A JSON pointer into the body, or `query:NAME`, `path:NAME`, `header:NAME`."),
        )
        .property("detail", text("What is wrong with the field."))
        .required("pointer")
        .required("detail");
    let errors = error.to_array_builder().description(Some("Every invalid field."));
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("A problem document (RFC 9457). Additional members depend on the type."))
        .property("type", of)
        .property("title", text("The kind of problem in words."))
        .property("status", status)
        .property("detail", text("The details of this occurrence."))
        .property("errors", errors)
        .required("type")
        .required("title")
        .required("status")
        .into()
}

/// The document and the pages that show it.
pub fn pages() -> Router<Arc<App>> {
    Router::new()
        .route("/openapi.json", get(openapi_json))
        .route("/docs", get(|| async { Redirect::permanent("/docs/") }))
        .route("/docs/", get(|| async { docs_file("index.html") }))
        .route("/docs/{file}", get(|Segment(file): Segment| async move { docs_file(&file) }))
}

async fn openapi_json() -> Response {
    static DOCUMENT: LazyLock<String> = LazyLock::new(document);
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str()).into_response()
}

/// A file of the page. All files are compiled in.
fn docs_file(name: &str) -> Response {
    let config = utoipa_swagger_ui::Config::from("/openapi.json").validator_url("none");
    match utoipa_swagger_ui::serve(name, Arc::new(config)) {
        Ok(Some(file)) => {
            ([(header::CONTENT_TYPE, file.content_type)], file.bytes.into_owned()).into_response()
        }
        Ok(None) => Problem::not_found("page").into_response(),
        Err(error) => wire::problem::internal(&error).into_response(),
    }
}
