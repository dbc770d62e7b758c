//! Why a use case of people did not do what it was asked.

use domain::authorise::Denied;
use domain::field::FieldError;
use engine::Fault;

use crate::credentials::NotAuthenticated;

/// Why a use case of people did not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IdentityRefusal {
    #[error("invalid request")]
    Invalid(Vec<FieldError>),
    /// Of address and password one is wrong, and nobody says which.
    #[error("incorrect email or password")]
    WrongCredentials,
    #[error("invalid or expired code")]
    WrongCode,
    /// A token that was mailed: used, replaced, over, or never ours.
    #[error("invalid or expired token")]
    WrongToken,
    /// The refresh token of a session that lives no more.
    #[error("session ended")]
    SessionEnded,
    #[error("too many attempts")]
    TooOften { retry_after_s: u64 },
    #[error("recent sign-in required")]
    SignInAgain,
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The caller is known by a token of the external issuer, behind which there is no session or account of ours.
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
