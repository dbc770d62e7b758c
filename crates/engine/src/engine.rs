//! The engine's door for small writes.

use std::sync::Arc;

use store::StoreError;
use tokio::sync::oneshot;

use crate::idempotency::{Answer, Earlier, InFlight, KeyRefusal, KeyUse, Reply, Turn};
use crate::lanes::{Lanes, Sent, TakesUnits, Ticket, lane_of};
use crate::unit::{Subject, Unit, UnitError, Waiting};
use crate::{Decider, Fault};

/// Takes units of work for the lanes of this process.
pub struct Engine {
    lanes: Vec<Arc<dyn TakesUnits>>,
    in_flight: InFlight<()>,
}

impl Engine {
    pub fn of<D: Decider>(lanes: &Lanes<D>) -> Self {
        Self { lanes: lanes.unit_queues(), in_flight: InFlight::default() }
    }

    /// Runs `work` in a transaction, and returns when its outcome is on the disk.
    ///
    /// The closure may run more than once, when the batch it is in is done again: it changes nothing outside the
    /// transaction. What it returns as an error undoes what it wrote.
    pub async fn write<T, E>(
        &self,
        subject: Subject,
        work: impl FnMut(&mut Unit<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: UnitError,
    {
        let (sender, answered) = oneshot::channel();
        let ticket = Ticket::new();
        let lane = self.lanes.get(lane_of(subject.0, self.lanes.len())).ok_or(Fault::Overloaded)?;
        lane.push_unit(Box::new(Waiting::new(work, sender)), ticket.clone())?;
        Sent { answered, ticket }.outcome().await
    }

    /// As [`Self::write`], for work that refuses nothing.
    pub async fn save<T: Send + 'static>(
        &self,
        subject: Subject,
        mut work: impl FnMut(&mut Unit<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Fault> {
        self.write(subject, move |unit| work(unit).map_err(Fault::from)).await
    }

    /// As [`Self::write`], once for each idempotency key: the answer is recorded under the key in the same transaction,
    /// and a repetition gets it back without running `work`.
    pub async fn answer<E>(
        &self,
        subject: Subject,
        key: Option<KeyUse>,
        mut work: impl FnMut(&mut Unit<'_>) -> Result<Reply, E> + Send + 'static,
    ) -> Result<Answer, E>
    where
        E: UnitError + From<KeyRefusal>,
    {
        let Some(key) = key else {
            return self.write(subject, move |unit| Ok(work(unit)?.answer())).await;
        };
        let turn = match self.in_flight.enter(&key) {
            Turn::Lead(leader) => Some(leader),
            // The key's row knows what came of it, or nothing did and this request is the next to try.
            Turn::Join(mut led) => {
                let _ = led.wait_for(Option::is_some).await;
                None
            }
            Turn::Conflict => return Err(KeyRefusal::OtherRequest.into()),
        };
        let answered = self.write(subject, move |unit| match unit.earlier(&key)? {
            Some(Earlier::Answered(answer)) => Ok(answer),
            Some(Earlier::OtherRequest) => Err(KeyRefusal::OtherRequest.into()),
            Some(Earlier::Erased) => Err(KeyRefusal::Erased.into()),
            None => {
                let reply = work(unit)?;
                Ok(unit.record(&key, reply))
            }
        });
        let answered = answered.await;
        drop(turn);
        answered
    }
}
