//! Requests and their responses. Every response is validated against the OpenAPI document: its status must be
//! documented for the operation, and its body must match the schema.

use std::net::IpAddr;

use api::client::ClientAddress;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use crate::contract;
use crate::world::World;

/// The caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Caller {
    Nobody,
    Guest,
    /// Another guest.
    Stranger,
    /// A guest who has never booked.
    Newcomer,
    /// An owner of the business that has all venues of the world.
    Owner,
    Manager,
    FrontDesk,
    Reader,
    /// A business that owns none of them.
    Rival,
    /// The guest, working for that business.
    GuestAtRival,
    Admin,
}

/// A request being built.
#[derive(Debug, Clone)]
pub struct Call {
    pub caller: Caller,
    pub method: Method,
    pub path: String,
    pub headers: Vec<(&'static str, Vec<u8>)>,
    pub body: Vec<u8>,
    /// The client's address, if it matters.
    pub address: Option<IpAddr>,
}

impl Call {
    pub fn new(caller: Caller, method: Method, path: impl Into<String>) -> Self {
        let headers = vec![("content-type", b"application/json".to_vec())];
        Self { caller, method, path: path.into(), headers, body: Vec::new(), address: None }
    }

    pub fn get(caller: Caller, path: impl Into<String>) -> Self {
        Self::new(caller, Method::GET, path)
    }

    pub fn post(caller: Caller, path: impl Into<String>, body: &Value) -> Self {
        Self::new(caller, Method::POST, path).body(body.to_string())
    }

    pub fn patch(caller: Caller, path: impl Into<String>, body: &Value) -> Self {
        Self::new(caller, Method::PATCH, path).body(body.to_string())
    }

    pub fn delete(caller: Caller, path: impl Into<String>) -> Self {
        Self::new(caller, Method::DELETE, path)
    }

    /// With this bearer.
    pub fn bearer(self, bearer: &str) -> Self {
        Self { caller: Caller::Nobody, ..self }.header("authorization", format!("Bearer {bearer}"))
    }

    pub fn put(caller: Caller, path: impl Into<String>, body: &Value) -> Self {
        Self::new(caller, Method::PUT, path).body(body.to_string())
    }

    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }

    pub fn header(mut self, name: &'static str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.into()));
        self
    }

    /// From an address that no other call uses.
    pub fn from(self, number: u32) -> Self {
        Self { address: Some(IpAddr::V4((0x0a00_0000 + number).into())), ..self }
    }

    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub async fn send(&self, world: &World) -> Reply {
        let mut request = Request::builder().method(self.method.clone()).uri(&self.path);
        if let Some(token) = world.token(self.caller) {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value.as_slice());
        }
        let mut request = request.body(Body::from(self.body.clone())).unwrap();
        if let Some(address) = self.address {
            request.extensions_mut().insert(ClientAddress::new(address));
        }
        let response = world.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        let reply = Reply { status: parts.status, headers: parts.headers, bytes };
        let complaint = contract::complaint(&self.method, &self.path, &reply);
        let sent: String = String::from_utf8_lossy(&self.body).chars().take(2_000).collect();
        assert!(
            complaint.is_none(),
            "{} {} {sent}: {}\n{reply:?}",
            self.method,
            self.path,
            complaint.unwrap()
        );
        reply
    }
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:?} {}", self.status, self.headers, String::from_utf8_lossy(&self.bytes))
    }
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn text(&self, pointer: &str) -> String {
        let json = self.json();
        let found = json.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_else(|| panic!("no text at {pointer}: {self:?}")).to_owned()
    }

    /// The kind of problem, if the response is one.
    pub fn refusal(&self) -> Option<String> {
        let body: Value = serde_json::from_slice(&self.bytes).ok()?;
        (self.status.as_u16() >= 400).then(|| body["type"].as_str().map(str::to_owned))?
    }

    pub fn id(&self) -> String {
        self.text("/id")
    }

    /// The body, if the status is this one.
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        self.json()
    }

    /// A refusal of this kind.
    pub fn refused(&self, status: u16, kind: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(body["type"], format!("/problems/{kind}"), "{self:?}");
        body
    }

    /// Refused as invalid, with exactly these fields reported.
    pub fn wrong(&self, pointers: &[&str]) -> Value {
        let body = self.refused(400, "invalid-request");
        let mut named = pointers_of(&body);
        named.dedup();
        let mut expected: Vec<String> = pointers.iter().map(ToString::to_string).collect();
        expected.sort();
        assert_eq!(named, expected, "{self:?}");
        body
    }
}

/// The invalid fields of a problem, sorted.
pub fn pointers_of(problem: &Value) -> Vec<String> {
    let errors = problem["errors"].as_array().cloned().unwrap_or_default();
    let mut named: Vec<String> =
        errors.iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect();
    named.sort();
    named
}
