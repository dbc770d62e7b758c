//! Access to the built-in inbox, if it replaces a vendor.

pub use gateways::inbox::{Medium, Received};

use crate::App;

/// The received messages, newest first; `None` if there is no inbox.
pub fn list(app: &App) -> Option<Vec<Received>> {
    app.gateways.inbox_in_use().map(gateways::inbox::Inbox::messages)
}

/// One message; `None` also if there is no inbox.
pub fn get(app: &App, number: u64) -> Option<Received> {
    app.gateways.inbox_in_use()?.message(number)
}
