//! What a unit can end with besides its value.

use store::StoreError;

use crate::SubmitError;

/// The refusals of a use case, and the faults among them. [`refusals!`](crate::refusals) implements it.
pub trait UnitError: From<SubmitError> + From<StoreError> + Send + 'static {
    /// The fault, where it is no refusal.
    fn fault(&self) -> Option<&SubmitError>;
}

impl UnitError for SubmitError {
    fn fault(&self) -> Option<&SubmitError> {
        Some(self)
    }
}

/// Lets enums of refusals with a variant `Failed(SubmitError)` end a unit, and `?` make it from a store's error.
#[macro_export]
macro_rules! refusals {
    ($($refusal:ty),+ $(,)?) => {$(
        impl From<store::StoreError> for $refusal {
            fn from(error: store::StoreError) -> Self {
                Self::Failed(error.into())
            }
        }

        impl $crate::UnitError for $refusal {
            fn fault(&self) -> Option<&$crate::SubmitError> {
                match self {
                    Self::Failed(fault) => Some(fault),
                    _ => None,
                }
            }
        }
    )+};
}
