//! An SMS is sent once, whatever the network does.

use app::jobs::{self, State};
use domain::actor::Actor;
use testkit::{Whim, on_both_databases};

use super::world::{after, found, run_sms, state};

on_both_databases! {
    fn a_message_is_sent_and_forgotten(database: &TestDatabase) {
        run_sms(database, [], async |app, server, job| {
            assert_eq!(state(app, job).await, State::Waiting);
            assert_eq!(after(app, 0).await, 1);
            let done = found(app, job).await;
            assert_eq!((done.state, done.attempts, done.last_error), (State::Done, 1, None));
            assert_eq!(server.messages()[0].body, "Welcome to the Harbour Inn");
            assert_eq!((after(app, 86_400_000).await, server.asked()), (0, (1, 0)));
            assert!(app.metrics.text().contains("holdfast_jobs_ended_total{kind=\"send_sms\",outcome=\"done\"} 1"));
        });
    }

    fn a_message_whose_answer_is_lost_is_looked_up_and_sent_once(database: &TestDatabase) {
        for whim in [Whim::DoAndCut, Whim::DoAndSay("{"), Whim::DoAndFlood] {
            run_sms(database, [whim.clone()], async |app, server, job| {
                assert_eq!(after(app, 0).await, 1);
                assert_eq!(state(app, job).await, State::Done, "{whim:?}");
                assert_eq!(after(app, 86_400_000).await, 0);
                assert_eq!((server.messages().len(), server.asked()), (1, (1, 1)), "{whim:?}");
            });
        }
    }

    fn a_message_lost_on_its_way_is_looked_up_twice_and_sent_again(database: &TestDatabase) {
        run_sms(database, [Whim::Cut], async |app, server, job| {
            assert_eq!(after(app, 0).await, 1);
            assert_eq!((state(app, job).await, server.messages().len()), (State::Waiting, 0));
            assert_eq!(after(app, 9_999).await, 0);
            assert_eq!(after(app, 1).await, 1);
            assert_eq!((state(app, job).await, server.messages().len()), (State::Done, 1));
            assert_eq!(server.asked(), (2, 2), "looked up before it was sent again");
        });
    }

    fn a_message_that_turns_up_late_is_not_sent_again(database: &TestDatabase) {
        run_sms(database, [Whim::DoAndCut], async |app, server, job| {
            server.at_look_ups([Whim::DoAndSay(r#"{"messages":[]}"#)]);
            after(app, 0).await;
            assert_eq!(state(app, job).await, State::Waiting);
            after(app, 10_000).await;
            assert_eq!((state(app, job).await, server.messages().len()), (State::Done, 1));
            assert_eq!(server.asked(), (1, 2));
        });
    }

    fn an_inconclusive_lookup_is_not_sent_again_unless_an_admin_retries(database: &TestDatabase) {
        run_sms(database, [Whim::DoAndCut], async |app, server, job| {
            server.at_look_ups([Whim::Cut]);
            after(app, 0).await;
            assert_eq!(state(app, job).await, State::Unclear);
            assert_eq!(after(app, 86_400_000).await, 0);
            assert_eq!((server.messages().len(), server.asked()), (1, (1, 1)));
            // When an admin retries it, it is looked up and not sent again.
            jobs::retry(app, Actor::System, job).await.unwrap();
            assert_eq!(after(app, 0).await, 1);
            assert_eq!((state(app, job).await, server.messages().len()), (State::Done, 1));
            assert_eq!(server.asked(), (1, 2));
        });
    }

    fn a_busy_vendor_is_given_the_time_it_asks_for(database: &TestDatabase) {
        let busy = Whim::Refuse(429, "Retry-After: 120\r\n", r#"{"code":20429,"status":429}"#);
        run_sms(database, [busy], async |app, server, job| {
            after(app, 0).await;
            let waiting = found(app, job).await;
            assert_eq!((waiting.state, waiting.last_error.as_deref()), (State::Waiting, Some("too many requests")));
            assert_eq!((after(app, 119_999).await, after(app, 1).await), (0, 1));
            assert_eq!((state(app, job).await, server.asked()), (State::Done, (2, 0)), "nothing was in doubt");
        });
    }

    fn a_refused_message_is_dead_and_names_nobody(database: &TestDatabase) {
        let refused = r#"{"code":21211,"message":"+15005550001 is not a valid phone number","status":400}"#;
        run_sms(database, [Whim::Refuse(400, "", refused)], async |app, server, job| {
            after(app, 0).await;
            let dead = found(app, job).await;
            assert_eq!((dead.state, dead.last_error.as_deref()), (State::Dead, Some("refused: Twilio 21211")));
            assert_eq!((after(app, 86_400_000).await, server.asked()), (0, (1, 0)));
            let dead = jobs::list(app, Actor::System, asked(Some(State::Dead))).await.unwrap().0;
            assert_eq!(dead.iter().map(|found| found.id).collect::<Vec<_>>(), [job]);
            jobs::retry(app, Actor::System, job).await.unwrap();
            assert_eq!((after(app, 0).await, state(app, job).await), (1, State::Done));
        });
    }

    fn a_vendor_that_stays_busy_is_given_up(database: &TestDatabase) {
        let busy = || Whim::Refuse(429, "", "");
        run_sms(database, std::iter::repeat_with(busy).take(50), async |app, server, job| {
            let attempts = found(app, job).await.attempts_max;
            for attempt in 1..=attempts {
                assert_eq!(state(app, job).await, State::Waiting, "{attempt}");
                assert_eq!(after(app, 1_800_000).await, 1);
            }
            assert_eq!(state(app, job).await, State::Dead);
            assert_eq!((after(app, 86_400_000).await, server.asked().0), (0, usize::try_from(attempts).unwrap()));
        });
    }
}

fn asked(state: Option<State>) -> jobs::JobsAsked {
    jobs::JobsAsked { state, before: None, count_max: 10 }
}
