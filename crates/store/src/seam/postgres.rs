//! PostgreSQL: a connection with its own small runtime, so that a lane's thread can wait for it like for a file.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use domain::time::Instant;
use futures_util::{FutureExt, TryStreamExt, pin_mut};
use tokio::runtime::Runtime;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, NoTls, Statement};
use uuid::Uuid;

use super::Role;
use super::param::{Param, Rows};
use super::rewrite::{insert_from_arrays, query_from_arrays};
use super::row::Row;
use crate::error::{Result, StoreError};

/// How long to wait for a connection, in milliseconds.
const CONNECT_MS_MAX: u64 = 1_000;
/// How long to wait for an answer before the connection counts as lost, in milliseconds.
const ANSWER_MS_MAX: u64 = 5_000;

type Answer<T> = std::result::Result<T, tokio_postgres::Error>;
type Owned = Box<dyn ToSql + Sync + Send>;
type Sent = Pin<Box<dyn Future<Output = Answer<()>> + Send>>;

pub struct PostgresConnection {
    runtime: Runtime,
    client: Arc<Client>,
    statements: HashMap<&'static str, Statement>,
    over_arrays: HashMap<&'static str, Option<Statement>>,
    /// Statements that are on their way and were not waited for, in their order.
    sent: Vec<Sent>,
}

impl std::fmt::Debug for PostgresConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresConnection").field("closed", &self.is_closed()).finish_non_exhaustive()
    }
}

impl PostgresConnection {
    pub(super) fn open(url: &str, role: Role) -> Result<Self> {
        let config: tokio_postgres::Config = url.parse()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| StoreError::Unusable(error.to_string()))?;
        let connecting = runtime.block_on(async {
            tokio::time::timeout(Duration::from_millis(CONNECT_MS_MAX), config.connect(NoTls)).await
        });
        let (client, connection) = connecting
            .map_err(|_| StoreError::Unavailable("no connection within the time allowed".to_owned()))??;
        runtime.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "connection to PostgreSQL ended");
            }
        });
        let mut opened = Self {
            runtime,
            client: Arc::new(client),
            statements: HashMap::new(),
            over_arrays: HashMap::new(),
            sent: Vec::new(),
        };
        opened.set_up(role)?;
        Ok(opened)
    }

    /// Settings of the session; for a writer, full durability, read back.
    fn set_up(&mut self, role: Role) -> Result<()> {
        self.execute_script(
            "set plan_cache_mode = force_generic_plan; set statement_timeout = '5s'; set lock_timeout = '3s'; \
             set idle_in_transaction_session_timeout = '30s'; set timezone = 'UTC'",
        )?;
        if role == Role::Reader {
            return self.execute_script("set default_transaction_read_only = on");
        }
        self.execute_script("set synchronous_commit = on")?;
        for (setting, sql) in [
            ("synchronous_commit", "show synchronous_commit"),
            ("fsync", "show fsync"),
            ("full_page_writes", "show full_page_writes"),
        ] {
            let mut value = String::new();
            self.each(sql, &[], |row| {
                value = row.text(0)?;
                Ok(())
            })?;
            if value != "on" {
                return Err(StoreError::Unusable(format!(
                    "PostgreSQL cannot write durably: {setting} is {value}"
                )));
            }
        }
        Ok(())
    }

    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    pub(super) fn begin(&mut self) -> Result<Instant> {
        self.send_text("begin");
        let now = self.first_int("select cast(extract(epoch from clock_timestamp()) * 1000 as bigint)")?;
        Ok(Instant(now))
    }

    pub(super) fn begin_snapshot(&mut self) -> Result<()> {
        self.send_text("begin isolation level repeatable read read only");
        Ok(())
    }

    pub(super) fn commit(&mut self) -> Result<()> {
        // Sent behind the writes without waiting for them: if one of them is refused, this commits nothing.
        self.send_text("commit");
        match self.settle() {
            Err(StoreError::Unavailable(reason)) => Err(StoreError::CommitUnknown(reason)),
            other => other,
        }
    }

    pub(super) fn rollback(&mut self) {
        self.sent.clear();
        if !self.is_closed() {
            self.send_text("rollback");
            if let Err(error) = self.settle() {
                tracing::debug!(%error, "cannot roll back");
            }
        }
    }

    pub(super) fn execute(&mut self, sql: &'static str, params: &[Param<'_>]) -> Result<u64> {
        self.settle()?;
        let statement = self.statement(sql)?;
        let params = owned(params, statement.params())?;
        let client = Arc::clone(&self.client);
        self.wait(async move { client.execute_raw(&statement, params).await })
    }

    pub(super) fn execute_script(&mut self, script: &str) -> Result<()> {
        self.settle()?;
        let client = Arc::clone(&self.client);
        self.wait(async move { client.batch_execute(script).await })
    }

    pub(super) fn write_many(&mut self, sql: &'static str, rows: &Rows<'_>) -> Result<()> {
        if let Some(statement) = self.statement_over_arrays(sql)? {
            let columns = columns(rows, statement.params())?;
            self.send(statement, columns);
            return Ok(());
        }
        let statement = self.statement(sql)?;
        for row in rows.iter() {
            let params = owned(row, statement.params())?;
            self.send(statement.clone(), params);
        }
        Ok(())
    }

    pub(super) fn each(
        &mut self,
        sql: &'static str,
        params: &[Param<'_>],
        mut visit: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        self.settle()?;
        let statement = self.statement(sql)?;
        let params = owned(params, statement.params())?;
        self.visit(&statement, params, |row| visit(&Row::Postgres(row, 0)))
    }

    pub(super) fn all_many<T>(
        &mut self,
        sql: &'static str,
        keys: &Rows<'_>,
        mut map: impl FnMut(usize, &Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.settle()?;
        let Some(statement) = self.statement_over_arrays(sql)? else {
            return Err(StoreError::Statement(format!("cannot run over keys: {sql}")));
        };
        let columns = columns(keys, statement.params())?;
        let mut found = Vec::new();
        self.visit(&statement, columns, |row| {
            let ordinal: i64 = row.try_get(0)?;
            let index = usize::try_from(ordinal - 1).unwrap_or(0);
            found.push(map(index, &Row::Postgres(row, 1))?);
            Ok(())
        })?;
        Ok(found)
    }

    fn visit(
        &mut self,
        statement: &Statement,
        params: Vec<Owned>,
        mut visit: impl FnMut(&tokio_postgres::Row) -> Result<()>,
    ) -> Result<()> {
        let client = Arc::clone(&self.client);
        self.runtime.block_on(async move {
            let allowed = Duration::from_millis(ANSWER_MS_MAX);
            let rows = within(allowed, client.query_raw(statement, params)).await?;
            pin_mut!(rows);
            while let Some(row) = within(allowed, rows.try_next()).await? {
                visit(&row)?;
            }
            Ok(())
        })
    }

    fn first_int(&mut self, sql: &'static str) -> Result<i64> {
        let mut value = 0;
        // Not through `each`: the transaction's beginning need not be waited for before this is sent.
        let statement = self.statement(sql)?;
        self.visit(&statement, Vec::new(), |row| {
            value = row.try_get(0)?;
            Ok(())
        })?;
        self.settle()?;
        Ok(value)
    }

    fn statement(&mut self, sql: &'static str) -> Result<Statement> {
        if let Some(known) = self.statements.get(sql) {
            return Ok(known.clone());
        }
        let prepared = self.prepare(sql)?;
        self.statements.insert(sql, prepared.clone());
        Ok(prepared)
    }

    /// The statement in the form that takes arrays, where it has one.
    fn statement_over_arrays(&mut self, sql: &'static str) -> Result<Option<Statement>> {
        if let Some(known) = self.over_arrays.get(sql) {
            return Ok(known.clone());
        }
        let single = self.prepare(sql)?;
        let text = if sql.trim_start().starts_with("select") {
            Some(query_from_arrays(sql, single.params()))
        } else {
            insert_from_arrays(sql, single.params())
        };
        let prepared = text.map(|text| self.prepare(&text)).transpose()?;
        self.over_arrays.insert(sql, prepared.clone());
        Ok(prepared)
    }

    fn prepare(&mut self, sql: &str) -> Result<Statement> {
        let client = Arc::clone(&self.client);
        self.wait(async move { client.prepare(sql).await })
    }

    /// Sends a statement without waiting for its answer. The driver writes it out as soon as it is polled once.
    fn send(&mut self, statement: Statement, params: Vec<Owned>) {
        let client = Arc::clone(&self.client);
        self.enqueue(Box::pin(async move { client.execute_raw(&statement, params).await.map(|_| ()) }));
    }

    fn send_text(&mut self, sql: &'static str) {
        let client = Arc::clone(&self.client);
        self.enqueue(Box::pin(async move { client.batch_execute(sql).await }));
    }

    fn enqueue(&mut self, mut sending: Sent) {
        let sent = match (&mut sending).now_or_never() {
            Some(answer) => Box::pin(std::future::ready(answer)),
            None => sending,
        };
        self.sent.push(sent);
    }

    /// Waits for everything that was sent. The first refusal is the one that counts.
    fn settle(&mut self) -> Result<()> {
        let mut first = Ok(());
        for sent in std::mem::take(&mut self.sent) {
            let answer = self.wait(sent);
            if first.is_ok() {
                first = answer;
            }
        }
        first
    }

    fn wait<T>(&mut self, answer: impl Future<Output = Answer<T>>) -> Result<T> {
        self.runtime.block_on(within(Duration::from_millis(ANSWER_MS_MAX), answer))
    }
}

async fn within<T>(allowed: Duration, answer: impl Future<Output = Answer<T>>) -> Result<T> {
    match tokio::time::timeout(allowed, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(StoreError::Unavailable("no answer within the time allowed".to_owned())),
    }
}

fn owned(params: &[Param<'_>], types: &[Type]) -> Result<Vec<Owned>> {
    let one = |(param, of): (&Param<'_>, &Type)| column(std::iter::once(param), of, false);
    params.iter().zip(types).map(one).collect()
}

fn columns(rows: &Rows<'_>, types: &[Type]) -> Result<Vec<Owned>> {
    let of = |(index, of): (usize, &Type)| column(rows.column(index), of, true);
    types.iter().enumerate().map(of).collect()
}

/// The values of one column, as an array or, where there is only one, as itself.
fn column<'p>(params: impl Iterator<Item = &'p Param<'p>>, of: &Type, array: bool) -> Result<Owned> {
    match of.name().trim_start_matches('_') {
        "int8" => boxed(params, array, |param| match param {
            Param::Int(value) => Some(*value),
            _ => None,
        }),
        "text" => boxed(params, array, |param| match param {
            Param::Text(value) => Some((*value).to_owned()),
            _ => None,
        }),
        "uuid" => boxed(params, array, |param| match param {
            Param::Id(value) => Some::<Uuid>(*value),
            _ => None,
        }),
        "bytea" => boxed(params, array, |param| match param {
            Param::Bytes(value) => Some(value.to_vec()),
            _ => None,
        }),
        other => Err(StoreError::Statement(format!("parameters of type {other} are not part of the seam"))),
    }
}

fn boxed<'p, T: ToSql + Sync + Send + 'static>(
    params: impl Iterator<Item = &'p Param<'p>>,
    array: bool,
    value: impl Fn(&Param<'p>) -> Option<T>,
) -> Result<Owned> {
    let mut values = Vec::new();
    for param in params {
        let converted = value(param);
        if converted.is_none() && *param != Param::Null {
            return Err(StoreError::Statement(format!("{param:?} bound to a parameter of another type")));
        }
        values.push(converted);
    }
    if array { Ok(Box::new(values)) } else { Ok(Box::new(values.pop().flatten())) }
}
