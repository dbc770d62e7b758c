//! An application with a fixed clock, and the recipient of its messages.

use std::sync::Arc;

use api::JsonRender;
use app::App;
use app::clock::Clock;
use app::jobs::{self, Job, SendSms, State};
use domain::actor::Actor;
use domain::ids::JobId;
use domain::time::Instant;
use gateways::Secret;
use gateways::mail::MailGateway;
use gateways::sms::{Sender, SmsGateway, Twilio, TwilioSettings};
use gateways::{Gateways, inbox::Inbox};
use testkit::{TestDatabase, TwilioServer, Whim};

pub const SECRET: &[u8] = b"a secret of at least thirty-two bytes";
/// 2025-10-09T08:53:20Z.
pub const NOW: Instant = Instant(1_760_000_000_000);
pub const NUMBER: &str = "+15005550001";
/// Duration of a claim on an SMS.
pub const HELD_MS: i64 = 60_000;

/// Timeout for responses in tests that cut connections.
const ANSWER_MS_MAX: u64 = 60_000;

pub fn start(database: &TestDatabase, gateways: Gateways) -> Arc<App> {
    let alone = app::Settings::alone(database.database().clone(), SECRET.to_vec());
    let settings = app::Settings { lanes: 1, readers: 2, clock: Clock::fixed(NOW), gateways, ..alone };
    App::start(settings, Arc::new(JsonRender)).unwrap()
}

pub fn twilio(server: &TwilioServer) -> Gateways {
    let settings = TwilioSettings {
        account_sid: TwilioServer::ACCOUNT.parse().unwrap(),
        auth_token: Secret::of(TwilioServer::TOKEN),
        sender: Sender::Number("+15005550006".parse().unwrap()),
        api_url: server.url().parse().unwrap(),
        answer_ms_max: ANSWER_MS_MAX,
    };
    let sms = SmsGateway::Twilio(Twilio::new(settings).unwrap());
    Gateways { sms, mail: MailGateway::Inbox(Inbox::default()) }
}

/// Runs a test, and verifies the jobs afterwards.
pub fn run(database: &TestDatabase, gateways: Gateways, test: impl AsyncFnOnce(&Arc<App>)) {
    let app = start(database, gateways);
    block_on(test(&app));
    drop(app);
    let report = store::verify::verify(&mut database.reader()).unwrap();
    assert!(report.is_ok(), "{:#?}", report.differences);
}

pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(work)
}

/// Runs a test with one SMS, whose sending meets these faults.
pub fn run_sms(
    database: &TestDatabase,
    whims: impl IntoIterator<Item = Whim>,
    test: impl AsyncFnOnce(&Arc<App>, &TwilioServer, JobId),
) {
    let server = TwilioServer::start(NOW);
    server.at_sends(whims);
    run(database, twilio(&server), async |app| {
        let job = jobs::submit(app, sms("Welcome to the Harbour Inn")).await.unwrap();
        test(app, &server, job).await;
    });
}

pub fn sms(body: &str) -> Job {
    Job::SendSms(SendSms { to: NUMBER.parse().unwrap(), body: body.to_owned() })
}

pub async fn found(app: &App, job: JobId) -> jobs::Found {
    jobs::get(app, Actor::System, job).await.unwrap()
}

pub async fn state(app: &App, job: JobId) -> State {
    found(app, job).await.state
}

/// Advances the clock, runs what is due then, and returns the number of attempts.
pub async fn after(app: &Arc<App>, ms: i64) -> usize {
    app.clock.set(app.clock.now() + ms);
    jobs::drain(app).await.unwrap()
}
