//! Tables and experiences: parties, durations, steps, opening hours.

use domain::ids::VenueId;
use domain::line::{Ask, Detail, SeatingAsk, SeatingKind};
use domain::offering::{LengthRule, Offering};
use domain::opening::Interval;
use domain::plan::Rules;
use domain::venue::Venue;

use super::{needs, plan, wrong, wrong_at};
use crate::ask::{booth, day, dinner, table, tasting};
use crate::desk::planned;
use crate::world::{at, change, code, id_of, put, start, world};

const NO_ERRORS: [&str; 0] = [];

#[test]
fn a_party_may_sit_wherever_it_fits_smallest_first() {
    let pools = |party_size| {
        let plan = plan(&[dinner("2026-03-03T19:00", party_size)]);
        let pool = |need: &domain::plan::Need| need.slots().next().unwrap().pool;
        needs(&plan, 0).iter().map(|needs| needs.iter().map(pool).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    let id = crate::world::pool_id;
    assert_eq!(pools(2), [vec![id("twos")]]);
    assert_eq!(pools(5), [vec![id("sixes")], vec![id("twos"), id("fours")]]);
}

#[test]
fn a_table_is_claimed_for_the_seating_and_its_turn() {
    let plan = plan(&[dinner("2026-03-03T19:00", 2)]);
    // 90 minutes, and 15 to prepare the table, in steps of 15.
    assert_eq!(needs(&plan, 0)[0][0].slots().count(), 7);
    let Detail::Table(detail) = &plan.lines[0].choices[0].detail else { panic!("a table") };
    assert_eq!(detail.starts_at_ms, at("2026-03-03T18:00:00Z").0);
    assert_eq!((detail.duration_minutes, detail.end_time.to_string().as_str()), (90, "20:30:00"));
    assert_eq!((plan.starts_on, plan.party_size), (day("2026-03-03"), 2));
}

#[test]
fn a_turn_that_ends_between_two_steps_claims_the_step_it_ends_in() {
    let ask = SeatingAsk { duration_minutes: Some(50), ..table("2026-03-03T19:00", 2) };
    assert_eq!(needs(&plan(&[Ask::Seating(ask)]), 0)[0][0].slots().count(), 5);
}

#[test]
fn an_experience_takes_a_place_for_each_of_the_party_and_costs_so() {
    let plan = plan(&[tasting("2026-03-03T19:05", 6)]);
    let domain::plan::Need::Range { units, .. } = needs(&plan, 0)[0][0] else { panic!("a range") };
    assert_eq!((units, plan.estimate_minor()), (6, 6 * 3_500));
}

#[test]
fn either_kind_offers_tables_before_experiences() {
    let ask = SeatingAsk { kind: SeatingKind::Either, ..table("2026-03-03T19:00", 4) };
    let kinds: Vec<_> =
        plan(&[Ask::Seating(ask)]).lines[0].choices.iter().map(|choice| choice.detail.kind()).collect();
    assert_eq!(kinds, ["table", "table", "experience"]);
}

#[test]
fn a_party_is_from_1_to_500_and_fits_somewhere() {
    let nothing = "/party_size: no table or experience here fits a party of this size";
    let range = "/party_size: must be from 1 to 500";
    for (party_size, expected) in [
        (i64::MIN, vec![range, nothing]),
        (0, vec![range, nothing]),
        (1, vec![]),
        (6, vec![]),
        (7, vec![nothing]),
        (500, vec![nothing]),
        (i64::MAX, vec![range, nothing]),
    ] {
        assert_eq!(wrong(dinner("2026-03-03T19:00", party_size)), expected, "{party_size}");
    }
}

#[test]
fn a_party_can_be_too_small_for_the_table_it_names() {
    let ask = |party_size| {
        Ask::Seating(SeatingAsk { item: Some(code("for-five")), ..table("2026-03-03T19:00", party_size) })
    };
    assert_eq!(wrong(ask(2)), ["/party_size: no table or experience here fits a party of this size"]);
    assert_eq!(wrong(ask(3)), NO_ERRORS);
}

#[test]
fn a_duration_is_from_5_to_1440_minutes() {
    let ask =
        |minutes| Ask::Seating(SeatingAsk { duration_minutes: Some(minutes), ..booth("2026-03-03T19:00") });
    for minutes in [5, 1_440] {
        assert_eq!(wrong(ask(minutes)), NO_ERRORS, "{minutes}");
    }
    for minutes in [i64::MIN, -1, 0, 4, 1_441, i64::MAX] {
        assert_eq!(wrong(ask(minutes)), ["/duration_minutes: must be from 5 to 1440"], "{minutes}");
    }
}

#[test]
fn a_wrong_duration_is_not_taken_for_closed_doors() {
    let ask = SeatingAsk { duration_minutes: Some(i64::MAX), ..table("2026-03-03T19:00", 2) };
    assert_eq!(wrong(Ask::Seating(ask)), ["/duration_minutes: must be from 5 to 1440"]);
}

#[test]
fn a_time_falls_on_a_step_of_what_is_booked() {
    for (ask, expected) in [
        (dinner("2026-03-03T19:10", 2), vec!["/booking_time: must fall on a 15-minute step"]),
        (dinner("2026-03-03T19:00:01", 2), vec!["/booking_time: must fall on a 15-minute step"]),
        (tasting("2026-03-03T19:10", 2), vec![]),
        (tasting("2026-03-03T19:12", 2), vec!["/booking_time: must fall on a 5-minute step"]),
        (tasting("2026-03-03T16:10", 2), vec!["/booking_time: is outside opening hours"]),
    ] {
        assert_eq!(wrong(ask.clone()), expected, "{ask:?}");
    }
}

#[test]
fn a_seating_lies_within_opening_hours() {
    let closed = vec!["/booking_time: is outside opening hours"];
    for (when, minutes, expected) in [
        ("2026-03-03T11:45", 90, closed.clone()),
        ("2026-03-03T12:00", 180, vec![]),
        ("2026-03-03T12:15", 180, closed.clone()),
        ("2026-03-03T14:00", 300, closed.clone()),
        ("2026-03-03T23:30", 90, vec![]),
        ("2026-03-04T00:00", 60, vec![]),
        ("2026-03-04T00:15", 60, closed.clone()),
        // It is closed on Mondays, but Sunday's dinner ends on Monday.
        ("2026-03-02T00:00", 60, vec![]),
        ("2026-03-02T19:00", 60, closed.clone()),
        ("2026-03-03T00:00", 60, closed),
    ] {
        let ask = SeatingAsk { duration_minutes: Some(minutes), ..table(when, 2) };
        assert_eq!(wrong(Ask::Seating(ask)), expected, "{when} for {minutes} minutes");
    }
}

#[test]
fn a_seating_is_not_in_the_past_nor_too_far_ahead() {
    let ask = |when| Ask::Seating(booth(when));
    for (when, expected) in [
        ("2026-02-28T23:45", vec!["/booking_date: must not be in the past"]),
        ("2026-03-01T10:45", vec!["/booking_time: must not be in the past"]),
        ("2026-03-01T11:00", vec![]),
        ("2029-03-05T11:00", vec![]),
        ("2029-03-05T12:00", vec!["/booking_date: must be at most 1100 days from today"]),
        ("9999-12-30T12:00", vec!["/booking_date: must be at most 1100 days from today"]),
    ] {
        assert_eq!(wrong(ask(when)), expected, "{when}");
    }
}

#[test]
fn a_seating_names_a_venue_or_a_thing_of_it() {
    let evening = || table("2026-03-03T19:00", 2);
    let item = |name| Some(code(name));
    for (ask, expected) in [
        (SeatingAsk { venue: None, ..evening() }, vec!["/venue_id: is required"]),
        (SeatingAsk { venue: item("nowhere"), ..evening() }, vec!["/venue_id: no venue has this id or code"]),
        (SeatingAsk { venue: item("hotel"), ..evening() }, vec!["/venue_id: has no tables or experiences"]),
        (SeatingAsk { venue: None, item: item("for-two"), ..evening() }, vec![]),
        (
            SeatingAsk { item: item("desk"), ..evening() },
            vec!["/inventory_item_id: no table has this id or code"],
        ),
        (
            SeatingAsk { item: item("tasting"), ..evening() },
            vec!["/inventory_item_id: no table has this id or code"],
        ),
        (
            SeatingAsk { item: item("booth"), ..evening() },
            vec!["/venue_id: is not the venue of the offering"],
        ),
        (
            SeatingAsk { kind: SeatingKind::Experience, item: item("for-two"), ..evening() },
            vec!["/experience_id: no experience has this id or code"],
        ),
        (SeatingAsk { kind: SeatingKind::Either, item: item("tasting"), ..evening() }, vec![]),
        (SeatingAsk { kind: SeatingKind::Either, item: item("for-two"), ..evening() }, vec![]),
    ] {
        assert_eq!(wrong(Ask::Seating(ask.clone())), expected, "{ask:?}");
    }
}

#[test]
fn everything_that_is_wrong_is_named_at_once() {
    let ask = SeatingAsk { duration_minutes: Some(0), ..table("2026-02-03T19:00", 99) };
    assert_eq!(
        wrong(Ask::Seating(ask)),
        [
            "/duration_minutes: must be from 5 to 1440",
            "/party_size: no table or experience here fits a party of this size",
            "/booking_date: must not be in the past",
        ]
    );
    let ask = SeatingAsk { item: Some(code("desk")), ..table("2026-03-29T02:30", 0) };
    assert_eq!(
        wrong(Ask::Seating(ask)),
        [
            "/party_size: must be from 1 to 500",
            "/inventory_item_id: no table has this id or code",
            "/booking_time: does not exist on that day: the clocks skip it",
        ]
    );
}

#[test]
fn an_import_may_sit_in_the_past_and_outside_hours() {
    let ask = [dinner("2015-03-02T04:00", 2)];
    assert_eq!(wrong_at(start(), Rules::Import, &ask), NO_ERRORS);
}

#[test]
fn a_duration_is_one_that_the_rule_of_the_offering_allows() {
    let range = LengthRule::Range { min_minutes: 60, max_minutes: 120, step_minutes: 30 };
    for (rule, minutes, expected) in [
        (LengthRule::Fixed, None, vec![]),
        (LengthRule::Fixed, Some(120), vec![]),
        (LengthRule::Fixed, Some(60), vec!["duration_minutes: must be 120"]),
        (LengthRule::Choice { minutes: vec![60, 120] }, Some(60), vec![]),
        (
            LengthRule::Choice { minutes: vec![60, 120] },
            Some(90),
            vec!["duration_minutes: must be 60 or 120"],
        ),
        (range.clone(), Some(90), vec![]),
        (range, Some(100), vec!["duration_minutes: must be from 60 to 120 in steps of 30"]),
    ] {
        let mut catalogue = world();
        let bar = catalogue.of_venue(VenueId(id_of("bar"))).unwrap();
        let booth_offering = Offering { lengths: rule.clone(), ..Offering::clone(&bar.offerings[0]) };
        put(&mut catalogue, booth_offering);
        let ask = SeatingAsk { duration_minutes: minutes, ..booth("2026-03-03T19:00") };
        let planned = planned(&catalogue, start(), Rules::Guest, &[Ask::Seating(ask)]);
        let wrong: Vec<String> = planned
            .err()
            .unwrap_or_default()
            .into_iter()
            .map(|error| format!("{}: {}", error.pointer, error.detail))
            .collect();
        let expected: Vec<String> = expected.into_iter().map(|wrong| format!("/lines/0/{wrong}")).collect();
        assert_eq!(wrong, expected, "{rule:?}, {minutes:?}");
    }
}

#[test]
fn a_date_that_is_an_exception_has_its_own_hours() {
    let mut catalogue = world();
    let bistro = VenueId(id_of("bistro"));
    let breakfast = Interval { opens_minute: 480, closes_minute: 660 };
    let mut venue = Venue::clone(catalogue.venue(bistro).unwrap());
    venue.opening_exceptions = [(day("2026-03-03"), vec![]), (day("2026-03-04"), vec![breakfast])].into();
    change(&mut catalogue, bistro, |of_venue| of_venue.venue = venue.into());
    for (when, is_open) in [
        ("2026-03-03T19:00", false),
        ("2026-03-04T08:00", true),
        ("2026-03-04T19:00", false),
        ("2026-03-05T19:00", true),
    ] {
        let planned = planned(&catalogue, start(), Rules::Guest, &[dinner(when, 2)]);
        assert_eq!(planned.is_ok(), is_open, "{when}: {planned:?}");
    }
}
