//! The result of a replay, as lines or as one JSON object.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use serde::Serialize;

use super::tally::Tally;

#[derive(Serialize)]
pub struct Report {
    accepted: usize,
    rejected: usize,
    cancelled: usize,
    /// Rows without nights.
    skipped: usize,
    /// From sending the first act to the last outcome.
    seconds: f64,
    /// Decided bookings, accepted or not.
    bookings_per_s: f64,
    /// Hash of the numbers of the refused rows, ascending, joined by newlines.
    rejected_rows_sha256: String,
}

impl Report {
    pub fn new(tally: Tally, skipped: usize, took: Duration) -> Self {
        let Tally { accepted, rejected_rows, cancelled, .. } = tally;
        let seconds = took.as_secs_f64();
        let decided = f64::from(u32::try_from(accepted + rejected_rows.len()).unwrap_or(u32::MAX));
        Self {
            accepted,
            rejected: rejected_rows.len(),
            cancelled,
            skipped,
            seconds: (seconds * 1e3).round() / 1e3,
            bookings_per_s: if seconds > 0.0 { (decided / seconds).round() } else { 0.0 },
            rejected_rows_sha256: fingerprint(rejected_rows),
        }
    }

    pub fn show(&self, json: bool) -> String {
        if json {
            return serde_json::to_string(self).expect("numbers and a text can be written as JSON");
        }
        format!(
            "accepted   {}\nrejected   {}\ncancelled  {}\nskipped    {} (no nights)\n\
             {} s, {} bookings/s\nrejected rows sha256 {}",
            self.accepted,
            self.rejected,
            self.cancelled,
            self.skipped,
            self.seconds,
            self.bookings_per_s,
            self.rejected_rows_sha256
        )
    }
}

fn fingerprint(mut rows: Vec<usize>) -> String {
    rows.sort_unstable();
    let numbers: Vec<String> = rows.iter().map(usize::to_string).collect();
    let digest = digest(&SHA256, numbers.join("\n").as_bytes());
    digest.as_ref().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn rows_are_sorted_by_number_and_joined_by_newlines() {
        let of_9_and_10 = "654f94133a139e31242c9cc78e5c7a708d3b760ef7030913397f7a8597a0bdd4";
        assert_eq!(fingerprint(vec![10, 9]), of_9_and_10);
        let of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(fingerprint(Vec::new()), of_nothing);
    }
}
