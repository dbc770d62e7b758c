//! Opening hours, and the conversion of local times to instants. Both handle the nights on which the clocks change.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

use crate::time::{Instant, MINUTE_MS};

/// A week of opening hours. Minutes count from midnight and can exceed 1,440: open until 01:00 is 1,500.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OpeningHours {
    /// Monday first.
    pub days: [Vec<Interval>; 7],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval {
    pub opens_minute: i64,
    pub closes_minute: i64,
}

/// Why a local time is not a single instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoSuchMoment {
    #[error("does not exist on that day: the clocks skip it")]
    Skipped,
    #[error("happens twice on that day; add the UTC offset, as in 02:30+02:00")]
    Repeated,
    #[error("has a UTC offset that is not in use there at that time")]
    WrongOffset,
}

/// The instant at which clocks in `zone` show `local`. `offset` selects one if they show it twice.
pub fn moment(zone: &TimeZone, local: DateTime, offset: Option<Offset>) -> Result<Instant, NoSuchMoment> {
    let chosen = match (zone.to_ambiguous_timestamp(local).offset(), offset) {
        (AmbiguousOffset::Gap { .. }, _) => return Err(NoSuchMoment::Skipped),
        (AmbiguousOffset::Fold { .. }, None) => return Err(NoSuchMoment::Repeated),
        (AmbiguousOffset::Fold { before, after }, Some(given)) if given == before || given == after => given,
        (AmbiguousOffset::Unambiguous { offset }, None) => offset,
        (AmbiguousOffset::Unambiguous { offset }, Some(given)) if given == offset => offset,
        (AmbiguousOffset::Fold { .. } | AmbiguousOffset::Unambiguous { .. }, Some(_)) => {
            return Err(NoSuchMoment::WrongOffset);
        }
    };
    chosen.to_timestamp(local).map(Instant::from).map_err(|_| NoSuchMoment::Skipped)
}

/// Dates with hours of their own: none at all where it is closed. What begins on such a date counts, so that the night
/// before stays open past midnight.
pub type OpeningExceptions = BTreeMap<Date, Vec<Interval>>;

/// When a venue is open: its week, or always, but for the dates that are exceptions.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    pub hours: Option<&'a OpeningHours>,
    pub exceptions: &'a OpeningExceptions,
}

/// A day that is open from midnight to midnight.
const WHOLE_DAY: &[Interval] = &[Interval { opens_minute: 0, closes_minute: 1_440 }];

impl Opening<'_> {
    /// Whether the venue is open from `start` to `end` without a break. Intervals that touch count as one, as at
    /// midnight in a venue that never closes.
    pub fn covers(self, zone: &TimeZone, start: Instant, end: Instant) -> bool {
        if self.hours.is_none() && self.exceptions.is_empty() {
            return true;
        }
        let mut open_until = start;
        while let Some(closes) = self.closes_after(zone, open_until) {
            if end <= closes {
                return true;
            }
            open_until = closes;
        }
        false
    }

    /// When the intervals that are open at `moment` have all closed. `None` if the venue is closed at `moment`, or
    /// closes then.
    fn closes_after(self, zone: &TimeZone, moment: Instant) -> Option<Instant> {
        let today = moment.date_in(zone);
        let days = [Some(today), today.yesterday().ok()].into_iter().flatten();
        let intervals =
            days.flat_map(|day| self.on(day).iter().map(move |interval| interval.moments(zone, day)));
        intervals
            .filter(|(opens, closes)| *opens <= moment && moment < *closes)
            .map(|(_, closes)| closes)
            .max()
    }

    fn on(&self, day: Date) -> &[Interval] {
        match (self.exceptions.get(&day), self.hours) {
            (Some(own), _) => own,
            (None, Some(hours)) => hours.on(day),
            (None, None) => WHOLE_DAY,
        }
    }
}

impl OpeningHours {
    /// The intervals that begin on `day`.
    pub fn on(&self, day: Date) -> &[Interval] {
        let index = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or(0);
        self.days.get(index).map_or(&[], Vec::as_slice)
    }
}

impl Interval {
    /// When the interval of `day` begins and ends. A local time that the clock change skips means the instant of the
    /// change: a venue that opens at 02:30 opens when the clocks move forward.
    pub fn moments(self, zone: &TimeZone, day: Date) -> (Instant, Instant) {
        (wall_clock(zone, day, self.opens_minute), wall_clock(zone, day, self.closes_minute))
    }
}

fn wall_clock(zone: &TimeZone, day: Date, minute: i64) -> Instant {
    let midnight = day.to_datetime(Time::midnight());
    let local = midnight.checked_add(jiff::SignedDuration::from_mins(minute)).unwrap_or(midnight);
    zone.to_ambiguous_timestamp(local).compatible().map_or_else(
        |_| Instant(crate::time::day_number(day) * crate::time::DAY_MS + minute * MINUTE_MS),
        Instant::from,
    )
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    fn open(hours: &OpeningHours, zone: &TimeZone, start: Instant, end: Instant) -> bool {
        Opening { hours: Some(hours), exceptions: &OpeningExceptions::new() }.covers(zone, start, end)
    }

    fn at(day: Date, hour: i8, minute: i8) -> DateTime {
        day.at(hour, minute, 0, 0)
    }

    #[test]
    fn a_time_the_clocks_skip_is_refused() {
        let skipped = at(date(2026, 3, 29), 2, 30);
        assert_eq!(moment(&berlin(), skipped, None), Err(NoSuchMoment::Skipped));
    }

    #[test]
    fn a_time_that_comes_twice_needs_its_offset() {
        let twice = at(date(2026, 10, 25), 2, 30);
        assert_eq!(moment(&berlin(), twice, None), Err(NoSuchMoment::Repeated));
        let summer = moment(&berlin(), twice, Some(jiff::tz::offset(2))).unwrap();
        let winter = moment(&berlin(), twice, Some(jiff::tz::offset(1))).unwrap();
        assert_eq!(winter.0 - summer.0, 60 * MINUTE_MS);
        assert_eq!(moment(&berlin(), twice, Some(jiff::tz::offset(5))), Err(NoSuchMoment::WrongOffset));
    }

    #[test]
    fn a_night_bar_is_open_past_midnight_and_through_the_change_of_clocks() {
        let mut hours = OpeningHours::default();
        // Saturdays from 20:00 to 04:00.
        hours.days[5] = vec![Interval { opens_minute: 1_200, closes_minute: 1_680 }];
        let saturday = date(2026, 10, 24);
        let start = moment(&berlin(), at(saturday, 23, 0), None).unwrap();
        // From 23:00 summer time to 04:00 winter time is six hours.
        assert!(open(&hours, &berlin(), start, start + 360 * MINUTE_MS));
        assert!(!open(&hours, &berlin(), start, start + 361 * MINUTE_MS));
        let sunday_one = moment(&berlin(), at(date(2026, 10, 25), 1, 0), None).unwrap();
        assert!(open(&hours, &berlin(), sunday_one, sunday_one + 60 * MINUTE_MS));
    }

    #[test]
    fn a_place_that_never_closes_is_open_over_midnight() {
        let all_day = vec![Interval { opens_minute: 0, closes_minute: 1_440 }];
        let mut hours = OpeningHours { days: std::array::from_fn(|_| all_day.clone()) };
        let late = moment(&berlin(), at(date(2026, 10, 23), 23, 30), None).unwrap();
        assert!(open(&hours, &berlin(), late, late + 2_880 * MINUTE_MS));
        // Closed on Sunday: open until midnight on Saturday.
        hours.days[6].clear();
        assert!(open(&hours, &berlin(), late, late + 1_470 * MINUTE_MS));
        assert!(!open(&hours, &berlin(), late, late + 1_471 * MINUTE_MS));
    }

    #[test]
    fn a_date_that_is_an_exception_has_its_own_hours_or_none() {
        let mut hours = OpeningHours { days: std::array::from_fn(|_| Vec::new()) };
        let evening = Interval { opens_minute: 1_200, closes_minute: 1_680 };
        hours.days.iter_mut().for_each(|day| day.push(evening));
        let lunch = Interval { opens_minute: 720, closes_minute: 900 };
        let exceptions: OpeningExceptions =
            [(date(2026, 3, 3), vec![]), (date(2026, 3, 4), vec![lunch])].into();
        let opening = Opening { hours: Some(&hours), exceptions: &exceptions };
        let covers = |day: Date, hour: i8| {
            let start = moment(&berlin(), at(day, hour, 0), None).unwrap();
            opening.covers(&berlin(), start, start + 60 * MINUTE_MS)
        };
        assert!(covers(date(2026, 3, 2), 21));
        // The night of the 2nd goes on past midnight; the 3rd itself stays closed.
        assert!(covers(date(2026, 3, 3), 2) && !covers(date(2026, 3, 3), 21));
        assert!(covers(date(2026, 3, 4), 12) && !covers(date(2026, 3, 4), 21));
        assert!(covers(date(2026, 3, 5), 21));
    }

    #[test]
    fn a_place_that_never_closes_is_closed_on_an_exception() {
        let exceptions: OpeningExceptions = [(date(2026, 3, 3), vec![])].into();
        let opening = Opening { hours: None, exceptions: &exceptions };
        let late = moment(&berlin(), at(date(2026, 3, 2), 23, 0), None).unwrap();
        assert!(opening.covers(&berlin(), late, late + 60 * MINUTE_MS));
        assert!(!opening.covers(&berlin(), late, late + 61 * MINUTE_MS));
        let day_after = moment(&berlin(), at(date(2026, 3, 4), 0, 0), None).unwrap();
        assert!(opening.covers(&berlin(), day_after, day_after + 3_000 * MINUTE_MS));
    }

    #[test]
    fn a_pause_between_two_intervals_is_closed() {
        let mut hours = OpeningHours::default();
        hours.days[0] = vec![
            Interval { opens_minute: 720, closes_minute: 900 },
            Interval { opens_minute: 1_080, closes_minute: 1_320 },
        ];
        let lunch = moment(&berlin(), at(date(2026, 3, 2), 14, 0), None).unwrap();
        assert!(open(&hours, &berlin(), lunch, lunch + 60 * MINUTE_MS));
        assert!(!open(&hours, &berlin(), lunch, lunch + 61 * MINUTE_MS));
        assert!(!open(&hours, &berlin(), lunch, lunch + 300 * MINUTE_MS));
    }
}
