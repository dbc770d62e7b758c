//! Password hashing: argon2id with OWASP's parameters. Imported bcrypt hashes are still accepted.
//!
//! A hash takes 19 MiB and tens of milliseconds, so the number of concurrent and waiting hashes is limited, and
//! further ones are refused immediately.

use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use engine::Fault;

/// OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Maximum number of waiting passwords.
const WAITING_MAX: usize = 64;
/// Maximum length of a password in bytes.
const PASSWORD_BYTES_MAX: usize = 1_024;

pub struct Passwords {
    turns: Semaphore,
    waiting: AtomicUsize,
    /// A hash of an unknown password, for accounts that do not exist.
    decoy: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    Right,
    /// And its hash uses a different algorithm or parameters than new ones.
    RightButOld,
    Wrong,
}

impl Passwords {
    pub fn new(at_once: usize) -> Self {
        let nobodys = crate::tokens::random_id().to_string();
        Self { turns: Semaphore::new(at_once.max(1)), waiting: AtomicUsize::new(0), decoy: hash(&nobodys) }
    }

    pub async fn hash(&self, password: &str) -> Result<String, Fault> {
        let password = password.to_owned();
        self.in_turn(move || hash(&password)).await
    }

    /// Checks a password against a hash, or against one that never matches if there is none. Both take the same time.
    pub async fn check(&self, password: &str, hash: Option<&str>) -> Result<Check, Fault> {
        let (password, is_real) = (password.to_owned(), hash.is_some());
        let hash = hash.unwrap_or(&self.decoy).to_owned();
        let checked = self.in_turn(move || check(&password, &hash)).await?;
        Ok(if is_real { checked } else { Check::Wrong })
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Fault> {
        let waiting = Waiting::enter(&self.waiting)?;
        let turn = self.turns.acquire().await.map_err(|_| Fault::Overloaded)?;
        drop(waiting);
        let done = tokio::task::spawn_blocking(work).await;
        drop(turn);
        done.map_err(|_| Fault::Internal("password hashing panicked".to_owned()))
    }
}

/// A position among those waiting. It is released when this is dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn enter(count: &'a AtomicUsize) -> Result<Self, Fault> {
        let place = Self(count);
        if count.fetch_add(1, Ordering::AcqRel) >= WAITING_MAX {
            return Err(Fault::Overloaded);
        }
        Ok(place)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn ours() -> Argon2<'static> {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the parameters are within their bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &str) -> String {
    let hashed = ours().hash_password(password.as_bytes());
    hashed.expect("a password of bounded length can be hashed").to_string()
}

fn check(password: &str, stored: &str) -> Check {
    if password.len() > PASSWORD_BYTES_MAX {
        return Check::Wrong;
    }
    if stored.starts_with("$2") {
        return match bcrypt::verify(password, stored) {
            Ok(true) => Check::RightButOld,
            Ok(false) | Err(_) => Check::Wrong,
        };
    }
    let Ok(parsed) = PasswordHash::new(stored) else { return Check::Wrong };
    if ours().verify_password(password.as_bytes(), &parsed).is_err() {
        return Check::Wrong;
    }
    if stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") { Check::Right } else { Check::RightButOld }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_fits_its_password_and_no_other() {
        let passwords = Passwords::new(1);
        let hash = passwords.hash("correct horse battery").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, passwords.hash("correct horse battery").await.unwrap(), "each has its own salt");
        let check = async |password, hash| passwords.check(password, hash).await.unwrap();
        assert_eq!(check("correct horse battery", Some(hash.as_str())).await, Check::Right);
        assert_eq!(check("correct horse batterz", Some(hash.as_str())).await, Check::Wrong);
        assert_eq!(check("correct horse battery", None).await, Check::Wrong);
        assert_eq!(check("x", Some("$argon2id$broken")).await, Check::Wrong);
    }

    #[tokio::test]
    async fn an_imported_hash_is_accepted_and_needs_an_upgrade() {
        let imported = bcrypt::hash("letmein again", 4).unwrap();
        let passwords = Passwords::new(1);
        assert_eq!(passwords.check("letmein again", Some(&imported)).await.unwrap(), Check::RightButOld);
        assert_eq!(passwords.check("letmein", Some(&imported)).await.unwrap(), Check::Wrong);
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
        let weak = weak.hash_password(b"letmein again").unwrap().to_string();
        assert_eq!(passwords.check("letmein again", Some(&weak)).await.unwrap(), Check::RightButOld);
    }

    #[tokio::test]
    async fn more_than_may_wait_are_turned_away() {
        let mut all = tokio::task::JoinSet::new();
        let passwords = std::sync::Arc::new(Passwords::new(1));
        for _ in 0..WAITING_MAX * 3 {
            let passwords = std::sync::Arc::clone(&passwords);
            all.spawn(async move { passwords.hash("correct horse battery").await.map(drop) });
        }
        let done = all.join_all().await;
        let refused = done.iter().filter(|done| matches!(done, Err(Fault::Overloaded))).count();
        assert!(refused > 0 && refused < WAITING_MAX * 3, "{refused}");
        assert_eq!(passwords.waiting.load(Ordering::SeqCst), 0, "every place was given back");
    }
}
