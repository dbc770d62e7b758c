//! Settings from every source, and the committed table.

use std::path::Path;

use gateways::mail::MailGateway;
use gateways::sms::SmsGateway;

use super::sources::Source;
use super::table::ALL;
use super::{Override, Purpose, Settings, Sources, Wrong, show};

const TWILIO_SID: &str = "AC0123456789abcdef0123456789abcdef";
const SECRET: &str = "a secret of at least thirty-two bytes";

/// A working directory with these files.
fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

fn gather(
    files: &[(&str, &str)],
    environment: &[(&str, &str)],
    line: &[(&'static str, &str, &str)],
) -> Sources {
    let directory = directory(files);
    let variables = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let overrides = line.iter().map(|(flag, key, value)| Override {
        flag,
        key: (*key).to_owned(),
        value: (*value).to_owned(),
    });
    Sources::gather(ALL, directory.path(), None, variables, overrides.collect())
}

fn complaints(sources: &Sources, purpose: Purpose) -> Vec<String> {
    let wrong = Settings::load(sources, purpose).err().unwrap_or_default();
    wrong.iter().map(Wrong::to_string).collect()
}

#[test]
fn the_command_line_is_above_the_environment_above_dotenv_above_the_file() {
    let file = ("holdfast.toml", "port = 1\nlanes = 3\nreaders = 4\nhost = \"::1\"\n");
    let dotenv = (".env", "HOLDFAST_PORT=2\nHOLDFAST_LANES=5\nHOLDFAST_READERS=6\n");
    let environment = [("HOLDFAST_PORT", "3"), ("HOLDFAST_LANES", "7"), ("HOLDFAST_HOST", "")];
    let sources = gather(&[file, dotenv], &environment, &[("--port", "port", "4")]);
    let settings = Settings::load(&sources, Purpose::Serve).ok().unwrap();
    assert_eq!((settings.port, settings.lanes, settings.readers), (4, 7, 6));
    assert_eq!(settings.host.to_string(), "::1", "an empty variable is none");
    let source = |key| sources.given(ALL.iter().find(|setting| setting.key == key).unwrap()).1;
    assert_eq!(source("port"), Source::CommandLine("--port"));
    assert_eq!(source("lanes"), Source::Environment);
    assert_eq!(source("readers"), Source::Dotenv { line: 3 });
    assert_eq!(source("host"), Source::File { path: "holdfast.toml".into(), line: 4 });
    assert_eq!(source("limits.body_bytes"), Source::Default);
}

#[test]
fn everything_that_is_wrong_is_named_at_once_and_where() {
    let file =
        "prot = 1\nport = 70000\n[limits]\nbody_bytes = 1\n[http]\ncors_origins = [\"https://a/b\"]\nx = 1\n";
    let files = [("holdfast.toml", file), (".env", "nonsense\nHOLDFAST_RATES_READ=many\n")];
    let environment = [
        ("SECRET_KEY", "hush"),
        ("DATABASE_URL", "mysql://ada:hush@h/x"),
        ("HOLDFAST_LANE", "1"),
        ("HOLDFAST_TEST_POSTGRES", "x"),
        ("PATH", "/bin"),
    ];
    let sources = gather(&files, &environment, &[("--set", "nothing", "1"), ("--host", "host", "x")]);
    let said = complaints(&sources, Purpose::Serve);
    let expected = [
        "holdfast.toml line 1: prot is not a setting",
        "holdfast.toml line 7: http.x is not a setting",
        ".env line 1: expected NAME=value",
        "environment: HOLDFAST_LANE is not a setting",
        "command line --set: nothing is not a setting",
        "command line --host (host) is \"x\": ",
        "holdfast.toml line 2: port is \"70000\": ",
        "environment: DATABASE_URL is invalid: must be sqlite:PATH or postgres://",
        "environment: SECRET_KEY is invalid: has 4 bytes, but must have at least 32",
        "holdfast.toml line 6: http.cors_origins is invalid: must be http",
        "holdfast.toml line 4: limits.body_bytes is \"1\": must be a whole number from 1024 to 16777216",
        ".env line 2: HOLDFAST_RATES_READ is \"many\": must be COUNT/SECONDS",
    ];
    for (said, expected) in said.iter().zip(expected) {
        assert!(said.starts_with(expected), "{said}\n{expected}");
    }
    assert_eq!(said.len(), expected.len(), "{said:#?}");
    assert!(!said.join("").contains("hush"), "{said:#?}");
}

#[test]
fn a_named_file_must_be_there() {
    let here = tempfile::tempdir().unwrap();
    let sources =
        Sources::gather(ALL, here.path(), Some(Path::new("gone.toml")), std::iter::empty(), Vec::new());
    let said = complaints(&sources, Purpose::Tend);
    assert!(said[0].starts_with("gone.toml: cannot read the file"), "{said:?}");
}

#[test]
fn production_refuses_what_is_only_good_for_trying_things_out() {
    let production = [("HOLDFAST_ENV", "production")];
    let said = complaints(&gather(&[], &production, &[]), Purpose::Serve).join("\n");
    for name in ["SECRET_KEY is not set: production", "HOLDFAST_PUBLIC_URL", "TWILIO_ACCOUNT_SID", "SMTP_URL"]
    {
        assert!(said.contains(name), "{said}");
    }
    assert_eq!(complaints(&gather(&[], &production, &[]), Purpose::Tend), [""; 0]);
    let built_in = [("HOLDFAST_ENV", "production"), ("SECRET_KEY", super::BUILT_IN_SECRET)];
    let said = complaints(&gather(&[], &built_in, &[]), Purpose::Serve).join("\n");
    assert!(said.contains("SECRET_KEY is the built-in secret"), "{said}");
    let whole = [
        ("HOLDFAST_ENV", "production"),
        ("SECRET_KEY", SECRET),
        ("HOLDFAST_PUBLIC_URL", "https://book.example.org"),
        ("TWILIO_ACCOUNT_SID", TWILIO_SID),
        ("TWILIO_AUTH_TOKEN", "t"),
        ("TWILIO_FROM_NUMBER", "+15550100"),
        ("SMTP_URL", "smtps://ada:pw@mail.example.org"),
        ("MAIL_FROM", "desk@example.org"),
    ];
    assert_eq!(complaints(&gather(&[], &whole, &[]), Purpose::Serve), [""; 0]);
}

#[test]
fn what_goes_together_is_asked_for_together() {
    let cases = [
        (vec![("HOLDFAST_TLS_KEY", "k.pem")], "HOLDFAST_TLS_CERTIFICATE is not set"),
        (vec![("HOLDFAST_TLS_CERTIFICATE", "c.pem")], "HOLDFAST_TLS_KEY is not set"),
        (vec![("TWILIO_ACCOUNT_SID", TWILIO_SID), ("TWILIO_AUTH_TOKEN", "t")], "TWILIO_FROM_NUMBER or"),
        (vec![("TWILIO_FROM_NUMBER", "+15550100")], "TWILIO_ACCOUNT_SID is not set"),
        (vec![("SMTP_URL", "smtp://h")], "MAIL_FROM is not set"),
        (
            vec![
                ("HOLDFAST_EXTERNAL_ISSUER_ISSUER", "https://id"),
                ("HOLDFAST_EXTERNAL_ISSUER_AUDIENCE", "us"),
            ],
            "HOLDFAST_EXTERNAL_ISSUER_JWKS_URL is not set",
        ),
        (
            vec![
                ("HOLDFAST_EXTERNAL_ISSUER_ISSUER", "https://id"),
                ("HOLDFAST_EXTERNAL_ISSUER_JWKS_URL", "https://id/keys"),
            ],
            "HOLDFAST_EXTERNAL_ISSUER_AUDIENCE is not set",
        ),
        (
            vec![
                ("HOLDFAST_EXTERNAL_ISSUER_AUDIENCE", "us"),
                ("HOLDFAST_EXTERNAL_ISSUER_JWKS_URL", "https://id/keys"),
            ],
            "HOLDFAST_EXTERNAL_ISSUER_ISSUER is not set",
        ),
        (
            vec![
                ("HOLDFAST_EXTERNAL_ISSUER_ISSUER", "holdfast"),
                ("HOLDFAST_EXTERNAL_ISSUER_AUDIENCE", "us"),
                ("HOLDFAST_EXTERNAL_ISSUER_JWKS_URL", "https://id/keys"),
            ],
            "must differ from tokens.issuer",
        ),
        (
            vec![("HOLDFAST_EXTERNAL_ISSUER_JWKS_URL", "http://id.example.org/keys")],
            "http:// on this machine",
        ),
        (
            vec![("HOLDFAST_TLS_CERTIFICATE", "/nowhere/c.pem"), ("HOLDFAST_TLS_KEY", "/nowhere/k.pem")],
            "cannot read /nowhere/c.pem",
        ),
        (vec![("HOLDFAST_DATABASE_ROOT_CERTIFICATE", "c.pem")], "verify-full"),
    ];
    for (environment, expected) in cases {
        let said = complaints(&gather(&[], &environment, &[]), Purpose::Tend);
        assert!(said.len() == 1 && said[0].contains(expected), "{said:?}");
    }
}

#[test]
fn secrets_are_masked_where_settings_are_shown() {
    let environment = [
        ("SECRET_KEY", SECRET),
        ("SECRET_KEYS_OLD", "another secret of thirty-two bytes!!,and one more secret of so many bytes"),
        ("TWILIO_AUTH_TOKEN", "hush-token"),
        ("DATABASE_URL", "postgres://ada:hush@h/x"),
        ("REDIS_URL", "redis://:hush@h"),
        ("SMTP_URL", "smtp://ada:hush@h"),
    ];
    let sources = gather(&[("holdfast.toml", "[http]\ntrusted_hosts = [\"a\", \"b\"]\n")], &environment, &[]);
    let (lines, json) = (show::lines(&sources).join("\n"), show::json(&sources));
    for shown in [&lines, &json.to_string()] {
        assert!(!shown.contains("hush") && !shown.contains("secret of"), "{shown}");
    }
    assert!(lines.contains("postgres://ada:***@h/x"), "{lines}");
    assert_eq!(json["secrets.key"]["value"], "***");
    assert_eq!(json["http.trusted_hosts"]["value"], "a, b");
    assert_eq!(json["http.trusted_hosts"]["source"], "holdfast.toml line 2");
    assert_eq!((&json["port"]["value"], &json["port"]["source"]), (&"8080".into(), &"default".into()));
    assert!(json["public_url"]["value"].is_null());
}

#[test]
fn names_are_unique_and_every_default_is_right() {
    let mut names: Vec<String> =
        ALL.iter().flat_map(|setting| [setting.key.to_owned(), setting.variable()]).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), ALL.len() * 2);
    assert_eq!(complaints(&gather(&[], &[], &[]), Purpose::Serve), [""; 0]);
}

#[test]
fn the_committed_table_is_the_generated_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/settings.md");
    let text = show::markdown();
    if std::env::var_os("HOLDFAST_UPDATE").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, text, "run HOLDFAST_UPDATE=1 cargo test -p holdfast settings");
}

#[test]
fn tls_to_the_database_goes_behind_its_url() {
    let database = |tls: &str, roots: &str, url: &str| {
        let environment = [
            ("DATABASE_URL", url),
            ("HOLDFAST_DATABASE_TLS", tls),
            ("HOLDFAST_DATABASE_ROOT_CERTIFICATE", roots),
        ];
        match Settings::load(&gather(&[], &environment, &[]), Purpose::Tend).ok().unwrap().database_or("x.db")
        {
            store::Database::Postgres(url) => url,
            store::Database::Sqlite(path) => path.display().to_string(),
        }
    };
    let cases = [
        ("", "", "postgres://h/x?sslmode=require", "postgres://h/x?sslmode=require"),
        ("require", "", "postgres://h/x", "postgres://h/x?sslmode=require"),
        ("off", "", "postgres://h/x?sslmode=require", "postgres://h/x?sslmode=require&sslmode=disable"),
        (
            "verify-full",
            "/a&b.pem",
            "postgres://h/x",
            "postgres://h/x?sslmode=verify-full&sslrootcert=/a%26b.pem",
        ),
        ("verify-full", "", "sqlite:a.db", "a.db"),
    ];
    for (tls, roots, url, whole) in cases {
        assert_eq!(database(tls, roots, url), whole);
    }
}

#[test]
fn a_vendor_that_is_set_is_used_and_production_sends_nothing_without_one() {
    let gateways = |environment: &[(&str, &str)]| {
        let settings = Settings::load(&gather(&[], environment, &[]), Purpose::Tend);
        settings.ok().unwrap().gateways().unwrap()
    };
    let built_in = gateways(&[]);
    assert!(matches!((built_in.sms, built_in.mail), (SmsGateway::Inbox(_), MailGateway::Inbox(_))));
    let off = gateways(&[("HOLDFAST_ENV", "production")]);
    assert!(matches!((off.sms, off.mail), (SmsGateway::Off, MailGateway::Off)));
    let whole = [
        ("TWILIO_ACCOUNT_SID", TWILIO_SID),
        ("TWILIO_AUTH_TOKEN", "t"),
        ("TWILIO_MESSAGING_SERVICE_SID", "MG0123456789abcdef0123456789abcdef"),
        ("SMTP_URL", "smtps://ada:pw@mail.example.org"),
        ("MAIL_FROM", "Inn <desk@example.org>"),
    ];
    let both = gateways(&whole);
    assert!(matches!((both.sms, both.mail), (SmsGateway::Twilio(_), MailGateway::Smtp(_))));
}

#[test]
fn each_wrong_setting_of_a_vendor_is_named() {
    for (name, value) in [
        ("TWILIO_ACCOUNT_SID", "AC/../other"),
        ("TWILIO_FROM_NUMBER", "0171"),
        ("TWILIO_MESSAGING_SERVICE_SID", "MG1"),
        ("TWILIO_API_URL", "http://api.example"),
        ("SMTP_URL", "mail.example"),
        ("MAIL_FROM", "inn"),
        ("REDIS_URL", "redes://:hush@h"),
    ] {
        let said = complaints(&gather(&[], &[(name, value)], &[]), Purpose::Tend);
        assert!(said.iter().any(|said| said.contains(name) && said.contains("must be")), "{said:?}");
    }
}
