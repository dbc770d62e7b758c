//! Whether the server can serve.

use crate::App;
use crate::lanes::SubmitError;

/// Asks the database a question through the readers.
pub async fn check(app: &App) -> Result<(), SubmitError> {
    app.readers.ask(store::catalogue::version).await?;
    Ok(())
}
