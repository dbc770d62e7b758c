//! A generated history, written in the format of the published files, including their oddities.

use std::fmt::Write as _;
use std::path::Path;

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use testkit::SeededChance;

const HEADER: &str = "hotel,is_canceled,lead_time,arrival_date_year,arrival_date_month,arrival_date_week_number,\
    arrival_date_day_of_month,stays_in_weekend_nights,stays_in_week_nights,adults,children,babies,meal,country,\
    market_segment,distribution_channel,is_repeated_guest,previous_cancellations,previous_bookings_not_canceled,\
    reserved_room_type,assigned_room_type,booking_changes,deposit_type,agent,company,days_in_waiting_list,\
    customer_type,adr,required_car_parking_spaces,total_of_special_requests,reservation_status,\
    reservation_status_date";
/// Day 0.
const FIRST: Date = date(2015, 12, 1);
/// Days of arrivals. They begin after the longest lead time, and include a 29 February.
const ARRIVAL_DAYS: (i64, i64) = (61, 200);
/// The last one is in no set of capacities.
const ROOM_TYPES: [&str; 5] = ["A", "B", "C", "D", "Z"];
const NIGHTS_LONGEST: i64 = 69;

/// A booking for the oracle, with days counted from day 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    pub room_type: &'static str,
    pub booked: i64,
    pub arrives: i64,
    pub nights: i64,
    pub cancelled: Option<i64>,
}

impl Stay {
    fn generate(chance: &mut SeededChance) -> Self {
        let mut below = |bound: i64| {
            let bound = u64::try_from(bound).expect("a bound is more than 0");
            i64::try_from(chance.below(bound)).expect("below what was an i64")
        };
        let arrives = ARRIVAL_DAYS.0 + below(ARRIVAL_DAYS.1 - ARRIVAL_DAYS.0);
        // Some book on the day of arrival or shortly before.
        let booked = arrives - if below(3) == 0 { below(3) } else { below(60) };
        let nights = if below(100) == 0 { NIGHTS_LONGEST } else { below(9) };
        let room_type = ROOM_TYPES[usize::try_from(below(100) * 4 / 99).expect("below five")];
        let cancelled = match below(9) {
            0 => Some(booked),
            1 | 2 => Some(booked + below(arrives - booked + 1)),
            // Before there was anything to cancel.
            3 if below(10) == 0 => Some(booked - 1),
            _ => None,
        };
        Self { room_type, booked, arrives, nights, cancelled }
    }
}

/// `count` stays, some of them twice in a row, as in the published files.
pub fn generate(seed: u64, count: usize) -> Vec<Stay> {
    let mut chance = SeededChance::new(seed);
    let mut stays: Vec<Stay> = Vec::with_capacity(count);
    while stays.len() < count {
        let again = stays.last().copied().filter(|_| chance.below(20) == 0);
        stays.push(again.unwrap_or_else(|| Stay::generate(&mut chance)));
    }
    stays
}

pub fn write(path: &Path, stays: &[Stay]) {
    let mut text = format!("{HEADER}\n");
    for (number, stay) in stays.iter().enumerate() {
        writeln!(text, "{}", line(number, *stay)).expect("a string takes everything");
    }
    std::fs::write(path, text).expect("the test's directory can be written");
}

fn line(number: usize, stay: Stay) -> String {
    let arrives = day(stay.arrives);
    let (status, told) = match stay.cancelled {
        Some(cancelled) => ("Canceled", day(cancelled)),
        None if number.is_multiple_of(17) => ("No-Show", arrives),
        None => ("Check-Out", day(stay.arrives + stay.nights)),
    };
    let people = ["2,0,0", "0,0,0", "1,NA,0", "40,2,1"][number % 4];
    let country = ["PRT", "NULL"][number % 2];
    format!(
        "Resort Hotel,{canceled},{lead},{year},{month},27,{day},{weekend},{week},{people},BB,{country},Direct,Direct,\
         0,0,0,{room:<4},A,0,No Deposit,NULL,NULL,0,Transient,-6.38,0,0,{status},{told}",
        canceled = u8::from(stay.cancelled.is_some()),
        lead = stay.arrives - stay.booked,
        year = arrives.year(),
        month = arrives.strftime("%B"),
        day = arrives.day(),
        weekend = stay.nights / 3,
        week = stay.nights - stay.nights / 3,
        room = stay.room_type,
    )
}

fn day(number: i64) -> Date {
    FIRST.checked_add(number.days()).expect("a few months later")
}
