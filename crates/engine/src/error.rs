use std::sync::Arc;

use store::StoreError;

/// Why nobody can say what became of a write, or why nothing did.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SubmitError {
    #[error("more is waiting than can be served")]
    Overloaded,
    /// It may or may not have been done; its idempotency key will tell.
    #[error("the outcome is not known")]
    OutcomeUnknown,
    #[error(transparent)]
    Store(#[from] Arc<StoreError>),
    #[error("the command failed: {0}")]
    Fault(String),
}

impl From<StoreError> for SubmitError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::CommitUnknown(_) => Self::OutcomeUnknown,
            error => Self::Store(Arc::new(error)),
        }
    }
}
