//! The outbox: events written in the transaction that made them true, numbered without gaps by their writer.
//!
//! An event of any noun has the same envelope ([`NewEvent`]). Neither ids nor times tell the order of commits: whoever
//! follows the outbox keeps a cursor for each writer ([`cursors`], [`advance`]).

use domain::event::Event;
use domain::time::Instant;
use uuid::Uuid;

use crate::error::Result;
use crate::seam::{Connection, Param, Rows};

/// A writer: one lane of one process start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Writer(pub i64);

/// One committed batch of a writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CommitId {
    pub writer: Writer,
    pub number: i64,
}

/// Writes the batch's row. Violates the primary key if the batch was already committed.
pub fn insert_commit(connection: &mut Connection, commit: CommitId, now: Instant) -> Result<()> {
    let sql = "insert into commits (writer, number, created_at) values ($1, $2, $3)";
    let mut rows = Rows::new(3, 1);
    rows.push([Param::Int(commit.writer.0), Param::Int(commit.number), now.into()]);
    connection.write_many(sql, &rows)
}

/// An event to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent<'a> {
    /// What kind of thing it is about, as a word: `booking`.
    pub subject_kind: &'a str,
    pub subject: Uuid,
    /// The subject's version: events of one subject are told in this order.
    pub sequence: i64,
    /// What happened, as a word: `booking.created`.
    pub kind: &'a str,
    /// The version of the payload's form.
    pub version: i64,
    /// JSON: ids and numbers, nothing that says who somebody is.
    pub payload: &'a str,
    pub at: Instant,
}

impl<'a> From<&'a Event> for NewEvent<'a> {
    fn from(event: &'a Event) -> Self {
        Self {
            subject_kind: Event::SUBJECT_KIND,
            subject: event.booking.0,
            sequence: event.sequence,
            kind: event.kind.as_str(),
            version: Event::PAYLOAD_VERSION,
            payload: &event.payload,
            at: event.at,
        }
    }
}

/// Writes events of a commit, the first at `position` of it.
pub fn insert<'a>(
    connection: &mut Connection,
    (commit, position): (CommitId, i64),
    events: impl ExactSizeIterator<Item = NewEvent<'a>>,
) -> Result<()> {
    let mut rows = Rows::new(10, events.len());
    let mut before: Option<(Uuid, i64, &str)> = None;
    for (position, event) in (position..).zip(events) {
        // Two events of one change carry the same payload: it is written once.
        let change = (event.subject, event.sequence, event.payload);
        let is_told = before.replace(change) == Some(change);
        rows.push([
            Param::Int(commit.writer.0),
            Param::Int(commit.number),
            Param::Int(position),
            event.subject_kind.into(),
            Param::Id(event.subject),
            Param::Int(event.sequence),
            event.kind.into(),
            Param::Int(event.version),
            Some(event.payload).filter(|_| !is_told).into(),
            event.at.into(),
        ]);
    }
    connection.write_many(
        "insert into outbox (writer, number, position, subject_kind, subject_id, sequence, kind, version, payload, \
         created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &rows,
    )
}

/// An event as it was written, and in which commit of its writer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    pub number: i64,
    pub subject_kind: String,
    pub subject: Uuid,
    pub sequence: i64,
    pub kind: String,
    pub version: i64,
    pub payload: String,
    pub at: Instant,
}

/// The events of one writer after a commit of its, in their order: of whole commits, at least one if there is any, and
/// no further one once there are `count_max` events.
pub fn of_writer(
    connection: &mut Connection,
    writer: Writer,
    after: i64,
    count_max: i64,
) -> Result<Vec<StoredEvent>> {
    let last = connection.optional(
        "select max(number) from (select number from outbox where writer = $1 and number > $2 \
         order by number, position limit $3) found",
        &[Param::Int(writer.0), Param::Int(after), Param::Int(count_max)],
        |row| row.opt_int(0),
    )?;
    let mut payload = String::new();
    connection.all(
        "select number, subject_kind, subject_id, sequence, kind, version, payload, created_at from outbox \
         where writer = $1 and number > $2 and number <= $3 order by number, position",
        &[Param::Int(writer.0), Param::Int(after), Param::Int(last.flatten().unwrap_or(after))],
        |row| {
            if let Some(own) = row.opt_text(6)? {
                payload = own;
            }
            Ok(StoredEvent {
                number: row.int(0)?,
                subject_kind: row.text(1)?,
                subject: row.id(2)?,
                sequence: row.int(3)?,
                kind: row.text(4)?,
                version: row.int(5)?,
                payload: payload.clone(),
                at: Instant(row.int(7)?),
            })
        },
    )
}

/// How far the reader of this name has read each writer's commits. A writer that is missing was not read yet.
pub fn cursors(connection: &mut Connection, name: &str) -> Result<Vec<(Writer, i64)>> {
    connection.all(
        "select writer, number from outbox_cursors where name = $1 order by writer",
        &[name.into()],
        |row| Ok((Writer(row.int(0)?), row.int(1)?)),
    )
}

/// Notes that the reader has read the writer's commits up to this one. A cursor never moves back.
pub fn advance(connection: &mut Connection, name: &str, commit: CommitId) -> Result<()> {
    let params = [name.into(), Param::Int(commit.writer.0), Param::Int(commit.number)];
    connection.execute(
        "insert into outbox_cursors (name, writer, number) values ($1, $2, $3) \
         on conflict (name, writer) do update set number = excluded.number \
         where excluded.number > outbox_cursors.number",
        &params,
    )?;
    Ok(())
}
