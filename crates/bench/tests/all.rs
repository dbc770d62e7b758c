//! The generator against correct and faulty servers.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of tests are tests")]

mod server;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bench::{Load, Stop, Tally, Verdict, Workload, run};
use server::{Reply, Server, with_length};

/// Sends its number, padded; expects it back and keeps count.
#[derive(Default)]
struct Echo {
    padding: usize,
    answered: Mutex<BTreeSet<u64>>,
}

impl Workload for Echo {
    fn write_request(&self, number: u64, connection: usize, out: &mut Vec<u8>) {
        assert!(out.is_empty());
        let body = format!("{number}{}", " ".repeat(self.padding));
        let head =
            format!("POST /{connection} HTTP/1.1\r\nhost: test\r\ncontent-length: {}\r\n\r\n", body.len());
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(body.as_bytes());
    }

    fn judge(&self, number: u64, status: u16, body: &[u8]) -> Verdict {
        match status {
            201 if body == number.to_string().as_bytes() => {
                assert!(self.answered.lock().unwrap().insert(number), "{number} came twice");
                Verdict::Sold
            }
            409 => Verdict::Refused,
            _ => Verdict::Error,
        }
    }
}

fn echo(body: &[u8]) -> Vec<u8> {
    with_length(201, std::str::from_utf8(body).unwrap().trim_end())
}

fn load(server: &Server, connections: usize, requests: u64) -> Load<Echo> {
    Load::new(server.address, connections, Stop::Requests(requests), Echo::default())
}

fn run_quietly(load: &Load<Echo>) -> Tally {
    run(load, |_| {}).unwrap()
}

fn counts(tally: &Tally) -> [u64; 4] {
    [tally.requests, tally.sold, tally.refused, tally.errors]
}

#[test]
fn counts_are_exact() {
    let server = Server::start(|number, body| match number % 3 {
        0 => Reply::Answer(echo(body)),
        1 => Reply::Answer(with_length(409, "sold out")),
        _ => Reply::Answer(with_length(500, if number % 2 == 0 { "even" } else { "odd" })),
    });
    let load = load(&server, 7, 3000);
    let tally = run_quietly(&load);
    assert_eq!(counts(&tally), [3000, 1000, 1000, 1000]);
    assert_eq!(server.requests.load(Ordering::SeqCst), 3000);
    assert_eq!(server.connections.load(Ordering::SeqCst), 7, "connections are kept");
    let samples: BTreeSet<_> = tally.error_samples.iter().map(String::as_str).collect();
    assert_eq!(samples, BTreeSet::from(["500 even", "500 odd"]));
    assert!(tally.p50_ms > 0.0 && tally.p50_ms <= tally.p99_ms && tally.p99_ms <= tally.max_ms);
    assert!(tally.seconds > 0.0 && tally.generator_cpu_seconds > 0.0);
}

#[test]
fn numbers_are_unique_over_threads() {
    let server = Server::start(|_, body| Reply::Answer(echo(body)));
    let load = Load { threads: 3, ..load(&server, 10, 5000) };
    assert_eq!(counts(&run_quietly(&load)), [5000, 5000, 0, 0]);
    assert_eq!(load.workload.answered.into_inner().unwrap(), (0..5000).collect());
}

#[test]
fn fewer_requests_than_connections() {
    let server = Server::start(|_, body| Reply::Answer(echo(body)));
    assert_eq!(counts(&run_quietly(&load(&server, 20, 3))), [3, 3, 0, 0]);
}

#[test]
fn a_duration_ends_the_run_and_progress_is_told() {
    let server = Server::start(|_, body| Reply::Answer(echo(body)));
    let load = Load::new(server.address, 4, Stop::After(Duration::from_millis(2300)), Echo::default());
    let mut seen = Vec::new();
    let tally = run(&load, |progress| seen.push(progress)).unwrap();
    assert!((2.3..60.0).contains(&tally.seconds), "{}", tally.seconds);
    assert_eq!(tally.sold, server.requests.load(Ordering::SeqCst));
    // Progress is reported each full second if the machine keeps up.
    let sold: Vec<u64> = seen.iter().map(|progress| progress.sold).chain([tally.sold]).collect();
    assert!(
        (2..=3).contains(&sold.len()) && sold[0] > 0 && sold.is_sorted_by(|one, next| one < next),
        "{sold:?}"
    );
}

#[test]
fn a_thousand_connections() {
    let server = Server::start(|_, body| Reply::Answer(echo(body)));
    assert_eq!(counts(&run_quietly(&load(&server, 1000, 20_000))), [20_000, 20_000, 0, 0]);
    assert_eq!(server.connections.load(Ordering::SeqCst), 1000);
}

#[test]
fn answers_in_chunks_and_in_pieces() {
    let server = Server::start(|number, body| {
        let text = std::str::from_utf8(body).unwrap();
        let size = body.len();
        let chunked = format!(
            "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n{size:x}\r\n{text}\r\n0\r\n\r\n"
        );
        match number % 3 {
            0 => Reply::Answer(chunked.into_bytes()),
            1 => Reply::Trickle(chunked.into_bytes()),
            _ => Reply::Trickle(echo(body)),
        }
    });
    assert_eq!(counts(&run_quietly(&load(&server, 3, 300))), [300, 300, 0, 0]);
}

#[test]
fn a_request_larger_than_the_socket_takes() {
    let server = Server::start(|_, body| Reply::Answer(echo(body)));
    let mut load = load(&server, 2, 4);
    load.workload.padding = 6 << 20;
    assert_eq!(counts(&run_quietly(&load)), [4, 4, 0, 0]);
}

#[test]
fn closing_after_an_answer_is_no_error() {
    let server = Server::start(|_, body| {
        let answer = String::from_utf8(echo(body)).unwrap().replacen("\r\n", "\r\nConnection: close\r\n", 1);
        Reply::AnswerAndClose(answer.into_bytes())
    });
    assert_eq!(counts(&run_quietly(&load(&server, 4, 100))), [100, 100, 0, 0]);
}

#[test]
fn a_body_until_the_end_of_the_connection() {
    let server =
        Server::start(|_, body| Reply::AnswerAndClose([b"HTTP/1.1 201 Created\r\n\r\n", body].concat()));
    assert_eq!(counts(&run_quietly(&load(&server, 4, 50))), [50, 50, 0, 0]);
}

#[test]
fn closing_instead_of_an_answer_is_an_error() {
    let server = Server::start(|number, body| match number % 10 {
        3 => Reply::Close,
        7 => Reply::AnswerAndClose(b"HTTP/1.1 201 Created\r\ncontent-length: 9\r\n\r\nabc".to_vec()),
        _ => Reply::Answer(echo(body)),
    });
    let tally = run_quietly(&load(&server, 4, 200));
    assert_eq!(counts(&tally), [200, 160, 0, 40]);
    assert_eq!(tally.error_samples, ["the server closed the connection before responding"]);
}

#[test]
fn garbage_is_an_error() {
    let server = Server::start(|number, body| match number {
        5 => Reply::Answer(b"SSH-2.0-OpenSSH_9.2p1\r\n".to_vec()),
        6 => Reply::Answer([echo(body), echo(body)].concat()),
        _ => Reply::Answer(echo(body)),
    });
    let tally = run_quietly(&load(&server, 1, 20));
    assert_eq!(counts(&tally), [20, 18, 0, 2]);
    assert_eq!(
        tally.error_samples,
        ["malformed response: not an HTTP/1 response", "malformed response: more bytes than one response"]
    );
}

#[test]
fn silence_is_an_error_in_time() {
    let server = Server::start(|number, body| match number {
        2 => Reply::Silence,
        _ => Reply::Answer(echo(body)),
    });
    let load = Load { exchange_timeout: Duration::from_secs(2), ..load(&server, 1, 10) };
    let tally = run_quietly(&load);
    assert_eq!(counts(&tally), [10, 9, 0, 1]);
    assert_eq!(tally.error_samples, ["response timed out"]);
    assert!((2_000.0..60_000.0).contains(&tally.max_ms), "{}", tally.max_ms);
}

#[test]
fn a_server_that_only_fails_is_given_up() {
    let server = Server::start(|_, _| Reply::Close);
    let load = Load { give_up_after: Duration::from_secs(1), ..load(&server, 3, 1_000_000) };
    let tally = run_quietly(&load);
    assert!(tally.errors == tally.requests && (6..300).contains(&tally.errors), "{}", tally.errors);
    assert!(tally.seconds < 60.0);
}

#[test]
fn a_panicking_workload_ends_the_run() {
    struct Panicking;
    impl Workload for Panicking {
        fn write_request(&self, _number: u64, _connection: usize, _out: &mut Vec<u8>) {
            panic!("as the test wants it");
        }

        fn judge(&self, _number: u64, _status: u16, _body: &[u8]) -> Verdict {
            Verdict::Error
        }
    }
    let server = Server::start(|_, body| Reply::Answer(echo(body)));
    let load = Load::new(server.address, 2, Stop::Requests(10), Panicking);
    assert_eq!(run(&load, |_| {}).unwrap_err().to_string(), "a generator thread panicked");
}

#[test]
fn a_server_that_listens_late_is_waited_for() {
    let address = unused_address();
    let (starting, started) = std::sync::mpsc::channel();
    let late = std::thread::spawn(move || {
        starting.send(()).unwrap();
        let load = Load::new(address, 3, Stop::Requests(3), Echo::default());
        let started = Instant::now();
        (run(&load, |_| {}), started.elapsed())
    });
    started.recv().unwrap();
    // The refused connection is not visible from outside, so give it time.
    std::thread::park_timeout(Duration::from_millis(200));
    let listener = std::net::TcpListener::bind(address).unwrap();
    let served: Vec<_> = (0..3).map(|_| listener.accept().unwrap()).collect();
    drop((served, listener));
    // They were accepted and dropped: the run then sells nothing, and ends.
    let (tally, elapsed) = late.join().unwrap();
    assert_eq!(counts(&tally.unwrap()), [3, 0, 0, 3]);
    assert!(elapsed >= Duration::from_millis(150));
}

#[test]
fn no_connections_is_a_mistake() {
    let load = Load::new(unused_address(), 0, Stop::Requests(3), Echo::default());
    assert!(run(&load, |_| {}).is_err());
}

fn unused_address() -> std::net::SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
