//! Whole batches: one statement over arrays on PostgreSQL does the same as a loop on SQLite.

use store::Connection;
use store::seam::{Param, Rows};
use testkit::{TestDatabase, on_both_databases};

const UPSERT: &str = "insert into counts (name, place, count) values ($1, $2, coalesce($3, cast(7 as bigint))) \
                      on conflict (name, place) do update set count = excluded.count";
const KEEP: &str =
    "insert into counts (name, place, count) values ($1, $2, $3) on conflict (name, place) do nothing";
const UPDATE: &str = "update counts set count = count + $3 where name = $1 and place = $2";
const DELETE: &str = "delete from counts where name = $1";
const OF_NAME: &str = "select place, count from counts where name = $1 and count > $2 order by place desc";
const FIRST_OF_NAME: &str = "select place from counts where name = $1 order by place limit 1";
const ALL: &str = "select name, place, count from counts order by name, place";

fn counts(database: &TestDatabase) -> Connection {
    let mut connection = database.writer();
    let number = if database.is_postgres() { "bigint" } else { "integer" };
    let script = format!(
        "create table counts (name text not null, place {number} not null, count {number} not null, \
         primary key (name, place))"
    );
    connection.execute_script(&script).unwrap();
    connection
}

fn rows<'a>(rows: &[(&'a str, i64, Option<i64>)]) -> Rows<'a> {
    let mut table = Rows::new(3, rows.len());
    for (name, place, count) in rows {
        table.push([Param::Text(name), Param::Int(*place), (*count).into()]);
    }
    table
}

fn contents(connection: &mut Connection) -> Vec<(String, i64, i64)> {
    connection.all(ALL, &[], |row| Ok((row.text(0)?, row.int(1)?, row.int(2)?))).unwrap()
}

fn of(entries: &[(&str, i64, i64)]) -> Vec<(String, i64, i64)> {
    entries.iter().map(|(name, place, count)| ((*name).to_owned(), *place, *count)).collect()
}

on_both_databases! {
    fn the_first_error_of_a_batch_is_returned(database: &TestDatabase) {
        let mut connection = counts(database);
        connection.begin().unwrap();
        let twice = "insert into counts (name, place, count) values ($1, $2, $3)";
        let written = connection
            .write_many(twice, &rows(&[("a", 1, Some(1)), ("a", 1, Some(1))]))
            // Not prepared yet: on PostgreSQL it meets a transaction that has already ended.
            .and_then(|()| connection.write_many(UPDATE, &rows(&[("a", 1, Some(1))])))
            .and_then(|()| connection.commit());
        assert!(matches!(written, Err(store::StoreError::Integrity(_))), "{written:?}");
        connection.rollback();
    }

    fn rows_are_written_and_keys_are_found(database: &TestDatabase) {
        let mut connection = counts(database);
        connection.begin().unwrap();
        connection
            .write_many(UPSERT, &rows(&[("b", 2, Some(5)), ("a", 1, None), ("b", 1, Some(6))]))
            .unwrap();
        connection.write_many(UPSERT, &rows(&[("b", 2, Some(50)), ("c", 1, Some(1))])).unwrap();
        connection.write_many(KEEP, &rows(&[("c", 1, Some(9)), ("c", 2, Some(9))])).unwrap();
        connection
            .write_many(UPDATE, &rows(&[("c", 2, Some(2)), ("a", 1, Some(1)), ("d", 1, Some(1))]))
            .unwrap();
        let mut gone = Rows::new(1, 2);
        gone.push([Param::Text("nobody")]);
        connection.write_many(DELETE, &gone).unwrap();
        connection.write_many(DELETE, &Rows::new(1, 0)).unwrap();
        connection.commit().unwrap();
        assert_eq!(
            contents(&mut connection),
            of(&[("a", 1, 8), ("b", 1, 6), ("b", 2, 50), ("c", 1, 1), ("c", 2, 11)])
        );
    }

    fn answers_come_in_the_order_of_their_keys(database: &TestDatabase) {
        let mut connection = counts(database);
        connection
            .write_many(
                KEEP,
                &rows(&[("a", 1, Some(1)), ("a", 2, Some(2)), ("b", 1, Some(3)), ("c", 9, Some(4))]),
            )
            .unwrap();
        let mut keys = Rows::new(2, 5);
        for (name, above) in [("c", 0), ("nobody", 0), ("a", 0), ("c", 4), ("a", 1)] {
            keys.push([Param::Text(name), Param::Int(above)]);
        }
        let found =
            connection.all_many(OF_NAME, &keys, |index, row| Ok((index, row.int(0)?, row.int(1)?))).unwrap();
        assert_eq!(found, [(0, 9, 4), (2, 2, 2), (2, 1, 1), (4, 2, 2)]);
        let mut keys = Rows::new(1, 3);
        for name in ["b", "a", "b"] {
            keys.push([Param::Text(name)]);
        }
        let found = connection.all_many(FIRST_OF_NAME, &keys, |index, row| Ok((index, row.int(0)?))).unwrap();
        assert_eq!(found, [(0, 1), (1, 1), (2, 1)], "a limit counts for each key");
        let none = connection.all_many(OF_NAME, &Rows::new(2, 0), |_, row| row.int(0)).unwrap();
        assert!(none.is_empty());
    }

    fn the_order_holds_for_many_keys_backwards(database: &TestDatabase) {
        let mut connection = counts(database);
        let all: Vec<_> = (0..1_500).map(|place| ("n", place, Some(place))).collect();
        connection.begin().unwrap();
        connection.write_many(KEEP, &rows(&all)).unwrap();
        connection.commit().unwrap();
        let mut keys = Rows::new(1, all.len());
        for place in (0..1_500).rev() {
            keys.push([Param::Int(place)]);
        }
        // The planner may join an analysed table differently.
        connection.execute_script("analyze").unwrap();
        let found = connection
            .all_many("select count from counts where place = $1", &keys, |index, row| {
                Ok((index, row.int(0)?))
            })
            .unwrap();
        let expected: Vec<_> = (0..1_500).rev().enumerate().collect();
        assert_eq!(found, expected);
    }

    fn an_error_of_the_caller_ends_the_reading_and_not_the_connection(database: &TestDatabase) {
        let mut connection = counts(database);
        connection
            .write_many(KEEP, &rows(&[("a", 1, Some(1)), ("a", 2, Some(2)), ("a", 3, Some(3))]))
            .unwrap();
        let mut seen = 0;
        let failed = connection.each(ALL, &[], |_| {
            seen += 1;
            if seen == 2 { Err(store::StoreError::corrupt("counts", "count", "a")) } else { Ok(()) }
        });
        assert!(matches!(failed, Err(store::StoreError::Corrupt(_))), "{failed:?}");
        assert_eq!(seen, 2);
        assert!(!connection.is_broken());
        assert_eq!(contents(&mut connection).len(), 3);
    }
}
