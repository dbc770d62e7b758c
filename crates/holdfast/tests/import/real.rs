//! The bookings of a real hotel. The expected refusals were computed independently (`resort_bookings.md` next to the
//! data).

use std::path::{Path, PathBuf};

use serde::Deserialize;
use testkit::{TestDatabase, skipped};

use super::program::{Import, ORDERS, Outcome, verified_bookings};

const ROWS: usize = 40_060;
const ROWS_WITHOUT_NIGHTS: usize = 384;

struct Resort {
    file: PathBuf,
    oracle: PathBuf,
}

#[derive(Deserialize)]
struct Refused {
    rejected: usize,
    rejected_rows_sha256: String,
}

impl Resort {
    /// The data in `HOLDFAST_TEST_DATA` or next to the checkout; otherwise reports that the test is skipped.
    fn or_skip() -> Option<Self> {
        let named = std::env::var_os("HOLDFAST_TEST_DATA").map(PathBuf::from);
        let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
        let bookings = named.unwrap_or_else(beside).join("bookings");
        let found = Self {
            file: bookings.join("resort_bookings.csv.zst"),
            oracle: bookings.join("resort_bookings_oracle.json"),
        };
        if found.file.exists() && found.oracle.exists() {
            return Some(found);
        }
        skipped(&format!("there is no {}", found.file.display()));
        None
    }

    fn refused(&self, set: &str, order: &str) -> Refused {
        let text = std::fs::read(&self.oracle).expect("the oracle can be read");
        let mut all: serde_json::Value = serde_json::from_slice(&text).expect("the oracle is JSON");
        let one = all["expected"][format!("{set}/{order}")].take();
        serde_json::from_value(one).expect("the oracle knows every set and order")
    }

    fn replay(&self, database: &TestDatabase, (set, order): (&str, &str), concurrency: usize) -> Outcome {
        let import = Import { file: &self.file, capacities: &self.oracle, set, order };
        let outcome = import.replay(database, concurrency);
        assert_eq!(outcome.skipped, ROWS_WITHOUT_NIGHTS);
        assert_eq!(outcome.accepted + outcome.rejected + outcome.skipped, ROWS);
        outcome
    }
}

/// Replays a set in both orders, each in a separate hotel.
fn expect_the_oracles_refusals(database: &TestDatabase, set: &str) {
    let Some(resort) = Resort::or_skip() else { return };
    let mut bookings = 0;
    for order in ORDERS {
        let outcome = resort.replay(database, (set, order), 1);
        let expected = resort.refused(set, order);
        assert_eq!(outcome.rejected, expected.rejected, "{set}, {order}");
        assert_eq!(outcome.rejected_rows_sha256, expected.rejected_rows_sha256, "{set}, {order}");
        bookings += outcome.accepted;
    }
    assert_eq!(verified_bookings(database), bookings);
}

testkit::on_both_databases! {
    fn the_peak_of_all_bookings(database: &TestDatabase) {
        expect_the_oracles_refusals(database, "P_peak");
    }

    fn the_peak_of_those_who_stayed(database: &TestDatabase) {
        expect_the_oracles_refusals(database, "S_stayed_peak");
    }

    fn four_fifths_of_those_who_stayed(database: &TestDatabase) {
        expect_the_oracles_refusals(database, "T_stayed_80pct");
    }

    fn all_guests_with_bookings(database: &TestDatabase) {
        expect_the_oracles_refusals(database, "H_all_ever");
    }

    fn concurrent_buyers_are_not_refused_while_units_are_left(database: &TestDatabase) {
        let Some(resort) = Resort::or_skip() else { return };
        let everybody = resort.replay(database, ("H_all_ever", ORDERS[0]), 64);
        assert_eq!(everybody.rejected, 0);
        assert_eq!(verified_bookings(database), everybody.accepted);
    }
}
