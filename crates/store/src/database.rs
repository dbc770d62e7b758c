//! The database: `sqlite:PATH` or `postgres://…`.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::seam::tls;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    Sqlite(PathBuf),
    /// The whole URL. It may contain a password and must not be printed.
    Postgres(String),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be sqlite:PATH or postgres://USER@HOST/NAME")]
pub struct NotADatabase;

impl FromStr for Database {
    type Err = NotADatabase;

    fn from_str(text: &str) -> Result<Self, NotADatabase> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return match tls::parse(text) {
                Ok(_) => Ok(Self::Postgres(text.to_owned())),
                Err(_) => Err(NotADatabase),
            };
        }
        match text.strip_prefix("sqlite:") {
            Some(path) if !path.is_empty() => Ok(Self::Sqlite(PathBuf::from(path))),
            Some(_) | None => Err(NotADatabase),
        }
    }
}

impl Database {
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgres",
        }
    }
}

impl fmt::Display for Database {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => {
                let config = tls::parse(url).map(|(config, _)| config).unwrap_or_default();
                let user = config.get_user().map_or_else(String::new, |user| format!("{user}@"));
                let host = config.get_hosts().first().map_or_else(String::new, |host| match host {
                    tokio_postgres::config::Host::Tcp(name) => name.clone(),
                    tokio_postgres::config::Host::Unix(path) => path.display().to_string(),
                });
                let port = config.get_ports().first().map_or_else(String::new, |port| format!(":{port}"));
                write!(f, "postgres://{user}{host}{port}/{}", config.get_dbname().unwrap_or_default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        let database: Database = "postgres://alice:hush@db.example:5433/shop".parse().unwrap();
        assert_eq!(database.to_string(), "postgres://alice@db.example:5433/shop");
    }

    #[test]
    fn other_databases_are_refused() {
        for text in ["", "sqlite:", "mysql://x", "shop.db"] {
            assert_eq!(text.parse::<Database>(), Err(NotADatabase), "{text}");
        }
    }
}
