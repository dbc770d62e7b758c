//! Settings: typed, checked and named. A wrong one is told with all others that are wrong, and nothing starts.
//!
//! Start at [`table`], the one list of them.

mod dotenv;
mod file;
mod kind;
mod rules;
pub mod show;
pub mod sources;
pub mod table;
#[cfg(test)]
mod tests;
pub mod values;

use app::clock::Clock;
use store::Database;

pub use self::sources::{Override, Sources, Wrong};
pub use self::table::Settings;
pub use self::values::{Environment, Secret};

/// Signs tokens where no `SECRET_KEY` is set. Everybody knows it, so that production refuses it.
const BUILT_IN_SECRET: &str = "holdfast-development-secret-that-everybody-knows";

/// What a command is about to do with the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Serve people, or act in the installation's name: production's rules count.
    Serve,
    /// Look after the database, or try things out.
    Tend,
}

impl Settings {
    /// The settings, if nothing is wrong with them for this purpose.
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

    /// The secrets before this one, under which keys in the database may still be sealed.
    pub fn older_secrets(&self) -> Vec<Vec<u8>> {
        self.secret_keys_old.iter().map(|secret| secret.expose().as_bytes().to_vec()).collect()
    }

    /// The installation's secret.
    pub fn secret(&self) -> &[u8] {
        self.secret_key.as_ref().map_or(BUILT_IN_SECRET, Secret::expose).as_bytes()
    }

    /// The database, or the file `fallback` in the working directory.
    pub fn database_or(&self, fallback: &str) -> Database {
        self.database.clone().unwrap_or_else(|| Database::Sqlite(fallback.into()))
    }

    /// How the use cases are put together.
    pub fn app(&self, fallback: &str) -> app::Settings {
        app::Settings {
            database: self.database_or(fallback),
            lanes: usize::try_from(self.lanes).unwrap_or(1),
            readers: usize::try_from(self.readers).unwrap_or(1),
            secret: self.secret().to_vec(),
            older_secrets: self.older_secrets(),
            clock: Clock::System,
        }
    }
}
