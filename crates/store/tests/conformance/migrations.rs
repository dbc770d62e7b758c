//! All migrations up, down step by step, and up again; by one process or by several.

use std::collections::BTreeSet;
use std::path::Path;

use store::StoreError;
use store::migrations::{ALL, applied, down, up};
use store::seam::Param;
use testkit::{TestDatabase, on_both_databases};

use super::shape;

fn names() -> Vec<&'static str> {
    ALL.iter().map(|migration| migration.name).collect()
}

on_both_databases! {
    fn up_down_step_by_step_and_up_again(database: &TestDatabase) {
        let mut connection = database.writer();
        let whole = shape::of(&mut connection);
        assert_eq!(up(&mut connection).unwrap(), Vec::<&str>::new(), "a second time does nothing");
        for (undone, name) in names().into_iter().rev().enumerate() {
            assert_eq!(down(&mut connection, 1).unwrap(), [name]);
            assert_eq!(applied(&mut connection).unwrap().len(), ALL.len() - undone - 1);
        }
        assert_eq!(down(&mut connection, 1).unwrap(), Vec::<&str>::new());
        let rest: Vec<_> = shape::of(&mut connection)
            .into_iter()
            .filter(|line| !line.contains("schema_migrations"))
            .collect();
        assert_eq!(rest, Vec::<String>::new(), "nothing is left");
        assert_eq!(up(&mut connection).unwrap(), names());
        assert_eq!(shape::of(&mut connection), whole);
        assert_eq!(down(&mut connection, usize::MAX).unwrap().len(), ALL.len());
    }

    fn a_database_newer_than_the_program_is_left_alone(database: &TestDatabase) {
        let mut connection = database.writer();
        let newer = ALL.last().unwrap().number + 1;
        connection
            .execute(
                "insert into schema_migrations (number, name, applied_at) values ($1, 'to come', 0)",
                &[Param::Int(newer)],
            )
            .unwrap();
        for refused in [up(&mut connection), down(&mut connection, 1)] {
            let Err(StoreError::Unusable(reason)) = refused else { panic!("{refused:?}") };
            assert!(reason.contains(&newer.to_string()), "{reason}");
        }
        assert_eq!(applied(&mut connection).unwrap().len(), ALL.len() + 1);
    }
}

/// On SQLite the writer's lock keeps the second process out.
#[test]
fn processes_that_migrate_at_once_do_each_step_once() {
    let Some(empty) = TestDatabase::empty_postgres() else { return };
    let done: Vec<&str> = std::thread::scope(|scope| {
        let processes = [(); 4].map(|()| scope.spawn(|| up(&mut empty.writer()).unwrap()));
        processes.into_iter().flat_map(|process| process.join().unwrap()).collect()
    });
    let each_once: BTreeSet<_> = done.iter().copied().collect();
    assert_eq!(done.len(), ALL.len(), "{done:?}");
    assert_eq!(each_once, names().into_iter().collect());
}

#[test]
fn every_file_is_listed() {
    let listed: BTreeSet<String> = names()
        .into_iter()
        .flat_map(|name| ["down", "up"].map(|direction| format!("{name}.{direction}.sql")))
        .collect();
    for kind in ["sqlite", "postgres"] {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(kind);
        let files = std::fs::read_dir(directory).unwrap();
        let files: BTreeSet<String> =
            files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        assert_eq!(files, listed, "{kind}");
    }
}

#[test]
fn numbers_grow_and_begin_their_names() {
    for (number, migration) in (1..).zip(ALL) {
        assert_eq!(migration.number, number);
        assert!(migration.name.starts_with(&format!("{number:04}_")), "{}", migration.name);
    }
}
