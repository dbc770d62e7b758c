//! What a connection is doing, written by its task and read by the watchdog: plain numbers that are cheap to update.
//!
//! Times are ticks of the watchdog in milliseconds, so that requests need not read the clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::task::Waker;

use futures_util::task::AtomicWaker;

use super::allowance::Allowance;

/// Milliseconds since the server started, at the watchdog's last round.
#[derive(Debug, Clone, Default)]
pub struct CoarseClock(Arc<AtomicU64>);

impl CoarseClock {
    pub fn now_ms(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub fn set(&self, now_ms: u64) {
        self.0.store(now_ms, Ordering::Relaxed);
    }
}

/// What a connection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// For the rest of a request's head, or for the first byte of the first request.
    Head = 0,
    /// For the server: a handler is running, or reading the body.
    Serving = 1,
    /// For the client to read the response, and then to send another request.
    Answered = 2,
}

/// Why a connection is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Cut {
    HeadTooSlow = 1,
    Idle = 2,
    AnswerNotTaken = 3,
}

/// The time limit of each phase, in milliseconds, and the minimum rate for reading a response.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    pub head_ms_max: u64,
    pub idle_ms_max: u64,
    pub write_ms_max: u64,
    pub request_ms_max: u64,
    /// 0 means no minimum rate.
    pub bytes_per_s_min: u64,
}

/// One connection's numbers.
#[derive(Default)]
pub struct Activity {
    clock: CoarseClock,
    phase: AtomicU8,
    since_ms: AtomicU64,
    /// Requests begun.
    requests: AtomicU64,
    /// The request that has timed out.
    late: AtomicU64,
    /// Bytes written since the phase began.
    written: AtomicU64,
    last_written_ms: AtomicU64,
    /// Whether the client currently reads nothing.
    blocked: AtomicBool,
    /// Whether any part of the awaited head was received.
    heard: AtomicBool,
    /// The remaining quota of the request; 0 if it was not counted.
    allowance: AtomicU64,
    cut: AtomicU8,
    stopping: AtomicBool,
    waker: AtomicWaker,
}

impl Activity {
    pub fn new(clock: &CoarseClock) -> Self {
        let activity = Self { clock: clock.clone(), ..Self::default() };
        activity.enter(Phase::Head);
        activity
    }

    /// Counts the current request in a quota.
    pub fn allow(&self, allowance: Allowance) {
        self.allowance.store(allowance.packed(), Ordering::Relaxed);
    }

    pub fn allowance(&self) -> Option<Allowance> {
        Allowance::unpacked(self.allowance.load(Ordering::Relaxed))
    }

    /// The watchdog's time.
    pub fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Relaxed);
        self.since_ms.store(self.clock.now_ms(), Ordering::Relaxed);
        self.written.store(0, Ordering::Relaxed);
    }

    fn is(&self, phase: Phase) -> bool {
        self.phase.load(Ordering::Relaxed) == phase as u8
    }

    /// Bytes were received.
    pub fn read(&self) {
        if self.is(Phase::Answered) {
            self.enter(Phase::Head);
        }
        self.heard.store(true, Ordering::Relaxed);
    }

    /// The client has completed its part: the time of the request counts from here.
    pub fn progressed(&self) {
        self.since_ms.store(self.clock.now_ms(), Ordering::Relaxed);
    }

    /// Bytes were sent, or none could be.
    pub fn wrote(&self, bytes: Option<usize>) {
        match bytes {
            Some(bytes) => {
                let written = self.written.load(Ordering::Relaxed) + bytes as u64;
                self.written.store(written, Ordering::Relaxed);
                self.last_written_ms.store(self.clock.now_ms(), Ordering::Relaxed);
                self.blocked.store(false, Ordering::Relaxed);
            }
            None => {
                if !self.blocked.swap(true, Ordering::Relaxed) {
                    self.last_written_ms.store(self.clock.now_ms(), Ordering::Relaxed);
                }
            }
        }
    }

    /// Starts a request. Its number identifies it if it times out.
    pub fn begin(&self) -> u64 {
        self.enter(Phase::Serving);
        self.heard.store(false, Ordering::Relaxed);
        self.allowance.store(0, Ordering::Relaxed);
        let number = self.requests.load(Ordering::Relaxed) + 1;
        self.requests.store(number, Ordering::Relaxed);
        number
    }

    pub fn answered(&self) {
        self.enter(Phase::Answered);
    }

    pub fn is_late(&self, number: u64) -> bool {
        self.late.load(Ordering::Relaxed) == number
    }

    /// Whether no request, or no complete next request, was received: then a response does not come from a handler.
    pub fn awaits_head(&self) -> bool {
        self.is(Phase::Head)
    }

    pub fn cut(&self) -> Option<Cut> {
        match self.cut.load(Ordering::Relaxed) {
            1 => Some(Cut::HeadTooSlow),
            2 => Some(Cut::Idle),
            3 => Some(Cut::AnswerNotTaken),
            _ => None,
        }
    }

    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    pub fn wake_with(&self, waker: &Waker) {
        self.waker.register(waker);
    }

    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.waker.wake();
    }

    /// The watchdog's check: reports a connection that has exceeded a time limit.
    pub fn look(&self, timeouts: &Timeouts) {
        let now = self.clock.now_ms();
        let since = |ms: &AtomicU64| now.saturating_sub(ms.load(Ordering::Relaxed));
        if self.is(Phase::Serving) {
            if since(&self.since_ms) > timeouts.request_ms_max {
                self.late.store(self.requests.load(Ordering::Relaxed), Ordering::Relaxed);
                self.waker.wake();
            }
            return;
        }
        if let Some(reason) = self.overdue(timeouts, now) {
            self.cut.store(reason as u8, Ordering::Relaxed);
            self.waker.wake();
        }
    }

    fn overdue(&self, timeouts: &Timeouts, now: u64) -> Option<Cut> {
        let elapsed = now.saturating_sub(self.since_ms.load(Ordering::Relaxed));
        let still = now.saturating_sub(self.last_written_ms.load(Ordering::Relaxed));
        if self.blocked.load(Ordering::Relaxed) {
            let written = self.written.load(Ordering::Relaxed);
            let grace = timeouts.write_ms_max;
            let due = timeouts.bytes_per_s_min * elapsed.saturating_sub(grace) / 1_000;
            return (still > grace || written < due).then_some(Cut::AnswerNotTaken);
        }
        if !self.is(Phase::Head) {
            return (elapsed.min(still) > timeouts.idle_ms_max).then_some(Cut::Idle);
        }
        let heard = self.heard.load(Ordering::Relaxed);
        (elapsed > timeouts.head_ms_max).then_some(if heard { Cut::HeadTooSlow } else { Cut::Idle })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUTS: Timeouts = Timeouts {
        head_ms_max: 100,
        idle_ms_max: 1_000,
        write_ms_max: 200,
        request_ms_max: 300,
        bytes_per_s_min: 1_000,
    };

    fn at(clock: &CoarseClock, activity: &Activity, now_ms: u64) -> Option<Cut> {
        clock.set(now_ms);
        activity.look(&TIMEOUTS);
        activity.cut()
    }

    #[test]
    fn a_head_must_come_in_time_and_an_idle_connection_may_wait_longer() {
        let clock = CoarseClock::default();
        let silent = Activity::new(&clock);
        let activity = Activity::new(&clock);
        activity.read();
        assert_eq!(at(&clock, &activity, 100), None);
        assert_eq!(at(&clock, &activity, 101), Some(Cut::HeadTooSlow));
        assert_eq!(at(&clock, &silent, 101), Some(Cut::Idle), "nobody is told about a request never begun");

        let activity = Activity::new(&clock);
        activity.begin();
        activity.answered();
        activity.wrote(Some(10));
        assert_eq!(at(&clock, &activity, 1_101), None);
        activity.read();
        assert_eq!(at(&clock, &activity, 1_201), None);
        assert_eq!(at(&clock, &activity, 1_202), Some(Cut::HeadTooSlow));
        let activity = Activity::new(&clock);
        activity.begin();
        activity.answered();
        assert_eq!(at(&clock, &activity, 2_203), Some(Cut::Idle));
    }

    #[test]
    fn only_the_request_that_takes_too_long_is_late() {
        let clock = CoarseClock::default();
        let activity = Activity::new(&clock);
        let first = activity.begin();
        assert_eq!(at(&clock, &activity, 301), None);
        assert!(activity.is_late(first));
        activity.answered();
        let second = activity.begin();
        assert!(!activity.is_late(second));
        clock.set(500);
        activity.look(&TIMEOUTS);
        assert!(!activity.is_late(second));
    }

    #[test]
    fn an_answer_must_be_taken_and_not_too_slowly() {
        let clock = CoarseClock::default();
        let activity = Activity::new(&clock);
        activity.begin();
        activity.answered();
        activity.wrote(Some(500));
        activity.wrote(None);
        assert_eq!(at(&clock, &activity, 200), None);
        assert_eq!(at(&clock, &activity, 201), Some(Cut::AnswerNotTaken), "nothing taken for so long");

        let clock = CoarseClock::default();
        let dripping = Activity::new(&clock);
        dripping.begin();
        dripping.answered();
        dripping.wrote(Some(500));
        for now in (0..700).step_by(100) {
            clock.set(now);
            dripping.wrote(Some(10));
            dripping.wrote(None);
            assert_eq!(at(&clock, &dripping, now), None, "{now}");
        }
        assert_eq!(at(&clock, &dripping, 790), Some(Cut::AnswerNotTaken), "too slow on the whole");
    }
}
