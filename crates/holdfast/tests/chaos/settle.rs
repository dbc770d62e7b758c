//! Settling up after a disaster: what was answered is still true, and what was not is found out with its key.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;

use super::crowd::Attempt;
use super::http::{Act, Call, Connection, Reply};
use super::shop::look;

/// What became of a crowd's requests.
#[derive(Debug, Default)]
pub struct Settled {
    /// Distinct keys under which a booking was made.
    pub booked: usize,
    /// Requests whose repetition found them done already.
    pub caught: usize,
    /// Requests that had no final answer and were repeated here.
    pub repeated: usize,
}

/// Everything that came of one key, in its order.
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

    /// The answer that settled it.
    fn answer(&self) -> Option<&'a Reply> {
        self.replies.last().copied().flatten().filter(|reply| reply.status != 503)
    }

    /// Whether it was in doubt: then a repetition may find it done.
    fn was_in_doubt(&self) -> bool {
        self.replies.iter().any(|reply| reply.is_none_or(|reply| reply.is_not_now("unknown")))
    }
}

/// Checks all answers against the server as it is now, and repeats whatever has no final one.
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

/// For each booking that somebody tried to cancel, by its path: whether the answer says that it is done.
fn cancels<'a>(stories: &[Story<'a>]) -> HashMap<&'a str, bool> {
    let tried = stories.iter().filter(|story| story.call.act == Act::Cancel);
    tried.map(|story| (story.call.path.as_str(), story.answer().is_some())).collect()
}

/// The booking is there, under the same reference and in the state it was left in.
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
    /// Sends a request again, twice: the key gives one answer, always the same.
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
