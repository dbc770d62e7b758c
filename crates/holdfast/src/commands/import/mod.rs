use crate::cli::HotelBookings;
use std::process::ExitCode;
pub fn run(_: &HotelBookings) -> anyhow::Result<ExitCode> {
    anyhow::bail!("not yet")
}
