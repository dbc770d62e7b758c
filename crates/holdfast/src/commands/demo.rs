//! `holdfast demo`: everything there is to try, with no set-up.

mod greeting;

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use app::App;
use app::identity::accounts::{self, NewAccount};
use app::identity::{Client, IdentityRefusal};
use domain::actor::Actor;
use domain::identity::{Contact, Password};
use domain::ids::{BusinessId, PersonId};
use domain::permission::MemberRole;
use gateways::inbox::Inbox;
use store::Database;
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;

use greeting::Greeting;

use super::serve;
use crate::settings::Settings;

/// A hotel in the city and one by the sea, a restaurant, a café with tastings, a concert with a seat map, a museum shop.
const CATALOGUE: &str = include_str!("demo/catalogue.json");
const DEMO_FILE: &str = "holdfast-demo.db";
/// How long the demo's access tokens are good, in milliseconds: as long as a refresh token, so that its lines can be
/// pasted all week.
const TOKEN_MS: i64 = 7 * domain::time::DAY_MS;
/// The demo's people. The guest can sign in with the demo's password, too.
const GUEST: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);
const OWNER: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0004);
const BUSINESS: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0002);
const ADMIN: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0003);
const PASSWORD: &str = "demo only: holdfast";

/// Somebody of the demo, and the session that was opened for them.
struct Person {
    role: &'static str,
    email: &'static str,
    token: String,
}

impl Person {
    /// Writes the header that signs them in to a file of their own beside the database, for `curl -H @FILE`.
    fn write_token(&self, beside: &Path) -> anyhow::Result<PathBuf> {
        let path = beside.with_extension(self.role);
        let cannot = || format!("cannot write {}", path.display());
        // The mode counts only for a file that is new.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error).with_context(cannot),
            Ok(()) | Err(_) => {}
        }
        let mut file =
            File::options().write(true).create_new(true).mode(0o600).open(&path).with_context(cannot)?;
        writeln!(file, "Authorization: Bearer {}", self.token).with_context(cannot)?;
        Ok(path)
    }
}

pub fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let runtime = serve::runtime()?;
    let mut beside = PathBuf::from(DEMO_FILE);
    let app = serve::start_with(settings, &runtime, DEMO_FILE, |settings| {
        settings.tokens.access_ms = TOKEN_MS;
        if let Database::Sqlite(file) = &settings.database {
            beside.clone_from(file);
        }
    })?;
    runtime.block_on(async {
        fill(&app).await?;
        let people = people(&app).await?;
        let (listener, stop) = (serve::listen(settings)?, serve::StopSignal::new()?);
        let address = listener.local_addr()?;
        let server = format!("{}://{address}", serve::scheme(settings));
        let files = people.iter().map(|person| person.write_token(&beside)).collect::<Result<Vec<_>, _>>()?;
        let today = app.clock.now().date_in(&jiff::tz::TimeZone::UTC);
        print!("{}", Greeting { server: &server, people: &people, files: &files, today });
        let telling = tokio::spawn(tell_arrivals(&app, &server));
        let ended = serve::serve(app, settings, listener, stop).await;
        telling.abort();
        ended
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Prints what arrives in the built-in inbox, so that a code can be typed in at once.
fn tell_arrivals(app: &App, server: &str) -> impl Future<Output = ()> + use<> {
    let arrivals = app.gateways.inbox_in_use().map(Inbox::arrivals);
    if arrivals.is_some() {
        println!("Messages to guests are shown here and at {server}/dev/inbox\n");
    }
    async move {
        let Some(mut arrivals) = arrivals else { return };
        loop {
            match arrivals.recv().await {
                Ok(message) => println!("{} to {}: {}", message.medium.as_str(), message.to, message.text),
                Err(RecvError::Lagged(missed)) => println!("{missed} more messages: see the inbox"),
                Err(RecvError::Closed) => return,
            }
        }
    }
}

/// Adds the demo's catalogue to an empty database.
async fn fill(app: &App) -> anyhow::Result<()> {
    if app.catalogue.snapshot().venues().next().is_some() {
        return Ok(());
    }
    let added = api::routes::add_catalogue(app, Actor::Admin(domain::ids::PersonId(ADMIN)), CATALOGUE).await;
    added.map(|_| ()).map_err(anyhow::Error::msg)
}

/// The demo's people, made where they are not yet, each signed in.
async fn people(app: &App) -> anyhow::Result<Vec<Person>> {
    let password = Password::new(PASSWORD, None)?;
    let hash = accounts::hash(app, &password).await?;
    let all = [
        ("guest", GUEST, "guest@demo.example", None, false),
        ("business", OWNER, "owner@demo.example", Some(BusinessId(BUSINESS)), false),
        ("admin", ADMIN, "admin@demo.example", None, true),
    ];
    let mut people = Vec::with_capacity(all.len());
    for (role, id, email, business, is_admin) in all {
        let password_hash = (role == "guest").then(|| hash.clone());
        let id = PersonId(id);
        let contact = Contact { email: Some(email.parse()?), ..Contact::default() };
        let new = NewAccount { id: Some(id), contact, password_hash, is_admin };
        match accounts::create(app, new).await {
            // They are there from an earlier run.
            Ok(_) | Err(IdentityRefusal::Invalid(_)) => {}
            Err(refusal) => return Err(refusal.into()),
        }
        if let Some(business) = business {
            accounts::employ(app, id, (business, "Kranich Hospitality"), MemberRole::Owner).await?;
        }
        let client = Client {
            address: std::net::Ipv4Addr::LOCALHOST.into(),
            user_agent: Some("holdfast demo".to_owned()),
            device_token: None,
        };
        let signed_in = accounts::sign_in_as(app, id, &client, business).await?;
        people.push(Person { role, email, token: signed_in.access.token });
    }
    Ok(people)
}
