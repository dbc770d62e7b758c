//! Sessions: opening, refreshing, listing and ending them.
//!
//! A session is a family of refresh tokens, of which only the latest is valid. Using an older one means that the
//! token was copied, and the owner cannot be told from a thief: the session ends, and both must sign in again.

use std::net::IpAddr;

use domain::actor::Actor;
use domain::authorise::Denied;
use domain::ids::{BusinessId, PersonId, SessionId};
use domain::permission::Permission;
use domain::time::Instant;
use engine::Subject;
use store::sessions::{self, Session};
use store::{Connection, StoreError, Vault, businesses, people};

use super::device::{Device, Seen};
use super::{Client, IdentityRefusal};
use crate::People;
use crate::audit::{AuditAction, AuditEntry};
use crate::credentials::{AuthMethod, Authenticated, verified};
use crate::revocations::{self, Ending, Revocation};
use crate::tokens::{Issued, Kind};
use engine::Fault;

/// Maximum number of sessions per person. One more ends the oldest.
const SESSIONS_MAX: usize = 100;

/// Why a session ended, as stored and audited.
pub mod why {
    pub const LOGOUT: &str = "logout";
    pub const LOGOUT_ALL: &str = "logout everywhere";
    pub const REVOKED: &str = "revoked by its owner";
    pub const REPLAYED: &str = "refresh token replayed";
    pub const PASSWORD: &str = "password changed";
    pub const DEACTIVATED: &str = "account deactivated";
    pub const ERASED: &str = "person erased";
    pub const TOO_MANY: &str = "too many sessions";
}

/// The result of signing in.
#[derive(Clone)]
pub struct SignedIn {
    pub person: PersonId,
    pub session: SessionId,
    pub acts_for: Option<BusinessId>,
    pub access: Issued,
    pub refresh: Issued,
    /// The device token, if the device has just received one.
    pub device_token: Option<String>,
}

/// Opens a session for an authenticated person.
pub(super) async fn open(
    app: &People,
    person: PersonId,
    client: &Client,
    acts_for: Option<BusinessId>,
) -> Result<SignedIn, Fault> {
    let (seen, id) = (Seen::of(client), SessionId(app.new_id()));
    let given = client.device_token.is_none().then(|| format!("hfd_{}", secret()));
    let device = Device::of(app, client);
    let device = given.as_deref().map_or(device, |token| device.with_token(app, token));
    let (vault, tokens) = (app.vault.clone(), app.tokens.settings.clone());
    let opened = AuditEntry::by_person(Some(person), AuditAction::SignedIn).from(client).to(id);
    let (ended, expires_at, now) = app
        .engine
        .save(Subject(person.0), move |unit| {
            let (connection, now) = unit.parts();
            let expires_at = now + tokens.refresh_ms;
            let ended = make_room(connection, person, tokens.access_ms, now)?;
            let seen = seen.seal(connection, &vault, (person, id), now)?;
            sessions::insert(connection, &[fresh(id, (person, acts_for), seen, (now, expires_at))])?;
            device.note(connection, person, now)?;
            unit.audit(opened.clone());
            Ok((ended, expires_at, now))
        })
        .await?;
    for (session, revocation) in ended {
        revocations::announce(app, &revocation, &[session]).await;
    }
    app.metrics.sessions_opened.inc();
    Ok(SignedIn {
        person,
        session: id,
        acts_for,
        access: app.tokens.access(person, id, now),
        refresh: app.tokens.refresh((person, id), 1, now, expires_at),
        device_token: given,
    })
}

fn fresh(
    id: SessionId,
    (person, acts_for): (PersonId, Option<BusinessId>),
    seen: Vec<u8>,
    (now, expires_at): (Instant, Instant),
) -> Session {
    Session {
        id,
        person,
        acts_for,
        seen,
        refresh_generation: 1,
        created_at: now,
        last_seen_at: now,
        expires_at,
        revoked_at: None,
        revoked_why: None,
    }
}

/// Ends the oldest sessions of a person who has the maximum number.
fn make_room(
    connection: &mut Connection,
    person: PersonId,
    access_ms: i64,
    now: Instant,
) -> Result<Vec<(SessionId, Revocation)>, StoreError> {
    let living = sessions::of_person(connection, person, now)?;
    let mut ended = Vec::new();
    for session in living.iter().skip(SESSIONS_MAX - 1) {
        sessions::revoke(connection, session.id, person, why::TOO_MANY, now)?;
        ended.push((
            session.id,
            revocations::record(connection, Ending::Session(session.id), access_ms, now)?,
        ));
    }
    Ok(ended)
}

/// 256 random bits, as text.
pub(crate) fn secret() -> String {
    use std::fmt::Write as _;
    let mut bytes = [0_u8; 32];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system has random bytes");
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The result of using a refresh token.
enum Rotated {
    To(i64, Instant, Instant, Option<BusinessId>),
    /// The session had ended.
    Over,
    /// An older token of an active session, which is ended.
    Replayed(Revocation),
}

/// Moves a session to its next pair of tokens.
pub async fn refresh(app: &People, token: &str, client: &Client) -> Result<SignedIn, IdentityRefusal> {
    let claims = verified(app, Kind::Refresh, token, app.clock.now()).await?;
    let (person, id) = (claims.sub, claims.session_id);
    let generation = claims.generation.ok_or(IdentityRefusal::SessionEnded)?;
    let (seen, vault, tokens) = (Seen::of(client), app.vault.clone(), app.tokens.settings.clone());
    let replayed = AuditEntry::by_person(Some(person), AuditAction::SessionEnded).from(client).to(id);
    let replayed = replayed.with("why", why::REPLAYED);
    let rotated = app.engine.save(Subject(person.0), move |unit| {
        let (connection, now) = unit.parts();
        let expires_at = now + tokens.refresh_ms;
        let sealed = seen.seal(connection, &vault, (person, id), now)?;
        let moved = sessions::rotate(connection, id, generation, &sealed, (now, expires_at))?;
        let standing = sessions::standing(connection, id)?.filter(|found| found.session.person == person);
        match standing {
            Some(found) if moved && !found.is_deactivated => {
                Ok(Rotated::To(generation + 1, now, expires_at, found.session.acts_for))
            }
            Some(found) if !moved && generation < found.session.refresh_generation => {
                if !sessions::revoke(connection, id, person, why::REPLAYED, now)? {
                    return Ok(Rotated::Over);
                }
                let revocation = revocations::record(connection, Ending::Session(id), tokens.access_ms, now)?;
                unit.audit(replayed.clone());
                Ok(Rotated::Replayed(revocation))
            }
            Some(_) | None => Ok(Rotated::Over),
        }
    });
    match rotated.await? {
        Rotated::To(generation, now, expires_at, acts_for) => Ok(SignedIn {
            person,
            session: id,
            acts_for,
            access: app.tokens.access(person, id, now),
            refresh: app.tokens.refresh((person, id), generation, now, expires_at),
            device_token: None,
        }),
        Rotated::Over => Err(IdentityRefusal::SessionEnded),
        Rotated::Replayed(revocation) => {
            app.metrics.refresh_replayed.inc();
            tracing::warn!(session = %id, "a refresh token was used twice: its session has ended");
            revocations::announce(app, &revocation, &[id]).await;
            Err(IdentityRefusal::SessionEnded)
        }
    }
}

/// The person and session behind a caller. An API key has neither, and a caller with a token of the external issuer
/// has no session.
pub fn own(caller: Authenticated) -> Result<(PersonId, SessionId), IdentityRefusal> {
    match caller.method {
        AuthMethod::Session(person, session) if caller.actor.may(Permission::UseOwnAccount) => {
            Ok((person, session))
        }
        AuthMethod::Session(..) | AuthMethod::Key(_) => {
            Err(Denied::Forbidden(Permission::UseOwnAccount).into())
        }
        AuthMethod::External(_) => Err(IdentityRefusal::NoSession),
    }
}

/// A session as shown to its owner.
pub struct OwnSession {
    pub id: SessionId,
    pub is_current: bool,
    pub address: Option<IpAddr>,
    pub user_agent: Option<String>,
    pub acts_for: Option<BusinessId>,
    pub created_at: Instant,
    pub last_seen_at: Instant,
    pub expires_at: Instant,
}

/// The caller's active sessions, newest first.
pub async fn list(app: &People, caller: Authenticated) -> Result<Vec<OwnSession>, IdentityRefusal> {
    let (person, current) = own(caller)?;
    let (now, vault) = (app.clock.now(), app.vault.clone());
    let found = app.readers.ask(move |connection| {
        let living = sessions::of_person(connection, person, now)?;
        living.iter().map(|session| shown(connection, &vault, session, current)).collect()
    });
    Ok(found.await.map_err(Fault::from)?)
}

fn shown(
    connection: &mut Connection,
    vault: &Vault,
    session: &Session,
    current: SessionId,
) -> Result<OwnSession, StoreError> {
    let seen = Seen::open(connection, vault, (session.person, session.id), &session.seen)?;
    Ok(OwnSession {
        id: session.id,
        is_current: session.id == current,
        address: seen.address,
        user_agent: seen.user_agent,
        acts_for: session.acts_for,
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        expires_at: session.expires_at,
    })
}

/// Ends the caller's current session.
pub async fn log_out(app: &People, caller: Authenticated) -> Result<(), IdentityRefusal> {
    let (person, session) = own(caller)?;
    end(app, person, session, why::LOGOUT).await.map(drop)
}

/// Ends one of the caller's sessions.
pub async fn revoke(app: &People, caller: Authenticated, session: SessionId) -> Result<(), IdentityRefusal> {
    let (person, _) = own(caller)?;
    let ended = end(app, person, session, why::REVOKED).await?;
    if ended { Ok(()) } else { Err(Denied::NotFound("session").into()) }
}

async fn end(
    app: &People,
    person: PersonId,
    id: SessionId,
    why: &'static str,
) -> Result<bool, IdentityRefusal> {
    let access_ms = app.tokens.settings.access_ms;
    let ended = app.engine.save(Subject(person.0), move |unit| {
        let (connection, now) = unit.parts();
        if !sessions::revoke(connection, id, person, why, now)? {
            return Ok(None);
        }
        let revocation = revocations::record(connection, Ending::Session(id), access_ms, now)?;
        let entry = AuditEntry::by_person(Some(person), AuditAction::SessionEnded).to(id);
        unit.audit(entry.with("why", why));
        Ok(Some(revocation))
    });
    match ended.await? {
        Some(revocation) => {
            revocations::announce(app, &revocation, &[id]).await;
            Ok(true)
        }
        None => Ok(false),
    }
}

/// Ends all of the caller's sessions.
pub async fn log_out_everywhere(app: &People, caller: Authenticated) -> Result<(), IdentityRefusal> {
    let (person, _) = own(caller)?;
    end_all(app, person, None, why::LOGOUT_ALL).await?;
    Ok(())
}

async fn end_all(
    app: &People,
    person: PersonId,
    spared: Option<SessionId>,
    why: &'static str,
) -> Result<(), Fault> {
    let access_ms = app.tokens.settings.access_ms;
    let ended = app.engine.save(Subject(person.0), move |unit| {
        let (connection, now) = unit.parts();
        let ended = end_all_of(connection, (person, spared), why, access_ms, now)?;
        unit.audit(AuditEntry::by_person(Some(person), AuditAction::SessionsEnded).with("why", why));
        Ok(ended)
    });
    announce_all(app, &ended.await?).await;
    Ok(())
}

/// The sessions of a person that end, and their revocations.
pub type Ended = (Vec<SessionId>, Revocation);

/// Ends all of a person's sessions except the spared one, in the open transaction.
pub(super) fn end_all_of(
    connection: &mut Connection,
    (person, spared): (PersonId, Option<SessionId>),
    why: &str,
    access_ms: i64,
    now: Instant,
) -> Result<Ended, StoreError> {
    let living = sessions::of_person(connection, person, now)?;
    let ending = living.iter().map(|session| session.id).filter(|id| Some(*id) != spared).collect();
    sessions::revoke_all(connection, person, spared, why, now)?;
    Ok((ending, revocations::record(connection, Ending::Person(person), access_ms, now)?))
}

pub async fn announce_all(app: &People, (sessions, revocation): &Ended) {
    revocations::announce(app, revocation, sessions).await;
}

/// Makes a person's sessions be looked up again, in the open transaction, because a role has changed.
pub(crate) fn look_up_anew(
    connection: &mut Connection,
    person: PersonId,
    access_ms: i64,
    now: Instant,
) -> Result<(Vec<SessionId>, Revocation), StoreError> {
    let living = sessions::of_person(connection, person, now)?;
    let revocation = revocations::record(connection, Ending::Person(person), access_ms, now)?;
    Ok((living.into_iter().map(|session| session.id).collect(), revocation))
}

/// Selects a business of the person, or the person alone, for the session to act for. Returns the new actor.
pub async fn act_for(
    app: &People,
    caller: Authenticated,
    business: Option<BusinessId>,
) -> Result<Actor, IdentityRefusal> {
    let (person, session) = own(caller)?;
    let access_ms = app.tokens.settings.access_ms;
    let changed = app.engine.save(Subject(person.0), move |unit| {
        let (connection, now) = unit.parts();
        let role = match business {
            Some(business) => match businesses::role_of(connection, business, person)? {
                Some(role) => Some((business, role)),
                None => return Ok(None),
            },
            None => None,
        };
        let Some(account) = people::by_id(connection, person)? else { return Ok(None) };
        sessions::act_for(connection, session, business)?;
        let revocation = revocations::record(connection, Ending::Session(session), access_ms, now)?;
        Ok(Some((crate::credentials::actor_of(person, account.is_admin, role), revocation)))
    });
    let (actor, revocation) = changed.await?.ok_or(Denied::NotFound("business"))?;
    revocations::announce(app, &revocation, &[session]).await;
    Ok(actor)
}

/// Revokes one token of the caller's session until it would have expired. The session continues.
pub async fn revoke_token(app: &People, caller: Authenticated, token: &str) -> Result<(), IdentityRefusal> {
    let (person, _) = own(caller)?;
    // RFC 7009 §2.2: an invalid token counts as revoked.
    let Ok(claims) = verified(app, Kind::Access, token, app.clock.now()).await else { return Ok(()) };
    if claims.sub != person {
        return Ok(());
    }
    let access_ms = app.tokens.settings.access_ms;
    let (jti, expires) = (claims.jti, claims.expires());
    let revocation = app
        .engine
        .save(Subject(person.0), move |unit| {
            let (connection, now) = unit.parts();
            revocations::record(connection, Ending::Token(jti, expires), access_ms, now)
        })
        .await?;
    revocations::announce(app, &revocation, &[]).await;
    Ok(())
}
