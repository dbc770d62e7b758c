//! Events of any noun, and how far their readers are.

use store::Connection;
use store::outbox::{self, CommitId, NewEvent, Writer, advance, cursors, insert_commit, of_writer};
use testkit::on_both_databases;
use uuid::Uuid;

use super::sample::NOW;

fn event(sequence: i64, payload: &str) -> NewEvent<'_> {
    let subject = Uuid::from_u128(1);
    NewEvent { subject_kind: "venue", subject, sequence, kind: "venue.updated", version: 2, payload, at: NOW }
}

fn commit(connection: &mut Connection, number: i64, events: &[NewEvent<'_>]) {
    let commit = CommitId { writer: Writer(1), number };
    connection.begin().unwrap();
    outbox::insert(connection, (commit, 3), events.iter().cloned()).unwrap();
    insert_commit(connection, commit, NOW).unwrap();
    connection.commit().unwrap();
}

on_both_databases! {
    fn an_event_of_any_noun_is_read_as_it_was_written(database: &TestDatabase) {
        let mut connection = database.writer();
        commit(&mut connection, 1, &[event(1, "{}"), event(1, "{}"), event(2, "[]")]);
        let read = of_writer(&mut connection, Writer(1), 0, 10).unwrap();
        let told: Vec<_> = read.iter().map(|event| (event.sequence, event.payload.as_str())).collect();
        assert_eq!(told, [(1, "{}"), (1, "{}"), (2, "[]")]);
        let first = &read[0];
        assert_eq!((first.subject_kind.as_str(), first.subject), ("venue", Uuid::from_u128(1)));
        assert_eq!((first.number, first.kind.as_str(), first.version, first.at), (1, "venue.updated", 2, NOW));
        let report = store::verify::verify(&mut database.reader()).unwrap();
        assert_eq!((report.events, report.differences), (3, Vec::new()));
    }

    fn commits_are_read_whole(database: &TestDatabase) {
        let mut connection = database.writer();
        for number in 1..=3 {
            commit(&mut connection, number, &[event(number, "{}"), event(number, "[]")]);
        }
        let read = of_writer(&mut connection, Writer(1), 0, 3).unwrap();
        assert_eq!(read.iter().map(|event| event.number).collect::<Vec<_>>(), [1, 1, 2, 2]);
        let rest = of_writer(&mut connection, Writer(1), 2, 3).unwrap();
        assert_eq!(rest.iter().map(|event| event.number).collect::<Vec<_>>(), [3, 3]);
    }

    fn a_cursor_moves_forward_only(database: &TestDatabase) {
        let mut connection = database.writer();
        let at = |writer, number| CommitId { writer: Writer(writer), number };
        for step in [at(1, 5), at(2, 1), at(1, 9), at(1, 7)] {
            connection.begin().unwrap();
            advance(&mut connection, "webhooks", step).unwrap();
            connection.commit().unwrap();
        }
        assert_eq!(cursors(&mut connection, "webhooks").unwrap(), [(Writer(1), 9), (Writer(2), 1)]);
        assert_eq!(cursors(&mut connection, "mails").unwrap(), []);
    }
}
