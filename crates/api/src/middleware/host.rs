//! The host names that the server accepts. Requests for other hosts are refused.

use std::fmt;
use std::str::FromStr;

use axum::http::uri::Authority;

/// A host's name or address, without a port; or `*.example.org` for all names below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    Exactly(Box<str>),
    /// The part after the asterisk, with its dot.
    Below(Box<str>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAHost;

impl fmt::Display for NotAHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "must be a host name or an address without a port, such as book.example.org, *.example.org or [::1]",
        )
    }
}

impl Host {
    /// Whether a request's host, possibly with a port, is this one. Compares without copying.
    pub fn is(&self, written: &str) -> bool {
        let name = without_port(written);
        let name = name.strip_suffix('.').unwrap_or(name);
        match self {
            Self::Exactly(host) => host.eq_ignore_ascii_case(name),
            Self::Below(end) => {
                let Some(begins) = name.len().checked_sub(end.len()).filter(|begins| *begins > 0) else {
                    return false;
                };
                name.get(begins..).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
            }
        }
    }
}

/// The host without its port; an IPv6 address keeps its brackets.
fn without_port(written: &str) -> &str {
    match written.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !host.is_empty() => {
            if host.starts_with('[') == host.ends_with(']') { host } else { written }
        }
        _ => written,
    }
}

impl FromStr for Host {
    type Err = NotAHost;

    fn from_str(text: &str) -> Result<Self, NotAHost> {
        let (name, below) = match text.strip_prefix("*.") {
            Some(name) => (name, true),
            None => (text, false),
        };
        let authority: Authority = name.parse().map_err(|_| NotAHost)?;
        if authority.port().is_some() || authority.host() != name || name.contains('*') || name.ends_with(':')
        {
            return Err(NotAHost);
        }
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        Ok(if below { Self::Below(format!(".{name}").into()) } else { Self::Exactly(name.into()) })
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(name) => f.write_str(name),
            Self::Below(end) => write!(f, "*{end}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_known_by_its_name_whatever_its_case_and_port() {
        let cases = [
            ("book.example.org", "book.example.org", true),
            ("book.example.org", "BOOK.example.ORG:8080", true),
            ("book.example.org", "book.example.org.", true),
            ("book.example.org", "book.example.org.evil.example", false),
            ("book.example.org", "xbook.example.org", false),
            ("book.example.org", "", false),
            ("book.example.org", ":80", false),
            ("*.example.org", "a.example.org", true),
            ("*.example.org", "a.b.example.org:1", true),
            ("*.example.org", "example.org", false),
            ("*.example.org", ".example.org", false),
            ("*.example.org", "aexample.org", false),
            ("127.0.0.1", "127.0.0.1:8080", true),
            ("[::1]", "[::1]:8080", true),
            ("[::1]", "[::1]", true),
            ("[::1]", "::1", false),
            ("[::1]", "[::2]", false),
        ];
        for (host, written, known) in cases {
            let host: Host = host.parse().unwrap();
            assert_eq!(host.is(written), known, "{host} {written}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in ["", "a:80", "a/b", "http://a", "*", "*.", "a b", "a*b", "u@a", "*.*.a", "a:"] {
            assert_eq!(text.parse::<Host>(), Err(NotAHost), "{text}");
        }
    }
}
