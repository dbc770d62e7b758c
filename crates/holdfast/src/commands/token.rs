//! `holdfast token`: tokens for development, until there are sessions.

use std::process::ExitCode;

use anyhow::Context as _;
use app::chance::SystemChance;
use app::tokens::{Role, Tokens};
use domain::decide::Chance as _;
use domain::time::MINUTE_MS;
use uuid::Uuid;

use crate::cli::{Token, subject};
use crate::settings;

pub fn run(asked: &Token) -> anyhow::Result<ExitCode> {
    let subject = match &asked.subject {
        Some(text) => subject(text).with_context(|| format!("{text:?} is not an id"))?,
        None => SystemChance::from_system().id(store::clock::system_now(), 0),
    };
    println!("{}", issue(asked.role, subject, asked.minutes)?);
    Ok(ExitCode::SUCCESS)
}

/// A token signed with the secret of the settings.
pub fn issue(role: Role, subject: Uuid, minutes: i64) -> anyhow::Result<String> {
    let tokens = Tokens::new(&settings::secret()?);
    Ok(tokens.issue(role, subject, store::clock::system_now() + minutes.saturating_mul(MINUTE_MS)))
}
