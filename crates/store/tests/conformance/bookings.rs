//! A booking is read back as it was decided, whatever happened to it.

use domain::actor::Actor;
use domain::booking::{Notes, Person};
use domain::command::{Command, NewBooking, NewOrder, Update};
use domain::decide::Done;
use domain::ids::{BookingId, OrderId};
use domain::slot::SlotKey;
use domain::status::Status;
use domain::time::{DAY_MS, Instant};
use store::bookings;
use store::outbox::{self, Writer};
use store::seam::Param;
use testkit::on_both_databases;

use super::desk::Desk;
use super::sample::{self, HALL, NIGHT, NOW, OWNER, ROOMS, SEATS, TABLES, booking, nights};

fn person() -> Person {
    Person {
        name: Some("Zoë O'Neill".to_owned()),
        email: Some("zoe@example.org".to_owned()),
        phone: Some("+49 30 1234".to_owned()),
        companions: Some(r#"[{"name":"Bo"}]"#.to_owned()),
    }
}

fn notes() -> Notes {
    Notes {
        special_requests: Some("a quiet room,\nplease".to_owned()),
        internal_notes: Some(String::new()),
        source: Some("web".to_owned()),
        metadata: Some(r#"{"a":1}"#.to_owned()),
    }
}

fn full() -> NewBooking {
    NewBooking { person: person(), notes: notes(), ..sample::new_booking(1, sample::one_of_each()) }
}

/// Books everything at once, in an order with a second booking.
fn book_all(desk: &mut Desk) -> OrderId {
    let bookings = vec![full(), sample::new_booking(2, vec![nights(NIGHT + 1, 1)])];
    let done = desk.must(&Command::Create(NewOrder {
        bookings,
        grouped: true,
        by: Actor::member(OWNER, domain::ids::PersonId(OWNER.0), domain::permission::MemberRole::Owner),
    }));
    let Done::Created { order: Some(order), bookings } = done else { panic!("{done:?}") };
    assert_eq!(bookings, [booking(1), booking(2)]);
    order
}

fn assert_stored_as_decided(desk: &mut Desk) {
    let decided = desk.decided.clone();
    let ids: Vec<BookingId> = decided.iter().map(|booking| booking.id).collect();
    assert_eq!(bookings::by_ids(&mut desk.connection, &desk.vault, &ids).unwrap(), decided);
}

on_both_databases! {
    fn every_field_and_kind_of_line_is_read_back(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        let order = book_all(&mut desk);
        assert_stored_as_decided(&mut desk);
        let stored = desk.booking(booking(1));
        assert_eq!((stored.lines.len(), stored.claims.len()), (6, 5));
        assert_eq!((&stored.person, &stored.notes), (&person(), &notes()));
        assert_eq!(stored.order, Some(order));
        for (pool, slot, taken) in [
            (ROOMS, NIGHT + 1, 2),
            (ROOMS, NIGHT + 2, 1),
            (TABLES, 1_958_480, 1),
            (HALL, 0, 4),
            (SEATS, 1, 1),
        ] {
            assert_eq!(desk.taken(SlotKey { pool, slot }), taken, "{pool} {slot}");
        }
        let found = bookings::id_by_reference(&mut desk.connection, stored.reference).unwrap();
        assert_eq!(found, Some(booking(1)));
        assert_eq!(bookings::ids_of_order(&mut desk.connection, order).unwrap(), [booking(1), booking(2)]);
        assert_eq!(bookings::by_id(&mut desk.connection, &desk.vault, booking(9)).unwrap(), None);
    }

    fn a_price_with_all_its_parts_survives_a_change(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        book_all(&mut desk);
        desk.connection
            .execute(
                "update bookings set tax_minor = 19, discount_minor = 7, total_minor = base_minor + 12 where id = $1",
                &[Param::Id(booking(1).0)],
            )
            .unwrap();
        let base = desk.booking(booking(1)).price.base_minor;
        desk.set_status(booking(1), Status::CheckedIn);
        let price = desk.booking(booking(1)).price;
        assert_eq!(
            (price.base_minor, price.tax_minor, price.discount_minor, price.total_minor),
            (base, 19, 7, base + 12)
        );
        assert_stored_as_decided(&mut desk);
    }

    fn a_hold_keeps_its_end_and_every_transition_its_time(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        desk.must(&sample::hold(1, NIGHT, 2, 60_000));
        assert_stored_as_decided(&mut desk);
        let held = desk.booking(booking(1));
        assert_eq!((held.status, held.times.expires), (Status::Pending, Some(NOW + 60_000)));
        for status in [Status::Confirmed, Status::CheckedIn, Status::Completed] {
            desk.now = desk.now + 1_000;
            desk.set_status(booking(1), status);
            assert_stored_as_decided(&mut desk);
        }
        let times = desk.booking(booking(1)).times;
        assert_eq!(
            (times.confirmed, times.checked_in, times.completed),
            (Some(NOW + 1_000), Some(NOW + 2_000), Some(NOW + 3_000))
        );
        assert_eq!((times.created, times.updated, times.expires), (NOW, NOW + 3_000, Some(NOW + 60_000)));
    }

    fn claims_are_kept_given_back_and_split(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        book_all(&mut desk);
        desk.set_status(booking(2), Status::Cancelled);
        assert_stored_as_decided(&mut desk);
        let cancelled = desk.booking(booking(2));
        assert!(cancelled.claims.iter().all(|claim| claim.released_at == Some(NOW)));
        assert_eq!(cancelled.cancellation.unwrap().reason.as_deref(), Some("because"));
        assert_eq!(desk.taken(SlotKey { pool: ROOMS, slot: NIGHT + 1 }), 1);
        desk.set_status(booking(1), Status::CheckedIn);
        desk.now = Instant((NIGHT + 1) * DAY_MS + DAY_MS / 2);
        desk.set_status(booking(1), Status::Completed);
        assert_stored_as_decided(&mut desk);
        let left = desk.booking(booking(1));
        let standing = left.claims.iter().filter(|claim| claim.pool == ROOMS && claim.stands());
        assert_eq!(standing.map(|claim| (claim.first, claim.last)).collect::<Vec<_>>(), [(NIGHT, NIGHT)]);
        let held = bookings::slots_held(&mut desk.connection, &[booking(1), booking(2)]).unwrap();
        assert!(
            held.contains(&SlotKey { pool: ROOMS, slot: NIGHT })
                && !held.contains(&SlotKey { pool: ROOMS, slot: NIGHT + 1 })
        );
    }

    fn an_update_replaces_lines_and_words(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        book_all(&mut desk);
        let plan = sample::new_booking(1, vec![nights(NIGHT + 5, 2)]).plan;
        let update = |plan, expected_version| {
            Command::Update(Box::new(Update {
                booking: booking(1),
                expected_version,
                plan,
                person: Person::default(),
                notes: notes(),
                by: Actor::System,
            }))
        };
        desk.must(&update(Some(plan), 1));
        assert_stored_as_decided(&mut desk);
        let stored = desk.booking(booking(1));
        assert_eq!((stored.lines.len(), stored.claims.len(), stored.version), (1, 6, 2));
        assert_eq!(stored.person, Person::default());
        desk.must(&update(None, 2));
        assert_stored_as_decided(&mut desk);
        assert_eq!(desk.taken(SlotKey { pool: HALL, slot: 0 }), 0);
        assert_eq!(desk.taken(SlotKey { pool: ROOMS, slot: NIGHT + 5 }), 1);
    }

    fn history_and_events_follow_each_change(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        book_all(&mut desk);
        desk.set_status(booking(1), Status::Cancelled);
        let history = bookings::history(&mut desk.connection, booking(1)).unwrap();
        let told: Vec<_> = history
            .iter()
            .map(|entry| (entry.version, entry.from, entry.to, entry.reason.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                (1, None, Status::Confirmed, None),
                (2, Some(Status::Confirmed), Status::Cancelled, Some("because"))
            ]
        );
        assert_eq!((history[0].by.as_str(), history[1].by.as_str()), (OWNER.to_string().as_str(), "system"));
        let events = outbox::of_writer(&mut desk.connection, Writer(1), 0, 100).unwrap();
        let of_first: Vec<_> = events
            .iter()
            .filter(|event| event.subject == booking(1).0)
            .map(|event| (event.sequence, event.kind.as_str()))
            .collect();
        assert_eq!(
            of_first,
            [
                (1, "booking.created"),
                (1, "booking.confirmed"),
                (2, "booking.status_changed"),
                (2, "booking.cancelled")
            ]
        );
        let changed = |event: &outbox::StoredEvent| (event.subject_kind.as_str(), event.version) == ("booking", 1);
        assert!(events.iter().all(changed));
        let whole = outbox::of_writer(&mut desk.connection, Writer(1), events[2].number - 1, 1).unwrap();
        assert!(whole.iter().all(|event| event.number == events[2].number), "a commit is never cut");
        assert_eq!(outbox::of_writer(&mut desk.connection, Writer(2), 0, 100).unwrap(), []);
    }

    fn bookings_come_in_the_order_they_are_asked_for(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        for number in 1..=3 {
            desk.must(&sample::stay(number, NIGHT, 1));
        }
        desk.connection.execute_script("analyze").unwrap();
        let asked = [3, 9, 1, 2].map(booking);
        let ids = |found: Vec<domain::booking::Booking>| {
            found.into_iter().map(|booking| booking.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(bookings::by_ids(&mut desk.connection, &desk.vault, &asked).unwrap()), [3, 1, 2].map(booking));
        assert_eq!(ids(bookings::lock(&mut desk.connection, &desk.vault, &asked).unwrap()), [3, 1, 2].map(booking));
    }

    fn a_row_that_makes_no_sense_is_corrupt_by_name(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        desk.must(&sample::stay(1, NIGHT, 1));
        for (sql, column) in [
            ("update booking_lines set detail = '{}'", "booking_lines.detail"),
            ("update bookings set currency = 'gold'", "bookings.currency"),
            ("update bookings set starts_on = 9000000000000", "bookings.starts_on"),
        ] {
            desk.connection.execute(sql, &[]).unwrap();
            let failed = bookings::by_id(&mut desk.connection, &desk.vault, booking(1));
            let Err(store::StoreError::Corrupt(told)) = failed else { panic!("{failed:?}") };
            assert!(told.contains(column) && told.contains(&booking(1).to_string()), "{told}");
        }
    }
}
