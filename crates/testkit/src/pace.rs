//! How long things may take on the machine that the tests run on.

use std::fs;
use std::thread::available_parallelism;
use std::time::Duration;

/// How long a test waits for a state that must come. A test that fails waits so long, one that passes does not.
pub const STATE_WAIT_MAX: Duration = Duration::from_mins(1);

/// What a promise about time amounts to on this machine as it is now. A machine with a processor for each thread that
/// wants one gets twice the time that was promised; where four threads wait for each processor it is five times as much.
pub fn on_this_machine(promised: Duration) -> Duration {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    promised.mul_f64(1.0 + threads_a_processor(&load).max(1.0))
}

/// Threads that want a processor, on average of the last minute or at this moment, whichever are more.
fn threads_a_processor(load: &str) -> f64 {
    let mut fields = load.split_whitespace();
    let average = fields.next().and_then(|field| field.parse::<f64>().ok());
    let now = fields.nth(2).and_then(|field| field.split('/').next()?.parse::<f64>().ok());
    let processors = u32::try_from(available_parallelism().map_or(1, usize::from)).unwrap_or(u32::MAX);
    average.unwrap_or(0.0).max(now.unwrap_or(0.0)) / f64::from(processors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_machine_gets_more_time() {
        let processors = f64::from(u32::try_from(available_parallelism().unwrap().get()).unwrap());
        let threads = |load: &str| threads_a_processor(load) * processors;
        assert!((threads("8.50 3.00 1.00 2/812 4711") - 8.5).abs() < 0.001);
        assert!((threads("0.10 3.00 1.00 9/812 4711") - 9.0).abs() < 0.001);
        assert!(threads("").abs() < 0.001);
        assert!(on_this_machine(Duration::from_secs(1)) >= Duration::from_secs(2));
    }
}
