//! The hot statements use an index, on a table with thousands of rows and on one that was empty when the statement
//! was planned.

use store::Connection;
use testkit::{TestDatabase, on_both_databases};

use super::desk::Desk;
use super::raw::{self, RawBooking};
use super::sample::{HALL, NIGHT, NOW, guest};
use super::scanner::statements;

const ROWS: u64 = 3_000;
const PARAMETERS_MAX: usize = 40;

/// The file of a hot statement, unique words in it, and the index it must use, with its name on each database. SQLite
/// keeps a table without rowid inside its primary key.
const HOT: [(&str, &str, &str); 33] = [
    ("slots.rs", "slot between $2 and $3 order by slot for update", "slots_pkey"),
    ("slots.rs", "slot between $2 and $3 order by slot", "slots_pkey"),
    ("slots.rs", "update slots set taken = $3", "slots_pkey"),
    ("slots.rs", "update slots set taken = taken + $4", "slots_pkey"),
    ("bookings.rs", "update bookings set", "bookings_pkey"),
    ("bookings.rs", "delete from booking_lines", "booking_lines_pkey"),
    ("keys.rs", "delete from idempotency_keys where caller", "idempotency_keys_pkey"),
    ("bookings.rs", "from bookings where id = $1 for update", "bookings_pkey"),
    ("bookings.rs", "end from bookings where id = $1", "person_keys_pkey"),
    ("bookings.rs", "from bookings where reference_number", "bookings_reference_unique"),
    ("bookings.rs", "from bookings where order_id", "bookings_of_order"),
    ("bookings.rs", "from booking_lines where booking_id = $1 order", "booking_lines_pkey"),
    ("bookings.rs", "released_at from claims where booking_id", "claims_pkey"),
    ("bookings.rs", "from booking_history", "booking_history_pkey"),
    ("keys.rs", "from idempotency_keys where caller", "idempotency_keys_pkey"),
    ("keys.rs", "from idempotency_keys where expires_at <= $1 limit 1", "idempotency_keys_end"),
    ("lists.rs", "from bookings where guest_id", "bookings_of_guest"),
    ("lists.rs", "from bookings where segment = $1 and venue_id", "bookings_of_venue"),
    ("lists.rs", "from bookings where segment = $1 and email_index", "bookings_of_email"),
    ("lists.rs", "from bookings where segment = $1 and phone_index", "bookings_of_phone"),
    ("segments.rs", "from bookings where segment = $1", "bookings_of_venue"),
    ("people.rs", "from person_keys where person_id = $1 for share", "person_keys_pkey"),
    ("holds.rs", "from bookings b where b.status = 'PENDING' and b.expires_at <= $1", "bookings_holds"),
    ("api_keys.rs", "where secret_hash = $1", "api_keys_secret_unique"),
    ("revocations.rs", "from revocations where created_at >= $1", "revocations_by_time"),
    ("mod.rs", "where state = 'waiting' and run_at <= $1", "jobs_due"),
    ("mod.rs", "where state = 'running' and locked_until <= $1", "jobs_locked"),
    ("mod.rs", "update jobs set state = $4", "jobs_pkey"),
    ("mod.rs", "update jobs set state = 'running'", "jobs_pkey"),
    ("lists.rs", "where state in ('dead', 'unclear') and id < $1", "jobs_given_up"),
    ("lists.rs", "<= $2) limit 1", "jobs_finished"),
    ("lists.rs", "state = 'waiting' and run_at <= $1 limit 1", "jobs_due"),
    ("lists.rs", "state = 'running' and locked_until <= $1 limit 1", "jobs_locked"),
];

/// Each plan of the statement, in the single form and in the form for many keys.
fn plans(connection: &mut Connection, sql: &'static str) -> Vec<String> {
    let forms = connection.forms(sql).unwrap();
    forms
        .iter()
        .map(
            |form| {
                if connection.is_shared() { generic_plan(connection, form) } else { plan(connection, form) }
            },
        )
        .collect()
}

fn lines(connection: &mut Connection, sql: String, column: usize) -> String {
    connection.all(sql.leak(), &[], |row| row.text(column)).unwrap().join("\n")
}

fn plan(connection: &mut Connection, form: &str) -> String {
    // Unbound parameters are null, and plans do not depend on them.
    let numbers = (1..=PARAMETERS_MAX).rev();
    let bound = numbers.fold(form.to_owned(), |text, number| text.replace(&format!("?{number}"), "null"));
    lines(connection, format!("explain query plan {bound}"), 3)
}

/// The plan for any parameters, as used by the seam.
fn generic_plan(connection: &mut Connection, form: &str) -> String {
    let parameters = (1..=PARAMETERS_MAX).filter(|number| form.contains(&format!("${number}"))).count();
    let nulls = vec!["null"; parameters].join(", ");
    let call = if parameters == 0 { String::new() } else { format!("({nulls})") };
    connection.execute_script(&format!("prepare hot as {form}")).unwrap();
    let told = lines(connection, format!("explain execute hot{call}"), 0);
    connection.execute_script("deallocate hot").unwrap();
    told
}

fn check(connection: &mut Connection) {
    let statements = statements();
    for (file, words, index) in HOT {
        let of_it =
            |statement: &&super::scanner::Statement| statement.file == file && statement.sql.contains(words);
        let statement = statements.iter().find(of_it).unwrap_or_else(|| panic!("{file} has no {words}"));
        for plan in plans(connection, statement.sql) {
            let uses = if connection.is_shared() {
                uses_on_postgres(&plan, index)
            } else {
                uses_on_sqlite(&plan, index)
            };
            assert!(uses, "{} does not use {index}:\n{plan}", statement.sql);
        }
    }
}

/// Joined key by key: a hash or merge join would read the whole table.
fn uses_on_postgres(plan: &str, index: &str) -> bool {
    let reads_all = ["Seq Scan", "Hash Join", "Merge Join"].iter().any(|way| plan.contains(way));
    plan.contains(index) && plan.contains("Index Cond") && !reads_all
}

fn uses_on_sqlite(plan: &str, index: &str) -> bool {
    let own = plan.contains("USING PRIMARY KEY") || plan.contains("USING INDEX sqlite_autoindex");
    let uses = plan.contains(index) || (own && (index.ends_with("_pkey") || index.ends_with("_unique")));
    uses && !plan.contains("SCAN")
}

fn fill(database: &TestDatabase) -> Connection {
    let mut connection = Desk::open(database).connection;
    let raw = |number: u64| RawBooking {
        guest: guest(number % 200),
        day: NIGHT + i64::try_from(number % 300).unwrap(),
        ..if number.is_multiple_of(10) {
            RawBooking::hold(number, NOW + number.cast_signed())
        } else {
            RawBooking::new(number)
        }
    };
    connection.begin().unwrap();
    raw::insert(&mut connection, &(1..=ROWS).map(raw).collect::<Vec<_>>());
    raw::claim(&mut connection, 1..=ROWS, (HALL, 0));
    raw::keys(&mut connection, ROWS);
    raw::jobs(&mut connection, ROWS);
    let nights: Vec<_> =
        (0..3_000).map(|slot| domain::slot::SlotKey { pool: super::sample::ROOMS, slot }).collect();
    store::slots::make(&mut connection, &nights).unwrap();
    connection.commit().unwrap();
    connection.execute_script("analyze").unwrap();
    connection
}

on_both_databases! {
    fn hot_statements_use_their_indexes_on_a_full_database(database: &TestDatabase) {
        check(&mut fill(database));
    }

    fn and_on_one_that_was_empty_when_they_were_planned(database: &TestDatabase) {
        check(&mut database.writer());
    }
}
