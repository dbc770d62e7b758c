//! `rediss://`, with a server that has a certificate.

use std::time::Duration;

use backplane::{Backplane, Options};
use rcgen::{CertificateParams, Issuer, KeyPair};
use testkit::OwnRedis;

/// An authority's certificate, and a server's certificate and key, as PEM.
fn certificates() -> [String; 3] {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(vec![]).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_certificate = authority.self_signed(&authority_key).unwrap();
    let server_key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let server = server.signed_by(&server_key, &Issuer::new(authority, authority_key)).unwrap();
    [authority_certificate.pem(), server.pem(), server_key.serialize_pem()]
}

#[tokio::test]
async fn an_encrypted_redis_is_used_and_a_stranger_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let [authority, server, key] = certificates();
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let (ca_file, certificate, key) =
        (file("ca", &authority), file("certificate", &server), file("key", &key));
    let listen = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let settings = [
        ["--tls-port", &listen.to_string()],
        ["--tls-cert-file", &certificate],
        ["--tls-key-file", &key],
        ["--tls-ca-cert-file", &ca_file],
        ["--tls-auth-clients", "no"],
    ];
    let Some(_server) = OwnRedis::start(&settings.concat()) else { return };
    let url = format!("rediss://127.0.0.1:{listen}");
    let trusting = |root: &str| {
        let root_certificate = Some(root.as_bytes().to_vec());
        Backplane::redis(&url.parse().unwrap(), Options { root_certificate, ..Options::default() }).unwrap()
    };
    let backplane = trusting(&authority);
    backplane.wait_until_up().await;
    let mut heard = backplane.notices().subscribe("sessions").await;
    backplane.notices().publish("sessions", b"ended").await;
    assert!(heard.next().await.is_some());
    backplane.locks().acquire("room").await.unwrap().release().await.unwrap();

    // A client that trusts another certificate does not connect.
    let [another_authority, ..] = certificates();
    let stranger = trusting(&another_authority);
    let reached = tokio::time::timeout(Duration::from_secs(2), stranger.wait_until_up()).await;
    assert!(reached.is_err());
}
