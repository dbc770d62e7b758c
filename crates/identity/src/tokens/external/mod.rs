//! Tokens of an external issuer, which identify guests and are verified with the issuer's public keys.
//!
//! A token that names the issuer is verified only with these keys, and no other token is. The keys are fetched for
//! the first such token, for a token with an unknown key, and when they have become old. However many tokens are
//! forged, the issuer is called rarely.

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

/// Minimum time between two requests to the issuer, in milliseconds.
const READ_EVERY_MS: i64 = 30_000;
/// Age at which keys are fetched again, in milliseconds.
const KEYS_AGE_MS_MAX: i64 = 3_600_000;
/// Age from which keys are not used before an attempt to fetch them, in milliseconds.
const KEYS_TRUSTED_MS: i64 = 2 * KEYS_AGE_MS_MAX;

/// The issuer, the audience and the URL of the keys.
pub struct ExternalIssuerSettings {
    pub issuer: String,
    pub audience: String,
    pub keys: KeySource,
}

pub struct ExternalIssuer {
    settings: ExternalIssuerSettings,
    /// Derives people's ids from the issuer's subjects.
    names: hmac::Key,
    clock: Clock,
    metrics: Arc<Metrics>,
    known: ArcSwapOption<Known>,
    /// When the issuer was last called.
    asked_at: AtomicI64,
    /// Whether that call failed.
    is_silent: AtomicBool,
    /// Held by whoever asks.
    turn: Arc<Mutex<()>>,
}

/// Keys, and when they were read.
struct Known {
    keys: KeySet,
    read_at: Instant,
}

/// A subject of the issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutsideGuest {
    /// Always the same for the same issuer and subject.
    pub person: PersonId,
    /// Until when no verification is needed: then the token has expired, or the issuer may have withdrawn its key.
    pub until: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotVerified {
    Wrong,
    /// Possibly valid: its key is unknown, and the issuer does not respond.
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

    /// Whether a token claims to be from this issuer. The claim is not verified.
    pub fn is_named_in(&self, token: &str) -> bool {
        #[derive(Deserialize)]
        struct Named {
            iss: String,
        }
        let named = jsonwebtoken::dangerous::insecure_decode_claims::<Named>(token);
        named.is_ok_and(|named| named.iss == self.settings.issuer)
    }

    /// The subject of a token, if one of the issuer's keys signed it for our audience and it is within its time.
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
        // If the issuer is down, the old keys stay valid, and it is called again soon.
        let trusted_until = (known.read_at + KEYS_TRUSTED_MS).max(now + READ_EVERY_MS);
        Ok(OutsideGuest { person: self.person(&said), until: said.ends.min(trusted_until) })
    }

    /// An id that reveals nothing about the issuer's subject without our key, and that no other issuer can produce.
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

    /// Fetches old keys again, while they are still used.
    fn renew(self: &Arc<Self>, known: &Known) {
        let now = self.clock.now();
        if known.read_at + KEYS_AGE_MS_MAX <= now && self.is_due(now) {
            let this = Arc::clone(self);
            tokio::spawn(async move { this.read_again().await });
        }
    }

    /// Fetches the keys, unless this was done recently. Concurrent callers wait for the same result. The request is
    /// completed even if its caller is dropped, because the next caller may not repeat it so soon.
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

    /// Also if the clock was set back.
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
