//! The idempotency key of a request: from its header or its body.

use app::App;
use app::idempotency::{KeyScope, KeyUse};
use axum::http::HeaderMap;
use domain::actor::Actor;
use domain::limits::IDEMPOTENCY_KEY_CHARS_MAX;

use wire::problem::Problem;

const HEADER: &str = "Idempotency-Key";

/// The part of a request that concerns its key.
pub struct Keyed<'a> {
    pub actor: Actor,
    /// A key belongs to one operation and one target of it.
    pub operation: &'static str,
    pub target: &'a str,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

impl Keyed<'_> {
    /// The key, if the request has one; `in_body` is the value of its field `idempotency_key`.
    pub fn key(&self, app: &App, in_body: Option<String>) -> Result<Option<KeyUse>, Problem> {
        let key = match (self.in_header()?, in_body) {
            (Some(header), Some(body)) if header != body => {
                return Err(Problem::invalid_field(
                    "/idempotency_key",
                    format!("differs from the header {HEADER}"),
                ));
            }
            (Some(key), _) | (None, Some(key)) => key,
            (None, None) => return Ok(None),
        };
        let scope = KeyScope { caller: self.actor.subject(), operation: self.operation, key };
        Ok(Some(KeyUse { scope, request_hash: app.hasher.hash(self.target, self.body) }))
    }

    /// The draft standard quotes the key, while most clients do not. Both are accepted.
    fn in_header(&self) -> Result<Option<String>, Problem> {
        let Some(value) = self.headers.get(HEADER) else { return Ok(None) };
        let wrong = |detail: &str| Problem::invalid_field(format!("header:{HEADER}"), detail);
        let text = value.to_str().map_err(|_| wrong("must be printable ASCII"))?;
        let bare = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
        if bare.is_empty() || bare.len() > IDEMPOTENCY_KEY_CHARS_MAX {
            return Err(wrong(&format!("must have 1 to {IDEMPOTENCY_KEY_CHARS_MAX} characters")));
        }
        Ok(Some(bare.to_owned()))
    }
}
