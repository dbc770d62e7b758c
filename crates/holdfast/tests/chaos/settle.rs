//! The check after a fault: confirmed responses are still true, and keys reveal the outcome of the others.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;

use super::crowd::Attempt;
use super::http::{Act, Call, Connection, Reply};
use super::shop::look;

/// The outcomes of a crowd's requests.
#[derive(Debug, Default)]
pub struct Settled {
    /// Distinct keys with a booking.
    pub booked: usize,
    /// Requests that had already been done when they were repeated.
    pub caught: usize,
    /// Requests without a final response, which were repeated here.
    pub repeated: usize,
}

/// All responses for one key, in order.
struct Story<'a> {
    call: &'a Call,
    replies: Vec<Option<&'a Reply>>,
}

impl<'a> Story<'a> {
    fn all(attempts: &'a [Attempt]) -> Vec<Self> {
        let mut stories: BTreeMap<_, Self> = BTreeMap::new();
        for Attempt { call, reply, .. } in attempts.iter().filter(|attempt| attempt.call.act != Act::Read) {
            let story = stories.entry((&call.path, &call.key));
            let story = story.or_insert_with(|| Self { call, replies: Vec::new() });
            story.replies.push(reply.as_ref());
        }
        stories.into_values().collect()
    }

    /// The final response.
    fn answer(&self) -> Option<&'a Reply> {
        self.replies.last().copied().flatten().filter(|reply| reply.status != 503)
    }

    /// Whether the outcome was unknown: then a repetition may find it done.
    fn was_in_doubt(&self) -> bool {
        self.replies.iter().any(|reply| reply.is_none_or(|reply| reply.is_not_now("unknown")))
    }
}

/// Checks all responses against the server's current state, and repeats requests without a final one.
pub fn settle(address: SocketAddr, attempts: &[Attempt]) -> Settled {
    let mut connection = Connection::open(address).unwrap();
    let mut settled = Settled::default();
    check_reads(attempts);
    let stories = Story::all(attempts);
    let cancels = cancels(&stories);
    for story in &stories {
        let Some(reply) = story.answer() else { continue };
        settled.count(story, reply);
        if story.call.act == Act::Book && reply.status == 201 {
            check_found(&mut connection, story, reply, &cancels);
        }
    }
    for story in stories.iter().filter(|story| story.answer().is_none()) {
        settled.repeat(&mut connection, story);
    }
    settled
}

fn check_reads(attempts: &[Attempt]) {
    let reads = attempts.iter().filter(|attempt| attempt.call.act == Act::Read);
    for reply in reads.filter_map(|attempt| attempt.reply.as_ref()) {
        assert!(reply.status == 200 || reply.status == 503, "{reply:?}");
    }
}

/// For each booking with an attempted cancellation, by path: whether the response confirmed it.
fn cancels<'a>(stories: &[Story<'a>]) -> HashMap<&'a str, bool> {
    let tried = stories.iter().filter(|story| story.call.act == Act::Cancel);
    tried.map(|story| (story.call.path.as_str(), story.answer().is_some())).collect()
}

/// The booking exists, under the same reference and in the expected status.
fn check_found(connection: &mut Connection, story: &Story<'_>, reply: &Reply, cancels: &HashMap<&str, bool>) {
    let found = connection.exchange(&look(story.call, reply)).unwrap();
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
    /// Repeats a request twice: the key gives the same response each time.
    fn repeat(&mut self, connection: &mut Connection, story: &Story<'_>) {
        let first = connection.exchange(story.call).unwrap();
        self.count(story, &first);
        let second = connection.exchange(story.call).unwrap();
        assert_eq!((second.status, &second.body), (first.status, &first.body), "{:?}", story.call);
        assert!(second.is_replayed() || second.status == 409, "{second:?}");
        self.repeated += 1;
    }

    fn count(&mut self, story: &Story<'_>, reply: &Reply) {
        let expected = match story.call.act {
            Act::Book => reply.status == 201 || reply.is_problem(409, "unavailable"),
            Act::Cancel => reply.status == 200 && reply.text("status") == "CANCELLED",
            Act::Read => false,
        };
        assert!(expected, "{:?}\n{reply:?}", story.call);
        if reply.is_replayed() {
            assert!(story.was_in_doubt(), "done, though all answers said it was not: {:?}", story.call);
            self.caught += 1;
        }
        self.booked += usize::from(story.call.act == Act::Book && reply.status == 201);
    }
}
