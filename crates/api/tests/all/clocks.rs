//! The nights on which the clocks change, over HTTP.

use serde_json::{Value, json};

use crate::client::Call;
use crate::client::Caller::Guest;
use crate::documents::book;
use crate::world::{World, run};

testkit::on_both_databases! {
    fn a_time_that_is_skipped_or_repeated_is_said_so(database: &TestDatabase) {
        run(database, skipped_and_repeated);
    }

    fn a_seating_lasts_as_long_as_it_should(database: &TestDatabase) {
        run(database, elapsed);
    }
}

/// In Berlin, clocks go from 02:00 to 03:00 on 29 March 2026, and from 03:00 to 02:00 on 25 October 2026.
fn stool(date: &str, time: &str, minutes: i64) -> Value {
    json!({"venue_id": "bar", "booking_date": date, "booking_time": time, "duration_minutes": minutes, "party_size": 1})
}

async fn skipped_and_repeated(world: &World) {
    let ask = async |date: &str, time: &str| {
        Call::post(Guest, "/api/v1/bookings", &stool(date, time, 15)).send(world).await
    };
    for time in ["02:00", "02:30", "02:45:00", "02:30+01:00", "02:30+02:00"] {
        let problem = ask("2026-03-29", time).await.wrong(&["/booking_time"]);
        assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("does not exist"), "{problem}");
    }
    let problem = ask("2026-10-25", "02:30").await.wrong(&["/booking_time"]);
    assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("happens twice"), "{problem}");
    for (time, starts) in
        [("02:30+02:00", "2026-10-25T00:30:00.000Z"), ("02:30+01:00", "2026-10-25T01:30:00.000Z")]
    {
        let made = ask("2026-10-25", time).await.expect(201);
        assert_eq!(made["lines"][0]["starts_at"], starts);
        assert_eq!(made["booking_time"], "02:30:00");
    }
    for time in ["02:30Z", "02:30+03:00", "12:00+02:00"] {
        let problem = ask("2026-10-25", time).await.wrong(&["/booking_time"]);
        assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("offset"), "{problem}");
    }
    ask("2026-10-25", "12:00+01:00").await.expect(201);
    let local = json!({"service_id": "transfer", "scheduled_for": "2026-03-29T02:30:00"});
    Call::post(Guest, "/api/v1/bookings", &local).send(world).await.wrong(&["/scheduled_for"]);
    let local = json!({"service_id": "transfer", "scheduled_for": "2026-03-29T01:30:00Z"});
    book(world, &local).await;
}

async fn elapsed(world: &World) {
    // Two hours from 01:30 end at 04:30 local time in spring, and the next party can sit down then, not earlier.
    let spring = book(world, &stool("2026-03-29", "01:30", 120)).await.json();
    assert_eq!(spring["end_time"], "04:30:00");
    let early = Call::post(Guest, "/api/v1/bookings", &stool("2026-03-29", "04:15", 15)).send(world).await;
    early.refused(409, "unavailable");
    book(world, &stool("2026-03-29", "04:30", 15)).await;
    // In autumn they end at 02:30, the second time.
    let autumn = book(world, &stool("2026-10-25", "01:30", 120)).await.json();
    assert_eq!(autumn["end_time"], "02:30:00");
    let during =
        Call::post(Guest, "/api/v1/bookings", &stool("2026-10-25", "02:15+01:00", 15)).send(world).await;
    during.refused(409, "unavailable");
    book(world, &stool("2026-10-25", "02:30+01:00", 15)).await;

    // A change of something else keeps its instant, although its local time occurs twice.
    let twice = book(world, &stool("2026-10-25", "02:45+01:00", 30)).await;
    let path = format!("/api/v1/bookings/{}", twice.id());
    let longer = json!({"expected_version": 1, "duration_minutes": 45});
    let longer = Call::put(Guest, &path, &longer).send(world).await.expect(200);
    assert_eq!(longer["lines"][0]["starts_at"], "2026-10-25T01:45:00.000Z");
    let moved = json!({"expected_version": 2, "booking_time": "02:30"});
    Call::put(Guest, &path, &moved).send(world).await.wrong(&["/booking_time"]);
}
