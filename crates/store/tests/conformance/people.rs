//! People, their sessions, devices and tokens; businesses and their keys.

use domain::ids::{ApiKeyId, BusinessId, InvitationId, PersonId, SessionId};
use domain::permission::{MemberRole, Scope};
use domain::time::Instant;
use store::api_keys::{self, ApiKey};
use store::businesses::{self, Business, Invitation};
use store::email_tokens::{self, EmailToken, Purpose};
use store::people::{self, Account};
use store::revocations::{self, Revocation, Revoked};
use store::sessions::{self, Session};
use store::signing_keys::{self, SigningKey};
use store::vault::BlindIndex;
use store::{Connection, Constraint, StoreError, devices};
use testkit::on_both_databases;

use super::sample::{NOW, id};

fn person(number: u64) -> PersonId {
    PersonId(id(0x20, number))
}

fn account(number: u64) -> Account {
    Account {
        id: person(number),
        contact: vec![1, 2, 3],
        email_index: Some(BlindIndex(i64::try_from(number).unwrap())),
        mobile_index: None,
        email_verified_at: Some(NOW),
        mobile_verified_at: None,
        password_hash: Some("$argon2id$…".to_owned()),
        is_admin: false,
        created_at: NOW,
        updated_at: NOW,
        deactivated_at: None,
    }
}

fn session(number: u64, of: u64) -> Session {
    Session {
        id: SessionId(id(0x21, number)),
        person: person(of),
        acts_for: None,
        seen: vec![9],
        refresh_generation: 1,
        created_at: NOW,
        last_seen_at: NOW,
        expires_at: NOW + 1_000,
        revoked_at: None,
        revoked_why: None,
    }
}

/// Does work in a transaction, as a lane does.
fn write<T>(
    connection: &mut Connection,
    work: impl FnOnce(&mut Connection) -> store::error::Result<T>,
) -> Result<T, StoreError> {
    connection.begin()?;
    let done = work(connection).and_then(|done| connection.commit().map(|()| done));
    if done.is_err() {
        connection.rollback();
    }
    done
}

on_both_databases! {
    fn an_account_is_read_back_and_changed(database: &TestDatabase) {
        let mut connection = database.writer();
        write(&mut connection, |connection| people::insert(connection, &[account(1), account(2)])).unwrap();
        assert_eq!(people::by_id(&mut connection, person(1)).unwrap(), Some(account(1)));
        assert_eq!(people::by_email(&mut connection, BlindIndex(2)).unwrap(), Some(account(2)));
        assert_eq!(people::by_mobile(&mut connection, BlindIndex(2)).unwrap(), None);
        let changed = Account {
            contact: vec![4],
            mobile_index: Some(BlindIndex(-5)),
            mobile_verified_at: Some(NOW + 1),
            password_hash: None,
            is_admin: true,
            updated_at: NOW + 2,
            deactivated_at: Some(NOW + 3),
            ..account(1)
        };
        write(&mut connection, |connection| people::save(connection, &changed)).unwrap();
        assert_eq!(people::by_mobile(&mut connection, BlindIndex(-5)).unwrap(), Some(changed));
    }

    fn an_address_belongs_to_one_account(database: &TestDatabase) {
        let mut connection = database.writer();
        write(&mut connection, |connection| people::insert(connection, &[account(1)])).unwrap();
        let twin = Account { id: person(9), ..account(1) };
        let refused = write(&mut connection, |connection| people::insert(connection, &[twin]));
        let Err(StoreError::Constraint(constraint)) = refused else { panic!("{refused:?}") };
        assert_eq!(constraint, Constraint::PeopleEmailUnique);
    }

    fn a_hash_is_replaced_only_where_it_is_still_the_same(database: &TestDatabase) {
        let mut connection = database.writer();
        write(&mut connection, |connection| people::insert(connection, &[account(1)])).unwrap();
        write(&mut connection, |connection| people::rehash(connection, person(1), "another", "new")).unwrap();
        assert_eq!(people::by_id(&mut connection, person(1)).unwrap(), Some(account(1)));
        write(&mut connection, |connection| people::rehash(connection, person(1), "$argon2id$…", "new")).unwrap();
        assert_eq!(people::by_id(&mut connection, person(1)).unwrap().unwrap().password_hash.as_deref(), Some("new"));
    }

    fn a_generation_is_rotated_once(database: &TestDatabase) {
        let mut connection = database.writer();
        let stored = session(1, 1);
        write(&mut connection, |connection| {
            people::insert(connection, &[account(1)])?;
            sessions::insert(connection, std::slice::from_ref(&stored))
        }).unwrap();
        let mut rotate = |generation, at: i64| {
            let times = (NOW + at, NOW + at + 1_000);
            write(&mut connection, |connection| sessions::rotate(connection, stored.id, generation, &[7], times)).unwrap()
        };
        assert!(rotate(1, 10));
        assert!(!rotate(1, 20), "an older generation is good no more");
        assert!(rotate(2, 30));
        assert!(!rotate(3, 5_000), "and none is once the session has ended");
        let now = sessions::standing(&mut connection, stored.id).unwrap().unwrap().session;
        assert_eq!((now.refresh_generation, now.seen, now.last_seen_at), (3, vec![7], NOW + 30));
    }

    fn sessions_are_listed_and_ended(database: &TestDatabase) {
        let mut connection = database.writer();
        write(&mut connection, |connection| {
            people::insert(connection, &[account(1), account(2)])?;
            sessions::insert(connection, &[session(1, 1), session(2, 1), session(3, 2), session(4, 1)])
        }).unwrap();
        let living = |connection: &mut Connection| -> Vec<SessionId> {
            sessions::of_person(connection, person(1), NOW).unwrap().into_iter().map(|session| session.id).collect()
        };
        assert_eq!(living(&mut connection), [4, 2, 1].map(|number| session(number, 1).id));
        let mut revoke = |number, of| {
            write(&mut connection, |connection| {
                sessions::revoke(connection, session(number, 1).id, person(of), "logout", NOW + 5)
            }).unwrap()
        };
        assert!(!revoke(3, 1), "another person's");
        assert!(revoke(1, 1));
        assert!(!revoke(1, 1));
        let spared = session(4, 1).id;
        let ended = write(&mut connection, |connection| {
            sessions::revoke_all(connection, person(1), Some(spared), "logout everywhere", NOW + 6)
        });
        assert_eq!(ended.unwrap(), 1);
        assert_eq!(living(&mut connection), [spared]);
        let gone = sessions::standing(&mut connection, session(2, 1).id).unwrap().unwrap().session;
        assert_eq!((gone.revoked_at, gone.revoked_why.as_deref()), (Some(NOW + 6), Some("logout everywhere")));
        write(&mut connection, |connection| sessions::touch(connection, &[(spared, NOW + 9), (session(3, 2).id, NOW - 1)])).unwrap();
        assert_eq!(sessions::standing(&mut connection, spared).unwrap().unwrap().session.last_seen_at, NOW + 9);
        assert_eq!(write(&mut connection, |connection| sessions::purge(connection, NOW + 1_000, 3)).unwrap(), 3);
    }

    fn a_session_has_the_permissions_of_its_person(database: &TestDatabase) {
        let mut connection = database.writer();
        let business = BusinessId(id(0x22, 1));
        write(&mut connection, |connection| {
            people::insert(connection, &[Account { is_admin: true, ..account(1) }])?;
            businesses::insert(connection, &Business { id: business, name: "Inn".to_owned(), created_at: NOW })?;
            sessions::insert(connection, &[session(1, 1)])
        }).unwrap();
        let standing = |connection: &mut Connection| sessions::standing(connection, session(1, 1).id).unwrap().unwrap();
        assert_eq!((standing(&mut connection).is_admin, standing(&mut connection).role), (true, None));
        write(&mut connection, |connection| sessions::act_for(connection, session(1, 1).id, Some(business))).unwrap();
        assert_eq!(standing(&mut connection).role, None, "no member yet");
        write(&mut connection, |connection| businesses::put_member(connection, business, person(1), MemberRole::Manager, NOW)).unwrap();
        let now = standing(&mut connection);
        assert_eq!((now.session.acts_for, now.role), (Some(business), Some(MemberRole::Manager)));
    }

    fn a_token_works_once_and_only_the_newest(database: &TestDatabase) {
        let mut connection = database.writer();
        let token = |purpose, index| EmailToken {
            purpose,
            person: None,
            email_index: BlindIndex(index),
            payload: vec![5],
            created_at: NOW,
            expires_at: NOW + 100,
        };
        let mut put = |hash: &[u8], token: &EmailToken| {
            write(&mut connection, |connection| email_tokens::replace(connection, hash, token)).unwrap();
        };
        put(b"a", &token(Purpose::Register, 1));
        put(b"b", &token(Purpose::Register, 1));
        put(b"c", &token(Purpose::ResetPassword, 1));
        let pending = email_tokens::pending(&mut connection, BlindIndex(1), Purpose::Register, NOW).unwrap();
        assert_eq!(pending, Some((b"b".to_vec(), token(Purpose::Register, 1))));
        let mut take = |hash: &[u8], now: Instant| {
            write(&mut connection, |connection| email_tokens::take(connection, hash, now)).unwrap()
        };
        assert_eq!(take(b"a", NOW), None, "replaced");
        assert_eq!(take(b"b", NOW), Some(token(Purpose::Register, 1)));
        assert_eq!(take(b"b", NOW), None, "used");
        assert_eq!(take(b"c", NOW + 100), None, "expired");
    }

    fn members_come_and_go(database: &TestDatabase) {
        let mut connection = database.writer();
        let business = Business { id: BusinessId(id(0x22, 1)), name: "Inn".to_owned(), created_at: NOW };
        write(&mut connection, |connection| {
            people::insert(connection, &[account(1), account(2)])?;
            businesses::insert(connection, &business)?;
            businesses::put_member(connection, business.id, person(1), MemberRole::Owner, NOW)?;
            businesses::put_member(connection, business.id, person(2), MemberRole::ReadOnly, NOW + 1)?;
            businesses::put_member(connection, business.id, person(2), MemberRole::FrontDesk, NOW + 2)
        }).unwrap();
        assert_eq!(businesses::by_id(&mut connection, business.id).unwrap(), Some(business.clone()));
        assert_eq!(businesses::of_person(&mut connection, person(2)).unwrap(), [(business.clone(), MemberRole::FrontDesk)]);
        let members = businesses::members(&mut connection, business.id).unwrap();
        assert_eq!(members.iter().map(|member| (member.person, member.role)).collect::<Vec<_>>(),
            [(person(1), MemberRole::Owner), (person(2), MemberRole::FrontDesk)]);
        assert_eq!(businesses::owners_for_update(&mut connection, business.id).unwrap(), [person(1)]);
        assert_eq!(businesses::role_of(&mut connection, business.id, person(2)).unwrap(), Some(MemberRole::FrontDesk));
        assert!(write(&mut connection, |connection| businesses::remove_member(connection, business.id, person(2))).unwrap());
        assert!(!write(&mut connection, |connection| businesses::remove_member(connection, business.id, person(2))).unwrap());
        let invitation = |number| Invitation {
            id: InvitationId(id(0x23, number)),
            business: business.id,
            email_index: BlindIndex(7),
            contact: vec![3],
            role: MemberRole::Manager,
            invited_by: person(1),
            created_at: NOW,
            expires_at: NOW + 100,
        };
        write(&mut connection, |connection| {
            businesses::invite(connection, &invitation(1), b"first")?;
            businesses::invite(connection, &invitation(2), b"second")
        }).unwrap();
        assert_eq!(businesses::invitations(&mut connection, business.id, NOW).unwrap(), [invitation(2)]);
        let mut take = |hash: &[u8]| write(&mut connection, |connection| businesses::take_invitation(connection, hash, NOW)).unwrap();
        assert_eq!(take(b"first"), None);
        assert_eq!(take(b"second"), Some(invitation(2)));
        assert!(!write(&mut connection, |connection| businesses::withdraw(connection, business.id, invitation(2).id)).unwrap());
    }

    fn an_api_key_is_found_by_its_hash_until_it_is_revoked(database: &TestDatabase) {
        let mut connection = database.writer();
        let business = BusinessId(id(0x22, 1));
        let key = ApiKey {
            id: ApiKeyId(id(0x24, 1)),
            business,
            name: "Channel manager".to_owned(),
            shown: "hfk_abcdef".to_owned(),
            scopes: [Scope::BookingsRead].into_iter().collect(),
            created_by: person(1),
            created_at: NOW,
            expires_at: Some(NOW + 10),
            revoked_at: None,
        };
        write(&mut connection, |connection| {
            businesses::insert(connection, &Business { id: business, name: "Inn".to_owned(), created_at: NOW })?;
            api_keys::insert(connection, &key, b"hash")
        }).unwrap();
        assert_eq!(api_keys::by_secret(&mut connection, b"hash").unwrap(), Some(key.clone()));
        assert_eq!(api_keys::of_business(&mut connection, business).unwrap(), std::slice::from_ref(&key));
        assert!(write(&mut connection, |connection| api_keys::revoke(connection, business, key.id, NOW)).unwrap());
        assert!(!write(&mut connection, |connection| api_keys::revoke(connection, business, key.id, NOW)).unwrap());
        assert_eq!(api_keys::by_secret(&mut connection, b"hash").unwrap().unwrap().revoked_at, Some(NOW));
        assert_eq!(api_keys::of_business(&mut connection, business).unwrap(), []);
    }

    fn revocations_are_followed_by_time(database: &TestDatabase) {
        let mut connection = database.writer();
        let revocation = |number, kind, at| Revocation {
            id: id(0x25, number),
            kind,
            subject: id(0x26, number),
            created_at: NOW + at,
            expires_at: NOW + at + 100,
        };
        let all = [revocation(1, Revoked::Session, 0), revocation(2, Revoked::Token, 5), revocation(3, Revoked::Person, 9)];
        write(&mut connection, |connection| all.iter().try_for_each(|one| revocations::insert(connection, one))).unwrap();
        assert_eq!(revocations::since(&mut connection, NOW + 5).unwrap(), all[1..]);
        assert!(revocations::is_token_revoked(&mut connection, all[1].subject).unwrap());
        assert!(!revocations::is_token_revoked(&mut connection, all[0].subject).unwrap());
        assert_eq!(write(&mut connection, |connection| revocations::purge(connection, NOW + 105, 10)).unwrap(), 2);
    }

    fn signing_keys_retire_and_go(database: &TestDatabase) {
        let mut connection = database.writer();
        let key = |kid: &str, at| SigningKey {
            kid: kid.to_owned(),
            algorithm: "EdDSA".to_owned(),
            private_part: vec![1],
            public_part: vec![2],
            created_at: NOW + at,
            retired_at: None,
        };
        write(&mut connection, |connection| {
            signing_keys::insert(connection, &key("one", 0))?;
            signing_keys::insert(connection, &key("two", 1))?;
            signing_keys::retire_others(connection, "two", NOW + 2)
        }).unwrap();
        let retired = SigningKey { retired_at: Some(NOW + 2), ..key("one", 0) };
        assert_eq!(signing_keys::all(&mut connection).unwrap(), [retired, key("two", 1)]);
        assert_eq!(write(&mut connection, |connection| signing_keys::forget(connection, NOW + 2)).unwrap(), 1);
    }

    fn a_device_is_known_by_its_person(database: &TestDatabase) {
        let mut connection = database.writer();
        write(&mut connection, |connection| {
            people::insert(connection, &[account(1), account(2)])?;
            for (device, at) in [(b"a", 0), (b"b", 1), (b"c", 2), (b"a", 3)] {
                devices::note(connection, person(1), device, NOW + at)?;
            }
            devices::trim(connection, person(1), 2)
        }).unwrap();
        let known = [b"a", b"b", b"c"].map(|device| devices::is_known(&mut connection, person(1), device).unwrap());
        assert_eq!(known, [true, false, true]);
        assert!(!devices::is_known(&mut connection, person(2), b"a").unwrap());
        write(&mut connection, |connection| devices::forget(connection, person(1))).unwrap();
        assert!(!devices::is_known(&mut connection, person(1), b"a").unwrap());
    }
}
