//! One operation, described.

use std::collections::BTreeMap;

use domain::ids::{
    ApiKeyId, BookingId, BusinessId, GuestId, InvitationId, JobId, OrderId, PersonId, PoolId, SessionId,
    VenueId,
};
use domain::permission::Permission;
use serde_json::json;
use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Ref, SchemaFormat, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Required, path};

use super::examples::Examples;
use super::fields::id_pattern;
use crate::problem::kinds::{self, Kind};
use crate::routes::query::{LIMIT_DEFAULT, LIMIT_MAX};

pub const SECURITY: &str = "bearer";

/// What any request may meet before it meets a handler: a head that cannot be read, is too large, too late or for
/// somebody else, too many requests.
const AT_THE_EDGES: [&Kind; 7] = [
    kinds::INVALID_REQUEST,
    kinds::REQUEST_TIMEOUT,
    kinds::URI_TOO_LONG,
    kinds::MISDIRECTED,
    kinds::HEAD_TOO_LARGE,
    kinds::QUOTA_EXCEEDED,
    kinds::OVERLOADED,
];

pub struct Operation {
    pub method: HttpMethod,
    pub path: &'static str,
    built: OperationBuilder,
    refusals: Vec<&'static Kind>,
    /// Whether it takes an idempotency key.
    keyed: bool,
    act: Option<Permission>,
    says: Option<&'static str>,
}

impl Operation {
    pub fn new(method: HttpMethod, path: &'static str, id: &'static str, tag: &'static str) -> Self {
        let built = OperationBuilder::new().operation_id(Some(id)).tag(tag);
        let built = built.security(SecurityRequirement::new(SECURITY, Vec::<String>::new()));
        Self { method, path, built, refusals: Vec::new(), keyed: false, act: None, says: None }
            .refuses(&[kinds::UNAUTHORIZED, kinds::ISSUER_UNAVAILABLE])
    }

    /// What the table of permissions says about it: told to readers, and to the test that walks every operation.
    pub fn act(mut self, act: Permission) -> Self {
        self.act = Some(act);
        self.refuses(&[kinds::FORBIDDEN])
    }

    /// Needs no token.
    pub fn open(mut self) -> Self {
        self.built = self.built.securities(None::<Vec<SecurityRequirement>>);
        self.refusals.clear();
        self
    }

    pub fn summary(self, text: &'static str) -> Self {
        self.with(|built| built.summary(Some(text)))
    }

    pub fn says(self, text: &'static str) -> Self {
        Self { says: Some(text), ..self }
    }

    pub fn path(self, parameter: Parameter) -> Self {
        self.with(|built| built.parameter(parameter))
    }

    /// Takes an idempotency key, and says when it answers from it.
    pub fn keyed(self, chars_max: usize) -> Self {
        let says = "Drawn by the caller for this request, a UUID for example; in quotation marks or without.";
        let schema = string().min_length(Some(1)).max_length(Some(chars_max));
        let header = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(says))
            .schema(Some(schema));
        Self { keyed: true, ..self }.with(|built| built.parameter(header))
    }

    pub fn if_match(self) -> Self {
        let says = "The version the caller has read, as the ETag showed it; stands for `expected_version`, and agrees \
                    with it where both are sent.";
        let schema = string().pattern(Some("^\"?[0-9]{1,18}\"?$"));
        let header = parameter(ParameterIn::Header, "If-Match", says, "\"1\"", schema);
        self.with(|built| built.parameter(header))
    }

    /// The parameters of a list of jobs.
    pub fn listed_jobs(self) -> Self {
        let words = app::jobs::State::ALL.map(app::jobs::State::as_str);
        let state = string().enum_values(Some(words));
        let cursor = string();
        self.queried([
            ("limit", "Jobs of one page.", limit()),
            ("cursor", "The `next_cursor` of the page before.", cursor),
            ("state", "Only in this state.", state),
        ])
    }

    /// The parameters of the audit log.
    pub fn listed_audit(self) -> Self {
        self.queried([
            ("limit", "Entries of one page.", limit()),
            ("cursor", "The `next_cursor` of the page before.", string()),
        ])
    }

    /// The parameters of a list of bookings.
    pub fn listed(self) -> Self {
        let words = domain::status::ALL.map(domain::status::Status::as_str);
        let status = string().enum_values(Some(words));
        let day = || {
            let format = SchemaFormat::KnownFormat(KnownFormat::Date);
            string().format(Some(format))
        };
        let cursor = string();
        self.queried([
            ("limit", "Bookings of one page.", limit()),
            ("cursor", "The `next_cursor` of the page before.", cursor),
            ("status", "Only in this state.", status),
            ("date_from", "Only from this day on.", day()),
            ("date_to", "Only up to this day.", day()),
        ])
    }

    fn queried<const COUNT: usize>(
        self,
        parameters: [(&'static str, &'static str, ObjectBuilder); COUNT],
    ) -> Self {
        parameters
            .into_iter()
            .fold(self, |operation, (name, says, schema)| {
                let parameter = ParameterBuilder::new()
                    .name(name)
                    .parameter_in(ParameterIn::Query)
                    .required(Required::False)
                    .description(Some(says))
                    .schema(Some(schema));
                operation.with(|built| built.parameter(parameter))
            })
            .refuses(&[kinds::INVALID_REQUEST])
    }

    /// The run of slots that a request is about.
    pub fn run(self) -> Self {
        let says = "A date for a nightly pool, a moment for a timed one; not needed for any other.";
        let [from, to] =
            ["from", "to"].map(|name| parameter(ParameterIn::Query, name, says, "2025-12-01", string()));
        self.with(|built| built.parameter(from).parameter(to)).refuses(&[kinds::INVALID_REQUEST])
    }

    pub fn body(self, schema: &'static str, examples: Examples) -> Self {
        self.takes(schema, examples, Required::True)
    }

    pub fn optional_body(self, schema: &'static str, examples: Examples) -> Self {
        self.takes(schema, examples, Required::False)
    }

    fn takes(self, schema: &'static str, examples: Examples, required: Required) -> Self {
        let examples = examples().into_iter().map(|(name, body)| {
            let key = name.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
            (key, ExampleBuilder::new().summary(name).value(Some(body)).build())
        });
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(schema)))
            .examples_from_iter(examples)
            .build();
        let body = RequestBodyBuilder::new().content("application/json", content).required(Some(required));
        self.with(|built| built.request_body(Some(body.build())))
            .refuses(&[kinds::INVALID_REQUEST, kinds::BODY_TOO_LARGE])
    }

    pub fn answers(self, status: &'static str, schema: &'static str, says: &'static str) -> Self {
        let content = Content::new(Some(Ref::from_schema_name(schema)));
        let mut response = ResponseBuilder::new().description(says).content("application/json", content);
        if self.keyed {
            response = response
                .header("Idempotent-Replayed", text_header("`true` where an earlier answer is repeated."));
        }
        self.with(|built| built.response(status, response))
    }

    /// The answer carries the version in the header `ETag`.
    pub fn tagged(self) -> Self {
        self.says("The version is also in the header ETag.")
    }

    pub fn answers_text(self, status: &'static str, says: &'static str) -> Self {
        let schema = string();
        let content = Content::new(Some(utoipa::openapi::schema::Schema::from(schema)));
        let response = ResponseBuilder::new().description(says).content("text/plain", content);
        self.with(|built| built.response(status, response))
    }

    pub fn refuses(mut self, kinds: &[&'static Kind]) -> Self {
        self.refusals.extend(kinds);
        self
    }

    /// The operation with a response for each status it may be refused with.
    pub fn build(self) -> path::Operation {
        let mut by_status: BTreeMap<u16, Vec<&Kind>> = BTreeMap::new();
        let always = |kind: &&Kind| AT_THE_EDGES.contains(kind) || self.refusals.contains(kind);
        for kind in kinds::ALL.iter().copied().filter(always) {
            by_status.entry(kind.status.as_u16()).or_default().push(kind);
        }
        let built = by_status.into_iter().fold(self.built, |built, (status, kinds)| {
            built.response(status.to_string(), refusal(status, &kinds))
        });
        let told = [self.says.map(str::to_owned), self.act.map(|act| format!("For {}.", act.allowed()))];
        let told: Vec<String> = told.into_iter().flatten().collect();
        let built = built.description((!told.is_empty()).then(|| told.join("\n\n")));
        let named = self.act.map(|act| Extensions::builder().add("x-permission", act.as_str()).build());
        built.extensions(named).build()
    }

    fn with(self, change: impl FnOnce(OperationBuilder) -> OperationBuilder) -> Self {
        Self { built: change(self.built), ..self }
    }
}

/// How long a page may be.
fn limit() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(LIMIT_MAX))
        .default(Some(json!(LIMIT_DEFAULT)))
}

fn refusal(status: u16, kinds: &[&Kind]) -> Response {
    let says: Vec<String> = kinds.iter().map(|kind| format!("`{}`: {}.", kind.uri(), kind.title)).collect();
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    let response =
        ResponseBuilder::new().description(says.join(" ")).content("application/problem+json", content);
    match status {
        401 => response.header("WWW-Authenticate", text_header("Bearer.")),
        429 | 503 => response.header("Retry-After", text_header("Seconds.")),
        _ => response,
    }
    .build()
}

fn text_header(says: &str) -> Header {
    let schema = string();
    HeaderBuilder::new().schema(Some(schema)).description(Some(says)).build()
}

/// An id with its prefix.
pub trait Prefixed {
    const PREFIX: &'static str;
}

macro_rules! prefixed {
    ($($id:ident),*) => { $(impl Prefixed for $id { const PREFIX: &'static str = $id::PREFIX; })* };
}

prefixed!(
    ApiKeyId,
    BookingId,
    BusinessId,
    GuestId,
    InvitationId,
    JobId,
    OrderId,
    PersonId,
    PoolId,
    SessionId,
    VenueId
);

pub fn path_parameter<T: Prefixed>(name: &str, says: &str) -> Parameter {
    let example = format!("{}_0190f5c41b0a7c3e8a41d2f07b6c9e55", T::PREFIX);
    parameter(ParameterIn::Path, name, says, &example, string().pattern(Some(id_pattern(T::PREFIX))))
}

pub fn text_parameter(name: &str, says: &str, example: &str) -> Parameter {
    parameter(ParameterIn::Path, name, says, example, string())
}

fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn parameter(place: ParameterIn, name: &str, says: &str, example: &str, schema: ObjectBuilder) -> Parameter {
    let required = if place == ParameterIn::Path { Required::True } else { Required::False };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(required)
        .description(Some(says))
        .schema(Some(schema))
        .example(Some(json!(example)))
        .build()
}
