//! What tests share: worlds, fixed clocks, both databases.
