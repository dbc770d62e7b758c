//! The outcomes of the requests: counted per thread, merged at the end.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::histogram::Histogram;
use crate::load::Verdict;

const ERROR_SAMPLES_MAX: usize = 5;
const ERROR_SAMPLE_BYTES_MAX: usize = 500;

/// The outcome of a run. Every started request is counted once, as sold, refused or an error, and has one latency:
/// from before its first byte was written until the last byte of its response was read, or until it failed.
#[derive(Debug, Clone)]
pub struct Tally {
    pub connections: usize,
    pub requests: u64,
    pub sold: u64,
    pub refused: u64,
    pub errors: u64,
    /// The first few distinct errors: status and body of a response, or how the exchange failed.
    pub error_samples: Vec<String>,
    /// From the opening of all connections to the last response.
    pub seconds: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub max_ms: f64,
    /// Processor time used by the generator threads, which the server under test did not have.
    pub generator_cpu_seconds: f64,
}

/// The progress of a run, about once a second.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    pub seconds: f64,
    pub sold: u64,
    pub refused: u64,
    pub errors: u64,
}

/// The counts of one generator thread.
#[derive(Debug, Default)]
pub struct Record {
    sold: u64,
    refused: u64,
    errors: u64,
    error_samples: Vec<String>,
    latencies: Histogram,
    finished: Option<Instant>,
    cpu: Duration,
}

impl Record {
    pub fn count(&mut self, verdict: Verdict, latency: Duration) {
        match verdict {
            Verdict::Sold => self.sold += 1,
            Verdict::Refused => self.refused += 1,
            Verdict::Error => self.errors += 1,
        }
        self.latencies.record(latency);
    }

    /// Keeps an error's text if it is new and there is room; otherwise `text` is not called.
    pub fn sample(&mut self, text: impl FnOnce() -> String) {
        if self.error_samples.len() < ERROR_SAMPLES_MAX {
            let text = text();
            if !self.error_samples.contains(&text) {
                self.error_samples.push(text);
            }
        }
    }

    pub fn finish(&mut self, finished: Instant, cpu: Duration) {
        self.finished = Some(finished);
        self.cpu = cpu;
    }

    pub fn merge(&mut self, other: Record) {
        self.sold += other.sold;
        self.refused += other.refused;
        self.errors += other.errors;
        self.latencies.merge(&other.latencies);
        self.finished = self.finished.max(other.finished);
        self.cpu += other.cpu;
        other.error_samples.into_iter().for_each(|text| self.sample(|| text));
    }

    pub fn into_tally(self, connections: usize, started: Instant) -> Tally {
        let elapsed =
            self.finished.map_or(Duration::ZERO, |finished| finished.saturating_duration_since(started));
        Tally {
            connections,
            requests: self.latencies.count(),
            sold: self.sold,
            refused: self.refused,
            errors: self.errors,
            error_samples: self.error_samples,
            seconds: elapsed.as_secs_f64(),
            p50_ms: milliseconds(self.latencies.quantile(500)),
            p99_ms: milliseconds(self.latencies.quantile(990)),
            max_ms: milliseconds(self.latencies.max()),
            generator_cpu_seconds: self.cpu.as_secs_f64(),
        }
    }
}

/// An error sample from a response: its status and the beginning of its body.
pub fn answer_text(status: u16, body: &[u8]) -> String {
    let shown = body.get(..ERROR_SAMPLE_BYTES_MAX).unwrap_or(body);
    format!("{status} {}", String::from_utf8_lossy(shown))
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// The counts of one thread, readable by the others while it works.
#[derive(Debug, Default)]
pub struct Published {
    sold: AtomicU64,
    refused: AtomicU64,
    errors: AtomicU64,
}

impl Published {
    pub fn publish(&self, record: &Record) {
        self.sold.store(record.sold, Ordering::Relaxed);
        self.refused.store(record.refused, Ordering::Relaxed);
        self.errors.store(record.errors, Ordering::Relaxed);
    }

    pub fn progress(threads: &[Published], started: Instant) -> Progress {
        let total = |count: fn(&Published) -> &AtomicU64| {
            threads.iter().map(|published| count(published).load(Ordering::Relaxed)).sum()
        };
        Progress {
            seconds: started.elapsed().as_secs_f64(),
            sold: total(|published| &published.sold),
            refused: total(|published| &published.refused),
            errors: total(|published| &published.errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_adds_up_and_keeps_five_distinct_samples() {
        let (mut left, mut right) = (Record::default(), Record::default());
        left.count(Verdict::Sold, Duration::from_millis(1));
        right.count(Verdict::Refused, Duration::from_millis(2));
        for number in 0..9 {
            left.sample(|| format!("{}", number % 2));
            right.count(Verdict::Error, Duration::from_millis(3));
            right.sample(|| number.to_string());
        }
        left.merge(right);
        let tally = left.into_tally(2, Instant::now());
        assert_eq!((tally.requests, tally.sold, tally.refused, tally.errors), (11, 1, 1, 9));
        assert_eq!(tally.error_samples, ["0", "1", "2", "3", "4"]);
        assert!((tally.max_ms - 3.0).abs() < 1e-9);
    }

    #[test]
    fn a_sample_is_short() {
        assert_eq!(answer_text(500, &[b'x'; 9000]).len(), 4 + ERROR_SAMPLE_BYTES_MAX);
    }
}
