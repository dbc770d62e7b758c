//! Bound values are read back: every type, its extremes, and null; unsupported values are refused.

use store::StoreError;
use store::seam::{Connection, Param, Row, Rows};
use testkit::{TestDatabase, on_both_databases};
use uuid::Uuid;

type Stored = (i64, Option<i64>, Option<String>, Option<Vec<u8>>, Option<Uuid>);

const INSERT: &str = "insert into things (place, number, words, bytes, id) values ($1, $2, $3, $4, $5)";
const SELECT: &str = "select place, number, words, bytes, id from things order by place";
const BY_PLACE: &str = "select place, number, words, bytes, id from things where place = $1";

fn things(database: &TestDatabase) -> Connection {
    let mut connection = database.writer();
    let script = if database.is_postgres() {
        "create table things (place bigint not null primary key, number bigint, words text, bytes bytea, id uuid)"
    } else {
        "create table things (place integer not null primary key, number integer, words text, bytes blob, id blob) \
         strict"
    };
    connection.execute_script(script).unwrap();
    connection
}

fn stored(row: &Row<'_>) -> store::error::Result<Stored> {
    Ok((row.int(0)?, row.opt_int(1)?, row.opt_text(2)?, row.opt_bytes(3)?, row.opt_id(4)?))
}

fn samples() -> Vec<Stored> {
    let long = "größer als ein Paket ".repeat(10_000);
    vec![
        (0, None, None, None, None),
        (1, Some(i64::MIN), Some(String::new()), Some(Vec::new()), Some(Uuid::nil())),
        (
            2,
            Some(i64::MAX),
            Some("naïve 東京 🏨 \u{10ffff}".to_owned()),
            Some(vec![0, 255, 0]),
            Some(Uuid::max()),
        ),
        (
            3,
            Some(0),
            Some("it's \"quoted\" \\ and {braced}, %_$1?1".to_owned()),
            Some(long.clone().into_bytes()),
            None,
        ),
        (4, Some(-1), Some(long), None, Some(Uuid::from_u128(1))),
        (5, Some(1), Some("\u{feff}\r\n\t\u{202e}".to_owned()), Some(b"\\x00".to_vec()), None),
    ]
}

fn params((place, number, words, bytes, id): &Stored) -> [Param<'_>; 5] {
    [Param::Int(*place), (*number).into(), words.as_deref().into(), bytes.as_deref().into(), (*id).into()]
}

on_both_databases! {
    fn one_by_one(database: &TestDatabase) {
        let mut connection = things(database);
        for sample in &samples() {
            assert_eq!(connection.execute(INSERT, &params(sample)).unwrap(), 1);
            let found = connection.optional(BY_PLACE, &[Param::Int(sample.0)], stored).unwrap();
            assert_eq!(found.as_ref(), Some(sample));
        }
        assert_eq!(connection.all(SELECT, &[], stored).unwrap(), samples());
    }

    fn many_at_once(database: &TestDatabase) {
        let mut connection = things(database);
        let samples = samples();
        let mut rows = Rows::new(5, samples.len());
        let mut keys = Rows::new(1, samples.len());
        for sample in &samples {
            rows.push(params(sample));
            keys.push([Param::Int(sample.0)]);
        }
        connection.begin().unwrap();
        connection.write_many(INSERT, &rows).unwrap();
        connection.commit().unwrap();
        let found = connection.all_many(BY_PLACE, &keys, |index, row| Ok((index, stored(row)?))).unwrap();
        assert_eq!(found, samples.into_iter().enumerate().collect::<Vec<_>>());
    }

    fn a_nul_in_a_text_is_refused(database: &TestDatabase) {
        let mut connection = things(database);
        let row = [Param::Int(1), Param::Null, Param::Text("one\0two"), Param::Null, Param::Null];
        let refused = connection.execute(INSERT, &row);
        assert!(matches!(refused, Err(StoreError::Statement(_))), "{refused:?}");
        let mut rows = Rows::new(5, 1);
        rows.push(row);
        connection.begin().unwrap();
        let refused = connection.write_many(INSERT, &rows);
        assert!(matches!(refused, Err(StoreError::Statement(_))), "{refused:?}");
        connection.rollback();
        assert_eq!(connection.all(SELECT, &[], stored).unwrap(), []);
    }

    fn a_value_of_another_type_is_refused(database: &TestDatabase) {
        let mut connection = things(database);
        let id = Param::Id(Uuid::nil());
        for (place, wrong) in [
            (1, Param::Text("7x")),
            (1, Param::Bytes(b"7")),
            (1, id),
            (2, Param::Bytes(b"text")),
            (2, id),
            (3, Param::Int(7)),
            (3, Param::Text("bytes")),
            (4, Param::Int(7)),
            (4, Param::Text("an id")),
        ] {
            let mut row = [Param::Int(1), Param::Null, Param::Null, Param::Null, Param::Null];
            row[place] = wrong;
            let refused = connection.execute(INSERT, &row);
            assert!(matches!(refused, Err(StoreError::Statement(_))), "{wrong:?}: {refused:?}");
        }
        assert!(!connection.is_broken());
        assert_eq!(connection.all(SELECT, &[], stored).unwrap(), []);
    }

    fn a_parameter_too_few_or_too_many_is_refused(database: &TestDatabase) {
        let mut connection = things(database);
        let row = [Param::Int(1), Param::Null, Param::Null, Param::Null, Param::Null, Param::Null];
        for count in [0, 4, 6] {
            let refused = connection.execute(INSERT, &row[..count]);
            assert!(matches!(refused, Err(StoreError::Statement(_))), "{count}: {refused:?}");
        }
        let mut keys = Rows::new(2, 1);
        keys.push([Param::Int(1), Param::Int(2)]);
        let refused = connection.all_many(BY_PLACE, &keys, |_, row| row.int(0));
        assert!(matches!(refused, Err(StoreError::Statement(_))), "{refused:?}");
        assert!(!connection.is_broken());
    }

    fn a_column_read_as_what_it_is_not_is_corrupt(database: &TestDatabase) {
        let mut connection = things(database);
        let sample = samples().swap_remove(2);
        connection.execute(INSERT, &params(&sample)).unwrap();
        let readings: [fn(&Row<'_>) -> bool; 6] = [
            |row| matches!(row.int(2), Err(StoreError::Corrupt(text)) if text.contains("words")),
            |row| matches!(row.text(1), Err(StoreError::Corrupt(text)) if text.contains("number")),
            |row| matches!(row.bytes(2), Err(StoreError::Corrupt(text)) if text.contains("words")),
            |row| matches!(row.id(3), Err(StoreError::Corrupt(text)) if text.contains("bytes")),
            |row| matches!(row.id(1), Err(StoreError::Corrupt(text)) if text.contains("number")),
            |row| matches!(row.text(4), Err(StoreError::Corrupt(_))),
        ];
        for (number, reading) in readings.into_iter().enumerate() {
            assert!(connection.optional(SELECT, &[], |row| Ok(reading(row))).unwrap().unwrap(), "{number}");
        }
        connection.execute("update things set number = null where place = $1", &[Param::Int(2)]).unwrap();
        let missing = connection.optional(SELECT, &[], |row| row.int(1));
        assert!(matches!(missing, Err(StoreError::Corrupt(_))), "{missing:?}");
    }
}
