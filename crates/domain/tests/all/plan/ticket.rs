//! Tickets: counted places and chosen seats.

use domain::line::{Ask, Detail, SeatChoice};
use domain::plan::{Need, Rules};

use super::{needs, plan, range, wrong, wrong_at};
use crate::ask::{day, named, seats, tickets, together};
use crate::world::{at, code, pool_id, start};

const NO_ERRORS: [&str; 0] = [];

#[test]
fn adults_and_children_need_places_of_one_hall() {
    let plan = plan(&[tickets("adult", 2), tickets("child", 3)]);
    assert_eq!(needs(&plan, 0), [[range("hall", 0, 0, 2)]]);
    assert_eq!(needs(&plan, 1), [[range("hall", 0, 0, 3)]]);
    assert_eq!(plan.estimate_minor(), 2 * 5_000 + 3 * 2_500);
    assert_eq!((plan.starts_on, plan.party_size), (day("2026-06-20"), 2), "the first line's");
}

#[test]
fn named_seats_become_runs_of_neighbours_in_each_map_that_has_them_all() {
    let plan = plan(&[named("any-seat", &["B-2", "A-3", "A-4", "B-1"])]);
    assert_eq!(needs(&plan, 0), [[range("stalls", 2, 5, 1)]], "the balcony has none of them");
    let detail = &plan.lines[0].choices[0].detail;
    let Detail::Ticket { seat_count: 4, seats } = detail else { panic!("four tickets: {detail:?}") };
    assert_eq!(seats, &["B-2", "A-3", "A-4", "B-1"]);
}

#[test]
fn best_seats_are_left_to_be_chosen() {
    let plan = plan(&[together("any-seat", 2)]);
    let pools: Vec<_> = plan
        .needs()
        .map(|need| match need {
            Need::BestSeats { pool, count: 2, together: true, .. } => *pool,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(pools, [pool_id("stalls"), pool_id("balcony")]);
}

#[test]
fn seats_are_from_1_to_100() {
    for count in [i64::MIN, -1, 0, 101, i64::MAX] {
        assert_eq!(wrong(tickets("adult", count)), ["/seat_count: must be from 1 to 100"], "{count}");
    }
    assert_eq!(wrong(tickets("adult", 100)), NO_ERRORS);
    assert_eq!(wrong(named("stall", &[])), ["/seats: must be from 1 to 100"]);
}

#[test]
fn wrong_seats_are_named_one_by_one() {
    assert_eq!(
        wrong(named("stall", &["A-1", "A-9", "a-1", "A-1", ""])),
        [
            "/seats/1: does not exist in this seat map",
            "/seats/2: does not exist in this seat map",
            "/seats: names A-1 twice",
            "/seats/4: does not exist in this seat map",
        ]
    );
}

#[test]
fn a_flood_of_labels_is_refused_without_reading_them_all() {
    let labels = vec!["nowhere".to_owned(); 500_000];
    let errors = wrong(seats("stall", SeatChoice::Named(labels)));
    assert_eq!(errors[0], "/seats: must be from 1 to 100");
    assert!(errors.len() < 250, "{}", errors.len());
}

#[test]
fn seats_of_two_maps_at_once_are_served_by_neither() {
    assert_eq!(wrong(named("any-seat", &["X-1", "X-2"])), NO_ERRORS);
    assert_eq!(wrong(named("any-seat", &["A-1", "X-1"])), [": cannot be booked as requested"]);
}

#[test]
fn places_without_numbers_cannot_be_named() {
    assert_eq!(wrong(named("adult", &["A-1"])), ["/seats: this event has no numbered seats; use seat_count"]);
}

#[test]
fn an_event_is_sold_until_it_begins() {
    let on = |now| wrong_at(at(now), Rules::Guest, &[tickets("adult", 1)]);
    assert_eq!(on("2026-06-20T17:59:59.999Z"), NO_ERRORS);
    assert_eq!(on("2026-06-20T18:00:00Z"), ["/lines/0/event_id: has already begun"]);
    assert_eq!(wrong_at(at("2026-06-21T00:00:00Z"), Rules::Import, &[tickets("adult", 1)]), NO_ERRORS);
}

fn ticket_of(event: &str, ticket_type: &str) -> Ask {
    let seats = SeatChoice::Best { count: 1, together: false };
    Ask::Ticket { event: code(event), ticket_type: Some(code(ticket_type)), seats }
}

#[test]
fn an_event_alone_means_its_first_ticket_type() {
    let plan = plan(&[tickets("arena", 1)]);
    assert_eq!(plan.estimate_minor(), 5_000);
    assert_eq!(super::plan(&[ticket_of("arena", "child")]).estimate_minor(), 2_500);
}

#[test]
fn an_event_and_a_ticket_type_must_belong_together() {
    for (ask, expected) in [
        (tickets("nowhere", 1), vec!["/event_id: no ticket type or event has this id or code"]),
        (tickets("hotel", 1), vec!["/event_id: no ticket type or event has this id or code"]),
        (tickets("mug", 1), vec!["/event_id: no ticket type or event has this id or code"]),
        (ticket_of("theatre", "adult"), vec!["/event_id: is not the venue of the offering"]),
        (ticket_of("nowhere", "adult"), vec!["/event_id: no venue has this id or code"]),
        (
            ticket_of("nowhere", "nothing"),
            vec![
                "/ticket_type_id: no ticket type or event has this id or code",
                "/event_id: no venue has this id or code",
            ],
        ),
    ] {
        assert_eq!(wrong(ask.clone()), expected, "{ask:?}");
    }
}

#[test]
fn an_event_without_a_date_is_today() {
    assert_eq!(plan(&[tickets("stall", 1)]).starts_on, start().date_in(&jiff::tz::TimeZone::UTC));
}
