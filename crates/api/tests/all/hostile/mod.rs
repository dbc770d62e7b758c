//! Whatever is sent, the response is a refusal that says what is wrong: never a fault, and never none. `client`
//! validates each response.

mod bodies;
mod fields;
mod mutations;
mod requests;

use axum::http::Method;
use domain::ids::{ApiKeyId, BusinessId, InvitationId, PersonId, SessionId};
use serde_json::{Value, json};
use testkit::STATE_WAIT_MAX;

use crate::client::Caller::{Guest, Owner};
use crate::client::{Call, Reply};
use crate::contract::{self, DOCUMENT};
use crate::documents::book;
use crate::world::{GUEST, OWNER, READER, World, guest_id};

async fn answer(world: &World, call: &Call) -> Reply {
    let answer = tokio::time::timeout(STATE_WAIT_MAX, call.send(world)).await;
    answer.unwrap_or_else(|_| panic!("no answer to {call:?}"))
}

/// A valid request of every operation that takes a body, and some that take none.
struct Targets {
    booking: String,
    order: String,
}

impl Targets {
    async fn new(world: &World) -> Self {
        let booking = book(world, &json!({"service_id": "transfer"})).await.id();
        let order = json!({"bookings": [{"service_id": "transfer"}]});
        let order = Call::post(Guest, "/api/v1/orders", &order).send(world).await.id();
        Self { booking, order }
    }

    /// A documented path with its parameters filled in.
    fn path(&self, world: &World, template: &str) -> String {
        let id = match template {
            path if path.starts_with("/api/v1/orders") => self.order.clone(),
            path if path.starts_with("/api/v1/pools") => world.pool("doubles").to_string(),
            path if path.starts_with("/api/v1/venues") => "bistro".to_owned(),
            path if path.starts_with("/api/v1/businesses") => BusinessId(OWNER).to_string(),
            path if path.starts_with("/api/v1/auth") => SessionId(GUEST).to_string(),
            _ => self.booking.clone(),
        };
        let path = template.replace("{id}", &id).replace("{guest_id}", &guest_id(GUEST));
        let path = path.replace("{venue_id}", &world.venue("bistro").to_string());
        let path = path.replace("{person_id}", &PersonId(READER).to_string());
        let path = path.replace("{invitation_id}", &InvitationId(GUEST).to_string());
        let path = path.replace("{key_id}", &ApiKeyId(GUEST).to_string());
        path.replace("{reference}", "BR-20251120-2222222222").replace("{kind}", "unavailable")
    }

    /// The documented examples, as calls of a caller with the permission.
    fn examples(&self, world: &World) -> Vec<(Call, &'static Value)> {
        let call = |(method, template, _, body): (Method, &str, &str, &'static Value)| {
            let owners =
                ["venues", "pools", "catalogue", "businesses"].iter().any(|part| template.contains(part));
            let caller = if owners || template.ends_with("/status") { Owner } else { Guest };
            (Call::new(caller, method, self.path(world, template)), body)
        };
        contract::examples().into_iter().map(call).collect()
    }
}

/// Every documented operation as its method and the template of its path.
fn operations() -> Vec<(Method, &'static str)> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let methods = |(path, item): (&'static String, &'static Value)| {
        item.as_object()
            .unwrap()
            .keys()
            .map(move |method| (method.to_uppercase().parse().unwrap(), path.as_str()))
    };
    // These take no body and end the session that sends all others.
    let ends = ["/logout", "/logout-all", "/deactivate"];
    paths.iter().flat_map(methods).filter(|(_, path)| !ends.iter().any(|end| path.ends_with(end))).collect()
}

fn takes_body(method: &Method, template: &str) -> bool {
    DOCUMENT["paths"][template][method.as_str().to_lowercase()]["requestBody"].is_object()
}
