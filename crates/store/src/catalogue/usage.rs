//! What depends on the catalogue as it is, and so keeps it from being changed.

use domain::ids::{OfferingId, VenueId};

use crate::error::Result;
use crate::seam::{Connection, Param};

/// Whether a venue or an offering has this code. Exact under the lock of the catalogue's version.
pub fn is_code_taken(connection: &mut Connection, code: &str) -> Result<bool> {
    let sql = "select code from venues where code = $1 union all select code from offerings where code = $1 limit 1";
    Ok(connection.optional(sql, &[Param::Text(code)], |row| row.text(0))?.is_some())
}

/// Whether anything was ever booked at the venue.
pub fn is_venue_in_use(connection: &mut Connection, venue: VenueId) -> Result<bool> {
    let sql = "select id from bookings where venue_id = $1 limit 1";
    Ok(connection.optional(sql, &[Param::Id(venue.0)], |row| row.id(0))?.is_some())
}

/// Whether a booking that is still to come, or in use, holds the offering.
pub fn is_offering_in_use(connection: &mut Connection, venue: VenueId, offering: OfferingId) -> Result<bool> {
    let sql = "select id from bookings where venue_id = $1 and status in ('PENDING', 'CONFIRMED', 'CHECKED_IN') \
               and exists (select 1 from booking_lines where booking_id = bookings.id and offering_id = $2) limit 1";
    let found = connection.optional(sql, &[Param::Id(venue.0), Param::Id(offering.0)], |row| row.id(0))?;
    Ok(found.is_some())
}
