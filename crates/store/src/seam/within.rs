//! Answers of a PostgreSQL server, waited for as long as they may take.

use std::future::Future;
use std::time::Duration;

use crate::error::StoreError;

pub(super) type Answer<T> = Result<T, tokio_postgres::Error>;

/// Why there is no response.
pub(super) enum Failure {
    NoAnswer,
    Driver(tokio_postgres::Error),
    /// The server responded, and the response was unusable.
    Ours(StoreError),
}

pub(super) async fn within<T>(
    allowed: Duration,
    answer: impl Future<Output = Answer<T>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(allowed, answer).await {
        Ok(answer) => answer.map_err(Failure::Driver),
        Err(_) => Err(Failure::NoAnswer),
    }
}
