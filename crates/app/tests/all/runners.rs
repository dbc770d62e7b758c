//! Runners: woken, stopped, killed, and two at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use app::App;
use app::jobs::{self, Runner, State};
use domain::actor::Actor;
use engine::Subject;
use gateways::Gateways;
use testkit::{TestDatabase, TwilioServer, Whim, on_both_databases};

use super::world::{HELD_MS, NOW, NUMBER, after, block_on, found, run, run_sms, sms, start, state, twilio};

const MANY: usize = 60;

async fn is_done(app: &App, count: usize) -> bool {
    let counts = jobs::counts(app, Actor::System).await.unwrap();
    let done = counts.iter().filter(|count| count.state == State::Done).map(|count| count.jobs);
    usize::try_from(done.sum::<i64>()).unwrap() == count
}

/// Sends many messages with the runners of these houses.
async fn send_many(houses: &[Arc<App>], server: &TwilioServer) {
    for number in 0..MANY {
        jobs::submit(&houses[0], sms(&format!("message {number}"))).await.unwrap();
    }
    let runners: Vec<Runner> = houses.iter().map(|app| Runner::start(Arc::clone(app))).collect();
    while !is_done(&houses[0], MANY).await {}
    for runner in runners {
        runner.stop().await;
    }
    let bodies: BTreeSet<String> = server.messages().into_iter().map(|message| message.body).collect();
    assert_eq!((server.messages().len(), bodies.len()), (MANY, MANY), "each was sent once");
}

on_both_databases! {
    fn a_runner_is_woken_and_stops_when_it_has_ended_what_it_began(database: &TestDatabase) {
        run(database, Gateways::inbox(), async |app| {
            let mut arrivals = app.gateways.inbox_in_use().unwrap().arrivals();
            let runner = Runner::start(Arc::clone(app));
            for text in ["one", "two", "three"] {
                let job = jobs::submit(app, sms(text)).await.unwrap();
                assert_eq!(arrivals.recv().await.unwrap().reference, job.0);
            }
            runner.stop().await;
            assert!(is_done(app, 3).await, "what was under way is written down");
            jobs::submit(app, sms("four")).await.unwrap();
            assert_eq!(after(app, 0).await, 1);
        });
    }

    fn a_job_enqueued_with_a_change_is_there_only_with_it(database: &TestDatabase) {
        run(database, Gateways::inbox(), async |app| {
            let (lost, kept) = (jobs::new_id(app), jobs::new_id(app));
            let refused = app.engine.save(Subject::NONE, move |unit| {
                jobs::enqueue(unit.connection, unit.vault, lost, &sms("lost"), unit.now)?;
                Err::<(), _>(store::StoreError::Statement("the change was refused".to_owned()))
            });
            assert!(refused.await.is_err());
            let written = app.engine.save(Subject::NONE, move |unit| {
                jobs::enqueue(unit.connection, unit.vault, kept, &sms("kept"), NOW)
            });
            written.await.unwrap();
            let stored = std::thread::scope(|scope| {
                scope.spawn(|| database.texts_stored(&["kept", NUMBER])).join().unwrap()
            });
            assert_eq!(stored, [""; 0], "what is to be sent lies sealed");
            assert_eq!(after(app, 0).await, 1);
            let received = app::inbox::list(app).unwrap();
            assert_eq!(received.iter().map(|message| message.text.as_str()).collect::<Vec<_>>(), ["kept"]);
            assert_eq!(app::inbox::get(app, received[0].number).map(|message| message.reference), Some(kept.0));
        });
    }

    fn a_runner_killed_between_claim_and_end_sends_nothing_twice(database: &TestDatabase) {
        run_sms(database, [Whim::DoAndHang], async |app, server, job| {
            let runner = Runner::start(Arc::clone(app));
            tokio::task::block_in_place(|| server.wait_for_messages(1));
            drop(runner);
            assert_eq!(after(app, HELD_MS - 1).await, 0);
            assert_eq!(state(app, job).await, State::Running);
            assert_eq!(after(app, 1).await, 1);
            let done = found(app, job).await;
            assert_eq!((done.state, done.attempts), (State::Done, 2));
            assert_eq!((server.messages().len(), server.asked()), (1, (1, 1)), "looked up, not sent again");
        });
    }

    fn the_next_process_takes_over_what_the_last_one_left(database: &TestDatabase) {
        let server = TwilioServer::start(NOW);
        server.at_sends([Whim::DoAndHang]);
        let first = start(database, twilio(&server));
        let job = block_on(async {
            let job = jobs::submit(&first, sms("Hello")).await.unwrap();
            let runner = Runner::start(Arc::clone(&first));
            tokio::task::block_in_place(|| server.wait_for_messages(1));
            drop(runner);
            job
        });
        drop(first);
        run(database, twilio(&server), async |app| {
            assert_eq!((after(app, 0).await, after(app, HELD_MS).await), (0, 1));
            assert_eq!((state(app, job).await, server.messages().len()), (State::Done, 1));
        });
    }

    fn two_runners_of_one_process_run_each_job_once(database: &TestDatabase) {
        let server = TwilioServer::start(NOW);
        run(database, twilio(&server), async |app| {
            send_many(&[Arc::clone(app), Arc::clone(app)], &server).await;
        });
    }
}

/// A SQLite file has one process that writes it.
#[test]
fn runners_of_two_processes_run_each_job_once() {
    let Some(database) = TestDatabase::postgres() else { return };
    let server = TwilioServer::start(NOW);
    let houses = [start(&database, twilio(&server)), start(&database, twilio(&server))];
    block_on(send_many(&houses, &server));
    drop(houses);
    assert!(store::verify::verify(&mut database.reader()).unwrap().is_ok());
}
