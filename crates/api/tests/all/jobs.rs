//! Jobs over HTTP: an admin lists background jobs and retries failed ones.

use app::jobs::{self as app_jobs, Job, SendSms};
use serde_json::{Value, json};

use crate::client::Call;
use crate::client::Caller::{Admin, Guest, Owner};
use crate::world::{NOW, World, run};

testkit::on_both_databases! {
    fn a_job_can_be_followed_to_its_end(database: &TestDatabase) {
        run(database, follow);
    }

    fn what_was_given_up_is_listed_and_tried_again(database: &TestDatabase) {
        run(database, retry);
    }

    fn lists_are_paged_and_their_parameters_checked(database: &TestDatabase) {
        run(database, pages);
    }
}

async fn submit(world: &World, body: &str) -> String {
    let job = Job::SendSms(SendSms { to: "+15005550001".parse().unwrap(), body: body.to_owned() });
    app_jobs::submit(&world.app, job).await.unwrap().to_string()
}

async fn list(world: &World, query: &str) -> (Vec<String>, Value) {
    let page = Call::get(Admin, format!("/api/v1/jobs{query}")).send(world).await.expect(200);
    let ids = page["jobs"].as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap().to_owned());
    (ids.collect(), page["next_cursor"].clone())
}

async fn follow(world: &World) {
    let id = submit(world, "Hello").await;
    let path = format!("/api/v1/jobs/{id}");
    let waiting = Call::get(Admin, &path).send(world).await.expect(200);
    let moment = NOW.to_string();
    let expected = json!({"id": id, "kind": "send_sms", "state": "waiting", "run_at": moment, "attempts": 0,
        "attempts_max": 8, "last_error": null, "created_at": moment, "finished_at": null});
    assert_eq!(waiting, expected);
    app_jobs::drain(&world.app).await.unwrap();
    let done = Call::get(Admin, &path).send(world).await.expect(200);
    assert_eq!(
        (&done["state"], &done["attempts"], &done["finished_at"]),
        (&json!("done"), &json!(1), &json!(moment))
    );
    assert!(!done.to_string().contains("5550001"), "what a job carries is not shown");
    for stranger in [Guest, Owner] {
        Call::get(stranger, &path).send(world).await.refused(404, "not-found");
        Call::get(stranger, "/api/v1/jobs").send(world).await.refused(404, "not-found");
    }
    Call::get(Admin, "/api/v1/jobs/xyz").send(world).await.wrong(&["path:id"]);
}

async fn retry(world: &World) {
    let (dead, done) = (submit(world, &"x".repeat(1_601)).await, submit(world, "Hello").await);
    app_jobs::drain(&world.app).await.unwrap();
    assert_eq!(list(world, "?state=dead").await.0, std::slice::from_ref(&dead));
    let path = format!("/api/v1/jobs/{dead}/retry");
    Call::post(Guest, &path, &json!({})).send(world).await.refused(404, "not-found");
    let again = Call::post(Admin, &path, &json!({})).send(world).await.expect(200);
    assert_eq!((&again["state"], &again["attempts"]), (&json!("waiting"), &json!(0)));
    let refused = Call::post(Admin, &path, &json!({})).send(world).await.refused(409, "job-not-given-up");
    assert_eq!(refused["state"], "waiting");
    let refused = Call::post(Admin, format!("/api/v1/jobs/{done}/retry"), &json!({})).send(world).await;
    assert_eq!(refused.refused(409, "job-not-given-up")["state"], "done");
    app_jobs::drain(&world.app).await.unwrap();
    assert_eq!(list(world, "?state=dead").await.0, [dead]);
}

async fn pages(world: &World) {
    let mut all = Vec::new();
    for number in 0..5 {
        all.insert(0, submit(world, &format!("message {number}")).await);
    }
    let (first, next) = list(world, "?limit=3").await;
    assert_eq!(first, all[..3]);
    let (second, end) =
        list(world, &format!("?limit=3&cursor={}&state=waiting", next.as_str().unwrap())).await;
    assert_eq!((second.as_slice(), end), (&all[3..], Value::Null));
    assert_eq!(list(world, "?state=unclear").await, (Vec::new(), Value::Null));
    let wrong = Call::get(Admin, "/api/v1/jobs?limit=0&cursor=x&state=lost&kind=y").send(world).await;
    wrong.wrong(&["query:cursor", "query:kind", "query:limit", "query:state"]);
    app_jobs::drain(&world.app).await.unwrap();
}
