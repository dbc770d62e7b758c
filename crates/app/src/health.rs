//! Whether the server can serve.

use crate::App;
use crate::lanes::Fault;

/// Asks the database a question through the readers.
pub async fn check(app: &App) -> Result<(), Fault> {
    app.readers.ask(store::catalogue::version).await?;
    Ok(())
}
