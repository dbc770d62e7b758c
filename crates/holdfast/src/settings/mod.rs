//! Settings: typed and validated. All errors are reported together, and then nothing starts.
//!
//! Start with [`table`], the list of all settings.

mod dotenv;
mod file;
mod kind;
mod rules;
mod setting;
pub mod show;
pub mod sources;
pub mod table;
#[cfg(test)]
mod tests;
pub mod values;
mod vendors;

use std::time::Duration;

use api::middleware::activity::Timeouts;
use api::middleware::connections::ConnectionLimits;
use api::middleware::quotas::Quotas;
use api::middleware::rate::Rate;
use api::middleware::{BodyLimits, MiddlewareSettings};
use api::tls::TlsSettings;
use app::identity::{AuthLimits, IdentitySettings};
use app::tokens::external::ExternalIssuerSettings;
use app::tokens::{Algorithm, TokenSettings};
use backplane::limits::Limit;
use domain::time::{DAY_MS, MINUTE_MS};
use gateways::issuer::KeySource;
use store::Database;

pub use self::sources::{Override, Sources, Wrong};
pub use self::table::Settings;
use self::values::DatabaseTls;
pub use self::values::{Environment, Secret};

/// Signs tokens if `SECRET_KEY` is not set. It is public, so production refuses it.
const BUILT_IN_SECRET: &str = "holdfast-development-secret-that-everybody-knows";

/// What a command does with the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Serve requests, or act for the installation: production's rules apply.
    Serve,
    /// Maintain the database, or try things out.
    Tend,
}

impl Settings {
    /// The settings, if they are valid for this purpose.
    pub fn load(sources: &Sources, purpose: Purpose) -> Result<Self, Vec<Wrong>> {
        let mut wrong = sources.wrong.clone();
        let settings = Self::read(sources, &mut wrong);
        if let Some(settings) = &settings {
            wrong.extend(rules::together(settings, sources));
            if purpose == Purpose::Serve {
                wrong.extend(rules::production(settings, sources));
            }
        }
        settings.filter(|_| wrong.is_empty()).ok_or(wrong)
    }

    /// The older secrets, under which keys in the database may still be wrapped.
    pub fn older_secrets(&self) -> Vec<Vec<u8>> {
        self.secret_keys_old.iter().map(|secret| secret.expose().as_bytes().to_vec()).collect()
    }

    /// The installation's secret.
    pub fn secret(&self) -> &[u8] {
        self.secret_key.as_ref().map_or(BUILT_IN_SECRET, Secret::expose).as_bytes()
    }

    /// The database, or the file `fallback` in the working directory.
    pub fn database_or(&self, fallback: &str) -> Database {
        match self.database.clone() {
            Some(Database::Postgres(url)) => Database::Postgres(self.over_tls(url)),
            Some(Database::Sqlite(path)) => Database::Sqlite(path),
            None => Database::Sqlite(fallback.into()),
        }
    }

    /// The URL with the TLS settings appended, which override those in the URL.
    fn over_tls(&self, url: String) -> String {
        let mode = match self.database_tls {
            None => return url,
            Some(DatabaseTls::Off) => "disable",
            Some(DatabaseTls::Require) => "require",
            Some(DatabaseTls::VerifyFull) => "verify-full",
        };
        let escaped = |roots: String| {
            roots.replace('%', "%25").replace('&', "%26").replace('#', "%23").replace('?', "%3f")
        };
        let roots = self.database_root_certificate.as_ref().map(|path| escaped(path.display().to_string()));
        let roots = roots.map_or_else(String::new, |roots| format!("&sslrootcert={roots}"));
        let sign = if url.contains('?') { '&' } else { '?' };
        format!("{url}{sign}sslmode={mode}{roots}")
    }

    /// The settings of the server's middleware.
    pub fn middleware(&self) -> MiddlewareSettings {
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let public = self.public_url.iter().map(|url| url.host.clone());
        MiddlewareSettings {
            trusted_hosts: self.trusted_hosts.iter().cloned().chain(public).collect(),
            trusted_proxies: self.trusted_proxies.clone(),
            forwarded_header: self.forwarded_header,
            cors_origins: self.cors_origins.clone(),
            body: BodyLimits {
                bytes_max: size(self.body_bytes_max),
                ms_max: self.body_ms_max,
                bytes_per_s_min: self.rate_bytes_per_s_min,
            },
            timeouts: Timeouts {
                head_ms_max: self.header_ms_max,
                idle_ms_max: self.idle_ms_max,
                write_ms_max: self.write_ms_max,
                request_ms_max: self.request_ms_max,
                bytes_per_s_min: self.rate_bytes_per_s_min,
            },
            quotas: self.quotas(),
            connections: ConnectionLimits {
                connections_max: size(self.connections_max),
                per_address_max: size(self.connections_per_address_max),
            },
        }
    }

    /// Production's default quotas; elsewhere quotas only stop runaway clients.
    fn quotas(&self) -> Quotas {
        let usual = |production: Rate| match self.environment {
            Environment::Production => Some(production),
            Environment::Development | Environment::Testing => Some(Rate { count: 100_000, seconds: 1 }),
        };
        let rate = |count, seconds| usual(Rate { count, seconds });
        Quotas {
            auth: self.rate_auth.unwrap_or_else(|| rate(60, 60)),
            write: self.rate_write.unwrap_or_else(|| rate(100, 1)),
            read: self.rate_read.unwrap_or_else(|| rate(500, 1)),
            anonymous: self.rate_anonymous.unwrap_or_else(|| rate(1_200, 60)),
        }
    }

    /// The server's certificate, if it uses TLS.
    pub fn tls(&self) -> Option<TlsSettings> {
        let (certificate, key) = self.tls_certificate.clone().zip(self.tls_key.clone())?;
        Some(TlsSettings { certificate, key, handshake_ms_max: self.tls_handshake_ms_max })
    }

    /// The settings of the use cases.
    pub fn app(&self, fallback: &str) -> anyhow::Result<app::Settings> {
        let number = |number: u64| usize::try_from(number).unwrap_or(1);
        let defaults = app::Settings::alone(self.database_or(fallback), self.secret().to_vec());
        Ok(app::Settings {
            lanes: number(self.lanes),
            readers: number(self.readers),
            older_secrets: self.older_secrets(),
            gateways: self.gateways()?,
            tokens: self.tokens(),
            external_issuer: self.external_issuer()?,
            identity: self.identity(),
            ..defaults
        })
    }

    /// The settings for tokens.
    pub fn tokens(&self) -> TokenSettings {
        let ms = |count: u64, unit_ms: i64| i64::try_from(count).unwrap_or(i64::MAX).saturating_mul(unit_ms);
        TokenSettings {
            algorithm: match self.jwt_algorithm {
                values::JwtAlgorithm::EdDsa => Algorithm::EdDsa,
                values::JwtAlgorithm::Hs256 => Algorithm::Hs256,
            },
            issuer: self.jwt_issuer.clone(),
            audience: self.jwt_audience.clone(),
            access_ms: ms(self.access_token_minutes, MINUTE_MS),
            refresh_ms: ms(self.refresh_token_days, DAY_MS),
        }
    }

    /// The external issuer, if all three of its settings are set.
    fn external_issuer(&self) -> anyhow::Result<Option<ExternalIssuerSettings>> {
        let named = self.external_issuer_name.clone().zip(self.external_issuer_audience.clone());
        let Some(((issuer, audience), url)) = named.zip(self.external_issuer_jwks_url.clone()) else {
            return Ok(None);
        };
        Ok(Some(ExternalIssuerSettings { issuer, audience, keys: KeySource::new(url)? }))
    }

    fn identity(&self) -> IdentitySettings {
        let limit = |rate: Option<Rate>| {
            let endless = Limit::new(u32::MAX, Duration::from_secs(1));
            rate.map_or(endless, |rate| Limit::new(rate.count, Duration::from_secs(rate.seconds.into())))
        };
        let defaults = IdentitySettings::default();
        let resend = self.code_resend_seconds;
        IdentitySettings {
            code_ms: i64::try_from(self.code_seconds).unwrap_or(i64::MAX / 1_000) * 1_000,
            limits: AuthLimits {
                codes_per_number: limit(self.codes_per_number),
                codes_per_address: limit(self.codes_per_address),
                code_resend: (resend > 0).then(|| Limit::new(1, Duration::from_secs(resend))),
                ..defaults.limits
            },
            public_url: self
                .public_url
                .as_ref()
                .map_or_else(|| format!("http://127.0.0.1:{}", self.port), |url| url.as_str().to_owned()),
            hashing_at_once: defaults.hashing_at_once,
        }
    }
}
