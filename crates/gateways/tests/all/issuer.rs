//! An external issuer's keys over a real connection.

use gateways::issuer::{KeySource, NoKeys};
use testkit::{IssuerServer, Mood};

use super::world::run;

/// More than is read of a response.
const LONG_BYTES: usize = 1024 * 1024;
const READ_BYTES_MAX: usize = 256 * 1024;

fn fetch(issuer: &IssuerServer) -> Result<Vec<u8>, NoKeys> {
    run(async { KeySource::new(issuer.url().parse().unwrap()).unwrap().fetch().await })
}

#[test]
fn the_keys_are_read_as_they_are_published() {
    let issuer = IssuerServer::start();
    let body = String::from_utf8(fetch(&issuer).unwrap()).unwrap();
    assert!(body.contains("\"kid\":\"1\"") && body.contains("Ed25519"), "{body}");
}

#[test]
fn redirects_are_not_followed_for_keys() {
    let (issuer, elsewhere) = (IssuerServer::start(), IssuerServer::start());
    for status in [301, 302, 303, 307, 308] {
        issuer.be(Mood::Says(status, format!("Location: {}\r\n", elsewhere.url()), String::new()));
        assert_eq!(fetch(&issuer), Err(NoKeys::Refused(status)));
    }
    assert_eq!((issuer.asked(), elsewhere.asked()), (5, 0));
}

#[test]
fn an_issuer_that_is_out_of_order_gives_no_keys() {
    let issuer = IssuerServer::start();
    issuer.be(Mood::Says(500, String::new(), "{\"keys\":[]}".to_owned()));
    assert_eq!(fetch(&issuer), Err(NoKeys::Refused(500)));
    issuer.be(Mood::Silent);
    assert_eq!(fetch(&issuer), Err(NoKeys::Lost));
    issuer.be(Mood::Says(200, String::new(), " ".repeat(LONG_BYTES)));
    assert_eq!(fetch(&issuer).unwrap().len(), READ_BYTES_MAX, "and no more is read");
    let url = issuer.url();
    drop(issuer);
    let gone = run(async { KeySource::new(url.parse().unwrap()).unwrap().fetch().await });
    assert_eq!(gone, Err(NoKeys::NotReached));
}
