//! The catalogue is read back as it was written.

use std::sync::Arc;

use domain::ids::VenueId;
use domain::offering::{Confirmation, LengthRule, Offering, SaleWindow, Seating};
use domain::opening::OpeningExceptions;
use domain::pool::{Axis, Pool};
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
            opening_exceptions: OpeningExceptions::new(),
            time_zone: TimeZone::get("Asia/Kathmandu").unwrap(),
            currency: "JPY".parse().unwrap(),
            ..sample::venue()
        };
        catalogue::insert_venues(&mut connection, std::slice::from_ref(&plain), NOW).unwrap();
        assert_eq!(**catalogue::load(&mut connection).unwrap().venue(sample::VENUE).unwrap(), plain);
    }

    fn a_venue_is_stored_once(database: &TestDatabase) {
        let mut connection = database.writer();
        stock(&mut connection);
        connection.begin().unwrap();
        let again = catalogue::insert_venues(&mut connection, &[sample::venue()], NOW)
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

    fn a_process_reads_the_venues_again_that_others_have_changed(database: &TestDatabase) {
        let mut connection = database.writer();
        stock(&mut connection);
        let other = Venue { id: VenueId(sample::id(0x0a, 2)), code: None, ..sample::venue() };
        let second = catalogue::raise_version(&mut connection).unwrap();
        catalogue::insert_venues(&mut connection, &[other], NOW).unwrap();
        catalogue::mark_changed(&mut connection, &[VenueId(sample::id(0x0a, 2))], second).unwrap();
        let told = |since, connection: &mut _| {
            let changes = catalogue::changes(connection, since).unwrap();
            changes.map(|(version, venues)| (version, venues.iter().map(|of| of.venue.id).collect::<Vec<_>>()))
        };
        let both = vec![sample::VENUE, VenueId(sample::id(0x0a, 2))];
        assert_eq!(told(0, &mut connection), Some((2, both.clone())));
        assert_eq!(told(1, &mut connection), Some((2, both[1..].to_vec())));
        assert_eq!(told(2, &mut connection), None);
    }

    fn everything_that_can_be_changed_is_read_back(database: &TestDatabase) {
        let mut connection = database.writer();
        stock(&mut connection);
        let changed = Venue {
            version: 2,
            code: Some("pier".to_owned()),
            name: "The Pier".to_owned(),
            time_zone: TimeZone::get("Asia/Kathmandu").unwrap(),
            currency: "JPY".parse().unwrap(),
            opening_hours: None,
            opening_exceptions: OpeningExceptions::new(),
            withdrawn_at: Some(NOW),
            ..sample::venue()
        };
        catalogue::update_venue(&mut connection, &changed).unwrap();
        let fewer = sample::seat_map().changed(sample::seat_map().rows()[1..].to_vec(), 6).unwrap();
        let pool = Pool {
            version: 2,
            name: "Balcony".to_owned(),
            axis: Axis::Seated(Arc::new(fewer)),
            withdrawn_at: Some(NOW),
            ..sample::pools().remove(3)
        };
        catalogue::update_pool(&mut connection, &pool).unwrap();
        let offering = Offering {
            version: 2,
            code: None,
            name: "A seat".to_owned(),
            unit_price_minor: 1,
            confirmation: Confirmation::Instant,
            party_min: 2,
            party_max: 3,
            seating: Seating { duration_minutes: 60, turn_minutes: 0 },
            lengths: LengthRule::Range { min_minutes: 60, max_minutes: 120, step_minutes: 15 },
            starts_at: None,
            sale: SaleWindow { from: None, until: Some(NOW) },
            recipes: Vec::new(),
            active: false,
            withdrawn_at: Some(NOW),
            ..sample::offerings().remove(3)
        };
        catalogue::update_offering(&mut connection, &offering).unwrap();
        let stored = catalogue::load(&mut connection).unwrap();
        assert_eq!(**stored.venue(sample::VENUE).unwrap(), changed);
        assert_eq!(**stored.pool(pool.id).unwrap(), pool);
        assert_eq!(**stored.offering(offering.id).unwrap(), offering);
        assert!(catalogue::is_code_taken(&mut connection, "pier").unwrap());
        assert!(!catalogue::is_code_taken(&mut connection, "the-pier").unwrap());
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
