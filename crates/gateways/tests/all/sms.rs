//! Twilio over a real connection: what is sent, and what happens when the network fails.

use gateways::Secret;
use gateways::sms::{LookUp, Sender, Sent, SmsError, SmsGateway, SmsMessage, Twilio, TwilioSettings};
use testkit::{TwilioServer, Whim};
use uuid::Uuid;

use super::world::{NOW, run};

/// Long enough for a server on this machine.
const PATIENT_MS: u64 = 60_000;
const IMPATIENT_MS: u64 = 300;

fn gateway(url: &str, answer_ms_max: u64) -> SmsGateway {
    let settings = TwilioSettings {
        account_sid: TwilioServer::ACCOUNT.parse().unwrap(),
        auth_token: Secret::of(TwilioServer::TOKEN),
        sender: Sender::Number("+15005550006".parse().unwrap()),
        api_url: url.parse().unwrap(),
        answer_ms_max,
    };
    SmsGateway::Twilio(Twilio::new(settings).unwrap())
}

fn message() -> SmsMessage {
    SmsMessage::new("+15005550001".parse().unwrap(), "Ihr Code für & bei uns: 123456".to_owned(), Uuid::nil())
        .unwrap()
}

/// What happens to one message, and the resulting outcome.
fn send_into(whim: Option<Whim>) -> (Result<Sent, SmsError>, LookUp, TwilioServer) {
    let server = TwilioServer::start(NOW);
    let answer_ms_max = if whim == Some(Whim::DoAndHang) { IMPATIENT_MS } else { PATIENT_MS };
    server.at_sends(whim);
    let (sent, known) = run(async {
        let gateway = gateway(&server.url(), answer_ms_max);
        (gateway.send(&message(), NOW).await, gateway.look_up(&message(), NOW).await)
    });
    (sent, known, server)
}

#[test]
fn a_message_arrives_as_it_was_written() {
    let (sent, known, server) = send_into(None);
    let messages = server.messages();
    assert_eq!(messages.len(), 1);
    assert_eq!(sent, Ok(Sent { vendor_id: messages[0].sid.clone() }));
    assert_eq!(known, LookUp::Found { vendor_id: messages[0].sid.clone() });
    assert_eq!((messages[0].to.as_str(), messages[0].from.as_str()), ("+15005550001", "+15005550006"));
    assert_eq!(messages[0].body, "Ihr Code für & bei uns: 123456");
}

#[test]
fn a_message_whose_answer_is_lost_is_unclear_and_then_found() {
    for whim in [Whim::DoAndCut, Whim::DoAndHang, Whim::DoAndSay("{\"sid\": 7"), Whim::DoAndFlood] {
        let (sent, known, server) = send_into(Some(whim.clone()));
        assert_eq!(sent, Err(SmsError::Unclear), "{whim:?}");
        assert_eq!(known, LookUp::Found { vendor_id: server.messages()[0].sid.clone() }, "{whim:?}");
        assert_eq!(server.asked(), (1, 1), "{whim:?}: sent once");
    }
}

#[test]
fn a_message_that_was_lost_on_its_way_is_unclear_and_not_found() {
    let (sent, known, server) = send_into(Some(Whim::Cut));
    assert_eq!((sent, known), (Err(SmsError::Unclear), LookUp::NotFound));
    assert_eq!((server.messages().len(), server.asked()), (0, (1, 1)));
}

#[test]
fn a_server_that_is_busy_says_when_to_come_again() {
    for (header, after_ms) in [
        ("Retry-After: 30\r\n", Some(30_000)),
        ("Retry-After: 999999999\r\n", Some(3_600_000)),
        ("Retry-After: -1\r\n", None),
        ("Retry-After: Thu, 09 Oct 2025 08:53:20 GMT\r\n", None),
        ("", None),
    ] {
        let (sent, ..) = send_into(Some(Whim::Refuse(429, header, "{\"code\":20429}")));
        assert_eq!(sent, Err(SmsError::TryLater { after_ms, reason: "too many requests" }), "{header:?}");
    }
}

#[test]
fn a_refusal_is_final_and_known_by_its_code() {
    let body = r#"{"code":21610,"message":"+15005550001 has unsubscribed","status":400}"#;
    let (sent, known, _server) = send_into(Some(Whim::Refuse(400, "", body)));
    assert_eq!(sent, Err(SmsError::Refused { code: "Twilio 21610".to_owned() }));
    assert_eq!(known, LookUp::NotFound);
}

#[test]
fn redirects_are_not_followed() {
    let elsewhere = TwilioServer::start(NOW);
    let header = format!(
        "Location: {}/2010-04-01/Accounts/{}/Messages.json\r\n",
        elsewhere.url(),
        TwilioServer::ACCOUNT
    );
    for status in [302, 307, 308] {
        let (sent, ..) = send_into(Some(Whim::Refuse(status, header.clone().leak(), "")));
        assert_eq!(sent, Err(SmsError::Refused { code: format!("HTTP {status}") }));
    }
    assert_eq!(elsewhere.asked(), (0, 0));
}

#[test]
fn an_unreachable_server_means_not_sent() {
    let server = TwilioServer::start(NOW);
    let url = server.url();
    drop(server);
    // The port may still accept the connection that stopped the server.
    let sent = run(async { gateway(&url, PATIENT_MS).send(&message(), NOW).await });
    assert!(matches!(sent, Err(SmsError::TryLater { after_ms: None, .. } | SmsError::Unclear)), "{sent:?}");
}

#[test]
fn a_list_that_cannot_be_had_leaves_it_unknown() {
    let whims = [
        Whim::Cut,
        Whim::DoAndFlood,
        Whim::DoAndSay("{"),
        Whim::Refuse(500, "", "{}"),
        Whim::Refuse(429, "", ""),
    ];
    let server = TwilioServer::start(NOW);
    let count = whims.len();
    server.at_look_ups(whims);
    run(async {
        let gateway = gateway(&server.url(), PATIENT_MS);
        gateway.send(&message(), NOW).await.unwrap();
        for _ in 0..count {
            assert_eq!(gateway.look_up(&message(), NOW).await, LookUp::Unknown);
        }
        assert!(matches!(gateway.look_up(&message(), NOW).await, LookUp::Found { .. }));
    });
}

#[test]
fn a_wrong_token_is_refused() {
    let server = TwilioServer::start(NOW);
    let settings = TwilioSettings {
        account_sid: TwilioServer::ACCOUNT.parse().unwrap(),
        auth_token: Secret::of("another"),
        sender: Sender::Service("MG0123456789abcdef0123456789abcdef".parse().unwrap()),
        api_url: server.url().parse().unwrap(),
        answer_ms_max: PATIENT_MS,
    };
    let gateway = SmsGateway::Twilio(Twilio::new(settings).unwrap());
    let sent = run(gateway.send(&message(), NOW));
    assert_eq!(sent, Err(SmsError::Refused { code: "Twilio 20003".to_owned() }));
}

#[test]
fn the_built_in_inbox_takes_and_finds_messages_and_nothing_takes_none() {
    let all = gateways::Gateways::inbox();
    let inbox = all.inbox_in_use().unwrap().clone();
    run(async {
        assert_eq!(all.sms.look_up(&message(), NOW).await, LookUp::NotFound);
        all.sms.send(&message(), NOW).await.unwrap();
        assert_eq!(all.sms.look_up(&message(), NOW).await, LookUp::Found { vendor_id: "1".to_owned() });
        let refused = SmsGateway::Off.send(&message(), NOW).await;
        assert_eq!(refused, Err(SmsError::Refused { code: "SMS is disabled".to_owned() }));
    });
    let received = inbox.message(1).unwrap();
    assert_eq!((received.to.as_str(), received.at), ("+15005550001", NOW));
    assert_eq!(received.text, "Ihr Code für & bei uns: 123456");
}
