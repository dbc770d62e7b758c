//! Expired holds are found by buyers who need their units, and by the sweeper.

use domain::decide::NotDone;
use domain::ids::PoolId;
use domain::limits::CLOCK_SKEW_MS_MAX;
use domain::refusal::Refusal;
use domain::slot::SlotKey;
use domain::status::Status;
use store::holds::{HoldSearch, due, on_slots};
use testkit::on_both_databases;

use super::desk::Desk;
use super::raw::{self, RawBooking};
use super::sample::{self, HALL, NIGHT, NOW, ROOMS, booking};

fn night(number: i64) -> SlotKey {
    SlotKey { pool: ROOMS, slot: NIGHT + number }
}

/// Three holds on the first night: two end early, one late; the last one also covers the second night.
fn three_holds(desk: &mut Desk) {
    desk.must(&sample::hold(1, NIGHT, 1, 2_000));
    desk.must(&sample::hold(2, NIGHT, 1, 1_000));
    desk.must(&sample::hold(3, NIGHT, 2, 9_000));
}

on_both_databases! {
    fn each_slot_lists_expired_holds_and_the_next_end(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        three_holds(&mut desk);
        let mut search =
            |since| on_slots(&mut desk.connection, &[night(0), night(1), night(2)], since).unwrap();
        let told = |search: &HoldSearch| (search.slot, search.due.clone(), search.next_end);
        let early: Vec<_> = search(NOW).iter().map(told).collect();
        assert_eq!(
            early,
            [
                (night(0), vec![], Some(NOW + 1_000)),
                (night(1), vec![], Some(NOW + 9_000)),
                (night(2), vec![], None)
            ]
        );
        let middle: Vec<_> = search(NOW + 2_000).iter().map(told).collect();
        assert_eq!(
            middle[0],
            (night(0), vec![booking(2), booking(1)], Some(NOW + 9_000)),
            "oldest first, the moment itself included"
        );
        let late: Vec<_> = search(NOW + 9_000).iter().map(told).collect();
        assert_eq!(late[0].1, [booking(2), booking(1), booking(3)]);
        assert_eq!(late[1], (night(1), vec![booking(3)], None));
    }

    fn what_is_no_hold_any_more_is_not_found(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        three_holds(&mut desk);
        desk.set_status(booking(1), Status::Confirmed);
        desk.set_status(booking(2), Status::Cancelled);
        let found = on_slots(&mut desk.connection, &[night(0)], NOW + 9_000).unwrap();
        assert_eq!(found[0].due, [booking(3)]);
        assert_eq!(due(&mut desk.connection, NOW + 9_000, 10).unwrap(), [(booking(3), Some(ROOMS))]);
    }

    fn a_slot_with_too_many_is_looked_at_again(database: &TestDatabase) {
        let mut connection = Desk::open(database).connection;
        let holds: Vec<_> =
            (1..=300).map(|number| RawBooking::hold(number, NOW + number.cast_signed())).collect();
        connection.begin().unwrap();
        raw::insert(&mut connection, &holds);
        raw::claim(&mut connection, 1..=300, (HALL, 0));
        connection.commit().unwrap();
        let hall = SlotKey { pool: HALL, slot: 0 };
        let mut search = |since| on_slots(&mut connection, &[hall], since).unwrap().swap_remove(0);
        let all_due = search(NOW + 1_000);
        assert_eq!((all_due.due.len(), all_due.next_end), (256, Some(NOW + 257)), "the rest are due at once");
        assert_eq!(all_due.due[..2], [booking(1), booking(2)]);
        let some_due = search(NOW + 10);
        assert_eq!((some_due.due.len(), some_due.next_end), (10, Some(NOW + 11)));
        let just_all = search(NOW + 256);
        assert_eq!((just_all.due.len(), just_all.next_end), (256, Some(NOW + 257)));
    }

    fn the_sweep_finds_the_oldest_first_and_no_more_than_asked(database: &TestDatabase) {
        let mut connection = Desk::open(database).connection;
        let holds: Vec<_> =
            (1..=9).map(|number| RawBooking::hold(number, NOW - number.cast_signed())).collect();
        raw::insert(&mut connection, &holds);
        raw::claim(&mut connection, 2..=9, (HALL, 0));
        let found = due(&mut connection, NOW - 2, 3).unwrap();
        assert_eq!(found, [(booking(9), Some(HALL)), (booking(8), Some(HALL)), (booking(7), Some(HALL))]);
        let all = due(&mut connection, NOW, 100).unwrap();
        assert_eq!(all.last(), Some(&(booking(1), None::<PoolId>)), "one that holds nothing has no pool");
        assert_eq!(due(&mut connection, NOW - 100, 100).unwrap(), []);
    }

    fn a_buyer_takes_over_what_is_past_its_time(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        three_holds(&mut desk);
        let refused = desk.submit(&sample::stay(4, NIGHT, 1));
        assert!(matches!(refused, Err(NotDone::Refused(Refusal::Unavailable(_)))), "{refused:?}");
        desk.now = NOW + 1_000 + CLOCK_SKEW_MS_MAX;
        desk.must(&sample::stay(4, NIGHT, 1));
        assert_eq!(desk.booking(booking(2)).status, Status::Expired);
        assert_eq!(desk.booking(booking(1)).status, Status::Pending);
        assert_eq!(desk.taken(night(0)), 3);
        assert!(store::verify::verify(&mut desk.connection).unwrap().is_ok());
    }
}
