//! Logs on standard error: by default JSON lines in production, text elsewhere.

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
        // The innermost span is the last of the list.
        LogFormat::Json => builder.json().with_current_span(false).init(),
        LogFormat::Text => builder.init(),
    }
}
