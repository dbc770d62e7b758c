//! The sessions and keys that this process knows to live, and what ended.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use domain::ids::SessionId;
use domain::time::Instant;
use store::revocations::{self, Revocation, Revoked};
use store::{Connection, StoreError};
use uuid::Uuid;

use super::known::{AuthMethod, Known, Live};
use engine::bounded::Bounded;

/// Endings remembered by what ended; looking somebody up does not outlast so many.
const ENDINGS_KEPT: usize = 1_024;
/// How late the row of a revocation may become visible, in milliseconds: its transaction took so long, or clocks differ
/// so much.
pub(crate) const LATENESS_MS_MAX: i64 = 15_000;
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
    /// What ended last, numbered.
    endings: Endings,
}

/// What ended while somebody was being looked up: what was read of them may be from before.
#[derive(Default)]
struct Endings {
    count: u64,
    newest: VecDeque<Uuid>,
}

impl Endings {
    fn add(&mut self, subject: Uuid) {
        self.count += 1;
        self.newest.push_back(subject);
        if self.newest.len() > ENDINGS_KEPT {
            self.newest.pop_front();
        }
    }

    /// Whether the subject may have ended since there were `count` endings.
    fn may_hold(&self, subject: Uuid, count: u64) -> bool {
        let since = usize::try_from(self.count - count).unwrap_or(usize::MAX);
        since > self.newest.len() || self.newest.iter().rev().take(since).any(|ended| *ended == subject)
    }
}

impl Default for Lives {
    fn default() -> Self {
        Self {
            by_subject: Bounded::new(LIVES_MAX),
            revoked_tokens: HashMap::new(),
            endings: Endings::default(),
        }
    }
}

impl Credentials {
    /// Reads once what has been revoked since then and could still matter: a process that starts knows of tokens revoked
    /// before.
    pub(crate) fn open(
        connection: &mut Connection,
        since: Instant,
        now: Instant,
    ) -> Result<Self, StoreError> {
        let credentials = Self::default();
        for revocation in revocations::since(connection, since - LATENESS_MS_MAX)? {
            credentials.apply(&revocation, now);
        }
        Ok(credentials)
    }

    /// The session or key, if this process knows that it lives.
    pub(super) fn live(&self, subject: Uuid, now: Instant) -> Option<Arc<Live>> {
        let lives = self.lives.lock().unwrap_or_else(PoisonError::into_inner);
        lives.by_subject.get(&subject).filter(|live| live.is_current(now)).map(Arc::clone)
    }

    /// To be told to [`Self::admit`] by whoever begins to look a session or key up.
    pub(super) fn endings(&self) -> u64 {
        self.lives.lock().unwrap_or_else(PoisonError::into_inner).endings.count
    }

    /// Notes a session or key that lived when it was looked up, which began after so many endings. One that has to go
    /// for it ends here, so that no bearer of it is missed when it ends elsewhere.
    pub(super) fn admit(&self, live: &Arc<Live>, endings: u64) {
        let mut lives = self.lives.lock().unwrap_or_else(PoisonError::into_inner);
        let method = live.caller.method;
        let person = method.person().map(|person| person.0);
        if std::iter::once(method.subject()).chain(person).any(|id| lives.endings.may_hold(id, endings)) {
            live.end();
        }
        if let Some(gone) = lives.by_subject.insert(live.caller.method.subject(), Arc::clone(live)) {
            gone.end();
        }
    }

    pub(super) fn is_token_revoked(&self, jti: Uuid) -> bool {
        let lives = self.lives.lock().unwrap_or_else(PoisonError::into_inner);
        lives.revoked_tokens.contains_key(&jti)
    }

    /// Ends here what was revoked, wherever that was.
    pub fn apply(&self, revocation: &Revocation, now: Instant) {
        let mut lives = self.lives.lock().unwrap_or_else(PoisonError::into_inner);
        lives.endings.add(revocation.subject);
        match revocation.kind {
            Revoked::Session | Revoked::ApiKey => {
                lives.by_subject.get(&revocation.subject).into_iter().for_each(|live| live.end());
            }
            Revoked::Person => {
                let theirs = |live: &&Arc<Live>| {
                    live.caller.method.person().is_some_and(|person| person.0 == revocation.subject)
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
        let used = lives.by_subject.values().filter_map(|live| match live.caller.method {
            AuthMethod::Session(_, id) if live.used_at() >= since => Some((id, live.used_at())),
            AuthMethod::Session(..) | AuthMethod::Key(_) | AuthMethod::External(_) => None,
        });
        used.collect()
    }
}

#[cfg(test)]
mod tests {
    use domain::actor::Actor;
    use domain::ids::{GuestId, PersonId};

    use super::super::{Authenticated, Recalled, Remembered};
    use super::*;

    const NOW: Instant = Instant(1_000);

    fn live(session: u128, person: u128) -> Arc<Live> {
        let actor = Actor::Guest(GuestId(Uuid::from_u128(person)));
        let method =
            AuthMethod::Session(PersonId(Uuid::from_u128(person)), SessionId(Uuid::from_u128(session)));
        Arc::new(Live::new(Authenticated { actor, method }, NOW + 1_000, NOW))
    }

    fn ending(kind: Revoked, subject: u128) -> Revocation {
        let subject = Uuid::from_u128(subject);
        Revocation { id: Uuid::nil(), kind, subject, created_at: NOW, expires_at: NOW + 1 }
    }

    #[test]
    fn what_ended_while_it_was_looked_up_is_not_taken_for_alive() {
        for (kind, subject, lives) in
            [(Revoked::Session, 1, false), (Revoked::Person, 2, false), (Revoked::Session, 3, true)]
        {
            let credentials = Credentials::default();
            let begun = credentials.endings();
            credentials.apply(&ending(kind, subject), NOW);
            let found = live(1, 2);
            credentials.admit(&found, begun);
            assert_eq!(found.is_current(NOW), lives, "{kind:?} {subject}");
            let again = live(1, 2);
            credentials.admit(&again, credentials.endings());
            assert!(again.is_current(NOW), "looked up after the ending");
        }
    }

    #[test]
    fn more_endings_than_are_kept_end_what_was_looked_up_before_them() {
        let credentials = Credentials::default();
        let begun = credentials.endings();
        for number in 0..=(ENDINGS_KEPT as u128) {
            credentials.apply(&ending(Revoked::Session, 1_000 + number), NOW);
        }
        let found = live(1, 2);
        credentials.admit(&found, begun);
        assert!(!found.is_current(NOW));
    }

    #[test]
    fn an_ending_reaches_every_bearer_of_what_ended() {
        let credentials = Credentials::default();
        let found = live(1, 2);
        credentials.admit(&found, credentials.endings());
        for bearer in ["one token", "another token"] {
            let caller =
                Remembered::Authenticated { live: Arc::clone(&found), expires: NOW + 500, token: None };
            credentials.known.remember(bearer, caller);
            assert_eq!(credentials.known.recall(bearer, NOW), Recalled::Authenticated(found.caller));
            assert_eq!(
                credentials.known.recall(bearer, NOW + 500),
                Recalled::Nothing,
                "its own time is over"
            );
        }
        credentials.apply(&ending(Revoked::Session, 1), NOW);
        for bearer in ["one token", "another token"] {
            assert_eq!(credentials.known.recall(bearer, NOW), Recalled::Nothing);
        }
    }
}
