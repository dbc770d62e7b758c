//! The expected result of a replay, computed by brute force: every day, every row, an array of the units taken each
//! night.

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};

use super::history::Stay;

/// Beyond the last night of any generated stay.
const DAYS: usize = 400;

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Expected {
    pub accepted: usize,
    pub cancelled: usize,
    pub skipped: usize,
    pub rejected_rows: Vec<usize>,
}

impl Expected {
    pub fn sha256(&self) -> String {
        let mut text = String::new();
        for row in &self.rejected_rows {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&row.to_string());
        }
        hexadecimal(digest(&SHA256, text.as_bytes()).as_ref())
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

struct House<'a> {
    stays: &'a [Stay],
    capacities: HashMap<&'a str, i64>,
    taken: HashMap<&'a str, [i64; DAYS]>,
    accepted: Vec<bool>,
    expected: Expected,
}

pub fn expect(stays: &[Stay], capacities: &[(&str, i64)], order: &str) -> Expected {
    let mut house = House {
        stays,
        capacities: capacities.iter().copied().collect(),
        taken: HashMap::new(),
        accepted: vec![false; stays.len()],
        expected: Expected::default(),
    };
    for day in 0..i64::try_from(DAYS).expect("a small number") {
        match order {
            "book_first" => {
                house.book_all(day);
                house.cancel_all(day, |_| true);
            }
            "cancel_first" => {
                house.cancel_all(day, |stay| stay.booked < day);
                house.book_all(day);
                house.cancel_all(day, |stay| stay.booked == day);
            }
            other => panic!("no order is called {other}"),
        }
    }
    house.expected.skipped = stays.iter().filter(|stay| stay.nights == 0).count();
    house.expected.rejected_rows.sort_unstable();
    house.expected
}

impl House<'_> {
    fn book_all(&mut self, day: i64) {
        for (row, stay) in self.stays.iter().enumerate() {
            if stay.booked != day || stay.nights == 0 {
                continue;
            }
            let capacity = self.capacities.get(stay.room_type).copied().unwrap_or(0);
            let taken = self.taken.entry(stay.room_type).or_insert([0; DAYS]);
            let nights = &mut taken[nights(*stay)];
            if nights.iter().all(|taken| *taken < capacity) {
                for taken in nights {
                    *taken += 1;
                }
                self.accepted[row] = true;
                self.expected.accepted += 1;
            } else {
                self.expected.rejected_rows.push(row);
            }
        }
    }

    fn cancel_all(&mut self, day: i64, which: impl Fn(&Stay) -> bool) {
        for (row, stay) in self.stays.iter().enumerate() {
            if stay.cancelled == Some(day) && self.accepted[row] && which(stay) {
                let taken = self.taken.get_mut(stay.room_type).expect("an accepted stay took its nights");
                for taken in &mut taken[nights(*stay)] {
                    *taken -= 1;
                }
                self.expected.cancelled += 1;
            }
        }
    }
}

fn nights(stay: Stay) -> std::ops::Range<usize> {
    let first = usize::try_from(stay.arrives).expect("after day 0");
    first..first + usize::try_from(stay.nights).expect("some nights")
}
