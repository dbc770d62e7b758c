//! Databases on the server in `HOLDFAST_TEST_POSTGRES`. Dropping a database makes the server write everything to
//! disk, which takes longer than most tests. A process therefore leaves its databases to later processes, which empty
//! them first.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use store::error::Result;
use store::migrations;
use store::seam::{Param, Role};
use store::{Connection, Database, StoreError};

use crate::{STATE_WAIT_MAX, unavailable};

const VARIABLE: &str = "HOLDFAST_TEST_POSTGRES";
/// The prefix of test databases. It is followed by the number whose advisory lock shows that a process uses it.
const PREFIX: &str = "holdfast_test_";
const EMPTY: &str = "drop schema if exists public cascade; create schema public";

#[derive(Debug, Clone)]
pub struct Server {
    /// A database to connect to in order to create others.
    maintenance: String,
}

/// The server, or a line that says that the test is skipped.
pub fn server_or_skip() -> Option<Server> {
    match std::env::var(VARIABLE) {
        Ok(url) if !url.is_empty() => Some(Server { maintenance: url }),
        Ok(_) | Err(_) => {
            unavailable("HOLDFAST_TEST_POSTGRES names no server; `cargo xtask test` starts one");
            None
        }
    }
}

impl Server {
    /// The URL of a migrated database that only this process uses.
    pub fn migrated(&self) -> String {
        self.elsewhere(|server| {
            let url = server.claim();
            patiently(|| migrations::up(&mut connect(&url)?).map(drop));
            url
        })
    }

    /// The same without any table.
    pub fn empty(&self) -> String {
        self.elsewhere(Self::claim)
    }

    /// On a separate thread, because connections block, and the test may be asynchronous.
    fn elsewhere(&self, make: fn(&Self) -> String) -> String {
        std::thread::scope(|scope| scope.spawn(|| make(self)).join())
            .expect("the server that HOLDFAST_TEST_POSTGRES names makes databases")
    }

    fn claim(&self) -> String {
        let (name, is_new) = patiently(|| self.claim_name());
        let url = self.url_of(&name);
        if !is_new {
            patiently(|| {
                let mut connection = connect(&url)?;
                end_other_sessions(&mut connection)?;
                connection.execute_script(&format!("alter database {name} reset all; {EMPTY}"))
            });
        }
        url
    }

    /// The name of a database that another process has left, or of a new one.
    fn claim_name(&self) -> Result<(String, bool)> {
        /// The session that holds this process's locks. It is never closed, because threads of a finished test may
        /// still be running.
        static CLAIMS: Mutex<Option<Connection>> = Mutex::new(None);
        let mut claims = CLAIMS.lock().unwrap_or_else(PoisonError::into_inner);
        let mut session = match claims.take().filter(|session| !session.is_broken()) {
            Some(session) => session,
            None => connect(&self.maintenance)?,
        };
        let claimed = left_behind(&mut session).and_then(|left| match left {
            Some(name) => Ok((name, false)),
            None => create(&mut session).map(|name| (name, true)),
        });
        *claims = Some(session);
        claimed
    }

    /// The maintenance URL with a different database.
    fn url_of(&self, name: &str) -> String {
        let (address, options) = match self.maintenance.split_once('?') {
            Some((address, options)) => (address, format!("?{options}")),
            None => (self.maintenance.as_str(), String::new()),
        };
        let authority = address.find("://").map_or(0, |scheme| scheme + 3);
        let path = address.get(authority..).and_then(|rest| rest.find('/')).map(|slash| authority + slash);
        let server = path.and_then(|path| address.get(..path)).unwrap_or(address);
        format!("{server}/{name}{options}")
    }
}

fn connect(url: &str) -> Result<Connection> {
    Connection::open(&Database::Postgres(url.to_owned()), Role::Writer)
}

/// Tries again while the server has no time: it may have much to do where many tests begin at once, and a connection
/// waits for an answer only so long.
fn patiently<T>(act: impl Fn() -> Result<T>) -> T {
    let began = Instant::now();
    loop {
        match act() {
            Err(StoreError::Unavailable(_)) if began.elapsed() < STATE_WAIT_MAX => {}
            outcome => return outcome.expect("the server makes databases"),
        }
    }
}

/// Claims a database that no process uses. A session that already has a lock gets it again, so names that this
/// session has claimed are skipped.
fn left_behind(session: &mut Connection) -> Result<Option<String>> {
    let sql = "select cast(d.datname as text) from pg_database d where strpos(d.datname, $1) = 1 \
               and cast(d.datname as text) not in (select $1 || lpad(to_hex((cast(l.classid as bigint) << 32) | \
               cast(l.objid as bigint)), 16, '0') from pg_locks l where l.locktype = 'advisory') order by 1";
    for name in session.all(sql, &[Param::Text(PREFIX)], |row| row.text(0))? {
        let number = name.strip_prefix(PREFIX).and_then(|hex| u64::from_str_radix(hex, 16).ok());
        if let Some(number) = number
            && lock(session, number)?
        {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

fn create(session: &mut Connection) -> Result<String> {
    let number = RandomState::new().hash_one(PREFIX);
    let name = format!("{PREFIX}{number:016x}");
    lock(session, number)?;
    session.execute_script(&format!("create database {name} template template0"))?;
    Ok(name)
}

fn lock(session: &mut Connection, number: u64) -> Result<bool> {
    let sql = "select cast(cast(pg_try_advisory_lock($1) as int) as bigint)";
    let locked = session.optional(sql, &[Param::Int(number.cast_signed())], |row| row.int(0))?;
    Ok(locked == Some(1))
}

/// Terminates remaining sessions of earlier processes, and waits until they are gone.
fn end_other_sessions(connection: &mut Connection) -> Result<()> {
    let sql = "select cast(cast(pg_terminate_backend(pid, 4000) as int) as bigint) from pg_stat_activity \
               where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'";
    connection.all(sql, &[], |row| row.int(0)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_databases_name_changes_in_the_url() {
        for (given, expected) in [
            ("postgres://user@host:5433/postgres", "postgres://user@host:5433/own"),
            ("postgres://user:word@host/db?sslmode=disable", "postgres://user:word@host/own?sslmode=disable"),
            ("postgres://host", "postgres://host/own"),
        ] {
            let server = Server { maintenance: given.to_owned() };
            assert_eq!(server.url_of("own"), expected);
        }
    }
}
