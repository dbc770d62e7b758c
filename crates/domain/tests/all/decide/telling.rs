//! History and events: one history row per version, and the events for the outside.

use domain::actor::Actor;
use domain::booking::HistoryEntry;
use domain::command::{Command, SetStatus};
use domain::event::EventKind::{self, StatusChanged};
use domain::ids::BookingId;
use domain::status::Status::{self, Cancelled, CheckedIn, Completed, Confirmed, Expired, NoShow, Pending};

use crate::ask::stay;
use crate::desk::Desk;

fn events(desk: &Desk, id: BookingId) -> Vec<(i64, EventKind)> {
    let of = desk.set.events.iter().filter(|event| event.booking == id);
    of.map(|event| (event.sequence, event.kind)).collect()
}

fn history(desk: &Desk, id: BookingId) -> Vec<(i64, Option<Status>, Status)> {
    let of = desk.set.history.iter().filter(|entry| entry.booking == id);
    of.map(|entry| (entry.version, entry.from, entry.to)).collect()
}

#[test]
fn every_status_has_its_event_in_addition_to_the_status_change() {
    for (through, to, own) in [
        (&[][..], Confirmed, Some(EventKind::Confirmed)),
        (&[Confirmed], CheckedIn, Some(EventKind::CheckedIn)),
        (&[Confirmed, CheckedIn], Completed, Some(EventKind::Completed)),
        (&[], Cancelled, Some(EventKind::Cancelled)),
        (&[], Expired, Some(EventKind::Expired)),
        (&[Confirmed], NoShow, None),
    ] {
        let mut desk = Desk::new();
        let id = desk.book(&[stay("held", "2026-03-10", 1)]);
        desk.walk(id, through);
        let version = desk.booking(id).version + 1;
        desk.walk(id, &[to]);
        let told: Vec<_> =
            events(&desk, id).into_iter().filter(|(sequence, _)| *sequence == version).collect();
        let expected: Vec<_> =
            [Some(StatusChanged), own].into_iter().flatten().map(|kind| (version, kind)).collect();
        assert_eq!(told, expected, "{to}");
    }
}

#[test]
fn a_creation_is_told_and_so_is_that_it_is_confirmed() {
    let mut desk = Desk::new();
    let held = desk.book(&[stay("held", "2026-03-10", 1)]);
    let sure = desk.book(&[stay("double", "2026-03-10", 1)]);
    assert_eq!(events(&desk, held), [(1, EventKind::Created)]);
    assert_eq!(events(&desk, sure), [(1, EventKind::Created), (1, EventKind::Confirmed)]);
    assert_eq!(history(&desk, held), [(1, None, Pending)]);
    assert_eq!(history(&desk, sure), [(1, None, Confirmed)]);
}

#[test]
fn a_life_is_told_version_by_version() {
    let mut desk = Desk::new();
    let id = desk.book(&[stay("held", "2026-03-10", 1)]);
    desk.walk(id, &[Confirmed]);
    desk.update(id, &[stay("double", "2026-03-12", 1)]).unwrap();
    desk.walk(id, &[CheckedIn, Completed]);
    assert_eq!(
        history(&desk, id),
        [
            (1, None, Pending),
            (2, Some(Pending), Confirmed),
            (3, Some(Confirmed), Confirmed),
            (4, Some(Confirmed), CheckedIn),
            (5, Some(CheckedIn), Completed),
        ]
    );
    assert_eq!(
        events(&desk, id),
        [
            (1, EventKind::Created),
            (2, StatusChanged),
            (2, EventKind::Confirmed),
            (3, EventKind::Updated),
            (4, StatusChanged),
            (4, EventKind::CheckedIn),
            (5, StatusChanged),
            (5, EventKind::Completed),
        ]
    );
}

#[test]
fn history_says_who_why_and_when() {
    let mut desk = Desk::new();
    let id = desk.book(&[stay("double", "2026-03-10", 1)]);
    desk.pass_minutes(7);
    let by = Actor::Guest(desk.booking(id).guest);
    let reason = Some("changed my mind".to_owned());
    let change =
        SetStatus { booking: id, to: Cancelled, expected_version: Some(1), by, reason: reason.clone() };
    desk.drive(&Command::SetStatus(change)).unwrap();
    let expected = HistoryEntry {
        booking: id,
        version: 2,
        from: Some(Confirmed),
        to: Cancelled,
        by,
        reason,
        at: desk.now,
    };
    assert_eq!(desk.set.history.last(), Some(&expected));
}

#[test]
fn a_hold_that_ended_was_ended_by_the_server() {
    let mut desk = Desk::new();
    let id = desk.book(&[stay("held", "2026-03-10", 1)]);
    desk.pass_minutes(60);
    desk.drive(&Command::Expire(id)).unwrap();
    let last = desk.set.history.last().unwrap();
    assert_eq!((last.from, last.to, last.by), (Some(Pending), Expired, Actor::System));
    assert_eq!(events(&desk, id)[1..], [(2, StatusChanged), (2, EventKind::Expired)]);
}

#[test]
fn events_say_what_happened_and_not_to_whom() {
    let mut desk = Desk::new();
    let mut new = desk.new_booking(&[stay("held", "2026-03-10", 2)]);
    new.person.name = Some("Ada Lovelace".to_owned());
    new.person.email = Some("ada@example.org".to_owned());
    new.notes.special_requests = Some("ground floor".to_owned());
    let id = desk.try_order(vec![new]).unwrap()[0];
    desk.walk(id, &[Confirmed]);
    for event in &desk.set.events {
        for secret in ["Ada", "ada@", "ground"] {
            assert!(!event.payload.contains(secret), "{}", event.payload);
        }
    }
    let json: serde_json::Value = serde_json::from_str(&desk.set.events.last().unwrap().payload).unwrap();
    assert_eq!(json["booking_id"], id.to_string());
    assert_eq!(json["status"], "CONFIRMED");
    assert_eq!(json["previous_status"], "PENDING");
    assert_eq!(json["version"], 2);
    assert_eq!(json["starts_on"], "2026-03-10");
    assert_eq!(json["total_price"], serde_json::json!({"amount": 18_000, "currency": "EUR"}));
    assert!(json["booking_reference"].as_str().unwrap().starts_with("BR-20260301-"));
}
