//! Personal data in bookings and recorded answers: sealed in the database, readable through the store, erased with
//! the person's key.

use domain::actor::Actor;
use domain::booking::{Notes, Person};
use domain::command::{Command, NewBooking, Update};
use domain::ids::PersonId;
use domain::status::Status;
use store::StoreError;
use store::keys::Answers;
use store::keys::{KeyScope, RecordedAnswer, find};
use store::seam::Param;
use store::vault::{backlog, people};
use testkit::on_both_databases;

use super::desk::Desk;
use super::sample::{self, NIGHT, NOW, booking, guest, nights};

fn grace() -> Person {
    Person {
        name: Some("Grace Hopper".to_owned()),
        email: Some("Grace.Hopper@example.org".to_owned()),
        phone: Some("+1 212 555 0199".to_owned()),
        companions: Some("[{\"name\":\"Alan\"}]".to_owned()),
    }
}

fn notes() -> Notes {
    let text = |text: &str| Some(text.to_owned());
    Notes {
        special_requests: text("a quiet room"),
        internal_notes: text("a friend of the house"),
        source: text("website"),
        metadata: text("{\"card\":\"77\"}"),
    }
}

fn told(number: u64) -> Command {
    let booking = sample::new_booking(number, vec![nights(NIGHT, 1)]);
    sample::order(vec![NewBooking { person: grace(), notes: notes(), ..booking }])
}

fn person(number: u64) -> PersonId {
    guest(number).into()
}

fn columns(desk: &mut Desk, number: u64) -> (Option<Vec<u8>>, Option<i64>, Option<i64>) {
    let sql = "select private, email_index, phone_index from bookings where id = $1";
    let row = desk.connection.optional(sql, &[Param::Id(booking(number).0)], |row| {
        Ok((row.opt_bytes(0)?, row.opt_int(1)?, row.opt_int(2)?))
    });
    row.unwrap().unwrap()
}

on_both_databases! {
    fn a_booking_is_read_open_and_lies_sealed(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        desk.must(&told(1));
        let stored = desk.booking(booking(1));
        assert_eq!((stored.person, stored.notes), (grace(), notes()));
        let (_, email, phone) = columns(&mut desk, 1);
        assert_eq!(email, desk.vault.email_index("grace.hopper@EXAMPLE.org").map(|index| index.0));
        assert_eq!(phone, desk.vault.phone_index("0012125550199").map(|index| index.0));
        let texts = ["Grace", "quiet", "friend", "5550199", "card", "Alan"];
        assert_eq!(database.texts_stored(&texts), Vec::<&str>::new());
    }

    fn a_booking_that_says_nothing_needs_no_key(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        desk.must(&sample::stay(1, NIGHT, 1));
        assert_eq!(columns(&mut desk, 1), (None, None, None));
        let keys = people::keys(&mut desk.connection, &desk.vault, &[person(1)]).unwrap();
        assert!(keys.get(person(1)).is_none());
    }

    fn a_change_is_sealed_anew_and_other_changes_keep_it(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        desk.must(&told(1));
        let changed = Person { name: Some("Rear Admiral Hopper".to_owned()), email: None, ..grace() };
        desk.must(&Command::Update(Box::new(Update {
            booking: booking(1),
            expected_version: 1,
            plan: None,
            person: changed.clone(),
            notes: notes(),
            by: Actor::System,
        })));
        assert_eq!(columns(&mut desk, 1).1, None, "no address, no index");
        desk.set_status(booking(1), Status::Cancelled);
        assert_eq!(desk.booking(booking(1)).person, changed);
    }

    fn an_erased_guests_booking_stays_without_them(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        desk.must(&told(1));
        desk.must(&told(2));
        let total = desk.booking(booking(1)).price;
        people::erase(&mut desk.connection, person(1)).unwrap();
        let left = desk.booking(booking(1));
        assert_eq!(left.person, Person::default());
        assert_eq!(left.notes, Notes { source: Some("website".to_owned()), ..Notes::default() });
        assert_eq!(left.price, total, "the books are kept");
        assert_eq!(desk.booking(booking(2)).person, grace(), "nobody else is touched");
        // A change of such a booking clears the unreadable data.
        desk.set_status(booking(1), Status::Cancelled);
        assert_eq!(columns(&mut desk, 1), (None, None, None));
        assert!(store::verify::verify(&mut desk.connection).unwrap().is_ok());
    }

    fn bytes_that_were_tampered_with_or_moved_are_a_fault(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        desk.must(&told(1));
        desk.must(&told(2));
        let (sealed, ..) = columns(&mut desk, 1);
        let mut sealed = sealed.unwrap();
        *sealed.last_mut().unwrap() ^= 1;
        let sql = "update bookings set private = $1 where id = $2";
        desk.connection.execute(sql, &[Param::Bytes(&sealed), Param::Id(booking(1).0)]).unwrap();
        let read = store::bookings::by_id(&mut desk.connection, &desk.vault, booking(1));
        let Err(StoreError::Corrupt(told)) = read else { panic!("{read:?}") };
        assert!(told.starts_with("bookings.private of "), "{told}");
    }

    fn an_answer_is_gone_with_the_first_of_its_people(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        let scope = KeyScope { caller: sample::id(0xaa, 1), operation: "create", key: "k".to_owned() };
        let answer = RecordedAnswer {
            request_hash: vec![1],
            status: 201,
            body: Some(b"{\"guest_name\":\"Grace Hopper\"}".to_vec()),
            people: vec![person(1), person(2), person(3)],
            created_at: NOW,
            expires_at: NOW + 1_000,
        };
        let answers = Answers { recorded: vec![(scope.clone(), answer.clone())], outlived: Vec::new() };
        desk.submit_with(&told(1), &answers).unwrap().unwrap();
        assert_eq!(database.texts_stored(&["Grace Hopper"]), Vec::<&str>::new());
        let found = find(&mut desk.connection, &desk.vault, &[&scope]).unwrap();
        assert_eq!(found, [(0, answer.clone())]);
        people::erase(&mut desk.connection, person(2)).unwrap();
        let found = find(&mut desk.connection, &desk.vault, &[&scope]).unwrap();
        assert_eq!(found, [(0, RecordedAnswer { body: None, ..answer })]);
    }

    fn what_lay_open_before_is_sealed_at_the_start_and_leaves_no_trace(database: &TestDatabase) {
        let mut desk = Desk::open(database);
        let scope = KeyScope { caller: sample::id(0xaa, 1), operation: "create", key: "k".to_owned() };
        let answer = RecordedAnswer {
            request_hash: vec![1],
            status: 201,
            body: Some(b"{\"guest_name\":\"Grace Hopper\"}".to_vec()),
            people: Vec::new(),
            created_at: NOW,
            expires_at: NOW + 1_000,
        };
        let answers = Answers { recorded: vec![(scope.clone(), answer.clone())], outlived: Vec::new() };
        desk.submit_with(&sample::stay(1, NIGHT, 1), &answers).unwrap().unwrap();
        // As before the vault existed, and then migrated.
        let after = store::migrations::ALL.iter().filter(|migration| migration.number >= 7).count();
        store::migrations::down(&mut desk.connection, after).unwrap();
        desk.connection
            .execute(
                "update bookings set guest_name = 'Grace Hopper', guest_email = 'grace@example.org', \
                 internal_notes = 'a friend of the house'",
                &[],
            )
            .unwrap();
        desk.connection
            .execute(
                "insert into idempotency_keys (caller, operation, key, request_hash, answer_status, answer_body, \
                 created_at, expires_at) values ($1, 'create', 'k', $2, 201, $3, $4, $5)",
                &[
                    Param::Id(scope.caller),
                    Param::Bytes(&[1]),
                    Param::Bytes(answer.body.as_deref().unwrap()),
                    NOW.into(),
                    (NOW + 1_000).into(),
                ],
            )
            .unwrap();
        store::migrations::up(&mut desk.connection).unwrap();
        desk.vault = database.vault();
        let told = ["Grace Hopper", "grace@example.org", "friend of the house"];
        assert_eq!(database.texts_stored(&told), told);
        assert_eq!(backlog::seal_all(&mut desk.connection, &desk.vault, NOW).unwrap(), 2);
        assert_eq!(backlog::seal_all(&mut desk.connection, &desk.vault, NOW).unwrap(), 0);
        assert_eq!(database.texts_stored(&told), Vec::<&str>::new());
        let stored = desk.booking(booking(1));
        assert_eq!(stored.person.name.as_deref(), Some("Grace Hopper"));
        assert_eq!(stored.notes.internal_notes.as_deref(), Some("a friend of the house"));
        assert_eq!(
            columns(&mut desk, 1).1,
            desk.vault.email_index("grace@example.org").map(|index| index.0),
            "and it is found again"
        );
        assert_eq!(find(&mut desk.connection, &desk.vault, &[&scope]).unwrap(), [(0, answer)]);
    }
}
