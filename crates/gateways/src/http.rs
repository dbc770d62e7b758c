//! One HTTP client for all vendors: bounded in time and in what it reads, follows nobody elsewhere, and sends a
//! request once or tells that it does not know.

use std::time::Duration;

use reqwest::{Url, redirect};

use crate::Secret;
use crate::call::call;

/// How long a connection may take to be made, in milliseconds.
const CONNECT_MS_MAX: u64 = 5_000;
/// Bytes read of an answer; the rest is left.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// A connection that has been idle for as long may have been closed at the other end, in milliseconds.
const IDLE_MS_MAX: u64 = 20_000;
/// A vendor that asks for a longer wait than this gets this much, in seconds.
const RETRY_AFTER_S_MAX: i64 = 3_600;

pub(crate) type Fields = Vec<(&'static str, String)>;

/// What an adapter wants to be asked.
pub(crate) struct Request {
    pub url: String,
    /// User and password, where we have an account there.
    pub account: Option<(String, Secret)>,
    pub ask: Ask,
}

pub(crate) enum Ask {
    Get { query: Fields },
    Post { form: Fields },
}

/// What came back. A body that was too long or broke off ends early.
pub(crate) struct Response {
    pub status: u16,
    /// How long the vendor asks us to wait, in milliseconds.
    pub retry_after_ms: Option<i64>,
    pub body: Vec<u8>,
}

/// Why no response came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoResponse {
    /// The vendor has not read the request.
    #[error("not sent")]
    NotSent,
    /// The vendor may have read the request and acted on it.
    #[error("no response")]
    Lost,
}

#[derive(Clone)]
pub(crate) struct Http {
    vendor: &'static str,
    client: reqwest::Client,
}

impl Http {
    /// `answer_ms_max` goes from the first byte sent to the last byte read.
    pub fn new(vendor: &'static str, answer_ms_max: u64) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .user_agent(concat!("holdfast/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_millis(CONNECT_MS_MAX))
            .timeout(Duration::from_millis(answer_ms_max))
            .pool_idle_timeout(Duration::from_millis(IDLE_MS_MAX))
            .redirect(redirect::Policy::none())
            // Whether a request may be sent again is for whoever knows what it does.
            .retry(reqwest::retry::never())
            .build()?;
        Ok(Self { vendor, client })
    }

    pub async fn send(&self, request: Request) -> Result<Response, NoResponse> {
        call(self.vendor, self.ask(request), |response| response.status).await
    }

    async fn ask(&self, request: Request) -> Result<Response, NoResponse> {
        let asked = match request.ask {
            Ask::Get { query } => self.client.get(request.url).query(&query),
            Ask::Post { form } => self.client.post(request.url).form(&form),
        };
        let asked = match request.account {
            Some((user, password)) => asked.basic_auth(user, Some(password.expose())),
            None => asked,
        };
        match asked.send().await {
            Ok(response) => Ok(read(response).await),
            // The error's text may hold the URL, and a URL of ours may hold a phone number.
            Err(error) if error.is_connect() || error.is_builder() => Err(NoResponse::NotSent),
            Err(_) => Err(NoResponse::Lost),
        }
    }
}

async fn read(mut response: reqwest::Response) -> Response {
    let mut read = Response {
        status: response.status().as_u16(),
        retry_after_ms: retry_after_ms(&response),
        body: Vec::new(),
    };
    while read.body.len() < ANSWER_BYTES_MAX {
        let Ok(Some(chunk)) = response.chunk().await else { return read };
        let room = ANSWER_BYTES_MAX - read.body.len();
        read.body.extend(chunk.into_iter().take(room));
    }
    read
}

/// Only in its form as a number of seconds; the form as a date has not been seen from our vendors.
fn retry_after_ms(response: &reqwest::Response) -> Option<i64> {
    let header = response.headers().get(reqwest::header::RETRY_AFTER)?;
    let seconds: i64 = header.to_str().ok()?.trim().parse().ok()?;
    (seconds >= 0).then_some(seconds.min(RETRY_AFTER_S_MAX) * 1_000)
}

/// Whether what is asked and answered there can be neither read nor changed on the way.
pub(crate) fn is_safe(url: &Url) -> bool {
    let is_here = url.host_str().is_some_and(|host| ["127.0.0.1", "localhost", "[::1]"].contains(&host));
    url.scheme() == "https" || (url.scheme() == "http" && is_here)
}
