//! The one list of all settings: what reads them, checks them, shows them and documents them goes by it.

use std::net::IpAddr;
use std::path::PathBuf;

use api::middleware::host::Host;
use api::middleware::network::Network;
use api::middleware::origin::Origin;
use api::middleware::proxies::ForwardedHeader;
use api::middleware::rate::Rate;
use backplane::RedisUrl;
use gateways::issuer::KeysUrl;
use gateways::mail::{MailSender, SmtpUrl};
use gateways::sms::{AccountSid, NotAPhoneNumber, PhoneNumber, ServiceSid, TwilioUrl};

use super::kind::{Choice, Kind, List, Maybe, Number, OrOff, Scalar, of, text};
use super::setting::{Seen, Setting};
use super::sources::{Sources, Wrong};
use super::values::{
    DatabaseTls, Environment, JwtAlgorithm, LogFormat, PublicUrl, Secret, log_filter, long_secret,
};

fn words<T>(kind: &impl Kind<Value = T>) -> String {
    kind.words().into_owned()
}

macro_rules! settings {
    (@variable) => { None };
    (@variable $variable:literal) => { Some($variable) };
    ($($field:ident: $type:ty = $key:literal $(as $variable:literal)?, $kind:expr, $default:literal, $unit:literal, $seen:ident,
        $says:literal;)*) => {
        /// Every setting, checked. It may hold secrets, so that it cannot be printed.
        pub struct Settings { $(#[doc = $says] pub $field: $type,)* }

        /// In the order in which they are documented.
        pub const ALL: &[Setting] = &[$(Setting {
            key: $key,
            variable: settings!(@variable $($variable)?),
            default: $default,
            unit: $unit,
            seen: Seen::$seen,
            words: || words::<$type>(&$kind),
            says: $says,
        }),*];

        impl Settings {
            /// Reads all of them; everything that is wrong is noted, not only the first.
            pub fn read(sources: &Sources, wrong: &mut Vec<Wrong>) -> Option<Self> {
                $(let $field: Option<$type> = sources.value($key, &$kind, wrong);)*
                Some(Self { $($field: $field?,)* })
            }
        }
    };
}

const HOST: Scalar<Host> = of("a host");
const FILE: Scalar<PathBuf> = of("a path");
const SECRET: Scalar<Secret> = Scalar { words: "a text of at least 32 bytes", parse: long_secret };
const TOKEN: Scalar<Secret> = Scalar { words: "a text", parse: |text| Ok(Secret::of(text)) };
const NUMBER: Scalar<PhoneNumber> = Scalar {
    words: "a phone number, +…",
    parse: |text| text.parse().map_err(|error: NotAPhoneNumber| format!("it {error}")),
};
const RATE: OrOff<Scalar<Rate>> = OrOff(of("COUNT/SECONDS"));
const ENVIRONMENT: Choice<Environment> = Choice(&[
    ("development", Environment::Development),
    ("testing", Environment::Testing),
    ("production", Environment::Production),
]);
const LOG_FORMAT: Choice<LogFormat> = Choice(&[("text", LogFormat::Text), ("json", LogFormat::Json)]);
const ALGORITHM: Choice<JwtAlgorithm> =
    Choice(&[("EdDSA", JwtAlgorithm::EdDsa), ("HS256", JwtAlgorithm::Hs256)]);
const DATABASE_TLS: Choice<DatabaseTls> = Choice(&[
    ("off", DatabaseTls::Off),
    ("require", DatabaseTls::Require),
    ("verify-full", DatabaseTls::VerifyFull),
]);
const FORWARDED: Choice<ForwardedHeader> =
    Choice(&[("X-Forwarded-For", ForwardedHeader::XForwardedFor), ("Forwarded", ForwardedHeader::Forwarded)]);

const fn number(min: u64, max: u64) -> Number {
    Number { min, max }
}

settings! {
    environment: Environment = "environment" as "HOLDFAST_ENV", ENVIRONMENT, "development", "", Open,
        "Where it runs. Production refuses what is only good for trying things out.";
    host: IpAddr = "host", of("an address"), "127.0.0.1", "", Open,
        "The address to listen on.";
    port: u16 = "port", of("a whole number from 0 to 65535"), "8080", "", Open,
        "The port to listen on; 0 takes a free one.";
    public_url: Option<PublicUrl> = "public_url", Maybe(of("a URL")), "", "", Open,
        "Where people reach the server, as links in messages name it; this machine and the port where nobody says. Production needs it.";

    database: Option<store::Database> = "database.url" as "DATABASE_URL",
        Maybe(of("sqlite:PATH or postgres://USER@HOST/NAME")), "", "", Url,
        "Where the data lives; the file holdfast.db in the working directory where it is not set.";
    database_tls: Option<DatabaseTls> = "database.tls", Maybe(DATABASE_TLS), "", "", Open,
        "TLS to PostgreSQL: require encrypts, verify-full also proves who the server is. Where it is not set, the URL's \
         sslmode says, and without one it is off.";
    database_root_certificate: Option<PathBuf> = "database.root_certificate", Maybe(FILE), "", "", Open,
        "Whose certificates verify-full believes, as PEM; the system's where it is not set.";
    lanes: u64 = "lanes", number(1, 64), "2", "lanes", Open,
        "Writer lanes on PostgreSQL; SQLite always has one.";
    readers: u64 = "readers", number(1, 256), "4", "connections", Open,
        "Database connections that read.";
    redis: Option<RedisUrl> = "redis.url" as "REDIS_URL", Maybe(of("a URL")), "", "", Url,
        "Shares short-lived state between processes: redis://, or rediss:// over TLS. One process needs none.";

    secret_key: Option<Secret> = "secrets.key" as "SECRET_KEY", Maybe(SECRET), "", "", Hidden,
        "Signs tokens and keys hashes. Everybody knows the built-in one, which production refuses.";
    secret_keys_old: Vec<Secret> = "secrets.old_keys" as "SECRET_KEYS_OLD", List(SECRET, "texts"), "", "", Hidden,
        "Secrets of before, only for reading what was sealed with them.";

    access_token_minutes: u64 = "tokens.access_minutes", number(1, 1_440), "15", "min", Open,
        "How long an access token is valid.";
    refresh_token_days: u64 = "tokens.refresh_days", number(1, 365), "7", "d", Open,
        "How long a refresh token is valid.";
    jwt_algorithm: JwtAlgorithm = "tokens.algorithm", ALGORITHM, "EdDSA", "", Open,
        "How access tokens are signed.";
    jwt_issuer: String = "tokens.issuer", text("a text"), "holdfast", "", Open,
        "Who issues tokens, in their claim iss.";
    jwt_audience: String = "tokens.audience", text("a text"), "holdfast", "", Open,
        "Whom tokens are for, in their claim aud.";

    external_issuer_name: Option<String> = "external_issuer.issuer", Maybe(text("a text")), "", "", Open,
        "An issuer of tokens besides this server, exactly as its tokens name it in their claim iss. Whoever comes with one \
         is a guest. The three of these settings go together.";
    external_issuer_audience: Option<String> = "external_issuer.audience", Maybe(text("a text")), "", "", Open,
        "What must be in the claim aud of its tokens.";
    external_issuer_jwks_url: Option<KeysUrl> = "external_issuer.jwks_url", Maybe(of("https://HOST/PATH")), "", "", Open,
        "Where its public keys are, as a JWK Set; http:// only on this machine.";

    code_seconds: u64 = "codes.valid_s", number(30, 3_600), "300", "s", Open,
        "How long a one-time code is valid.";
    code_resend_seconds: u64 = "codes.resend_s", number(0, 3_600), "60", "s", Open,
        "How long to wait before another code is sent to the same number.";
    codes_per_number: Option<Rate> = "codes.per_number", RATE, "5/3600", "", Open,
        "Codes sent to one number.";
    codes_per_address: Option<Rate> = "codes.per_address", RATE, "30/3600", "", Open,
        "Codes asked for from one client address.";

    twilio_account_sid: Option<AccountSid> = "twilio.account_sid" as "TWILIO_ACCOUNT_SID", Maybe(of("an id, AC…")), "", "", Open,
        "The account that sends SMS; without one they stay in the development inbox.";
    twilio_auth_token: Option<Secret> = "twilio.auth_token" as "TWILIO_AUTH_TOKEN", Maybe(TOKEN), "", "", Hidden,
        "Its token.";
    twilio_from_number: Option<PhoneNumber> = "twilio.from_number" as "TWILIO_FROM_NUMBER", Maybe(NUMBER), "", "", Open,
        "The number that SMS come from.";
    twilio_messaging_service_sid: Option<ServiceSid> =
        "twilio.messaging_service_sid" as "TWILIO_MESSAGING_SERVICE_SID", Maybe(of("an id, MG…")), "", "", Open,
        "The messaging service that SMS come from, instead of a number.";
    twilio_api_url: TwilioUrl = "twilio.api_url" as "TWILIO_API_URL", of("a URL"), "https://api.twilio.com", "", Url,
        "Where Twilio is.";

    smtp_url: Option<SmtpUrl> = "mail.smtp_url" as "SMTP_URL", Maybe(of("a URL")), "", "", Url,
        "The server that takes mail: smtp:// or smtps://, with user and password; without one mail stays in the \
         development inbox.";
    mail_from: Option<MailSender> = "mail.from" as "MAIL_FROM", Maybe(of("an address")), "", "", Open,
        "Whom mail comes from.";

    trusted_hosts: Vec<Host> = "http.trusted_hosts", List(HOST, "hosts"), "", "", Open,
        "Host names that the server answers to, besides that of its public URL. Where neither is set it answers to any. \
         Health checks are answered to any.";
    trusted_proxies: Vec<Network> = "http.trusted_proxies", List(of("ADDRESS/BITS"), "networks"), "", "", Open,
        "Reverse proxies whose word on a client's address is taken.";
    forwarded_header: ForwardedHeader = "http.forwarded_header", FORWARDED, "X-Forwarded-For", "", Open,
        "The header in which they tell it.";
    cors_origins: Vec<Origin> = "http.cors_origins", List(of("origin"), "origins"), "", "", Open,
        "Origins whose pages may call the API, such as `https://shop.example.org`.";

    body_bytes_max: u64 = "limits.body_bytes", number(1_024, 16_777_216), "262144", "bytes", Open,
        "Bytes of a request's body; a catalogue may have 16 MiB.";
    request_ms_max: u64 = "limits.request_ms", number(100, 600_000), "30000", "ms", Open,
        "How long a request may take once its head was read.";
    header_ms_max: u64 = "limits.header_ms", number(100, 120_000), "10000", "ms", Open,
        "How long a client may take over a request's head.";
    body_ms_max: u64 = "limits.body_ms", number(100, 600_000), "10000", "ms", Open,
        "How long a client may take over a request's body.";
    idle_ms_max: u64 = "limits.idle_ms", number(100, 3_600_000), "75000", "ms", Open,
        "How long a connection may be idle between two requests.";
    write_ms_max: u64 = "limits.write_ms", number(100, 600_000), "20000", "ms", Open,
        "How long a client may take none of its answer.";
    rate_bytes_per_s_min: u64 = "limits.bytes_per_s", number(0, 1_048_576), "16384", "bytes/s", Open,
        "The least rate at which a client must send a body or take an answer, beyond the time that either may take anyway; \
         0 asks for none.";
    connections_max: u64 = "limits.connections", number(1, 1_000_000), "10000", "connections", Open,
        "Connections at once.";
    connections_per_address_max: u64 =
        "limits.connections_per_address", number(1, 1_000_000), "2000", "connections", Open,
        "Connections at once from one peer; a trusted proxy may have all.";

    rate_auth: Option<Option<Rate>> = "rates.auth", Maybe(RATE), "", "", Open,
        "Requests of one client address to log in or to get a code. Where it is not set, 60/60 in production.";
    rate_write: Option<Option<Rate>> = "rates.write", Maybe(RATE), "", "", Open,
        "Requests of one caller that change something. Where it is not set, 100/1 in production.";
    rate_read: Option<Option<Rate>> = "rates.read", Maybe(RATE), "", "", Open,
        "Requests of one caller that only read. Where it is not set, 500/1 in production.";
    rate_anonymous: Option<Option<Rate>> = "rates.anonymous", Maybe(RATE), "", "", Open,
        "Requests of one client address without a valid token, of any kind. Where it is not set, 1200/60 in production. \
         Where a rate is not set elsewhere, it is 100000/1. Each process counts by itself.";

    tls_certificate: Option<PathBuf> = "tls.certificate", Maybe(FILE), "", "", Open,
        "The server's certificate chain, as PEM. With it the server speaks TLS itself; it is read again when it changes.";
    tls_key: Option<PathBuf> = "tls.key", Maybe(FILE), "", "", Open,
        "The certificate's private key, as PEM.";
    tls_handshake_ms_max: u64 = "tls.handshake_ms", number(100, 120_000), "10000", "ms", Open,
        "How long a client may take over the handshake.";

    log_filter: String = "log.filter" as "HOLDFAST_LOG", Scalar { words: "a level or a filter", parse: log_filter },
        "info", "", Open,
        "What is logged: error, warn, info, debug, trace, or by target such as info,api=debug.";
    log_format: Option<LogFormat> = "log.format", Maybe(LOG_FORMAT), "", "", Open,
        "How it is written; JSON in production and text elsewhere where it is not set.";
}
