//! `holdfast migrate`.

use std::process::ExitCode;

use store::seam::{Role, WriterLock};
use store::{Connection, Database, migrations};

use super::DEFAULT_FILE;
use crate::cli::{Direction, Migrate};
use crate::settings::Settings;

pub fn run(asked: &Migrate, settings: &Settings) -> anyhow::Result<ExitCode> {
    let database = settings.database_or(DEFAULT_FILE);
    let _lock = match &database {
        Database::Sqlite(path) => Some(WriterLock::acquire(path)?),
        Database::Postgres(_) => None,
    };
    let mut connection = Connection::open(&database, Role::Writer)?;
    match asked.direction {
        Direction::Up => told("applied", &migrations::up(&mut connection)?),
        Direction::Down { steps } => told("reverted", &migrations::down(&mut connection, steps)?),
        Direction::Status => {
            let applied = migrations::applied(&mut connection)?;
            for migration in migrations::ALL {
                let state = if applied.contains(&migration.number) { "applied" } else { "pending" };
                println!("{state} {}", migration.name);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn told(done: &str, names: &[&str]) {
    if names.is_empty() {
        println!("nothing to do");
    }
    for name in names {
        println!("{done} {name}");
    }
}
