//! Local times on the nights the clocks change: Berlin springs forward on 2026-03-29 and falls back on 2026-10-25.

use domain::line::{Ask, Detail, SeatingAsk};
use jiff::tz::offset;

use super::{needs, plan, wrong};
use crate::ask::booth;
use crate::world::at;

const NO_ERRORS: [&str; 0] = [];

fn for_minutes(when: &str, hours_east: Option<i8>, minutes: i64) -> Ask {
    let offset = hours_east.map(offset);
    Ask::Seating(SeatingAsk { offset, duration_minutes: Some(minutes), ..booth(when) })
}

#[test]
fn a_time_that_the_clocks_skip_is_refused_with_any_offset() {
    for hours_east in [None, Some(1), Some(2)] {
        assert_eq!(
            wrong(for_minutes("2026-03-29T02:30", hours_east, 60)),
            ["/booking_time: does not exist on that day: the clocks skip it"]
        );
    }
}

#[test]
fn a_time_that_comes_twice_needs_one_of_its_two_offsets() {
    for (hours_east, expected) in [
        (None, vec!["/booking_time: happens twice on that day; add the UTC offset, as in 02:30+02:00"]),
        (Some(2), vec![]),
        (Some(1), vec![]),
        (Some(0), vec!["/booking_time: has a UTC offset that is not in use there at that time"]),
    ] {
        assert_eq!(wrong(for_minutes("2026-10-25T02:30", hours_east, 60)), expected, "{hours_east:?}");
    }
}

#[test]
fn an_offset_of_an_unambiguous_time_must_be_the_one_in_use() {
    assert_eq!(wrong(for_minutes("2026-07-01T20:00", Some(2), 60)), NO_ERRORS);
    assert_eq!(
        wrong(for_minutes("2026-07-01T20:00", Some(1), 60)),
        ["/booking_time: has a UTC offset that is not in use there at that time"]
    );
}

#[test]
fn a_seating_over_the_change_of_clocks_lasts_as_long_as_it_should() {
    for (when, hours_east, minutes, begins, ends) in [
        ("2026-03-28T23:00", None, 360, "2026-03-28T22:00:00Z", "06:00:00"),
        ("2026-03-29T01:45", None, 30, "2026-03-29T00:45:00Z", "03:15:00"),
        ("2026-10-24T23:00", None, 360, "2026-10-24T21:00:00Z", "04:00:00"),
        ("2026-10-25T02:30", Some(2), 45, "2026-10-25T00:30:00Z", "02:15:00"),
        ("2026-10-25T02:30", Some(1), 45, "2026-10-25T01:30:00Z", "03:15:00"),
    ] {
        let plan = plan(&[for_minutes(when, hours_east, minutes)]);
        let claimed = needs(&plan, 0)[0][0].slots().count();
        assert_eq!(i64::try_from(claimed).unwrap() * 15, minutes, "{when}");
        let Detail::Table(detail) = &plan.lines[0].choices[0].detail else { panic!("a table") };
        assert_eq!(detail.starts_at_ms, at(begins).0, "{when}");
        assert_eq!(detail.end_time.to_string(), ends, "{when}");
    }
}

#[test]
fn the_two_hours_of_one_name_are_two_hours() {
    let slots = |hours_east| {
        let plan = plan(&[for_minutes("2026-10-25T02:00", Some(hours_east), 60)]);
        needs(&plan, 0)[0][0].slots().map(|key| key.slot).collect::<Vec<_>>()
    };
    let (summer, winter) = (slots(2), slots(1));
    assert_eq!(summer.last().unwrap() + 1, winter[0]);
}

#[test]
fn the_edges_of_the_calendar_are_only_refused() {
    for when in ["9999-12-31T23:59:59", "-009999-01-01T00:00"] {
        assert_eq!(wrong(for_minutes(when, None, 60)).len(), 1, "{when}");
    }
}
