//! The public keys of an external issuer: a JWK Set (RFC 7517 §5) at a URL.
//!
//! The keys are not interpreted here, and nothing is cached.

use std::str::FromStr;

use reqwest::Url;

use crate::http::{Ask, Http, NoResponse, Request, is_safe};

/// Timeout for the issuer's response, in milliseconds.
const ANSWER_MS_MAX: u64 = 5_000;

/// A trustworthy URL: the keys cannot be replaced in transit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeysUrl(Url);

impl FromStr for KeysUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "must be https://HOST/PATH, or http:// on this machine";
        let url = Url::parse(text).map_err(|_| wrong)?;
        let is_bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if is_safe(&url) && is_bare { Ok(Self(url)) } else { Err(wrong) }
    }
}

/// Why the keys are unavailable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoKeys {
    #[error("cannot be reached")]
    NotReached,
    #[error("did not send a complete response in time")]
    Lost,
    #[error("responded with HTTP {0}")]
    Refused(u16),
}

pub struct KeySource {
    http: Http,
    url: KeysUrl,
}

impl KeySource {
    pub fn new(url: KeysUrl) -> Result<Self, reqwest::Error> {
        Ok(Self { http: Http::new("external issuer", ANSWER_MS_MAX)?, url })
    }

    /// The published document. A document that is too long is truncated, and therefore not valid JSON.
    pub async fn fetch(&self) -> Result<Vec<u8>, NoKeys> {
        let url = self.url.0.as_str().to_owned();
        let asked = self.http.send(Request { url, account: None, ask: Ask::Get { query: Vec::new() } });
        match asked.await {
            Ok(response) if response.status == 200 => Ok(response.body),
            Ok(response) => Err(NoKeys::Refused(response.status)),
            Err(NoResponse::NotSent) => Err(NoKeys::NotReached),
            Err(NoResponse::Lost) => Err(NoKeys::Lost),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_over_tls_or_from_this_machine() {
        for good in [
            "https://id.example.org/keys",
            "https://id.example.org/keys?app=7",
            "http://127.0.0.1:9/keys",
            "http://[::1]/keys",
        ] {
            assert!(good.parse::<KeysUrl>().is_ok(), "{good}");
        }
        for wrong in [
            "",
            "id.example.org/keys",
            "http://id.example.org/keys",
            "http://127.0.0.1.example.org/keys",
            "https://ada:hush@id.example.org/keys",
            "https://id.example.org/keys#one",
            "file:///etc/keys",
        ] {
            assert!(wrong.parse::<KeysUrl>().is_err(), "{wrong}");
        }
    }
}
