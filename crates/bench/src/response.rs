//! Parses one complete response from the bytes received so far.
//!
//! Parsing starts over whenever more bytes arrive. Nearly all responses arrive in one piece, and having no state
//! between reads is simpler.

use crate::chunked;
use crate::head::{Framing, Head};
use crate::malformed::{ANSWER_BYTES_MAX, Malformed};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer<'a> {
    pub status: u16,
    pub body: &'a [u8],
    /// The server closes the connection after this answer.
    pub close: bool,
}

/// The response in `bytes`, or nothing while it is incomplete. `ended` means that no more bytes will come. A chunked
/// body is joined in `unchunked`.
pub fn parse<'a>(
    bytes: &'a [u8],
    ended: bool,
    unchunked: &'a mut Vec<u8>,
) -> Result<Option<Answer<'a>>, Malformed> {
    if bytes.len() > ANSWER_BYTES_MAX {
        return Err(Malformed("longer than 16 MiB"));
    }
    let Some((head, rest)) = final_head(bytes)? else { return Ok(None) };
    let Some((body, surplus)) = body(head.framing, rest, ended, unchunked)? else { return Ok(None) };
    if !surplus.is_empty() {
        return Err(Malformed("more bytes than one response"));
    }
    Ok(Some(Answer { status: head.status, body, close: head.close || head.framing == Framing::UntilClose }))
}

/// Skips interim answers such as 100 Continue.
fn final_head(bytes: &[u8]) -> Result<Option<(Head, &[u8])>, Malformed> {
    let mut rest = bytes;
    loop {
        match Head::parse(rest)? {
            Some((head, after)) if head.status < 200 => rest = after,
            found => return Ok(found),
        }
    }
}

/// The body and the bytes after it.
type Split<'a> = (&'a [u8], &'a [u8]);

fn body<'a>(
    framing: Framing,
    rest: &'a [u8],
    ended: bool,
    unchunked: &'a mut Vec<u8>,
) -> Result<Option<Split<'a>>, Malformed> {
    Ok(match framing {
        Framing::Length(length) => rest.split_at_checked(length),
        Framing::Chunked => chunked::decode(rest, unchunked)?.map(|surplus| (unchunked.as_slice(), surplus)),
        Framing::UntilClose => ended.then_some((rest, &[])),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Checks the response, and that no proper prefix of it is accepted or refused.
    fn check(given: &[u8], status: u16, body: &[u8], close: bool) {
        let mut unchunked = Vec::new();
        let expected = Answer { status, body, close };
        assert_eq!(parse(given, false, &mut unchunked), Ok(Some(expected)));
        for length in 0..given.len() {
            assert_eq!(parse(&given[..length], false, &mut unchunked), Ok(None), "after {length} bytes");
        }
    }

    fn refuses(given: &[u8], reason: &'static str) {
        assert_eq!(parse(given, false, &mut Vec::new()), Err(Malformed(reason)));
    }

    #[test]
    fn with_a_length() {
        check(b"HTTP/1.1 201 Created\r\ncontent-length: 5\r\n\r\nhello", 201, b"hello", false);
        check(b"HTTP/1.1 200\r\nA: b\r\nContent-Length:0 \r\n\r\n", 200, b"", false);
        check(b"HTTP/1.1 409 Conflict\nCONTENT-LENGTH: 2\nx: y:z\n\n{}", 409, b"{}", false);
        check(b"HTTP/1.1 204 No Content\r\n\r\n", 204, b"", false);
    }

    #[test]
    fn closing() {
        check(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\nConnection: Close\r\n\r\nx", 200, b"x", true);
        check(b"HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx", 200, b"x", true);
        check(
            b"HTTP/1.0 200 OK\r\nconnection: keep-alive, x\r\ncontent-length: 1\r\n\r\nx",
            200,
            b"x",
            false,
        );
    }

    #[test]
    fn in_chunks() {
        let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n".as_slice();
        check(
            &[head, b"5\r\nhello\r\nA;x=y\r\n, my world\r\n0\r\n\r\n"].concat(),
            200,
            b"hello, my world",
            false,
        );
        check(&[head, b"0\r\nchecksum: 1\r\n\r\n"].concat(), 200, b"", false);
    }

    #[test]
    fn after_interim_answers() {
        let given = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
        check(given, 200, b"ok", false);
    }

    #[test]
    fn until_the_end() {
        let given = b"HTTP/1.1 200 OK\r\n\r\nall of it";
        let expected = Answer { status: 200, body: b"all of it", close: true };
        assert_eq!(parse(given, false, &mut Vec::new()), Ok(None));
        assert_eq!(parse(given, true, &mut Vec::new()), Ok(Some(expected)));
    }

    #[test]
    fn refusals() {
        refuses(b"SSH-2.0", "not an HTTP/1 response");
        refuses(b"HTTP/2", "not an HTTP/1 response");
        refuses(b"HTTP/1.2 200 OK\r\n", "an unknown HTTP version");
        refuses(b"HTTP/1.1\r\n", "short status line");
        refuses(b"HTTP/1.1 2000 OK\r\n", "invalid status");
        refuses(b"HTTP/1.1 +20 OK\r\n", "invalid status");
        refuses(b"HTTP/1.1 200 OK\r\nnonsense\r\n", "header without a colon");
        refuses(b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n", "invalid content length");
        refuses(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n", "invalid content length");
        refuses(
            b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n",
            "conflicting content lengths",
        );
        refuses(b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n", "transfer encoding other than chunked");
        refuses(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nxy", "more bytes than one response");
        refuses(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n", "invalid chunk size");
        refuses(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n",
            "chunk longer than its size",
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_parsed_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes, false, &mut Vec::new());
            let _ = parse(&[b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", bytes.as_slice()].concat(), true, &mut Vec::new());
        }

        #[test]
        fn chunks_of_any_cut_make_the_body(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..6)) {
            let mut bytes = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
            for chunk in &chunks {
                bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                bytes.extend_from_slice(chunk);
                bytes.extend_from_slice(b"\r\n");
            }
            bytes.extend_from_slice(b"0\r\n\r\n");
            check(&bytes, 200, &chunks.concat(), false);
        }
    }
}
