//! Starting and stopping: a refused start says why, and a stopping server completes pending requests.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use testkit::{STATE_WAIT_MAX, SeededChance, TestDatabase, on_both_databases, on_this_machine};

use super::crowd::{Crowd, Event};
use super::http::{Act, Call, Connection, exchange};
use super::server::{Server, holdfast, said, verified_bookings};
use super::settle::settle;
use super::shop::Shop;

const STOPS: u64 = 4;

/// A server that must not start says so in one line that contains these words, and exits with an error.
fn refuses(command: &mut Command, words: &[&str]) {
    let output = command.output().unwrap();
    let said = said(&output);
    assert!(!output.status.success(), "{command:?} started: {said}");
    for word in words {
        assert!(said.contains(word), "{word:?} is not in: {said}");
    }
    assert!(!said.contains("panicked") && !said.contains("hush"), "{said}");
}

fn serve(url: &str) -> Command {
    let mut command = holdfast();
    command.args(["serve", "--port", "0", "--database", url]);
    command
}

#[test]
fn chaos_second_process_on_a_file_refuses_to_start() {
    let database = TestDatabase::sqlite();
    let shop = Shop::open(database.database());
    let mut first = Server::start(&database.url());
    shop.furnish(first.address);
    let path = database.url().trim_start_matches("sqlite:").to_owned();
    refuses(&mut serve(&database.url()), &["cannot use the database", "another process is using", &path]);
    let bought = exchange(first.address, &shop.ticket());
    assert_eq!(bought.status, 201, "the first goes on: {bought:?}");
    // A killed process leaves nothing behind that prevents the next from starting.
    first.kill();
    let mut next = Server::start(&database.url());
    assert_eq!(exchange(next.address, &shop.ticket()).status, 201);
    next.stop();
    assert_eq!(verified_bookings(&database.url()), 2);
}

#[test]
fn chaos_second_process_on_postgres_sells_with_the_first() {
    let Some(database) = TestDatabase::postgres() else { return };
    let shop = Arc::new(Shop::open(database.database()));
    let servers = [Server::start(&database.url()), Server::start(&database.url())];
    shop.furnish(servers[0].address);
    // The second process loads the new catalogue automatically.
    let knows = || exchange(servers[1].address, &shop.scarce_ticket(0)).status == 201;
    let deadline = Instant::now() + STATE_WAIT_MAX;
    while !knows() {
        assert!(Instant::now() < deadline, "the second process does not know what is for sale");
        std::thread::yield_now();
    }
    let crowds = [0, 1].map(|number: u64| {
        let buyers = Arc::clone(&shop);
        let address = servers[usize::try_from(number).unwrap()].address;
        Crowd::start(address, 16, number, move |chance, done| buyers.scarce_or_else(0, chance, done))
    });
    for crowd in &crowds {
        crowd.wait_for(300, Event::is_answer);
    }
    let attempts: Vec<_> = crowds.into_iter().flat_map(Crowd::end).collect();
    let settled = settle(servers[0].address, &attempts);
    assert_eq!(verified_bookings(&database.url()), settled.booked + 1);
}

#[test]
fn chaos_start_without_what_it_needs_is_refused() {
    let database = TestDatabase::sqlite();
    let url = database.url();
    let production = |secret: Option<&str>| {
        let mut command = serve(&url);
        command.env("HOLDFAST_ENV", "production").env_remove("SECRET_KEY");
        secret.map(|secret| command.env("SECRET_KEY", secret));
        command
    };
    refuses(&mut production(None), &["SECRET_KEY is not set", "production"]);
    refuses(&mut production(Some("holdfast-development-secret-that-everybody-knows")), &["SECRET_KEY"]);
    refuses(&mut production(Some("short")), &["SECRET_KEY", "has 5 bytes"]);
    refuses(serve(&url).env("HOLDFAST_ENV", "staging"), &["HOLDFAST_ENV", "staging"]);
    refuses(&mut serve("mysql://host/shop"), &["must be sqlite:PATH or postgres://"]);
    refuses(&mut serve("sqlite:"), &["must be sqlite:PATH or postgres://"]);
    refuses(&mut serve("sqlite:/nowhere/at/all/shop.db"), &["/nowhere/at/all/shop.db"]);
    let nobody = "postgres://ada:hush@127.0.0.1:1/shop";
    refuses(&mut serve(nobody), &["cannot use the database postgres://ada@127.0.0.1:1/shop", "refused"]);
}

/// There is no built-in admin: the first one is created here, and signs in as everyone does.
#[test]
fn process_the_first_admin_is_made_at_the_command_line() {
    let database = TestDatabase::sqlite();
    let create = |email: &str, password: Option<&str>| {
        let mut command = holdfast();
        command.args([
            "admin",
            "create",
            "--email",
            email,
            "--set",
            &format!("database.url={}", database.url()),
        ]);
        command.env_remove("ADMIN_PASSWORD");
        password.map(|password| command.env("ADMIN_PASSWORD", password));
        command
    };
    refuses(&mut create("ada@example.com", None), &["ADMIN_PASSWORD"]);
    refuses(&mut create("ada@example.com", Some("password123")), &["is too common"]);
    let made = create("ada@example.com", Some("correct horse battery")).output().unwrap();
    assert!(made.status.success(), "{}", said(&made));
    refuses(&mut create("Ada@example.com", Some("correct horse battery")), &["cannot create the admin"]);
    let server = Server::start(&database.url());
    let login = |email: &str, password: &str| Call {
        act: Act::Book,
        method: "POST",
        path: "/api/v1/auth/login".to_owned(),
        token: String::new(),
        key: None,
        body: format!(r#"{{"email":"{email}","password":"{password}"}}"#),
    };
    let signed_in = exchange(server.address, &login("ada@example.com", "correct horse battery"));
    let jobs = Call::read("/api/v1/jobs", &signed_in.text("access_token"));
    assert_eq!(exchange(server.address, &jobs).status, 200, "admins see the jobs");
    let audit = Call::read("/api/v1/audit", &signed_in.text("access_token"));
    let audited = String::from_utf8(exchange(server.address, &audit).body).unwrap();
    assert!(audited.contains(r#""act":"admin.made","actor":"system""#), "{audited}");
    assert!(
        exchange(server.address, &login("ada@example.com", "password123"))
            .is_problem(401, "wrong-credentials")
    );
}

/// How long another process may take to learn that a session has ended.
const REVOKED_WITHIN: Duration = Duration::from_secs(1);

#[test]
fn process_a_session_that_ends_in_one_ends_in_the_other_within_a_second() {
    let Some(database) = TestDatabase::postgres() else { return };
    let shop = Shop::open(database.database());
    let servers = [Server::start(&database.url()), Server::start(&database.url())];
    let guests = [shop.guest(0), shop.guest(1)];
    let me =
        |server: &Server, token: &str| exchange(server.address, &Call::read("/api/v1/auth/me", token)).status;
    for server in &servers {
        assert!(guests.iter().all(|guest| me(server, guest) == 200), "both know both");
    }
    let [leaving, staying] = &guests;
    let log_out = Call { method: "POST", ..Call::read("/api/v1/auth/logout", leaving) };
    assert_eq!(exchange(servers[0].address, &log_out).status, 200);
    let ended = Instant::now();
    assert_eq!(me(&servers[0], leaving), 401, "at once where it was ended");
    let mut connection = Connection::open(servers[1].address).unwrap();
    let again = Call::read("/api/v1/auth/me", leaving);
    while connection.exchange(&again).unwrap().status != 401 {
        assert!(ended.elapsed() < on_this_machine(REVOKED_WITHIN), "the other process still lets it in");
    }
    assert!(servers.iter().all(|server| me(server, staying) == 200), "nobody else was touched");
    // A process that starts later does not accept it either.
    let third = Server::start(&database.url());
    assert_eq!((me(&third, leaving), me(&third, staying)), (401, 200));
}

on_both_databases! {
    /// A request that the server has taken is answered: none is done without a response.
    fn chaos_stop_under_load_answers_what_is_under_way(database: &TestDatabase) {
        let (url, shop) = (database.url(), Arc::new(Shop::open(database.database())));
        let mut chance = SeededChance::new(5);
        let mut server = Server::start(&url);
        shop.furnish(server.address);
        let mut booked = 0;
        for stop in 0..STOPS {
            let buyers = Arc::clone(&shop);
            let crowd = Crowd::start(server.address, 40, stop, move |chance, done| {
                buyers.scarce_or_else(usize::try_from(stop).unwrap(), chance, done)
            });
            crowd.wait_for(20 + chance.below(200), Event::is_answer);
            crowd.wait_for(chance.below(80), |_| true);
            server.ask_to_stop();
            let attempts = crowd.gone();
            let status = server.wait();
            assert!(status.success(), "{status}: {}", server.log());
            server.assert_no_panic();
            server = Server::start(&url);
            let settled = settle(server.address, &attempts);
            assert_eq!(settled.caught, 0, "done, and not answered");
            booked += settled.booked;
        }
        server.stop();
        assert_eq!(verified_bookings(&url), booked);
    }
}
