//! Extractors of handlers, and their responses.

use std::str::FromStr;
use std::time::{Duration, Instant};

use axum::RequestExt as _;
use axum::body::Bytes;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::ids::NotAnId;
use http_body_util::{BodyExt as _, LengthLimitError};
use hyper::body::Body as _;
use serde::Serialize;
use wire::problem::{Problem, kinds};
use wire::view::auth::Done;

use crate::middleware::{BodyLimits, Known};

/// A declared request, read from the body.
pub struct Sent<T>(pub T);

impl<T: wire::request::Request, S: Send + Sync> FromRequest<S> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let Body(body) = Body::from_request(request, state).await?;
        wire::read::read(&body).map(Self)
    }
}

/// The declared parameters of a query.
pub struct Asked<T>(pub T);

impl<T: wire::request::Request, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        wire::read::read_query(&parts.uri).map(Self)
    }
}

/// The id in the path.
pub struct Id<T>(pub T);

impl<T: FromStr<Err = NotAnId>, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Segment(text) = Segment::from_request_parts(parts, state).await?;
        path_id(&text).map(Self)
    }
}

/// Two ids in the path. The first invalid one is reported.
pub struct Ids<A, B>(pub A, pub B);

impl<A: FromStr<Err = NotAnId>, B: FromStr<Err = NotAnId>, S: Send + Sync> FromRequestParts<S> for Ids<A, B> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((first, second)) = path.map_err(|_| Problem::invalid_field("path:id", "must be UTF-8"))?;
        Ok(Self(path_id(&first)?, path_id(&second)?))
    }
}

pub fn path_id<T: FromStr<Err = NotAnId>>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|error: NotAnId| Problem::invalid_field("path:id", error.to_string()))
}

/// A part of the path, decoded.
pub struct Segment(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(text)| Self(text)).map_err(|rejection| {
            let name = match rejection {
                PathRejection::FailedToDeserializePathParams(failed) => match failed.into_kind() {
                    ErrorKind::InvalidUtf8InPathParam { key } => key,
                    _ => String::new(),
                },
                _ => String::new(),
            };
            Problem::invalid_field(format!("path:{name}"), "must be UTF-8")
        })
    }
}

/// A request's whole body. Too large, too slow and interrupted bodies become problems.
pub struct Body(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let known = request.extensions().get::<Known>().cloned();
        let limits = known.as_ref().map_or_else(BodyLimits::default, |known| known.middleware.body);
        let activity = known.map(|known| known.activity);
        let mut arriving = request.into_limited_body();
        let began = Instant::now();
        let (mut first, mut more) = (Bytes::new(), Vec::new());
        loop {
            let allowed = Duration::from_millis(limits.allowed_ms(first.len() + more.len()));
            let frame = tokio::time::timeout_at((began + allowed).into(), arriving.frame()).await;
            let Some(frame) = frame.map_err(|_| too_slow())? else { break };
            let Ok(data) = frame.map_err(|error| broken(&error))?.into_data() else { continue };
            // Nearly every body arrives in one piece, and is then not copied.
            if first.is_empty() {
                first = data;
                if arriving.is_end_stream() {
                    break;
                }
                continue;
            }
            if let Some(activity) = &activity {
                activity.progressed();
            }
            more.extend_from_slice(&data);
        }
        if more.is_empty() {
            return Ok(Self(first));
        }
        Ok(Self([first.as_ref(), more.as_slice()].concat().into()))
    }
}

fn too_slow() -> Problem {
    Problem::new(kinds::REQUEST_TIMEOUT).detail("the body was not received in time")
}

fn broken(error: &axum::Error) -> Problem {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if cause.is::<LengthLimitError>() {
            return Problem::new(kinds::BODY_TOO_LARGE);
        }
        source = cause.source();
    }
    Problem::invalid_field("", "cannot read the body")
}

pub fn json_bytes(status: StatusCode, body: Bytes) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}

pub fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => json_bytes(status, body.into()),
        Err(error) => wire::problem::internal(&error).into_response(),
    }
}

/// Prevents caches from keeping a copy.
pub fn private(response: Response) -> Response {
    ([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], response).into_response()
}

/// The response if there is nothing to return.
pub fn done(status: StatusCode) -> Response {
    json(status, &Done { success: true })
}

/// A thing as it is at a version, which is its entity tag.
pub fn tagged(version: i64, body: &impl Serialize) -> Response {
    let mut response = json(StatusCode::OK, body);
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// The version in `If-Match: "3"`.
pub fn if_match(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let version = value.to_str().ok().and_then(|text| text.trim_matches('"').parse().ok());
    let wrong = || Problem::invalid_field("header:If-Match", "must be a version like \"3\"");
    version.map(Some).ok_or_else(wrong)
}

/// A change and the version it is for, which is in the body as `expected_version` or in the header If-Match.
pub struct Versioned<T>(pub i64, pub T);

impl<T: wire::request::Request, S: Send + Sync> FromRequest<S> for Versioned<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let if_match = if_match(request.headers())?;
        let Body(body) = Body::from_request(request, state).await?;
        wire::read::read_with(&body, |reader| {
            let change = T::read(reader);
            let in_body = reader.value("expected_version").and_then(serde_json::Value::as_i64);
            if if_match.is_some_and(|version| in_body.is_some_and(|other| other != version)) {
                reader.wrong("expected_version", "differs from the header If-Match");
            }
            if if_match.is_none() && !reader.has("expected_version") {
                reader.wrong("expected_version", "is required");
            }
            Some(Self(in_body.or(if_match)?, change?))
        })
    }
}
