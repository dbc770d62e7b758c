//! The vault: keys created once, stored wrapped, found again; secrets rotated; people erased.

use domain::ids::PersonId;
use domain::time::Instant;
use store::seam::{Connection, Param};
use store::vault::people::{self, keys, keys_to_write};
use store::vault::{AadContext, Secrets, rotation};
use store::{StoreError, Vault};
use testkit::{SECRET, on_both_databases};
use uuid::Uuid;

const NEXT_SECRET: &[u8] = b"the secret that comes after that one";
const CONTEXT: AadContext = AadContext { column: "bookings.private", row: Uuid::from_u128(1) };
const GRACE: PersonId = PersonId(Uuid::from_u128(0xa));
const ALAN: PersonId = PersonId(Uuid::from_u128(0xb));

fn open(connection: &mut Connection, current: &[u8], older: &[&[u8]]) -> Result<Vault, StoreError> {
    Vault::open(connection, Secrets::new(current, older.iter().copied()).unwrap(), Instant(1))
}

fn seal(connection: &mut Connection, vault: &Vault, person: PersonId, text: &[u8]) -> Vec<u8> {
    connection.begin().unwrap();
    let sealed = people::seal(connection, vault, (person, CONTEXT), text, Instant(1)).unwrap();
    connection.commit().unwrap();
    sealed
}

fn opened(
    connection: &mut Connection,
    vault: &Vault,
    person: PersonId,
    sealed: &[u8],
) -> Result<Option<Vec<u8>>, StoreError> {
    people::open(connection, vault, (person, CONTEXT), sealed)
}

fn stored_keys(connection: &mut Connection) -> Vec<Vec<u8>> {
    connection
        .all(
            "select wrapped, name from installation_keys union all select wrapped, '' from person_keys order by 1",
            &[],
            |row| row.bytes(0),
        )
        .unwrap()
}

on_both_databases! {
    fn what_is_sealed_is_read_again_after_a_restart(database: &TestDatabase) {
        let mut connection = database.writer();
        let vault = database.vault();
        let sealed = seal(&mut connection, &vault, GRACE, b"Grace Hopper");
        assert!(!sealed.windows(5).any(|bytes| bytes == b"Grace"));
        let again = database.vault();
        assert_eq!(opened(&mut connection, &again, GRACE, &sealed).unwrap().unwrap(), b"Grace Hopper");
        assert_eq!(vault.email_index("GRACE@example.org"), again.email_index(" grace@example.org"));
        assert_ne!(vault.email_index("4930"), vault.phone_index("+49 30"), "kinds do not mix");
        let own = vault.seal_installation(CONTEXT, b"a signing key");
        assert_eq!(again.open_installation(CONTEXT, &own).unwrap(), b"a signing key");
        assert!(vault.open_installation(AadContext { row: Uuid::nil(), ..CONTEXT }, &own).is_err());
    }

    fn each_person_has_one_key_and_other_keys_do_not_open(database: &TestDatabase) {
        let mut connection = database.writer();
        let vault = database.vault();
        let first = seal(&mut connection, &vault, GRACE, b"one");
        let second = seal(&mut connection, &vault, GRACE, b"two");
        let other = seal(&mut connection, &vault, ALAN, b"three");
        assert_eq!(opened(&mut connection, &vault, GRACE, &first).unwrap().unwrap(), b"one");
        assert_eq!(opened(&mut connection, &vault, GRACE, &second).unwrap().unwrap(), b"two");
        assert_eq!(opened(&mut connection, &vault, GRACE, &other).unwrap(), None);
        connection.begin().unwrap();
        let made = keys_to_write(&mut connection, &vault, vec![ALAN, GRACE, ALAN], &[], Instant(2)).unwrap();
        assert!(made.get(ALAN).is_some() && made.get(GRACE).is_some());
        connection.commit().unwrap();
        assert_eq!(stored_keys(&mut connection).len(), 4, "two people, two keys of the installation");
    }

    fn a_key_moved_to_another_person_does_not_open(database: &TestDatabase) {
        let mut connection = database.writer();
        let vault = database.vault();
        seal(&mut connection, &vault, GRACE, b"one");
        connection
            .execute("update person_keys set person_id = $1", &[Param::Id(ALAN.0)])
            .unwrap();
        let moved = keys(&mut connection, &vault, &[ALAN]);
        assert!(matches!(moved, Err(StoreError::Corrupt(_))), "{moved:?}");
    }

    fn an_erased_person_is_unreadable_and_gets_a_new_key(database: &TestDatabase) {
        let mut connection = database.writer();
        let vault = database.vault();
        let sealed = seal(&mut connection, &vault, GRACE, b"Grace Hopper");
        assert!(people::erase(&mut connection, GRACE).unwrap());
        assert!(!people::erase(&mut connection, GRACE).unwrap(), "there is nothing more to erase");
        assert_eq!(opened(&mut connection, &vault, GRACE, &sealed).unwrap(), None);
        let anew = seal(&mut connection, &vault, GRACE, b"a new beginning");
        assert_eq!(opened(&mut connection, &vault, GRACE, &sealed).unwrap(), None);
        assert_eq!(opened(&mut connection, &vault, GRACE, &anew).unwrap().unwrap(), b"a new beginning");
    }

    fn a_changed_secret_needs_the_one_before_it(database: &TestDatabase) {
        let mut connection = database.writer();
        let sealed = seal(&mut connection, &database.vault(), GRACE, b"Grace Hopper");
        let before = stored_keys(&mut connection);
        let Err(StoreError::Unusable(told)) = open(&mut connection, NEXT_SECRET, &[]) else { panic!("opened") };
        assert!(told.contains("SECRET_KEY"), "{told}");
        assert_eq!(stored_keys(&mut connection), before, "nothing was written");
        let vault = open(&mut connection, NEXT_SECRET, &[SECRET]).unwrap();
        assert_eq!(opened(&mut connection, &vault, GRACE, &sealed).unwrap().unwrap(), b"Grace Hopper");
        assert_eq!(vault.phone_index("+1 234"), database.vault().phone_index("1234"), "indexes stay");
    }

    fn a_rotation_ended_in_the_middle_is_run_again(database: &TestDatabase) {
        let mut connection = database.writer();
        let people: Vec<PersonId> = (1..=25).map(|number| PersonId(Uuid::from_u128(number))).collect();
        let first = database.vault();
        connection.begin().unwrap();
        let keys = keys_to_write(&mut connection, &first, people.clone(), &[], Instant(1)).unwrap();
        connection.commit().unwrap();
        let seal = |person| first.seal(keys.get(person).unwrap(), CONTEXT, b"told");
        let sealed: Vec<Vec<u8>> = people.iter().map(|person| seal(*person)).collect();
        let own = first.seal_installation(CONTEXT, b"a signing key");
        let vault = open(&mut connection, NEXT_SECRET, &[SECRET]).unwrap();
        // The second chunk never reaches its commit.
        let chunk = |connection: &mut Connection, after| {
            connection.begin().unwrap();
            rotation::people(connection, &vault, after, 10).unwrap()
        };
        let done = chunk(&mut connection, None);
        connection.commit().unwrap();
        assert_eq!((done.seen, done.wrapped, done.last), (10, 10, Some(people[9])));
        chunk(&mut connection, done.last);
        connection.rollback();
        let standings = |connection: &mut Connection| {
            let standings = rotation::standings(connection).unwrap();
            standings.into_iter().map(|standing| (standing.secret, standing.keys)).collect::<Vec<_>>()
        };
        assert_eq!(standings(&mut connection), [(first.secret(), 17), (vault.secret(), 10)]);
        let mut after = None;
        let mut wrapped = Vec::new();
        loop {
            let done = chunk(&mut connection, after);
            connection.commit().unwrap();
            wrapped.push(done.wrapped);
            after = done.last;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(wrapped, [0, 10, 5], "what was done is not done again");
        connection.begin().unwrap();
        assert_eq!(rotation::installation(&mut connection, &vault).unwrap(), 2);
        connection.commit().unwrap();
        assert_eq!(standings(&mut connection), [(vault.secret(), 27)]);
        // The earlier secret is no longer needed, and opens nothing.
        let vault = open(&mut connection, NEXT_SECRET, &[]).unwrap();
        for (person, sealed) in people.iter().zip(&sealed) {
            assert_eq!(opened(&mut connection, &vault, *person, sealed).unwrap().unwrap(), b"told");
        }
        assert_eq!(vault.open_installation(CONTEXT, &own).unwrap(), b"a signing key");
        assert!(open(&mut connection, SECRET, &[]).is_err());
    }

    fn processes_that_begin_at_once_share_their_keys(database: &TestDatabase) {
        let vaults = std::thread::scope(|scope| {
            let begun = [(); 4].map(|()| scope.spawn(|| database.vault()));
            begun.map(|thread| thread.join().unwrap())
        });
        let indexes: Vec<_> = vaults.iter().map(|vault| vault.email_index("grace@example.org")).collect();
        assert!(indexes.windows(2).all(|pair| pair[0] == pair[1]), "{indexes:?}");
    }
}
