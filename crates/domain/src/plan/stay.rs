//! A stay: rooms of one type, night by night.

use std::sync::Arc;

use super::resolve::Fields;
use super::{Choice, Need, PlannedLine, Planner, Rules};
use crate::catalogue::Selector;
use crate::field::FieldErrors;
use crate::limits::{CAPACITY_MAX, GUESTS_MAX, NIGHTS_MAX, ROOMS_MAX};
use crate::line::{Detail, StayDates};
use crate::offering::{Offering, OfferingKind};
use crate::time::day_number;
use crate::venue::Venue;

impl Planner<'_> {
    pub(super) fn stay(
        &self,
        base: &str,
        hotel: Option<&Selector>,
        room_type: &Selector,
        dates: StayDates,
        (rooms, guests): (i64, i64),
        errors: &mut FieldErrors,
    ) -> Option<(Arc<Venue>, PlannedLine)> {
        let mut fields = Fields { base, errors };
        let (rooms_max, guests_min, guests_max) = match self.rules {
            Rules::Guest => (ROOMS_MAX, 1, GUESTS_MAX),
            Rules::Import => (CAPACITY_MAX, 0, i64::MAX),
        };
        fields.range("num_rooms", rooms, 1, rooms_max);
        fields.range("num_guests", guests, guests_min, guests_max);
        let nights = self.nights(&mut fields, dates);
        let found = self.offering(&mut fields, "room_type_id", room_type, OfferingKind::Stay);
        if let Some(venue) = self.venue_of(&mut fields, "hotel_id", hotel, found.as_ref()) {
            self.bookable_day(&mut fields, "checkin_date", dates.checkin, &venue);
        }
        let (venue, offering) = found?;
        let beds = rooms.saturating_mul(offering.party_max);
        if self.rules == Rules::Guest && rooms > 0 && guests > beds {
            fields.add(
                "num_guests",
                format!("{} sleeps at most {} guests per room", offering.name, offering.party_max),
            );
        }
        let line = PlannedLine {
            choices: nights
                .map_or_else(Vec::new, |nights| choices(&offering, dates, nights, (rooms, guests))),
            starts_on: dates.checkin,
            party_size: guests,
        };
        Some((venue, line))
    }

    fn nights(&self, fields: &mut Fields<'_>, dates: StayDates) -> Option<i64> {
        let nights = day_number(dates.checkout) - day_number(dates.checkin);
        if nights < 1 {
            fields.add("checkout_date", "must be after checkin_date");
            return None;
        }
        if self.rules == Rules::Guest && nights > NIGHTS_MAX {
            fields.add("checkout_date", format!("must be at most {NIGHTS_MAX} nights after checkin_date"));
            return None;
        }
        Some(nights)
    }
}

fn choices(offering: &Offering, dates: StayDates, nights: i64, (rooms, guests): (i64, i64)) -> Vec<Choice> {
    let first = day_number(dates.checkin);
    let detail = Detail::Stay {
        checkin_date: dates.checkin,
        checkout_date: dates.checkout,
        num_rooms: rooms,
        num_guests: guests,
    };
    offering.choices(
        &detail,
        offering.unit_price_minor.saturating_mul(rooms).saturating_mul(nights),
        |part| {
            Some(vec![Need::Range {
                pool: part.pool,
                first,
                last: first + nights - 1,
                units: part.units.saturating_mul(rooms),
            }])
        },
    )
}

impl Offering {
    /// One choice per recipe. `needs` gives the needs of one part of a recipe, or `None` if it is unusable.
    pub(super) fn choices(
        &self,
        detail: &Detail,
        base_minor: i64,
        needs: impl Fn(&crate::offering::Part) -> Option<Vec<Need>>,
    ) -> Vec<Choice> {
        let choice = |needs| Choice {
            offering: self.id,
            detail: detail.clone(),
            base_minor,
            hold_ms: self.confirmation.hold_ms(),
            needs,
        };
        if self.recipes.is_empty() {
            return vec![choice(Vec::new())];
        }
        self.recipes
            .iter()
            .filter_map(|recipe| {
                let mut all = Vec::with_capacity(recipe.0.len());
                for part in &recipe.0 {
                    all.extend(needs(part)?);
                }
                Some(choice(all))
            })
            .collect()
    }
}
