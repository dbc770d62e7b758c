//! Problems as raw bytes, for connections without a readable request: its head was not received or is malformed, or
//! there is no room for the connection.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use wire::problem::RETRY_AFTER_S;
use wire::problem::kinds::{self, Kind};

/// The problems that are sent like this.
const KINDS: [&Kind; 5] = [
    kinds::INVALID_REQUEST,
    kinds::REQUEST_TIMEOUT,
    kinds::URI_TOO_LONG,
    kinds::HEAD_TOO_LARGE,
    kinds::OVERLOADED,
];

static WRITTEN: LazyLock<Vec<(&'static Kind, Vec<u8>)>> =
    LazyLock::new(|| KINDS.into_iter().map(|kind| (kind, written(kind))).collect());

/// The whole response. The connection is closed after it.
pub fn problem(kind: &'static Kind) -> &'static [u8] {
    let known = WRITTEN.iter().find(|(known, _)| *known == kind);
    known.map(|(_, bytes)| bytes.as_slice()).unwrap_or_default()
}

/// The replacement of a response that the HTTP implementation sends by itself.
pub fn problem_for(answer: &[u8]) -> Option<&'static [u8]> {
    let status = answer.strip_prefix(b"HTTP/1.1 ").or_else(|| answer.strip_prefix(b"HTTP/1.0 "))?;
    Some(problem(match status.get(..3)? {
        b"400" => kinds::INVALID_REQUEST,
        b"408" => kinds::REQUEST_TIMEOUT,
        b"414" => kinds::URI_TOO_LONG,
        b"431" => kinds::HEAD_TOO_LARGE,
        _ => return None,
    }))
}

fn written(kind: &Kind) -> Vec<u8> {
    let mut body = Map::new();
    body.insert("type".into(), kind.uri().into());
    body.insert("title".into(), kind.title.into());
    body.insert("status".into(), kind.status.as_u16().into());
    let mut retry = String::new();
    if kind == kinds::INVALID_REQUEST {
        let error = json!({ "pointer": "", "detail": "malformed HTTP/1.1 request" });
        body.insert("errors".into(), json!([error]));
    }
    if kind == kinds::OVERLOADED {
        body.insert("outcome".into(), "not_done".into());
        retry = format!("retry-after: {RETRY_AFTER_S}\r\n");
    }
    let body = Value::Object(body);
    let body = body.to_string();
    format!(
        "HTTP/1.1 {}\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\nconnection: close\r\n\
         cache-control: no-store\r\nx-content-type-options: nosniff\r\n{retry}\r\n{body}",
        kind.status,
        body.len()
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_own_refusals_become_problems() {
        for (status, kind) in
            [("400 Bad Request", "invalid-request"), ("431 X", "head-too-large"), ("414 X", "uri-too-long")]
        {
            let answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
            let problem = String::from_utf8(problem_for(answer.as_bytes()).unwrap().to_vec()).unwrap();
            let (head, body) = problem.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with(&format!("HTTP/1.1 {}", &status[..3])), "{head}");
            assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{head}");
            let body: serde_json::Value = serde_json::from_str(body).unwrap();
            assert_eq!(body["type"], format!("/problems/{kind}"));
        }
        for other in ["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 4", ""] {
            assert_eq!(problem_for(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn a_server_that_is_full_says_when_to_come_again() {
        let problem = String::from_utf8(problem(kinds::OVERLOADED).to_vec()).unwrap();
        assert!(
            problem.starts_with("HTTP/1.1 503 Service Unavailable\r\n")
                && problem.contains("retry-after: 1\r\n")
        );
    }
}
