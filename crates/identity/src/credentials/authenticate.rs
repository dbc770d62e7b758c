//! Authentication of bearers that are not cached.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use backplane::Kind;
use domain::actor::Actor;
use domain::time::Instant;
use store::api_keys;

use super::{AuthMethod, Authenticated, Live, Recalled, Remembered, Standing};
use crate::People;
use crate::tokens::external::{ExternalIssuer, NotVerified, OutsideGuest};
use crate::tokens::{self, Claims, NotValid};
use engine::Fault;

/// The prefix of every API key.
pub const KEY_PREFIX: &str = "hfk_";
/// Maximum length of a bearer, in bytes.
const BEARER_BYTES_MAX: usize = 2_048;
/// The same if an external issuer is configured, whose tokens contain more claims.
const OUTSIDE_BEARER_BYTES_MAX: usize = 4_096;
/// How long other processes may use a session's standing from the backplane.
const STANDING_TTL: Duration = Duration::from_mins(5);

#[derive(Debug, Clone, thiserror::Error)]
pub enum NotAuthenticated {
    /// The bearer is invalid. The response does not say whose it was or why it ended.
    #[error("invalid credentials")]
    Nobody,
    /// It names the external issuer, which is unreachable.
    #[error("the issuer's keys are unavailable")]
    IssuerUnavailable { retry_after_s: u64 },
    #[error(transparent)]
    Failed(#[from] Fault),
}

/// The identity of a bearer, from the cache or by authentication.
pub async fn authenticate(app: &People, bearer: &str) -> Result<Authenticated, NotAuthenticated> {
    let now = app.clock.now();
    match app.credentials.known.recall(bearer, now) {
        Recalled::Authenticated(caller) => return Ok(caller),
        Recalled::Refused => return Err(NotAuthenticated::Nobody),
        Recalled::Nothing => {}
    }
    if bearer.len() > app.external_issuer.as_ref().map_or(BEARER_BYTES_MAX, |_| OUTSIDE_BEARER_BYTES_MAX) {
        return Err(NotAuthenticated::Nobody);
    }
    let proof = if bearer.starts_with(KEY_PREFIX) {
        by_key(app, bearer, now).await?
    } else if let Some(outside) = app.external_issuer.as_ref().filter(|outside| outside.is_named_in(bearer)) {
        by_outside_token(app, outside, bearer, now).await?
    } else {
        by_token(app, bearer, now).await?
    };
    let told = match &proof {
        Remembered::Authenticated { live, .. } => Ok(live.caller),
        Remembered::Refused => Err(NotAuthenticated::Nobody),
    };
    app.credentials.known.remember(bearer, proof);
    told
}

async fn by_token(app: &People, token: &str, now: Instant) -> Result<Remembered, NotAuthenticated> {
    let claims = verified(app, tokens::Kind::Access, token, now).await?;
    if app.credentials.is_token_revoked(claims.jti) {
        return Ok(Remembered::Refused);
    }
    let session = claims.session_id;
    let endings = app.credentials.endings();
    let live = match app.credentials.live(session.0, now) {
        Some(live) => live,
        None => match standing(app, &claims).await? {
            Some(standing) if standing.person == claims.sub && standing.expires() > now => {
                let method = AuthMethod::Session(standing.person, session);
                let caller = Authenticated { actor: standing.actor(), method };
                let live = Arc::new(Live::new(caller, standing.expires(), now));
                app.credentials.admit(&live, endings);
                live
            }
            Some(_) | None => return Ok(Remembered::Refused),
        },
    };
    Ok(Remembered::Authenticated { live, expires: claims.expires(), token: Some(claims.jti) })
}

/// The claims of a token. A key unknown to this process may be new: then the keys are reloaded once.
pub async fn verified(
    app: &People,
    kind: tokens::Kind,
    token: &str,
    now: Instant,
) -> Result<Claims, NotAuthenticated> {
    match app.tokens.verify(kind, token, now) {
        Ok(claims) => return Ok(claims),
        Err(NotValid::Wrong) => return Err(NotAuthenticated::Nobody),
        Err(NotValid::UnknownKey) => {}
    }
    if !app.key_reload.is_due(now) {
        return Err(NotAuthenticated::Nobody);
    }
    let keys = app.readers.ask(store::signing_keys::all).await.map_err(Fault::from)?;
    app.tokens.replace_keys(&app.vault, &keys).map_err(Fault::from)?;
    app.tokens.verify(kind, token, now).map_err(|_| NotAuthenticated::Nobody)
}

/// The session's standing, from the backplane or the database.
async fn standing(app: &People, claims: &Claims) -> Result<Option<Standing>, NotAuthenticated> {
    let id = claims.session_id;
    // An in-memory backplane knows nothing more than the process, and does not learn of ends elsewhere.
    let is_shared = app.backplane.health().kind == Kind::Redis;
    if is_shared {
        let cached = app.backplane.sessions().get(id.0).await;
        if let Some(standing) = cached.as_deref().and_then(Standing::read) {
            return Ok(Some(standing));
        }
    }
    let stored = app.standings.ask(id).await;
    let standing = stored.map_err(Fault::Store)?.as_ref().and_then(Standing::of);
    if let Some(standing) = standing.as_ref().filter(|_| is_shared) {
        app.backplane.sessions().put(id.0, &standing.write(), STANDING_TTL).await;
    }
    Ok(standing)
}

/// Always a guest, whatever roles the token contains.
async fn by_outside_token(
    app: &People,
    outside: &Arc<ExternalIssuer>,
    token: &str,
    now: Instant,
) -> Result<Remembered, NotAuthenticated> {
    let endings = app.credentials.endings();
    let OutsideGuest { person, until } = outside.verify(token).await.map_err(|not| match not {
        NotVerified::Wrong => NotAuthenticated::Nobody,
        NotVerified::Unavailable { retry_after_s } => NotAuthenticated::IssuerUnavailable { retry_after_s },
    })?;
    let live = app.credentials.live(person.0, now).unwrap_or_else(|| {
        let caller =
            Authenticated { actor: Actor::Guest(person.as_guest()), method: AuthMethod::External(person) };
        // The person does not expire; each of their tokens does.
        let live = Arc::new(Live::new(caller, Instant(i64::MAX), now));
        app.credentials.admit(&live, endings);
        live
    });
    Ok(Remembered::Authenticated { live, expires: until, token: None })
}

/// A key's 256 random bits need no slow hash, because they cannot be guessed.
pub fn key_hash(key: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, key.as_bytes()).as_ref().to_vec()
}

async fn by_key(app: &People, key: &str, now: Instant) -> Result<Remembered, NotAuthenticated> {
    let (hash, endings) = (key_hash(key), app.credentials.endings());
    let found = app.readers.ask(move |connection| api_keys::by_secret(connection, &hash)).await;
    // An unknown key is not cached, because guesses would fill the table.
    let Some(stored) = found.map_err(Fault::from)? else { return Err(NotAuthenticated::Nobody) };
    let expires = stored.expires_at.unwrap_or(Instant(i64::MAX));
    if stored.revoked_at.is_some() || expires <= now {
        return Ok(Remembered::Refused);
    }
    let live = app.credentials.live(stored.id.0, now).unwrap_or_else(|| {
        let actor = Actor::key(stored.business, stored.id, stored.scopes);
        let live =
            Arc::new(Live::new(Authenticated { actor, method: AuthMethod::Key(stored.id) }, expires, now));
        app.credentials.admit(&live, endings);
        live
    });
    Ok(Remembered::Authenticated { live, expires, token: None })
}
