//! TLS in the server: handshakes, clients without TLS, and a certificate that changes while connections are open.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use api::middleware::MiddlewareSettings;
use api::tls::{Tls, TlsSettings};
use rcgen::CertifiedKey;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::wire::{Wire, run_with};

/// A certificate in files, and as a root for a client.
struct Certificate {
    directory: TempDir,
    root: CertificateDer<'static>,
}

impl Certificate {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = write(directory.path());
        Self { directory, root }
    }

    fn tls(&self) -> Arc<Tls> {
        Arc::new(Tls::load(self.settings()).unwrap())
    }

    fn settings(&self) -> TlsSettings {
        let file = |name| self.directory.path().join(name);
        TlsSettings { certificate: file("cert.pem"), key: file("key.pem"), handshake_ms_max: 300 }
    }
}

/// Writes a new certificate for `localhost` and its key.
fn write(directory: &Path) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(directory.join("cert.pem"), cert.pem()).unwrap();
    std::fs::write(directory.join("key.pem"), signing_key.serialize_pem()).unwrap();
    cert.der().clone()
}

/// A client that trusts only this certificate.
async fn connect(
    address: SocketAddr,
    root: &CertificateDer<'static>,
    version: &'static SupportedProtocolVersion,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let stream = TcpStream::connect(address).await.unwrap();
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").unwrap(), stream).await
}

/// Requests the health check and returns the whole response.
async fn ask(stream: &mut TlsStream<TcpStream>, close: bool) -> String {
    let connection = if close { "close" } else { "keep-alive" };
    let request = format!("GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: {connection}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let mut bytes = vec![0; 4_096];
    while !String::from_utf8_lossy(&answer).contains("\"ok\"") {
        let count = stream.read(&mut bytes).await.unwrap();
        assert!(count > 0, "{}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&bytes[..count]);
    }
    String::from_utf8(answer).unwrap()
}

#[test]
fn the_server_speaks_tls_itself() {
    let certificate = Certificate::new();
    run_with(MiddlewareSettings::default(), Some(certificate.tls()), async |wire: &Wire| {
        for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
            let mut stream = connect(wire.address, &certificate.root, version).await.unwrap();
            assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
            let answer = ask(&mut stream, true).await;
            assert!(
                answer.starts_with("HTTP/1.1 200") && answer.contains("strict-transport-security:"),
                "{answer}"
            );
        }
        let other = Certificate::new();
        assert!(connect(wire.address, &other.root, &rustls::version::TLS13).await.is_err());
    });
}

#[test]
fn a_client_without_tls_gets_no_response_and_a_silent_one_is_disconnected() {
    let certificate = Certificate::new();
    run_with(MiddlewareSettings::default(), Some(certificate.tls()), async |wire: &Wire| {
        let mut plain = wire.open().await;
        plain.send(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").await;
        assert!(!plain.ended().await.contains("HTTP"));
        assert_eq!(wire.open().await.ended().await, "");
    });
}

#[test]
fn a_new_certificate_is_used_for_new_connections_and_a_broken_one_is_not() {
    let certificate = Certificate::new();
    let tls = certificate.tls();
    run_with(MiddlewareSettings::default(), Some(Arc::clone(&tls)), async |wire: &Wire| {
        let mut old = connect(wire.address, &certificate.root, &rustls::version::TLS13).await.unwrap();
        assert!(ask(&mut old, false).await.starts_with("HTTP/1.1 200"));
        let next = write(certificate.directory.path());
        tls.reload().unwrap();
        assert!(connect(wire.address, &certificate.root, &rustls::version::TLS13).await.is_err());
        let mut new = connect(wire.address, &next, &rustls::version::TLS13).await.unwrap();
        assert!(ask(&mut new, true).await.starts_with("HTTP/1.1 200"));
        assert!(ask(&mut old, true).await.starts_with("HTTP/1.1 200"), "an open connection goes on");
        std::fs::write(certificate.settings().key, "nonsense").unwrap();
        assert!(tls.reload().is_err());
        let mut still = connect(wire.address, &next, &rustls::version::TLS13).await.unwrap();
        assert!(ask(&mut still, true).await.starts_with("HTTP/1.1 200"));
    });
}

#[test]
fn what_is_no_certificate_is_named() {
    let (certificate, other) = (Certificate::new(), Certificate::new());
    let complaint = |settings| Tls::load(settings).err().unwrap().to_string();
    let gone = TlsSettings { certificate: "/nowhere/cert.pem".into(), ..certificate.settings() };
    assert!(complaint(gone).starts_with("cannot read /nowhere/cert.pem"));
    let swapped = TlsSettings { certificate: certificate.settings().key, ..certificate.settings() };
    assert!(complaint(swapped).ends_with("contains no certificate"));
    let mixed = TlsSettings { key: other.settings().key, ..certificate.settings() };
    assert!(complaint(mixed).starts_with("cannot use the certificate and key"));
}
