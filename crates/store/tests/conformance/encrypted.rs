//! TLS to PostgreSQL: a separate server with a certificate, configured by the URL.

use rcgen::CertifiedKey;
use store::seam::Role;
use store::{Connection, Database};
use testkit::OwnServer;

fn connected(url: String) -> Result<bool, String> {
    let opened = Connection::open(&Database::Postgres(url), Role::Writer);
    let mut connection = opened.map_err(|error| error.to_string())?;
    let mut encrypted = Vec::new();
    let sql = "select cast(cast(ssl as integer) as bigint) from pg_stat_ssl where pid = pg_backend_pid()";
    connection.begin_snapshot().unwrap();
    encrypted.extend(connection.all(sql, &[], |row| row.int(0)).unwrap());
    connection.rollback();
    Ok(encrypted == [1])
}

#[test]
fn the_url_says_whether_and_whom_to_believe() {
    let name = ["127.0.0.1".to_owned()];
    let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(name.clone()).unwrap();
    let files = [("server.crt", cert.pem()), ("server.key", signing_key.serialize_pem())];
    let settings = ["ssl=on", "ssl_cert_file=server.crt", "ssl_key_file=server.key"];
    let Some(server) = OwnServer::start_with(&settings, &files) else { return };
    let directory = tempfile::tempdir().unwrap();
    let root = |name: &str, pem: String| {
        let path = directory.path().join(name);
        std::fs::write(&path, pem).unwrap();
        path.display().to_string()
    };
    let ours = root("ours.pem", cert.pem());
    let other = root("other.pem", rcgen::generate_simple_self_signed(name).unwrap().cert.pem());
    let asked = |query: &str| connected(format!("{}{query}", server.url()));
    assert_eq!(asked(""), Ok(false));
    assert_eq!(asked("?sslmode=require"), Ok(true));
    assert_eq!(asked(&format!("?sslmode=verify-full&sslrootcert={ours}")), Ok(true));
    assert!(
        asked(&format!("?sslmode=verify-full&sslrootcert={other}")).is_err(),
        "somebody else's certificate"
    );
    assert!(asked("?sslmode=verify-full").is_err(), "the system knows nothing of it");
    let wrong_name = server.url().replace("127.0.0.1", "localhost");
    assert!(connected(format!("{wrong_name}?sslmode=verify-full&sslrootcert={ours}")).is_err());
}
