//! The catalogue's rows: what is for sale, written rarely and read into a snapshot per venue.
//!
//! Every change raises the catalogue's version, which also locks it: changes of the catalogue follow each other, so that
//! whoever has seen a version has seen all before it.

mod offerings;
mod pools;
mod usage;
mod venues;

pub use offerings::{insert_offerings, update_offering};
pub use pools::{insert_pools, update_pool};
pub use usage::{is_code_taken, is_offering_in_use, is_venue_in_use};
pub use venues::{insert_venues, update_venue};

use std::collections::HashMap;

use domain::catalogue::{Catalogue, VenueCatalogue};
use domain::ids::VenueId;

use crate::error::{Result, StoreError};
use crate::seam::{Connection, Param, Rows};

/// Counts a change of the catalogue and keeps other changes waiting until the transaction ends; the new version is the
/// answer. To be called before anything else of the change.
pub fn raise_version(connection: &mut Connection) -> Result<i64> {
    connection.execute("update catalogue_state set version = version + 1 where id = 1", &[])?;
    version(connection)
}

/// Notes what a change touched: these venues are read again by processes that know an older version.
pub fn mark_changed(connection: &mut Connection, venues: &[VenueId], version: i64) -> Result<()> {
    let mut rows = Rows::new(2, venues.len());
    for venue in venues {
        rows.push([Param::Id(venue.0), Param::Int(version)]);
    }
    connection.write_many("update venues set catalogue_version = $2 where id = $1", &rows)
}

pub fn version(connection: &mut Connection) -> Result<i64> {
    let found =
        connection.optional("select version from catalogue_state where id = 1", &[], |row| row.int(0))?;
    found.ok_or_else(|| StoreError::corrupt("catalogue_state", "id", 1))
}

/// Reads the whole catalogue.
pub fn load(connection: &mut Connection) -> Result<Catalogue> {
    let mut catalogue = Catalogue::default();
    // Read first, so that a change in between is read twice and not missed.
    catalogue.version = version(connection)?;
    let all = changed_since(connection, -1)?;
    read(connection, &all)?.into_iter().for_each(|venue| catalogue.put(venue));
    Ok(catalogue)
}

/// What has changed since the catalogue had this version, if anything has: its version now, and the venues concerned.
pub fn changes(connection: &mut Connection, since: i64) -> Result<Option<(i64, Vec<VenueCatalogue>)>> {
    let version = version(connection)?;
    if version <= since {
        return Ok(None);
    }
    let changed = changed_since(connection, since)?;
    Ok(Some((version, read(connection, &changed)?)))
}

fn changed_since(connection: &mut Connection, version: i64) -> Result<Vec<VenueId>> {
    let sql = "select id from venues where catalogue_version > $1 order by id";
    connection.all(sql, &[Param::Int(version)], |row| Ok(VenueId(row.id(0)?)))
}

/// Reads these venues with their pools and offerings.
pub fn read(connection: &mut Connection, venues: &[VenueId]) -> Result<Vec<VenueCatalogue>> {
    let keys = Rows::of_ids(venues.iter().map(|venue| venue.0));
    let mut found = venues::read(connection, &keys)?;
    let places: HashMap<VenueId, usize> =
        found.iter().enumerate().map(|(place, of_venue)| (of_venue.venue.id, place)).collect();
    for pool in pools::read(connection, &keys)? {
        if let Some(of_venue) = places.get(&pool.venue).and_then(|place| found.get_mut(*place)) {
            of_venue.pools.push(pool.into());
        }
    }
    for offering in offerings::read(connection, &keys)? {
        if let Some(of_venue) = places.get(&offering.venue).and_then(|place| found.get_mut(*place)) {
            of_venue.offerings.push(offering.into());
        }
    }
    Ok(found)
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("numbers, texts and lists are always JSON")
}
