//! Challenges in one process: all of them without Redis, otherwise those issued by this process.

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
    /// Oldest first, each with the number of its entry.
    order: VecDeque<(u64, Uuid)>,
    puts: u64,
}

/// A dead challenge is kept until it expires, so that it cannot be restored.
struct Entry {
    challenge: Challenge,
    /// 0 when it is dead.
    tries_left: u32,
    /// Whether an answer was accepted.
    used: bool,
    expires: Instant,
    number: u64,
    debt: Debt,
}

/// What Redis does not know about a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Debt {
    None,
    /// The challenge itself.
    Unsent,
    /// Its later changes.
    Changed,
}

/// A challenge at one point in time.
pub struct Kept {
    pub id: Uuid,
    pub challenge: Challenge,
    pub tries_left: u32,
    pub left: Duration,
    pub debt: Debt,
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
        let older = table.latest.insert((challenge.subject, challenge.bound_to), id);
        if let Some(older) = older.and_then(|older| table.entries.get_mut(&older)) {
            older.leave(0);
        }
        table.puts += 1;
        let number = table.puts;
        let (tries_left, used, expires, debt) = (TRIES_MAX, false, now + ttl, Debt::Unsent);
        table.entries.insert(id, Entry { challenge, tries_left, used, expires, number, debt });
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
            entry.leave(0);
            entry.used = true;
            return Verdict::Right;
        }
        entry.leave(entry.tries_left - 1);
        Verdict::Wrong { tries_left: entry.tries_left }
    }

    /// Whether Redis may know more about this challenge than this process.
    pub fn must_ask(&self, id: Uuid) -> bool {
        let table = self.table();
        table.entries.get(&id).is_none_or(|entry| entry.tries_left > 0 && entry.debt != Debt::Unsent)
    }

    /// Redis has the challenge.
    pub fn sent(&self, id: Uuid) {
        if let Some(entry) = self.table().entries.get_mut(&id).filter(|entry| entry.debt == Debt::Unsent) {
            entry.debt = Debt::None;
        }
    }

    /// Whether an answer that Redis accepts is the first accepted one.
    pub fn use_up(&self, id: Uuid) -> bool {
        let mut table = self.table();
        let Some(entry) = table.entries.get_mut(&id) else { return true };
        entry.tries_left = 0;
        !std::mem::replace(&mut entry.used, true)
    }

    /// Records the remaining attempts reported by Redis.
    pub fn learn(&self, id: Uuid, tries_left: u32) {
        if let Some(entry) = self.table().entries.get_mut(&id) {
            entry.tries_left = entry.tries_left.min(tries_left);
        }
    }

    /// Redis may know more about every challenge.
    pub fn doubt(&self) {
        let mut table = self.table();
        let certain = table.entries.values_mut().filter(|entry| entry.debt == Debt::None);
        certain.for_each(|entry| entry.debt = Debt::Changed);
    }

    pub fn is_owed(&self) -> bool {
        let now = Instant::now();
        self.table().entries.values().any(|entry| entry.is_owed(now))
    }

    pub fn in_debt(&self) -> Vec<Kept> {
        let now = Instant::now();
        let table = self.table();
        let owed = table.entries.iter().filter(|(_, entry)| entry.is_owed(now));
        let kept = owed.map(|(id, entry)| Kept {
            id: *id,
            challenge: entry.challenge,
            tries_left: entry.tries_left,
            left: entry.expires - now,
            debt: entry.debt,
            number: entry.number,
        });
        kept.collect()
    }

    /// Redis knows this state. Later changes still have to be sent.
    pub fn settled(&self, kept: &Kept) {
        let mut table = self.table();
        let entry = table.entries.get_mut(&kept.id).filter(|entry| entry.number == kept.number);
        if let Some(entry) = entry {
            entry.debt = if entry.tries_left == kept.tries_left { Debt::None } else { Debt::Changed };
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn is_alive(&self, now: Instant) -> bool {
        self.tries_left > 0 && self.expires > now
    }

    fn is_owed(&self, now: Instant) -> bool {
        self.debt != Debt::None && self.expires > now
    }

    fn leave(&mut self, tries_left: u32) {
        self.tries_left = tries_left;
        if self.debt == Debt::None {
            self.debt = Debt::Changed;
        }
    }
}

impl Table {
    /// Removes the oldest expired entries, then the oldest ones until there is room for one more.
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

    #[test]
    fn what_redis_calls_right_is_right_if_we_have_not_called_it_so() {
        let codes = Codes::new(2);
        let [heard_of, judged, foreign] = [1, 2, 3].map(Uuid::from_u128);
        codes.put(heard_of, challenge(1), TTL);
        codes.put(judged, challenge(2), TTL);
        // The message that the code is used arrives before the response that says by whom: by this process.
        codes.learn(heard_of, 0);
        assert_eq!([codes.use_up(heard_of), codes.use_up(heard_of)], [true, false]);
        assert_eq!(check(&codes, 2), Verdict::Right);
        assert!(!codes.use_up(judged));
        assert!(codes.use_up(foreign));
    }

    #[test]
    fn changes_unknown_to_redis_are_kept_until_they_are_sent() {
        let codes = Codes::new(2);
        let owed = || codes.in_debt().iter().map(|kept| (kept.tries_left, kept.debt)).collect::<Vec<_>>();
        codes.put(Uuid::from_u128(1), challenge(1), TTL);
        assert_eq!((owed(), codes.must_ask(Uuid::from_u128(1))), (vec![(TRIES_MAX, Debt::Unsent)], false));
        codes.sent(Uuid::from_u128(1));
        assert!(!codes.is_owed() && codes.must_ask(Uuid::from_u128(1)));
        codes.check(Uuid::from_u128(1), [1; 32], [9; 32]);
        let told = codes.in_debt();
        codes.check(Uuid::from_u128(1), [1; 32], [9; 32]);
        codes.settled(&told[0]);
        assert_eq!(owed(), [(TRIES_MAX - 2, Debt::Changed)]);
        codes.settled(&codes.in_debt()[0]);
        assert!(!codes.is_owed());
    }
}
