//! Health check.

use crate::App;
use crate::lanes::Fault;

/// Runs a query through the readers.
pub async fn check(app: &App) -> Result<(), Fault> {
    app.readers.ask(store::catalogue::version).await?;
    Ok(())
}
