//! The catalogue's rows: what is for sale, written rarely and read into one snapshot.

use std::sync::Arc;

use domain::catalogue::Catalogue;
use domain::ids::{BusinessId, OfferingId, PoolId, VenueId};
use domain::offering::{Confirmation, Offering, OfferingKind, Part, Recipe, Seating};
use domain::opening::{Interval, OpeningHours};
use domain::pool::{Axis, Pool, Ticks};
use domain::seats::{SeatMap, SeatRow};
use domain::time::Instant;
use domain::venue::{Venue, VenueKind};

use crate::error::{Result, StoreError};
use crate::seam::{Connection, Param, Row, Rows};

pub fn insert_venue(connection: &mut Connection, venue: &Venue, now: Instant) -> Result<()> {
    let opening_hours = venue.opening_hours.as_ref().map(|hours| {
        let day =
            |day: &Vec<Interval>| day.iter().map(|i| (i.opens_minute, i.closes_minute)).collect::<Vec<_>>();
        json(&hours.days.iter().map(day).collect::<Vec<_>>())
    });
    let mut rows = Rows::new(9, 1);
    rows.push([
        Param::Id(venue.id.0),
        Param::Id(venue.business.0),
        venue.code.as_deref().into(),
        venue.kind.as_str().into(),
        (&venue.name).into(),
        venue.time_zone_name().into(),
        venue.currency.code().into(),
        opening_hours.as_deref().into(),
        now.into(),
    ]);
    connection.write_many(
        "insert into venues (id, business_id, code, kind, name, time_zone, currency, opening_hours, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &rows,
    )
}

/// Writes pools, and a slot for each thing or seat: what has no time has a known number of slots.
pub fn insert_pools(connection: &mut Connection, pools: &[Pool], now: Instant) -> Result<()> {
    let maps: Vec<Option<String>> = pools
        .iter()
        .map(|pool| match &pool.axis {
            Axis::Seated(map) => Some(json(&map.rows())),
            Axis::Nightly | Axis::Timed(_) | Axis::Quantity => None,
        })
        .collect();
    let mut rows = Rows::new(9, pools.len());
    let mut slots = Rows::new(3, pools.len());
    for (pool, map) in pools.iter().zip(&maps) {
        let ticks = match pool.axis {
            Axis::Timed(ticks) => Some(ticks),
            Axis::Nightly | Axis::Quantity | Axis::Seated(_) => None,
        };
        rows.push([
            Param::Id(pool.id.0),
            Param::Id(pool.venue.0),
            (&pool.name).into(),
            pool.axis.kind().into(),
            Param::Int(pool.capacity),
            ticks.map(|ticks| ticks.minutes).into(),
            ticks.map(|ticks| ticks.origin).into(),
            map.as_deref().into(),
            now.into(),
        ]);
        for slot in 0..known_slots(&pool.axis) {
            slots.push([Param::Id(pool.id.0), Param::Int(slot), Param::Int(pool.capacity)]);
        }
    }
    connection.write_many(
        "insert into pools (id, venue_id, name, kind, capacity, tick_minutes, tick_origin, seat_map, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &rows,
    )?;
    connection.write_many(
        "insert into slots (pool_id, slot, capacity, own_capacity, taken, holds_until) values ($1, $2, $3, 0, 0, null)",
        &slots,
    )
}

fn known_slots(axis: &Axis) -> i64 {
    match axis {
        Axis::Nightly | Axis::Timed(_) => 0,
        Axis::Quantity => 1,
        Axis::Seated(map) => map.seat_count(),
    }
}

pub fn insert_offerings(connection: &mut Connection, offerings: &[Offering], now: Instant) -> Result<()> {
    let recipe = |recipe: &Recipe| recipe.0.iter().map(|part| (part.pool, part.units)).collect::<Vec<_>>();
    let recipes: Vec<String> = offerings
        .iter()
        .map(|offering| json(&offering.recipes.iter().map(recipe).collect::<Vec<_>>()))
        .collect();
    let mut rows = Rows::new(15, offerings.len());
    for (offering, recipes) in offerings.iter().zip(&recipes) {
        let hold_minutes = match offering.confirmation {
            Confirmation::Instant => None,
            Confirmation::Hold { minutes } => Some(minutes),
        };
        rows.push([
            Param::Id(offering.id.0),
            Param::Id(offering.venue.0),
            offering.code.as_deref().into(),
            offering.kind.as_str().into(),
            (&offering.name).into(),
            Param::Int(offering.unit_price_minor),
            hold_minutes.into(),
            Param::Int(offering.party_min),
            Param::Int(offering.party_max),
            Param::Int(offering.seating.duration_minutes),
            Param::Int(offering.seating.turn_minutes),
            offering.starts_at.into(),
            recipes.into(),
            offering.active.into(),
            now.into(),
        ]);
    }
    connection.write_many(
        "insert into offerings (id, venue_id, code, kind, name, unit_price_minor, hold_minutes, party_min, party_max, \
         duration_minutes, turn_minutes, starts_at, recipes, active, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        &rows,
    )
}

/// Counts a change of the catalogue; the new version is the answer.
pub fn raise_version(connection: &mut Connection) -> Result<i64> {
    connection.execute("update catalogue_state set version = version + 1 where id = 1", &[])?;
    version(connection)
}

pub fn version(connection: &mut Connection) -> Result<i64> {
    let found =
        connection.optional("select version from catalogue_state where id = 1", &[], |row| row.int(0))?;
    found.ok_or_else(|| StoreError::corrupt("catalogue_state", "id", 1))
}

/// Reads the whole catalogue.
pub fn load(connection: &mut Connection) -> Result<Catalogue> {
    let mut catalogue = Catalogue::default();
    catalogue.version = version(connection)?;
    let venues = connection.all(
        "select id, business_id, code, kind, name, time_zone, currency, opening_hours from venues order by id",
        &[],
        venue,
    )?;
    for venue in venues {
        catalogue.put_venue(Arc::new(venue));
    }
    let pools = connection.all(
        "select id, venue_id, name, kind, capacity, tick_minutes, tick_origin, seat_map from pools order by id",
        &[],
        pool,
    )?;
    for pool in pools {
        catalogue.put_pool(Arc::new(pool));
    }
    let offerings = connection.all(
        "select id, venue_id, code, kind, name, unit_price_minor, hold_minutes, party_min, party_max, \
         duration_minutes, turn_minutes, starts_at, recipes, active from offerings order by id",
        &[],
        offering,
    )?;
    for offering in offerings {
        catalogue.put_offering(Arc::new(offering));
    }
    Ok(catalogue)
}

fn venue(row: &Row<'_>) -> Result<Venue> {
    let id = VenueId(row.id(0)?);
    let corrupt = |column| StoreError::corrupt("venues", column, id);
    Ok(Venue {
        id,
        business: BusinessId(row.id(1)?),
        code: row.opt_text(2)?,
        kind: VenueKind::from_word(&row.text(3)?).ok_or_else(|| corrupt("kind"))?,
        name: row.text(4)?,
        time_zone: jiff::tz::TimeZone::get(&row.text(5)?).map_err(|_| corrupt("time_zone"))?,
        currency: row.text(6)?.parse().map_err(|_| corrupt("currency"))?,
        opening_hours: match row.opt_text(7)? {
            Some(text) => Some(opening_hours(&text).ok_or_else(|| corrupt("opening_hours"))?),
            None => None,
        },
    })
}

fn opening_hours(text: &str) -> Option<OpeningHours> {
    let days: [Vec<(i64, i64)>; 7] = serde_json::from_str(text).ok()?;
    let interval = |(opens_minute, closes_minute)| Interval { opens_minute, closes_minute };
    Some(OpeningHours { days: days.map(|day| day.into_iter().map(interval).collect()) })
}

fn pool(row: &Row<'_>) -> Result<Pool> {
    let id = PoolId(row.id(0)?);
    let corrupt = |column| StoreError::corrupt("pools", column, id);
    let axis = match row.text(3)?.as_str() {
        "nightly" => Axis::Nightly,
        "timed" => Axis::Timed(Ticks { minutes: row.int(5)?, origin: Instant(row.int(6)?) }),
        "quantity" => Axis::Quantity,
        "seated" => {
            let rows: Vec<SeatRow> = serde_json::from_str(&row.text(7)?).map_err(|_| corrupt("seat_map"))?;
            Axis::Seated(Arc::new(SeatMap::new(rows).map_err(|_| corrupt("seat_map"))?))
        }
        _ => return Err(corrupt("kind")),
    };
    Ok(Pool { id, venue: VenueId(row.id(1)?), name: row.text(2)?, axis, capacity: row.int(4)? })
}

fn offering(row: &Row<'_>) -> Result<Offering> {
    let id = OfferingId(row.id(0)?);
    let corrupt = |column| StoreError::corrupt("offerings", column, id);
    let recipes: Vec<Vec<(PoolId, i64)>> =
        serde_json::from_str(&row.text(12)?).map_err(|_| corrupt("recipes"))?;
    let part = |(pool, units)| Part { pool, units };
    Ok(Offering {
        id,
        venue: VenueId(row.id(1)?),
        code: row.opt_text(2)?,
        kind: OfferingKind::from_word(&row.text(3)?).ok_or_else(|| corrupt("kind"))?,
        name: row.text(4)?,
        unit_price_minor: row.int(5)?,
        confirmation: row.opt_int(6)?.map_or(Confirmation::Instant, |minutes| Confirmation::Hold { minutes }),
        party_min: row.int(7)?,
        party_max: row.int(8)?,
        seating: Seating { duration_minutes: row.int(9)?, turn_minutes: row.int(10)? },
        starts_at: row.opt_int(11)?.map(Instant),
        recipes: recipes.into_iter().map(|recipe| Recipe(recipe.into_iter().map(part).collect())).collect(),
        active: row.int(13)? != 0,
    })
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("numbers, texts and lists are always JSON")
}
