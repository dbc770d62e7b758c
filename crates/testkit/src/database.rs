//! A separate database for one test.

use std::path::Path;

use domain::time::Instant;
use store::migrations;
use store::seam::Role;
use store::vault::Secrets;
use store::{Connection, Database, Vault};
use tempfile::TempDir;

use crate::postgres;

/// A fresh database for one test. A SQLite file is deleted when this is dropped. A PostgreSQL database is left to
/// later processes, which empty it first, and is deleted with its server.
#[derive(Debug)]
pub struct TestDatabase {
    database: Database,
    /// The directory of a SQLite file; deleted with this.
    directory: Option<TempDir>,
}

impl TestDatabase {
    /// A migrated SQLite file in a temporary directory.
    pub fn sqlite() -> Self {
        let empty = Self::empty_sqlite();
        migrations::up(&mut empty.writer()).expect("an empty file can be migrated");
        empty
    }

    /// A migrated database on the server in `HOLDFAST_TEST_POSTGRES`. Without it, reports that the test is skipped.
    pub fn postgres() -> Option<Self> {
        postgres::server_or_skip().map(|server| Self::of(server.migrated()))
    }

    /// A SQLite file without any table.
    pub fn empty_sqlite() -> Self {
        let directory = tempfile::Builder::new()
            .prefix("holdfast-test-")
            .tempdir()
            .expect("the system has a directory for temporary files");
        Self { database: Database::Sqlite(directory.path().join("holdfast.db")), directory: Some(directory) }
    }

    /// Like [`Self::postgres`], but without any table.
    pub fn empty_postgres() -> Option<Self> {
        postgres::server_or_skip().map(|server| Self::of(server.empty()))
    }

    /// Another database of the same kind, without any table.
    #[must_use]
    pub fn another_empty(&self) -> Self {
        match &self.database {
            Database::Sqlite(_) => Self::empty_sqlite(),
            Database::Postgres(_) => Self::empty_postgres().expect("the server was there a moment ago"),
        }
    }

    fn of(url: String) -> Self {
        Self { database: Database::Postgres(url), directory: None }
    }

    /// The argument of [`Connection::open`].
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The database as an argument of `--database`.
    pub fn url(&self) -> String {
        match &self.database {
            Database::Sqlite(path) => format!("sqlite:{}", path.display()),
            Database::Postgres(url) => url.clone(),
        }
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self.database, Database::Postgres(_))
    }

    /// The temporary directory of a SQLite file, where a test can put more files.
    pub fn directory(&self) -> Option<&Path> {
        self.directory.as_ref().map(TempDir::path)
    }

    pub fn writer(&self) -> Connection {
        Connection::open(&self.database, Role::Writer).expect("a test's database takes writers")
    }

    /// The database's vault, under [`SECRET`].
    pub fn vault(&self) -> Vault {
        let secrets = Secrets::new(SECRET, []).expect("the secret is long enough");
        Vault::open(&mut self.writer(), secrets, Instant(0)).expect("nobody else chose the secret")
    }

    pub fn reader(&self) -> Connection {
        Connection::open(&self.database, Role::Reader).expect("a test's database takes readers")
    }
}

/// A secret like one that an operator would generate, the same in every test.
pub const SECRET: &[u8] = b"a secret of a test, 32 bytes long";

/// Runs a check on SQLite and, where there is a server, on PostgreSQL.
pub fn for_each_database(mut check: impl FnMut(&TestDatabase)) {
    check(&TestDatabase::sqlite());
    if let Some(database) = TestDatabase::postgres() {
        check(&database);
    }
}
