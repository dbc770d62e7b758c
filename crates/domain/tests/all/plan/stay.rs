//! Stays: the guest's limits, and nights as slots.

use domain::line::{Ask, Detail, StayDates};
use domain::plan::Rules;
use domain::time::day_number;

use super::{needs, plan, range, wrong, wrong_at};
use crate::ask::{day, rooms, stay};
use crate::world::{at, code, start};

const NO_ERRORS: [&str; 0] = [];

#[test]
fn a_stay_needs_its_rooms_every_night_but_the_last_day() {
    let plan = plan(&[rooms("family", "2026-03-10", 3, (2, 7))]);
    let first = day_number(day("2026-03-10"));
    let both = vec![range("doubles", first, first + 2, 2), range("singles", first, first + 2, 2)];
    assert_eq!(needs(&plan, 0), [both]);
    assert_eq!(plan.estimate_minor(), 18_000 * 2 * 3);
    assert_eq!((plan.starts_on, plan.party_size), (day("2026-03-10"), 7));
    assert_eq!(
        plan.lines[0].choices[0].detail,
        Detail::Stay {
            checkin_date: day("2026-03-10"),
            checkout_date: day("2026-03-13"),
            num_rooms: 2,
            num_guests: 7
        }
    );
}

#[test]
fn rooms_are_from_1_to_5() {
    for (count, expected) in [
        (i64::MIN, vec!["/num_rooms: must be from 1 to 5"]),
        (0, vec!["/num_rooms: must be from 1 to 5"]),
        (1, vec![]),
        (5, vec![]),
        (6, vec!["/num_rooms: must be from 1 to 5"]),
        (i64::MAX, vec!["/num_rooms: must be from 1 to 5"]),
    ] {
        assert_eq!(wrong(rooms("double", "2026-03-10", 1, (count, 1))), expected, "{count}");
    }
}

#[test]
fn guests_are_from_1_to_20() {
    for (count, expected) in [
        (i64::MIN, vec!["/num_guests: must be from 1 to 20"]),
        (0, vec!["/num_guests: must be from 1 to 20"]),
        (1, vec![]),
        (20, vec![]),
        (
            21,
            vec!["/num_guests: must be from 1 to 20", "/num_guests: family sleeps at most 4 guests per room"],
        ),
        (
            i64::MAX,
            vec!["/num_guests: must be from 1 to 20", "/num_guests: family sleeps at most 4 guests per room"],
        ),
    ] {
        assert_eq!(wrong(rooms("family", "2026-03-10", 1, (5, count))), expected, "{count}");
    }
}

#[test]
fn guests_must_fit_into_the_rooms() {
    assert_eq!(wrong(rooms("double", "2026-03-10", 1, (2, 4))), NO_ERRORS);
    assert_eq!(
        wrong(rooms("double", "2026-03-10", 1, (2, 5))),
        ["/num_guests: double sleeps at most 2 guests per room"]
    );
}

#[test]
fn nights_are_from_1_to_30() {
    for (nights, expected) in [
        (-1, vec!["/checkout_date: must be after checkin_date"]),
        (0, vec!["/checkout_date: must be after checkin_date"]),
        (1, vec![]),
        (30, vec![]),
        (31, vec!["/checkout_date: must be at most 30 nights after checkin_date"]),
    ] {
        assert_eq!(wrong(stay("double", "2026-03-10", nights)), expected, "{nights}");
    }
}

#[test]
fn check_in_is_not_in_the_past_of_the_hotel() {
    // Noon of the 1st in Berlin is 01:00 of the 2nd on Kiritimati.
    let now = at("2026-03-01T11:00:00Z");
    for (room_type, checkin, expected) in [
        ("double", "2026-02-28", vec!["/lines/0/checkin_date: must not be in the past"]),
        ("double", "2026-03-01", vec![]),
        ("bungalow", "2026-03-01", vec!["/lines/0/checkin_date: must not be in the past"]),
        ("bungalow", "2026-03-02", vec![]),
    ] {
        assert_eq!(wrong_at(now, Rules::Guest, &[stay(room_type, checkin, 2)]), expected, "{checkin}");
    }
    let just_before = at("2026-03-01T09:59:59Z");
    assert_eq!(wrong_at(just_before, Rules::Guest, &[stay("bungalow", "2026-03-01", 2)]), NO_ERRORS);
}

#[test]
fn check_in_is_at_most_1100_days_ahead() {
    assert_eq!(wrong(stay("double", "2029-03-05", 1)), NO_ERRORS);
    let far = ["/checkin_date: must be at most 1100 days from today"];
    assert_eq!(wrong(stay("double", "2029-03-06", 1)), far);
    assert_eq!(wrong(stay("double", "9999-12-30", 1)), far);
}

#[test]
fn the_first_and_the_last_day_of_the_calendar_are_only_refused() {
    let dates = StayDates { checkin: jiff::civil::Date::MIN, checkout: jiff::civil::Date::MAX };
    let ask = Ask::Stay { hotel: None, room_type: code("double"), dates, rooms: 1, guests: 1 };
    assert_eq!(
        wrong(ask),
        [
            "/checkout_date: must be at most 30 nights after checkin_date",
            "/checkin_date: must not be in the past"
        ]
    );
}

#[test]
fn a_room_type_is_an_active_offering_of_rooms() {
    for (room_type, expected) in [
        ("ruin", "/room_type_id: is not on sale"),
        ("palace", "/room_type_id: no room type has this id or code"),
        ("mug", "/room_type_id: no room type has this id or code"),
    ] {
        assert_eq!(wrong(stay(room_type, "2026-03-10", 1)), [expected]);
    }
}

fn at_hotel(hotel: &str, room_type: &str, checkin: &str) -> Ask {
    match stay(room_type, checkin, 1) {
        Ask::Stay { room_type, dates, rooms, guests, .. } => {
            Ask::Stay { hotel: Some(code(hotel)), room_type, dates, rooms, guests }
        }
        other => other,
    }
}

#[test]
fn the_given_hotel_must_be_that_of_the_room_type() {
    assert_eq!(wrong(at_hotel("hotel", "double", "2026-03-10")), NO_ERRORS);
    assert_eq!(
        wrong(at_hotel("atoll", "double", "2026-03-10")),
        ["/hotel_id: is not the venue of the offering"]
    );
    assert_eq!(
        wrong(at_hotel("nowhere", "double", "2026-03-10")),
        ["/hotel_id: no venue has this id or code"]
    );
}

#[test]
fn everything_that_is_wrong_is_named_at_once() {
    let dates = StayDates { checkin: day("2026-02-01"), checkout: day("2026-02-01") };
    let ask = |hotel, room_type| Ask::Stay {
        hotel: Some(code(hotel)),
        room_type: code(room_type),
        dates,
        rooms: 9,
        guests: 99,
    };
    assert_eq!(
        wrong(ask("atoll", "ruin")),
        [
            "/num_rooms: must be from 1 to 5",
            "/num_guests: must be from 1 to 20",
            "/checkout_date: must be after checkin_date",
            "/room_type_id: is not on sale",
            "/hotel_id: is not the venue of the offering",
            "/checkin_date: must not be in the past",
            "/num_guests: ruin sleeps at most 2 guests per room",
        ]
    );
    assert_eq!(
        wrong(ask("hotel", "palace")),
        [
            "/num_rooms: must be from 1 to 5",
            "/num_guests: must be from 1 to 20",
            "/checkout_date: must be after checkin_date",
            "/room_type_id: no room type has this id or code",
            "/checkin_date: must not be in the past",
        ],
        "the day is checked at the hotel that is known"
    );
    assert_eq!(wrong(ask("nowhere", "palace")).last().unwrap(), "/hotel_id: no venue has this id or code");
}

#[test]
fn an_import_has_no_guest_limits_but_must_be_countable() {
    let import = |ask| wrong_at(start(), Rules::Import, &[ask]);
    assert_eq!(import(rooms("double", "2015-07-01", 69, (40, 0))), NO_ERRORS);
    assert_eq!(
        import(rooms("double", "2015-07-01", 1, (0, -1))),
        [
            "/lines/0/num_rooms: must be from 1 to 1000000000",
            "/lines/0/num_guests: must be from 0 to 9223372036854775807"
        ]
    );
    assert_eq!(
        import(rooms("double", "2015-07-01", 1, (i64::MAX, 1))),
        ["/lines/0/num_rooms: must be from 1 to 1000000000"]
    );
}
