//! `holdfast token`: tokens for development, until there are sessions.

use std::process::ExitCode;

use anyhow::Context as _;
use app::chance::SystemChance;
use app::tokens::{Role, Tokens};
use domain::decide::Chance as _;
use domain::time::MINUTE_MS;
use uuid::Uuid;

use crate::cli::{Token, subject};
use crate::settings::Settings;

pub fn run(asked: &Token, settings: &Settings) -> anyhow::Result<ExitCode> {
    let subject = match &asked.subject {
        Some(text) => subject(text).with_context(|| format!("{text:?} is not an id"))?,
        None => SystemChance::from_system().id(store::clock::system_now(), 0),
    };
    println!("{}", issue(settings.secret(), asked.role, subject, asked.minutes));
    Ok(ExitCode::SUCCESS)
}

/// A token signed with this secret.
pub fn issue(secret: &[u8], role: Role, subject: Uuid, minutes: i64) -> String {
    let expires = store::clock::system_now() + minutes.saturating_mul(MINUTE_MS);
    Tokens::new(secret).issue(role, subject, expires)
}
