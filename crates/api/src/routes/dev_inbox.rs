//! The built-in inbox as pages and as JSON, at `/dev/inbox`. If all messages go to vendors, these pages do not exist.

use std::fmt::Write as _;
use std::sync::Arc;

use app::App;
use app::inbox::{self, Received};
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;

use super::extract::{Segment, json};
use wire::problem::Problem;

type Shared = State<Arc<App>>;

/// How often the list reloads, in seconds.
const REFRESH_S: u32 = 3;
const STYLE: &str = include_str!("dev_inbox.css");
/// Nothing from other origins, and nothing that a message could contain.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/dev/inbox", get(list))
        .route("/dev/inbox.json", get(list_json))
        .route("/dev/inbox.css", get(|| async { ([(header::CONTENT_TYPE, "text/css")], STYLE) }))
        .route("/dev/inbox/{number}", get(one))
}

#[derive(Serialize)]
struct Listed {
    messages: Vec<Received>,
}

async fn list_json(State(app): Shared) -> Result<Response, Problem> {
    let messages = inbox::list(&app).ok_or_else(no_inbox)?;
    let mut response = json(StatusCode::OK, &Listed { messages });
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    Ok(response)
}

async fn list(State(app): Shared) -> Result<Response, Problem> {
    Ok(page("Inbox", &list_of(&inbox::list(&app).ok_or_else(no_inbox)?), Some(REFRESH_S)))
}

async fn one(State(app): Shared, Segment(number): Segment) -> Result<Response, Problem> {
    let message = number.parse().ok().and_then(|number| inbox::get(&app, number));
    let message = message.ok_or_else(|| Problem::not_found("message"))?;
    Ok(page("Message", &whole(&message), None))
}

fn no_inbox() -> Problem {
    Problem::not_found("page")
}

fn list_of(messages: &[Received]) -> String {
    if messages.is_empty() {
        return "<p>Nothing has arrived yet. SMS and mails that the server sends are shown here.</p>"
            .to_owned();
    }
    let mut html = String::from("<ol>");
    for message in messages {
        // Writing to a String cannot fail.
        let _ = write!(
            html,
            "<li><a href=\"/dev/inbox/{}\">{}</a><pre>{}</pre></li>",
            message.number,
            head(message),
            Escaped(&message.text)
        );
    }
    html.push_str("</ol>");
    html
}

fn whole(message: &Received) -> String {
    let mut html = format!(
        "<p><a href=\"/dev/inbox\">All messages</a></p><h2>{}</h2><pre>{}</pre>",
        head(message),
        Escaped(&message.text)
    );
    if let Some(other) = &message.html {
        let _ = write!(html, "<h3>As HTML</h3><pre>{}</pre>", Escaped(other));
    }
    html
}

fn head(message: &Received) -> String {
    let subject = message.subject.as_deref().unwrap_or_default();
    let (medium, to) = (message.medium.as_str(), Escaped(&message.to));
    format!("<time>{}</time> {medium} to <b>{to}</b> {}", message.at, Escaped(subject))
}

fn page(title: &str, body: &str, refresh_s: Option<u32>) -> Response {
    let refresh = refresh_s.map(|seconds| format!("<meta http-equiv=\"refresh\" content=\"{seconds}\">"));
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title} · Holdfast</title>\
         <meta name=\"viewport\" content=\"width=device-width\">{}<link rel=\"stylesheet\" href=\"/dev/inbox.css\">\
         </head><body><main><h1>{title}</h1>{body}</main></body></html>",
        refresh.unwrap_or_default()
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, html).into_response()
}

/// A text inside HTML, or inside a quoted attribute.
struct Escaped<'a>(&'a str);

impl std::fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}
