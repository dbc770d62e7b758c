//! SQLite: one writer, several readers, write-ahead log, every commit synced to disk.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use domain::time::Instant;
use rusqlite::config::DbConfig;
use rusqlite::{Connection as Raw, ErrorCode, OpenFlags, Statement};

use super::Role;
use super::param::{Param, Rows, count_checked, without_nul};
use super::rewrite::for_sqlite;
use super::row::Row;
use crate::clock::system_now;
use crate::error::{Result, StoreError};

/// How long a statement waits for a lock on the file, in milliseconds. A command may wait for the previous batch and
/// then for its own, which together stay below a second.
const BUSY_WAIT_MS_MAX: u64 = 400;
/// Page size of a new file, in bytes.
const PAGE_BYTES: i64 = 4_096;
/// Page cache of each connection, in KiB.
const CACHE_KIB_MAX: i64 = 32 * 1024;
const STATEMENTS_CACHED_MAX: usize = 128;
/// Length of the write-ahead log, in pages, at which a commit also checkpoints.
const CHECKPOINT_PAGES: i64 = 4_000;

#[derive(Debug)]
pub struct SqliteConnection {
    raw: Raw,
    texts: HashMap<&'static str, String>,
}

impl SqliteConnection {
    pub(super) fn open(path: &Path, role: Role) -> Result<Self> {
        let base = OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let flags = match role {
            Role::Writer => base | OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
            Role::Reader => base | OpenFlags::SQLITE_OPEN_READ_WRITE,
        };
        let raw = Raw::open_with_flags(path, flags)?;
        raw.busy_timeout(std::time::Duration::from_millis(BUSY_WAIT_MS_MAX))?;
        raw.set_prepared_statement_cache_capacity(STATEMENTS_CACHED_MAX);
        raw.pragma_update(None, "cache_size", -CACHE_KIB_MAX)?;
        raw.pragma_update(None, "foreign_keys", true)?;
        // Plans must not depend on bound values; otherwise some statements are prepared again for each use.
        raw.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        let connection = Self { raw, texts: HashMap::new() };
        match role {
            Role::Writer => connection.make_durable()?,
            Role::Reader => connection.raw.pragma_update(None, "query_only", true)?,
        }
        Ok(connection)
    }

    /// Enables full durability and verifies it.
    fn make_durable(&self) -> Result<()> {
        // Only a new file accepts this. Stays change slots all over the table, and a commit writes whole pages.
        self.raw.pragma_update(None, "page_size", PAGE_BYTES)?;
        self.raw.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        self.raw.pragma_update(None, "synchronous", "full")?;
        self.raw.pragma_update_and_check(None, "wal_autocheckpoint", CHECKPOINT_PAGES, |_| Ok(()))?;
        let mode: String = self.raw.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        let synchronous: i64 = self.raw.pragma_query_value(None, "synchronous", |row| row.get(0))?;
        if mode == "wal" && synchronous >= 2 {
            return Ok(());
        }
        Err(StoreError::Unusable(format!(
            "SQLite is not configured for durable writes: journal_mode {mode}, synchronous {synchronous}"
        )))
    }

    pub(super) fn begin(&mut self) -> Result<Instant> {
        self.raw.prepare_cached("begin immediate")?.raw_execute()?;
        Ok(system_now())
    }

    pub(super) fn begin_snapshot(&mut self) -> Result<()> {
        self.raw.prepare_cached("begin")?.raw_execute()?;
        Ok(())
    }

    pub(super) fn commit(&mut self) -> Result<()> {
        match self.raw.prepare_cached("commit")?.raw_execute() {
            Ok(_) => Ok(()),
            // The log was written, but perhaps not synced: after a crash the commit may or may not exist.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) => {
                Err(StoreError::CommitUnknown(error.to_string()))
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn rollback(&mut self) {
        if self.raw.is_autocommit() {
            return;
        }
        if let Err(error) = self.raw.execute_batch("rollback") {
            tracing::error!(%error, "cannot roll back");
        }
    }

    /// Runs one of the few statements that steer a transaction.
    pub(super) fn run(&mut self, sql: &'static str) -> Result<()> {
        self.raw.prepare_cached(sql)?.raw_execute()?;
        Ok(())
    }

    pub(super) fn rollback_to_savepoint(&mut self) -> Result<()> {
        if self.raw.is_autocommit() {
            return Err(StoreError::Unavailable("SQLite has ended the transaction".to_owned()));
        }
        self.run("rollback to unit")?;
        self.run("release unit")
    }

    pub(super) fn execute(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64> {
        let text = translated(&mut self.texts, sql);
        let mut statement = self.raw.prepare_cached(text)?;
        bind(&mut statement, params)?;
        Ok(statement.raw_execute()? as u64)
    }

    pub(super) fn execute_script(&mut self, script: &str) -> Result<()> {
        Ok(self.raw.execute_batch(script)?)
    }

    pub(super) fn write_many(&mut self, sql: &'static str, rows: &Rows<'_>) -> Result<()> {
        let text = translated(&mut self.texts, sql);
        let mut statement = self.raw.prepare_cached(text)?;
        for row in rows.iter() {
            bind(&mut statement, row)?;
            statement.raw_execute()?;
        }
        Ok(())
    }

    pub(super) fn each(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        mut visit: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let text = translated(&mut self.texts, sql);
        let mut statement = self.raw.prepare_cached(text)?;
        bind(&mut statement, params)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            visit(&Row::Sqlite(row))?;
        }
        Ok(())
    }

    pub(super) fn all_many<T>(
        &mut self,
        sql: &'static str,
        keys: &Rows<'_>,
        mut map: impl FnMut(usize, &Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let text = translated(&mut self.texts, sql);
        let mut statement = self.raw.prepare_cached(text)?;
        let mut found = Vec::new();
        for (index, key) in keys.iter().enumerate() {
            bind(&mut statement, key)?;
            let mut rows = statement.raw_query();
            while let Some(row) = rows.next()? {
                found.push(map(index, &Row::Sqlite(row))?);
            }
        }
        Ok(found)
    }

    /// Prepares a statement and returns the executed text.
    pub(super) fn forms(&mut self, sql: &'static str) -> Result<Vec<String>> {
        let text = translated(&mut self.texts, sql);
        self.raw.prepare_cached(text)?;
        Ok(vec![text.to_owned()])
    }

    /// The driver's connection, for tests of the file itself.
    pub fn raw(&self) -> &Raw {
        &self.raw
    }
}

fn translated<'t>(texts: &'t mut HashMap<&'static str, String>, sql: &'static str) -> &'t str {
    texts.entry(sql).or_insert_with(|| for_sqlite(sql))
}

fn bind(statement: &mut Statement<'_>, params: &[Param<'_>]) -> Result<()> {
    count_checked(params.len(), statement.parameter_count())?;
    for (index, param) in (1..).zip(params) {
        match param {
            Param::Null => statement.raw_bind_parameter(index, rusqlite::types::Null)?,
            Param::Int(value) => statement.raw_bind_parameter(index, value)?,
            Param::Text(value) => statement.raw_bind_parameter(index, without_nul(value)?)?,
            Param::Bytes(value) => statement.raw_bind_parameter(index, value)?,
            Param::Id(value) => statement.raw_bind_parameter(index, value.as_bytes().as_slice())?,
        }
    }
    Ok(())
}

/// The lock that permits writing a SQLite file. One process can have it, and the operating system releases it when
/// the process ends.
#[derive(Debug)]
pub struct WriterLock {
    _file: File,
}

impl WriterLock {
    pub fn acquire(path: &Path) -> Result<Self> {
        let mut lock_path = PathBuf::from(path).into_os_string();
        lock_path.push(".lock");
        let unusable = |error: &dyn std::fmt::Display| {
            StoreError::Unusable(format!("cannot lock {}: {error}", lock_path.to_string_lossy()))
        };
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(|e| unusable(&e))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(std::fs::TryLockError::WouldBlock) => {
                Err(StoreError::Unusable(format!("another process is using {}", path.display())))
            }
            Err(std::fs::TryLockError::Error(error)) => Err(unusable(&error)),
        }
    }
}
