//! Who a bearer is: a token of a session, the API key of a business, or a token of the external issuer.
//!
//! What is known is answered from memory; the rest is proved, by a signature or a hash, and by a session or key that
//! lives: asked of this process, then of the backplane, then of the database, which has the last word. An end is known
//! here at once and in other processes within a second ([`crate::revocations`]).

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
