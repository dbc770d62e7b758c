//! Why a use case of people did not do what it was asked.

use domain::authorise::Denied;
use domain::field::FieldError;
use engine::Fault;

use crate::credentials::NotAuthenticated;

/// Why a use case of people did not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IdentityRefusal {
    #[error("the request is not valid")]
    Invalid(Vec<FieldError>),
    /// Of address and password one is wrong, and nobody says which.
    #[error("address and password do not belong together")]
    WrongCredentials,
    #[error("the code is not right, or no longer")]
    WrongCode,
    /// A token that was mailed: used, replaced, over, or never ours.
    #[error("the token is not valid, or no longer")]
    WrongToken,
    /// The refresh token of a session that lives no more.
    #[error("the session has ended")]
    SessionEnded,
    #[error("asked too often")]
    TooOften { retry_after_s: u64 },
    #[error("this needs a session that began a moment ago")]
    SignInAgain,
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The caller is known by a token of the external issuer, behind which there is no session or account of ours.
    #[error("this needs a session")]
    NoSession,
    #[error("a business has at least one owner")]
    LastOwner,
    #[error("there are as many as there may be")]
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
