//! One key, one act.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use engine::idempotency::{Answer, KeyRefusal, KeyScope, KeyUse, Reply};
use testkit::on_both_databases;
use uuid::Uuid;

use super::world::{House, Refused, TOPIC, block_on, enqueue, stored};

fn key(request: &[u8]) -> KeyUse {
    let scope = KeyScope { caller: Uuid::from_u128(1), operation: "noun.change", key: "one".to_owned() };
    KeyUse { scope, request_hash: request.to_vec() }
}

/// Enqueues the job of this number and answers with it; number 0 is refused.
async fn change(house: &House, key: KeyUse, job: u128, runs: &Arc<AtomicU32>) -> Result<Answer, Refused> {
    let runs = Arc::clone(runs);
    let work = move |unit: &mut engine::Unit<'_>| {
        runs.fetch_add(1, Ordering::SeqCst);
        enqueue(unit.connection, job)?;
        if job == 0 {
            return Err(Refused::No);
        }
        Ok(Reply { status: 201, body: job.to_string().into(), people: Vec::new() })
    };
    house.engine.answer(TOPIC, Some(key), work).await
}

on_both_databases! {
    fn a_repeated_key_gets_the_first_answer_back(database: &TestDatabase) {
        let (house, runs) = (House::open(database, 2), Arc::new(AtomicU32::new(0)));
        block_on(async {
            assert!(matches!(change(&house, key(b"a"), 0, &runs).await, Err(Refused::No)), "not recorded");
            let (first, twin) = tokio::join!(
                change(&house, key(b"a"), 1, &runs),
                change(&house, key(b"a"), 2, &runs)
            );
            let (first, twin) = (first.unwrap(), twin.unwrap());
            assert_eq!((first.body.as_ref(), first.replayed), (&b"1"[..], false));
            assert_eq!((twin.body.as_ref(), twin.status, twin.replayed), (&b"1"[..], 201, true));
            let other = change(&house, key(b"b"), 3, &runs).await;
            assert!(matches!(other, Err(Refused::Key(KeyRefusal::OtherRequest))));
        });
        assert_eq!(stored(database), [1]);
        assert_eq!(runs.load(Ordering::SeqCst), 2);
    }
}
