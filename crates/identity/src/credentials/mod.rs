//! Authentication of bearers: tokens of sessions, API keys of businesses, and tokens of the external issuer.
//!
//! Known bearers are answered from a cache. Others are authenticated by a signature or a hash, and by an active
//! session or key, which is looked up in this process, then in the backplane, then in the database, which is
//! authoritative. This process learns of an end immediately, others within a second ([`crate::revocations`]).

mod authenticate;
mod key_reload;
mod known;
mod lives;
mod standing;

pub use authenticate::{KEY_PREFIX, NotAuthenticated, authenticate, key_hash, verified};
pub use key_reload::KeyReload;
pub use known::{AuthMethod, Authenticated, Known, Live, Recalled, Remembered, USED_STEP_MS};
pub use lives::Credentials;
pub(crate) use lives::LATENESS_MS_MAX;
pub use standing::{Standing, actor_of};
