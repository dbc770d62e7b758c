//! Who a bearer is: a token of a session, or the API key of a business.
//!
//! What is known is answered from memory; the rest is proved, by a signature or a hash, and by a session or key that
//! lives: asked of this process, then of the backplane, then of the database, which has the last word. An end is known
//! here at once and in other processes within a second ([`crate::revocations`]).

mod known;
mod prove;
mod standing;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::ids::SessionId;
use domain::time::Instant;
use store::revocations::{Revocation, Revoked};
use uuid::Uuid;

pub use known::{Known, Live, Proved, Recalled, Remembered, Through, USED_STEP_MS};
pub use prove::{KEY_PREFIX, KeyReload, NotProved, key_hash, prove, verified};
pub use standing::{Standing, actor_of};

use crate::bounded::Bounded;

/// Sessions and keys known at once.
const LIVES_MAX: usize = 65_536;

#[derive(Default)]
pub struct Credentials {
    pub known: Known,
    lives: Mutex<Lives>,
}

struct Lives {
    by_subject: Bounded<Uuid, Arc<Live>>,
    /// Tokens that were revoked one by one, until they would have expired.
    revoked_tokens: HashMap<Uuid, Instant>,
}

impl Default for Lives {
    fn default() -> Self {
        Self { by_subject: Bounded::new(LIVES_MAX), revoked_tokens: HashMap::new() }
    }
}

impl Credentials {
    /// The session or key, if this process knows that it lives.
    fn live(&self, subject: Uuid, now: Instant) -> Option<Arc<Live>> {
        let lives = self.lives.lock().unwrap_or_else(PoisonError::into_inner);
        lives.by_subject.get(&subject).filter(|live| live.is_current(now)).map(Arc::clone)
    }

    /// Notes a session or key that lives. One that has to go for it ends here, so that no bearer of it is missed when
    /// it ends elsewhere.
    fn admit(&self, live: &Arc<Live>) {
        let mut lives = self.lives.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gone) = lives.by_subject.insert(live.proved.through.subject(), Arc::clone(live)) {
            gone.end();
        }
    }

    fn is_token_revoked(&self, jti: Uuid) -> bool {
        let lives = self.lives.lock().unwrap_or_else(PoisonError::into_inner);
        lives.revoked_tokens.contains_key(&jti)
    }

    /// Ends here what was revoked, wherever that was.
    pub fn apply(&self, revocation: &Revocation, now: Instant) {
        let mut lives = self.lives.lock().unwrap_or_else(PoisonError::into_inner);
        match revocation.kind {
            Revoked::Session | Revoked::ApiKey => {
                lives.by_subject.get(&revocation.subject).into_iter().for_each(|live| live.end());
            }
            Revoked::Person => {
                let theirs = |live: &&Arc<Live>| {
                    live.proved.through.person().is_some_and(|person| person.0 == revocation.subject)
                };
                lives.by_subject.values().filter(theirs).for_each(|live| live.end());
            }
            Revoked::Token => {
                lives.revoked_tokens.retain(|_, expires| *expires > now);
                lives.revoked_tokens.insert(revocation.subject, revocation.expires_at);
                drop(lives);
                self.known.forget_token(revocation.subject);
            }
        }
    }

    /// The sessions that were used at or after `since`, and when.
    pub fn used_since(&self, since: Instant) -> Vec<(SessionId, Instant)> {
        let lives = self.lives.lock().unwrap_or_else(PoisonError::into_inner);
        let used = lives.by_subject.values().filter_map(|live| match live.proved.through {
            Through::Session(_, id) if live.used_at() >= since => Some((id, live.used_at())),
            Through::Session(..) | Through::Key(_) => None,
        });
        used.collect()
    }
}
