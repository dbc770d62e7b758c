//! The rows of offerings.

use domain::ids::{OfferingId, PoolId, VenueId};
use domain::offering::{Confirmation, LengthRule, Offering, OfferingKind, Part, Recipe, SaleWindow, Seating};
use domain::time::Instant;

use super::json;
use crate::error::{Result, StoreError};
use crate::seam::{Connection, Param, Row, Rows};

pub fn insert_offerings(connection: &mut Connection, offerings: &[Offering], now: Instant) -> Result<()> {
    let texts: Vec<_> =
        offerings.iter().map(|offering| (recipes_text(offering), rule_text(offering))).collect();
    let mut rows = Rows::new(19, offerings.len());
    for (offering, (recipes, rule)) in offerings.iter().zip(&texts) {
        rows.push([
            Param::Id(offering.id.0),
            Param::Int(offering.version),
            Param::Id(offering.venue.0),
            offering.code.as_deref().into(),
            offering.kind.as_str().into(),
            (&offering.name).into(),
            Param::Int(offering.unit_price_minor),
            hold_minutes(offering).into(),
            Param::Int(offering.party_min),
            Param::Int(offering.party_max),
            Param::Int(offering.seating.duration_minutes),
            Param::Int(offering.seating.turn_minutes),
            rule.as_deref().into(),
            offering.starts_at.into(),
            offering.sale.from.into(),
            offering.sale.until.into(),
            recipes.into(),
            offering.active.into(),
            now.into(),
        ]);
    }
    connection.write_many(
        "insert into offerings (id, version, venue_id, code, kind, name, unit_price_minor, hold_minutes, party_min, \
         party_max, duration_minutes, turn_minutes, length_rule, starts_at, on_sale_from, on_sale_until, recipes, \
         active, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        &rows,
    )
}

/// Writes what can be changed of an offering. The caller has read it under the lock of the catalogue's version.
pub fn update_offering(connection: &mut Connection, offering: &Offering) -> Result<()> {
    let (recipes, rule) = (recipes_text(offering), rule_text(offering));
    let changed = connection.execute(
        "update offerings set version = $2, code = $3, name = $4, unit_price_minor = $5, hold_minutes = $6, \
         party_min = $7, party_max = $8, duration_minutes = $9, turn_minutes = $10, length_rule = $11, \
         starts_at = $12, on_sale_from = $13, on_sale_until = $14, recipes = $15, active = $16, withdrawn_at = $17 \
         where id = $1",
        &[
            Param::Id(offering.id.0),
            Param::Int(offering.version),
            offering.code.as_deref().into(),
            (&offering.name).into(),
            Param::Int(offering.unit_price_minor),
            hold_minutes(offering).into(),
            Param::Int(offering.party_min),
            Param::Int(offering.party_max),
            Param::Int(offering.seating.duration_minutes),
            Param::Int(offering.seating.turn_minutes),
            rule.as_deref().into(),
            offering.starts_at.into(),
            offering.sale.from.into(),
            offering.sale.until.into(),
            (&recipes).into(),
            offering.active.into(),
            offering.withdrawn_at.into(),
        ],
    )?;
    if changed == 1 { Ok(()) } else { Err(StoreError::corrupt("offerings", "id", offering.id)) }
}

fn hold_minutes(offering: &Offering) -> Option<i64> {
    match offering.confirmation {
        Confirmation::Instant => None,
        Confirmation::Hold { minutes } => Some(minutes),
    }
}

fn recipes_text(offering: &Offering) -> String {
    let recipe = |recipe: &Recipe| recipe.0.iter().map(|part| (part.pool, part.units)).collect::<Vec<_>>();
    json(&offering.recipes.iter().map(recipe).collect::<Vec<_>>())
}

fn rule_text(offering: &Offering) -> Option<String> {
    (offering.lengths != LengthRule::Any).then(|| json(&offering.lengths))
}

pub(super) fn read(connection: &mut Connection, venues: &Rows<'_>) -> Result<Vec<Offering>> {
    connection.all_many(
        "select id, version, venue_id, code, kind, name, unit_price_minor, hold_minutes, party_min, party_max, \
         duration_minutes, turn_minutes, length_rule, starts_at, on_sale_from, on_sale_until, recipes, active, \
         withdrawn_at from offerings where venue_id = $1 order by id",
        venues,
        |_, row| offering(row),
    )
}

fn offering(row: &Row<'_>) -> Result<Offering> {
    let id = OfferingId(row.id(0)?);
    let corrupt = |column| StoreError::corrupt("offerings", column, id);
    let recipes: Vec<Vec<(PoolId, i64)>> =
        serde_json::from_str(&row.text(16)?).map_err(|_| corrupt("recipes"))?;
    let part = |(pool, units)| Part { pool, units };
    let lengths = match row.opt_text(12)? {
        Some(rule) => serde_json::from_str(&rule).map_err(|_| corrupt("length_rule"))?,
        None => LengthRule::Any,
    };
    let moment = |column| Ok::<_, StoreError>(row.opt_int(column)?.map(Instant));
    Ok(Offering {
        id,
        version: row.int(1)?,
        venue: VenueId(row.id(2)?),
        code: row.opt_text(3)?,
        kind: OfferingKind::from_word(&row.text(4)?).ok_or_else(|| corrupt("kind"))?,
        name: row.text(5)?,
        unit_price_minor: row.int(6)?,
        confirmation: row.opt_int(7)?.map_or(Confirmation::Instant, |minutes| Confirmation::Hold { minutes }),
        party_min: row.int(8)?,
        party_max: row.int(9)?,
        seating: Seating { duration_minutes: row.int(10)?, turn_minutes: row.int(11)? },
        lengths,
        starts_at: moment(13)?,
        sale: SaleWindow { from: moment(14)?, until: moment(15)? },
        recipes: recipes.into_iter().map(|recipe| Recipe(recipe.into_iter().map(part).collect())).collect(),
        active: row.int(17)? != 0,
        withdrawn_at: moment(18)?,
    })
}
