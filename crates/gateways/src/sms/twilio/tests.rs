//! The adapter with responses as sent by Twilio.

use super::*;
use crate::Secret;

const NOW: Instant = Instant(1_760_000_000_000);
const CREATED: &str = "Thu, 09 Oct 2025 08:53:25 +0000";

fn settings(sender: Sender) -> TwilioSettings {
    TwilioSettings {
        account_sid: "AC0123456789abcdef0123456789abcdef".parse().unwrap(),
        auth_token: Secret::of("word"),
        sender,
        api_url: "https://api.twilio.com".parse().unwrap(),
        answer_ms_max: 1_000,
    }
}

fn message() -> SmsMessage {
    let to = "+15005550001".parse().unwrap();
    SmsMessage::new(to, "Your code is 123456".to_owned(), uuid::Uuid::nil()).unwrap()
}

fn response(status: u16, body: &str) -> Response {
    Response { status, retry_after_ms: None, body: body.as_bytes().to_vec() }
}

fn fields(request: Request) -> Vec<(&'static str, String)> {
    match request.ask {
        Ask::Get { query } => query,
        Ask::Post { form } => form,
    }
}

fn sent_with(status: u16, body: &str) -> Result<Sent, SmsError> {
    sent(Ok(response(status, body)))
}

fn refused(code: &str) -> Result<Sent, SmsError> {
    Err(SmsError::Refused { code: code.to_owned() })
}

/// One entry of a list, including fields that are not read.
fn listed(sid: &str, to: &str, body: &str, created: &str) -> String {
    format!(
        r#"{{"sid":"{sid}","to":"{to}","from":"+15005550006","body":"{body}","status":"queued","num_segments":"1",
        "price":null,"error_code":null,"error_message":null,"date_created":"{created}","date_sent":null,
        "direction":"outbound-api","api_version":"2010-04-01"}}"#
    )
}

fn page(entries: &[String]) -> Response {
    response(200, &format!(r#"{{"messages":[{}],"page":0,"next_page_uri":null}}"#, entries.join(",")))
}

fn look(entries: &[String]) -> LookUp {
    found(&page(entries), &message(), NOW)
}

fn found_as(sid: &str) -> LookUp {
    LookUp::Found { vendor_id: sid.to_owned() }
}

#[test]
fn a_message_is_asked_for_as_twilio_documents_it() {
    let number = Sender::Number("+15005550006".parse().unwrap());
    let request = to_send(&settings(number.clone()), &message());
    let sid = "AC0123456789abcdef0123456789abcdef";
    assert_eq!(request.url, format!("https://api.twilio.com/2010-04-01/Accounts/{sid}/Messages.json"));
    let (user, password) = request.account.as_ref().unwrap();
    assert_eq!((user.as_str(), password.expose()), (sid, "word"));
    assert!(matches!(request.ask, Ask::Post { .. }));
    let text = |text: &str| text.to_owned();
    let body = ("Body", text("Your code is 123456"));
    assert_eq!(fields(request), [("To", text("+15005550001")), ("From", text("+15005550006")), body.clone()]);
    let service = "MG0123456789abcdef0123456789abcdef";
    let expected = [("To", text("+15005550001")), ("MessagingServiceSid", text(service)), body];
    let service = settings(Sender::Service(service.parse().unwrap()));
    assert_eq!(fields(to_send(&service, &message())), expected);
    let look_up = to_look_up(&settings(number), &message());
    assert!(matches!(look_up.ask, Ask::Get { .. }));
    assert_eq!(fields(look_up), [("To", text("+15005550001")), ("PageSize", text("50"))]);
}

#[test]
fn a_message_that_was_taken_is_sent() {
    let body = listed("SM1", "+15005550001", "Your code is 123456", CREATED);
    assert_eq!(sent_with(201, &body), Ok(Sent { vendor_id: "SM1".to_owned() }));
}

#[test]
fn what_will_never_be_taken_is_refused_with_a_code_and_no_name() {
    let body = r#"{"code":21211,"message":"The 'To' number +15005550001 is not valid.",
        "more_info":"https://www.twilio.com/docs/errors/21211","status":400}"#;
    assert_eq!(sent_with(400, body), refused("Twilio 21211"));
    let SmsError::Refused { code } = sent_with(400, body).unwrap_err() else { panic!() };
    assert!(!code.contains("5550001"));
    assert_eq!(
        sent_with(401, r#"{"code":20003,"message":"Authenticate","status":401}"#),
        refused("Twilio 20003")
    );
    assert_eq!(sent_with(404, "<html>"), refused("HTTP 404"));
    assert_eq!(sent_with(302, ""), refused("HTTP 302"));
    let failed = r#"{"sid":"SM1","status":"failed","error_code":30008}"#;
    assert_eq!(sent_with(201, failed), refused("30008"));
    assert_eq!(
        sent_with(201, r#"{"sid":"SM1","status":"undelivered","error_code":null}"#),
        refused("undelivered")
    );
}

#[test]
fn what_may_be_taken_later_says_when() {
    let busy = Response { retry_after_ms: Some(7_000), ..response(429, r#"{"code":20429,"status":429}"#) };
    let Err(SmsError::TryLater { after_ms, .. }) = sent(Ok(busy)) else { panic!() };
    assert_eq!(after_ms, Some(7_000));
    for later in [sent_with(429, ""), sent_with(408, ""), sent(Err(NoResponse::NotSent))] {
        assert!(matches!(later, Err(SmsError::TryLater { after_ms: None, .. })), "{later:?}");
    }
}

#[test]
fn what_makes_no_sense_is_unclear() {
    for (status, body) in
        [(201, ""), (201, "{\"sid\":"), (201, "[]"), (200, "{}"), (500, "{}"), (503, ""), (100, "")]
    {
        assert_eq!(sent_with(status, body), Err(SmsError::Unclear), "{status} {body}");
    }
    assert_eq!(sent(Err(NoResponse::Lost)), Err(SmsError::Unclear));
}

#[test]
fn a_message_is_found_by_recipient_text_and_time() {
    let to = "+15005550001";
    let ours = listed("SM9", to, "Your code is 123456", CREATED);
    let others = [
        listed("SM1", to, "Your code is 654321", CREATED),
        listed("SM2", "+15005550002", "Your code is 123456", CREATED),
        listed("SM3", to, "Your code is 123456", "Thu, 09 Oct 2025 08:40:00 +0000"),
    ];
    assert_eq!(look(&others), LookUp::NotFound);
    assert_eq!(look(&[]), LookUp::NotFound);
    let mut all = others.to_vec();
    all.push(ours);
    assert_eq!(look(&all), found_as("SM9"));
    let trial = listed("SM4", to, "Sent from your Twilio trial account - Your code is 123456", CREATED);
    assert_eq!(look(&[trial]), found_as("SM4"));
    // Their clock is a little behind ours.
    assert_eq!(
        look(&[listed("SM5", to, "Your code is 123456", "Thu, 09 Oct 2025 08:50:00 +0000")]),
        found_as("SM5")
    );
    assert_eq!(look(&[listed("SM6", to, "Your code is 123456", "some day")]), found_as("SM6"));
}

#[test]
fn a_list_that_may_go_on_tells_nothing_about_what_is_not_on_it() {
    let other = |created| listed("SM1", "+15005550001", "another", created);
    let full = vec![other(CREATED); PAGE_MESSAGES];
    assert_eq!(look(&full), LookUp::Unknown);
    assert_eq!(look(&full[1..]), LookUp::NotFound);
    let mut reaching_back = full;
    reaching_back[PAGE_MESSAGES - 1] = other("Wed, 08 Oct 2025 08:53:25 +0000");
    assert_eq!(look(&reaching_back), LookUp::NotFound);
}

#[test]
fn a_list_that_cannot_be_read_tells_nothing() {
    for (status, body) in
        [(200, ""), (200, "{\"messages\":[{\"sid\""), (200, "{}"), (401, "{}"), (500, ""), (429, "")]
    {
        assert_eq!(found(&response(status, body), &message(), NOW), LookUp::Unknown, "{status} {body}");
    }
}
