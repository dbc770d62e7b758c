//! Logs on standard error: JSON lines in production, readable ones elsewhere, where the settings do not say.

use tracing_subscriber::EnvFilter;

use crate::settings::values::LogFormat;
use crate::settings::{Environment, Settings};

pub fn start(settings: &Settings) {
    let filter = EnvFilter::new(&settings.log_filter);
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let format = settings.log_format.unwrap_or(match settings.environment {
        Environment::Production => LogFormat::Json,
        Environment::Development | Environment::Testing => LogFormat::Text,
    });
    match format {
        LogFormat::Json => builder.json().init(),
        LogFormat::Text => builder.init(),
    }
}
