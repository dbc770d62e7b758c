//! Personal data of guests is not readable in the database, the logs or the metrics.

use std::io;
use std::sync::{Arc, Mutex, OnceLock};

use serde_json::json;
use testkit::{TestDatabase, on_both_databases};

use crate::client::Call;
use crate::client::Caller::{Guest, Owner};
use crate::world::{self, World};

/// The data sent, in the order of the requests below.
const TEXTS: [&str; 12] = [
    "Zebulon Quartermaine",
    "zebulon.q@kestrelpost.example",
    "447700900123",
    "Ottoline Wrexham-Vane",
    "P1928374655",
    "a cot made of cedarwood",
    "loyalty-card-88213",
    "Xanthippe Oldcastle",
    "xanthippe@heronmail.example",
    "447700900987",
    "knows the chef personally",
    "447700 900987",
];

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Everything this process logs, at all levels.
fn log() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_writer(move || writer.clone())
            .init();
        log
    })
}

async fn say_everything(world: &World) {
    let stay = json!({
        "hotel_id": world::HOTEL, "room_type_id": world::DOUBLE,
        "checkin_date": "2025-12-01", "checkout_date": "2025-12-03", "num_rooms": 1, "num_guests": 1,
        "guests": [{
            "name": TEXTS[3], "age": 41, "gender": "F",
            "id_doc_type": "passport", "id_doc_number": TEXTS[4]
        }],
        "guest_name": TEXTS[0], "guest_email": TEXTS[1], "guest_phone": format!("+{}", TEXTS[2]),
        "special_requests": TEXTS[5], "metadata": {"card": TEXTS[6]}
    });
    let made = Call::post(Guest, "/api/v1/bookings", &stay).key("made once").send(world).await;
    assert_eq!(made.status, 201, "{made:?}");
    let again = Call::post(Guest, "/api/v1/bookings", &stay).key("made once").send(world).await;
    assert_eq!(made.bytes, again.bytes, "the sealed answer is replayed byte for byte");
    let path = format!("/api/v1/bookings/{}", made.id());
    let change = json!({
        "expected_version": 1, "guest_name": TEXTS[7], "guest_email": TEXTS[8],
        "guest_phone": format!("+{}", TEXTS[9]), "internal_notes": TEXTS[10]
    });
    let changed = Call::put(Owner, &*path, &change).key("changed once").send(world).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let read = Call::get(Guest, &*path).send(world).await.json();
    assert_eq!(read["guest_name"], TEXTS[7]);
    assert_eq!(read["guests"][0]["name"], TEXTS[3], "{read}");
    let cancel = json!({"reason": "plans changed"});
    let cancelled =
        Call::post(Guest, format!("{path}/cancel"), &cancel).key("cancelled once").send(world).await;
    assert_eq!(cancelled.status, 200, "{cancelled:?}");
    let order = json!({"bookings": [
        {"service_id": "transfer", "guest_name": TEXTS[0], "guest_email": TEXTS[1]},
        {"service_id": "transfer", "guest_name": TEXTS[7], "guest_phone": format!("+{}", TEXTS[9])},
    ]});
    let ordered = Call::post(Owner, "/api/v1/orders", &order).key("ordered once").send(world).await;
    assert_eq!(ordered.status, 201, "{ordered:?}");
    let again = Call::post(Owner, "/api/v1/orders", &order).key("ordered once").send(world).await;
    assert_eq!(ordered.bytes, again.bytes, "an answer about several people is replayed as well");
}

/// The store's connections block, which a thread of the runtime must not.
fn stored<'t>(database: &TestDatabase, texts: &[&'t str]) -> Vec<&'t str> {
    std::thread::scope(|scope| scope.spawn(|| database.texts_stored(texts)).join().unwrap())
}

on_both_databases! {
    fn personal_data_is_stored_sealed(database: &TestDatabase) {
        let log = log();
        world::run(database, async |world| {
            say_everything(world).await;
            assert_eq!(stored(database, &TEXTS), Vec::<&str>::new(), "in the database");
            // Unsealed data is found, so the search works.
            assert_eq!(stored(database, &["plans changed"]), ["plans changed"]);
            let metrics = Call::get(Guest, "/metrics").send(world).await;
            let logged = log.0.lock().unwrap().clone();
            let told = [metrics.bytes, logged].concat();
            let told = String::from_utf8_lossy(&told);
            let open: Vec<&str> = TEXTS.into_iter().filter(|text| told.contains(text)).collect();
            assert_eq!(open, Vec::<&str>::new(), "in logs and metrics");
        });
    }
}
