//! Where an external issuer of tokens publishes its public keys: a JWK Set (RFC 7517 §5) at a URL.
//!
//! What the keys are good for is not known here, and nothing is remembered.

use std::str::FromStr;

use reqwest::Url;

use crate::http::{Ask, Http, NoResponse, Request, is_safe};

/// How long the issuer may take over its answer, in milliseconds.
const ANSWER_MS_MAX: u64 = 5_000;

/// A URL that may be believed: nobody on the way can put other keys in the place of the issuer's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeysUrl(Url);

impl FromStr for KeysUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "it must be https://HOST/PATH, or http:// on this machine";
        let url = Url::parse(text).map_err(|_| wrong)?;
        let is_bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if is_safe(&url) && is_bare { Ok(Self(url)) } else { Err(wrong) }
    }
}

/// Why there are no keys to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoKeys {
    #[error("cannot be reached")]
    NotReached,
    #[error("did not answer whole or in time")]
    Lost,
    #[error("answers with HTTP {0}")]
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

    /// The document as it is published. One that is too long ends early, and is then no JSON any more.
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
