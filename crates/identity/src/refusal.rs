//! Why a use case of identity was refused.

use domain::authorise::Denied;
use domain::field::FieldError;
use engine::Fault;

use crate::credentials::NotAuthenticated;

/// Why a use case of identity was refused.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IdentityRefusal {
    #[error("invalid request")]
    Invalid(Vec<FieldError>),
    /// The email address or the password is wrong; the response does not say which.
    #[error("incorrect email or password")]
    WrongCredentials,
    #[error("invalid or expired code")]
    WrongCode,
    /// A token from an email: used, replaced, expired, or invalid.
    #[error("invalid or expired token")]
    WrongToken,
    /// The refresh token of a session that has ended.
    #[error("session ended")]
    SessionEnded,
    #[error("too many attempts")]
    TooOften { retry_after_s: u64 },
    #[error("recent sign-in required")]
    SignInAgain,
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The caller has a token of the external issuer, and therefore no session or account.
    #[error("session required")]
    NoSession,
    #[error("a business must have at least one owner")]
    LastOwner,
    #[error("limit reached")]
    TooMany(&'static str),
    #[error(transparent)]
    Failed(#[from] Fault),
}

impl From<NotAuthenticated> for IdentityRefusal {
    fn from(not: NotAuthenticated) -> Self {
        match not {
            NotAuthenticated::Nobody => Self::SessionEnded,
            NotAuthenticated::Failed(error) => Self::Failed(error),
            NotAuthenticated::IssuerUnavailable { .. } => Self::Failed(Fault::Overloaded),
        }
    }
}

impl IdentityRefusal {
    pub(crate) fn invalid(pointer: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { pointer: pointer.to_owned(), detail: detail.into() }])
    }
}
