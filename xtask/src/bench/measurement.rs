//! What `holdfast stress --json` answers, and the medians of several answers.

use anyhow::{Context, Result};
use serde_json::Value;

/// One run, from the line of JSON it prints.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    pub bookings_per_s: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// What the check of the database afterwards found: `ok`, or what was wrong.
    pub verify: String,
}

impl Measurement {
    /// The last line that is a JSON object counts; progress may have been printed before it.
    pub fn parse(output: &str) -> Result<Self> {
        let objects = output.lines().rev().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let answer = objects.into_iter().find(Value::is_object);
        let answer = answer.with_context(|| format!("no line of JSON in the output:\n{output}"))?;
        let number = |name| {
            answer
                .get(name)
                .and_then(Value::as_f64)
                .with_context(|| format!("no number `{name}` in {answer}"))
        };
        Ok(Self {
            bookings_per_s: number("bookings_per_s")?,
            p50_ms: number("p50_ms")?,
            p99_ms: number("p99_ms")?,
            verify: verify_text(answer.get("verify")),
        })
    }

    /// Each number's own median; `None` of none.
    pub fn median(runs: &[Self]) -> Option<Self> {
        let failure = runs.iter().find(|run| !is_sound(&run.verify));
        Some(Self {
            bookings_per_s: median(runs.iter().map(|run| run.bookings_per_s))?,
            p50_ms: median(runs.iter().map(|run| run.p50_ms))?,
            p99_ms: median(runs.iter().map(|run| run.p99_ms))?,
            verify: failure.or(runs.first())?.verify.clone(),
        })
    }

    pub fn is_sound(&self) -> bool {
        is_sound(&self.verify)
    }
}

/// Shown where nothing was stored, and so nothing could be checked.
const NOTHING_TO_VERIFY: &str = "–";

fn is_sound(verify: &str) -> bool {
    verify == "ok" || verify == NOTHING_TO_VERIFY
}

fn verify_text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => NOTHING_TO_VERIFY.to_owned(),
        Some(Value::Bool(true)) => "ok".to_owned(),
        Some(Value::Bool(false)) => "failed".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = *sorted.get(sorted.len().checked_sub(1)? / 2)?;
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
pub fn measured(bookings_per_s: f64, verify: &str) -> Measurement {
    Measurement { bookings_per_s, p50_ms: 1.0, p99_ms: 2.5, verify: verify.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{Measurement, measured, median};

    #[test]
    fn the_last_object_is_read() {
        let output = "warming up\n{\"bookings_per_s\": 1}\n\
            {\"scenario\":\"hot\",\"bookings_per_s\":9,\"p50_ms\":1,\"p99_ms\":2.5,\"verify\":\"ok\"}\n42\n";
        assert_eq!(Measurement::parse(output).unwrap(), measured(9.0, "ok"));
    }

    #[test]
    fn what_is_missing_is_named() {
        assert!(Measurement::parse("nothing").is_err());
        let error = Measurement::parse("{\"bookings_per_s\":9,\"p50_ms\":1}").unwrap_err();
        assert!(error.to_string().contains("`p99_ms`"), "{error}");
    }

    #[test]
    fn a_failed_check_outweighs_the_others() {
        let runs = [measured(3.0, "ok"), measured(1.0, "2 rows differ"), measured(2.0, "ok")];
        assert_eq!(Measurement::median(&runs).unwrap(), measured(2.0, "2 rows differ"));
        assert_eq!(Measurement::median(&[]), None);
    }

    #[test]
    fn an_even_count_has_its_median_between() {
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), Some(2.5));
    }
}
