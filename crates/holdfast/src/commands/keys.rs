//! `holdfast keys`: rotation of the secret.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use app::audit::{self, AuditAction, AuditEntry, AuditWriter};
use app::chance::SystemChance;
use domain::actor::Actor;
use domain::decide::Chance as _;
use domain::ids::PersonId;
use indicatif::{ProgressBar, ProgressStyle};
use store::seam::{Role, WriterLock};
use store::vault::rotation::{self, Standing};
use store::vault::{KeyId, Secrets};
use store::{Connection, Database, StoreError, Vault};

use super::DEFAULT_FILE;
use crate::cli::{Keys, KeysAct};
use crate::settings::Settings;

/// Keys per transaction: few enough that other users of them do not wait long.
const CHUNK_KEYS_MAX: i64 = 500;

pub fn run(asked: &Keys, settings: &Settings) -> anyhow::Result<ExitCode> {
    let database = settings.database_or(DEFAULT_FILE);
    let older = settings.older_secrets();
    let secrets = Secrets::new(settings.secret(), older.iter().map(Vec::as_slice))?;
    match asked.act {
        KeysAct::Rotate => rotate(&database, secrets),
        KeysAct::Status => status(&database, &secrets),
    }
}

fn rotate(database: &Database, secrets: Secrets) -> anyhow::Result<ExitCode> {
    let _lock = match database {
        Database::Sqlite(path) => {
            let lock = WriterLock::acquire(path);
            Some(lock.context(
                "stop the server first: on SQLite, keys can only be rotated while the server is stopped",
            )?)
        }
        Database::Postgres(_) => None,
    };
    let mut connection = Connection::open(database, Role::Writer)?;
    let vault = Vault::open(&mut connection, secrets, store::clock::system_now())?;
    let standings = rotation::standings(&mut connection)?;
    let bar = ProgressBar::new(standings.iter().map(|standing| standing.keys.unsigned_abs()).sum());
    bar.set_style(ProgressStyle::with_template("{bar:40} {pos}/{len} keys, {eta} left")?);
    let mut wrapped =
        in_transaction(&mut connection, |connection| rotation::installation(connection, &vault))?;
    let mut after: Option<PersonId> = None;
    loop {
        let began = Instant::now();
        let chunk = in_transaction(&mut connection, |connection| {
            rotation::people(connection, &vault, after, CHUNK_KEYS_MAX)
        })?;
        wrapped += chunk.wrapped;
        bar.inc(chunk.seen);
        after = chunk.last;
        if after.is_none() {
            break;
        }
        give_way(database, began.elapsed());
    }
    bar.finish_and_clear();
    let mut chance = SystemChance::from_system();
    let writer = AuditWriter((chance.bits() >> 1).cast_signed());
    let note =
        AuditEntry::by(Actor::System, AuditAction::KeysRotated).to(vault.secret()).with("keys", wrapped);
    let now = store::clock::system_now();
    in_transaction(&mut connection, |connection| audit::append(connection, &vault, writer, note, now))?;
    println!("rewrapped {wrapped} keys under secret {}", vault.secret());
    Ok(ExitCode::SUCCESS)
}

/// Pauses for as long as the chunk took, so that the servers can work.
fn give_way(database: &Database, took: Duration) {
    if matches!(database, Database::Postgres(_)) {
        std::thread::park_timeout(took);
    }
}

fn in_transaction<T>(
    connection: &mut Connection,
    work: impl FnOnce(&mut Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    connection.begin()?;
    let done = work(connection).and_then(|done| connection.commit().map(|()| done));
    if done.is_err() {
        connection.rollback();
    }
    done
}

fn status(database: &Database, secrets: &Secrets) -> anyhow::Result<ExitCode> {
    let mut connection =
        Connection::open(database, Role::Reader).with_context(|| format!("cannot read {database}"))?;
    let standings = rotation::standings(&mut connection)?;
    let given = secrets.ids();
    for (place, secret) in given.iter().enumerate() {
        let keys = standings.iter().find(|standing| standing.secret == *secret).map_or(0, |found| found.keys);
        println!("{}", line(place, *secret, keys));
    }
    let unknown: Vec<&Standing> =
        standings.iter().filter(|standing| !given.contains(&standing.secret)).collect();
    for standing in &unknown {
        println!("secret {} (not configured): {} keys that cannot be opened", standing.secret, standing.keys);
    }
    Ok(if unknown.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn line(place: usize, secret: KeyId, keys: i64) -> String {
    match (place, keys) {
        (0, _) => format!("secret {secret} (SECRET_KEY): {keys} keys"),
        (_, 0) => format!("secret {secret} (SECRET_KEYS_OLD): no keys; it can be removed"),
        (_, _) => format!("secret {secret} (SECRET_KEYS_OLD): {keys} keys; run `holdfast keys rotate`"),
    }
}
