//! The OpenAPI description of an endpoint.

use std::collections::BTreeMap;

use domain::limits::IDEMPOTENCY_KEY_CHARS_MAX;
use serde_json::json;
use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Schema};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{RefOr, Required};
use wire::problem::kinds::{self, Kind};
use wire::schema::{Property, Schemas, inline, reference, string};

use super::{Answer, Body, Route};

pub const SECURITY: &str = "bearer";

/// Errors that can occur before a handler runs.
const BEFORE_HANDLERS: [&Kind; 7] = [
    kinds::INVALID_REQUEST,
    kinds::REQUEST_TIMEOUT,
    kinds::URI_TOO_LONG,
    kinds::MISDIRECTED,
    kinds::HEAD_TOO_LARGE,
    kinds::QUOTA_EXCEEDED,
    kinds::OVERLOADED,
];

impl Route {
    /// The operation. The schemas it needs are added to `schemas`.
    pub fn describe(&self, schemas: &mut Schemas) -> Operation {
        let mut built = OperationBuilder::new()
            .operation_id(Some(self.id))
            .tag(self.tag)
            .summary(Some(self.summary))
            .description(self.description());
        if !self.is_open {
            built = built.security(SecurityRequirement::new(SECURITY, Vec::<String>::new()));
        }
        if let Some(permission) = self.permission {
            let named = Extensions::builder().add("x-permission", permission.as_str()).build();
            built = built.extensions(Some(named));
        }
        let query = self.query.map(|properties| properties(schemas)).unwrap_or_default();
        let parameters = self.parameters.iter().cloned().chain(query.into_iter().map(query_parameter));
        built = parameters.fold(built, OperationBuilder::parameter);
        built = built.request_body(self.body.as_ref().map(|body| body.describe(schemas)));
        for answer in &self.answers {
            built = built.response(answer.status.to_string(), answer.describe(self.is_keyed, schemas));
        }
        self.refused()
            .fold(built, |built, (status, response)| built.response(status.to_string(), response))
            .build()
    }

    fn description(&self) -> Option<String> {
        let who = self.permission.map(|permission| format!("For {}.", permission.allowed()));
        let told: Vec<String> = self.says.map(str::to_owned).into_iter().chain(who).collect();
        (!told.is_empty()).then(|| told.join("\n\n"))
    }

    /// A response for each error status.
    fn refused(&self) -> impl Iterator<Item = (u16, Response)> {
        let mut by_status: BTreeMap<u16, Vec<&Kind>> = BTreeMap::new();
        let may = |kind: &&Kind| BEFORE_HANDLERS.contains(kind) || self.refusals.contains(kind);
        for kind in kinds::ALL.iter().copied().filter(may) {
            by_status.entry(kind.status.as_u16()).or_default().push(kind);
        }
        by_status.into_iter().map(|(status, kinds)| (status, refusal(status, &kinds)))
    }
}

impl Body {
    fn describe(&self, schemas: &mut Schemas) -> RequestBody {
        let examples = (self.examples)().into_iter().map(|(name, body)| {
            let key = name.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
            (key, ExampleBuilder::new().summary(name).value(Some(body)).build())
        });
        let schema = self.schema.describe(schemas);
        let content = ContentBuilder::new().schema(Some(schema)).examples_from_iter(examples).build();
        let required = if self.is_required { Required::True } else { Required::False };
        RequestBodyBuilder::new().content("application/json", content).required(Some(required)).build()
    }
}

impl Answer {
    fn describe(&self, is_keyed: bool, schemas: &mut Schemas) -> Response {
        let (media, schema) = match self.schema {
            Some(schema) => ("application/json", schema.describe(schemas)),
            None => ("text/plain", inline(string())),
        };
        let response =
            ResponseBuilder::new().description(self.says).content(media, Content::new(Some(schema)));
        let replayed = || text_header("`true` if this repeats an earlier answer.");
        if is_keyed { response.header("Idempotent-Replayed", replayed()) } else { response }.build()
    }
}

fn refusal(status: u16, kinds: &[&Kind]) -> Response {
    let says: Vec<String> = kinds.iter().map(|kind| format!("`{}`: {}.", kind.uri(), kind.title)).collect();
    let content = Content::new(Some(reference("Problem")));
    let response =
        ResponseBuilder::new().description(says.join(" ")).content("application/problem+json", content);
    match status {
        401 => response.header("WWW-Authenticate", text_header("Always `Bearer`.")),
        429 | 503 => response.header("Retry-After", text_header("When to retry, in seconds.")),
        _ => response,
    }
    .build()
}

fn text_header(says: &str) -> Header {
    HeaderBuilder::new().schema(Some(string())).description(Some(says)).build()
}

pub fn path_parameter(name: &str, says: &str, example: &str, schema: ObjectBuilder) -> Parameter {
    parameter(ParameterIn::Path, name, says, schema).example(Some(json!(example))).build()
}

/// A parameter of a query. Unlike in a body, an optional parameter cannot be null.
fn query_parameter(field: Property) -> Parameter {
    let Property { name, mut schema, is_required } = field;
    let mut says = String::new();
    if let RefOr::T(Schema::Object(object)) = &mut schema {
        says = object.description.take().unwrap_or_default();
        object.examples.clear();
        wire::schema::without_null(object);
    }
    let required = if is_required { Required::True } else { Required::False };
    parameter(ParameterIn::Query, name, &says, schema).required(required).build()
}

pub fn idempotency_key() -> Parameter {
    let says = "A key that the caller generates for this request, for example a UUID, with or without quotation marks.";
    let schema = string().min_length(Some(1)).max_length(Some(IDEMPOTENCY_KEY_CHARS_MAX));
    parameter(ParameterIn::Header, "Idempotency-Key", says, schema).build()
}

pub fn if_match() -> Parameter {
    let says = "The version that you last retrieved, from the header ETag. It replaces `expected_version`. If both are \
                sent, they must be equal.";
    let schema = string().pattern(Some("^\"?[0-9]{1,18}\"?$"));
    parameter(ParameterIn::Header, "If-Match", says, schema).example(Some(json!("\"1\""))).build()
}

fn parameter(
    place: ParameterIn,
    name: &str,
    says: &str,
    schema: impl Into<RefOr<Schema>>,
) -> ParameterBuilder {
    let required = if place == ParameterIn::Path { Required::True } else { Required::False };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(required)
        .description(Some(says))
        .schema(Some(schema))
}
