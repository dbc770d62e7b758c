//! TLS to PostgreSQL, configured by the URL as in libpq: `sslmode` and `sslrootcert`.
//!
//! `require` encrypts and accepts any certificate, as libpq does. `verify-full` also verifies the server. Without
//! `sslmode`, and with `prefer`, which an attacker on the network can downgrade, nothing is encrypted.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::runtime::Runtime;
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, NoTls, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{Result, StoreError};

/// What the URL requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    Plain,
    Encrypted,
    /// With these root certificates, or the system's.
    Verified {
        roots: Option<String>,
    },
}

/// The driver's configuration and its TLS mode. Error texts do not contain the URL.
pub fn parse(url: &str) -> std::result::Result<(Config, Wanted), String> {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut mode, mut roots, mut rest) = ("", None, Vec::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", value)) => mode = value,
            Some(("sslrootcert", value)) => roots = Some(decoded(value)).filter(|path| path != "system"),
            _ => rest.push(pair),
        }
    }
    let wanted = match mode {
        "" | "disable" | "allow" | "prefer" => Wanted::Plain,
        "require" => Wanted::Encrypted,
        "verify-full" => Wanted::Verified { roots },
        _ => return Err("sslmode must be disable, require or verify-full".to_owned()),
    };
    let without = if rest.is_empty() { place.to_owned() } else { format!("{place}?{}", rest.join("&")) };
    let mut config: Config = without.parse().map_err(|error: tokio_postgres::Error| error.to_string())?;
    config.ssl_mode(if wanted == Wanted::Plain { SslMode::Disable } else { SslMode::Require });
    Ok((config, wanted))
}

/// A value of the query string, with `%XX` decoded.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let pair = after.get(..2).filter(|_| *first == b'%').and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Opens a connection as configured by the URL, within this time. It runs on the runtime.
pub fn connect(runtime: &Runtime, url: &str, within: Duration) -> Result<Client> {
    let (config, wanted) = parse(url).map_err(StoreError::Unusable)?;
    match connector(&wanted)? {
        None => connect_over(runtime, &config, NoTls, within),
        Some(tls) => connect_over(runtime, &config, tls, within),
    }
}

fn connect_over<T>(runtime: &Runtime, config: &Config, tls: T, within: Duration) -> Result<Client>
where
    T: MakeTlsConnect<Socket, Stream: Send + 'static>,
{
    let connecting = runtime.block_on(async { tokio::time::timeout(within, config.connect(tls)).await });
    let (client, connection) =
        connecting.map_err(|_| StoreError::Unavailable("the connection timed out".to_owned()))??;
    runtime.spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "the connection to PostgreSQL ended");
        }
    });
    Ok(client)
}

/// The connector, or `None` without encryption.
fn connector(wanted: &Wanted) -> Result<Option<MakeRustlsConnect>> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| unusable(&error))?;
    let config = match wanted {
        Wanted::Plain => return Ok(None),
        Wanted::Encrypted => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anybody(provider)))
            .with_no_client_auth(),
        Wanted::Verified { roots } => {
            builder.with_root_certificates(believed(roots.as_deref())?).with_no_client_auth()
        }
    };
    Ok(Some(MakeRustlsConnect::new(config)))
}

fn unusable(error: &dyn std::fmt::Display) -> StoreError {
    StoreError::Unusable(format!("TLS to PostgreSQL: {error}"))
}

fn believed(roots: Option<&str>) -> Result<RootCertStore> {
    let mut store = RootCertStore::empty();
    let certificates = match roots {
        Some(path) => {
            let read = CertificateDer::pem_file_iter(path)
                .and_then(Iterator::collect::<std::result::Result<Vec<_>, _>>);
            read.map_err(|error| unusable(&format!("cannot read {path} as PEM: {error}")))?
        }
        None => rustls_native_certs::load_native_certs().certs,
    };
    // The system's store may contain unreadable certificates.
    let (added, _) = store.add_parsable_certificates(certificates);
    if added == 0 {
        return Err(unusable(&format!("{} contains no certificate", roots.unwrap_or("the system's store"))));
    }
    Ok(store)
}

/// Accepts any certificate whose private key the server has.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_asks_for_tls_in_the_words_of_libpq() {
        let verified = |roots: Option<&str>| Wanted::Verified { roots: roots.map(str::to_owned) };
        let cases = [
            ("", Wanted::Plain),
            ("?sslmode=prefer", Wanted::Plain),
            ("?sslmode=require", Wanted::Encrypted),
            ("?sslmode=verify-full", verified(None)),
            ("?sslmode=verify-full&sslrootcert=system", verified(None)),
            (
                "?sslrootcert=/etc/my%20roots.pem&application_name=x&sslmode=verify-full",
                verified(Some("/etc/my roots.pem")),
            ),
            // The settings put theirs behind the URL's own.
            ("?sslmode=disable&sslmode=require", Wanted::Encrypted),
        ];
        for (query, wanted) in cases {
            let (config, found) = parse(&format!("postgres://ada@db.example/shop{query}")).unwrap();
            assert_eq!((found, config.get_dbname()), (wanted, Some("shop")), "{query}");
        }
        for query in ["?sslmode=verify-ca", "?sslmode=x", "?nonsense=1"] {
            let complaint = parse(&format!("postgres://ada:hush@db.example/shop{query}")).unwrap_err();
            assert!(!complaint.contains("hush"), "{complaint}");
        }
    }

    #[test]
    fn roots_that_are_none_are_named() {
        let gone = Wanted::Verified { roots: Some("/nowhere/roots.pem".to_owned()) };
        let complaint = connector(&gone).err().unwrap().to_string();
        assert!(complaint.contains("/nowhere/roots.pem"), "{complaint}");
        assert!(connector(&Wanted::Plain).unwrap().is_none());
    }
}
