//! Sends acts to the lanes, in the exact order of the history or concurrently.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use app::App;
use app::lanes::{Request, Sent};
use domain::actor::Actor;
use domain::booking::{Notes, Person};
use domain::catalogue::{Catalogue, Selector};
use domain::command::{Command, NewBooking, NewOrder, SetStatus};
use domain::line::{Ask, LineRequest};
use domain::plan::{Plan, Planner, Rules};
use domain::status::Status;
use futures_util::future::try_join_all;

use super::acts::{Act, Deed};
use super::hotel::{Hotel, Room};
use super::tally::Tally;

/// Commands sent before their outcomes are known, if the order is kept; a quarter of a lane's queue.
const SENT_AHEAD_MAX: usize = 4_096;
const SOURCE: &str = "hotel-bookings";

pub struct Replay<'a> {
    app: &'a App,
    catalogue: Arc<Catalogue>,
    hotel: &'a Hotel,
    acts: &'a [Act<'a>],
}

impl<'a> Replay<'a> {
    pub fn new(app: &'a App, hotel: &'a Hotel, acts: &'a [Act<'a>]) -> Self {
        Self { app, catalogue: app.catalogue.snapshot(), hotel, acts }
    }

    /// One after the other. A lane decides in the order of arrival, so sending need not wait for outcomes.
    pub async fn in_order(&self) -> anyhow::Result<Tally> {
        let mut tally = Tally::new(self.acts.len());
        let mut under_way = VecDeque::with_capacity(SENT_AHEAD_MAX);
        for act in self.acts {
            if under_way.len() == SENT_AHEAD_MAX {
                settle(&mut tally, under_way.pop_front()).await?;
            }
            under_way.push_back((act, self.send(act)?));
        }
        while !under_way.is_empty() {
            settle(&mut tally, under_way.pop_front()).await?;
        }
        Ok(tally)
    }

    /// `workers` concurrent acts, started in the order of the history.
    pub async fn at_once(&self, workers: usize) -> anyhow::Result<Tally> {
        let tally = RefCell::new(Tally::new(self.acts.len()));
        let acts = RefCell::new(self.acts.iter());
        try_join_all((0..workers).map(|_| self.work(&acts, &tally))).await?;
        Ok(tally.into_inner())
    }

    async fn work(
        &self,
        acts: &RefCell<std::slice::Iter<'a, Act<'a>>>,
        tally: &RefCell<Tally>,
    ) -> anyhow::Result<()> {
        loop {
            let Some(act) = acts.borrow_mut().next() else { return Ok(()) };
            if act.deed == Deed::Cancel {
                // The booking was sent earlier, and waits only for the lane.
                act.stay.decided.wait().await;
            }
            let outcome = outcome(act, self.send(act)?).await?;
            tally.borrow_mut().count(act, outcome)?;
            if act.deed == Deed::Book {
                act.stay.decided.set(()).context("a stay was decided twice")?;
            }
        }
    }

    /// Puts an act into its lane's queue; `None` if the hotel has no such room.
    fn send(&self, act: &Act<'_>) -> anyhow::Result<Option<Sent>> {
        let Some(room) = self.hotel.room(&act.stay.row.room_type) else { return Ok(None) };
        let command = match act.deed {
            Deed::Book => self.book(act, room)?,
            Deed::Cancel => cancel(act),
        };
        let request = Request { command, viewer: None, key: None, at: Some(act.at), generated: Vec::new() };
        let sent = self.app.lanes.send(self.app.lanes.lane_of(room.pool.0), request);
        sent.map(Some).with_context(|| named(act))
    }

    fn book(&self, act: &Act<'_>, room: Room) -> anyhow::Result<Command> {
        let notes = Notes {
            source: Some(SOURCE.to_owned()),
            metadata: Some(format!("{{\"row\":{}}}", act.stay.row.number)),
            ..Notes::default()
        };
        let booking = NewBooking {
            id: Some(act.stay.booking),
            plan: self.plan(act, room)?,
            guest: None,
            person: Person::default(),
            notes,
            expected_total_minor: None,
        };
        Ok(Command::Create(NewOrder { bookings: vec![booking], grouped: false, by: Actor::System }))
    }

    fn plan(&self, act: &Act<'_>, room: Room) -> anyhow::Result<Plan> {
        let planner = Planner { catalogue: &self.catalogue, now: act.at, rules: Rules::Import };
        let row = act.stay.row;
        let ask = Ask::Stay {
            hotel: None,
            room_type: Selector::Id(room.offering.0),
            dates: row.stay,
            rooms: 1,
            guests: row.guests,
        };
        planner.plan("", &[LineRequest { base: String::new(), ask }]).map_err(|wrong| {
            let details: Vec<String> =
                wrong.into_iter().map(|error| format!("{} {}", error.pointer, error.detail)).collect();
            anyhow!("{}: {}", named(act), details.join(", "))
        })
    }
}

fn cancel(act: &Act<'_>) -> Command {
    Command::SetStatus(SetStatus {
        booking: act.stay.booking,
        to: Status::Cancelled,
        expected_version: None,
        by: Actor::System,
        reason: None,
    })
}

async fn settle(tally: &mut Tally, sent: Option<(&Act<'_>, Option<Sent>)>) -> anyhow::Result<()> {
    let Some((act, sent)) = sent else { return Ok(()) };
    tally.count(act, outcome(act, sent).await?)
}

/// The outcome of an act; `None` if it was not sent.
async fn outcome(act: &Act<'_>, sent: Option<Sent>) -> anyhow::Result<Option<app::lanes::Reply>> {
    match sent {
        Some(sent) => sent.patient_outcome().await.map(Some).with_context(|| named(act)),
        None => Ok(None),
    }
}

fn named(act: &Act<'_>) -> String {
    let did = match act.deed {
        Deed::Book => "book",
        Deed::Cancel => "cancel",
    };
    format!("cannot {did} row {}", act.stay.row.number)
}
