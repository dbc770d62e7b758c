//! A minimal lane for booking in these tests.

use domain::actor::Actor;
use domain::booking::Booking;
use domain::catalogue::Catalogue;
use domain::command::{Command, SetStatus};
use domain::decide::{Context, Done, NotDone, decide};
use domain::ids::BookingId;
use domain::limits::CLOCK_SKEW_MS_MAX;
use domain::plan::Plan;
use domain::reference::ReferenceKey;
use domain::slot::SlotKey;
use domain::status::Status;
use domain::time::Instant;
use domain::working_set::{Missing, WorkingSet};
use store::changes::{self, Batch, Claiming, Needs};
use store::error::Result;
use store::keys::Answers;
use store::outbox::{CommitId, Writer};
use store::seam::Connection;
use store::segments::Segments;
use store::{Vault, slots};
use testkit::{SeededChance, TestDatabase};

use super::sample;

pub const REFERENCE_KEY: ReferenceKey = ReferenceKey([1, 2]);

pub struct Desk {
    pub connection: Connection,
    pub vault: Vault,
    pub now: Instant,
    pub claiming: Claiming,
    catalogue: Catalogue,
    chance: SeededChance,
    segments: Segments,
    last: CommitId,
    /// The bookings of the last transaction, as they were decided.
    pub decided: Vec<Booking>,
}

impl Desk {
    /// Opens with the sample catalogue, stored.
    pub fn open(database: &TestDatabase) -> Self {
        let mut desk = Self::open_unstocked(database, 1);
        stock(&mut desk.connection);
        desk
    }

    /// Opens where another desk has stored the catalogue.
    pub fn open_unstocked(database: &TestDatabase, writer: i64) -> Self {
        let mut connection = database.writer();
        let segments = Segments::open(&mut connection).unwrap();
        Self {
            connection,
            vault: database.vault(),
            segments,
            now: sample::NOW,
            catalogue: sample::catalogue(),
            chance: SeededChance::new(writer.cast_unsigned()),
            last: CommitId { writer: Writer(writer), number: 0 },
            claiming: Claiming::Locked,
            decided: Vec::new(),
        }
    }

    /// Does one command in one transaction.
    pub fn submit(&mut self, command: &Command) -> std::result::Result<Done, NotDone> {
        self.submit_with(command, &Answers::default()).unwrap()
    }

    pub fn submit_with(
        &mut self,
        command: &Command,
        answers: &Answers,
    ) -> Result<std::result::Result<Done, NotDone>> {
        let mut holds_on = Vec::new();
        loop {
            self.connection.begin()?;
            match self.attempt(command, answers, &holds_on) {
                Ok(Err(NotDone::Deferred(Missing::HoldsOn(slot)))) => {
                    self.connection.rollback();
                    holds_on.push(slot);
                }
                Ok(done) => {
                    self.connection.commit()?;
                    return Ok(done);
                }
                Err(error) => {
                    self.connection.rollback();
                    return Err(error);
                }
            }
        }
    }

    pub fn must(&mut self, command: &Command) -> Done {
        self.submit(command).unwrap_or_else(|reason| panic!("not done: {reason:?}"))
    }

    pub fn set_status(&mut self, booking: BookingId, to: Status) {
        let reason = Some("because".to_owned());
        let change = SetStatus { booking, to, expected_version: None, by: Actor::System, reason };
        self.must(&Command::SetStatus(change));
    }

    pub fn booking(&mut self, id: BookingId) -> Booking {
        store::bookings::by_id(&mut self.connection, &self.vault, id).unwrap().expect("the booking is stored")
    }

    pub fn taken(&mut self, key: SlotKey) -> i64 {
        let found = slots::in_range(&mut self.connection, key.pool, key.slot, key.slot).unwrap();
        found.first().map_or(0, |(_, slot)| slot.taken)
    }

    pub fn next_commit(&mut self) -> CommitId {
        self.last.number += 1;
        self.last
    }

    pub fn attempt(
        &mut self,
        command: &Command,
        answers: &Answers,
        holds_on: &[SlotKey],
    ) -> Result<std::result::Result<Done, NotDone>> {
        let mut set = self.load(command, holds_on)?;
        let mut context = Context {
            catalogue: &self.catalogue,
            reference_key: REFERENCE_KEY,
            now: self.now,
            chance: &mut self.chance,
        };
        let done = decide(&mut set, &mut context, command);
        if matches!(done, Err(NotDone::Deferred(_))) {
            return Ok(done);
        }
        self.decided = set.bookings().cloned().collect();
        let commit = self.next_commit();
        let batch = Batch {
            commit,
            events_before: 0,
            claiming: self.claiming,
            now: self.now,
            vault: &self.vault,
            generated: &[],
        };
        changes::save(&mut self.connection, batch, &mut self.segments, &set, answers)?;
        Ok(done)
    }

    fn load(&mut self, command: &Command, holds_on: &[SlotKey]) -> Result<WorkingSet> {
        loop {
            let mut needs =
                Needs { holds_on: holds_on.to_vec(), claiming: self.claiming, ..Needs::default() };
            needs.slots.extend(command.plans().flat_map(Plan::needs).flat_map(domain::plan::Need::slots));
            needs.bookings.extend(command.booking());
            let searches = changes::find(&mut self.connection, &mut needs, self.now - CLOCK_SKEW_MS_MAX)?;
            let (set, missing) = changes::load(&mut self.connection, &self.vault, &needs, searches)?;
            if missing.is_empty() {
                return Ok(set);
            }
            self.make(&missing)?;
        }
    }

    fn make(&mut self, missing: &[SlotKey]) -> Result<()> {
        if !self.connection.is_shared() {
            return slots::make(&mut self.connection, missing);
        }
        // As lanes do: rows that others will lock are committed before anything is locked here.
        self.connection.rollback();
        self.connection.begin()?;
        slots::make(&mut self.connection, missing)?;
        self.connection.commit()?;
        self.connection.begin().map(drop)
    }
}

/// Stores the sample catalogue.
pub fn stock(connection: &mut Connection) {
    connection.begin().unwrap();
    let version = store::catalogue::raise_version(connection).unwrap();
    store::catalogue::insert_venues(connection, &[sample::venue()], sample::NOW).unwrap();
    store::catalogue::insert_pools(connection, &sample::pools(), sample::NOW).unwrap();
    store::catalogue::insert_offerings(connection, &sample::offerings(), sample::NOW).unwrap();
    store::catalogue::mark_changed(connection, &[sample::VENUE], version).unwrap();
    connection.commit().unwrap();
}
