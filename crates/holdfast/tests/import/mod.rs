//! `holdfast import hotel-bookings`.

mod errors;
mod history;
mod oracle;
mod program;
mod real;
mod synthetic;
