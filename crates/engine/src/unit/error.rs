//! What a unit can end with besides its value.

use store::StoreError;

use crate::Fault;

/// The refusals of a use case, and the faults among them. [`refusals!`](crate::refusals) implements it.
pub trait UnitError: From<Fault> + From<StoreError> + Send + 'static {
    /// The fault, where it is no refusal.
    fn fault(&self) -> Option<&Fault>;
}

impl UnitError for Fault {
    fn fault(&self) -> Option<&Fault> {
        Some(self)
    }
}

/// Lets enums of refusals with a variant `Failed(Fault)` end a unit, and `?` make it from a store's error.
#[macro_export]
macro_rules! refusals {
    ($($refusal:ty),+ $(,)?) => {$(
        impl From<store::StoreError> for $refusal {
            fn from(error: store::StoreError) -> Self {
                Self::Failed(error.into())
            }
        }

        impl $crate::UnitError for $refusal {
            fn fault(&self) -> Option<&$crate::Fault> {
                match self {
                    Self::Failed(fault) => Some(fault),
                    _ => None,
                }
            }
        }
    )+};
}
