//! Units of one subject are done in their order, and those that lock each other out are done again.

use std::sync::{Arc, Barrier, Mutex};

use domain::ids::PersonId;
use engine::Subject;
use store::vault::people::{keys, keys_to_write};
use testkit::{TestDatabase, on_both_databases};
use uuid::Uuid;

use super::world::{House, TOPIC, block_on};

const GRACE: PersonId = PersonId(Uuid::from_u128(0xa));
const ALAN: PersonId = PersonId(Uuid::from_u128(0xb));

on_both_databases! {
    fn units_of_one_subject_run_in_the_order_they_came(database: &TestDatabase) {
        let house = House::open(database, 4);
        let order = Arc::new(Mutex::new(Vec::new()));
        block_on(async {
            let mut all = Vec::new();
            for number in 0..100_u32 {
                let order = Arc::clone(&order);
                let mut sent = Box::pin(house.engine.save(TOPIC, move |_| {
                    order.lock().unwrap().push(number);
                    Ok(())
                }));
                // Polled once, so that it is in the queue before the next.
                tokio::select! {
                    biased;
                    _ = &mut sent => unreachable!("it waits for its commit"),
                    () = std::future::ready(()) => {}
                }
                all.push(sent);
            }
            for sent in all {
                sent.await.unwrap();
            }
        });
        assert_eq!(*order.lock().unwrap(), (0..100).collect::<Vec<_>>());
    }
}

/// Two subjects whose lanes differ.
fn apart(house: &House) -> [Subject; 2] {
    let mut subjects = (1..).map(|number| Subject(Uuid::from_u128(number)));
    let first = subjects.next().unwrap();
    let lane = house.lanes.lane_of(first.0);
    [first, subjects.find(|subject| house.lanes.lane_of(subject.0) != lane).unwrap()]
}

#[test]
fn two_units_that_deadlock_are_both_done() {
    let Some(database) = TestDatabase::postgres() else { return };
    let house = House::open(&database, 2);
    let [one, other] = apart(&house);
    let both = Arc::new(Barrier::new(2));
    block_on(async {
        let crossing = |subject, people: [PersonId; 2]| {
            let (both, mut is_first) = (Arc::clone(&both), true);
            house.engine.save(subject, move |unit| {
                for person in people {
                    keys_to_write(unit.connection, unit.vault, vec![person], &[], unit.now)?;
                    // Waits for what was sent.
                    store::catalogue::version(unit.connection)?;
                    if std::mem::take(&mut is_first) {
                        both.wait();
                    }
                }
                Ok(())
            })
        };
        let (first, second) = tokio::join!(crossing(one, [GRACE, ALAN]), crossing(other, [ALAN, GRACE]));
        first.unwrap();
        second.unwrap();
    });
    let made = keys(&mut database.reader(), &database.vault(), &[GRACE, ALAN]).unwrap();
    assert!(made.get(GRACE).is_some() && made.get(ALAN).is_some());
}
