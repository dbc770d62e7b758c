//! The program from outside, as its users run it. One binary, so that it links once.

#[cfg(test)]
mod chaos;
#[cfg(test)]
mod config;
#[cfg(test)]
mod import;
