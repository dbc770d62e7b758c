//! The cost of sealing, on one thread: `cargo run --release -p store --example sealing_cost`.

use std::hint::black_box;
use std::time::Instant;

use domain::ids::PersonId;
use store::seam::{Connection, Role};
use store::vault::{AadContext, Secrets, people};
use store::{Database, StoreError, Vault, migrations};
use uuid::Uuid;

/// As much as a guest's name, address, number and request.
const GUEST: &[u8] = &[b'x'; 150];
/// As much as a recorded answer.
const ANSWER: &[u8] = &[b'x'; 1_500];
const CONTEXT: AadContext = AadContext { column: "bookings.private", row: Uuid::from_u128(1) };
const TIMES: u32 = 200_000;

fn main() -> Result<(), StoreError> {
    let directory = std::env::temp_dir().join(format!("holdfast-sealing-{}", std::process::id()));
    std::fs::create_dir_all(&directory).map_err(|error| StoreError::Unusable(error.to_string()))?;
    let mut connection = Connection::open(&Database::Sqlite(directory.join("cost.db")), Role::Writer)?;
    migrations::up(&mut connection)?;
    let secrets = Secrets::new(&[7; 32], []).map_err(|error| StoreError::Unusable(error.to_string()))?;
    let now = domain::time::Instant(0);
    let vault = Vault::open(&mut connection, secrets, now)?;
    in_memory(&vault);
    connection.begin()?;
    time("a person's key looked for, generated and stored in SQLite", |number| {
        black_box(people::keys_to_write(&mut connection, &vault, vec![person(number)], &[], now).is_ok());
    });
    connection.rollback();
    let _ = std::fs::remove_dir_all(directory);
    Ok(())
}

fn in_memory(vault: &Vault) {
    let (key, wrapped) = vault.generate_key(person(0));
    let sealed = vault.seal(&key, CONTEXT, GUEST);
    time("a key generated and wrapped", |number| {
        black_box(vault.generate_key(person(number)));
    });
    time("a key generated and wrapped, a guest's data sealed", |number| {
        let (key, wrapped) = vault.generate_key(person(number));
        black_box((vault.seal(&key, CONTEXT, GUEST), wrapped));
    });
    time("a guest's data sealed", |_| {
        black_box(vault.seal(&key, CONTEXT, GUEST));
    });
    time("an answer sealed", |_| {
        black_box(vault.seal(&key, CONTEXT, ANSWER));
    });
    time("a key unwrapped", |_| {
        black_box(vault.unwrap_key(person(0), &wrapped).is_ok());
    });
    time("a guest's data opened", |_| {
        black_box(vault.open_sealed(&key, CONTEXT, &sealed).is_ok());
    });
    time("an address marked", |_| {
        black_box(vault.email_index("grace.hopper@example.org"));
    });
}

fn person(number: u32) -> PersonId {
    PersonId(Uuid::from_u128(number.into()))
}

#[expect(clippy::print_stdout, reason = "a report on the terminal")]
fn time(what: &str, mut work: impl FnMut(u32)) {
    let begun = Instant::now();
    (0..TIMES).for_each(&mut work);
    let each = begun.elapsed().as_secs_f64() * 1e6 / f64::from(TIMES);
    println!("{each:5.2} µs  {what}");
}
