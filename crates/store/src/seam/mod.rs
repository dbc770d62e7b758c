//! The seam: one small synchronous interface over `rusqlite` and `tokio-postgres`.
//!
//! Statements bind `$1 … $n`. Parameters and results are 64-bit integers, text, bytes and UUIDs only. Two functions
//! execute a whole batch: [`Connection::write_many`] runs a statement once per row, and [`Connection::all_many`] a
//! query once per key. On SQLite they loop over a prepared statement. On PostgreSQL they become one statement over
//! arrays, so that a batch needs few round trips. `for update`, with or without `skip locked`, and `for share` are
//! removed on SQLite, where a write transaction has exclusive access.

mod arrays;
mod over_arrays;
mod param;
mod postgres;
mod rewrite;
mod row;
mod sqlite;
pub(crate) mod tls;
mod within;

pub use param::{Param, Rows};
pub use postgres::PostgresConnection;
pub use row::Row;
pub use sqlite::{SqliteConnection, WriterLock};

use domain::time::Instant;

use crate::Database;
use crate::error::Result;

#[derive(Debug)]
pub enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PostgresConnection),
}

/// The purpose of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Commits reach the disk before they are acknowledged. Opening fails if this is impossible.
    Writer,
    Reader,
}

impl Connection {
    pub fn open(database: &Database, role: Role) -> Result<Self> {
        match database {
            Database::Sqlite(path) => SqliteConnection::open(path, role).map(Self::Sqlite),
            Database::Postgres(url) => PostgresConnection::open(url, role).map(Self::Postgres),
        }
    }

    /// Begins a write transaction and returns the database's time.
    pub fn begin(&mut self) -> Result<Instant> {
        match self {
            Self::Sqlite(connection) => connection.begin(),
            Self::Postgres(connection) => connection.begin(),
        }
    }

    /// Begins a read-only transaction on one snapshot of the database.
    pub fn begin_snapshot(&mut self) -> Result<()> {
        match self {
            Self::Sqlite(connection) => connection.begin_snapshot(),
            Self::Postgres(connection) => {
                connection.begin_snapshot();
                Ok(())
            }
        }
    }

    /// Commits. An error other than [`crate::StoreError::CommitUnknown`] means that nothing was written.
    pub fn commit(&mut self) -> Result<()> {
        match self {
            Self::Sqlite(connection) => connection.commit(),
            Self::Postgres(connection) => connection.commit(),
        }
    }

    /// Rolls a transaction back. It cannot fail: if the connection cannot roll back, its next use fails.
    pub fn rollback(&mut self) {
        match self {
            Self::Sqlite(connection) => connection.rollback(),
            Self::Postgres(connection) => connection.rollback(),
        }
    }

    /// Opens a savepoint in the transaction. One at a time: it is released or rolled back to before the next.
    pub fn savepoint(&mut self) -> Result<()> {
        match self {
            Self::Sqlite(connection) => connection.run("savepoint unit"),
            Self::Postgres(connection) => {
                connection.savepoint();
                Ok(())
            }
        }
    }

    /// Keeps what was written since the savepoint, and waits for all that was sent: an error means that it must be
    /// rolled back to.
    pub fn release_savepoint(&mut self) -> Result<()> {
        match self {
            Self::Sqlite(connection) => connection.run("release unit"),
            Self::Postgres(connection) => connection.release_savepoint(),
        }
    }

    /// Undoes what was written since the savepoint, whatever went wrong there. An error means that the whole transaction
    /// is lost.
    pub fn rollback_to_savepoint(&mut self) -> Result<()> {
        match self {
            Self::Sqlite(connection) => connection.rollback_to_savepoint(),
            Self::Postgres(connection) => connection.rollback_to_savepoint(),
        }
    }

    /// Executes one statement and returns the number of changed rows.
    pub fn execute(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64> {
        match self {
            Self::Sqlite(connection) => connection.execute(sql, params),
            Self::Postgres(connection) => connection.execute(sql, params),
        }
    }

    /// Executes several statements without parameters, such as a migration.
    pub fn execute_script(&mut self, script: &str) -> Result<()> {
        match self {
            Self::Sqlite(connection) => connection.execute_script(script),
            Self::Postgres(connection) => connection.execute_script(script),
        }
    }

    /// Executes a statement once per row. On PostgreSQL it does not wait for the result: an error is returned by the
    /// next call that waits, at the latest by [`Self::commit`]. Two rows must not have the same key, because one
    /// statement writes all of them.
    pub fn write_many(&mut self, sql: &'static str, rows: &Rows<'_>) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        match self {
            Self::Sqlite(connection) => connection.write_many(sql, rows),
            Self::Postgres(connection) => connection.write_many(sql, rows),
        }
    }

    /// All rows of a query.
    pub fn all<T>(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        mut map: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        self.each(sql, params, |row| {
            found.push(map(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Visits the rows of a query one by one, without holding all of them in memory.
    pub fn each(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        visit: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        match self {
            Self::Sqlite(connection) => connection.each(sql, params, visit),
            Self::Postgres(connection) => connection.each(sql, params, visit),
        }
    }

    /// The first row of a query, if there is one.
    pub fn optional<T>(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        map: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        self.all(sql, params, map).map(|rows| rows.into_iter().next())
    }

    /// Executes a query once per key, in the order of the keys. `map` gets the key's position in `keys` and the row.
    pub fn all_many<T>(
        &mut self,
        sql: &'static str,
        keys: &Rows<'_>,
        map: impl FnMut(usize, &Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        match self {
            Self::Sqlite(connection) => connection.all_many(sql, keys, map),
            Self::Postgres(connection) => connection.all_many(sql, keys, map),
        }
    }

    /// Removes the statement timeout while `work` runs, for work on whole tables.
    pub fn unhurried<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if let Self::Postgres(connection) = self {
            connection.take_time()?;
        }
        let done = work(self);
        if let Self::Postgres(connection) = self {
            connection.hurry_again();
        }
        done
    }

    /// Prepares a statement and returns the texts that this database executes: for a single row and for many rows.
    pub fn forms(&mut self, sql: &'static str) -> Result<Vec<String>> {
        match self {
            Self::Sqlite(connection) => connection.forms(sql),
            Self::Postgres(connection) => connection.forms(sql),
        }
    }

    /// The text that differs between the two databases. `cargo xtask tidy` counts each use.
    pub fn dialect(&self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self {
            Self::Sqlite(_) => sqlite,
            Self::Postgres(_) => postgres,
        }
    }

    /// Whether other writers can lock rows. If so, rows that others will lock must be inserted and committed first.
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Whether the connection was lost and must be reopened. On PostgreSQL this is the case after every
    /// [`crate::StoreError::Unavailable`].
    pub fn is_broken(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            Self::Postgres(connection) => connection.is_broken(),
        }
    }
}
