//! SMTP against aiosmtpd.

use gateways::mail::{Mail, MailError, MailGateway, Smtp, SmtpSettings};
use testkit::SmtpServer;
use uuid::Uuid;

use super::world::{NOW, run};

fn gateway(server: &SmtpServer, options: &str) -> MailGateway {
    let url = format!("smtp://127.0.0.1:{}{options}", server.port());
    let from = "Harbour Inn <inn@example.org>".parse().unwrap();
    MailGateway::Smtp(Smtp::new(SmtpSettings { url: url.parse().unwrap(), from }).unwrap())
}

fn mail_to(to: &str) -> Mail {
    let texts = ("Grüße aus Łódź.\r\n.\r\nQUIT\r\n".to_owned(), Some("<p>Grüße</p>".to_owned()));
    Mail::new(Uuid::from_u128(7), to.parse().unwrap(), "Ihr Zimmer № 7".to_owned(), texts).unwrap()
}

fn send(server: &SmtpServer, options: &str, to: &str) -> Result<(), MailError> {
    run(gateway(server, options).send(&mail_to(to), NOW))
}

#[test]
fn a_mail_arrives_whole() {
    let Some(mut server) = SmtpServer::start() else { return };
    send(&server, "?tls=none", "guest@example.org").unwrap();
    let mail = server.mail();
    assert_eq!(
        (mail["from"].as_str(), mail["to"][0].as_str()),
        (Some("inn@example.org"), Some("guest@example.org"))
    );
    let text = mail["text"].as_str().unwrap();
    for part in [
        "Message-ID: <00000000000000000000000000000007@example.org>",
        "multipart/alternative",
        "Auto-Submitted:",
    ] {
        assert!(text.contains(part), "{part} is in {text}");
    }
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.is_ascii() && head.contains("=?utf-8?"), "{head}");
}

#[test]
fn a_mail_whose_answer_was_lost_is_sent_again_as_the_same_mail() {
    let Some(mut server) = SmtpServer::start() else { return };
    let ids = [(); 2].map(|()| {
        let sent = send(&server, "?tls=none", "cut@example.org");
        assert!(matches!(sent, Err(MailError::TryLater { .. })), "{sent:?}");
        let text = server.mail()["text"].as_str().unwrap().to_owned();
        text.lines().find(|line| line.starts_with("Message-ID")).unwrap().to_owned()
    });
    assert_eq!(ids[0], ids[1]);
}

#[test]
fn deferred_mail_is_retried_and_refused_mail_is_not_and_errors_name_no_person() {
    let Some(server) = SmtpServer::start() else { return };
    let later = MailError::TryLater { reason: "SMTP 451".to_owned() };
    assert_eq!(send(&server, "?tls=none", "later@example.org"), Err(later));
    let never = MailError::Refused { code: "SMTP 550".to_owned() };
    assert_eq!(send(&server, "?tls=none", "never@example.org"), Err(never));
}

#[test]
fn a_server_without_tls_gets_nothing_unless_that_is_allowed() {
    let Some(mut server) = SmtpServer::start() else { return };
    for options in ["", "?tls=required"] {
        let refused = send(&server, options, "first@example.org");
        assert!(matches!(refused, Err(MailError::TryLater { .. })), "{refused:?}");
    }
    send(&server, "?tls=opportunistic", "second@example.org").unwrap();
    assert_eq!(server.mail()["to"][0], "second@example.org", "the first mails never came");
}

#[test]
fn a_server_whose_certificate_nobody_vouches_for_gets_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let Some(pem) = self_signed(directory.path()) else {
        return testkit::skipped("there is no `openssl` to make a certificate");
    };
    let Some(server) = SmtpServer::start_with_tls(&pem) else { return };
    for options in ["", "?tls=opportunistic"] {
        let refused = send(&server, options, "guest@example.org");
        assert!(matches!(refused, Err(MailError::TryLater { .. })), "{refused:?}");
    }
}

#[test]
fn an_unreachable_mail_server_is_retried() {
    let Some(server) = SmtpServer::start() else { return };
    let gateway = gateway(&server, "?tls=none");
    drop(server);
    let sent = run(gateway.send(&mail_to("guest@example.org"), NOW));
    assert!(matches!(sent, Err(MailError::TryLater { .. })), "{sent:?}");
}

#[test]
fn the_built_in_inbox_takes_mails_and_nothing_takes_none() {
    let all = gateways::Gateways::inbox();
    let mail = mail_to("guest@example.org");
    run(async {
        all.mail.send(&mail, NOW).await.unwrap();
        let refused = MailGateway::Off.send(&mail, NOW).await;
        assert_eq!(refused, Err(MailError::Refused { code: "mail is disabled".to_owned() }));
    });
    let received = all.inbox_in_use().unwrap().message(1).unwrap();
    assert_eq!(received.subject.as_deref(), Some("Ihr Zimmer № 7"));
    assert_eq!((received.to.as_str(), received.html.as_deref()), ("guest@example.org", Some("<p>Grüße</p>")));
}

/// A certificate and its key in one file.
fn self_signed(directory: &std::path::Path) -> Option<String> {
    let pem = directory.join("both.pem").to_str().unwrap().to_owned();
    let arguments =
        ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-keyout", &pem];
    let made = std::process::Command::new("openssl").args(arguments).output().ok()?;
    let key = std::fs::read(&pem).ok()?;
    std::fs::write(&pem, [key, made.stdout].concat()).unwrap();
    made.status.success().then_some(pem)
}
