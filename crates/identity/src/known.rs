//! All data about a person with an account, for export and erasure.

use std::net::IpAddr;

use domain::identity::Contact;
use domain::ids::{PersonId, SessionId};
use domain::permission::MemberRole;
use domain::time::Instant;
use store::businesses::{self, Business};
use store::people::{self, Account};
use store::sessions::Session;
use store::{Connection, StoreError, Vault, devices, email_tokens};

use super::contact;
use super::device::Seen;
use super::sessions::{Ended, end_all_of, why};

/// An account with everything that belongs to it.
pub struct Known {
    pub account: Account,
    pub contact: Contact,
    pub businesses: Vec<(Business, MemberRole)>,
    pub sessions: Vec<KnownSession>,
}

/// An active session, and where it was last used.
pub struct KnownSession {
    pub id: SessionId,
    pub address: Option<IpAddr>,
    pub user_agent: Option<String>,
    pub created_at: Instant,
    pub last_seen_at: Instant,
}

/// All data of the person's account, if there is one.
pub fn of(
    connection: &mut Connection,
    vault: &Vault,
    person: PersonId,
    now: Instant,
) -> Result<Option<Known>, StoreError> {
    let Some(account) = people::by_id(connection, person)? else { return Ok(None) };
    let contact = contact::open(connection, vault, person, &account.contact)?;
    let businesses = businesses::of_person(connection, person)?;
    let living = store::sessions::of_person(connection, person, now)?;
    let mut seen = |session: Session| {
        let seen = Seen::open(connection, vault, (person, session.id), &session.seen)?;
        Ok(KnownSession {
            id: session.id,
            address: seen.address,
            user_agent: seen.user_agent,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
        })
    };
    let sessions = living.into_iter().map(&mut seen).collect::<Result<_, StoreError>>()?;
    Ok(Some(Known { account, contact, businesses, sessions }))
}

pub enum Forgotten {
    /// There was no account.
    Nobody,
    /// The business needs another owner first.
    LastOwner,
    Ended(Ended),
}

/// Closes the account permanently, in the open transaction: its address, number and password no longer work, its
/// sessions end, and it leaves all businesses. The row stays, because other rows reference it.
pub fn forget(
    connection: &mut Connection,
    person: PersonId,
    access_ms: i64,
    now: Instant,
) -> Result<Forgotten, StoreError> {
    let Some(account) = people::by_id_for_update(connection, person)? else { return Ok(Forgotten::Nobody) };
    let memberships = businesses::of_person(connection, person)?;
    for (business, role) in &memberships {
        let owners = businesses::owners_for_update(connection, business.id)?;
        if *role == MemberRole::Owner && owners == [person] {
            return Ok(Forgotten::LastOwner);
        }
    }
    for (business, _) in memberships {
        businesses::remove_member(connection, business.id, person)?;
    }
    email_tokens::forget(connection, person, account.email_index)?;
    devices::forget(connection, person)?;
    // The row's sealed data was sealed under the key that is being deleted.
    people::save(
        connection,
        &Account {
            email_index: None,
            mobile_index: None,
            email_verified_at: None,
            mobile_verified_at: None,
            password_hash: None,
            is_admin: false,
            updated_at: now,
            deactivated_at: Some(now),
            ..account
        },
    )?;
    end_all_of(connection, (person, None), why::ERASED, access_ms, now).map(Forgotten::Ended)
}
