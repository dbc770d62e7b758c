//! The catalogue is read back as it was written.

use domain::reference::ReferenceKey;
use domain::seats::SeatMap;
use domain::venue::Venue;
use jiff::tz::TimeZone;
use store::{Constraint, StoreError, catalogue, installation};
use testkit::on_both_databases;

use super::desk::stock;
use super::sample::{self, NOW};

on_both_databases! {
    fn everything_for_sale_is_read_back(database: &TestDatabase) {
        let mut connection = database.writer();
        assert_eq!(catalogue::load(&mut connection).unwrap().version, 0);
        stock(&mut connection);
        let stored = catalogue::load(&mut connection).unwrap();
        assert_eq!(stored.version, 1);
        assert_eq!(**stored.venue(sample::VENUE).unwrap(), sample::venue());
        for pool in sample::pools() {
            assert_eq!(**stored.pool(pool.id).unwrap(), pool);
        }
        for offering in sample::offerings() {
            assert_eq!(**stored.offering(offering.id).unwrap(), offering);
        }
        assert_eq!((stored.venues().count(), stored.pools().count(), stored.offerings().count()), (1, 4, 6));
    }

    fn a_venue_without_extras_is_read_back(database: &TestDatabase) {
        let mut connection = database.writer();
        let plain = Venue {
            code: None,
            opening_hours: None,
            time_zone: TimeZone::get("Asia/Kathmandu").unwrap(),
            currency: "JPY".parse().unwrap(),
            ..sample::venue()
        };
        catalogue::insert_venue(&mut connection, &plain, NOW).unwrap();
        assert_eq!(**catalogue::load(&mut connection).unwrap().venue(sample::VENUE).unwrap(), plain);
    }

    fn a_venue_is_stored_once(database: &TestDatabase) {
        let mut connection = database.writer();
        stock(&mut connection);
        connection.begin().unwrap();
        let again = catalogue::insert_venue(&mut connection, &sample::venue(), NOW)
            .and_then(|()| connection.commit());
        assert!(matches!(again, Err(StoreError::Constraint(Constraint::VenuesCodeUnique) | StoreError::Integrity(_))), "{again:?}");
        connection.rollback();
    }

    fn each_change_has_a_version(database: &TestDatabase) {
        let mut connection = database.writer();
        assert_eq!(catalogue::version(&mut connection).unwrap(), 0);
        assert_eq!(catalogue::raise_version(&mut connection).unwrap(), 1);
        assert_eq!(catalogue::raise_version(&mut connection).unwrap(), 2);
    }

    fn what_makes_no_sense_is_corrupt_by_name(database: &TestDatabase) {
        let mut connection = database.writer();
        stock(&mut connection);
        for (sql, undo, column) in [
            (
                "update venues set time_zone = 'Mars/Olympus'",
                "update venues set time_zone = 'Europe/Berlin'",
                "venues.time_zone",
            ),
            ("update pools set seat_map = '[]x'", "update pools set seat_map = '[]'", "pools.seat_map"),
            (
                "update offerings set recipes = '[[1]]'",
                "update offerings set recipes = '[]'",
                "offerings.recipes",
            ),
            ("update offerings set kind = 'flight'", "update offerings set kind = 'stay'", "offerings.kind"),
        ] {
            connection.execute(sql, &[]).unwrap();
            let failed = catalogue::load(&mut connection);
            let Err(StoreError::Corrupt(told)) = failed else { panic!("{failed:?}") };
            assert!(told.contains(column), "{told}");
            connection.execute(undo, &[]).unwrap();
        }
        catalogue::load(&mut connection).unwrap();
    }

    fn the_installations_key_is_drawn_once(database: &TestDatabase) {
        let mut connection = database.writer();
        let first = installation::reference_key(&mut connection, [u64::MAX, 1], NOW).unwrap();
        let second = installation::reference_key(&mut connection, [7, 7], NOW).unwrap();
        assert_eq!((first, second), (ReferenceKey([u64::MAX, 1]), ReferenceKey([u64::MAX, 1])));
    }
}

#[test]
fn the_sample_has_seats() {
    assert_eq!(sample::seat_map().seat_count(), 6);
    assert!(SeatMap::new(Vec::new()).is_ok());
}
