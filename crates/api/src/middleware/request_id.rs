//! The id of a request for finding it in logs: the caller's if it is valid, otherwise a new one.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::header::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;

pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const CHARS_MAX: usize = 64;
const HEX: &[u8; 16] = b"0123456789abcdef";

/// Generates ids: a number of this process, and a count.
pub struct RequestIds {
    process: u64,
    count: AtomicU64,
}

impl RequestIds {
    /// `process` should be a number that no other process has.
    pub fn new(process: u64) -> Self {
        Self { process, count: AtomicU64::new(0) }
    }

    /// The id of a request with these headers.
    pub fn of(&self, headers: &HeaderMap) -> HeaderValue {
        match headers.get(X_REQUEST_ID) {
            Some(given) if is_sane(given.as_bytes()) => given.clone(),
            Some(_) | None => self.generate(),
        }
    }

    fn generate(&self) -> HeaderValue {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let mut written = [0; 32];
        let digits = self.process.to_be_bytes().into_iter().chain(count.to_be_bytes());
        for (pair, byte) in written.chunks_exact_mut(2).zip(digits) {
            for (place, nibble) in pair.iter_mut().zip([byte >> 4, byte & 15]) {
                *place = HEX.get(usize::from(nibble)).copied().unwrap_or_default();
            }
        }
        HeaderValue::from_maybe_shared(Bytes::copy_from_slice(&written))
            .expect("hexadecimal digits make a header")
    }
}

/// Text that is logged as it was sent must not be able to imitate other log content.
fn is_sane(id: &[u8]) -> bool {
    let sane = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
    (1..=CHARS_MAX).contains(&id.len()) && id.iter().all(sane)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(given: Option<&str>) -> String {
        let mut headers = HeaderMap::new();
        if let Some(given) = given {
            headers.insert(X_REQUEST_ID, HeaderValue::from_str(given).unwrap());
        }
        RequestIds::new(0xabc).of(&headers).to_str().unwrap().to_owned()
    }

    #[test]
    fn a_sane_id_is_kept_and_any_other_replaced() {
        for sane in ["a", "0190f5c4-1b0a-7c3e-8a41-d2f07b6c9e55", "A.b_c:1", &"x".repeat(64)] {
            assert_eq!(of(Some(sane)), sane);
        }
        let generated = "0000000000000abc0000000000000000";
        for other in ["", "a b", "a\"b", "a;b", "../x", &"x".repeat(65)] {
            assert_eq!(of(Some(other)), generated, "{other}");
        }
        assert_eq!(of(None), generated);
    }

    #[test]
    fn generated_ids_differ() {
        let ids = RequestIds::new(1);
        let generated: std::collections::BTreeSet<_> =
            (0..1_000).map(|_| ids.generate().to_str().unwrap().to_owned()).collect();
        assert_eq!(generated.len(), 1_000);
    }
}
