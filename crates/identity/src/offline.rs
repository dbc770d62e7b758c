//! Creates accounts and sessions directly in a database, many at once and without a server: for load generators and
//! for tests of whole processes. The caller has the database and the secret, and so has full access anyway.

use domain::identity::Contact;
use domain::ids::{BusinessId, PersonId, SessionId};
use domain::permission::MemberRole;
use domain::time::Instant;
use store::sessions::Session;
use store::vault::{Secrets, Vault};
use store::{Connection, StoreError, businesses, migrations, people, sessions};

use super::accounts::{NewAccount, account};
use super::device::Seen;
use crate::tokens::{TokenSettings, Tokens, random_id};

/// The keys of an installation, without a server.
pub struct Offline {
    vault: Vault,
    tokens: Tokens,
}

/// A person to create, with their permissions.
#[derive(Debug, Clone, Copy)]
pub struct Somebody {
    pub person: PersonId,
    pub is_admin: bool,
    /// The business that their session acts for.
    pub member: Option<(BusinessId, MemberRole)>,
}

impl Offline {
    /// Migrates the schema and opens the keys, or creates them.
    pub fn open(
        connection: &mut Connection,
        secret: &[u8],
        tokens: TokenSettings,
        now: Instant,
    ) -> Result<Self, StoreError> {
        migrations::up(connection)?;
        let secrets = Secrets::new(secret, []).map_err(|short| StoreError::Unusable(short.to_string()))?;
        let vault = Vault::open(connection, secrets, now)?;
        Ok(Self { tokens: Tokens::open(connection, &vault, tokens, now)?, vault })
    }

    /// Opens a session for each person, in one transaction, and creates those that do not exist. Returns their access
    /// tokens, in the same order.
    pub fn sign_in(
        &self,
        connection: &mut Connection,
        all: &[Somebody],
        now: Instant,
    ) -> Result<Vec<String>, StoreError> {
        connection.begin()?;
        let opened = self.open_sessions(connection, all, now).and_then(|tokens| {
            connection.commit()?;
            Ok(tokens)
        });
        if opened.is_err() {
            connection.rollback();
        }
        opened
    }

    fn open_sessions(
        &self,
        connection: &mut Connection,
        all: &[Somebody],
        now: Instant,
    ) -> Result<Vec<String>, StoreError> {
        let mut opened = Vec::with_capacity(all.len());
        let mut tokens = Vec::with_capacity(all.len());
        for somebody in all {
            let person = somebody.person;
            if people::by_id(connection, person)?.is_none() {
                let new = NewAccount {
                    id: Some(person),
                    contact: Contact { name: Some("Somebody".to_owned()), ..Contact::default() },
                    password_hash: None,
                    is_admin: somebody.is_admin,
                };
                let account = account(connection, &self.vault, person, &new, now)?;
                people::insert(connection, &[account])?;
            }
            if let Some((business, role)) = somebody.member {
                employ(connection, business, (person, role), now)?;
            }
            let session = SessionId(random_id());
            opened.push(self.session(connection, somebody, session, now)?);
            tokens.push(self.tokens.access(person, session, now).token);
        }
        sessions::insert(connection, &opened)?;
        Ok(tokens)
    }

    fn session(
        &self,
        connection: &mut Connection,
        somebody: &Somebody,
        id: SessionId,
        now: Instant,
    ) -> Result<Session, StoreError> {
        let unseen = Seen { address: None, user_agent: None };
        Ok(Session {
            id,
            person: somebody.person,
            acts_for: somebody.member.map(|(business, _)| business),
            seen: unseen.seal(connection, &self.vault, (somebody.person, id), now)?,
            refresh_generation: 1,
            created_at: now,
            last_seen_at: now,
            expires_at: now + self.tokens.settings.refresh_ms,
            revoked_at: None,
            revoked_why: None,
        })
    }
}

fn employ(
    connection: &mut Connection,
    business: BusinessId,
    (person, role): (PersonId, MemberRole),
    now: Instant,
) -> Result<(), StoreError> {
    if businesses::by_id(connection, business)?.is_none() {
        let new = businesses::Business { id: business, name: "A business".to_owned(), created_at: now };
        businesses::insert(connection, &new)?;
    }
    businesses::put_member(connection, business, person, role, now)
}
