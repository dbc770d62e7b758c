//! The span of one call to a vendor.

use std::fmt::Display;

use tracing::field::{Empty, display};
use tracing::{Instrument as _, Span};

/// Makes the call in a span with the vendor's name and the outcome: what `outcome` says of an answer, or the error. Neither may
/// hold anything personal.
pub(crate) async fn call<T, E: Display, O: Display>(
    vendor: &'static str,
    asked: impl Future<Output = Result<T, E>>,
    outcome: impl FnOnce(&T) -> O,
) -> Result<T, E> {
    let span = tracing::info_span!("vendor", vendor, outcome = Empty);
    let noted = async {
        let answered = asked.await;
        match &answered {
            Ok(answer) => {
                Span::current().record("outcome", display(outcome(answer)));
                tracing::debug!("a vendor answered");
            }
            Err(error) => {
                Span::current().record("outcome", display(error));
                tracing::warn!("a call to a vendor failed");
            }
        }
        answered
    };
    noted.instrument(span).await
}
