//! Every statement of the store can be prepared on both databases, in every form in which it is run.

use std::collections::HashSet;

use testkit::on_both_databases;

use super::scanner::statements;

/// Words that only one of the databases knows; the statements that use them are for that one.
const ONLY_POSTGRES: [&str; 3] = ["pg_advisory", "clock_timestamp", "current_setting"];
/// Statements there are at the least: fewer would mean that they were not found.
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
}

#[test]
fn every_table_is_read_and_written_by_some_statement() {
    let statements = statements();
    let files: HashSet<&str> = statements.iter().map(|statement| statement.file.as_str()).collect();
    for file in ["bookings.rs", "catalogue.rs", "keys.rs", "lists.rs", "slots.rs", "verify.rs", "postgres.rs"]
    {
        assert!(files.contains(file), "{file} holds no statement: {files:?}");
    }
}
