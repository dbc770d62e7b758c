//! Creating bookings: either all bookings of an order are created, or none.

use super::claim::Claiming;
use super::lines::{lines, total_minor};
use super::transition::release_slots;
use super::{Context, Done, NotDone};
use crate::actor::Actor;
use crate::booking::{Booking, HistoryEntry, Times};
use crate::command::{NewBooking, NewOrder};
use crate::event::{Event, EventKind, payload};
use crate::ids::{BookingId, GuestId, OrderId};
use crate::money::Price;
use crate::plan::Choice;
use crate::reference::ReferenceNumber;
use crate::refusal::Refusal;
use crate::status::Status;
use crate::time::Instant;
use crate::working_set::WorkingSet;

pub(super) fn create(
    set: &mut WorkingSet,
    context: &mut Context<'_>,
    order: &NewOrder,
) -> Result<Done, NotDone> {
    let order_id = order.grouped.then(|| OrderId(context.chance.id(context.now, 0)));
    let mut made: Vec<Booking> = Vec::with_capacity(order.bookings.len());
    for (index, new) in order.bookings.iter().enumerate() {
        match booking(set, context, index, new, order_id) {
            Ok(booking) => made.push(booking),
            Err(reason) => {
                for claim in made.iter().flat_map(|booking| &booking.claims) {
                    release_slots(set, claim);
                }
                return Err(reason);
            }
        }
    }
    let bookings = made.iter().map(|booking| booking.id).collect();
    for booking in made {
        tell_created(set, context, &booking, order.by);
        set.insert_new(booking);
    }
    Ok(Done::Created { order: order_id, bookings })
}

fn booking(
    set: &mut WorkingSet,
    context: &mut Context<'_>,
    index: usize,
    new: &NewBooking,
    order: Option<OrderId>,
) -> Result<Booking, NotDone> {
    let now = context.now;
    // The choices are known only afterwards. A slot may expect a hold to end too early, but never too late.
    let any_choice = new.plan.lines.iter().flat_map(|line| &line.choices);
    let mut claiming = Claiming::new(index, hold_ends(any_choice, now), 0);
    let chosen = claiming.lines(set, context, &new.plan.lines)?;
    let hold_ends = hold_ends(chosen.iter().copied(), now);
    let price = Price::plain(total_minor(&chosen), new.plan.venue.currency);
    if let Some(expected_minor) = new.expected_total_minor.filter(|expected| *expected != price.total_minor) {
        claiming.give_back(set);
        let actual_minor = price.total_minor;
        return Err(Refusal::PriceChanged { booking: index, expected_minor, actual_minor }.into());
    }
    let claims = claiming.into_claims();
    let hint = new.plan.venue.id.hint();
    Ok(Booking {
        id: new.id.unwrap_or_else(|| BookingId(context.chance.id(now, hint))),
        reference: ReferenceNumber::generate(now, context.chance.reference_bits(now)),
        order,
        venue: new.plan.venue.id,
        guest: new.guest.unwrap_or_else(|| GuestId(context.chance.id(now, hint))),
        status: if hold_ends.is_some() { Status::Pending } else { Status::Confirmed },
        version: 1,
        starts_on: new.plan.starts_on,
        party_size: new.plan.party_size,
        price,
        times: Times {
            expires: hold_ends,
            confirmed: hold_ends.is_none().then_some(now),
            ..Times::made(now)
        },
        cancellation: None,
        person: new.person.clone(),
        notes: new.notes.clone(),
        lines: lines(&chosen, &claims, context),
        claims,
    })
}

/// When a booking of these choices must be confirmed: the shortest hold among them.
fn hold_ends<'p>(choices: impl Iterator<Item = &'p Choice>, now: Instant) -> Option<Instant> {
    choices.filter_map(|choice| choice.hold_ms).min().map(|ms| now + ms)
}

fn tell_created(set: &mut WorkingSet, context: &Context<'_>, booking: &Booking, by: Actor) {
    set.history.push(HistoryEntry {
        booking: booking.id,
        version: booking.version,
        from: None,
        to: booking.status,
        by,
        reason: None,
        at: context.now,
    });
    let payload = payload(booking, None, context.reference_key);
    let event = |kind, payload| Event {
        kind,
        booking: booking.id,
        sequence: booking.version,
        payload,
        at: context.now,
    };
    if booking.status == Status::Confirmed {
        set.events.push(event(EventKind::Created, payload.clone()));
        set.events.push(event(EventKind::Confirmed, payload));
    } else {
        set.events.push(event(EventKind::Created, payload));
    }
}
