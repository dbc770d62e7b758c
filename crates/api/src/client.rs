//! The client's address: of the peer, or of the client behind a trusted proxy.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::middleware::Known;

/// The client's address, set by the middleware or by a test in the request's extensions; unspecified (`::`) if
/// neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// An IPv4-mapped address is converted to IPv4, so that each client has one address.
    pub fn new(address: IpAddr) -> Self {
        Self(address.to_canonical())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let known = Known::of(parts).map(|known| Self(known.client));
        let known = known.or_else(|| parts.extensions.get::<Self>().copied());
        Ok(known.unwrap_or(Self(IpAddr::V6(Ipv6Addr::UNSPECIFIED))))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    async fn extracted(extension: Option<ClientAddress>) -> ClientAddress {
        let (mut parts, ()) = Request::new(()).into_parts();
        if let Some(address) = extension {
            parts.extensions.insert(address);
        }
        let Ok(address) = ClientAddress::from_request_parts(&mut parts, &()).await;
        address
    }

    #[tokio::test]
    async fn the_address_is_the_extensions_or_unspecified() {
        let mapped = ClientAddress::new("::ffff:192.0.2.7".parse().unwrap());
        assert_eq!(mapped, ClientAddress("192.0.2.7".parse().unwrap()));
        assert_eq!(extracted(Some(mapped)).await, mapped);
        assert_eq!(extracted(None).await, ClientAddress("::".parse().unwrap()));
    }
}
