//! Sends a command to a lane, once per idempotency key.

use domain::authorise::Denied;
use domain::command::Command;
use domain::ids::PoolId;
use domain::plan::Need;
use domain::refusal::Refusal;

use super::BookingRefusal;
use crate::App;
use crate::event_cache::Stale;
use crate::idempotency::{self, KeyUse, Turn};
use crate::lanes::{Answer, Fault, Reply, Request, reply};

/// Submits the command and returns the response. A request with the same key as one being decided waits for it.
pub(super) async fn submit(app: &App, lane: usize, request: Request) -> Result<Answer, BookingRefusal> {
    let Some(key) = request.key.clone() else {
        return answer(app, decided(app, lane, request).await);
    };
    let mut joined = match app.in_flight.enter(&key) {
        Turn::Lead(leader) => {
            let outcome = decided(app, lane, request).await;
            leader.finish(&outcome);
            return answer(app, outcome);
        }
        Turn::Join(joined) => joined,
        Turn::Conflict => return answer(app, Ok(Reply::Refused(Refusal::KeyReused))),
    };
    let outcome = match joined.wait_for(Option::is_some).await {
        Ok(outcome) => outcome.clone(),
        Err(_) => None,
    };
    match outcome {
        Some(Ok(Reply::Done { done, answer: Some(told) })) => {
            app.metrics.engine.answers_replayed.inc();
            answer(app, Ok(Reply::Done { done, answer: Some(Answer { replayed: true, ..told }) }))
        }
        Some(outcome) => answer(app, outcome),
        // The leading request was dropped: the stored key shows whether anything was done.
        None => answer(app, decided(app, lane, request).await),
    }
}

/// Has a lane decide the command. What is cached of the events it changes is forgotten before anyone is answered.
async fn decided(app: &App, lane: usize, request: Request) -> Result<Reply, Fault> {
    let stale = Stale::after(app, &request.command);
    let outcome = app.lanes.submit(lane, request).await;
    match &outcome {
        Ok(Reply::Done { .. }) => stale.forget().await,
        Ok(Reply::Refused(_)) => stale.unchanged(),
        // It may have been done, now or later.
        Err(_) => {}
    }
    outcome
}

fn answer(app: &App, outcome: Result<Reply, Fault>) -> Result<Answer, BookingRefusal> {
    match outcome? {
        Reply::Done { answer: Some(answer), .. } => Ok(answer),
        Reply::Done { answer: None, .. } => {
            Err(Fault::Internal("a command completed without a result".to_owned()).into())
        }
        Reply::Refused(refusal) => {
            app.metrics.refusals.with_label_values(&[reason(&refusal)]).inc();
            Err(match refusal {
                Refusal::NotFound => Denied::NotFound("booking").into(),
                other => BookingRefusal::Refused(other),
            })
        }
    }
}

fn reason(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::NotFound => "not_found",
        Refusal::VersionConflict { .. } => "version_conflict",
        Refusal::TransitionRefused { .. } => "transition_refused",
        Refusal::NotChangeable(_) => "not_changeable",
        Refusal::HoldEnded => "hold_ended",
        Refusal::Unavailable(_) => "unavailable",
        Refusal::NotOnSale { .. } => "not_on_sale",
        Refusal::PriceChanged { .. } => "price_changed",
        Refusal::KeyReused => "key_reused",
    }
}

/// A request that is refused before it reaches a lane may repeat one that was not refused. If its key has a recorded
/// answer, that answer is returned; otherwise the refusal stands.
pub async fn resume(
    app: &App,
    key: Option<&KeyUse>,
    refusal: BookingRefusal,
) -> Result<Answer, BookingRefusal> {
    let Some(key) = key.cloned() else { return Err(refusal) };
    let scope = key.scope.clone();
    let vault = app.vault.clone();
    let found = app.readers.ask(move |connection| store::keys::find(connection, &vault, &[&scope])).await;
    let earlier = found.map_err(Fault::from)?.pop().map(|(_, answer)| answer);
    match earlier {
        Some(earlier) if earlier.expires_at > app.clock.now() => {
            answer(app, Ok(reply(idempotency::earlier(&earlier, &key))))
        }
        Some(_) | None => Err(refusal),
    }
}

/// The lane of the first pool that a command can claim units of; any lane for a command that only takes units.
pub(super) fn lane_of(app: &App, command: &Command) -> usize {
    let pool = command.plans().flat_map(domain::plan::Plan::needs).next().map(|need| match need {
        Need::Range { pool, .. } | Need::BestSeats { pool, .. } => *pool,
    });
    match pool {
        Some(pool) if command.only_takes() => app.lanes.idlest(pool.0),
        pool => lane_of_pool(app, pool),
    }
}

pub(super) fn lane_of_pool(app: &App, pool: Option<PoolId>) -> usize {
    pool.map_or(0, |pool| app.lanes.lane_of(pool.0))
}
