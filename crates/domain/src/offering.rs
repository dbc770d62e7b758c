//! What a buyer books: a room type, a table for two, an adult ticket, a mug.

use crate::field::FieldErrors;
use crate::ids::{OfferingId, PoolId, VenueId};
use crate::limits::{DURATION_MINUTES_MAX, DURATION_MINUTES_MIN, LENGTHS_MAX};
use crate::time::{Instant, MINUTE_MS};
use crate::venue::words;

#[derive(Debug, Clone, PartialEq)]
pub struct Offering {
    pub id: OfferingId,
    /// Grows by one with each change of the offering.
    pub version: i64,
    pub venue: VenueId,
    /// See [`crate::venue::Venue::code`].
    pub code: Option<String>,
    pub kind: OfferingKind,
    pub name: String,
    /// Price of one unit in minor units of the venue's currency: per night for a stay, otherwise for the whole
    /// duration.
    pub unit_price_minor: i64,
    pub confirmation: Confirmation,
    /// Minimum and maximum number of people per unit: guests of a room, party at a table.
    pub party_min: i64,
    pub party_max: i64,
    pub seating: Seating,
    /// Which lengths a booking may ask for instead of the usual one.
    pub lengths: LengthRule,
    /// When the event begins. Tickets are sold until then.
    pub starts_at: Option<Instant>,
    pub sale: SaleWindow,
    /// In order of preference. Without recipes the offering has no limit (a transfer, a late breakfast).
    pub recipes: Vec<Recipe>,
    pub active: bool,
    /// Since when it is no longer sold, for good.
    pub withdrawn_at: Option<Instant>,
}

impl Offering {
    /// What contradicts itself, whether it was added like this or changed to it.
    pub fn check(&self, base: &str, errors: &mut FieldErrors) {
        if self.party_min > self.party_max {
            errors.add_at(base, "party_max", "must be at least party_min");
        }
        if !self.lengths.allows(self.seating.duration_minutes, self.seating.duration_minutes) {
            errors.add_at(base, "length_rule", "must allow duration_minutes, the usual length");
        }
        if matches!((self.sale.from, self.sale.until), (Some(from), Some(until)) if until <= from) {
            errors.add_at(base, "on_sale_until", "must be after on_sale_from");
        }
    }
}

/// How much there is of something, and how much of it is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Supply {
    pub capacity: i64,
    pub free: i64,
}

impl Offering {
    /// How often the offering could be sold at most, and how often it still can, given what its pools have: over all
    /// recipes, each pool counted once. `None` where it is not limited.
    pub fn supply(&self, of_pool: impl Fn(PoolId) -> Supply) -> Option<Supply> {
        let mut counted: Vec<PoolId> = Vec::new();
        let mut all = Supply::default();
        for recipe in &self.recipes {
            if recipe.0.iter().any(|part| counted.contains(&part.pool)) {
                continue;
            }
            counted.extend(recipe.0.iter().map(|part| part.pool));
            let least = |of: fn(Supply) -> i64| {
                recipe.0.iter().map(|part| of(of_pool(part.pool)) / part.units.max(1)).min().unwrap_or(0)
            };
            all.capacity += least(|supply| supply.capacity);
            all.free += least(|supply| supply.free.max(0));
        }
        (!self.recipes.is_empty()).then_some(all)
    }
}

/// What is to be changed of an offering; what is absent stays. `Some(None)` removes a value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OfferingChange {
    pub code: Option<Option<String>>,
    pub name: Option<String>,
    pub unit_price_minor: Option<i64>,
    pub confirmation: Option<Confirmation>,
    pub party_min: Option<i64>,
    pub party_max: Option<i64>,
    pub duration_minutes: Option<i64>,
    pub turn_minutes: Option<i64>,
    pub lengths: Option<LengthRule>,
    pub starts_at: Option<Option<Instant>>,
    pub on_sale_from: Option<Option<Instant>>,
    pub on_sale_until: Option<Option<Instant>>,
    pub active: Option<bool>,
    pub recipes: Option<Vec<Recipe>>,
}

impl Offering {
    /// The next version of the offering.
    #[must_use]
    pub fn changed(&self, change: OfferingChange) -> Self {
        let now = self.clone();
        Self {
            version: now.version + 1,
            code: change.code.unwrap_or(now.code),
            name: change.name.unwrap_or(now.name),
            unit_price_minor: change.unit_price_minor.unwrap_or(now.unit_price_minor),
            confirmation: change.confirmation.unwrap_or(now.confirmation),
            party_min: change.party_min.unwrap_or(now.party_min),
            party_max: change.party_max.unwrap_or(now.party_max),
            seating: Seating {
                duration_minutes: change.duration_minutes.unwrap_or(now.seating.duration_minutes),
                turn_minutes: change.turn_minutes.unwrap_or(now.seating.turn_minutes),
            },
            lengths: change.lengths.unwrap_or(now.lengths),
            starts_at: change.starts_at.unwrap_or(now.starts_at),
            sale: SaleWindow {
                from: change.on_sale_from.unwrap_or(now.sale.from),
                until: change.on_sale_until.unwrap_or(now.sale.until),
            },
            active: change.active.unwrap_or(now.active),
            recipes: change.recipes.unwrap_or(now.recipes),
            ..now
        }
    }
}

/// When the offering can be bought: from a moment on, and until before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SaleWindow {
    pub from: Option<Instant>,
    pub until: Option<Instant>,
}

impl SaleWindow {
    pub fn is_open(self, now: Instant) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }
}

/// Which lengths of a seating a booking may ask for, in minutes.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum LengthRule {
    /// Any length.
    #[default]
    Any,
    /// The usual one only.
    Fixed,
    /// One of these.
    Choice { minutes: Vec<i64> },
    /// From the least to the most, in steps counted from the least.
    Range { min_minutes: i64, max_minutes: i64, step_minutes: i64 },
}

impl LengthRule {
    pub fn allows(&self, usual_minutes: i64, minutes: i64) -> bool {
        match self {
            Self::Any => true,
            Self::Fixed => minutes == usual_minutes,
            Self::Choice { minutes: allowed } => allowed.contains(&minutes),
            Self::Range { min_minutes, max_minutes, step_minutes } => {
                (*min_minutes..=*max_minutes).contains(&minutes)
                    && (minutes - min_minutes).checked_rem(*step_minutes) == Some(0)
            }
        }
    }

    /// The allowed lengths in words, as what a length must be.
    pub fn allowed(&self, usual_minutes: i64) -> String {
        match self {
            Self::Any => "any length".to_owned(),
            Self::Fixed => format!("{usual_minutes}"),
            Self::Choice { minutes } => {
                minutes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
            }
            Self::Range { min_minutes, max_minutes, step_minutes } => {
                format!("from {min_minutes} to {max_minutes} in steps of {step_minutes}")
            }
        }
    }

    /// What is wrong with the rule itself.
    pub fn fault(&self) -> Option<String> {
        let sensible = DURATION_MINUTES_MIN..=DURATION_MINUTES_MAX;
        let range = || format!("from {DURATION_MINUTES_MIN} to {DURATION_MINUTES_MAX} minutes");
        match self {
            Self::Any | Self::Fixed => None,
            Self::Choice { minutes } if minutes.is_empty() || minutes.len() > LENGTHS_MAX => {
                Some(format!("must name 1 to {LENGTHS_MAX} lengths"))
            }
            Self::Choice { minutes } => (!minutes.iter().all(|length| sensible.contains(length)))
                .then(|| format!("must name lengths {}", range())),
            Self::Range { min_minutes, max_minutes, step_minutes } => {
                let is_sound = sensible.contains(min_minutes)
                    && sensible.contains(max_minutes)
                    && min_minutes <= max_minutes
                    && *step_minutes >= 1;
                (!is_sound).then(|| format!("must go up {} in steps of at least 1 minute", range()))
            }
        }
    }
}

words! {
    /// The kind of line that books the offering.
    OfferingKind {
        Stay = "stay",
        Table = "table",
        Experience = "experience",
        Ticket = "ticket",
        Product = "product",
        Service = "service",
    }
}

impl OfferingKind {
    /// The kinds of pool ([`crate::pool::Axis::kind`]) that the offering can use.
    pub fn pool_kinds(self) -> &'static [&'static str] {
        match self {
            Self::Stay => &["nightly"],
            Self::Table | Self::Experience => &["timed"],
            Self::Ticket => &["quantity", "seated"],
            Self::Product | Self::Service => &["quantity"],
        }
    }
}

/// When a booking of the offering is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// Immediately, for example with payment at the venue.
    Instant,
    /// Held until it is confirmed, at most for this long.
    Hold { minutes: i64 },
}

impl Confirmation {
    pub fn hold_ms(self) -> Option<i64> {
        match self {
            Self::Instant => None,
            Self::Hold { minutes } => Some(minutes * MINUTE_MS),
        }
    }
}

/// How long a table or an experience is occupied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seating {
    /// If the booking does not give a duration.
    pub duration_minutes: i64,
    /// Time for preparing the table for the next party.
    pub turn_minutes: i64,
}

/// One way to fulfil the offering: units of one or more pools, all or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe(pub Vec<Part>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub pool: PoolId,
    pub units: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_rule_allows_what_it_names() {
        let range = LengthRule::Range { min_minutes: 60, max_minutes: 180, step_minutes: 30 };
        for (rule, allowed, refused) in [
            (LengthRule::Any, vec![5, 90, 1_440], vec![]),
            (LengthRule::Fixed, vec![90], vec![60, 91]),
            (LengthRule::Choice { minutes: vec![60, 120] }, vec![60, 120], vec![90]),
            (range, vec![60, 90, 180], vec![30, 75, 210]),
        ] {
            assert_eq!(rule.fault(), None);
            assert!(allowed.iter().all(|minutes| rule.allows(90, *minutes)), "{rule:?}");
            assert!(!refused.iter().any(|minutes| rule.allows(90, *minutes)), "{rule:?}");
        }
    }

    #[test]
    fn a_length_rule_that_allows_nothing_is_at_fault() {
        for rule in [
            LengthRule::Choice { minutes: vec![] },
            LengthRule::Choice { minutes: vec![0] },
            LengthRule::Range { min_minutes: 90, max_minutes: 60, step_minutes: 15 },
            LengthRule::Range { min_minutes: 60, max_minutes: 90, step_minutes: 0 },
        ] {
            assert!(rule.fault().is_some(), "{rule:?}");
            assert!(!rule.allows(60, 75), "{rule:?}");
        }
    }

    #[test]
    fn a_sale_window_includes_its_beginning_and_not_its_end() {
        let window = SaleWindow { from: Some(Instant(10)), until: Some(Instant(20)) };
        assert_eq!([9, 10, 19, 20].map(|now| window.is_open(Instant(now))), [false, true, true, false]);
        assert!(SaleWindow::default().is_open(Instant(0)));
    }
}
