//! Logs: JSON lines on standard error in production, readable ones elsewhere. `HOLDFAST_LOG` filters them.

use tracing_subscriber::EnvFilter;

use crate::settings::{Environment, environment};

pub fn start() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_env("HOLDFAST_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match environment()? {
        Environment::Production => builder.json().init(),
        Environment::Development | Environment::Testing => builder.init(),
    }
    Ok(())
}
