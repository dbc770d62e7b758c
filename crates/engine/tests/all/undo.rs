//! What a unit does wrong undoes only itself.

use engine::UnitEvent;
use store::audit::{AuditWriter, Entry};
use store::{StoreError, audit};
use testkit::{TestDatabase, on_both_databases};
use uuid::Uuid;

use super::world::{House, Refused, TOPIC, block_on, enqueue, stored};

fn entry(act: &'static str) -> Entry {
    Entry { act, actor: "system".to_owned(), target: None, business: None, person: None, private: None }
}

fn event(subject: u128) -> UnitEvent {
    let subject = Uuid::from_u128(subject);
    let (kind, payload) = ("noun.changed", "{}".to_owned());
    UnitEvent { subject_kind: "noun", subject, sequence: 1, kind, version: 1, payload }
}

fn acts(database: &TestDatabase) -> Vec<String> {
    let listed = audit::list(&mut database.reader(), &database.vault(), None, None, 100).unwrap();
    listed.into_iter().map(|entry| entry.act).collect()
}

on_both_databases! {
    fn a_refusal_an_error_and_a_panic_in_a_shared_batch_undo_only_themselves(database: &TestDatabase) {
        let house = House::open(database, 1);
        block_on(async {
            let (release, busy) = house.busy().await;
            let done = house.engine.write(TOPIC, |unit| {
                enqueue(unit.connection, 1)?;
                unit.audit(entry("done"));
                unit.event(event(1));
                Ok::<_, Refused>(())
            });
            let refused = house.engine.write(TOPIC, |unit| {
                enqueue(unit.connection, 2)?;
                unit.audit(entry("refused"));
                unit.event(event(2));
                Err::<(), _>(Refused::No)
            });
            // The same key twice: on PostgreSQL the error comes after the closure has returned.
            let failed = house.engine.write(TOPIC, |unit| {
                enqueue(unit.connection, 3)?;
                enqueue(unit.connection, 3)?;
                unit.audit(entry("failed"));
                unit.event(event(3));
                Ok::<_, Refused>(())
            });
            let panicked = house.engine.write(TOPIC, |unit| {
                enqueue(unit.connection, 4)?;
                panic!("on purpose");
                #[expect(unreachable_code, reason = "it names the closure's type")]
                Ok::<_, Refused>(())
            });
            let also = house.engine.save(TOPIC, |unit| {
                unit.event(event(6));
                unit.event(event(7));
                Ok(())
            });
            let command = house.lanes.submit(0, 5_u128);
            let all = async { tokio::join!(busy, done, refused, failed, panicked, also, command, async { drop(release) }) };
            let (_, done, refused, failed, panicked, also, command, ()) = all.await;
            done.unwrap();
            also.unwrap();
            command.unwrap();
            assert!(matches!(refused, Err(Refused::No)));
            assert!(matches!(failed, Err(Refused::Failed(_))), "{failed:?}");
            assert!(matches!(panicked, Err(Refused::Failed(_))), "{panicked:?}");
        });
        assert_eq!(stored(database), [1, 5]);
        assert_eq!(acts(database), ["done"]);
        let report = store::verify::verify(&mut database.reader()).unwrap();
        assert_eq!((report.events, report.differences), (3, Vec::new()));
        assert_eq!(house.metrics.lane_batches_replayed.get(), 0, "they shared one batch");
        assert_eq!(house.metrics.lane_batch_commands.get_sample_count(), 2);
        let differences = audit::verify(&mut database.reader(), &database.vault()).unwrap();
        assert!(differences.is_empty(), "{differences:#?}");
    }

    fn a_lone_unit_leaves_nothing_behind_where_it_fails(database: &TestDatabase) {
        let house = House::open(database, 1);
        block_on(async {
            let refused = house.engine.write(TOPIC, |unit| {
                enqueue(unit.connection, 1)?;
                Err::<(), _>(Refused::No)
            });
            assert!(matches!(refused.await, Err(Refused::No)));
            let failed = house.engine.save(TOPIC, |unit| {
                enqueue(unit.connection, 2)?;
                enqueue(unit.connection, 2)
            });
            assert!(failed.await.is_err());
            house.engine.save(TOPIC, |unit| enqueue(unit.connection, 3)).await.unwrap();
        });
        assert_eq!(stored(database), [3]);
    }

    fn a_unit_that_met_another_writer_is_run_again(database: &TestDatabase) {
        let house = House::open(database, 1);
        block_on(async {
            let (release, busy) = house.busy().await;
            let mut runs = 0;
            let again = house.engine.save(TOPIC, move |unit| {
                runs += 1;
                enqueue(unit.connection, 10 + runs)?;
                if runs < 3 { Err(StoreError::TryAgain("a deadlock".to_owned())) } else { Ok(runs) }
            });
            let command = house.lanes.submit(0, 1_u128);
            let (_, again, command, ()) = tokio::join!(busy, again, command, async { drop(release) });
            command.unwrap();
            assert_eq!(again.unwrap(), 3);
        });
        assert_eq!(stored(database), [1, 13]);
    }
}

#[test]
fn a_writer_of_the_audit_log_is_a_lane() {
    let database = TestDatabase::sqlite();
    let house = House::open(&database, 1);
    for _ in 0..3 {
        block_on(house.engine.save(TOPIC, |unit| {
            unit.audit(entry("done"));
            Ok(())
        }))
        .unwrap();
    }
    let listed = audit::list(&mut database.reader(), &database.vault(), None, None, 100).unwrap();
    let writers: std::collections::HashSet<AuditWriter> = listed.iter().map(|entry| entry.writer).collect();
    assert_eq!((listed.len(), writers.len()), (3, 1));
}
