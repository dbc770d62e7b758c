//! What tests share: a fresh database of either kind, servers of vendors' kind, and chance that repeats itself.
//!
//! Nothing here is part of the program, and nothing here waits for a moment: tests wait for states. Start at
//! [`TestDatabase`] and [`on_both_databases`].

mod chance;
mod database;
mod own_server;
mod postgres;
mod proxy;
mod search;
mod skip;
mod smtp;
mod twilio;

pub use chance::SeededChance;
pub use database::{SECRET, TestDatabase, for_each_database};
pub use own_server::{Frozen, OwnServer};
pub use proxy::{Cut, Proxy};
pub use skip::skipped;
pub use smtp::SmtpServer;
pub use twilio::{TwilioMessage, TwilioServer, Whim};

/// Makes two tests of each function, `NAME::sqlite` and `NAME::postgres`, which run it on a fresh, migrated database.
///
/// ```ignore
/// testkit::on_both_databases! {
///     fn a_booking_is_read_back(database: &TestDatabase) {
///         let mut connection = database.writer();
///     }
/// }
/// ```
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$attribute:meta])* fn $name:ident($database:ident: &TestDatabase) $body:block)*) => {$(
        $(#[$attribute])*
        #[cfg(test)]
        fn $name($database: &$crate::TestDatabase) $body

        #[cfg(test)]
        mod $name {
            #[test]
            fn sqlite() {
                super::$name(&$crate::TestDatabase::sqlite());
            }

            #[test]
            fn postgres() {
                if let Some(database) = $crate::TestDatabase::postgres() {
                    super::$name(&database);
                }
            }
        }
    )*};
}
