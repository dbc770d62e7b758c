//! `holdfast demo`: everything there is to try, with no set-up.

use std::net::SocketAddr;
use std::process::ExitCode;

use app::App;
use app::tokens::Role;
use domain::actor::Actor;
use jiff::ToSpan;
use jiff::civil::Date;
use uuid::Uuid;

use super::{serve, token};
use crate::settings::Settings;

/// A hotel in the city and one by the sea, a restaurant, a café with tastings, a concert with a seat map, a museum shop.
const CATALOGUE: &str = include_str!("demo/catalogue.json");
const DEMO_FILE: &str = "holdfast-demo.db";
/// The demo's people. Their tokens are signed with the settings' secret, so these ids open nothing elsewhere.
const GUEST: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);
const BUSINESS: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0002);
const ADMIN: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0003);
/// How long the demo's tokens are valid, in minutes.
const TOKEN_MINUTES: i64 = 7 * 24 * 60;

pub fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let app = serve::start(settings, DEMO_FILE)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        fill(&app).await?;
        let (listener, stop) = (serve::listen(settings)?, serve::StopSignal::new()?);
        greet(&app, settings, listener.local_addr()?)?;
        serve::serve(app, listener, stop).await
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Adds the demo's catalogue to an empty database.
async fn fill(app: &App) -> anyhow::Result<()> {
    if app.catalogue.snapshot().venues().next().is_some() {
        return Ok(());
    }
    let added = api::routes::add_catalogue(app, Actor::Admin(domain::ids::PersonId(ADMIN)), CATALOGUE).await;
    added.map(|_| ()).map_err(anyhow::Error::msg)
}

fn greet(app: &App, settings: &Settings, address: SocketAddr) -> anyhow::Result<()> {
    let today = app.clock.now().date_in(&jiff::tz::TimeZone::UTC);
    let checkin = today.checked_add(30.days())?;
    let issue = |role, subject| token::issue(settings.secret(), role, subject, TOKEN_MINUTES);
    let guest = issue(Role::Guest, GUEST);
    println!("Holdfast demo, listening on http://{address}   (documentation: http://{address}/docs)\n");
    println!("Tokens, valid for seven days:");
    println!("  guest     {guest}");
    println!("  business  {}", issue(Role::Business, BUSINESS));
    println!("  admin     {}\n", issue(Role::Admin, ADMIN));
    println!("Three lines to paste: is a room free, book it, see your bookings.\n");
    curls(address, &guest, checkin)?.iter().for_each(|line| println!("{line}\n"));
    Ok(())
}

fn curls(address: SocketAddr, guest: &str, checkin: Date) -> anyhow::Result<[String; 3]> {
    let checkout = checkin.checked_add(3.days())?;
    let authorized = format!("-H 'Authorization: Bearer {guest}'");
    let stay = format!(
        "\"room_type_id\": \"city-double\", \"checkin_date\": \"{checkin}\", \"checkout_date\": \"{checkout}\", \
         \"num_rooms\": 1, \"num_guests\": 2, \"guests\": [{{\"name\": \"Ada Guest\", \"age\": 34}}, \
         {{\"name\": \"Bo Guest\", \"age\": 36}}]"
    );
    let base = format!("http://{address}/api/v1/bookings");
    let guest_id = domain::ids::GuestId(GUEST);
    Ok([
        format!("curl -s {base}/availability/check {authorized} -d '{{{stay}}}'"),
        format!("curl -s {base} {authorized} -H 'Idempotency-Key: \"demo-{checkin}\"' -d '{{{stay}}}'"),
        format!("curl -s {base}/guest/{guest_id} {authorized}"),
    ])
}
