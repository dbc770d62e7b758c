//! Identity: authentication of people, and their accounts. One file per concern.
//!
//! Responses reveal nothing about others: known and unknown numbers, wrong passwords and unknown addresses get the
//! same response, in the same time. Personal data is sealed by the vault. Lookups use blind indexes. Emails and SMS
//! are sent by jobs, enqueued in the deciding transaction.

pub mod accounts;
pub mod audit;
pub mod businesses;
pub mod code_key;
pub mod codes;
mod contact;
pub mod credentials;
mod device;
pub mod known;
mod limits;
mod mails;
pub mod messages;
pub mod metrics;
pub mod offline;
mod passwords;
mod people;
pub mod profile;
pub mod recovery;
mod refusal;
pub mod registration;
pub mod revocations;
pub mod sessions;
mod settings;
pub mod sign_in;
pub mod tokens;
pub mod upkeep;

pub use device::Client;
pub use metrics::Metrics;
pub use passwords::Passwords;
pub use people::{Ground, People, Stored};
pub use refusal::IdentityRefusal;
pub use settings::{AuthLimits, IdentitySettings};
