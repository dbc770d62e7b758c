//! Outcomes of jobs other than SMS, and of jobs that cannot run.

use app::jobs::{self, Job, JobRefusal, SendMail, State};
use domain::actor::Actor;
use domain::authorise::Denied;
use domain::ids::{BusinessId, GuestId, JobId, PersonId};
use domain::permission::MemberRole;
use engine::Subject;
use gateways::mail::{MailGateway, Smtp, SmtpSettings};
use gateways::sms::SmsGateway;
use gateways::{Gateways, inbox::Inbox};
use store::jobs::NewJob;
use testkit::{SmtpServer, on_both_databases};
use uuid::Uuid;

use super::world::{NOW, after, found, run, sms, state};

const DAY_MS: i64 = 86_400_000;

fn mail_to(to: &str) -> Job {
    let (text, html) = ("Until soon.".to_owned(), None);
    Job::SendMail(SendMail { to: to.parse().unwrap(), subject: "Your stay".to_owned(), text, html })
}

fn by_smtp(server: &SmtpServer) -> Gateways {
    let url = format!("smtp://127.0.0.1:{}?tls=none", server.port());
    let settings = SmtpSettings { url: url.parse().unwrap(), from: "inn@example.org".parse().unwrap() };
    let mail = MailGateway::Smtp(Smtp::new(settings).unwrap());
    Gateways { sms: SmsGateway::Inbox(Inbox::default()), mail }
}

on_both_databases! {
    fn mails_are_sent_put_off_or_given_up_as_their_server_says(database: &TestDatabase) {
        let Some(mut server) = SmtpServer::start() else { return };
        run(database, by_smtp(&server), async |app| {
            let mut sent = Vec::new();
            for to in ["guest@example.org", "later@example.org", "never@example.org", "cut@example.org"] {
                sent.push(jobs::submit(app, mail_to(to)).await.unwrap());
            }
            assert_eq!(after(app, 0).await, 4);
            let mut states = Vec::new();
            for job in &sent {
                let found = found(app, *job).await;
                assert!(found.last_error.as_ref().is_none_or(|error| !error.contains('@')), "{found:?}");
                states.push(found.state);
            }
            assert_eq!(states, [State::Done, State::Waiting, State::Dead, State::Waiting]);
        });
        let ids = [(); 2].map(|()| server.mail()["text"].as_str().unwrap().contains("Message-ID: <"));
        assert_eq!(ids, [true, true]);
    }

    fn what_goes_nowhere_says_so(database: &TestDatabase) {
        let off = Gateways { sms: SmsGateway::Off, mail: MailGateway::Off };
        run(database, off, async |app| {
            for (job, reason) in
                [(sms("Hello"), "refused: SMS is disabled"), (mail_to("guest@example.org"), "refused: mail is disabled")]
            {
                let job = jobs::submit(app, job).await.unwrap();
                after(app, 0).await;
                let dead = found(app, job).await;
                assert_eq!((dead.state, dead.last_error.as_deref()), (State::Dead, Some(reason)));
            }
            assert!(app::inbox::list(app).is_none());
        });
    }

    fn a_message_too_long_and_a_payload_that_is_none_are_dead_at_once(database: &TestDatabase) {
        run(database, Gateways::inbox(), async |app| {
            let long = jobs::submit(app, sms(&"x".repeat(1_601))).await.unwrap();
            let torn = enqueue(app, "send_sms", b"{\"to\":").await;
            assert_eq!(after(app, 0).await, 2);
            assert_eq!((state(app, long).await, state(app, torn).await), (State::Dead, State::Dead));
            assert_eq!(found(app, torn).await.last_error.as_deref(), Some("cannot read the job's payload"));
        });
    }

    fn a_job_of_a_newer_program_waits_for_one(database: &TestDatabase) {
        run(database, Gateways::inbox(), async |app| {
            let newer = enqueue(app, "fly_to_the_moon", b"{}").await;
            assert_eq!((after(app, 0).await, after(app, 29_999).await, after(app, 1).await), (1, 0, 1));
            assert_eq!(state(app, newer).await, State::Waiting);
        });
    }

    fn jobs_are_forgotten_after_their_time(database: &TestDatabase) {
        run(database, Gateways::inbox(), async |app| {
            let done = jobs::submit(app, sms("Hello")).await.unwrap();
            let dead = enqueue(app, "send_sms", b"no").await;
            after(app, 0).await;
            for (days, forgotten) in [(6, [false, false]), (1, [true, false]), (82, [true, false]), (1, [true, true])] {
                app.clock.set(app.clock.now() + days * DAY_MS);
                app::expiry::round(app).await.unwrap();
                let mut gone = Vec::new();
                for job in [done, dead] {
                    gone.push(matches!(jobs::get(app, Actor::System, job).await, Err(JobRefusal::Denied(Denied::NotFound(_)))));
                }
                assert_eq!(gone, forgotten, "after {days} days more");
            }
        });
    }

    fn jobs_are_for_admins(database: &TestDatabase) {
        run(database, Gateways::inbox(), async |app| {
            let job = jobs::submit(app, sms("Hello")).await.unwrap();
            let asked = jobs::JobsAsked { state: None, before: None, count_max: 10 };
            let nobody = Uuid::nil();
            let owner = Actor::member(BusinessId(nobody), PersonId(nobody), MemberRole::Owner);
            for actor in [Actor::Guest(GuestId(nobody)), owner] {
                assert!(matches!(jobs::list(app, actor, asked).await, Err(JobRefusal::Denied(Denied::NotFound(_)))));
                assert!(matches!(jobs::get(app, actor, job).await, Err(JobRefusal::Denied(Denied::NotFound(_)))));
                assert!(matches!(jobs::counts(app, actor).await, Err(JobRefusal::Denied(Denied::NotFound(_)))));
                assert!(matches!(jobs::retry(app, actor, job).await, Err(JobRefusal::Denied(Denied::NotFound(_)))));
            }
            let admin = Actor::Admin(PersonId(Uuid::nil()));
            assert_eq!(jobs::list(app, admin, asked).await.unwrap(), (vec![found(app, job).await], false));
            let refused = jobs::retry(app, admin, job).await;
            assert!(matches!(refused, Err(JobRefusal::NotGivenUp(State::Waiting))), "{refused:?}");
            let absent = jobs::retry(app, admin, JobId(Uuid::nil())).await;
            assert!(matches!(absent, Err(JobRefusal::Denied(Denied::NotFound(_)))), "{absent:?}");
            after(app, 0).await;
        });
    }
}

async fn enqueue(app: &app::App, kind: &'static str, payload: &[u8]) -> JobId {
    let id = jobs::new_id(app);
    let new = NewJob { id, kind, payload: payload.to_vec(), run_at: NOW, attempts_max: 3 };
    let enqueue = app.engine.save(Subject::NONE, move |unit| {
        store::jobs::enqueue(unit.connection, std::slice::from_ref(&new), NOW)
    });
    enqueue.await.unwrap();
    id
}
