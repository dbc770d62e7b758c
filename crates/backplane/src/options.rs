//! Options for Redis.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use redis::IntoConnectionInfo as _;

/// `redis://` or, over TLS, `rediss://`. It may hold a password and does not show itself.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisUrl(String);

impl RedisUrl {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RedisUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = text.starts_with("redis://") || text.starts_with("rediss://");
        match text.into_connection_info() {
            Ok(_) if known => Ok(Self(text.to_owned())),
            _ => Err("it must be redis:// or rediss://USER:PASSWORD@HOST:PORT/DATABASE"),
        }
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisUrl")
    }
}

#[derive(Debug, Clone)]
pub struct Options {
    /// The prefix of every key and channel, so that several installations can share a server.
    pub key_prefix: String,
    /// A command without a response after this time has failed, and Redis counts as unreachable.
    pub response_timeout: Duration,
    pub connect_timeout: Duration,
    /// Pause between two attempts to reconnect.
    pub pause: Duration,
    /// The only trusted certificate for `rediss://`, as PEM. Default: those of the system.
    pub root_certificate: Option<Vec<u8>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            key_prefix: "holdfast:".to_owned(),
            response_timeout: Duration::from_millis(250),
            connect_timeout: Duration::from_secs(1),
            pause: Duration::from_millis(500),
            root_certificate: None,
        }
    }
}

/// The options are unusable. The text does not contain the URL, which may contain a password.
#[derive(Debug, thiserror::Error)]
#[error("cannot use this Redis: {0}")]
pub struct Unusable(pub(crate) String);
