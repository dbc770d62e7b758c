//! Trusted proxies, and the client addresses they forward.
//!
//! Each proxy appends the address of its client at the right end of the header. The header is therefore read from the
//! right, past the trusted proxies, to the first address that is not trusted. Addresses further left can be forged.

use std::net::{IpAddr, SocketAddr};

use axum::http::header::{FORWARDED, HeaderMap, HeaderName};

use super::network::Network;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// Maximum number of proxies between a client and the server.
const HOPS_MAX: usize = 32;

/// The header in which trusted proxies give the client's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForwardedHeader {
    XForwardedFor,
    /// RFC 7239.
    Forwarded,
}

/// The trusted proxies, and their header.
#[derive(Debug, Clone)]
pub struct Proxies {
    pub trusted: Vec<Network>,
    pub header: ForwardedHeader,
}

/// What is known about the path of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    pub client: IpAddr,
    /// Whether the client used TLS to the first trusted proxy.
    pub secure: bool,
}

impl Proxies {
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }

    /// The client of a request that came from `peer`, over TLS or not.
    pub fn way(&self, peer: IpAddr, secure: bool, headers: &HeaderMap) -> Way {
        if self.trusted.is_empty() || !self.trusts(peer) {
            return Way { client: peer, secure };
        }
        match self.header {
            ForwardedHeader::XForwardedFor => Way {
                client: self.nearest_stranger(peer, listed(headers)),
                secure: secure || last_proto(headers).is_some_and(is_https),
            },
            ForwardedHeader::Forwarded => {
                let hops = hops(headers);
                let proto = hops.last().and_then(|hop| hop.proto.as_deref());
                let named = hops.iter().rev().map(|hop| hop.client.as_deref());
                Way {
                    client: self.nearest_stranger(peer, named.map(|name| name.and_then(node))),
                    secure: secure || proto.is_some_and(is_https),
                }
            }
        }
    }

    /// Follows the proxies from the nearest one outwards. An unreadable address ends the search, because nothing
    /// beyond it is reliable.
    fn nearest_stranger(&self, peer: IpAddr, outwards: impl Iterator<Item = Option<IpAddr>>) -> IpAddr {
        let mut known = peer;
        for named in outwards.take(HOPS_MAX) {
            let Some(address) = named else { return known };
            known = address;
            if !self.trusts(address) {
                return known;
            }
        }
        known
    }
}

fn is_https(proto: &str) -> bool {
    proto.trim().eq_ignore_ascii_case("https")
}

/// The addresses of `X-Forwarded-For`, from the right; `None` for invalid ones.
fn listed(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    let lines = headers.get_all(X_FORWARDED_FOR).iter().rev();
    lines.flat_map(|line| line.to_str().unwrap_or("?").rsplit(',').map(|part| node(part.trim())))
}

fn last_proto(headers: &HeaderMap) -> Option<&str> {
    headers.get_all(X_FORWARDED_PROTO).iter().next_back()?.to_str().ok()?.rsplit(',').next()
}

/// An address with or without a port, an IPv6 one in brackets or bare.
fn node(text: &str) -> Option<IpAddr> {
    let bare = text.parse::<IpAddr>().or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()));
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    bare.ok().or_else(bracketed).map(|address| address.to_canonical())
}

/// One element of `Forwarded`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Hop {
    client: Option<String>,
    proto: Option<String>,
}

/// The elements of `Forwarded`, from the left. Of a malformed header, only the elements to the right of the error
/// count.
fn hops(headers: &HeaderMap) -> Vec<Hop> {
    let mut hops = Vec::new();
    for line in headers.get_all(FORWARDED) {
        match line.to_str().ok().and_then(elements) {
            Some(elements) => hops.extend(elements),
            // A hop without a client ends the search.
            None => hops.push(Hop::default()),
        }
    }
    hops
}

/// `for=…;proto=…, for=…`. A value may be quoted and then contain commas and semicolons. `None` if malformed.
fn elements(line: &str) -> Option<Vec<Hop>> {
    let mut elements = vec![Hop::default()];
    let mut rest = line.trim();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let (value, after) = value(after)?;
        let hop = elements.last_mut()?;
        match name.trim() {
            name if name.eq_ignore_ascii_case("for") => hop.client = Some(value),
            name if name.eq_ignore_ascii_case("proto") => hop.proto = Some(value),
            _ => {}
        }
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(next) => {
                elements.push(Hop::default());
                next.trim_start()
            }
            None if after.is_empty() => after,
            None => after.strip_prefix(';')?.trim_start(),
        };
    }
    Some(elements)
}

/// A token or a quoted string at the beginning, and the rest.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ';']).unwrap_or(text.len());
        let (token, after) = text.split_at(end);
        return Some((token.trim().to_owned(), after));
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return Some((value, quoted.get(at + 1..)?)),
            '\\' => value.push(chars.next()?.1),
            _ => value.push(char),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn proxies(header: ForwardedHeader) -> Proxies {
        Proxies { trusted: vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()], header }
    }

    fn way(header: ForwardedHeader, peer: &str, lines: &[(&'static str, &str)]) -> Way {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        proxies(header).way(peer.parse().unwrap(), false, &headers)
    }

    /// The client according to these lines of the header.
    fn check(header: ForwardedHeader, name: &'static str, cases: &[(&str, &[&str], &str)]) {
        for (peer, lines, client) in cases {
            let lines: Vec<_> = lines.iter().map(|line| (name, *line)).collect();
            assert_eq!(way(header, peer, &lines).client.to_string(), *client, "{peer} {lines:?}");
        }
    }

    #[test]
    fn x_forwarded_for_is_walked_from_the_right_past_trusted_proxies() {
        let cases: &[(&str, &[&str], &str)] = &[
            ("203.0.113.9", &["198.51.100.1"], "203.0.113.9"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["6.6.6.6, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", &["6.6.6.6", "198.51.100.1", "10.0.0.2, fd00::7"], "198.51.100.1"),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("10.0.0.1", &["198.51.100.1, garbage"], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1, garbage, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["198.51.100.1, "], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1:4711"], "198.51.100.1"),
            ("10.0.0.1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("10.0.0.1", &["[2001:db8::1]"], "2001:db8::1"),
            ("10.0.0.1", &["2001:db8::1"], "2001:db8::1"),
            ("10.0.0.1", &["::ffff:198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["\"198.51.100.1\""], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1\u{fc}"], "10.0.0.1"),
            ("fd00::1", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
        ];
        check(ForwardedHeader::XForwardedFor, "x-forwarded-for", cases);
    }

    #[test]
    fn forwarded_is_read_with_its_quoting() {
        let cases: &[(&str, &[&str], &str)] = &[
            ("203.0.113.9", &["for=198.51.100.1"], "203.0.113.9"),
            ("10.0.0.1", &["for=198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["For=\"[2001:db8:cafe::17]:4711\""], "2001:db8:cafe::17"),
            (
                "10.0.0.1",
                &["for=6.6.6.6, for=198.51.100.1;proto=https;by=10.0.0.2, for=10.0.0.9"],
                "198.51.100.1",
            ),
            ("10.0.0.1", &["for=\"6.6.6.6, for=7.7.7.7\", for=198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["host=\"a;b,c\\\"d\";for=198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["for=198.51.100.1", "for=10.0.0.3"], "198.51.100.1"),
            ("10.0.0.1", &["for=198.51.100.1, for=_hidden"], "10.0.0.1"),
            ("10.0.0.1", &["for=198.51.100.1, for=unknown, for=10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["for=198.51.100.1, proto=https"], "10.0.0.1"),
            ("10.0.0.1", &["for=\"198.51.100.1"], "10.0.0.1"),
            ("10.0.0.1", &["for=198.51.100.1", "nonsense"], "10.0.0.1"),
            ("10.0.0.1", &[""], "10.0.0.1"),
        ];
        check(ForwardedHeader::Forwarded, "forwarded", cases);
    }

    #[test]
    fn only_the_configured_header_of_a_trusted_peer_counts() {
        let both = [("forwarded", "for=198.51.100.1;proto=https"), ("x-forwarded-for", "198.51.100.2")];
        let mapped = way(ForwardedHeader::XForwardedFor, "10.0.0.1", &both);
        assert_eq!((mapped.client.to_string().as_str(), mapped.secure), ("198.51.100.2", false));
        let forwarded = way(ForwardedHeader::Forwarded, "10.0.0.1", &both);
        assert_eq!((forwarded.client.to_string().as_str(), forwarded.secure), ("198.51.100.1", true));
    }

    #[test]
    fn https_is_believed_of_the_nearest_trusted_proxy_only() {
        let cases = [
            ("10.0.0.1", "https", true),
            ("10.0.0.1", "http", false),
            ("10.0.0.1", "https, http", false),
            ("10.0.0.1", "http, HTTPS", true),
            ("203.0.113.9", "https", false),
        ];
        for (peer, proto, secure) in cases {
            let way = way(ForwardedHeader::XForwardedFor, peer, &[("x-forwarded-proto", proto)]);
            assert_eq!(way.secure, secure, "{peer} {proto}");
        }
    }

    #[test]
    fn a_chain_without_end_ends() {
        let long = vec!["10.0.0.2"; 10_000].join(",");
        let walked = way(
            ForwardedHeader::XForwardedFor,
            "10.0.0.1",
            &[("x-forwarded-for", &format!("6.6.6.6,{long}"))],
        );
        assert_eq!(walked.client.to_string(), "10.0.0.2");
    }
}
