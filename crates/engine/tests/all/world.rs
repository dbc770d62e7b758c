//! Lanes whose commands enqueue a job each: the smallest noun there is.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use domain::ids::JobId;
use domain::time::Instant;
use engine::clock::Clock;
use engine::lanes::Shared;
use engine::{Batch, Decided, Decider, Engine, Fault, Lanes, Metrics, Outcome, Subject, Unit};
use prometheus::Registry;
use store::jobs::{self, NewJob};
use store::outbox::insert_commit;
use store::{Connection, StoreError};
use testkit::TestDatabase;
use uuid::Uuid;

pub const NOW: Instant = Instant(1_760_000_000_000);
pub const TOPIC: Subject = Subject(Uuid::from_u128(7));

pub struct Enqueues;

impl Decider for Enqueues {
    type Command = u128;
    type Reply = ();
    type Lack = ();

    fn prepare(&mut self, _: &mut Batch<'_>, _: &[&u128]) -> Result<(), StoreError> {
        Ok(())
    }

    fn decide(&mut self, batch: &mut Batch<'_>, commands: &[&u128]) -> Result<Decided<Self>, StoreError> {
        for job in commands {
            enqueue(batch.connection, **job)?;
        }
        insert_commit(batch.connection, batch.commit, batch.now)?;
        let outcomes = commands.iter().map(|_| Outcome::Decided(())).collect();
        Ok(Decided { outcomes, wrote: true })
    }

    fn put_off(_: &mut u128, (): ()) {}
}

pub fn enqueue(connection: &mut Connection, id: u128) -> Result<(), StoreError> {
    let id = JobId(Uuid::from_u128(id));
    let new = NewJob { id, kind: "nothing", payload: b"{}".to_vec(), run_at: NOW, attempts_max: 1 };
    jobs::enqueue(connection, &[new], NOW)
}

/// A use case's refusals.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("refused")]
    No,
    #[error(transparent)]
    Key(#[from] engine::idempotency::KeyRefusal),
    #[error(transparent)]
    Failed(#[from] Fault),
}

engine::refusals!(Refused);

pub struct House {
    pub lanes: Lanes<Enqueues>,
    pub engine: Engine,
    pub metrics: Arc<Metrics>,
}

impl House {
    pub fn open(database: &TestDatabase, lanes: usize) -> Self {
        let metrics = Arc::new(Metrics::new(&Registry::new()));
        let shared = Shared {
            database: database.database().clone(),
            clock: Clock::fixed(NOW),
            metrics: Arc::clone(&metrics),
            vault: database.vault(),
        };
        let lanes = if database.is_postgres() { lanes } else { 1 };
        let lanes = Lanes::start(&shared, lanes, |_| Ok(Enqueues)).unwrap();
        Self { engine: Engine::of(&lanes), lanes, metrics }
    }

    /// Keeps the topic's lane from its queue until what is returned is dropped.
    pub async fn busy(&self) -> (Sender<()>, impl Future<Output = Result<(), Fault>>) {
        let (release, released) = channel::<()>();
        let (taken, is_taken) = tokio::sync::oneshot::channel();
        let mut taken = Some(taken);
        let mut waiting = Box::pin(self.engine.save(TOPIC, move |_: &mut Unit<'_>| {
            taken.take().map(|taken| taken.send(()));
            let _ = released.recv();
            Ok(())
        }));
        tokio::select! {
            _ = &mut waiting => unreachable!("it waits"),
            taken = is_taken => taken.unwrap(),
        }
        (release, waiting)
    }
}

pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

/// The jobs that are there, by their numbers.
pub fn stored(database: &TestDatabase) -> Vec<u128> {
    let mut found: Vec<u128> = jobs::list(&mut database.reader(), None, None, 1_000)
        .unwrap()
        .into_iter()
        .map(|job| job.id.0.as_u128())
        .collect();
    found.sort_unstable();
    found
}
