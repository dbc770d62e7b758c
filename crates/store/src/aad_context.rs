//! What sealed bytes are bound to.

use uuid::Uuid;

/// The row and column of sealed bytes, as additional authenticated data: moved elsewhere, they do not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AadContext {
    /// Table and column, as `bookings.private`.
    pub column: &'static str,
    pub row: Uuid,
}
