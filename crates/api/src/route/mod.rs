//! One endpoint in one declaration: method, path, handler, permission, request, response and errors. The router and
//! the OpenAPI document are both derived from it.

mod describe;

use std::sync::Arc;

use app::App;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use domain::permission::Permission;
use serde_json::Value;
use utoipa::openapi::path::{HttpMethod, Parameter};
use wire::kind::Prefixed;
use wire::problem::Problem;
use wire::problem::kinds::{self, Kind};
use wire::read::read_value;
use wire::request::{Examples, Fields, Request};
use wire::schema::{Described, Property, Schemas, id, reference, string};
use wire::shape::Shape;

pub use describe::SECURITY;
use describe::{if_match, path_parameter};

/// The errors of every write.
pub const WRITE: &[&Kind] = &[kinds::OVERLOADED, kinds::DATABASE_UNAVAILABLE, kinds::OUTCOME_UNKNOWN];
/// The errors of every read from the database.
pub const READ: &[&Kind] = &[kinds::OVERLOADED, kinds::DATABASE_UNAVAILABLE];

/// An endpoint.
pub struct Route {
    pub method: HttpMethod,
    pub path: &'static str,
    pub handler: MethodRouter<Arc<App>>,
    id: &'static str,
    tag: &'static str,
    summary: &'static str,
    says: Option<&'static str>,
    permission: Option<Permission>,
    is_open: bool,
    is_keyed: bool,
    parameters: Vec<Parameter>,
    query: Option<fn(&mut Schemas) -> Vec<Property>>,
    pub body: Option<Body>,
    answers: Vec<Answer>,
    refusals: Vec<&'static Kind>,
}

/// The body of a request.
pub struct Body {
    pub name: &'static str,
    pub schema: Schema,
    pub examples: fn() -> Examples,
    is_required: bool,
    /// Reads a body like the handler.
    pub read: fn(&Value) -> Result<(), Problem>,
}

/// A schema, by its declaration or by its name only.
#[derive(Clone, Copy)]
pub enum Schema {
    Of(fn(&mut Schemas) -> Described),
    Named(&'static str),
}

impl Schema {
    pub fn describe(self, schemas: &mut Schemas) -> Described {
        match self {
            Self::Of(describe) => describe(schemas),
            Self::Named(name) => reference(name),
        }
    }
}

struct Answer {
    status: u16,
    says: &'static str,
    schema: Option<Schema>,
}

macro_rules! methods {
    ($($name:ident = $method:ident, $filter:ident;)*) => { $(
        pub fn $name<H: Handler<T, Arc<App>>, T: 'static>(path: &'static str, handler: H) -> Self {
            Self::new(HttpMethod::$method, path, on(MethodFilter::$filter, handler))
        }
    )* };
}

impl Route {
    methods! {
        get = Get, GET;
        post = Post, POST;
        put = Put, PUT;
        patch = Patch, PATCH;
        delete = Delete, DELETE;
    }

    fn new(method: HttpMethod, path: &'static str, handler: MethodRouter<Arc<App>>) -> Self {
        Self {
            method,
            path,
            handler,
            id: "",
            tag: "",
            summary: "",
            says: None,
            permission: None,
            is_open: true,
            is_keyed: false,
            parameters: Vec::new(),
            query: None,
            body: None,
            answers: Vec::new(),
            refusals: Vec::new(),
        }
    }

    /// The operation's id, its group, and its summary.
    pub fn named(self, id: &'static str, tag: &'static str, summary: &'static str) -> Self {
        Self { id, tag, summary, ..self }
    }

    /// Further documentation.
    pub fn says(self, says: &'static str) -> Self {
        Self { says: Some(says), ..self }
    }

    /// Requires a token with this permission. The use case checks both; here they are documented and tested.
    pub fn permission(self, permission: Permission) -> Self {
        let refusals = [kinds::UNAUTHORIZED, kinds::ISSUER_UNAVAILABLE, kinds::FORBIDDEN];
        Self { permission: Some(permission), is_open: false, ..self }.refuses(&refusals)
    }

    /// An id in the path.
    pub fn id<T: Prefixed>(self, name: &str, says: &str) -> Self {
        let example = format!("{}_{}", T::PREFIX, wire::schema::EXAMPLE_UUID);
        self.parameter(path_parameter(name, says, &example, id(T::PREFIX)))
    }

    /// A text in the path.
    pub fn segment(self, name: &str, says: &str, example: &str) -> Self {
        self.parameter(path_parameter(name, says, example, string()))
    }

    /// Accepts an idempotency key, and documents replayed responses.
    pub fn keyed(self) -> Self {
        Self { is_keyed: true, ..self }.parameter(describe::idempotency_key()).refuses(&[kinds::KEY_REUSED])
    }

    pub fn if_match(self) -> Self {
        self.parameter(if_match())
    }

    pub fn parameter(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// Accepts these parameters in the query.
    pub fn query<T: Fields>(self) -> Self {
        Self { query: Some(T::properties), ..self }.refuses(&[kinds::INVALID_REQUEST])
    }

    pub fn takes<T: Request>(self) -> Self {
        self.body::<T>(true)
    }

    /// Accepts a body, which may be empty.
    pub fn may_take<T: Request>(self) -> Self {
        self.body::<T>(false)
    }

    fn body<T: Request>(self, is_required: bool) -> Self {
        let read = |value: &Value| read_value::<T>(value).map(drop);
        let (schema, examples) = (Schema::Of(T::schema), T::examples as fn() -> Examples);
        self.with_body(Body { name: T::NAME, schema, examples, is_required, read })
    }

    pub fn takes_named(self, name: &'static str, examples: fn() -> Examples) -> Self {
        let read = |_: &Value| Ok(());
        self.with_body(Body { name, schema: Schema::Named(name), examples, is_required: true, read })
    }

    fn with_body(self, body: Body) -> Self {
        Self { body: Some(body), ..self }.refuses(&[kinds::INVALID_REQUEST, kinds::BODY_TOO_LARGE])
    }

    /// The maximum size of a body, where the usual limit is lower.
    pub fn body_bytes_max(self, bytes_max: usize) -> Self {
        Self { handler: self.handler.layer(DefaultBodyLimit::max(bytes_max)), ..self }
    }

    pub fn gives<T: Shape>(self, status: u16, says: &'static str) -> Self {
        self.answer(status, says, Some(Schema::Of(T::shape)))
    }

    pub fn gives_named(self, status: u16, name: &'static str, says: &'static str) -> Self {
        self.answer(status, says, Some(Schema::Named(name)))
    }

    pub fn gives_text(self, status: u16, says: &'static str) -> Self {
        self.answer(status, says, None)
    }

    fn answer(mut self, status: u16, says: &'static str, schema: Option<Schema>) -> Self {
        self.answers.push(Answer { status, says, schema });
        self
    }

    pub fn refuses(mut self, kinds: &[&'static Kind]) -> Self {
        self.refusals.extend(kinds);
        self
    }
}
