//! Chunked bodies (RFC 9112, 7.1). This is the slower path, because the chunks are copied.

use crate::head::{line, number};
use crate::malformed::Malformed;

/// Joins the chunks in `body` and returns the bytes after them, or nothing while they are incomplete.
pub fn decode<'a>(bytes: &'a [u8], body: &mut Vec<u8>) -> Result<Option<&'a [u8]>, Malformed> {
    body.clear();
    let mut rest = bytes;
    loop {
        let Some((size, after)) = line(rest) else { return Ok(None) };
        let size = chunk_size(size)?;
        if size == 0 {
            return Ok(skip_trailers(after));
        }
        let Some((chunk, after)) = after.split_at_checked(size) else { return Ok(None) };
        body.extend_from_slice(chunk);
        let Some((end, after)) = line(after) else { return Ok(None) };
        if !end.is_empty() {
            return Err(Malformed("chunk longer than its size"));
        }
        rest = after;
    }
}

fn chunk_size(line: &[u8]) -> Result<usize, Malformed> {
    let digits = line.split(|&byte| byte == b';').next().unwrap_or_default();
    number(digits.trim_ascii(), 16).ok_or(Malformed("invalid chunk size"))
}

fn skip_trailers(mut bytes: &[u8]) -> Option<&[u8]> {
    loop {
        let (trailer, rest) = line(bytes)?;
        if trailer.is_empty() {
            return Some(rest);
        }
        bytes = rest;
    }
}
