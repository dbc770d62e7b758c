//! Idempotency keys: recorded with their answers, found again, deleted after their time.

use store::keys::Answers;
use store::keys::{KeyScope, RecordedAnswer, any_ended, find, purge};
use store::{Constraint, StoreError};
use testkit::on_both_databases;

use super::desk::Desk;
use super::sample::{self, NIGHT, NOW};

fn scope(caller: u64, operation: &'static str, key: &str) -> KeyScope {
    KeyScope { caller: sample::id(0xaa, caller), operation, key: key.to_owned() }
}

fn answer(body: &[u8]) -> RecordedAnswer {
    RecordedAnswer {
        request_hash: vec![0, 1, 255],
        status: 201,
        body: Some(body.to_vec()),
        people: vec![sample::guest(1).into(), sample::guest(2).into()],
        created_at: NOW,
        expires_at: NOW + 1_000,
    }
}

fn record(
    desk: &mut Desk,
    number: u64,
    recorded: Vec<(KeyScope, RecordedAnswer)>,
) -> store::error::Result<()> {
    let answers = Answers { recorded, outlived: Vec::new() };
    desk.submit_with(&sample::stay(number, NIGHT, 1), &answers).map(drop)
}

on_both_databases! {
    fn an_answer_is_found_under_its_caller_operation_and_key(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        let scopes = [
            scope(1, "create", "k"),
            scope(1, "cancel", "k"),
            scope(2, "create", "k"),
            scope(1, "create", "Ключ 🗝"),
        ];
        let recorded =
            scopes.iter().zip([b"a", b"b", b"c", b"d"]).map(|(scope, body)| (scope.clone(), answer(body)));
        record(&mut desk, 1, recorded.collect()).unwrap();
        let unknown = scope(2, "cancel", "k");
        let asked = [&scopes[3], &unknown, &scopes[0], &scopes[2], &scopes[1]];
        let found = find(&mut desk.connection, &desk.vault, &asked).unwrap();
        let bodies = [(0, answer(b"d")), (2, answer(b"a")), (3, answer(b"c")), (4, answer(b"b"))];
        assert_eq!(found, bodies);
        assert_eq!(find(&mut desk.connection, &desk.vault, &[]).unwrap(), []);
    }

    fn a_key_that_somebody_else_recorded_meanwhile_fails_the_whole_batch(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        record(&mut desk, 1, vec![(scope(1, "create", "k"), answer(b"first"))]).unwrap();
        let second = record(&mut desk, 2, vec![(scope(1, "create", "k"), answer(b"second"))]);
        assert!(matches!(second, Err(StoreError::Constraint(Constraint::IdempotencyKeysPrimaryKey))), "{second:?}");
        assert_eq!(find(&mut desk.connection, &desk.vault, &[&scope(1, "create", "k")]).unwrap(), [(0, answer(b"first"))]);
        assert_eq!(store::bookings::by_id(&mut desk.connection, &desk.vault, sample::booking(2)).unwrap(), None);
    }

    fn a_key_whose_time_is_over_is_used_again(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        let scope = scope(1, "create", "k");
        record(&mut desk, 1, vec![(scope.clone(), answer(b"first"))]).unwrap();
        let answers =
            Answers { recorded: vec![(scope.clone(), answer(b"second"))], outlived: vec![scope.clone()] };
        desk.submit_with(&sample::stay(2, NIGHT, 1), &answers).unwrap().unwrap();
        assert_eq!(find(&mut desk.connection, &desk.vault, &[&scope]).unwrap(), [(0, answer(b"second"))]);
    }

    fn ended_keys_are_forgotten_a_few_at_a_time_oldest_first(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        let ending = |number: i64| RecordedAnswer { expires_at: NOW + number, ..answer(b"x") };
        let recorded =
            (0..10).map(|number| (scope(1, "create", &number.to_string()), ending(number))).collect();
        record(&mut desk, 1, recorded).unwrap();
        assert!(!any_ended(&mut desk.connection, NOW - 1).unwrap());
        assert!(any_ended(&mut desk.connection, NOW).unwrap());
        assert_eq!(purge(&mut desk.connection, NOW - 1, 100).unwrap(), 0);
        assert_eq!(purge(&mut desk.connection, NOW + 6, 4).unwrap(), 4);
        let left = |desk: &mut Desk, number: i64| {
            !find(&mut desk.connection, &desk.vault, &[&scope(1, "create", &number.to_string())]).unwrap().is_empty()
        };
        assert_eq!(
            (0..10).map(|number| left(&mut desk, number)).collect::<Vec<_>>()[..5],
            [false, false, false, false, true]
        );
        assert_eq!(purge(&mut desk.connection, NOW + 6, 100).unwrap(), 3);
        assert_eq!(purge(&mut desk.connection, NOW + 6, 100).unwrap(), 0);
        assert!(left(&mut desk, 7) && left(&mut desk, 9));
    }
}
