//! What tests share: fresh databases and backplanes of either kind, servers that imitate vendors, and reproducible
//! random values.
//!
//! Nothing here is part of the program. Tests wait for states, not for durations. Start with [`TestDatabase`] and
//! [`on_both_databases`], [`TestBackplane`] and [`on_both_backplanes`].

mod backplane;
mod chance;
mod database;
mod issuer;
mod own_redis;
mod own_server;
mod pace;
mod postgres;
mod process;
mod proxy;
mod redis;
mod search;
mod skip;
mod smtp;
mod twilio;

pub use backplane::TestBackplane;
pub use chance::SeededChance;
pub use database::{SECRET, TestDatabase, for_each_database};
pub use issuer::{IssuerServer, Mood};
pub use own_redis::OwnRedis;
pub use own_server::OwnServer;
pub use pace::{STATE_WAIT_MAX, on_this_machine};
pub use process::{Frozen, ask_to_stop};
pub use proxy::{Cut, Proxy};
pub use skip::{skipped, unavailable};
pub use smtp::SmtpServer;
pub use twilio::{TwilioMessage, TwilioServer, Whim};

/// Creates two tests from each function, `NAME::sqlite` and `NAME::postgres`, which run it on a fresh, migrated
/// database.
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

/// Creates two tests from each function, `NAME::memory` and `NAME::redis`, which run it on a separate backplane.
///
/// ```ignore
/// testkit::on_both_backplanes! {
///     async fn a_lock_is_held_once(plane: &TestBackplane) {
///         let held = plane.backplane().locks().acquire("room 7").await;
///     }
/// }
/// ```
#[macro_export]
macro_rules! on_both_backplanes {
    ($($(#[$attribute:meta])* async fn $name:ident($plane:ident: &TestBackplane) $body:block)*) => {$(
        $(#[$attribute])*
        #[cfg(test)]
        async fn $name($plane: &$crate::TestBackplane) $body

        #[cfg(test)]
        mod $name {
            #[tokio::test]
            async fn memory() {
                super::$name(&$crate::TestBackplane::memory()).await;
            }

            #[tokio::test]
            async fn redis() {
                if let Some(plane) = $crate::TestBackplane::redis().await {
                    super::$name(&plane).await;
                }
            }
        }
    )*};
}
