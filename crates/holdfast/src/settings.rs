//! What the environment says. A wrong setting is named, and nothing starts.

use anyhow::{Context as _, bail, ensure};
use app::clock::Clock;
use store::Database;

/// Signs tokens where no `SECRET_KEY` is set. Everybody knows it, so that production refuses it.
const BUILT_IN_SECRET: &str = "holdfast-development-secret-that-everybody-knows";
/// Bytes of a secret below which it can be guessed.
const SECRET_BYTES_MIN: usize = 32;
const READERS: usize = 4;

/// Where the program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    Development,
    Testing,
    Production,
}

pub fn environment() -> anyhow::Result<Environment> {
    match std::env::var("HOLDFAST_ENV").as_deref() {
        Err(_) | Ok("development") => Ok(Environment::Development),
        Ok("testing") => Ok(Environment::Testing),
        Ok("production") => Ok(Environment::Production),
        Ok(other) => bail!("HOLDFAST_ENV is {other:?}: it must be development, testing or production"),
    }
}

/// The installation's secret.
pub fn secret() -> anyhow::Result<Vec<u8>> {
    secret_from(environment()?, std::env::var("SECRET_KEY").ok())
}

fn secret_from(environment: Environment, secret: Option<String>) -> anyhow::Result<Vec<u8>> {
    let secret = secret.unwrap_or_else(|| BUILT_IN_SECRET.to_owned());
    if environment == Environment::Production && secret == BUILT_IN_SECRET {
        bail!(
            "SECRET_KEY is not set: production needs a secret of its own, such as `openssl rand -base64 48` prints"
        );
    }
    if secret.len() < SECRET_BYTES_MIN {
        bail!("SECRET_KEY has {} bytes: it needs at least {SECRET_BYTES_MIN}", secret.len());
    }
    Ok(secret.into_bytes())
}

/// The secrets before this one, separated by commas: what is sealed under them can still be opened.
pub fn older_secrets() -> anyhow::Result<Vec<Vec<u8>>> {
    let listed = std::env::var("SECRET_KEYS_OLD").unwrap_or_default();
    let secrets = listed.split(',').map(str::trim).filter(|secret| !secret.is_empty());
    let long_enough = |secret: &str| {
        let bytes = secret.len();
        ensure!(
            bytes >= SECRET_BYTES_MIN,
            "SECRET_KEYS_OLD has a secret of {bytes} bytes: each needs at least {SECRET_BYTES_MIN}"
        );
        Ok(secret.as_bytes().to_vec())
    };
    secrets.map(long_enough).collect()
}

/// How the server is put together over `database`.
pub fn app(database: Database, lanes: usize) -> anyhow::Result<app::Settings> {
    Ok(app::Settings {
        database,
        lanes: lanes.max(1),
        readers: READERS,
        secret: secret().context("the server does not start")?,
        older_secrets: older_secrets()?,
        clock: Clock::System,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_refuses_the_built_in_secret_and_short_ones() {
        assert!(secret_from(Environment::Production, None).is_err());
        assert!(secret_from(Environment::Production, Some(BUILT_IN_SECRET.to_owned())).is_err());
        assert!(secret_from(Environment::Production, Some("short".to_owned())).is_err());
        assert!(secret_from(Environment::Production, Some("x".repeat(32))).is_ok());
        assert!(secret_from(Environment::Development, None).is_ok());
        assert!(secret_from(Environment::Development, Some("short".to_owned())).is_err());
    }
}
