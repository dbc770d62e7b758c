//! What is not on sale at the moment of the decision is refused, whatever the plan was made against.

use domain::ids::{OfferingId, VenueId};
use domain::offering::{Offering, SaleWindow};
use domain::refusal::Refusal;
use domain::time::MINUTE_MS;

use crate::ask::{product, tickets};
use crate::desk::Desk;
use crate::world::{change, id_of, pool_id, put, start};

/// Changes an offering behind the back of plans that are already made.
fn edit(desk: &mut Desk, name: &str, edit: impl FnOnce(Offering) -> Offering) {
    let known = desk.catalogue.offering(OfferingId(id_of(name))).unwrap();
    let edited = edit(Offering::clone(known));
    put(&mut desk.catalogue, edited);
}

fn is_not_on_sale(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::NotOnSale { booking: 0, line: 0, .. })
}

#[test]
fn a_sale_begins_and_ends_on_the_moment() {
    let mut desk = Desk::new();
    let (from, until) = (start() + 10 * MINUTE_MS, start() + 20 * MINUTE_MS);
    let sale = SaleWindow { from: Some(from), until: Some(until) };
    edit(&mut desk, "mug", |mug| Offering { sale, ..mug });
    let mut at = |now| {
        desk.now = now;
        desk.try_book(&[product("mug", 1)])
    };
    assert!(is_not_on_sale(&at(from - 1).unwrap_err()));
    assert!(at(from).is_ok() && at(until - 1).is_ok());
    let Err(Refusal::NotOnSale { sale: told, .. }) = at(until) else { panic!("sold after the end") };
    assert_eq!(told, sale);
}

#[test]
fn what_was_withdrawn_after_the_plan_is_not_sold() {
    let withdraw: [fn(&mut Desk); 4] = [
        |desk| edit(desk, "adult", |adult| Offering { withdrawn_at: Some(start()), ..adult }),
        |desk| edit(desk, "adult", |adult| Offering { active: false, ..adult }),
        |desk| {
            let pool = desk.catalogue.pool(pool_id("hall")).unwrap().as_ref().clone();
            let pool = domain::pool::Pool { withdrawn_at: Some(start()), ..pool };
            change(&mut desk.catalogue, VenueId(id_of("arena")), |of_venue| of_venue.put_pool(pool));
        },
        |desk| {
            let id = VenueId(id_of("arena"));
            let mut venue = desk.catalogue.venue(id).unwrap().as_ref().clone();
            venue.withdrawn_at = Some(start());
            change(&mut desk.catalogue, id, |of_venue| of_venue.venue = venue.into());
        },
    ];
    for withdraw in withdraw {
        let mut desk = Desk::new();
        let planned = desk.new_booking(&[tickets("adult", 1)]);
        withdraw(&mut desk);
        assert!(is_not_on_sale(&desk.try_order(vec![planned]).unwrap_err()));
        assert!(desk.set.miscounted().is_empty());
    }
}

#[test]
fn a_booking_keeps_the_price_it_was_planned_at() {
    let mut desk = Desk::new();
    let planned = desk.new_booking(&[product("mug", 1)]);
    edit(&mut desk, "mug", |mug| Offering { unit_price_minor: 9_900, ..mug });
    let booked = desk.try_order(vec![planned]).unwrap();
    assert_eq!(desk.booking(booked[0]).price.total_minor, 1_200);
    let later = desk.book(&[product("mug", 1)]);
    assert_eq!(desk.booking(later).price.total_minor, 9_900);
}
