//! A rotation of the secret, killed while running and run again.

use std::process::{Command, Stdio};

use domain::ids::PersonId;
use domain::time::Instant;
use store::vault::people::keys_to_write;
use store::vault::rotation::standings;
use store::vault::{Secrets, people};
use store::{Connection, Vault};
use testkit::{TestDatabase, on_both_databases};
use uuid::Uuid;

use super::server::{Server, holdfast, said};
use super::shop::SECRET;

const NEXT_SECRET: &str = "the secret that comes after the first";
/// Enough for a rotation to be observed while running.
const PEOPLE: u128 = 20_000;

fn vault(connection: &mut Connection, current: &str, older: &[&str]) -> Vault {
    let secrets = Secrets::new(current.as_bytes(), older.iter().map(|secret| secret.as_bytes())).unwrap();
    Vault::open(connection, secrets, Instant(0)).unwrap()
}

fn person(number: u128) -> PersonId {
    PersonId(Uuid::from_u128(number))
}

fn keys(url: &str, act: &str) -> Command {
    let mut command = holdfast();
    command.args(["keys", "--database", url, act]);
    command.env("SECRET_KEY", NEXT_SECRET).env("SECRET_KEYS_OLD", SECRET);
    command
}

/// Keys wrapped under the secret.
fn under(connection: &mut Connection, vault: &Vault) -> i64 {
    let standings = standings(connection).unwrap();
    standings.into_iter().find(|standing| standing.secret == vault.secret()).map_or(0, |found| found.keys)
}

fn status(url: &str) -> String {
    let output = keys(url, "status").output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

on_both_databases! {
    fn process_rotation_killed_in_the_middle_is_run_again(database: &TestDatabase) {
        let url = database.url();
        let mut connection = database.writer();
        let before = vault(&mut connection, SECRET, &[]);
        connection.begin().unwrap();
        let people_there = (1..=PEOPLE).map(person).collect();
        keys_to_write(&mut connection, &before, people_there, &[], Instant(0)).unwrap();
        connection.commit().unwrap();
        let all = i64::try_from(PEOPLE).unwrap() + 2;
        assert!(status(&url).contains(&format!("(SECRET_KEYS_OLD): {all} keys")));

        let mut rotation = keys(&url, "rotate").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // The installation's two keys come first.
        while all - under(&mut connection, &before) < 3 {
            assert!(rotation.try_wait().unwrap().is_none(), "it ended without doing anything");
        }
        rotation.kill().unwrap();
        rotation.wait().unwrap();
        let left = under(&mut connection, &before);
        assert!(left > 0 && left < all, "{left} of {all} are left");

        let output = keys(&url, "rotate").output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(told.starts_with(&format!("rewrapped {left} keys")), "{told}");
        let told = status(&url);
        assert!(told.contains(&format!("(SECRET_KEY): {all} keys")), "{told}");
        assert!(told.contains("(SECRET_KEYS_OLD): no keys; it can be removed"), "{told}");
        let after = vault(&mut connection, NEXT_SECRET, &[]);
        let found = people::keys(&mut connection, &after, &[person(1), person(PEOPLE)]).unwrap();
        assert!(found.get(person(1)).is_some() && found.get(person(PEOPLE)).is_some());
    }
}

#[test]
fn process_rotation_on_sqlite_waits_for_no_server() {
    let database = TestDatabase::sqlite();
    let mut server = Server::start(&database.url());
    let output = keys(&database.url(), "rotate").output().unwrap();
    assert!(!output.status.success());
    assert!(said(&output).contains("stop the server first"), "{}", said(&output));
    server.stop();
    assert!(keys(&database.url(), "rotate").output().unwrap().status.success());
}

#[test]
fn process_start_with_another_secret_names_it_and_writes_nothing() {
    let database = TestDatabase::sqlite();
    Server::start(&database.url()).stop();
    let other = |command: &mut Command| command.env("SECRET_KEY", NEXT_SECRET).output().unwrap();
    let output = other(holdfast().args(["serve", "--port", "0", "--database", &database.url()]));
    assert!(!output.status.success());
    let told = said(&output);
    assert!(
        told.contains("SECRET_KEY does not open this database") && told.contains("SECRET_KEYS_OLD"),
        "{told}"
    );
    assert!(!told.contains(SECRET) && !told.contains(NEXT_SECRET), "{told}");
    Server::start(&database.url()).stop();
}
