//! Databases on the server that `HOLDFAST_TEST_POSTGRES` names. A template is migrated once; a test's database is a
//! copy of it.

use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;

use store::error::Result;
use store::migrations;
use store::seam::{Param, Role};
use store::{Connection, Database, StoreError};

use crate::skipped;

const VARIABLE: &str = "HOLDFAST_TEST_POSTGRES";
/// Tests of one run may be processes of their own; one of them makes the template.
const LOCK_SQL: &str = "select pg_advisory_lock(727470)";
/// Copying takes a while where many tests begin at once, and a connection waits for an answer only so long.
const ATTEMPTS_MAX: usize = 12;

#[derive(Debug, Clone)]
pub struct Server {
    /// A database one can connect to in order to create others.
    maintenance: String,
}

/// The server, or a line that says that the test is skipped.
pub fn server_or_skip() -> Option<Server> {
    match std::env::var(VARIABLE) {
        Ok(url) if !url.is_empty() => Some(Server { maintenance: url }),
        Ok(_) | Err(_) => {
            skipped("HOLDFAST_TEST_POSTGRES names no server; `cargo xtask test` starts one");
            None
        }
    }
}

/// A test's database. It is dropped with this, whoever is still connected.
#[derive(Debug)]
pub struct Own {
    server: Server,
    name: String,
    url: String,
}

impl Own {
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        // A server that a test took down with it keeps nothing anyway.
        let _ = self.server.run(&format!("drop database if exists {} with (force)", self.name));
    }
}

impl Server {
    /// A copy of the migrated template.
    pub fn migrated(&self) -> Own {
        static TEMPLATE: OnceLock<String> = OnceLock::new();
        let template = TEMPLATE
            .get_or_init(|| self.patiently(Self::template).expect("the server can make a migrated template"));
        self.copy_of(template)
    }

    /// A database without any table.
    pub fn empty(&self) -> Own {
        self.copy_of("template0")
    }

    fn copy_of(&self, template: &str) -> Own {
        let drawn = RandomState::new().hash_one(template);
        let name = format!("holdfast_test_{drawn:016x}");
        self.patiently(|server| server.create(&name, template)).expect("the server can copy a database");
        Own { server: self.clone(), url: self.url_of(&name), name }
    }

    fn create(&self, name: &str, template: &str) -> Result<()> {
        // An attempt that was not waited for to its end may have made it.
        self.run(&format!("drop database if exists {name} with (force)"))?;
        self.run(&format!("create database {name} template {template}"))
    }

    /// The name of the migrated template, which is made if there is none for these migrations yet.
    fn template(&self) -> Result<String> {
        let name = format!("holdfast_template_{:016x}", migrations::fingerprint());
        let mut connection = self.connect()?;
        connection.execute(LOCK_SQL, &[])?;
        let sql = "select 1 from pg_database where cast(datname as text) = $1";
        let known = connection.optional(sql, &[Param::Text(&name)], |_| Ok(()))?;
        if known.is_some() {
            return Ok(name);
        }
        let unfinished = format!("{name}_unfinished");
        self.create(&unfinished, "template0")?;
        let database = Database::Postgres(self.url_of(&unfinished));
        migrations::up(&mut Connection::open(&database, Role::Writer)?)?;
        connection.execute_script(&format!("alter database {unfinished} rename to {name}"))?;
        Ok(name)
    }

    /// Tries again while the server has no time.
    fn patiently<T>(&self, act: impl Fn(&Self) -> Result<T>) -> Result<T> {
        let mut outcome = act(self);
        for _ in 1..ATTEMPTS_MAX {
            match outcome {
                Err(StoreError::Unavailable(_)) => outcome = act(self),
                done => return done,
            }
        }
        outcome
    }

    fn run(&self, statement: &str) -> Result<()> {
        self.connect()?.execute_script(statement)
    }

    fn connect(&self) -> Result<Connection> {
        Connection::open(&Database::Postgres(self.maintenance.clone()), Role::Writer)
    }

    /// The maintenance URL with another database in it.
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
