//! Lists are paged in a stable order, and show an expired hold as expired.

use std::collections::HashSet;

use domain::ids::BookingId;
use domain::status::Status;
use store::Connection;
use store::error::Result;
use store::lists::{Cursor, Filter, Page, of_guest, of_venue};
use testkit::on_both_databases;

use super::desk::Desk;
use super::raw::{self, RawBooking};
use super::sample::{self, NIGHT, NOW, VENUE, booking, guest};

const OTHER_VENUE: domain::ids::VenueId = domain::ids::VenueId(sample::id(0x0a, 2));
const COUNT: u64 = 25;

/// Bookings of one guest at one venue, some on the same day, among those of others.
fn insert_some(connection: &mut Connection) {
    let day = |number: u64| NIGHT + i64::try_from(number * 7 % 5).unwrap();
    let ours = (1..=COUNT).map(|number| {
        let raw = RawBooking { guest: guest(1), day: day(number), ..RawBooking::new(number) };
        match number % 5 {
            0 => RawBooking { status: "CANCELLED", ..raw },
            1 => RawBooking { status: "PENDING", expires: Some(NOW + 5_000), ..raw },
            2 => RawBooking { status: "PENDING", expires: Some(NOW), ..raw },
            3 => RawBooking { status: "EXPIRED", expires: Some(NOW - 1), ..raw },
            _ => raw,
        }
    });
    let others =
        (COUNT + 1..=2 * COUNT).map(|number| RawBooking { venue: OTHER_VENUE, ..RawBooking::new(number) });
    raw::insert(connection, &ours.chain(others).collect::<Vec<_>>());
}

/// Walks through all pages.
fn walk(mut page: impl FnMut(Option<Cursor>) -> Result<Page>, count_max: usize) -> Vec<(i64, BookingId)> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let found = page(after).unwrap();
        assert!(found.bookings.len() <= count_max);
        assert!(found.next.is_none() || found.bookings.len() == count_max, "only the last page is short");
        let place =
            |booking: domain::booking::Booking| (domain::time::day_number(booking.starts_on), booking.id);
        all.extend(found.bookings.into_iter().map(place));
        match found.next {
            Some(next) => after = Some(next),
            None => return all,
        }
    }
}

fn filter(status: Option<Status>) -> Filter {
    Filter { status, ..Filter::default() }
}

on_both_databases! {
    fn a_guests_pages_are_newest_first_and_complete(database: &TestDatabase) {
        let mut connection = Desk::open(database).connection;
        let vault = database.vault();
        insert_some(&mut connection);
        for count_max in [1, 4, 5, 24, 25, 26, 1_000] {
            let all = walk(
                |after| of_guest((&mut connection, &vault), guest(1), &filter(None), after, (count_max, NOW)),
                usize::try_from(count_max).unwrap(),
            );
            let ids: Vec<_> = all.into_iter().map(|(_, id)| id).collect();
            assert_eq!(ids, (1..=COUNT).rev().map(booking).collect::<Vec<_>>(), "{count_max} a page");
        }
        let none = of_guest((&mut connection, &vault), guest(999), &filter(None), None, (10, NOW)).unwrap();
        assert!(none.bookings.is_empty() && none.next.is_none());
        let huge = of_guest((&mut connection, &vault), guest(1), &filter(None), None, (i64::MAX, NOW)).unwrap();
        assert_eq!(huge.bookings.len(), 25);
    }

    fn a_venues_pages_are_in_the_order_of_days_and_complete(database: &TestDatabase) {
        let mut connection = Desk::open(database).connection;
        let vault = database.vault();
        insert_some(&mut connection);
        for count_max in [1, 4, 5, 26] {
            let all = walk(
                |after| of_venue((&mut connection, &vault), VENUE, &filter(None), after, (count_max, NOW)),
                usize::try_from(count_max).unwrap(),
            );
            assert!(all.is_sorted(), "{all:?}");
            assert_eq!(all.iter().collect::<HashSet<_>>().len(), 25, "{count_max} a page");
        }
    }

    fn a_page_does_not_move_when_others_come_before_it(database: &TestDatabase) {
        let mut connection = Desk::open(database).connection;
        let vault = database.vault();
        insert_some(&mut connection);
        let first = of_venue((&mut connection, &vault), VENUE, &filter(None), None, (10, NOW)).unwrap();
        raw::insert(&mut connection, &[RawBooking { day: NIGHT - 1, ..RawBooking::new(900) }]);
        let second = of_venue((&mut connection, &vault), VENUE, &filter(None), first.next, (100, NOW)).unwrap();
        let ids: HashSet<_> =
            first.bookings.iter().chain(&second.bookings).map(|booking| booking.id).collect();
        assert_eq!((ids.len(), second.bookings.len()), (25, 15));
    }

    fn a_hold_past_its_time_is_listed_as_expired(database: &TestDatabase) {
        let mut connection = Desk::open(database).connection;
        let vault = database.vault();
        insert_some(&mut connection);
        for (status, count) in [
            (Status::Pending, 5),
            (Status::Expired, 10),
            (Status::Cancelled, 5),
            (Status::Confirmed, 5),
            (Status::NoShow, 0),
        ] {
            let filter = filter(Some(status));
            let guests = walk(|after| of_guest((&mut connection, &vault), guest(1), &filter, after, (3, NOW)), 3);
            let venues = walk(|after| of_venue((&mut connection, &vault), VENUE, &filter, after, (3, NOW)), 3);
            assert_eq!((guests.len(), venues.len()), (count, count), "{status}");
        }
        let later = walk(
            |after| {
                of_guest((&mut connection, &vault), guest(1), &filter(Some(Status::Pending)), after, (3, NOW + 5_000))
            },
            3,
        );
        assert_eq!(later, []);
    }

    fn days_are_included_at_both_ends(database: &TestDatabase) {
        let mut connection = Desk::open(database).connection;
        let vault = database.vault();
        insert_some(&mut connection);
        let days = Filter { status: None, from_day: Some(NIGHT + 1), to_day: Some(NIGHT + 2) };
        for page in [
            of_venue((&mut connection, &vault), VENUE, &days, None, (100, NOW)).unwrap(),
            of_guest((&mut connection, &vault), guest(1), &days, None, (100, NOW)).unwrap(),
        ] {
            assert_eq!(page.bookings.len(), 10);
        }
        let none = Filter { from_day: Some(NIGHT + 2), to_day: Some(NIGHT + 1), ..days };
        assert!(of_venue((&mut connection, &vault), VENUE, &none, None, (100, NOW)).unwrap().bookings.is_empty());
    }
}
