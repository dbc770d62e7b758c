//! What this installation is: facts generated once, when the database is first used.

use domain::reference::ReferenceKey;
use domain::time::Instant;

use crate::error::{Result, StoreError};
use crate::seam::{Connection, Param};

/// The installation's key for references; `generated` becomes it if there is none yet.
pub fn reference_key(connection: &mut Connection, generated: [u64; 2], now: Instant) -> Result<ReferenceKey> {
    let [first, second] = generated.map(u64::cast_signed);
    connection.execute(
        "insert into installation (id, reference_key_1, reference_key_2, created_at) values (1, $1, $2, $3) \
         on conflict (id) do nothing",
        &[Param::Int(first), Param::Int(second), now.into()],
    )?;
    let sql = "select reference_key_1, reference_key_2 from installation where id = 1";
    let key = connection.optional(sql, &[], |row| {
        Ok(ReferenceKey([row.int(0)?.cast_unsigned(), row.int(1)?.cast_unsigned()]))
    })?;
    key.ok_or_else(|| StoreError::corrupt("installation", "id", 1))
}
