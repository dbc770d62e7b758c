//! Types of settings, where a plain type would accept invalid values.

use std::str::FromStr;

use api::middleware::host::Host;
use axum::http::Uri;
pub use gateways::Secret;

/// Minimum length of a secret in bytes; shorter ones can be guessed.
const SECRET_BYTES_MIN: usize = 32;

/// The kind of deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    Development,
    Testing,
    Production,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JwtAlgorithm {
    EdDsa,
    Hs256,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseTls {
    Off,
    Require,
    VerifyFull,
}

/// The installation's own secret, long enough that it cannot be guessed.
pub fn long_secret(text: &str) -> Result<Secret, String> {
    if text.len() < SECRET_BYTES_MIN {
        return Err(format!("has {} bytes, but must have at least {SECRET_BYTES_MIN}", text.len()));
    }
    Ok(Secret::of(text))
}

/// The public URL of the server: `https://book.example.org`, without a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    url: String,
    pub host: Host,
}

impl PublicUrl {
    /// Without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.url
    }
}

impl FromStr for PublicUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "must be http:// or https:// and a host, such as https://book.example.org";
        let uri: Uri = text.parse().map_err(|_| wrong)?;
        let host = uri.host().and_then(|host| host.parse().ok()).ok_or(wrong)?;
        let http = matches!(uri.scheme_str(), Some("http" | "https"));
        let user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
        if !http || user || uri.path() != "/" || uri.query().is_some() {
            return Err(wrong);
        }
        Ok(Self { url: text.trim_end_matches('/').to_owned(), host })
    }
}

pub fn log_filter(text: &str) -> Result<String, String> {
    match tracing_subscriber::EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => {
            Err("must be error, warn, info, debug, trace, or by target such as info,api=debug".to_owned())
        }
    }
}

/// A URL with its password replaced, for display.
pub fn without_password(url: &str) -> String {
    let shown = url.split_once("://").and_then(|(scheme, rest)| {
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        // A password may contain any character, so the last @ ends it.
        let at = rest
            .rfind('@')
            .filter(|at| *at < end || rest.get(..end).is_some_and(|host| !host.contains('@')))?;
        let (user, host) = (rest.get(..at)?, rest.get(at..)?);
        let user = user.split_once(':').map_or(user, |(user, _)| user);
        let colon = if rest.get(..at)?.contains(':') { ":***" } else { "" };
        Some(format!("{scheme}://{user}{colon}{host}"))
    });
    let shown = shown.unwrap_or_else(|| url.to_owned());
    match shown.split_once('?') {
        Some((before, query)) => format!("{before}?{}", masked_query(query)),
        None => shown,
    }
}

fn masked_query(query: &str) -> String {
    let mask = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if name.to_ascii_lowercase().contains("pass") => format!("{name}=***"),
        _ => pair.to_owned(),
    };
    query.split('&').map(mask).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_a_url_is_not_shown() {
        let cases = [
            ("redis://h:6379/0", "redis://h:6379/0"),
            ("redis://:hush@h:6379/0", "redis://:***@h:6379/0"),
            ("smtps://ada:hush@h", "smtps://ada:***@h"),
            ("smtps://ada@h", "smtps://ada@h"),
            ("postgres://ada:hu@sh@h/shop", "postgres://ada:***@h/shop"),
            ("postgres://ada:h/ush@h/shop", "postgres://ada:***@h/shop"),
            (
                "postgres://ada@h/shop?password=hush&sslmode=require",
                "postgres://ada@h/shop?password=***&sslmode=require",
            ),
            ("sqlite:a.db", "sqlite:a.db"),
        ];
        for (url, shown) in cases {
            assert_eq!(without_password(url), shown);
        }
    }

    #[test]
    fn a_public_url_is_a_host_and_no_more() {
        let url: PublicUrl = "https://Book.example.org:8443/".parse().unwrap();
        assert_eq!((url.as_str(), url.host.is("book.example.org")), ("https://Book.example.org:8443", true));
        for text in ["", "book.example.org", "ftp://a", "https://a/b", "https://u:p@a", "https://"] {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_secret_of_ours_has_enough_bytes() {
        assert!(long_secret(&"x".repeat(SECRET_BYTES_MIN)).is_ok());
        assert_eq!(long_secret("short"), Err("has 5 bytes, but must have at least 32".to_owned()));
    }
}
