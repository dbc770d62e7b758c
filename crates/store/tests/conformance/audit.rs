//! The audit log: every kind of tampering is detected.

use domain::ids::{BusinessId, PersonId};
use domain::time::Instant;
use store::audit::{AuditWriter, Entry, anchor, append, list, verify};
use store::seam::Connection;
use store::vault::people;
use store::{Vault, vault};
use testkit::{TestDatabase, on_both_databases};
use uuid::Uuid;

const FIRST: AuditWriter = AuditWriter(1);
const SECOND: AuditWriter = AuditWriter(2);
const GRACE: PersonId = PersonId(Uuid::from_u128(0xa));
const HOUSE: BusinessId = BusinessId(Uuid::from_u128(0xb));

fn entry(act: &'static str) -> Entry {
    Entry {
        act,
        actor: "adm_1".to_owned(),
        target: Some("gst_1".to_owned()),
        business: Some(HOUSE),
        person: Some(GRACE),
        private: Some(b"{\"address\":\"192.0.2.7\"}".to_vec()),
    }
}

fn in_transaction<T>(connection: &mut Connection, work: impl FnOnce(&mut Connection) -> T) -> T {
    connection.begin().unwrap();
    let done = work(connection);
    connection.commit().unwrap();
    done
}

fn write(connection: &mut Connection, vault: &Vault, writer: AuditWriter, count: i64, at: i64) {
    for number in 0..count {
        in_transaction(connection, |connection| {
            append(connection, vault, writer, vec![entry("bookings.search")], Instant(at + number)).unwrap();
        });
    }
}

/// Two chains of five entries, the second of which has anchored the first.
fn log(database: &TestDatabase) -> (Connection, Vault) {
    let (mut connection, vault) = (database.writer(), database.vault());
    write(&mut connection, &vault, FIRST, 5, 100);
    write(&mut connection, &vault, SECOND, 4, 200);
    let told = in_transaction(&mut connection, |connection| {
        anchor(connection, &vault, SECOND, Instant(300)).unwrap()
    });
    assert_eq!(told.unwrap().heads.len(), 2);
    assert_eq!(verify(&mut connection, &vault).unwrap(), Vec::<String>::new());
    (connection, vault)
}

/// The differences found after `damage`.
fn found(database: &TestDatabase, damage: &str) -> Vec<String> {
    let (mut connection, vault) = log(database);
    connection.execute_script(damage).unwrap();
    let found = verify(&mut connection, &vault).unwrap();
    connection.execute_script("delete from audit_log; delete from audit_heads").unwrap();
    found
}

on_both_databases! {
    fn entries_are_listed_newest_first_and_opened(database: &TestDatabase) {
        let (mut connection, vault) = log(database);
        let all = list(&mut connection, &vault, None, None, 100).unwrap();
        let times: Vec<i64> = all.iter().map(|entry| entry.at.0).collect();
        assert_eq!(times, [300, 203, 202, 201, 200, 104, 103, 102, 101, 100]);
        assert_eq!(all[1].private.as_deref(), Some(b"{\"address\":\"192.0.2.7\"}".as_slice()));
        assert_eq!((&*all[1].act, &*all[1].actor), ("bookings.search", "adm_1"));
        let page = list(&mut connection, &vault, Some(HOUSE), Some(all[2].cursor()), 2).unwrap();
        assert_eq!(page.iter().map(|entry| entry.at.0).collect::<Vec<_>>(), [201, 200]);
        let nobodys = list(&mut connection, &vault, Some(BusinessId(Uuid::nil())), None, 10).unwrap();
        assert!(nobodys.is_empty());
        assert_eq!(database.texts_stored(&["192.0.2.7"]), Vec::<&str>::new());
    }

    fn an_erased_persons_entries_stay_and_tell_nothing_of_them(database: &TestDatabase) {
        let (mut connection, vault) = log(database);
        people::erase(&mut connection, GRACE).unwrap();
        assert_eq!(verify(&mut connection, &vault).unwrap(), Vec::<String>::new(), "the chain is over what lies there");
        let all = list(&mut connection, &vault, Some(HOUSE), None, 100).unwrap();
        assert!(all.len() == 9 && all.iter().all(|entry| entry.private.is_none()));
    }

    fn a_change_of_secret_leaves_the_chain(database: &TestDatabase) {
        let (mut connection, _) = log(database);
        let secrets = vault::Secrets::new(&[9; 32], [testkit::SECRET]).unwrap();
        let rotated = Vault::open(&mut connection, secrets, Instant(0)).unwrap();
        in_transaction(&mut connection, |connection| {
            vault::rotation::installation(connection, &rotated).unwrap()
        });
        assert_eq!(verify(&mut connection, &rotated).unwrap(), Vec::<String>::new());
    }

    fn nothing_is_anchored_twice(database: &TestDatabase) {
        let (mut connection, vault) = log(database);
        let again = in_transaction(&mut connection, |connection| {
            anchor(connection, &vault, FIRST, Instant(400)).unwrap()
        });
        assert_eq!(again, None);
        write(&mut connection, &vault, FIRST, 1, 500);
        let grown = in_transaction(&mut connection, |connection| {
            anchor(connection, &vault, FIRST, Instant(600)).unwrap().unwrap()
        });
        assert_eq!(grown.heads.iter().map(|head| (head.writer, head.number)).collect::<Vec<_>>(), [(1, 6)]);
        assert_eq!(verify(&mut connection, &vault).unwrap(), Vec::<String>::new());
    }

    fn each_kind_of_damage_is_found(database: &TestDatabase) {
        for (damage, expected) in [
            ("delete from audit_log where writer = 1 and number = 3", "entry 4 of writer 1: entry 3 before it is missing"),
            ("update audit_log set actor = 'adm_2' where writer = 1 and number = 3", "entry 3 of writer 1: was modified"),
            ("update audit_log set at = at + 1 where writer = 1 and number = 1", "entry 1 of writer 1: was modified"),
            ("update audit_log set business_id = null where writer = 2 and number = 2", "entry 2 of writer 2: was modified"),
            ("update audit_log set sealed = null where writer = 1 and number = 2", "entry 2 of writer 1: was modified"),
            // The end of a chain, with and without moving its head.
            ("delete from audit_log where writer = 1 and number > 3", "last entry is 3, but the head says 5"),
            (
                "delete from audit_log where writer = 1 and number = 5; update audit_heads set number = 4, \
                 hash = (select hash from audit_log where writer = 1 and number = 4) where writer = 1",
                "writer 1: head was modified",
            ),
            // Two swapped.
            (
                "update audit_log set number = 99 where writer = 1 and number = 2; \
                 update audit_log set number = 2 where writer = 1 and number = 3; \
                 update audit_log set number = 3 where writer = 1 and number = 99",
                "entry 2 of writer 1: was modified",
            ),
            // A whole chain, which another one has anchored.
            (
                "delete from audit_log where writer = 1; delete from audit_heads where writer = 1",
                "entry 5 of writer 1: differs from its anchor",
            ),
            ("delete from audit_log where writer = 1", "writer 1: all 5 entries are missing"),
            ("delete from audit_heads where writer = 2", "writer 2: head is missing"),
            ("delete from audit_log; delete from audit_heads", "the log is empty, but the server has run before"),
        ] {
            let found = found(database, damage);
            assert!(found.iter().any(|text| text.contains(expected)), "{damage}: {found:#?}");
        }
    }

    fn a_tail_put_back_to_an_older_state_is_seen_by_an_anchor(database: &TestDatabase) {
        let (mut connection, vault) = log(database);
        // What an attacker with an older copy could do: restore rows, head and seal from before the last entry.
        connection.execute_script("create table kept as select * from audit_heads where writer = 1").unwrap();
        write(&mut connection, &vault, FIRST, 1, 500);
        in_transaction(&mut connection, |connection| anchor(connection, &vault, SECOND, Instant(600)).unwrap());
        connection
            .execute_script(
                "delete from audit_log where writer = 1 and number = 6; delete from audit_heads where writer = 1; \
                 insert into audit_heads select * from kept; drop table kept",
            )
            .unwrap();
        let found = verify(&mut connection, &vault).unwrap();
        assert_eq!(found, ["entry 6 of writer 1: differs from its anchor"]);
    }
}
