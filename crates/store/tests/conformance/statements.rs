//! Every statement of the store can be prepared on both databases, in every executed form.

use std::collections::BTreeSet;

use testkit::on_both_databases;

use super::scanner::statements;
use super::shape;

/// Words that only one of the databases knows; statements that use them are for that one.
const ONLY_POSTGRES: [&str; 3] = ["pg_advisory", "clock_timestamp", "current_setting"];
/// What was to be sealed when sealing came; the store only empties them.
const FILLED_BY_MIGRATIONS: [&str; 2] = ["answers_unsealed", "bookings_unsealed"];
/// Minimum number of statements: fewer would mean that they were not found.
const STATEMENTS_MIN: usize = 55;

on_both_databases! {
    fn each_can_be_prepared(database: &TestDatabase) {
        let mut connection = database.writer();
        let statements = statements();
        assert!(statements.len() >= STATEMENTS_MIN, "found only {}", statements.len());
        let mut failed = Vec::new();
        let mut over_arrays = 0;
        for statement in &statements {
            if !database.is_postgres() && ONLY_POSTGRES.iter().any(|word| statement.sql.contains(word)) {
                continue;
            }
            match connection.forms(statement.sql) {
                Ok(forms) => over_arrays += forms.len() - 1,
                Err(error) => failed.push(format!("{}: {error}\n{}", statement.file, statement.sql)),
            }
        }
        assert!(failed.is_empty(), "{}", failed.join("\n\n"));
        if database.is_postgres() {
            assert!(over_arrays > 30, "{over_arrays} forms over arrays");
        }
    }

    fn every_table_is_read_and_written_by_some_statement(database: &TestDatabase) {
        let statements = statements();
        let named = |table: &str, before: &[&str]| {
            statements.iter().any(|statement| before.iter().any(|word| names(statement.sql, word, table)))
        };
        let shape = shape::of(&mut database.writer());
        let columns = shape.iter().filter_map(|line| line.strip_prefix("column "));
        let tables: BTreeSet<&str> = columns.filter_map(|column| Some(column.split_once('.')?.0)).collect();
        assert!(tables.contains("bookings"), "{tables:?}");
        let unread: Vec<_> = tables.iter().filter(|table| !named(table, &["from", "join"])).collect();
        let filled = tables.iter().filter(|table| !FILLED_BY_MIGRATIONS.contains(table));
        let unwritten: Vec<_> = filled.filter(|table| !named(table, &["into", "update"])).collect();
        assert!(unread.is_empty() && unwritten.is_empty(), "never read: {unread:?}, never written: {unwritten:?}");
    }
}

/// Whether a statement has this word and the table's name behind it.
fn names(sql: &str, word: &str, table: &str) -> bool {
    let words: Vec<&str> = sql.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
    words.windows(2).any(|pair| pair == [word, table])
}
