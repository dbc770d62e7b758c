//! The outbox: events are written in the transaction of their change, and numbered without gaps by their writer.

use domain::event::{Event, EventKind};
use domain::ids::BookingId;
use domain::time::Instant;

use crate::error::{Result, StoreError};
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

pub(crate) fn insert(connection: &mut Connection, commit: CommitId, events: &[Event]) -> Result<()> {
    let mut rows = Rows::new(8, events.len());
    let mut before: Option<&Event> = None;
    for (position, event) in (0..).zip(events) {
        // The events of one change have the same payload, which is written once.
        let is_told = before.is_some_and(|before| is_same_change(before, event));
        before = Some(event);
        rows.push([
            Param::Int(commit.writer.0),
            Param::Int(commit.number),
            Param::Int(position),
            Param::Id(event.booking.0),
            Param::Int(event.sequence),
            event.kind.as_str().into(),
            Some(&event.payload).filter(|_| !is_told).into(),
            event.at.into(),
        ]);
    }
    connection.write_many(
        "insert into outbox (writer, number, position, booking_id, sequence, kind, payload, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        &rows,
    )
}

fn is_same_change(before: &Event, event: &Event) -> bool {
    (before.booking, before.sequence, &before.payload) == (event.booking, event.sequence, &event.payload)
}

/// All events of a writer after one of its commits, in order.
pub fn of_writer(
    connection: &mut Connection,
    writer: Writer,
    after: i64,
    count_max: i64,
) -> Result<Vec<Event>> {
    let mut payload = String::new();
    connection.all(
        "select booking_id, sequence, kind, payload, created_at from outbox \
         where writer = $1 and number > $2 order by number, position limit $3",
        &[Param::Int(writer.0), Param::Int(after), Param::Int(count_max)],
        |row| {
            let booking = BookingId(row.id(0)?);
            let kind = row.text(2)?;
            if let Some(own) = row.opt_text(3)? {
                payload = own;
            }
            Ok(Event {
                kind: EventKind::from_word(&kind)
                    .ok_or_else(|| StoreError::corrupt("outbox", "kind", booking))?,
                booking,
                sequence: row.int(1)?,
                payload: payload.clone(),
                at: Instant(row.int(4)?),
            })
        },
    )
}
