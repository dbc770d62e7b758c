//! The one list of all settings. Reading, checking, `config show` and `docs/settings.md` are derived from it.

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
        /// Every setting, validated. It has no `Debug`, because it can contain secrets.
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
            /// Reads all settings and collects every error, not only the first.
            pub fn read(sources: &Sources, wrong: &mut Vec<Wrong>) -> Option<Self> {
                $(let $field: Option<$type> = sources.value($key, &$kind, wrong);)*
                Some(Self { $($field: $field?,)* })
            }
        }
    };
}

const HOST: Scalar<Host> = of("a host");
const FILE: Scalar<PathBuf> = of("a path");
const SECRET: Scalar<Secret> = Scalar { words: "a string of at least 32 bytes", parse: long_secret };
const TOKEN: Scalar<Secret> = Scalar { words: "a string", parse: |text| Ok(Secret::of(text)) };
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
        "The kind of deployment. Production refuses settings that are only suitable for development.";
    host: IpAddr = "host", of("an address"), "127.0.0.1", "", Open,
        "The address to listen on.";
    port: u16 = "port", of("a whole number from 0 to 65535"), "8080", "", Open,
        "The port to listen on. 0 chooses a free port.";
    public_url: Option<PublicUrl> = "public_url", Maybe(of("a URL")), "", "", Open,
        "The URL that people use, for links in messages. Required in production. Default: http://127.0.0.1 and the \
         port.";

    database: Option<store::Database> = "database.url" as "DATABASE_URL",
        Maybe(of("sqlite:PATH or postgres://USER@HOST/NAME")), "", "", Url,
        "The database. Default: the SQLite file holdfast.db in the working directory.";
    database_tls: Option<DatabaseTls> = "database.tls", Maybe(DATABASE_TLS), "", "", Open,
        "TLS to PostgreSQL. require encrypts the connection; verify-full also verifies the server. Default: the \
         sslmode of the URL, or off.";
    database_root_certificate: Option<PathBuf> = "database.root_certificate", Maybe(FILE), "", "", Open,
        "The CA certificates that verify-full trusts, as a PEM file. Default: those of the system.";
    lanes: u64 = "lanes", number(1, 64), "2", "lanes", Open,
        "The number of writer lanes on PostgreSQL. SQLite always has one.";
    readers: u64 = "readers", number(1, 256), "4", "connections", Open,
        "The number of database connections for reading.";
    redis: Option<RedisUrl> = "redis.url" as "REDIS_URL", Maybe(of("a URL")), "", "", Url,
        "The Redis server that shares short-lived state between processes: redis://, or rediss:// for TLS. Not needed \
         for a single process.";

    secret_key: Option<Secret> = "secrets.key" as "SECRET_KEY", Maybe(SECRET), "", "", Hidden,
        "The secret for signing tokens, hashing and sealing data. Required in production. Default: a public built-in \
         secret.";
    secret_keys_old: Vec<Secret> = "secrets.old_keys" as "SECRET_KEYS_OLD", List(SECRET, "strings"), "", "", Hidden,
        "Earlier secrets, only for opening data that was sealed with them.";

    access_token_minutes: u64 = "tokens.access_minutes", number(1, 1_440), "15", "min", Open,
        "The lifetime of an access token.";
    refresh_token_days: u64 = "tokens.refresh_days", number(1, 365), "7", "d", Open,
        "The lifetime of a refresh token.";
    jwt_algorithm: JwtAlgorithm = "tokens.algorithm", ALGORITHM, "EdDSA", "", Open,
        "The algorithm for signing access tokens.";
    jwt_issuer: String = "tokens.issuer", text("a string"), "holdfast", "", Open,
        "The claim iss of tokens that this server issues.";
    jwt_audience: String = "tokens.audience", text("a string"), "holdfast", "", Open,
        "The claim aud of tokens that this server issues.";

    external_issuer_name: Option<String> = "external_issuer.issuer", Maybe(text("a string")), "", "", Open,
        "An external issuer whose tokens are accepted, exactly as in their claim iss. Callers with such a token are \
         guests. Set all three external_issuer settings together.";
    external_issuer_audience: Option<String> = "external_issuer.audience", Maybe(text("a string")), "", "", Open,
        "The value that the claim aud of its tokens must contain.";
    external_issuer_jwks_url: Option<KeysUrl> = "external_issuer.jwks_url", Maybe(of("https://HOST/PATH")), "", "", Open,
        "The URL of its public keys, a JWK Set. http:// is allowed only for this machine.";

    code_seconds: u64 = "codes.valid_s", number(30, 3_600), "300", "s", Open,
        "The lifetime of a one-time code.";
    code_resend_seconds: u64 = "codes.resend_s", number(0, 3_600), "60", "s", Open,
        "The minimum time between two codes to the same number.";
    codes_per_number: Option<Rate> = "codes.per_number", RATE, "5/3600", "", Open,
        "The maximum rate of codes sent to one phone number.";
    codes_per_address: Option<Rate> = "codes.per_address", RATE, "30/3600", "", Open,
        "The maximum rate of codes requested from one client address.";

    twilio_account_sid: Option<AccountSid> = "twilio.account_sid" as "TWILIO_ACCOUNT_SID", Maybe(of("an id, AC…")), "", "", Open,
        "The Twilio account for sending SMS. Default: SMS are kept in the development inbox.";
    twilio_auth_token: Option<Secret> = "twilio.auth_token" as "TWILIO_AUTH_TOKEN", Maybe(TOKEN), "", "", Hidden,
        "The auth token of the Twilio account.";
    twilio_from_number: Option<PhoneNumber> = "twilio.from_number" as "TWILIO_FROM_NUMBER", Maybe(NUMBER), "", "", Open,
        "The number that SMS are sent from.";
    twilio_messaging_service_sid: Option<ServiceSid> =
        "twilio.messaging_service_sid" as "TWILIO_MESSAGING_SERVICE_SID", Maybe(of("an id, MG…")), "", "", Open,
        "The messaging service that SMS are sent from, instead of a number.";
    twilio_api_url: TwilioUrl = "twilio.api_url" as "TWILIO_API_URL", of("a URL"), "https://api.twilio.com", "", Url,
        "The base URL of Twilio.";

    smtp_url: Option<SmtpUrl> = "mail.smtp_url" as "SMTP_URL", Maybe(of("a URL")), "", "", Url,
        "The mail server: smtp:// or smtps://, with user and password. Default: mail is kept in the development \
         inbox.";
    mail_from: Option<MailSender> = "mail.from" as "MAIL_FROM", Maybe(of("an address")), "", "", Open,
        "The sender of emails.";

    trusted_hosts: Vec<Host> = "http.trusted_hosts", List(HOST, "hosts"), "", "", Open,
        "Host names that the server accepts, in addition to that of its public URL. If neither is set, every host is \
         accepted. Health checks accept every host.";
    trusted_proxies: Vec<Network> = "http.trusted_proxies", List(of("ADDRESS/BITS"), "networks"), "", "", Open,
        "Reverse proxies that are trusted to forward the client's address.";
    forwarded_header: ForwardedHeader = "http.forwarded_header", FORWARDED, "X-Forwarded-For", "", Open,
        "The header in which they forward it.";
    cors_origins: Vec<Origin> = "http.cors_origins", List(of("origin"), "origins"), "", "", Open,
        "Origins that may call the API from a browser, such as `https://shop.example.org`.";

    body_bytes_max: u64 = "limits.body_bytes", number(1_024, 16_777_216), "262144", "bytes", Open,
        "The maximum size of a request body. A catalogue may have 16 MiB.";
    request_ms_max: u64 = "limits.request_ms", number(100, 600_000), "30000", "ms", Open,
        "The maximum time for processing a request, after its head was read.";
    header_ms_max: u64 = "limits.header_ms", number(100, 120_000), "10000", "ms", Open,
        "The maximum time for receiving a request's head.";
    body_ms_max: u64 = "limits.body_ms", number(100, 600_000), "10000", "ms", Open,
        "The maximum time for receiving a request's body.";
    idle_ms_max: u64 = "limits.idle_ms", number(100, 3_600_000), "75000", "ms", Open,
        "The maximum idle time of a connection between two requests.";
    write_ms_max: u64 = "limits.write_ms", number(100, 600_000), "20000", "ms", Open,
        "The maximum time in which a client reads nothing of its response.";
    rate_bytes_per_s_min: u64 = "limits.bytes_per_s", number(0, 1_048_576), "16384", "bytes/s", Open,
        "The minimum rate at which a client must send a body or read a response, after the time limits above. 0 means \
         no minimum.";
    connections_max: u64 = "limits.connections", number(1, 1_000_000), "10000", "connections", Open,
        "The maximum number of concurrent connections.";
    connections_per_address_max: u64 =
        "limits.connections_per_address", number(1, 1_000_000), "2000", "connections", Open,
        "The maximum number of concurrent connections from one address. Trusted proxies are exempt.";

    rate_auth: Option<Option<Rate>> = "rates.auth", Maybe(RATE), "", "", Open,
        "Sign-in and code requests from one client address. Default: 60/60 in production, else 100000/1.";
    rate_write: Option<Option<Rate>> = "rates.write", Maybe(RATE), "", "", Open,
        "Writing requests of one caller. Default: 100/1 in production, else 100000/1.";
    rate_read: Option<Option<Rate>> = "rates.read", Maybe(RATE), "", "", Open,
        "Reading requests of one caller. Default: 500/1 in production, else 100000/1.";
    rate_anonymous: Option<Option<Rate>> = "rates.anonymous", Maybe(RATE), "", "", Open,
        "All requests without a valid token from one client address. Default: 1200/60 in production, else 100000/1. \
         Each process counts separately.";

    tls_certificate: Option<PathBuf> = "tls.certificate", Maybe(FILE), "", "", Open,
        "The server's certificate chain, as a PEM file. If set, the server uses TLS. It is reloaded when it changes.";
    tls_key: Option<PathBuf> = "tls.key", Maybe(FILE), "", "", Open,
        "The certificate's private key, as a PEM file.";
    tls_handshake_ms_max: u64 = "tls.handshake_ms", number(100, 120_000), "10000", "ms", Open,
        "The maximum time for the TLS handshake.";

    log_filter: String = "log.filter" as "HOLDFAST_LOG", Scalar { words: "a level or a filter", parse: log_filter },
        "info", "", Open,
        "What is logged: error, warn, info, debug or trace, or a filter by target such as info,api=debug.";
    log_format: Option<LogFormat> = "log.format", Maybe(LOG_FORMAT), "", "", Open,
        "The format of the log. Default: json in production, else text.";
}
