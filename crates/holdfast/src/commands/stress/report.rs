//! The result of a run.

use bench::Tally;
use serde_json::{Value, json};
use store::verify::Report as Recount;

use super::scenario::House;
use crate::cli::{Scenario, Stress};

pub struct Report<'a> {
    pub asked: &'a Stress,
    pub house: &'a House,
    pub tally: Tally,
    /// Bookings in the database before the measured run, without its warm-up.
    pub stored: u64,
    /// The recount of the database afterwards, if it is known.
    pub after: Option<Recount>,
    pub database: String,
    pub peak_rss_kib: Option<u64>,
    pub cpu_seconds: Option<f64>,
}

impl Report<'_> {
    pub fn is_ok(&self) -> bool {
        self.tally.errors == 0 && self.after.as_ref().is_none_or(Recount::is_ok) && self.miscount().is_none()
    }

    pub fn print(&self) {
        if self.asked.json {
            println!("{}", self.json());
        } else {
            println!("{:#}", self.json());
        }
    }

    fn json(&self) -> Value {
        let tally = &self.tally;
        let rate = |count: u64| rounded(float(count) / tally.seconds.max(f64::EPSILON), 0);
        let per_request = |cpu: f64| rounded(cpu * 1e6 / float(tally.requests.max(1)), 1);
        json!({
            "scenario": self.house.name(),
            "database": self.database,
            "connections": tally.connections,
            "buyers": if self.asked.scenario == Scenario::Sellout { self.asked.buyers } else { tally.requests },
            "requests": tally.requests,
            "sold": tally.sold,
            "refused": tally.refused,
            "errors": tally.errors,
            "success_rate": rounded(float(tally.sold) / float(tally.requests.max(1)), 4),
            "bookings_per_s": rate(tally.sold),
            "p50_ms": rounded(tally.p50_ms, 2),
            "p99_ms": rounded(tally.p99_ms, 2),
            "oversold": self.after.as_ref().map(|recount| recount.oversold),
            "lost_sales": self.lost_sales(),
            "verify": self.verdict(),
            "seconds": rounded(tally.seconds, 2),
            "requests_per_s": rate(tally.requests),
            "stored_before": self.stored,
            "server_peak_mb": self.peak_rss_kib.map(|kib| kib / 1_024),
            "server_cpu_us_per_request": self.cpu_seconds.map(per_request),
            "client_cpu_us_per_request": per_request(tally.generator_cpu_seconds),
            "error_samples": tally.error_samples,
        })
    }

    /// Buyers who were refused although units were left at the end.
    fn lost_sales(&self) -> u64 {
        match self.asked.scenario {
            Scenario::Sellout => self.tally.refused.min(self.asked.units.saturating_sub(self.tally.sold)),
            Scenario::Hot | Scenario::Spread | Scenario::Stay | Scenario::Echo => self.tally.refused,
        }
    }

    fn verdict(&self) -> String {
        match (&self.after, self.miscount()) {
            (None, _) => "not checked: the database is unknown".to_owned(),
            (Some(recount), None) if recount.is_ok() => "ok".to_owned(),
            (Some(recount), miscount) => {
                recount.differences.iter().cloned().chain(miscount).collect::<Vec<_>>().join("; ")
            }
        }
    }

    /// Every sale must be in the database with its line, claim, history, key and event, and nothing else.
    fn miscount(&self) -> Option<String> {
        let recount = self.after.as_ref()?;
        let warm_up = match self.asked.scenario {
            Scenario::Sellout | Scenario::Echo => 0,
            Scenario::Hot | Scenario::Spread | Scenario::Stay => super::WARM_UP_REQUESTS,
        };
        let sold = if self.asked.scenario == Scenario::Echo { 0 } else { self.tally.sold };
        let expected = i64::try_from(self.stored + warm_up + sold).unwrap_or(i64::MAX);
        let counts = [
            ("bookings", recount.bookings),
            ("lines", recount.lines),
            ("claims", recount.claims),
            ("history rows", recount.history),
            ("keys", recount.keys),
        ];
        // An interrupted request may still have been sold: there can be more, but never fewer.
        let wrong = |count: i64| if self.tally.errors == 0 { count != expected } else { count < expected };
        let told = counts.iter().filter(|(_, count)| wrong(*count));
        let told: Vec<String> =
            told.map(|(name, count)| format!("{count} {name} instead of {expected}")).collect();
        (!told.is_empty()).then(|| told.join("; "))
    }
}

/// A count as a float. The counts are far below the limit of exact integers.
#[expect(clippy::cast_precision_loss, reason = "counts below 2^52 are exact")]
fn float(count: u64) -> f64 {
    count as f64
}

fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}
