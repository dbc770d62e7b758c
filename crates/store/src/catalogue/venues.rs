//! The rows of venues.

use std::collections::BTreeMap;

use domain::catalogue::VenueCatalogue;
use domain::ids::{BusinessId, VenueId};
use domain::opening::{Interval, OpeningExceptions, OpeningHours};
use domain::time::Instant;
use domain::venue::{Venue, VenueKind};

use super::json;
use crate::error::{Result, StoreError};
use crate::seam::{Connection, Param, Row, Rows};

pub fn insert_venues(connection: &mut Connection, venues: &[Venue], now: Instant) -> Result<()> {
    let texts: Vec<_> = venues.iter().map(|venue| (hours_text(venue), exceptions_text(venue))).collect();
    let mut rows = Rows::new(11, venues.len());
    for (venue, (hours, exceptions)) in venues.iter().zip(&texts) {
        rows.push([
            Param::Id(venue.id.0),
            Param::Int(venue.version),
            Param::Id(venue.business.0),
            venue.code.as_deref().into(),
            venue.kind.as_str().into(),
            (&venue.name).into(),
            venue.time_zone_name().into(),
            venue.currency.code().into(),
            hours.as_deref().into(),
            exceptions.as_deref().into(),
            now.into(),
        ]);
    }
    connection.write_many(
        "insert into venues (id, version, business_id, code, kind, name, time_zone, currency, opening_hours, \
         opening_exceptions, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &rows,
    )
}

/// Writes what can be changed of a venue. The caller has read it under the lock of the catalogue's version.
pub fn update_venue(connection: &mut Connection, venue: &Venue) -> Result<()> {
    let (hours, exceptions) = (hours_text(venue), exceptions_text(venue));
    let changed = connection.execute(
        "update venues set version = $2, code = $3, name = $4, time_zone = $5, currency = $6, opening_hours = $7, \
         opening_exceptions = $8, withdrawn_at = $9 where id = $1",
        &[
            Param::Id(venue.id.0),
            Param::Int(venue.version),
            venue.code.as_deref().into(),
            (&venue.name).into(),
            venue.time_zone_name().into(),
            venue.currency.code().into(),
            hours.as_deref().into(),
            exceptions.as_deref().into(),
            venue.withdrawn_at.into(),
        ],
    )?;
    if changed == 1 { Ok(()) } else { Err(StoreError::corrupt("venues", "id", venue.id)) }
}

pub(super) fn read(connection: &mut Connection, ids: &Rows<'_>) -> Result<Vec<VenueCatalogue>> {
    connection.all_many(
        "select id, version, business_id, code, kind, name, time_zone, currency, opening_hours, opening_exceptions, \
         withdrawn_at, catalogue_version from venues where id = $1",
        ids,
        |_, row| Ok(VenueCatalogue::new(venue(row)?, row.int(11)?)),
    )
}

fn venue(row: &Row<'_>) -> Result<Venue> {
    let id = VenueId(row.id(0)?);
    let corrupt = |column| StoreError::corrupt("venues", column, id);
    let hours = row.opt_text(8)?.map(|text| read_hours(&text).ok_or_else(|| corrupt("opening_hours")));
    let exceptions =
        row.opt_text(9)?.map(|text| read_exceptions(&text).ok_or_else(|| corrupt("opening_exceptions")));
    Ok(Venue {
        id,
        version: row.int(1)?,
        business: BusinessId(row.id(2)?),
        code: row.opt_text(3)?,
        kind: VenueKind::from_word(&row.text(4)?).ok_or_else(|| corrupt("kind"))?,
        name: row.text(5)?,
        time_zone: jiff::tz::TimeZone::get(&row.text(6)?).map_err(|_| corrupt("time_zone"))?,
        currency: row.text(7)?.parse().map_err(|_| corrupt("currency"))?,
        opening_hours: hours.transpose()?,
        opening_exceptions: exceptions.transpose()?.unwrap_or_default(),
        withdrawn_at: row.opt_int(10)?.map(Instant),
    })
}

/// The intervals of a day as they are stored: minutes from midnight.
type Minutes = Vec<(i64, i64)>;

fn minutes(day: &[Interval]) -> Minutes {
    day.iter().map(|interval| (interval.opens_minute, interval.closes_minute)).collect()
}

fn intervals(day: Minutes) -> Vec<Interval> {
    day.into_iter().map(|(opens_minute, closes_minute)| Interval { opens_minute, closes_minute }).collect()
}

fn hours_text(venue: &Venue) -> Option<String> {
    let hours = venue.opening_hours.as_ref()?;
    Some(json(&hours.days.iter().map(|day| minutes(day)).collect::<Vec<_>>()))
}

fn read_hours(text: &str) -> Option<OpeningHours> {
    let days: [Minutes; 7] = serde_json::from_str(text).ok()?;
    Some(OpeningHours { days: days.map(intervals) })
}

fn exceptions_text(venue: &Venue) -> Option<String> {
    let days: BTreeMap<String, Minutes> =
        venue.opening_exceptions.iter().map(|(date, day)| (date.to_string(), minutes(day))).collect();
    (!days.is_empty()).then(|| json(&days))
}

fn read_exceptions(text: &str) -> Option<OpeningExceptions> {
    let days: BTreeMap<String, Minutes> = serde_json::from_str(text).ok()?;
    days.into_iter().map(|(date, day)| Some((date.parse().ok()?, intervals(day)))).collect()
}
