//! One HTTP client for all vendors. It limits time and response size, does not follow redirects, and sends a request
//! once.

use std::time::Duration;

use reqwest::{Url, redirect};

use crate::Secret;
use crate::call::call;

/// Connection timeout, in milliseconds.
const CONNECT_MS_MAX: u64 = 5_000;
/// Maximum bytes read of a response; the rest is ignored.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// Maximum idle time of a connection, in milliseconds, because the other end may have closed it.
const IDLE_MS_MAX: u64 = 20_000;
/// Maximum delay accepted from a vendor, in seconds.
const RETRY_AFTER_S_MAX: i64 = 3_600;

pub(crate) type Fields = Vec<(&'static str, String)>;

/// The request of an adapter.
pub(crate) struct Request {
    pub url: String,
    /// User and password, if the vendor needs them.
    pub account: Option<(String, Secret)>,
    pub ask: Ask,
}

pub(crate) enum Ask {
    Get { query: Fields },
    Post { form: Fields },
}

/// The response. A body that was too long or interrupted is truncated.
pub(crate) struct Response {
    pub status: u16,
    /// The delay that the vendor requests, in milliseconds.
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
    /// `answer_ms_max` covers the time from the first byte sent to the last byte read.
    pub fn new(vendor: &'static str, answer_ms_max: u64) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .user_agent(concat!("holdfast/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_millis(CONNECT_MS_MAX))
            .timeout(Duration::from_millis(answer_ms_max))
            .pool_idle_timeout(Duration::from_millis(IDLE_MS_MAX))
            .redirect(redirect::Policy::none())
            // Only the caller knows whether a request may be sent again.
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
            // The error's text may contain the URL, which may contain a phone number.
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

/// Only as a number of seconds; our vendors do not send dates.
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
