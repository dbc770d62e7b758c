//! The migrations of the schema: numbered, small, up and down, with the same names for both databases, embedded in
//! the program.

use crate::clock::system_now;
use crate::error::{Result, StoreError};
use crate::seam::{Connection, Param};

#[derive(Debug, Clone, Copy)]
pub struct Migration {
    pub number: i64,
    pub name: &'static str,
    sqlite: Scripts,
    postgres: Scripts,
}

#[derive(Debug, Clone, Copy)]
struct Scripts {
    up: &'static str,
    down: &'static str,
}

macro_rules! migrations {
    ($($number:literal $name:literal),* $(,)?) => {
        &[$(Migration {
            number: $number,
            name: $name,
            sqlite: Scripts {
                up: include_str!(concat!("../migrations/sqlite/", $name, ".up.sql")),
                down: include_str!(concat!("../migrations/sqlite/", $name, ".down.sql")),
            },
            postgres: Scripts {
                up: include_str!(concat!("../migrations/postgres/", $name, ".up.sql")),
                down: include_str!(concat!("../migrations/postgres/", $name, ".down.sql")),
            },
        }),*]
    };
}

/// All migrations, oldest first. `cargo xtask new-migration` creates the files; add the line here by hand.
pub const ALL: &[Migration] = migrations![
    1 "0001_catalogue",
    2 "0002_bookings",
    3 "0003_outbox_and_keys",
    4 "0004_runs",
    5 "0005_jobs",
    6 "0006_people",
    7 "0007_sealing",
    8 "0008_audit",
    9 "0009_lean_inserts",
    10 "0010_standard_words",
    11 "0011_catalogue_edits",
    12 "0012_event_envelope",
];

/// A number that other programs are unlikely to lock. Only one process migrates a PostgreSQL database at a time.
const LOCK_SQL: &str = "select pg_advisory_xact_lock(727469)";

/// The numbers of the migrations that are applied.
pub fn applied(connection: &mut Connection) -> Result<Vec<i64>> {
    in_transaction(connection, |connection| {
        lock(connection)?;
        connection.execute_script(
            "create table if not exists schema_migrations (number bigint not null primary key, name text not null, \
             applied_at bigint not null)",
        )
    })?;
    connection.all("select number from schema_migrations order by number", &[], |row| row.int(0))
}

/// Applies all pending migrations and returns their names.
pub fn up(connection: &mut Connection) -> Result<Vec<&'static str>> {
    let applied = known(connection)?;
    steps(connection, ALL.iter().filter(|step| !applied.contains(&step.number)), Direction::Up)
}

/// Reverts the latest `count` migrations and returns their names.
pub fn down(connection: &mut Connection, count: usize) -> Result<Vec<&'static str>> {
    let applied = known(connection)?;
    let newest = ALL.iter().rev().filter(|step| applied.contains(&step.number)).take(count);
    steps(connection, newest, Direction::Down)
}

/// The applied migrations. This program must know all of them.
fn known(connection: &mut Connection) -> Result<Vec<i64>> {
    let applied = applied(connection)?;
    match applied.iter().find(|number| ALL.iter().all(|migration| migration.number != **number)) {
        None => Ok(applied),
        Some(newer) => Err(StoreError::Unusable(format!(
            "the database has migration {newer}, which this version of the program does not know"
        ))),
    }
}

fn steps<'m>(
    connection: &mut Connection,
    migrations: impl Iterator<Item = &'m Migration>,
    direction: Direction,
) -> Result<Vec<&'static str>> {
    let mut done = Vec::new();
    for migration in migrations {
        let step = |connection: &mut Connection| {
            in_transaction(connection, |connection| step(connection, migration, direction))
        };
        if connection.unhurried(step)? {
            done.push(migration.name);
        }
    }
    Ok(done)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

fn in_transaction<T>(
    connection: &mut Connection,
    work: impl FnOnce(&mut Connection) -> Result<T>,
) -> Result<T> {
    connection.begin()?;
    match work(connection) {
        Ok(done) => connection.commit().map(|()| done),
        Err(error) => {
            connection.rollback();
            Err(error)
        }
    }
}

/// Prevents other processes from migrating until the transaction ends. On SQLite a write transaction does this
/// already.
fn lock(connection: &mut Connection) -> Result<()> {
    if connection.is_shared() {
        connection.execute(LOCK_SQL, &[])?;
    }
    Ok(())
}

/// Executes one migration; `false` if another process has already done it.
fn step(connection: &mut Connection, migration: &Migration, direction: Direction) -> Result<bool> {
    lock(connection)?;
    let number = Param::Int(migration.number);
    let sql = "select number from schema_migrations where number = $1";
    let is_applied = connection.optional(sql, &[number], |row| row.int(0))?.is_some();
    if is_applied == (direction == Direction::Up) {
        return Ok(false);
    }
    let scripts = if connection.is_shared() { migration.postgres } else { migration.sqlite };
    match direction {
        Direction::Up => {
            connection.execute_script(scripts.up)?;
            let sql = "insert into schema_migrations (number, name, applied_at) values ($1, $2, $3)";
            connection.execute(sql, &[number, migration.name.into(), system_now().into()])?;
        }
        Direction::Down => {
            connection.execute_script(scripts.down)?;
            connection.execute("delete from schema_migrations where number = $1", &[number])?;
        }
    }
    Ok(true)
}
