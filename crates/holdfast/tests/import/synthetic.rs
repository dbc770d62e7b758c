//! Generated histories against a brute-force oracle. These tests need no external data.

use std::path::PathBuf;

use tempfile::TempDir;

use super::history::{self, Stay};
use super::oracle;
use super::program::{Import, ORDERS, succeeded, verified_bookings};

const ROWS: usize = 3_000;
const TIGHT: [(&str, i64); 4] = [("A", 12), ("B", 20), ("C", 1), ("D", 0)];
/// A room for every row there is.
const AMPLE: [(&str, i64); 5] = [("A", 3_000), ("B", 3_000), ("C", 3_000), ("D", 3_000), ("Z", 3_000)];

struct Generated {
    stays: Vec<Stay>,
    file: PathBuf,
    capacities: PathBuf,
    directory: TempDir,
}

impl Generated {
    fn new(seed: u64) -> Self {
        let directory = tempfile::tempdir().expect("the system has a directory for temporary files");
        let file = directory.path().join("history.csv");
        let stays = history::generate(seed, ROWS);
        history::write(&file, &stays);
        let capacities = directory.path().join("capacities.json");
        let sets = serde_json::json!({"capacities": {"tight": object(&TIGHT), "ample": object(&AMPLE)}});
        std::fs::write(&capacities, sets.to_string()).expect("the test's directory can be written");
        Self { stays, file, capacities, directory }
    }

    fn import<'a>(&'a self, set: &'a str, order: &'a str) -> Import<'a> {
        Import { file: &self.file, capacities: &self.capacities, set, order }
    }
}

fn object(capacities: &[(&str, i64)]) -> serde_json::Value {
    capacities.iter().map(|(room_type, units)| ((*room_type).to_owned(), serde_json::json!(units))).collect()
}

testkit::on_both_databases! {
    /// The second history is imported into the same database: every import has its own hotel.
    fn a_replay_in_order_does_what_the_oracle_says(database: &TestDatabase) {
        let mut bookings = 0;
        for (seed, order) in [(1, ORDERS[0]), (1, ORDERS[1]), (2, ORDERS[0]), (3, ORDERS[1])] {
            let generated = Generated::new(seed);
            let expected = oracle::expect(&generated.stays, &TIGHT, order);
            assert!(expected.rejected_rows.len() > ROWS / 10 && expected.cancelled > ROWS / 10);
            let outcome = generated.import("tight", order).replay(database, 1);
            assert_eq!(outcome.rejected, expected.rejected_rows.len(), "seed {seed}, {order}");
            assert_eq!(outcome.rejected_rows_sha256, expected.sha256(), "seed {seed}, {order}");
            assert_eq!(
                (outcome.accepted, outcome.cancelled, outcome.skipped),
                (expected.accepted, expected.cancelled, expected.skipped)
            );
            assert!(outcome.seconds > 0.0 && outcome.bookings_per_s > 0.0);
            bookings += outcome.accepted;
            assert_eq!(verified_bookings(database), bookings);
        }
    }

    fn many_at_once_keep_the_invariants(database: &TestDatabase) {
        let generated = Generated::new(4);
        let tight = generated.import("tight", ORDERS[1]).replay(database, 64);
        assert_eq!(tight.accepted + tight.rejected + tight.skipped, ROWS);
        assert!(tight.rejected > ROWS / 10 && tight.cancelled > 0);
        assert_eq!(verified_bookings(database), tight.accepted);
        let ample = generated.import("ample", ORDERS[0]).replay(database, 64);
        let expected = oracle::expect(&generated.stays, &AMPLE, ORDERS[0]);
        assert_eq!((ample.rejected, ample.accepted), (0, expected.accepted));
        assert_eq!(ample.cancelled, expected.cancelled);
        assert_eq!(verified_bookings(database), tight.accepted + ample.accepted);
    }
}

#[test]
fn the_two_orders_differ_in_what_they_refuse() {
    let stays = history::generate(1, ROWS);
    let [book_first, cancel_first] = ORDERS.map(|order| oracle::expect(&stays, &TIGHT, order).rejected_rows);
    assert_ne!(book_first, cancel_first);
}

#[test]
fn without_a_database_nothing_is_left_behind() {
    let generated = Generated::new(5);
    let temporary = tempfile::tempdir_in(generated.directory.path()).expect("a directory within a directory");
    let mut command = generated.import("tight", ORDERS[0]).command();
    let output = succeeded(command.env("TMPDIR", temporary.path()).current_dir(temporary.path()));
    let summary = String::from_utf8(output.stdout).expect("text");
    let expected = oracle::expect(&generated.stays, &TIGHT, ORDERS[0]);
    assert!(summary.contains(&format!("rejected   {}\n", expected.rejected_rows.len())), "{summary}");
    assert!(String::from_utf8_lossy(&output.stderr).contains(" acts\n"), "progress goes to standard error");
    let left = std::fs::read_dir(temporary.path()).expect("it is still there").count();
    assert_eq!(left, 0);
}
