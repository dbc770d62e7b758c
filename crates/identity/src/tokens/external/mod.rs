//! Tokens of an external issuer: somebody else says who a guest is, and we believe it by the issuer's public keys.
//!
//! A token that names the issuer is checked by these keys only, and every other one never by them. The keys are read
//! when the first such token comes, again when a token names one that is not known, and when they have grown old. However
//! many tokens strangers make up, the issuer is asked once in a while.

mod keys;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use arc_swap::ArcSwapOption;
use aws_lc_rs::hmac;
use domain::ids::PersonId;
use domain::time::Instant;
use gateways::issuer::KeySource;
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::metrics::Metrics;
use crate::tokens::NotValid;
use engine::clock::Clock;

use keys::{Expected, KeySet, Said};

/// How soon the issuer is asked again, in milliseconds.
const READ_EVERY_MS: i64 = 30_000;
/// How old keys may become before they are read again, in milliseconds.
const KEYS_AGE_MS_MAX: i64 = 3_600_000;
/// How old they may become before nobody is believed by them until that was tried, in milliseconds.
const KEYS_TRUSTED_MS: i64 = 2 * KEYS_AGE_MS_MAX;

/// Whose tokens are good here, and where their keys are.
pub struct ExternalIssuerSettings {
    pub issuer: String,
    pub audience: String,
    pub keys: KeySource,
}

pub struct ExternalIssuer {
    settings: ExternalIssuerSettings,
    /// Makes people's ids of what the issuer calls them.
    names: hmac::Key,
    clock: Clock,
    metrics: Arc<Metrics>,
    known: ArcSwapOption<Known>,
    /// When the issuer was asked last.
    asked_at: AtomicI64,
    /// Whether it has not answered then.
    is_silent: AtomicBool,
    /// Held by whoever asks.
    turn: Arc<Mutex<()>>,
}

/// Keys, and when they were read.
struct Known {
    keys: KeySet,
    read_at: Instant,
}

/// Somebody whom the issuer knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutsideGuest {
    /// The same for the same issuer and subject, always.
    pub person: PersonId,
    /// Until when that need not be checked again: the token is over, or the issuer may have taken its key back.
    pub until: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotVerified {
    Wrong,
    /// Perhaps it is good: its key is not known, and the issuer does not answer.
    Unavailable {
        retry_after_s: u64,
    },
}

impl ExternalIssuer {
    pub fn new(
        settings: ExternalIssuerSettings,
        names: hmac::Key,
        (clock, metrics): (Clock, Arc<Metrics>),
    ) -> Self {
        Self {
            settings,
            names,
            clock,
            metrics,
            known: ArcSwapOption::empty(),
            asked_at: AtomicI64::new(i64::MIN),
            is_silent: AtomicBool::new(false),
            turn: Arc::default(),
        }
    }

    /// Whether a token says that it is of this issuer, which anybody can write.
    pub fn is_named_in(&self, token: &str) -> bool {
        #[derive(Deserialize)]
        struct Named {
            iss: String,
        }
        let named = jsonwebtoken::dangerous::insecure_decode_claims::<Named>(token);
        named.is_ok_and(|named| named.iss == self.settings.issuer)
    }

    /// Whom a token is about, if one of the issuer's keys has signed it for us and it is in its time.
    pub async fn verify(self: &Arc<Self>, token: &str) -> Result<OutsideGuest, NotVerified> {
        if let Some(known) = self.known.load_full()
            && self.clock.now() < known.read_at + KEYS_TRUSTED_MS
        {
            self.renew(&known);
            match self.check(&known, token) {
                Ok(guest) => return Ok(guest),
                Err(NotValid::Wrong) => return Err(NotVerified::Wrong),
                Err(NotValid::UnknownKey) => {}
            }
        }
        self.read_again().await;
        let found = self.known.load_full().map(|known| self.check(&known, token));
        match found {
            Some(Ok(guest)) => Ok(guest),
            Some(Err(NotValid::Wrong)) => Err(NotVerified::Wrong),
            Some(Err(NotValid::UnknownKey)) if !self.is_silent.load(Ordering::Acquire) => {
                Err(NotVerified::Wrong)
            }
            Some(Err(NotValid::UnknownKey)) | None => {
                Err(NotVerified::Unavailable { retry_after_s: self.due_in_s() })
            }
        }
    }

    fn check(&self, known: &Known, token: &str) -> Result<OutsideGuest, NotValid> {
        let ExternalIssuerSettings { issuer, audience, .. } = &self.settings;
        let now = self.clock.now();
        let said = known.keys.check(token, Expected { issuer, audience }, now)?;
        // Of an issuer that is away the old keys stay good, and it is asked again soon.
        let trusted_until = (known.read_at + KEYS_TRUSTED_MS).max(now + READ_EVERY_MS);
        Ok(OutsideGuest { person: self.person(&said), until: said.ends.min(trusted_until) })
    }

    /// An id that tells nobody without our key what the issuer calls them, and that no other issuer can make.
    fn person(&self, said: &Said) -> PersonId {
        let issuer = self.settings.issuer.as_bytes();
        let mut context = hmac::Context::with_key(&self.names);
        context.update(&(issuer.len() as u64).to_be_bytes());
        context.update(issuer);
        context.update(said.subject.as_bytes());
        let tag = context.sign();
        let (bytes, _) = tag.as_ref().split_first_chunk().expect("a tag of SHA-256 has 32 bytes");
        PersonId(uuid::Builder::from_custom_bytes(*bytes).into_uuid())
    }

    /// Has keys that have grown old read again, while they still serve.
    fn renew(self: &Arc<Self>, known: &Known) {
        let now = self.clock.now();
        if known.read_at + KEYS_AGE_MS_MAX <= now && self.is_due(now) {
            let this = Arc::clone(self);
            tokio::spawn(async move { this.read_again().await });
        }
    }

    /// Reads the keys, unless that was done a moment ago; whoever comes meanwhile waits for the same answer. It is read
    /// to its end even if the request that asked for it is given up: the next may not ask again so soon.
    async fn read_again(self: &Arc<Self>) {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let now = self.clock.now();
        if !self.is_due(now) {
            return;
        }
        self.asked_at.store(now.0, Ordering::Release);
        let this = Arc::clone(self);
        let reading = tokio::spawn(async move {
            this.read(now).await;
            drop(turn);
        });
        if let Err(error) = reading.await {
            tracing::error!(%error, "fetching the external issuer's keys ended early");
        }
    }

    async fn read(&self, now: Instant) {
        let fetched = self.settings.keys.fetch().await.map_err(|error| error.to_string());
        let read =
            fetched.and_then(|body| KeySet::read(&body).ok_or_else(|| "did not return a JWK Set".to_owned()));
        match read {
            Ok(keys) => {
                let usable = keys.len();
                self.known.store(Some(Arc::new(Known { keys, read_at: now })));
                if self.is_silent.swap(false, Ordering::AcqRel) {
                    tracing::info!(usable, "the external issuer's keys are available again");
                }
                tracing::debug!(usable, "fetched the external issuer's keys");
            }
            Err(problem) => {
                self.metrics.external_issuer_keys_failed.inc();
                if !self.is_silent.swap(true, Ordering::AcqRel) {
                    tracing::warn!("the external issuer {problem}; its newest keys are unknown");
                }
            }
        }
    }

    /// Also where the clock was set back.
    fn is_due(&self, now: Instant) -> bool {
        let asked = Instant(self.asked_at.load(Ordering::Acquire));
        now < asked || asked + READ_EVERY_MS <= now
    }

    fn due_in_s(&self) -> u64 {
        let due = Instant(self.asked_at.load(Ordering::Acquire)) + READ_EVERY_MS;
        let ms = u64::try_from(due.0.saturating_sub(self.clock.now().0)).unwrap_or(0);
        ms.div_ceil(1_000).clamp(1, READ_EVERY_MS.unsigned_abs() / 1_000)
    }
}
