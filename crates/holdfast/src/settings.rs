//! What the environment says. A wrong setting is named, and nothing starts.

use anyhow::{Context as _, bail};
use app::clock::Clock;
use gateways::{Gateways, Otherwise};
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

/// How the server is put together over `database`.
pub fn app(database: Database, lanes: usize) -> anyhow::Result<app::Settings> {
    let secret = secret().context("the server does not start")?;
    let gateways = gateways(environment()?).context("the server does not start")?;
    Ok(app::Settings {
        database,
        lanes: lanes.max(1),
        readers: READERS,
        secret,
        clock: Clock::System,
        gateways,
    })
}

/// Production sends nothing that it was not told how to send; elsewhere the built-in inbox takes it.
fn gateways(environment: Environment) -> anyhow::Result<Gateways> {
    let otherwise = match environment {
        Environment::Production => Otherwise::Off,
        Environment::Development | Environment::Testing => Otherwise::Inbox,
    };
    let gateways = Gateways::from_settings(|name| std::env::var(name).ok(), otherwise)?;
    for (what, setting) in gateways.off() {
        tracing::warn!("{what} is off: {setting} is not set");
    }
    Ok(gateways)
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
