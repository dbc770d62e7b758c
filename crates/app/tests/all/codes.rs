//! A one-time code is computed where it is sent, and not stored.

use app::code_key::CodeKey;
use app::jobs::{self, Job, SendCode, State};
use gateways::Gateways;
use testkit::{TwilioServer, Whim, on_both_databases};
use uuid::Uuid;

use super::world::{NOW, NUMBER, SECRET, after, found, run, state, twilio};

const CHALLENGE: Uuid = Uuid::from_u128(0x0190_f5c4_1b0a_7c3e_8a41_d2f0_7b6c_9e55);

fn send_code() -> Job {
    Job::SendCode(SendCode { challenge: CHALLENGE, to: NUMBER.parse().unwrap(), not_after: NOW + 300_000 })
}

on_both_databases! {
    fn the_code_arrives_and_is_the_challenges(database: &TestDatabase) {
        run(database, Gateways::inbox(), async |app| {
            let mut arrivals = app.gateways.inbox_in_use().unwrap().arrivals();
            let job = jobs::submit(app, send_code()).await.unwrap();
            after(app, 0).await;
            let received = arrivals.try_recv().ok().unwrap();
            let code = CodeKey::new(SECRET).code(CHALLENGE);
            assert!(received.text.starts_with(code.expose()), "{}", received.text);
            assert_eq!((received.to.as_str(), received.reference), (NUMBER, job.0));
            assert_eq!(app::inbox::list(app).unwrap().len(), 1);
            assert_eq!(state(app, job).await, State::Done);
        });
    }

    fn a_code_nobody_can_use_any_more_is_not_sent(database: &TestDatabase) {
        run(database, Gateways::inbox(), async |app| {
            let job = jobs::submit(app, send_code()).await.unwrap();
            after(app, 300_000).await;
            assert_eq!(found(app, job).await.last_error.as_deref(), Some("the code has expired or was used"));
            assert_eq!((state(app, job).await, app::inbox::list(app).unwrap().len()), (State::Dead, 0));
        });
    }

    fn a_code_whose_answer_was_lost_is_sent_once(database: &TestDatabase) {
        let server = TwilioServer::start(NOW);
        server.at_sends([Whim::DoAndCut]);
        run(database, twilio(&server), async |app| {
            let job = jobs::submit(app, send_code()).await.unwrap();
            after(app, 0).await;
            assert_eq!((state(app, job).await, server.messages().len()), (State::Done, 1));
        });
    }
}
