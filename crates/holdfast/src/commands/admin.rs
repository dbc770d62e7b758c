//! `holdfast admin`: creates the first admin and resets passwords. Production has no other way.

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use app::App;
use app::identity::accounts::{self, NewAccount};
use app::identity::recovery;
use domain::identity::{Contact, Email, Password};

use super::{DEFAULT_FILE, serve};
use crate::cli::{Admin, AdminAct};
use crate::settings::Settings;

/// The environment variable for the password, if it is not typed.
const PASSWORD: &str = "ADMIN_PASSWORD";

pub fn run(asked: &Admin, settings: &Settings) -> anyhow::Result<ExitCode> {
    let runtime = serve::runtime()?;
    let app = serve::start(settings, &runtime, DEFAULT_FILE)?;
    runtime.block_on(async {
        match &asked.act {
            AdminAct::Create { email, reset_link } => create(&app, email, *reset_link).await,
            AdminAct::ResetLink { email } => print_token(&app, email.parse()?).await,
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn create(app: &Arc<App>, email: &str, reset_link: bool) -> anyhow::Result<()> {
    let email: Email = email.parse()?;
    let password = if reset_link { None } else { Some(chosen(&email)?) };
    let password_hash = match &password {
        Some(password) => Some(accounts::hash(app, password).await?),
        None => None,
    };
    let contact = Contact { email: Some(email.clone()), ..Contact::default() };
    let new = NewAccount { id: None, contact, password_hash, is_admin: true };
    let person = accounts::create(app, new).await.context("cannot create the admin")?;
    println!("created the admin {person}");
    if reset_link { print_token(app, email).await } else { Ok(()) }
}

/// From the environment, or typed.
fn chosen(email: &Email) -> anyhow::Result<Password> {
    let text = match std::env::var(PASSWORD) {
        Ok(text) => text,
        Err(_) if std::io::stdin().is_terminal() => {
            rpassword::prompt_password("Password: ").context("cannot read the password")?
        }
        Err(_) => bail!("no password: set {PASSWORD}, run this in a terminal, or use --reset-link"),
    };
    Password::new(text.trim_end_matches(['\r', '\n']), Some(email))
        .map_err(|weak| anyhow::anyhow!("the password {weak}"))
}

async fn print_token(app: &App, email: Email) -> anyhow::Result<()> {
    let token = recovery::send_reset(app, email).await?.context("account not found")?;
    println!(
        "Send this token to POST /api/v1/auth/password/reset to choose a password. It works once and expires in one \
         hour.\n{token}"
    );
    Ok(())
}
