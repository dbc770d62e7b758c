//! Random sequences of commands over a small world, checked after each step.

mod commands;
mod oracle;
mod steps;
