//! Settling up after a disaster: what was answered is still true, and what was not is found out with its key.

use std::collections::HashMap;
use std::net::SocketAddr;

use super::crowd::Attempt;
use super::http::{Act, Connection, Reply};
use super::shop::look;

/// What became of a crowd's requests.
#[derive(Debug, Default)]
pub struct Settled {
    /// Distinct keys under which a booking was made.
    pub booked: usize,
    /// Requests without an answer, or with the answer that nobody knows, whose repetition found them done.
    pub caught: usize,
    /// Requests that were repeated.
    pub repeated: usize,
}

/// Checks all answers against the server as it is now, and repeats whatever has no final one.
pub fn settle(address: SocketAddr, attempts: &[Attempt]) -> Settled {
    let mut connection = Connection::open(address).unwrap();
    let mut settled = Settled::default();
    let cancels = cancels(attempts);
    for attempt in attempts {
        match &attempt.reply {
            Some(reply) if reply.status != 503 => check_answer(attempt, reply),
            Some(_) | None => {}
        }
        if let Some(reply) = attempt.booked() {
            settled.booked += 1;
            check_found(&mut connection, attempt, reply, &cancels);
        }
    }
    for attempt in attempts.iter().filter(|attempt| is_open(attempt)) {
        settled.repeat(&mut connection, attempt);
    }
    settled
}

fn is_open(attempt: &Attempt) -> bool {
    attempt.call.act != Act::Read && attempt.reply.as_ref().is_none_or(|reply| reply.status == 503)
}

/// For each booking that somebody tried to cancel, by its path: whether the answer says that it is done.
fn cancels(attempts: &[Attempt]) -> HashMap<&str, bool> {
    let tried = attempts.iter().filter(|attempt| attempt.call.act == Act::Cancel);
    tried
        .map(|attempt| {
            let done = attempt.reply.as_ref().is_some_and(|reply| reply.status == 200);
            (attempt.call.path.as_str(), done)
        })
        .collect()
}

fn check_answer(attempt: &Attempt, reply: &Reply) {
    let expected = match attempt.call.act {
        Act::Book => reply.status == 201 || reply.is_problem(409, "unavailable"),
        Act::Cancel => reply.status == 200 && reply.text("status") == "CANCELLED",
        Act::Read => reply.status == 200,
    };
    assert!(expected, "{:?}\n{reply:?}", attempt.call);
}

/// The booking is there, under the same reference and in the state it was left in.
fn check_found(connection: &mut Connection, attempt: &Attempt, reply: &Reply, cancels: &HashMap<&str, bool>) {
    let found = connection.exchange(&look(&attempt.call, reply)).unwrap();
    assert_eq!(found.status, 200, "lost: {reply:?}\n{found:?}");
    assert_eq!(found.text("id"), reply.text("id"));
    let path = format!("/api/v1/bookings/{}/cancel", reply.text("id"));
    let expected: &[&str] = match cancels.get(path.as_str()) {
        Some(true) => &["CANCELLED"],
        Some(false) => &["CONFIRMED", "CANCELLED"],
        None => &["CONFIRMED"],
    };
    assert!(expected.contains(&found.text("status").as_str()), "{found:?} is not {expected:?}");
}

impl Settled {
    /// Sends a request again, twice: the key gives one answer, always the same.
    fn repeat(&mut self, connection: &mut Connection, attempt: &Attempt) {
        let call = &attempt.call;
        let first = connection.exchange(call).unwrap();
        check_answer(attempt, &first);
        if first.is_replayed() {
            let not_done = attempt.reply.as_ref().is_some_and(|reply| reply.is_not_now("not_done"));
            assert!(!not_done, "was said not to be done: {call:?}\n{first:?}");
            self.caught += 1;
        }
        let second = connection.exchange(call).unwrap();
        assert_eq!((second.status, &second.body), (first.status, &first.body), "{call:?}");
        assert!(second.is_replayed() || second.status == 409, "{second:?}");
        self.repeated += 1;
        self.booked += usize::from(call.act == Act::Book && first.status == 201);
    }
}
