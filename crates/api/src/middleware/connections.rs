//! The open connections: their number by address, and the watchdog that checks them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::activity::{Activity, CoarseClock, Timeouts};
use super::network::customer;

/// Maximum and minimum interval of the watchdog's rounds, in milliseconds.
const ROUND_MS_MAX: u64 = 250;
const ROUND_MS_MIN: u64 = 10;

#[derive(Debug, Clone, Copy)]
pub struct ConnectionLimits {
    pub connections_max: usize,
    pub per_address_max: usize,
}

/// All connections of one server.
pub struct Connections {
    limits: ConnectionLimits,
    timeouts: Timeouts,
    clock: CoarseClock,
    open: Mutex<Open>,
    /// Notified whenever a connection ends.
    ended: Notify,
}

#[derive(Default)]
struct Open {
    next: u64,
    activities: HashMap<u64, Arc<Activity>>,
    by_address: HashMap<IpAddr, usize>,
}

/// Why a connection is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    Everywhere,
    ForAddress,
}

/// One open connection. It is counted until this is dropped.
pub struct Place {
    pub activity: Arc<Activity>,
    number: u64,
    /// The address that it is counted for.
    counted: Option<IpAddr>,
    connections: Arc<Connections>,
}

impl Connections {
    pub fn new(limits: ConnectionLimits, timeouts: Timeouts) -> Self {
        Self { limits, timeouts, clock: CoarseClock::default(), open: Mutex::default(), ended: Notify::new() }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a connection from `peer`. Trusted proxies have no limit.
    pub fn enter(self: &Arc<Self>, peer: IpAddr, trusted: bool) -> Result<Place, Full> {
        let mut open = self.open();
        if open.activities.len() >= self.limits.connections_max {
            return Err(Full::Everywhere);
        }
        let counted = (!trusted).then(|| customer(peer));
        if let Some(customer) = counted {
            let count = open.by_address.entry(customer).or_insert(0);
            if *count >= self.limits.per_address_max {
                return Err(Full::ForAddress);
            }
            *count += 1;
        }
        let (number, activity) = (open.next, Arc::new(Activity::new(&self.clock)));
        open.next += 1;
        open.activities.insert(number, Arc::clone(&activity));
        drop(open);
        Ok(Place { activity, number, counted, connections: Arc::clone(self) })
    }

    pub fn count(&self) -> usize {
        self.open().activities.len()
    }

    /// Checks all connections, for ever.
    pub async fn watch(&self) {
        let began = Instant::now();
        let shortest = [
            self.timeouts.head_ms_max,
            self.timeouts.idle_ms_max,
            self.timeouts.write_ms_max,
            self.timeouts.request_ms_max,
        ];
        let round =
            shortest.into_iter().min().map_or(ROUND_MS_MAX, |ms| (ms / 8).clamp(ROUND_MS_MIN, ROUND_MS_MAX));
        let mut rounds = tokio::time::interval(Duration::from_millis(round));
        rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            rounds.tick().await;
            self.clock.set(u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX));
            for activity in self.open().activities.values() {
                activity.look(&self.timeouts);
            }
        }
    }

    /// Asks every connection to finish its current request and to close.
    pub fn stop(&self) {
        for activity in self.open().activities.values() {
            activity.stop();
        }
    }

    /// Waits until all are closed.
    pub async fn all_ended(&self) {
        loop {
            let ended = self.ended.notified();
            if self.count() == 0 {
                return;
            }
            ended.await;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.open();
        open.activities.remove(&self.number);
        if let Some(customer) = self.counted
            && let Some(count) = open.by_address.get_mut(&customer)
        {
            *count -= 1;
            if *count == 0 {
                open.by_address.remove(&customer);
            }
        }
        drop(open);
        self.connections.ended.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connections(connections_max: usize, per_address_max: usize) -> Arc<Connections> {
        let timeouts = Timeouts {
            head_ms_max: 1_000,
            idle_ms_max: 1_000,
            write_ms_max: 1_000,
            request_ms_max: 1_000,
            bytes_per_s_min: 0,
        };
        Arc::new(Connections::new(ConnectionLimits { connections_max, per_address_max }, timeouts))
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn places_are_counted_by_address_and_given_back() {
        let connections = connections(5, 2);
        let first = connections.enter(address("192.0.2.1"), false).ok().unwrap();
        let _second = connections.enter(address("192.0.2.1"), false).ok().unwrap();
        assert_eq!(connections.enter(address("::ffff:192.0.2.1"), false).err(), Some(Full::ForAddress));
        let _other = connections.enter(address("192.0.2.2"), false).ok().unwrap();
        drop(first);
        let _again = connections.enter(address("192.0.2.1"), false).ok().unwrap();
        let _proxy = connections.enter(address("192.0.2.1"), true).ok().unwrap();
        let _proxy = connections.enter(address("192.0.2.1"), true).ok().unwrap();
        assert_eq!(connections.enter(address("192.0.2.9"), false).err(), Some(Full::Everywhere));
        assert_eq!(connections.count(), 5);
    }

    #[test]
    fn one_customers_ipv6_addresses_count_together() {
        let connections = connections(10, 1);
        let _first = connections.enter(address("2001:db8::1"), false).ok().unwrap();
        assert_eq!(connections.enter(address("2001:db8::ffff:1"), false).err(), Some(Full::ForAddress));
        assert!(connections.enter(address("2001:db8:0:1::1"), false).is_ok());
    }

    #[test]
    fn nothing_is_kept_of_those_who_left() {
        let connections = connections(10, 10);
        drop(connections.enter(address("192.0.2.1"), false));
        let open = connections.open();
        assert!(open.by_address.is_empty() && open.activities.is_empty());
    }
}
