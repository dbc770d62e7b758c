//! Challenges within one process: all of them where there is no Redis, and otherwise those that this process issued.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use tokio::time::Instant;
use uuid::Uuid;

use crate::codes::{Challenge, TRIES_MAX, Verdict};

pub struct Codes {
    max: usize,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    entries: HashMap<Uuid, Entry>,
    /// The latest challenge of a subject and device.
    latest: HashMap<([u8; 32], [u8; 32]), Uuid>,
    /// Oldest first, each with the number of the entry it was put with.
    order: VecDeque<(u64, Uuid)>,
    puts: u64,
}

/// A dead challenge stays until its time, so that nothing brings it back.
struct Entry {
    challenge: Challenge,
    /// 0 when it is dead.
    tries_left: u32,
    expires: Instant,
    number: u64,
}

impl Codes {
    pub fn new(max: usize) -> Self {
        Self { max, table: Mutex::default() }
    }

    pub fn put(&self, id: Uuid, challenge: Challenge, ttl: Duration) {
        let now = Instant::now();
        let mut table = self.table();
        table.make_room(now, self.max);
        let device_of_subject = (challenge.subject, challenge.bound_to);
        if let Some(older) = table.latest.insert(device_of_subject, id) {
            table.kill(older);
        }
        table.puts += 1;
        let number = table.puts;
        table.entries.insert(id, Entry { challenge, tries_left: TRIES_MAX, expires: now + ttl, number });
        table.order.push_back((number, id));
    }

    pub fn check(&self, id: Uuid, bound_to: [u8; 32], digest: [u8; 32]) -> Verdict {
        let mut table = self.table();
        let Some(entry) = table.entries.get_mut(&id).filter(|entry| entry.is_alive(Instant::now())) else {
            return Verdict::Gone;
        };
        if verify_slices_are_equal(&entry.challenge.bound_to, &bound_to).is_err() {
            return Verdict::WrongDevice;
        }
        if verify_slices_are_equal(&entry.challenge.digest, &digest).is_ok() {
            entry.tries_left = 0;
            return Verdict::Right;
        }
        entry.tries_left -= 1;
        Verdict::Wrong { tries_left: entry.tries_left }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn is_alive(&self, now: Instant) -> bool {
        self.tries_left > 0 && self.expires > now
    }
}

impl Table {
    fn kill(&mut self, id: Uuid) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.tries_left = 0;
        }
    }

    /// Drops the oldest that have expired, and then the oldest until one more has room.
    fn make_room(&mut self, now: Instant, max: usize) {
        while let Some(&(number, id)) = self.order.front() {
            let entry = self.entries.get(&id).filter(|entry| entry.number == number);
            if self.order.len() < max && entry.is_some_and(|entry| entry.expires > now) {
                return;
            }
            let device_of_subject = entry.map(|entry| (entry.challenge.subject, entry.challenge.bound_to));
            if let Some(device_of_subject) = device_of_subject {
                self.entries.remove(&id);
                if self.latest.get(&device_of_subject) == Some(&id) {
                    self.latest.remove(&device_of_subject);
                }
            }
            self.order.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_mins(5);

    fn challenge(of: u8) -> Challenge {
        Challenge { digest: [of; 32], bound_to: [of; 32], subject: [of; 32] }
    }

    fn check(codes: &Codes, of: u8) -> Verdict {
        codes.check(Uuid::from_u128(of.into()), [of; 32], [of; 32])
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_give_way_and_the_expired_leave_nothing() {
        let codes = Codes::new(3);
        for of in 1..=4 {
            codes.put(Uuid::from_u128(of.into()), challenge(of), TTL);
        }
        assert_eq!(
            [1, 2, 3, 4].map(|of| check(&codes, of)),
            [Verdict::Gone, Verdict::Right, Verdict::Right, Verdict::Right]
        );
        tokio::time::advance(TTL).await;
        codes.put(Uuid::from_u128(5), challenge(5), TTL);
        let table = codes.table();
        assert_eq!((table.entries.len(), table.latest.len(), table.order.len()), (1, 1, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_challenge_put_again_is_not_dropped_in_its_first_ones_place() {
        let codes = Codes::new(2);
        codes.put(Uuid::from_u128(1), challenge(1), TTL);
        codes.put(Uuid::from_u128(1), challenge(1), TTL);
        codes.put(Uuid::from_u128(2), challenge(2), TTL);
        assert_eq!(check(&codes, 1), Verdict::Right);
    }

    #[tokio::test(start_paused = true)]
    async fn it_expires() {
        let codes = Codes::new(2);
        codes.put(Uuid::from_u128(1), challenge(1), TTL);
        tokio::time::advance(TTL).await;
        assert_eq!(check(&codes, 1), Verdict::Gone);
    }
}
