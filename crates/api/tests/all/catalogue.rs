//! Venues, pools and offerings: added, read, refused.

use serde_json::{Value, json};

use crate::client::Call;
use crate::client::Caller::{Admin, Guest, Owner, Rival};
use crate::world::{OWNER, World, run};

testkit::on_both_databases! {
    fn a_catalogue_is_added_whole_and_sells_at_once(database: &TestDatabase) {
        run(database, added);
    }

    fn what_is_wrong_with_a_catalogue_is_named(database: &TestDatabase) {
        run(database, wrong);
    }

    fn nothing_of_a_refused_catalogue_is_added(database: &TestDatabase) {
        run(database, all_or_nothing);
    }

    fn a_hall_of_twenty_thousand_seats_is_shown_quickly(database: &TestDatabase) {
        run(database, large_hall);
    }
}

fn venue(code: &str) -> Value {
    json!({"code": code, "kind": "cafe", "name": "Rosta", "time_zone": "Europe/Vienna", "currency": "EUR"})
}

async fn added(world: &World) {
    let mut cafe = venue("rosta");
    cafe["opening_hours"] = json!({"mon": [["08:00", "19:00"]], "fri": [["20:00", "26:30"]]});
    cafe["pools"] = json!([
        {"ref": "t", "name": "Tables", "kind": "timed", "tick_minutes": 5, "tick_origin": "2025-01-01T00:02:00Z", "capacity": 4},
        {"ref": "m", "name": "Beans", "kind": "quantity", "capacity": 9},
        {"ref": "h", "name": "Stage", "kind": "seated", "seat_map": [{"section": "L", "row": "1", "seats": ["a", "b"]}]},
    ]);
    cafe["offerings"] = json!([
        {"code": "rosta-table", "kind": "table", "name": "A table", "unit_price": 0, "pool_id": "t", "units": 2},
        {"code": "rosta-beans", "kind": "product", "name": "Beans", "unit_price": 1_500, "recipes": [[{"pool_id": "m", "units": 3}]]},
        {"code": "rosta-gig", "kind": "ticket", "name": "A seat", "unit_price": 900, "pool_id": "h", "starts_at": "2026-01-01T20:00:00Z"},
        {"kind": "service", "name": "Advice", "unit_price": 0, "active": false},
    ]);
    let made =
        Call::post(Owner, "/api/v1/catalogue", &json!({"venues": [cafe]})).send(world).await.expect(201);
    assert_eq!((&made["venues"], &made["pools"], &made["offerings"]), (&json!(1), &json!(3), &json!(4)));
    let id = made["venue_ids"][0].as_str().unwrap();
    let read = Call::get(Guest, "/api/v1/venues/rosta").send(world).await.expect(200);
    assert_eq!((&read["id"], &read["business_id"]), (&json!(id), &json!(domain::ids::BusinessId(OWNER))));
    assert_eq!(read["opening_hours"]["fri"], json!([["20:00", "26:30"]]));
    assert_eq!(read["opening_hours"]["tue"], json!([]));
    assert_eq!(Call::get(Guest, format!("/api/v1/venues/{id}")).send(world).await.expect(200), read);
    let all = Call::get(Guest, "/api/v1/venues").send(world).await.expect(200);
    assert_eq!(all["venues"].as_array().unwrap().len(), 7);
    let pools = Call::get(Guest, "/api/v1/venues/rosta/pools").send(world).await.expect(200);
    assert_eq!(
        (&pools["pools"][0]["tick_minutes"], &pools["pools"][2]["seat_map"][0]["seats"]),
        (&json!(5), &json!(["a", "b"]))
    );
    let offerings = Call::get(Guest, "/api/v1/venues/rosta/offerings").send(world).await.expect(200);
    assert_eq!(offerings["offerings"][1]["recipes"][0][0]["units"], 3);

    let beans = json!({"product_id": "rosta-beans", "quantity": 3});
    Call::post(Guest, "/api/v1/bookings", &beans).send(world).await.expect(201);
    Call::post(Guest, "/api/v1/bookings", &beans).send(world).await.refused(409, "unavailable");
    let seat = json!({"ticket_type_id": "rosta-gig", "seats": ["L-1-b"]});
    Call::post(Guest, "/api/v1/bookings", &seat).send(world).await.expect(201);
    let inactive = json!({"service_id": offerings["offerings"][3]["id"]});
    Call::post(Guest, "/api/v1/bookings", &inactive).send(world).await.wrong(&["/service_id"]);

    let pool = json!({"name": "Mugs", "kind": "quantity", "capacity": 2});
    let pool = Call::post(Owner, "/api/v1/venues/rosta/pools", &pool).send(world).await.expect(201);
    let mug = json!({"code": "rosta-mug", "kind": "product", "name": "Mug", "unit_price": 10, "hold_minutes": 5, "pool_id": pool["id"]});
    let mug = Call::post(Owner, "/api/v1/venues/rosta/offerings", &mug).send(world).await.expect(201);
    assert_eq!((&mug["confirmation"], &mug["hold_minutes"]), (&json!("hold"), &json!(5)));
    let held = Call::post(Guest, "/api/v1/bookings", &json!({"product_id": "rosta-mug"}))
        .send(world)
        .await
        .expect(201);
    assert_eq!(held["status"], "PENDING");
    let theirs = Call::post(Admin, "/api/v1/venues", &venue("admins")).send(world).await.expect(201);
    assert!(theirs["business_id"].as_str().unwrap().starts_with("biz_"));
    let rivals = Call::post(Rival, "/api/v1/venues", &venue("rivals")).send(world).await.expect(201);
    let foreign = json!({"kind": "product", "name": "Mug", "unit_price": 1, "pool_id": pool["id"]});
    let path = format!("/api/v1/venues/{}/offerings", rivals["id"].as_str().unwrap());
    Call::post(Rival, path, &foreign).send(world).await.wrong(&["/recipes"]);
}

async fn wrong(world: &World) {
    let mut bad = venue("bad");
    bad["business_id"] = json!("biz");
    bad["kind"] = json!("boat");
    bad["name"] = json!("");
    bad["time_zone"] = json!("Europe/Atlantis");
    bad["currency"] = json!("XAU");
    bad["opening_hours"] = json!({"mon": [["19:00", "08:00"]]});
    bad["pools"] = json!([{"kind": "timed", "name": "A", "capacity": -1, "tick_minutes": 7}, {"kind": "seated", "name": "B"}, 1]);
    bad["offerings"] = json!([
        {"kind": "stay", "name": "A", "unit_price": -1, "party_min": 3, "party_max": 2, "hold_minutes": 0},
        {"kind": "table", "name": "A", "unit_price": 1, "recipes": [[{"units": 0}], [], 7], "duration_minutes": 4, "starts_at": "soon"},
        {"kind": "table", "name": "A", "unit_price": 1, "recipes": [[{"pool_id": 1}]], "pool_id": 1, "active": "yes"},
    ]);
    let named = [
        "/venues/0/business_id",
        "/venues/0/currency",
        "/venues/0/kind",
        "/venues/0/name",
        "/venues/0/offerings/0/hold_minutes",
        "/venues/0/offerings/0/party_max",
        "/venues/0/offerings/0/unit_price",
        "/venues/0/offerings/1/duration_minutes",
        "/venues/0/offerings/1/recipes/0/0/pool_id",
        "/venues/0/offerings/1/recipes/0/0/units",
        "/venues/0/offerings/1/recipes/1",
        "/venues/0/offerings/1/recipes/2",
        "/venues/0/offerings/1/starts_at",
        "/venues/0/offerings/2/active",
        "/venues/0/offerings/2/recipes",
        "/venues/0/opening_hours",
        "/venues/0/pools/0/capacity",
        "/venues/0/pools/0/tick_minutes",
        "/venues/0/pools/1/seat_map",
        "/venues/0/pools/2",
        "/venues/0/time_zone",
    ];
    Call::post(Owner, "/api/v1/catalogue", &json!({"venues": [bad]})).send(world).await.wrong(&named);

    let long = "s".repeat(200);
    for map in [
        json!([]),
        json!("A1"),
        json!([{"row": "A"}]),
        json!([{"row": "A", "seats": []}]),
        json!([{"row": "A", "seats": ["1", "1"]}]),
        json!([{"row": "A", "seats": [""]}]),
        json!([{"row": "A", "seats": ["a\u{0}"]}]),
        json!([{"row": "A\u{0}", "seats": ["1"]}]),
        json!([{"row": "A", "seats": [1]}]),
        json!([{"row": "A", "seats": ["1"], "price": 1}]),
        json!([{"row": long, "seats": ["1"]}]),
        json!([{"row": "A", "seats": vec!["1"; 50_001]}]),
    ] {
        let pool = json!({"name": "Hall", "kind": "seated", "seat_map": map});
        Call::post(Owner, "/api/v1/venues/museum/pools", &pool).send(world).await.wrong(&["/seat_map"]);
    }
    for (kind, pool, fits) in [
        ("stay", "doubles", true),
        ("stay", "breakfasts", false),
        ("table", "doubles", false),
        ("product", "doubles", false),
        ("service", "breakfasts", true),
        ("ticket", "doubles", false),
    ] {
        let offering = json!({"kind": kind, "name": "A", "unit_price": 1, "pool_id": world.pool(pool)});
        let reply = Call::post(Owner, "/api/v1/venues/hotel/offerings", &offering).send(world).await;
        if fits { drop(reply.expect(201)) } else { drop(reply.wrong(&["/recipes"])) }
    }
    for (opens, closes) in [
        ("08:00", "48:00"),
        ("24:00", "25:00"),
        ("8:00", "9:00"),
        ("08:00", "08:00"),
        ("08:60", "09:00"),
        ("+8:00", "09:00"),
    ] {
        let mut bad = venue("hours");
        bad["opening_hours"] = json!({"mon": [[opens, closes]]});
        Call::post(Owner, "/api/v1/venues", &bad).send(world).await.wrong(&["/opening_hours"]);
    }
    Call::get(Guest, "/api/v1/venues/nowhere").send(world).await.refused(404, "not-found");
    Call::get(Guest, "/api/v1/venues/nowhere/pools").send(world).await.refused(404, "not-found");
    Call::get(Guest, "/api/v1/venues/%F0%9F%8F%A8/offerings").send(world).await.refused(404, "not-found");
}

async fn all_or_nothing(world: &World) {
    let count = async || {
        let all = Call::get(Guest, "/api/v1/venues").send(world).await.expect(200);
        all["venues"].as_array().unwrap().len()
    };
    let before = count().await;
    for second in [venue("bistro"), venue("double"), venue("first"), json!({"name": "A"})] {
        let both = json!({"venues": [venue("first"), second]});
        let reply = Call::post(Owner, "/api/v1/catalogue", &both).send(world).await;
        assert!(reply.status.is_client_error(), "{reply:?}");
        assert_eq!(count().await, before, "{both}");
    }
    Call::post(Owner, "/api/v1/catalogue", &json!({"venues": [venue("first"), venue("second")]}))
        .send(world)
        .await
        .expect(201);
    assert_eq!(count().await, before + 2);
}

/// Every caller may read it, so it must not be expensive.
async fn large_hall(world: &World) {
    let seats: Vec<String> = (0..250).map(|seat| seat.to_string()).collect();
    let map: Vec<Value> = (0..80).map(|row| json!({"row": row.to_string(), "seats": seats})).collect();
    let pool = json!({"name": "Arena", "kind": "seated", "seat_map": map});
    let pool = Call::post(Owner, "/api/v1/venues/museum/pools", &pool).send(world).await.expect(201);
    let slots = Call::get(Guest, format!("/api/v1/pools/{}/slots", pool["id"].as_str().unwrap()));
    let shown = tokio::time::timeout(testkit::STATE_WAIT_MAX, slots.send(world)).await.unwrap().expect(200);
    let shown = shown["slots"].as_array().unwrap();
    assert_eq!((shown.len(), &shown[19_999]["seat"]), (20_000, &json!("79-249")));
}
