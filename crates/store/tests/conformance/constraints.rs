//! Each named constraint refuses what it should, and is told by a name that both databases share with the schema.

use store::StoreError;
use store::seam::{Connection, Param};
use testkit::{TestDatabase, on_both_databases};

use super::desk::stock;
use super::sample::{self, ROOMS, VENUE};

const SLOT: &str =
    "insert into slots (pool_id, slot, capacity, own_capacity, taken) values ($1, 1, 2, 0, $2)";
const BOOKING: &str = "insert into bookings (id, reference_number, venue_id, guest_id, status, version, starts_on, \
     party_size, currency, base_minor, tax_minor, discount_minor, total_minor, created_at, updated_at) \
     values ($1, $2, $1, $1, $3, 1, 1, 1, 'EUR', 0, 0, 0, 0, 0, 0)";
const CLAIM: &str = "insert into claims (booking_id, claim, line, pool_id, slot_first, slot_last, units) \
     values ($1, 0, 0, $1, $2, $3, $4)";
const POOL: &str =
    "insert into pools (id, venue_id, name, kind, capacity, created_at) values ($1, $2, 'x', $3, $4, 0)";
const VENUE_SQL: &str = "insert into venues (id, business_id, code, kind, name, time_zone, currency, created_at) \
     values ($1, $1, $2, 'hotel', 'x', 'UTC', 'EUR', 0)";
const KEY: &str = "insert into idempotency_keys (caller, operation, key, request_hash, answer_status, answer_body, \
     created_at, expires_at) values ($1, 'create', 'k', $2, 201, $2, 0, 0)";

fn id(number: u64) -> Param<'static> {
    Param::Id(sample::id(0xff, number))
}

fn set_up(database: &TestDatabase) -> Connection {
    let mut connection = database.writer();
    stock(&mut connection);
    connection.execute(BOOKING, &[id(1), Param::Int(1), Param::Text("CONFIRMED")]).unwrap();
    connection.execute(KEY, &[id(1), Param::Bytes(b"x")]).unwrap();
    connection
}

/// A statement, its parameters, the constraint's name, and the words SQLite has for a constraint without a name of its
/// own there: the columns.
type Violation<'a> = (&'static str, Vec<Param<'a>>, &'static str, &'static str);

fn violations() -> Vec<Violation<'static>> {
    let (int, text) = (Param::Int, Param::Text);
    vec![
        (SLOT, vec![id(1), int(3)], "slots_taken_within_capacity", ""),
        (SLOT, vec![id(1), int(-1)], "slots_taken_not_negative", ""),
        (
            BOOKING,
            vec![id(2), int(1), text("CONFIRMED")],
            "bookings_reference_unique",
            "bookings.reference_number",
        ),
        (BOOKING, vec![id(1), int(2), text("CONFIRMED")], "bookings_pkey", "bookings.id"),
        (BOOKING, vec![id(2), int(2), text("MAYBE")], "bookings_status_known", ""),
        (BOOKING, vec![id(2), int(2), text("PENDING")], "bookings_hold_has_end", ""),
        (BOOKING, vec![id(2), int(2), Param::Null], "status", "bookings.status"),
        (CLAIM, vec![id(1), int(2), int(1), int(1)], "claims_run_forward", ""),
        (CLAIM, vec![id(1), int(1), int(1), int(0)], "claims_units_positive", ""),
        (POOL, vec![id(1), Param::Id(VENUE.0), text("fluid"), int(1)], "pools_kind_known", ""),
        (POOL, vec![id(1), Param::Id(VENUE.0), text("whole"), int(-1)], "pools_capacity_not_negative", ""),
        (POOL, vec![id(1), id(9), text("whole"), int(1)], "pools_venue_id_fkey", "FOREIGN KEY"),
        (VENUE_SQL, vec![id(1), text("the-pier")], "venues_code_unique", "venues.code"),
        (KEY, vec![id(1), Param::Bytes(b"y")], "idempotency_keys_pkey", "idempotency_keys.key"),
    ]
}

on_both_databases! {
    fn each_is_told_by_name(database: &TestDatabase) {
        let mut connection = set_up(database);
        for (sql, params, name, columns) in violations() {
            let expected = if database.is_postgres() || columns.is_empty() { name } else { columns };
            match connection.execute(sql, &params) {
                Err(StoreError::Constraint(told)) => {
                    assert!(told.contains(expected), "{told}, not {expected}");
                }
                other => panic!("{name}: {other:?}"),
            }
        }
        assert!(!connection.is_broken());
    }

    fn a_pool_with_offerings_or_a_venue_with_pools_stays(database: &TestDatabase) {
        let mut connection = set_up(database);
        let refused = connection.execute("delete from venues where id = $1", &[Param::Id(VENUE.0)]);
        assert!(matches!(refused, Err(StoreError::Constraint(_))), "{refused:?}");
        let pools = connection.execute("delete from pools where id = $1", &[Param::Id(ROOMS.0)]);
        assert_eq!(pools.unwrap(), 1, "recipes are JSON, so verify looks after them");
    }
}
