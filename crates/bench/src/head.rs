//! The head of a response: status line and the three headers that frame a body.

use crate::malformed::{ANSWER_BYTES_MAX, Malformed};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    Length(usize),
    Chunked,
    /// Neither length nor chunks: the body ends with the connection.
    UntilClose,
}

#[derive(Debug, Clone, Copy)]
pub struct Head {
    pub status: u16,
    pub framing: Framing,
    /// The server closes the connection after this answer.
    pub close: bool,
}

impl Head {
    /// The head and the bytes after it, or nothing while the head is incomplete.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Head, &[u8])>, Malformed> {
        check_start(bytes)?;
        let Some((status_line, mut rest)) = line(bytes) else { return Ok(None) };
        let mut head = status_head(status_line)?;
        loop {
            let Some((header, after)) = line(rest) else { return Ok(None) };
            rest = after;
            if header.is_empty() {
                head.drop_impossible_body();
                return Ok(Some((head, rest)));
            }
            head.read_header(header)?;
        }
    }

    fn read_header(&mut self, header: &[u8]) -> Result<(), Malformed> {
        let mut parts = header.splitn(2, |&byte| byte == b':');
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else {
            return Err(Malformed("header without a colon"));
        };
        let value = value.trim_ascii();
        if name.eq_ignore_ascii_case(b"content-length") {
            self.read_length(value)?;
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if !value.eq_ignore_ascii_case(b"chunked") {
                return Err(Malformed("transfer encoding other than chunked"));
            }
            self.framing = Framing::Chunked;
        } else if name.eq_ignore_ascii_case(b"connection") {
            self.read_connection(value);
        }
        Ok(())
    }

    fn read_length(&mut self, value: &[u8]) -> Result<(), Malformed> {
        let length = number(value, 10).ok_or(Malformed("invalid content length"))?;
        match self.framing {
            // RFC 9112, 6.3: chunks override a length.
            Framing::Chunked => Ok(()),
            Framing::Length(other) if other != length => Err(Malformed("conflicting content lengths")),
            Framing::Length(_) | Framing::UntilClose => {
                self.framing = Framing::Length(length);
                Ok(())
            }
        }
    }

    fn read_connection(&mut self, value: &[u8]) {
        for option in value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii) {
            if option.eq_ignore_ascii_case(b"close") {
                self.close = true;
            } else if option.eq_ignore_ascii_case(b"keep-alive") {
                self.close = false;
            }
        }
    }

    /// RFC 9112, 6.3: these have no body, whatever their headers say.
    fn drop_impossible_body(&mut self) {
        if matches!(self.status, 100..200 | 204 | 304) {
            self.framing = Framing::Length(0);
        }
    }
}

/// Refuses bytes that cannot become an HTTP/1 response at the first wrong byte, instead of waiting for the end of the
/// line.
fn check_start(bytes: &[u8]) -> Result<(), Malformed> {
    let agrees = bytes.iter().zip(VERSION).all(|(given, expected)| given == expected);
    if agrees { Ok(()) } else { Err(Malformed("not an HTTP/1 response")) }
}

const VERSION: &[u8] = b"HTTP/1.";

fn status_head(line: &[u8]) -> Result<Head, Malformed> {
    let (version, rest) = line.split_at_checked(VERSION.len() + 2).ok_or(Malformed("short status line"))?;
    let close = match version {
        b"HTTP/1.1 " => false,
        b"HTTP/1.0 " => true,
        _ => return Err(Malformed("an unknown HTTP version")),
    };
    let digits = rest.get(..3).filter(|_| matches!(rest.get(3), None | Some(b' ')));
    let status = digits.and_then(|digits| number(digits, 10)).filter(|status| *status >= 100);
    let status = status.ok_or(Malformed("invalid status"))?;
    Ok(Head { status: u16::try_from(status).unwrap_or_default(), framing: Framing::UntilClose, close })
}

/// The first line without its end, and the bytes after it; nothing while it is incomplete.
pub fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|&byte| byte == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest.get(1..)?))
}

/// Only digits, no sign, and no more than the maximum size of a response.
pub fn number(digits: &[u8], radix: u32) -> Option<usize> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_usize, |value, &digit| {
        let digit = char::from(digit).to_digit(radix)? as usize;
        Some(value * radix as usize + digit).filter(|value| *value <= ANSWER_BYTES_MAX)
    })
}
