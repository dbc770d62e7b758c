//! Durations in a fixed-size log-linear histogram.
//!
//! Durations under 64 ns have one bucket each. Above, every power of two is divided into 64 equal buckets, so that a
//! bucket is at most 1/64 (1.6 %) of its values wide. It covers all `u64` nanoseconds in 30 kB.

use std::time::Duration;

/// Buckets to each power of two.
const STEPS: u64 = 1 << STEPS_LOG2;
const STEPS_LOG2: u32 = 6;
const BUCKETS: usize = (64 - STEPS_LOG2 as usize + 1) << STEPS_LOG2;

/// Counts of durations. Number and maximum are exact, quantiles are within 1.6 %.
#[derive(Debug, Clone)]
pub struct Histogram {
    buckets: Box<[u64]>,
    count: u64,
    max_ns: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Histogram { buckets: vec![0; BUCKETS].into_boxed_slice(), count: 0, max_ns: 0 }
    }
}

impl Histogram {
    pub fn record(&mut self, duration: Duration) {
        let value_ns = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        *self.buckets.get_mut(bucket_of(value_ns)).expect("every u64 has a bucket") += 1;
        self.count += 1;
        self.max_ns = self.max_ns.max(value_ns);
    }

    pub fn merge(&mut self, other: &Histogram) {
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine += theirs;
        }
        self.count += other.count;
        self.max_ns = self.max_ns.max(other.max_ns);
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    pub fn max(&self) -> Duration {
        Duration::from_nanos(self.max_ns)
    }

    /// The duration that `permille` thousandths of the recorded ones do not exceed: the upper end of its bucket, so
    /// never less than the true value. Zero if nothing was recorded.
    pub fn quantile(&self, permille: u64) -> Duration {
        let rank = self.count.saturating_mul(permille).div_ceil(1000).clamp(1, self.count.max(1));
        let mut seen = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return Duration::from_nanos(upper_end(bucket).min(self.max_ns));
            }
        }
        Duration::ZERO
    }
}

fn bucket_of(value_ns: u64) -> usize {
    let shift = (u64::BITS - value_ns.leading_zeros()).saturating_sub(STEPS_LOG2 + 1);
    // From 64 ns on the shifted value is in 64..128: its leading one skips the buckets of the previous shift.
    let bucket = u64::from(shift) * STEPS + (value_ns >> shift);
    usize::try_from(bucket).expect("there are few buckets")
}

fn upper_end(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    let shift = (bucket / STEPS).saturating_sub(1);
    let step = bucket - shift * STEPS;
    // The last bucket ends at 2^64 - 1; one more does not fit.
    (step << shift) + ((1 << shift) - 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(values_ns: &[u64]) -> Histogram {
        let mut histogram = Histogram::default();
        for &value_ns in values_ns {
            histogram.record(Duration::from_nanos(value_ns));
        }
        histogram
    }

    #[test]
    fn empty_is_zero() {
        assert_eq!(of(&[]).quantile(500), Duration::ZERO);
        assert_eq!(of(&[]).max(), Duration::ZERO);
    }

    #[test]
    fn buckets_are_contiguous_and_cover_everything() {
        assert_eq!(bucket_of(u64::MAX), BUCKETS - 1);
        assert_eq!(upper_end(BUCKETS - 1), u64::MAX);
        for bucket in 0..BUCKETS - 1 {
            assert_eq!(bucket_of(upper_end(bucket)), bucket);
            assert_eq!(bucket_of(upper_end(bucket) + 1), bucket + 1);
        }
    }

    #[test]
    fn longer_than_a_u64_is_the_longest() {
        let mut histogram = Histogram::default();
        histogram.record(Duration::MAX);
        assert_eq!(histogram.quantile(1000), Duration::from_nanos(u64::MAX));
    }

    proptest! {
        #[test]
        fn quantiles_are_within_two_percent_above(mut values in prop::collection::vec(0u64..1 << 40, 1..300), permille in 0u64..=1000) {
            let estimate = u64::try_from(of(&values).quantile(permille).as_nanos()).unwrap();
            values.sort_unstable();
            let rank = (values.len() as u64 * permille).div_ceil(1000).max(1);
            let exact = values[usize::try_from(rank).unwrap() - 1];
            prop_assert!(estimate >= exact && estimate <= exact + exact / 64, "{estimate} for {exact}");
        }

        #[test]
        fn merging_is_recording_all(
            left in prop::collection::vec(any::<u64>(), 0..50),
            right in prop::collection::vec(any::<u64>(), 0..50),
        ) {
            let mut merged = of(&left);
            merged.merge(&of(&right));
            let all = of(&[left, right].concat());
            prop_assert_eq!(merged.count(), all.count());
            prop_assert_eq!(merged.max(), all.max());
            prop_assert_eq!(&merged.buckets, &all.buckets);
        }
    }
}
