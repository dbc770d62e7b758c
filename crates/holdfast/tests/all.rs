//! The program from outside: its commands, run as anybody runs them. One binary, so that it links once.

#[cfg(test)]
mod chaos;
#[cfg(test)]
mod config;
#[cfg(test)]
mod import;
