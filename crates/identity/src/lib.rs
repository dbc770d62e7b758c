//! People: how they prove who they are, and everything about their accounts. One file a concern.
//!
//! Whoever asks learns nothing about others: a number that is known and one that is not, a wrong password and an
//! unknown address are answered alike, in the same time. What is personal lies sealed by the vault; what is looked up is
//! a keyed mark; what is mailed or sent leaves by a job, in the transaction that decided it.

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
