//! The server is killed while a vendor has accepted a message and has not responded. The next server sends no second
//! one.

use domain::decide::Chance as _;
use domain::ids::JobId;
use store::jobs::{self, State};
use testkit::{SeededChance, TestDatabase, TwilioServer, Whim, on_both_databases};

use super::server::Server;

fn settings(vendor: &str) -> [(&str, &str); 4] {
    [
        ("TWILIO_ACCOUNT_SID", TwilioServer::ACCOUNT),
        ("TWILIO_AUTH_TOKEN", TwilioServer::TOKEN),
        ("TWILIO_FROM_NUMBER", "+15005550006"),
        ("TWILIO_API_URL", vendor),
    ]
}

/// Enqueues an SMS while no server is running.
fn enqueue(database: &TestDatabase) -> JobId {
    let mut connection = database.writer();
    let now = connection.begin().unwrap();
    let id = JobId(SeededChance::new(1).id(now, 0));
    let payload = br#"{"to":"+15005550001","body":"Welcome to the Harbour Inn"}"#.to_vec();
    let new = jobs::NewJob { id, kind: "send_sms", payload, run_at: now, attempts_max: 8 };
    jobs::enqueue(&mut connection, &[new], now).unwrap();
    connection.commit().unwrap();
    id
}

/// Ends the claim of the killed server, instead of waiting until it expires.
fn end_claims(database: &TestDatabase) {
    let mut connection = database.writer();
    let ended = connection.execute("update jobs set locked_until = 0 where state = 'running'", &[]).unwrap();
    assert_eq!(ended, 1, "the server died holding the job");
}

on_both_databases! {
    fn chaos_kill_while_the_vendor_answers_sends_no_second_message(database: &TestDatabase) {
        let vendor = TwilioServer::start(store::clock::system_now());
        vendor.at_sends([Whim::DoAndHang]);
        let vendor_url = vendor.url();
        let job = enqueue(database);
        let mut server = Server::start_with(&database.url(), &settings(&vendor_url));
        vendor.wait_for_messages(1);
        server.kill();
        end_claims(database);
        let mut server = Server::start_with(&database.url(), &settings(&vendor_url));
        let mut reader = database.reader();
        let found = loop {
            let found = jobs::by_id(&mut reader, job).unwrap().unwrap();
            if found.state.is_over() {
                break found;
            }
        };
        assert_eq!((found.state, found.attempts), (State::Done, 2));
        assert_eq!((vendor.messages().len(), vendor.asked()), (1, (1, 1)), "looked up, not sent again");
        server.stop();
        server.assert_no_panic();
    }
}
