use std::sync::Arc;

use store::StoreError;

/// Why something was not done, or why its outcome is unknown. The caller can only try again, and of an internal fault not
/// even that: it is logged with its cause where it becomes a response or a failed job.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Fault {
    #[error("server overloaded")]
    Overloaded,
    /// It may or may not have been done. Its idempotency key gives the outcome.
    #[error("outcome unknown")]
    OutcomeUnknown,
    #[error(transparent)]
    Store(#[from] Arc<StoreError>),
    /// A mistake of this program.
    #[error("internal fault: {0}")]
    Internal(String),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::CommitUnknown(_) => Self::OutcomeUnknown,
            error => Self::Store(Arc::new(error)),
        }
    }
}
