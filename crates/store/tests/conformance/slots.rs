//! Slots: created when they are first needed, locked, written.

use domain::ids::PoolId;
use domain::slot::SlotKey;
use store::changes::{self, Batch, Claiming, Needs};
use store::keys::Answers;
use store::segments::Segments;
use store::slots::{in_range, lock, make, read};
use testkit::on_both_databases;

use super::desk::Desk;
use super::sample::{self, HALL, NIGHT, NOW, ROOMS, ROOMS_CAPACITY, SEATS};

fn night(number: i64) -> SlotKey {
    SlotKey { pool: ROOMS, slot: NIGHT + number }
}

on_both_databases! {
    fn a_slot_is_made_with_its_pools_capacity_and_left_alone_afterwards(database: &TestDatabase) {
        let mut connection = Desk::open(database).connection;
        assert_eq!(lock(&mut connection, &[night(0)]).unwrap(), []);
        make(&mut connection, &[night(0), night(1)]).unwrap();
        connection.execute("update slots set taken = 2 where slot = $1", &[NIGHT.into()]).unwrap();
        make(&mut connection, &[night(0), night(2)]).unwrap();
        let found = lock(&mut connection, &[night(0), night(1), night(2)]).unwrap();
        let told: Vec<_> =
            found.iter().map(|(key, slot)| (*key, slot.capacity, slot.taken, slot.holds_until)).collect();
        assert_eq!(
            told,
            [
                (night(0), ROOMS_CAPACITY, 2, None),
                (night(1), ROOMS_CAPACITY, 0, None),
                (night(2), ROOMS_CAPACITY, 0, None)
            ]
        );
        assert_eq!(read(&mut connection, &[night(2), night(0)]).unwrap(), [found[2], found[0]]);
        assert_eq!(in_range(&mut connection, ROOMS, NIGHT + 1, NIGHT + 2).unwrap(), found[1..]);
    }

    fn slots_are_made_in_blocks_of_eight(database: &TestDatabase) {
        let mut connection = Desk::open(database).connection;
        make(&mut connection, &[night(0)]).unwrap();
        let made = in_range(&mut connection, ROOMS, i64::MIN, i64::MAX).unwrap();
        let first = NIGHT.div_euclid(8) * 8;
        let slots: Vec<i64> = made.iter().map(|(key, _)| key.slot).collect();
        assert_eq!(slots, (first..first + 8).collect::<Vec<_>>());
    }

    fn a_slot_of_no_pool_is_not_made(database: &TestDatabase) {
        let mut connection = Desk::open(database).connection;
        let nowhere = SlotKey { pool: PoolId(sample::id(0x0c, 99)), slot: 0 };
        make(&mut connection, &[night(0), nowhere]).unwrap();
        assert_eq!(lock(&mut connection, &[night(0), nowhere]).unwrap().len(), 1);
        make(&mut connection, &[]).unwrap();
    }

    fn halls_and_seats_have_their_slots_from_the_beginning(database: &TestDatabase) {
        let mut connection = Desk::open(database).connection;
        let of =
            |connection: &mut store::Connection, pool| in_range(connection, pool, i64::MIN, i64::MAX).unwrap();
        assert_eq!(of(&mut connection, SEATS).len(), 6);
        assert_eq!(of(&mut connection, HALL).len(), 1);
        assert_eq!(of(&mut connection, ROOMS), []);
    }

    fn what_a_claim_changed_is_written(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        desk.must(&sample::hold(1, NIGHT, 2, 60_000));
        desk.must(&sample::stay(2, NIGHT + 1, 1));
        let found = in_range(&mut desk.connection, ROOMS, NIGHT, NIGHT + 1).unwrap();
        let told: Vec<_> = found.iter().map(|(key, slot)| (*key, slot.taken, slot.holds_until)).collect();
        assert_eq!(told, [(night(0), 1, Some(NOW + 60_000)), (night(1), 2, Some(NOW + 60_000))]);
    }

    fn slots_without_rows_come_back_as_missing(database: &TestDatabase) {
        let mut connection = Desk::open(database).connection;
        make(&mut connection, &[night(1)]).unwrap();
        let mut needs = Needs { slots: vec![night(40), night(-40), night(1), night(40)], ..Needs::default() };
        let searches = changes::find(&mut connection, &mut needs, NOW).unwrap();
        assert_eq!(needs.slots, [night(-40), night(1), night(40)], "sorted, each once");
        let (set, missing) = changes::load(&mut connection, &database.vault(), &needs, searches).unwrap();
        assert_eq!(missing, [night(-40), night(40)]);
        assert!(set.slot(night(1)).is_ok());
    }

    fn a_booking_needs_the_slots_it_holds(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        desk.must(&sample::stay(1, NIGHT, 2));
        let mut needs = Needs { bookings: vec![sample::booking(1), sample::booking(7)], ..Needs::default() };
        changes::find(&mut desk.connection, &mut needs, NOW).unwrap();
        assert_eq!(needs.slots, [night(0), night(1)]);
        let (set, missing) = changes::load(&mut desk.connection, &desk.vault, &needs, Vec::new()).unwrap();
        assert_eq!(missing, []);
        assert!(set.booking(sample::booking(1)).is_some() && set.booking(sample::booking(7)).is_none());
    }

    fn a_batch_that_changed_nothing_writes_its_commit_and_no_more(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        desk.connection.begin().unwrap();
        let commit = desk.next_commit();
        let set = domain::working_set::WorkingSet::default();
        let claiming = Claiming::Locked;
        let batch = Batch { commit, events_before: 0, claiming, now: NOW, vault: &desk.vault, generated: &[] };
        let mut segments = Segments::open(&mut desk.connection).unwrap();
        changes::save(&mut desk.connection, batch, &mut segments, &set, &Answers::default()).unwrap();
        desk.connection.commit().unwrap();
        let count = desk.connection.optional("select count(*) from commits", &[], |row| row.int(0)).unwrap();
        assert_eq!(count, Some(1));
    }
}
