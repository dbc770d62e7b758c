//! A database of one test's own.

use std::path::Path;

use store::migrations;
use store::seam::Role;
use store::{Connection, Database};
use tempfile::TempDir;

use crate::postgres::{self, Own};

/// A fresh database that nobody else uses; it is gone when this is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    database: Database,
    keeper: Keeper,
}

/// Whatever must live as long as the database.
#[derive(Debug)]
enum Keeper {
    Directory(TempDir),
    Postgres { _own: Own },
}

impl TestDatabase {
    /// A migrated SQLite file in a temporary directory.
    pub fn sqlite() -> Self {
        let empty = Self::empty_sqlite();
        migrations::up(&mut empty.writer()).expect("an empty file can be migrated");
        empty
    }

    /// A migrated database on the server that `HOLDFAST_TEST_POSTGRES` names; where there is none, says that the test
    /// is skipped.
    pub fn postgres() -> Option<Self> {
        postgres::server_or_skip().map(|server| Self::of(server.migrated()))
    }

    /// A SQLite file without any table.
    pub fn empty_sqlite() -> Self {
        let directory = tempfile::Builder::new()
            .prefix("holdfast-test-")
            .tempdir()
            .expect("the system has a directory for temporary files");
        Self {
            database: Database::Sqlite(directory.path().join("holdfast.db")),
            keeper: Keeper::Directory(directory),
        }
    }

    /// Like [`Self::postgres`], but without any table.
    pub fn empty_postgres() -> Option<Self> {
        postgres::server_or_skip().map(|server| Self::of(server.empty()))
    }

    /// Another database of the same kind, without any table.
    #[must_use]
    pub fn another_empty(&self) -> Self {
        match &self.keeper {
            Keeper::Directory(_) => Self::empty_sqlite(),
            Keeper::Postgres { .. } => Self::empty_postgres().expect("the server was there a moment ago"),
        }
    }

    /// What [`Connection::open`] takes.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The database as `--database` takes it.
    pub fn url(&self) -> String {
        match &self.database {
            Database::Sqlite(path) => format!("sqlite:{}", path.display()),
            Database::Postgres(url) => url.clone(),
        }
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self.keeper, Keeper::Postgres { .. })
    }

    /// The temporary directory of a SQLite file, where a test may put files of its own.
    pub fn directory(&self) -> Option<&Path> {
        match &self.keeper {
            Keeper::Directory(directory) => Some(directory.path()),
            Keeper::Postgres { .. } => None,
        }
    }

    pub fn writer(&self) -> Connection {
        Connection::open(&self.database, Role::Writer).expect("a test's database takes writers")
    }

    pub fn reader(&self) -> Connection {
        Connection::open(&self.database, Role::Reader).expect("a test's database takes readers")
    }

    fn of(own: Own) -> Self {
        Self { database: Database::Postgres(own.url().to_owned()), keeper: Keeper::Postgres { _own: own } }
    }
}

/// Runs a check on SQLite and, where there is a server, on PostgreSQL.
pub fn for_each_database(mut check: impl FnMut(&TestDatabase)) {
    check(&TestDatabase::sqlite());
    if let Some(database) = TestDatabase::postgres() {
        check(&database);
    }
}
