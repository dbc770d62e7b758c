//! Tokens against those who make their own.

#[cfg(test)]
mod tokens;
