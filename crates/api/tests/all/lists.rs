//! Lists with cursors, filters and bounds; references; history.

use serde_json::{Value, json};

use crate::client::Call;
use crate::client::Caller::{Guest, Owner, Rival, Stranger};
use crate::documents::book;
use crate::world::{GUEST, MINUTE_MS, World, guest_id, run};

testkit::on_both_databases! {
    fn pages_have_neither_gaps_nor_duplicates(database: &TestDatabase) {
        run(database, pages);
    }

    fn filters_narrow_a_list(database: &TestDatabase) {
        run(database, filters);
    }

    fn a_wrong_query_is_refused_by_name(database: &TestDatabase) {
        run(database, wrong_queries);
    }

    fn references_are_read_as_people_type_them(database: &TestDatabase) {
        run(database, references);
    }
}

/// Bar stools at nine times, one of them cancelled twice: several bookings per day, several days.
async fn stools(world: &World) -> Vec<String> {
    let mut ids = Vec::new();
    for day in ["2025-12-03", "2025-12-01", "2025-12-02"] {
        for time in ["20:00", "12:00", "16:00"] {
            let body = json!({"venue_id": "bar", "booking_date": day, "booking_time": time, "party_size": 1});
            ids.push(book(world, &body).await.id());
            world.wait(MINUTE_MS);
        }
    }
    ids
}

/// Walks a list to its end; every page but the last is full.
async fn walk(world: &World, caller: crate::client::Caller, list: &str, limit: usize) -> Vec<Value> {
    let mut found = Vec::new();
    let mut path = format!("{list}limit={limit}");
    loop {
        let page = Call::get(caller, &path).send(world).await.expect(200);
        let bookings = page["bookings"].as_array().unwrap().clone();
        found.extend(bookings.iter().cloned());
        let Some(cursor) = page["next_cursor"].as_str() else { return found };
        assert_eq!(bookings.len(), limit);
        path = format!("{list}limit={limit}&cursor={cursor}");
    }
}

fn ids(bookings: &[Value]) -> Vec<String> {
    bookings.iter().map(|booking| booking["id"].as_str().unwrap().to_owned()).collect()
}

async fn pages(world: &World) {
    let made = stools(world).await;
    let newest_first: Vec<String> = made.iter().rev().cloned().collect();
    let of_guest = format!("/api/v1/bookings/guest/{}?", guest_id(GUEST));
    let of_venue = format!("/api/v1/bookings/venue/{}?", world.venue("bar"));
    let mut by_day: Vec<String> = Vec::new();
    for first in [3, 6, 0] {
        by_day.extend(made[first..first + 3].iter().cloned());
    }
    for limit in [1, 2, 3, 4, 9, 10, 100] {
        assert_eq!(ids(&walk(world, Guest, &of_guest, limit).await), newest_first, "{limit}");
        assert_eq!(ids(&walk(world, Owner, &of_guest, limit).await), newest_first, "{limit}");
        assert_eq!(ids(&walk(world, Owner, &of_venue, limit).await), by_day, "{limit}");
    }
    // A booking that is created between two pages affects neither.
    let first = Call::get(Owner, format!("{of_venue}limit=4")).send(world).await.expect(200);
    let between =
        json!({"venue_id": "bar", "booking_date": "2025-12-01", "booking_time": "22:00", "party_size": 1});
    book(world, &between).await;
    let rest = format!("{of_venue}cursor={}", first["next_cursor"].as_str().unwrap());
    let rest = Call::get(Owner, rest).send(world).await.expect(200);
    let both =
        [ids(first["bookings"].as_array().unwrap()), ids(rest["bookings"].as_array().unwrap())].concat();
    assert_eq!(both, by_day);

    assert_eq!(
        walk(world, Stranger, &format!("/api/v1/bookings/guest/{}?", guest_id(crate::world::STRANGER)), 5)
            .await,
        [] as [Value; 0]
    );
    Call::get(Guest, &of_venue).send(world).await.refused(404, "not-found");
    Call::get(Rival, &of_venue).send(world).await.refused(404, "not-found");
    Call::get(Owner, "/api/v1/bookings/venue/ven_0190f5c41b0a7c3e8a41d2f07b6c9e55")
        .send(world)
        .await
        .refused(404, "not-found");
}

async fn filters(world: &World) {
    let made = stools(world).await;
    let cancel = format!("/api/v1/bookings/{}/cancel", made[4]);
    Call::post(Guest, cancel, &json!({})).send(world).await.expect(200);
    for list in [
        format!("/api/v1/bookings/guest/{}?", guest_id(GUEST)),
        format!("/api/v1/bookings/venue/{}?", world.venue("bar")),
    ] {
        for (filter, expected) in [
            ("status=CANCELLED&", vec![4]),
            ("status=CONFIRMED&date_from=2025-12-01&date_to=2025-12-01&", vec![3, 5]),
            ("date_from=2025-12-02&", vec![0, 1, 2, 6, 7, 8]),
            ("date_to=2025-12-01&", vec![3, 4, 5]),
            ("date_from=2025-12-02&date_to=2025-12-01&", vec![]),
            ("status=PENDING&", vec![]),
            ("date_from=0001-01-01&date_to=9999-12-31&", (0..9).collect()),
        ] {
            let mut found = ids(&walk(world, Owner, &format!("{list}{filter}"), 2).await);
            found.sort();
            let mut expected: Vec<String> =
                expected.into_iter().map(|index: usize| made[index].clone()).collect();
            expected.sort();
            assert_eq!(found, expected, "{list}{filter}");
        }
    }
}

async fn wrong_queries(world: &World) {
    let of_guest = format!("/api/v1/bookings/guest/{}", guest_id(GUEST));
    for (query, named) in [
        ("limit=0", vec!["query:limit"]),
        ("limit=101", vec!["query:limit"]),
        ("limit=-1", vec!["query:limit"]),
        ("limit=ten", vec!["query:limit"]),
        ("limit=", vec!["query:limit"]),
        ("limit=99999999999999999999", vec!["query:limit"]),
        ("cursor=", vec!["query:cursor"]),
        ("cursor=x", vec!["query:cursor"]),
        ("cursor=1.x", vec!["query:cursor"]),
        ("cursor=1.0190f5c41b0a7c3e8a41d2f07b6c9e55.2", vec!["query:cursor"]),
        ("cursor=11111111111111111.0190f5c41b0a7c3e8a41d2f07b6c9e55", vec!["query:cursor"]),
        ("status=confirmed", vec!["query:status"]),
        ("date_from=2025-02-30", vec!["query:date_from"]),
        ("page=2", vec!["query:page"]),
        (
            "limit=0&status=x&date_to=y&%00=1",
            vec!["query:\u{0}", "query:date_to", "query:limit", "query:status"],
        ),
    ] {
        Call::get(Guest, format!("{of_guest}?{query}")).send(world).await.wrong(&named);
    }
    for query in ["limit=1", "limit=100", "cursor=8000000000000000.00000000000000000000000000000000", ""] {
        Call::get(Guest, format!("{of_guest}?{query}")).send(world).await.expect(200);
    }
}

async fn references(world: &World) {
    let made = book(world, &json!({"product_id": "museum-mug"})).await;
    let reference = made.text("/booking_reference");
    let by = |reference: &str| Call::get(Guest, format!("/api/v1/bookings/reference/{reference}"));
    for typed in [reference.clone(), reference.to_lowercase()] {
        assert_eq!(by(&typed).send(world).await.expect(200), made.json());
    }
    let last = reference.chars().last().unwrap();
    let other = format!("{}{}", &reference[..reference.len() - 1], if last == 'A' { 'B' } else { 'A' });
    for unknown in [
        other.as_str(),
        "BR-20251120-2222222222",
        "BR-20251120-A3B9C2",
        "BR-",
        "x",
        "BR-99999999-2222222222",
        "BR-20251120-0000000000",
        "BR%2020251120",
        "%F0%9F%94%91",
        "BR-20251120-%00%00%00%00%00%00%00%00%00%00",
    ] {
        by(unknown).send(world).await.refused(404, "not-found");
    }
    let strange = Call::get(Stranger, format!("/api/v1/bookings/reference/{reference}"));
    strange.send(world).await.refused(404, "not-found");
}
