//! The built-in inbox over HTTP shows every message as text.

use app::jobs::{Job, SendMail, SendSms, drain, submit};
use axum::http::StatusCode;
use serde_json::json;

use crate::client::Caller::Nobody;
use crate::client::{Call, Reply};
use crate::world::{NOW, World, run};

const HOSTILE: &str = "<script>alert('x')</script> & \"quoted\"";

testkit::on_both_databases! {
    fn messages_are_shown_as_text(database: &TestDatabase) {
        run(database, shown);
    }
}

async fn get(world: &World, path: &str) -> Reply {
    Call::get(Nobody, path).send(world).await
}

async fn text(world: &World, path: &str) -> String {
    let reply = get(world, path).await;
    assert_eq!(reply.status, StatusCode::OK);
    let policy = reply.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    String::from_utf8(reply.bytes).unwrap()
}

async fn shown(world: &World) {
    assert!(text(world, "/dev/inbox").await.contains("Nothing has arrived"));
    assert_eq!(get(world, "/dev/inbox.json").await.expect(200), json!({"messages": []}));
    let sms = SendSms { to: "+15005550001".parse().unwrap(), body: HOSTILE.to_owned() };
    submit(&world.app, Job::SendSms(sms)).await.unwrap();
    drain(&world.app).await.unwrap();
    let (subject, to) = (HOSTILE.to_owned(), "guest@example.org".parse().unwrap());
    let mail = SendMail { to, subject, text: HOSTILE.to_owned(), html: Some(HOSTILE.to_owned()) };
    let job = submit(&world.app, Job::SendMail(mail)).await.unwrap();
    drain(&world.app).await.unwrap();
    let escaped = "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;quoted&quot;";
    for (path, count) in [("/dev/inbox", 3), ("/dev/inbox/1", 1), ("/dev/inbox/2", 3)] {
        let page = text(world, path).await;
        assert_eq!(page.matches(escaped).count(), count, "{path}: {page}");
        assert!(!page.contains("<script") && !page.contains(" style="), "{page}");
    }
    assert!(text(world, "/dev/inbox").await.contains("http-equiv=\"refresh\""));
    let listed = get(world, "/dev/inbox.json").await.expect(200);
    let expected = json!({"number": 2, "medium": "mail", "at": NOW.to_string(), "reference": job.0.to_string(),
        "to": "guest@example.org", "subject": HOSTILE, "text": HOSTILE, "html": HOSTILE});
    assert_eq!(listed["messages"][0], expected);
    assert_eq!(get(world, "/dev/inbox.css").await.header("content-type"), Some("text/css"));
    for absent in ["/dev/inbox/3", "/dev/inbox/x", "/dev/inbox/-1"] {
        get(world, absent).await.refused(404, "not-found");
    }
}
