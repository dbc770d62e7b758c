//! Verification that nothing was oversold or lost: all claims are recounted and compared with slots, bookings,
//! history, events and keys, and jobs are checked for consistency.

use std::collections::HashMap;

use domain::ids::PoolId;
use domain::slot::SlotKey;

use crate::error::Result;
use crate::seam::{Connection, Row};

/// A claim on more slots is not counted slot by slot, because no order can hold as many.
const CLAIM_SLOTS_MAX: i64 = 1_000_000;
/// Differences listed per kind; further ones are only counted.
const TOLD_MAX: usize = 20;

/// The result. `differences` is empty if everything is consistent.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub bookings: i64,
    pub lines: i64,
    pub claims: i64,
    pub history: i64,
    pub events: i64,
    pub keys: i64,
    pub jobs: i64,
    /// Units taken beyond capacity, in all slots.
    pub oversold: i64,
    pub differences: Vec<String>,
}

impl Report {
    pub fn is_ok(&self) -> bool {
        self.differences.is_empty()
    }

    /// Adds differences found elsewhere.
    pub fn found(&mut self, kind: &str, differences: Vec<String>) {
        self.tell(kind, differences);
    }

    fn tell(&mut self, kind: &str, found: Vec<String>) {
        let more = found.len().saturating_sub(TOLD_MAX);
        self.differences.extend(found.into_iter().take(TOLD_MAX).map(|text| format!("{kind}: {text}")));
        if more > 0 {
            self.differences.push(format!("{kind}: and {more} more"));
        }
    }
}

/// Runs all checks. If others are writing, the caller must begin a snapshot first.
pub fn verify(connection: &mut Connection) -> Result<Report> {
    connection.unhurried(look)
}

fn look(connection: &mut Connection) -> Result<Report> {
    let mut report = Report {
        bookings: count(connection, "select count(*) from bookings")?,
        lines: count(connection, "select count(*) from booking_lines")?,
        claims: count(connection, "select count(*) from claims")?,
        history: count(connection, "select count(*) from booking_history")?,
        events: count(connection, "select count(*) from outbox")?,
        keys: count(connection, "select count(*) from idempotency_keys")?,
        jobs: count(connection, "select count(*) from jobs")?,
        ..Report::default()
    };
    recount(connection, &mut report)?;
    for (kind, sql) in CHECKS {
        let found = connection.all(sql, &[], describe)?;
        report.tell(kind, found);
    }
    Ok(report)
}

/// Bookings in the database.
pub fn stored_bookings(connection: &mut Connection) -> Result<i64> {
    count(connection, "select count(*) from bookings")
}

/// Counts the held claims of every slot and compares.
fn recount(connection: &mut Connection, report: &mut Report) -> Result<()> {
    let mut taken: HashMap<SlotKey, i64> = HashMap::new();
    let mut miscounted = Vec::new();
    let sql = "select pool_id, slot_first, slot_last, units from claims where released_at is null";
    connection.each(sql, &[], |row| {
        let (pool, units) = (PoolId(row.id(0)?), row.int(3)?);
        let (first, last) = (row.int(1)?, row.int(2)?);
        if last.saturating_sub(first) >= CLAIM_SLOTS_MAX {
            miscounted.push(format!("slots {first} to {last} of {pool}: claim is too long"));
            return Ok(());
        }
        for slot in first..=last {
            let counted = taken.entry(SlotKey { pool, slot }).or_default();
            *counted = units.saturating_add(*counted);
        }
        Ok(())
    })?;
    let mut oversold = 0;
    connection.each("select pool_id, slot, capacity, taken from slots", &[], |row| {
        let key = SlotKey { pool: PoolId(row.id(0)?), slot: row.int(1)? };
        let (capacity, stored) = (row.int(2)?, row.int(3)?);
        let counted = taken.remove(&key).unwrap_or(0);
        oversold += counted.max(stored).saturating_sub(capacity).max(0);
        if counted != stored {
            miscounted.push(format!("slot {} of {}: {stored} taken, {counted} claimed", key.slot, key.pool));
        }
        Ok(())
    })?;
    let unknown = taken.into_iter().map(|(key, units)| {
        oversold += units;
        format!("slot {} of {}: no row, {units} claimed", key.slot, key.pool)
    });
    miscounted.extend(unknown);
    report.oversold = oversold;
    report.tell("slots that differ from their claims", miscounted);
    Ok(())
}

/// Each query finds inconsistent rows: an id, and what is wrong.
const CHECKS: &[(&str, &str)] = &[
    (
        "active bookings whose claims are released",
        "select b.id, b.status from bookings b where b.status in ('PENDING', 'CONFIRMED', 'CHECKED_IN') \
         and exists (select 1 from claims c where c.booking_id = b.id) \
         and not exists (select 1 from claims c where c.booking_id = b.id and c.released_at is null)",
    ),
    (
        "ended bookings that still hold claims",
        "select b.id, b.status from bookings b where b.status in ('CANCELLED', 'EXPIRED') and b.checked_in_at is null \
         and exists (select 1 from claims c where c.booking_id = b.id and c.released_at is null)",
    ),
    (
        "bookings without lines",
        "select b.id, b.status from bookings b \
         where not exists (select 1 from booking_lines l where l.booking_id = b.id)",
    ),
    (
        "bookings that differ from their history",
        "select b.id, b.status from bookings b left join booking_history h on h.booking_id = b.id \
         and h.version = b.version where h.to_status is null or h.to_status <> b.status",
    ),
    (
        "histories with gaps",
        "select h.booking_id, 'versions' from booking_history h group by h.booking_id \
         having count(*) <> max(h.version) or min(h.version) <> 1",
    ),
    (
        "history without a booking",
        "select h.booking_id, h.to_status from booking_history h \
         where h.version = 1 and not exists (select 1 from bookings b where b.id = h.booking_id)",
    ),
    (
        "changes without an event",
        "select h.booking_id, h.to_status from booking_history h left join \
         (select subject_id, sequence from outbox where subject_kind = 'booking' group by subject_id, sequence) o \
         on o.subject_id = h.booking_id and o.sequence = h.version where o.subject_id is null",
    ),
    (
        "events without a change",
        "select o.subject_id, o.kind from outbox o left join booking_history h \
         on h.booking_id = o.subject_id and h.version = o.sequence \
         where o.subject_kind = 'booking' and h.booking_id is null",
    ),
    (
        "events without a commit",
        "select o.subject_id, o.kind from outbox o left join commits c on c.writer = o.writer and c.number = o.number \
         where c.writer is null",
    ),
    (
        "claims without a line",
        "select c.booking_id, 'claim' from claims c left join booking_lines l on l.booking_id = c.booking_id \
         and l.line = c.line where l.booking_id is null and c.released_at is null",
    ),
    (
        "lines without a booking",
        "select l.booking_id, l.kind from booking_lines l \
         where not exists (select 1 from bookings b where b.id = l.booking_id)",
    ),
    (
        "lines of unknown offerings",
        "select l.booking_id, l.kind from booking_lines l left join offerings o on o.id = l.offering_id \
         where o.id is null",
    ),
    (
        "slots of unknown pools",
        "select s.pool_id, 'slot' from slots s left join pools p on p.id = s.pool_id where p.id is null",
    ),
    (
        "idempotency keys without an answer",
        "select k.caller, k.key from idempotency_keys k where length(k.answer_body) = 0",
    ),
    ("jobs over before they were made", "select j.id, j.kind from jobs j where j.finished_at < j.created_at"),
    (
        "jobs running or done without an attempt",
        "select j.id, j.kind from jobs j where j.attempts = 0 and j.state <> 'waiting'",
    ),
    (
        "open jobs without a payload",
        "select j.id, j.kind from jobs j where j.state <> 'done' and length(j.payload) = 0",
    ),
];

fn describe(row: &Row<'_>) -> Result<String> {
    Ok(format!("{} {}", row.id(0)?, row.text(1)?))
}

fn count(connection: &mut Connection, sql: &'static str) -> Result<i64> {
    Ok(connection.optional(sql, &[], |row| row.int(0))?.unwrap_or(0))
}
