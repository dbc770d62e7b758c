//! `holdfast demo`: everything there is to try, with no set-up.

use std::process::ExitCode;

use app::App;
use app::identity::accounts::{self, NewAccount};
use app::identity::{Client, IdentityRefusal};
use domain::actor::Actor;
use domain::identity::{Contact, Password};
use domain::ids::{BusinessId, PersonId};
use domain::permission::MemberRole;
use gateways::inbox::Inbox;
use jiff::ToSpan;
use jiff::civil::Date;
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;

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

pub fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let runtime = serve::runtime()?;
    let adjust = |settings: &mut app::Settings| settings.tokens.access_ms = TOKEN_MS;
    let app = serve::start_with(settings, &runtime, DEMO_FILE, adjust)?;
    runtime.block_on(async {
        fill(&app).await?;
        let people = people(&app).await?;
        let (listener, stop) = (serve::listen(settings)?, serve::StopSignal::new()?);
        let address = listener.local_addr()?;
        let server = format!("{}://{address}", serve::scheme(settings));
        greet(&app, &people, &server)?;
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

fn greet(app: &App, people: &[Person], server: &str) -> anyhow::Result<()> {
    let today = app.clock.now().date_in(&jiff::tz::TimeZone::UTC);
    let checkin = today.checked_add(30.days())?;
    println!("Holdfast demo, listening on {server}   (documentation: {server}/docs)\n");
    println!("People, signed in, with their access tokens; the guest's password is \"{PASSWORD}\":");
    for Person { role, email, token } in people {
        println!("  {role:<9} {email:<19} {token}");
    }
    println!("\nThree lines to paste: is a room free, book it, see your bookings.\n");
    let guest = people.first().map_or("", |guest| guest.token.as_str());
    curls(server, guest, checkin)?.iter().for_each(|line| println!("{line}\n"));
    Ok(())
}

fn curls(server: &str, guest: &str, checkin: Date) -> anyhow::Result<[String; 3]> {
    let checkout = checkin.checked_add(3.days())?;
    let authorized = format!("-H 'Authorization: Bearer {guest}'");
    let stay = format!(
        "\"room_type_id\": \"city-double\", \"checkin_date\": \"{checkin}\", \"checkout_date\": \"{checkout}\", \
         \"num_rooms\": 1, \"num_guests\": 2, \"guests\": [{{\"name\": \"Ada Guest\", \"age\": 34}}, \
         {{\"name\": \"Bo Guest\", \"age\": 36}}]"
    );
    let base = format!("{server}/api/v1/bookings");
    let guest_id = domain::ids::GuestId(GUEST);
    Ok([
        format!("curl -s {base}/availability/check {authorized} -d '{{{stay}}}'"),
        format!("curl -s {base} {authorized} -H 'Idempotency-Key: \"demo-{checkin}\"' -d '{{{stay}}}'"),
        format!("curl -s {base}/guest/{guest_id} {authorized}"),
    ])
}
