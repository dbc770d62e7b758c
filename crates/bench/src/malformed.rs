//! What is wrong with an answer that cannot be read.

use thiserror::Error;

/// Far above any response worth measuring. It limits what a faulty server can make the generator keep.
pub const ANSWER_BYTES_MAX: usize = 16 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("malformed response: {0}")]
pub struct Malformed(pub &'static str);
