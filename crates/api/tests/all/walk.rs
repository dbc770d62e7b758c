//! Every documented operation, called by every kind of caller: the response must match the table of permissions.

use axum::http::Method;
use domain::actor::Actor;
use domain::ids::{ApiKeyId, BusinessId, GuestId, InvitationId, PersonId, SessionId};
use domain::permission::{MemberRole, Permission, Scope, Scopes};
use serde_json::{Value, json};

use crate::client::{Call, Caller, Reply};
use crate::contract::DOCUMENT;
use crate::documents::{book, table};
use crate::world::{ADMIN, FRONT_DESK, GUEST, MANAGER, OWNER, READER, RIVAL, STRANGER, World, guest_id, run};

testkit::on_both_databases! {
    fn every_caller_gets_what_the_table_of_permissions_allows(database: &TestDatabase) {
        run(database, everybody);
    }
}

/// A caller, with its bearer and its actor.
struct Walker {
    name: String,
    bearer: String,
    actor: Actor,
}

/// Resources of the guest and the owner of this world, for other callers to try.
struct Ground {
    booking: String,
    reference: String,
    order: String,
}

async fn everybody(world: &World) {
    let mut table = table();
    table.as_object_mut().unwrap().remove("idempotency_key");
    let order = Call::post(Caller::Guest, "/api/v1/orders", &json!({"bookings": [table]})).send(world).await;
    let ground = Ground {
        booking: book(world, &json!({"service_id": "transfer"})).await.id(),
        reference: order.text("/bookings/0/booking_reference"),
        order: order.id(),
    };
    let walkers = walkers(world).await;
    let mut walked = 0;
    for (template, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(act) = operation["x-permission"].as_str() else { continue };
            let act = Permission::from_word(act).unwrap();
            let method: Method = method.to_uppercase().parse().unwrap();
            let nobody = call(world, &method, template, &ground).send(world).await;
            nobody.refused(401, "unauthorized");
            for walker in &walkers {
                if ends_their_session(template) && walker.actor.may(act) {
                    continue;
                }
                let reply = call(world, &method, template, &ground).bearer(&walker.bearer).send(world).await;
                gets_the_expected_response(&reply, template, &method, (walker, act));
                walked += 1;
            }
        }
    }
    assert!(walked > 400, "{walked}");
}

/// A caller who may do these has no session afterwards, or a different one.
fn ends_their_session(template: &str) -> bool {
    ["/logout", "/logout-all", "/deactivate", "/act-for", "/businesses"]
        .iter()
        .any(|end| template.ends_with(end))
}

fn gets_the_expected_response(
    reply: &Reply,
    template: &str,
    method: &Method,
    (walker, act): (&Walker, Permission),
) {
    let at = format!("{method} {template} by {}: {reply:?}", walker.name);
    let status = reply.status.as_u16();
    if !is_theirs(walker.actor, method, template) {
        assert_eq!(status, 404, "{at}");
    } else if !walker.actor.may(act) {
        // To a caller who may not know of background jobs they look nonexistent.
        let expected = if act == Permission::UseJobs { 404 } else { 403 };
        assert_eq!(status, expected, "{at}");
    } else {
        assert!(![401, 403].contains(&status), "{at}");
        let absent = reply.json()["detail"].as_str().unwrap_or_default().to_owned();
        let inside = ["member", "invitation", "API key", "session", "job"]
            .iter()
            .any(|thing| absent.starts_with(thing));
        assert!(status != 404 || inside, "{at}");
    }
}

/// Whether the caller may know of the resource in the path.
fn is_theirs(actor: Actor, method: &Method, template: &str) -> bool {
    let (guest, owner) = (GuestId(GUEST), BusinessId(OWNER));
    let is_of_the_house =
        ["/pools/{id}", "/venues/{id}", "/offerings/{id}"].iter().any(|part| template.contains(part));
    let writes_to_the_house = is_of_the_house && *method != Method::GET;
    match template {
        "/api/v1/bookings/guest/{guest_id}" => !matches!(actor, Actor::Guest(id) if id != guest),
        "/api/v1/bookings/venue/{venue_id}" => is_of(actor, owner),
        path if path.starts_with("/api/v1/guests/{guest_id}") => match actor {
            Actor::Guest(id) => id == guest,
            Actor::Admin(_) | Actor::System => true,
            Actor::Business(_) => false,
        },
        path if ["/bookings/{id}", "{reference}", "/orders/{id}"].iter().any(|part| path.contains(part)) => {
            matches!(actor, Actor::Guest(id) if id == guest) || is_of(actor, owner)
        }
        path if path.starts_with("/api/v1/businesses/{id}") => is_of(actor, owner),
        _ => !writes_to_the_house || is_of(actor, owner),
    }
}

fn is_of(actor: Actor, owner: BusinessId) -> bool {
    match actor {
        Actor::Guest(_) => false,
        Actor::Business(staff) => staff.business == owner,
        Actor::Admin(_) | Actor::System => true,
    }
}

fn call(world: &World, method: &Method, template: &str, ground: &Ground) -> Call {
    let id = match template {
        path if path.starts_with("/api/v1/orders") => ground.order.clone(),
        path if path.starts_with("/api/v1/pools") => world.pool("doubles").to_string(),
        path if path.starts_with("/api/v1/venues") => "bistro".to_owned(),
        path if path.starts_with("/api/v1/offerings") => "double".to_owned(),
        path if path.starts_with("/api/v1/events") => "concert-standing".to_owned(),
        path if path.starts_with("/api/v1/businesses") => BusinessId(OWNER).to_string(),
        path if path.starts_with("/api/v1/auth") => SessionId(GUEST).to_string(),
        path if path.starts_with("/api/v1/jobs") => domain::ids::JobId(GUEST).to_string(),
        _ => ground.booking.clone(),
    };
    let path = template
        .replace("{id}", &id)
        .replace("{guest_id}", &guest_id(GUEST))
        .replace("{venue_id}", &world.venue("bistro").to_string())
        .replace("{reference}", &ground.reference)
        .replace("{person_id}", &PersonId(STRANGER).to_string())
        .replace("{invitation_id}", &InvitationId(GUEST).to_string())
        .replace("{key_id}", &ApiKeyId(GUEST).to_string());
    Call::new(Caller::Nobody, method.clone(), path).body(body(method, template).to_string())
}

/// A valid body, so that the response depends on the permission.
fn body(method: &Method, template: &str) -> Value {
    let documented = &DOCUMENT["paths"][template][method.as_str().to_lowercase()];
    let examples = documented["requestBody"]["content"]["application/json"]["examples"].as_object();
    match (method.as_str(), template) {
        ("PUT", "/api/v1/bookings/{id}") => json!({"expected_version": 1, "special_requests": "Wrapped"}),
        ("POST", "/api/v1/bookings/{id}/cancel") => json!({"expected_version": 77}),
        ("POST", "/api/v1/bookings/{id}/status") => json!({"status": "CHECKED_IN", "expected_version": 77}),
        ("POST", "/api/v1/auth/password/change") => json!({"new_password": "correct horse battery"}),
        _ => {
            examples.and_then(|examples| Some(examples.values().next()?["value"].clone())).unwrap_or_default()
        }
    }
}

async fn walkers(world: &World) -> Vec<Walker> {
    let at = |role, id| Actor::member(BusinessId(OWNER), PersonId(id), role);
    let people = [
        (Caller::Guest, Actor::Guest(GuestId(GUEST))),
        (Caller::Stranger, Actor::Guest(GuestId(STRANGER))),
        (Caller::Owner, at(MemberRole::Owner, OWNER)),
        (Caller::Manager, at(MemberRole::Manager, MANAGER)),
        (Caller::FrontDesk, at(MemberRole::FrontDesk, FRONT_DESK)),
        (Caller::Reader, at(MemberRole::ReadOnly, READER)),
        (Caller::Rival, Actor::member(BusinessId(RIVAL), PersonId(RIVAL), MemberRole::Owner)),
        (Caller::Admin, Actor::Admin(PersonId(ADMIN))),
    ];
    let person = |(caller, actor): (Caller, Actor)| Walker {
        name: format!("{caller:?}"),
        bearer: world.token(caller).unwrap().to_owned(),
        actor,
    };
    let mut walkers: Vec<Walker> = people.into_iter().map(person).collect();
    for scope in Scope::ALL {
        for (owner, business) in [(Caller::Owner, OWNER), (Caller::Rival, RIVAL)] {
            walkers.push(key(world, owner, BusinessId(business), *scope).await);
        }
    }
    walkers
}

async fn key(world: &World, owner: Caller, business: BusinessId, scope: Scope) -> Walker {
    let asked = json!({"name": "Walker", "scopes": [scope.as_str()]});
    let made = Call::post(owner, format!("/api/v1/businesses/{business}/api-keys"), &asked).send(world).await;
    made.expect(201);
    let id: ApiKeyId = made.text("/api_key/id").parse().unwrap();
    let scopes: Scopes = [scope].into_iter().collect();
    Walker {
        name: format!("a key of {owner:?} with {scope}"),
        bearer: made.text("/secret"),
        actor: Actor::key(business, id, scopes),
    }
}
