//! Each named constraint refuses invalid rows, and is reported by a name that both databases share with the schema.

use store::seam::{Connection, Param};
use store::{Constraint, StoreError};
use testkit::{TestDatabase, on_both_databases};

use super::desk::stock;
use super::sample::{self, ROOMS, VENUE};
use super::shape;

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

/// A statement, its parameters, and the constraint that refuses it.
type Violation<'a> = (&'static str, Vec<Param<'a>>, Constraint);

fn violations() -> Vec<Violation<'static>> {
    let (int, text) = (Param::Int, Param::Text);
    vec![
        (SLOT, vec![id(1), int(3)], Constraint::SlotsTakenWithinCapacity),
        (SLOT, vec![id(1), int(-1)], Constraint::SlotsTakenNotNegative),
        (BOOKING, vec![id(2), int(1), text("CONFIRMED")], Constraint::BookingsReferenceUnique),
        (BOOKING, vec![id(1), int(2), text("CONFIRMED")], Constraint::BookingsPrimaryKey),
        (BOOKING, vec![id(2), int(2), text("MAYBE")], Constraint::BookingsStatusKnown),
        (BOOKING, vec![id(2), int(2), text("PENDING")], Constraint::BookingsHoldHasEnd),
        (CLAIM, vec![id(1), int(2), int(1), int(1)], Constraint::ClaimsRunForward),
        (CLAIM, vec![id(1), int(1), int(1), int(0)], Constraint::ClaimsUnitsPositive),
        (POOL, vec![id(1), Param::Id(VENUE.0), text("fluid"), int(1)], Constraint::PoolsKindKnown),
        (
            POOL,
            vec![id(1), Param::Id(VENUE.0), text("quantity"), int(-1)],
            Constraint::PoolsCapacityNotNegative,
        ),
        (VENUE_SQL, vec![id(1), text("the-pier")], Constraint::VenuesCodeUnique),
        (KEY, vec![id(1), Param::Bytes(b"y")], Constraint::IdempotencyKeysPrimaryKey),
    ]
}

/// The differences between the list and the schema: names of constraints, and keys with their columns.
fn difference(database: &TestDatabase) -> Vec<String> {
    let shape = shape::of(&mut database.writer());
    let listed: Vec<String> = Constraint::ALL.iter().map(|constraint| words_of(*constraint)).collect();
    let ends_with = |line: &str, words: &str| line.ends_with(&format!(" {words}"));
    let absent = listed.iter().filter(|words| !shape.iter().any(|line| ends_with(line, words)));
    let unlisted = shape.iter().filter(|line| line.starts_with("constraint "));
    let unlisted = unlisted.filter(|line| !listed.iter().any(|words| ends_with(line, words)));
    absent.chain(unlisted).cloned().collect()
}

/// How [`shape::of`] ends the line of a constraint: its name, or for a primary key its table and columns.
fn words_of(constraint: Constraint) -> String {
    match (constraint.name().strip_suffix("_pkey"), constraint.columns()) {
        (Some(table), Some(columns)) => format!("{table} {}", columns.replace(&format!("{table}."), "")),
        (_, _) => constraint.name().to_owned(),
    }
}

on_both_databases! {
    fn each_constraint_is_reported_by_name(database: &TestDatabase) {
        let mut connection = set_up(database);
        for (sql, params, expected) in violations() {
            match connection.execute(sql, &params) {
                Err(StoreError::Constraint(told)) => assert_eq!(told, expected),
                other => panic!("{expected}: {other:?}"),
            }
        }
        assert!(!connection.is_broken());
    }

    fn a_required_value_and_a_foreign_key_are_integrity(database: &TestDatabase) {
        let mut connection = set_up(database);
        let (int, text) = (Param::Int, Param::Text);
        for (sql, params) in [
            (BOOKING, vec![id(2), int(2), Param::Null]),
            (POOL, vec![id(1), id(9), text("quantity"), int(1)]),
        ] {
            let refused = connection.execute(sql, &params);
            assert!(matches!(refused, Err(StoreError::Integrity(_))), "{refused:?}");
        }
    }

    fn the_list_names_what_the_schema_names(database: &TestDatabase) {
        assert_eq!(difference(database), Vec::<String>::new());
    }

    fn sqlite_names_the_columns_of_each_unique_constraint(database: &TestDatabase) {
        if database.is_postgres() {
            return;
        }
        let sql = "select (select group_concat(t.name || '.' || i.name, ', ' order by i.seqno) \
                   from pragma_index_info(x.name) i) from sqlite_schema t join pragma_index_list(t.name) x \
                   where t.type = 'table' and x.origin in ('u', 'pk')";
        let unique: Vec<String> = database.writer().all(sql, &[], |row| row.text(0)).unwrap();
        for constraint in Constraint::ALL {
            let is_known = constraint.columns().is_none_or(|columns| unique.iter().any(|known| known == columns));
            assert!(is_known, "{constraint}: {unique:?}");
        }
    }

    fn a_pool_with_offerings_or_a_venue_with_pools_stays(database: &TestDatabase) {
        let mut connection = set_up(database);
        let refused = connection.execute("delete from venues where id = $1", &[Param::Id(VENUE.0)]);
        assert!(matches!(refused, Err(StoreError::Integrity(_))), "{refused:?}");
        let pools = connection.execute("delete from pools where id = $1", &[Param::Id(ROOMS.0)]);
        assert_eq!(pools.unwrap(), 1, "recipes are JSON, so verify looks after them");
    }
}
