//! PostgreSQL: a connection with its own small runtime, so that a lane's thread can use it synchronously.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use domain::time::Instant;
use futures_util::{FutureExt, TryStreamExt, pin_mut};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, Statement};

use super::Role;
use super::arrays::{Owned, columns, owned, shared};
use super::over_arrays::{Form, OverArrays};
use super::param::{Param, Rows};
use super::rewrite::Shared;
use super::row::Row;
use super::tls;
use super::within::{Answer, Failure, within};
use crate::error::{Result, StoreError};

/// Connection timeout, in milliseconds.
const CONNECT_MS_MAX: u64 = 1_000;
/// How long to wait for a response before the connection counts as lost, in milliseconds.
const ANSWER_MS_MAX: u64 = 5_000;
/// The same for work on whole tables.
const ANSWER_MS_MAX_UNHURRIED: u64 = 6 * 3_600_000;

/// Statements are planned once, for their future size: a table that was empty at planning time is still searched
/// through an index, and plans that look expensive do not start the JIT compiler.
const SESSION: &str = "set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set jit = off; \
    set statement_timeout = '5s'; set lock_timeout = '3s'; set idle_in_transaction_session_timeout = '30s'; \
    set timezone = 'UTC'";
/// For work on whole tables, and to reset.
const UNHURRIED: &str = "set statement_timeout = 0; set enable_seqscan = on";
const HURRIED: &str = "set statement_timeout = '5s'; set enable_seqscan = off";
/// Turns of the runtime after which a closed connection is noticed.
const LOOKS: usize = 3;

type Sent = Pin<Box<dyn Future<Output = Answer<()>> + Send>>;

pub struct PostgresConnection {
    runtime: Runtime,
    client: Arc<Client>,
    statements: HashMap<&'static str, Statement>,
    over_arrays: HashMap<&'static str, OverArrays>,
    /// The beginning of the transaction, if its response has not been awaited.
    opening: Option<Sent>,
    /// Statements that were sent and whose responses have not been awaited, in order.
    sent: Vec<Sent>,
    answer_ms_max: u64,
    /// A response was not received, so no further response can be interpreted.
    lost: bool,
    /// The server could not continue.
    broken: bool,
    /// A statement of this transaction failed, so it cannot be committed.
    refused: bool,
}

impl std::fmt::Debug for PostgresConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresConnection").field("lost", &self.lost).finish_non_exhaustive()
    }
}

impl PostgresConnection {
    pub(super) fn open(url: &str, role: Role) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| StoreError::Unusable(error.to_string()))?;
        let client = tls::connect(&runtime, url, Duration::from_millis(CONNECT_MS_MAX))?;
        let mut opened = Self {
            runtime,
            client: Arc::new(client),
            statements: HashMap::new(),
            over_arrays: HashMap::new(),
            opening: None,
            sent: Vec::new(),
            answer_ms_max: ANSWER_MS_MAX,
            lost: false,
            broken: false,
            refused: false,
        };
        opened.set_up(role)?;
        Ok(opened)
    }

    /// The session's settings. For a writer, full durability, which is verified.
    fn set_up(&mut self, role: Role) -> Result<()> {
        self.execute_script(SESSION)?;
        if role == Role::Reader {
            return self.execute_script("set default_transaction_read_only = on");
        }
        self.execute_script("set synchronous_commit = on")?;
        let settings = ["synchronous_commit", "fsync", "full_page_writes"];
        let sql = "select current_setting('synchronous_commit'), current_setting('fsync'), \
                   current_setting('full_page_writes')";
        self.each(sql, &[], |row| {
            for (column, setting) in settings.into_iter().enumerate() {
                let value = row.text(column)?;
                if value != "on" {
                    return Err(StoreError::Unusable(format!(
                        "PostgreSQL is not configured for durable writes: {setting} is {value}"
                    )));
                }
            }
            Ok(())
        })
    }

    /// Whether the connection is unusable. It checks the socket, so that a server which has gone away is noticed here
    /// and not by the next statement.
    pub(super) fn is_broken(&self) -> bool {
        let notice = async {
            for _ in 0..LOOKS {
                tokio::task::yield_now().await;
            }
        };
        if !self.broken {
            self.runtime.block_on(notice);
        }
        self.broken || self.client.is_closed()
    }

    pub(super) fn begin(&mut self) -> Result<Instant> {
        self.open_transaction("begin");
        self.first_int("select cast(floor(extract(epoch from clock_timestamp()) * 1000) as bigint)")
            .map(Instant)
    }

    /// Does not wait for a response, so it cannot fail; the first query does.
    pub(super) fn begin_snapshot(&mut self) {
        self.open_transaction("begin isolation level repeatable read read only");
    }

    /// Sent together with the first query, which also receives its response.
    fn open_transaction(&mut self, sql: &'static str) {
        self.refused = false;
        self.opening = Some(polled_once(self.sending(sql)));
    }

    pub(super) fn commit(&mut self) -> Result<()> {
        let refused_before = self.refused;
        // Sent after the writes without waiting for them: if one of them fails, this commits nothing.
        let commit = polled_once(self.sending("commit"));
        let written = self.settle();
        let committed = self.wait(commit);
        match (written, committed) {
            (Ok(()), Ok(())) if refused_before => {
                Err(StoreError::Statement("nothing was committed: an earlier statement failed".to_owned()))
            }
            (Ok(()), Err(StoreError::Unavailable(reason))) => Err(StoreError::CommitUnknown(reason)),
            // It is unknown whether the writes arrived and whether the commit succeeded.
            (Err(StoreError::Unavailable(reason)), _) if !self.refused => {
                Err(StoreError::CommitUnknown(reason))
            }
            (written, committed) => written.and(committed),
        }
    }

    pub(super) fn rollback(&mut self) {
        self.opening = None;
        self.sent.clear();
        if self.lost || self.client.is_closed() {
            return;
        }
        self.send_text("rollback");
        if let Err(error) = self.settle() {
            tracing::debug!(%error, "cannot roll back");
        }
    }

    /// Sent ahead of the next statement, like the beginning of a transaction.
    pub(super) fn savepoint(&mut self) {
        self.send_text("savepoint unit");
    }

    pub(super) fn release_savepoint(&mut self) -> Result<()> {
        self.send_text("release savepoint unit");
        self.settle()
    }

    pub(super) fn rollback_to_savepoint(&mut self) -> Result<()> {
        if let Err(error) = self.settle() {
            tracing::debug!(%error, "what was sent since the savepoint is undone");
        }
        self.execute_script("rollback to savepoint unit; release savepoint unit")?;
        // The server has answered, and everything it refused since the savepoint is gone.
        self.refused = false;
        self.broken = false;
        Ok(())
    }

    /// Removes the statement timeout.
    pub(super) fn take_time(&mut self) -> Result<()> {
        self.execute_script(UNHURRIED)?;
        self.answer_ms_max = ANSWER_MS_MAX_UNHURRIED;
        Ok(())
    }

    /// Reverts [`Self::take_time`]. In a failed transaction it has no effect, and the rollback does it.
    pub(super) fn hurry_again(&mut self) {
        self.answer_ms_max = ANSWER_MS_MAX;
        if self.lost {
            return;
        }
        if let Err(error) = self.execute_script(HURRIED) {
            tracing::debug!(%error, "cannot restore the statement timeout");
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
        let shared = if sql.starts_with("insert") { shared(rows) } else { Shared::NONE };
        if let Some(form) = self.statement_over_arrays(sql, shared)? {
            let columns = columns(rows, &form.types, form.shared)?;
            self.send(form.statement, columns);
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
        self.settle_sent()?;
        let statement = self.statement(sql)?;
        let params = owned(params, statement.params())?;
        let done = self.visit(&statement, params, |row| visit(&Row::Postgres(row, 0)));
        self.settle_opening().and(done)
    }

    pub(super) fn all_many<T>(
        &mut self,
        sql: &'static str,
        keys: &Rows<'_>,
        mut map: impl FnMut(usize, &Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.settle_sent()?;
        let Some(form) = self.statement_over_arrays(sql, Shared::NONE)? else {
            return Err(StoreError::Statement(format!("cannot expand keys in: {sql}")));
        };
        let columns = columns(keys, &form.types, form.shared)?;
        let (mut found, mut last) = (Vec::new(), 0);
        let done = self.visit(&form.statement, columns, |row| {
            let ordinal: i64 = row.try_get(0)?;
            let index = usize::try_from(ordinal - 1).unwrap_or(0);
            if index < last {
                return Err(StoreError::Statement(
                    "rows were returned in a different order than their keys".to_owned(),
                ));
            }
            last = index;
            found.push(map(index, &Row::Postgres(row, 1))?);
            Ok(())
        });
        self.settle_opening().and(done).map(|()| found)
    }

    fn visit(
        &mut self,
        statement: &Statement,
        params: Vec<Owned>,
        mut visit: impl FnMut(&tokio_postgres::Row) -> Result<()>,
    ) -> Result<()> {
        self.still_there()?;
        let client = Arc::clone(&self.client);
        let allowed = Duration::from_millis(self.answer_ms_max);
        let done = self.runtime.block_on(async move {
            let rows = within(allowed, client.query_raw(statement, params)).await?;
            pin_mut!(rows);
            while let Some(row) = within(allowed, rows.try_next()).await? {
                visit(&row).map_err(Failure::Ours)?;
            }
            Ok(())
        });
        done.map_err(|failure| self.note(failure))
    }

    fn first_int(&mut self, sql: &'static str) -> Result<i64> {
        let mut value = 0;
        self.each(sql, &[], |row| {
            value = row.int(0)?;
            Ok(())
        })?;
        Ok(value)
    }

    /// Prepares a statement in its forms and returns their texts.
    pub(super) fn forms(&mut self, sql: &'static str) -> Result<Vec<String>> {
        self.settle()?;
        let single = self.statement(sql)?;
        let mut texts = vec![sql.to_owned()];
        if single.params().is_empty() {
            return Ok(texts);
        }
        let shareable = if sql.starts_with("insert") { Shared::ALL_THAT_MAY } else { Shared::NONE };
        for shared in HashSet::from([Shared::NONE, shareable]) {
            if self.statement_over_arrays(sql, shared)?.is_some() {
                texts.extend(OverArrays::of(&single).text(sql, shared));
            }
        }
        Ok(texts)
    }

    fn statement(&mut self, sql: &'static str) -> Result<Statement> {
        if let Some(known) = self.statements.get(sql) {
            return Ok(known.clone());
        }
        let prepared = self.prepare(sql)?;
        self.statements.insert(sql, prepared.clone());
        Ok(prepared)
    }

    /// The statement in the form that takes arrays, if it has one.
    fn statement_over_arrays(&mut self, sql: &'static str, shared: Shared) -> Result<Option<Form>> {
        if !self.over_arrays.contains_key(sql) {
            let single = self.prepare(sql)?;
            self.over_arrays.insert(sql, OverArrays::of(&single));
        }
        let Some(forms) = self.over_arrays.get(sql) else { return Ok(None) };
        let shared = forms.affordable(shared);
        if let Some(form) = forms.form(shared) {
            return Ok(Some(form));
        }
        let Some(text) = forms.text(sql, shared) else { return Ok(None) };
        let statement = self.prepare(&text)?;
        let Some(forms) = self.over_arrays.get_mut(sql) else { return Ok(None) };
        forms.keep(shared, statement);
        Ok(forms.form(shared))
    }

    fn prepare(&mut self, sql: &str) -> Result<Statement> {
        let client = Arc::clone(&self.client);
        let prepared = self.wait(async move { client.prepare(sql).await });
        if prepared.is_err() {
            // An earlier statement may have aborted the transaction. Then its error is the relevant one.
            self.settle_sent()?;
        }
        prepared
    }

    /// Sends a statement without waiting for its response.
    fn send(&mut self, statement: Statement, params: Vec<Owned>) {
        let client = Arc::clone(&self.client);
        self.enqueue(Box::pin(async move { client.execute_raw(&statement, params).await.map(|_| ()) }));
    }

    fn send_text(&mut self, sql: &'static str) {
        let sending = self.sending(sql);
        self.enqueue(sending);
    }

    fn sending(&self, sql: &'static str) -> Sent {
        let client = Arc::clone(&self.client);
        Box::pin(async move { client.batch_execute(sql).await })
    }

    fn enqueue(&mut self, sending: Sent) {
        self.sent.push(polled_once(sending));
        // The server executes it while the next statement is prepared here.
        self.runtime.block_on(tokio::task::yield_now());
    }

    /// Waits for all sent statements. The first error is returned.
    fn settle(&mut self) -> Result<()> {
        let begun = self.settle_opening();
        begun.and(self.settle_sent())
    }

    fn settle_opening(&mut self) -> Result<()> {
        self.opening.take().map_or(Ok(()), |opening| self.wait(opening))
    }

    fn settle_sent(&mut self) -> Result<()> {
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
        self.still_there()?;
        let allowed = Duration::from_millis(self.answer_ms_max);
        self.runtime.block_on(within(allowed, answer)).map_err(|failure| self.note(failure))
    }

    /// If one response was lost, the next is not awaited.
    fn still_there(&self) -> Result<()> {
        if self.lost {
            return Err(StoreError::Unavailable("the connection was lost".to_owned()));
        }
        Ok(())
    }

    /// Records what a failure means for the connection.
    fn note(&mut self, failure: Failure) -> StoreError {
        let error = match failure {
            Failure::Ours(error) => return error,
            Failure::NoAnswer => {
                self.lost = true;
                StoreError::Unavailable("the statement timed out".to_owned())
            }
            Failure::Driver(error) => {
                let answered = error.as_db_error().is_some();
                self.refused |= answered;
                self.lost |= !answered;
                error.into()
            }
        };
        self.broken |= error.is_unavailable();
        error
    }
}

/// The driver accepts a statement when its future is first polled, and sends it when the runtime next runs.
fn polled_once(mut sending: Sent) -> Sent {
    match (&mut sending).now_or_never() {
        Some(answer) => Box::pin(std::future::ready(answer)),
        None => sending,
    }
}
