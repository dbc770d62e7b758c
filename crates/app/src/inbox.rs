//! The built-in inbox, where it stands in for a vendor.

pub use gateways::inbox::{Medium, Received};

use crate::App;

/// What has arrived, newest first; `None` where everything goes to vendors, so that there is no inbox.
pub fn list(app: &App) -> Option<Vec<Received>> {
    app.gateways.inbox_in_use().map(gateways::inbox::Inbox::messages)
}

/// One message; `None` also where there is no inbox.
pub fn get(app: &App, number: u64) -> Option<Received> {
    app.gateways.inbox_in_use()?.message(number)
}
