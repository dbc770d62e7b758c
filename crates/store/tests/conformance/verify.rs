//! Verification finds each kind of damage, and nothing without damage.

use domain::status::Status;
use store::Connection;
use store::verify::{Report, verify};
use testkit::{TestDatabase, on_both_databases};

use super::desk::Desk;
use super::sample::{self, NIGHT, booking};

/// A mix of bookings: held, confirmed, cancelled, expired, finished early.
fn busy(database: &TestDatabase) -> Desk {
    let mut desk = Desk::open(database);
    desk.must(&sample::order(vec![sample::new_booking(1, sample::one_of_each())]));
    desk.must(&sample::stay(2, NIGHT, 2));
    desk.must(&sample::hold(3, NIGHT + 5, 2, 60_000));
    desk.must(&sample::stay(4, NIGHT + 1, 1));
    desk.set_status(booking(2), Status::Cancelled);
    desk.set_status(booking(4), Status::CheckedIn);
    desk.set_status(booking(4), Status::Completed);
    desk
}

/// Damage to a consistent database, and the difference that verification reports.
const DAMAGES: [(&str, &str); 17] = [
    ("update slots set taken = taken - 1 where slot = 20400", "slots that differ from their claims"),
    ("update slots set taken = taken + 1 where slot = 20406", "slots that differ from their claims"),
    ("delete from slots where slot = 20402", "slots that differ from their claims"),
    ("update claims set units = units + 1 where claim = 4", "slots that differ from their claims"),
    (
        "update claims set slot_last = 9000000000000000000 where claim = 0",
        "slots that differ from their claims",
    ),
    (
        "update claims set released_at = 1 where released_at is null",
        "active bookings whose claims are released",
    ),
    (
        "update claims set released_at = null where released_at is not null",
        "ended bookings that still hold claims",
    ),
    ("delete from booking_lines where line = 0", "bookings without lines"),
    (
        "update bookings set status = 'NO_SHOW' where status = 'PENDING'",
        "bookings that differ from their history",
    ),
    ("update booking_history set version = 9 where version = 2", "histories with gaps"),
    ("delete from bookings where status = 'CANCELLED'", "history without a booking"),
    ("delete from outbox where sequence = 2", "changes without an event"),
    ("update outbox set sequence = 9 where sequence = 2", "events without a change"),
    ("delete from commits where number = 1", "events without a commit"),
    ("update claims set line = 17 where released_at is null", "claims without a line"),
    ("delete from offerings where kind = 'service'", "lines of unknown offerings"),
    ("delete from pools where kind = 'quantity'", "slots of unknown pools"),
];
const DAMAGES_MORE: [(&str, &str); 5] = [
    ("delete from bookings where status = 'PENDING'", "lines without a booking"),
    (
        "update idempotency_keys set answer_body = request_hash where key = 'key-0'",
        "idempotency keys without an answer",
    ),
    ("update jobs set finished_at = created_at - 1 where state = 'dead'", "jobs over before they were made"),
    ("update jobs set attempts = 0 where state = 'done'", "jobs running or done without an attempt"),
    ("update jobs set payload = substr(payload, 2, 0)", "open jobs without a payload"),
];

/// Causes damage, verifies, and reverts it.
fn report_on(connection: &mut Connection, damage: &'static str) -> Report {
    connection.begin().unwrap();
    let changed = connection.execute(damage, &[]).unwrap();
    assert!(changed > 0, "{damage} changes something");
    let report = verify(connection).unwrap();
    connection.rollback();
    report
}

on_both_databases! {
    fn a_sound_database_has_no_differences(database: &TestDatabase) {
        let mut desk = busy(database);
        let report = verify(&mut desk.connection).unwrap();
        assert_eq!(report.differences, Vec::<String>::new());
        let counted = (report.bookings, report.lines, report.history, report.oversold, report.keys);
        assert_eq!(counted, (4, 9, 7, 0, 0));
        assert!(report.claims >= 8 && report.events > 7);
        assert!(verify(&mut Desk::open_unstocked(database, 2).connection).unwrap().is_ok());
    }

    fn each_kind_of_damage_is_found(database: &TestDatabase) {
        let mut desk = busy(database);
        super::raw::keys(&mut desk.connection, 2);
        super::raw::jobs(&mut desk.connection, 5);
        desk.connection
            .execute("update idempotency_keys set request_hash = $1", &[store::seam::Param::Bytes(b"")])
            .unwrap();
        for (damage, kind) in DAMAGES.into_iter().chain(DAMAGES_MORE) {
            let report = report_on(&mut desk.connection, damage);
            let found =
                report.differences.iter().any(|difference| difference.starts_with(&format!("{kind}: ")));
            assert!(found, "{damage} is told as {kind}: {:?}", report.differences);
        }
        assert_eq!(verify(&mut desk.connection).unwrap().differences, Vec::<String>::new());
    }

    fn each_check_has_a_damage_here(database: &TestDatabase) {
        // Counted in the source, so that a new check without a test is noticed.
        let source = include_str!("../../src/verify.rs");
        let (_, checks) = source.split_once("const CHECKS").unwrap();
        let kinds: Vec<&str> = checks
            .split("    (\n        \"")
            .skip(1)
            .filter_map(|check| check.split_once('"').map(|(kind, _)| kind))
            .collect();
        assert!(kinds.len() >= 14, "{kinds:?}");
        for kind in kinds {
            assert!(DAMAGES.iter().chain(&DAMAGES_MORE).any(|(_, planted)| *planted == kind), "{kind}");
        }
        drop(database.reader());
    }

    fn more_than_a_screenful_is_only_counted(database: &TestDatabase) {
        let mut connection = Desk::open(database).connection;
        let bookings: Vec<_> = (1..=50).map(super::raw::RawBooking::new).collect();
        super::raw::insert(&mut connection, &bookings);
        let report = verify(&mut connection).unwrap();
        let kind = "bookings without lines: ";
        let told: Vec<_> = report.differences.iter().filter(|text| text.starts_with(kind)).collect();
        assert_eq!(told.len(), 21);
        assert_eq!(told[20], &format!("{kind}and 30 more"));
    }

    fn claims_beyond_the_capacity_are_oversold(database: &TestDatabase) {
        let mut connection = Desk::open(database).connection;
        super::raw::insert(&mut connection, &(1..=5).map(super::raw::RawBooking::new).collect::<Vec<_>>());
        super::raw::claim(&mut connection, 1..=5, (sample::SEATS, 2));
        assert_eq!(verify(&mut connection).unwrap().oversold, 4);
    }
}
