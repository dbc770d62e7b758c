//! Errors of the database, classified by what the caller can do.

use domain::assertion::AssertionFailed;

use crate::aad_context::AadContext;
use crate::constraints::Constraint;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A named constraint refused the write.
    #[error("constraint violated: {0}")]
    Constraint(Constraint),
    /// A foreign key, a required value or an unlisted key refused the write: a mistake of this program.
    #[error("integrity violated: {0}")]
    Integrity(String),
    /// Nothing was done, and a retry may succeed (a deadlock, a serialisation failure).
    #[error("temporary failure: {0}")]
    TryAgain(String),
    /// The database is unreachable or cannot write: it is down, locked or full. Nothing was done.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The connection was lost during a commit.
    #[error("the outcome of the commit is unknown: {0}")]
    CommitUnknown(String),
    #[error("corrupt row: {0}")]
    Corrupt(String),
    /// Units or money were not as they must be. Nothing was done.
    #[error(transparent)]
    AssertionFailed(#[from] AssertionFailed),
    /// The database is not in a state that this program can use.
    #[error("{0}")]
    Unusable(String),
    #[error("statement failed: {0}")]
    Statement(String),
}

pub type Result<T> = std::result::Result<T, StoreError>;

impl StoreError {
    /// A row that this program cannot have written in this form.
    pub fn corrupt(table: &str, column: &str, id: impl std::fmt::Display) -> Self {
        Self::Corrupt(format!("{table}.{column} of {id}"))
    }

    /// Sealed bytes that were modified, truncated or moved after they were written.
    pub(crate) fn corrupt_at(context: AadContext) -> Self {
        let (table, column) = context.column.split_once('.').unwrap_or((context.column, ""));
        Self::corrupt(table, column, context.row.as_simple())
    }

    /// Whether doing the same again may succeed: it met another writer, whose rows it sees the next time.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::TryAgain(_) => true,
            Self::Constraint(refused) => {
                matches!(refused, Constraint::PersonKeysPrimaryKey | Constraint::IdempotencyKeysPrimaryKey)
            }
            Self::Integrity(_)
            | Self::AssertionFailed(_)
            | Self::Unavailable(_)
            | Self::CommitUnknown(_)
            | Self::Corrupt(_)
            | Self::Unusable(_)
            | Self::Statement(_) => false,
        }
    }

    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::CommitUnknown(_))
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{
            CannotOpen, ConstraintViolation, DatabaseBusy, DatabaseLocked, DiskFull,
            FileLockingProtocolFailed, ReadOnly, SystemIoFailure,
        };
        let text = error.to_string();
        // A value of the wrong type for its column is a programming error, not a constraint violation.
        if error
            .sqlite_error()
            .is_some_and(|told| told.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_DATATYPE)
        {
            return Self::Statement(text);
        }
        match error.sqlite_error_code() {
            Some(ConstraintViolation) => {
                Constraint::in_sqlite_message(&text).map_or(Self::Integrity(text), Self::Constraint)
            }
            Some(
                DatabaseBusy
                | DatabaseLocked
                | DiskFull
                | SystemIoFailure
                | CannotOpen
                | ReadOnly
                | FileLockingProtocolFailed,
            ) => Self::Unavailable(text),
            _ => Self::Statement(text),
        }
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState;
        let Some(refusal) = error.as_db_error() else {
            return Self::Unavailable(chain(&error));
        };
        let text = refusal.to_string();
        match refusal.code() {
            code if code.code().starts_with("23") => {
                let known = refusal.constraint().and_then(Constraint::named);
                known.map_or(Self::Integrity(text), Self::Constraint)
            }
            code if *code == SqlState::T_R_DEADLOCK_DETECTED
                || *code == SqlState::T_R_SERIALIZATION_FAILURE =>
            {
                Self::TryAgain(text)
            }
            // Connection trouble, resources, operator intervention (a shutdown), system errors, startup, and lock or
            // statement timeouts.
            code if ["08", "53", "57", "58"].iter().any(|class| code.code().starts_with(class))
                || *code == SqlState::LOCK_NOT_AVAILABLE
                || *code == SqlState::READ_ONLY_SQL_TRANSACTION
                || *code == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT =>
            {
                Self::Unavailable(text)
            }
            // The user or database in the URL is wrong.
            code if ["28", "3D"].iter().any(|class| code.code().starts_with(class)) => Self::Unusable(text),
            _ => Self::Statement(text),
        }
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
