//! Recipes of one line, in order of preference.

use domain::line::Ask;
use domain::time::day_number;

use crate::ask::{day, dinner, product, rooms, stay, tickets};
use crate::desk::{Desk, shortfall};
use crate::world::pool_id;

fn five() -> [Ask; 1] {
    [dinner("2026-03-03T19:00", 5)]
}

fn pools(desk: &mut Desk, asks: &[Ask]) -> Vec<domain::ids::PoolId> {
    let id = desk.book(asks);
    desk.booking(id).claims.iter().map(|claim| claim.pool).collect()
}

#[test]
fn five_sit_at_the_six_top_or_else_at_two_tables_pushed_together() {
    let mut desk = Desk::new();
    assert_eq!(pools(&mut desk, &five()), [pool_id("sixes")]);
    assert_eq!(pools(&mut desk, &five()), [pool_id("twos"), pool_id("fours")]);
    let before = desk.snapshot();
    let refused = shortfall(desk.try_book(&five()));
    assert_eq!(refused.pool, pool_id("sixes"), "the best way says why not");
    assert_eq!(desk.snapshot(), before, "the table for two that was free is free again");
    assert_eq!(pools(&mut desk, &[dinner("2026-03-03T19:00", 2)]), [pool_id("twos")]);
}

#[test]
fn linked_rooms_are_had_both_or_not_at_all() {
    let mut desk = Desk::new();
    desk.book(&[rooms("family", "2026-03-10", 2, (2, 8))]);
    let before = desk.snapshot();
    let refused = shortfall(desk.try_book(&[rooms("family", "2026-03-09", 2, (1, 4))]));
    assert_eq!((refused.pool, refused.slot), (pool_id("singles"), day_number(day("2026-03-10"))));
    assert_eq!(desk.snapshot(), before);
    desk.book(&[stay("double", "2026-03-10", 2)]);
    assert!(desk.try_book(&[stay("double", "2026-03-11", 1)]).is_err());
}

#[test]
fn children_and_adults_fill_one_hall() {
    let mut desk = Desk::new();
    desk.book(&[tickets("adult", 6), tickets("child", 3)]);
    let refused = shortfall(desk.try_book(&[tickets("child", 2)]));
    assert_eq!((refused.asked, refused.free), (2, 1));
    desk.book(&[tickets("child", 1)]);
    assert_eq!(desk.taken("hall", 0), 10);
}

#[test]
fn packs_and_single_pieces_come_from_one_shelf() {
    let mut desk = Desk::new();
    desk.book(&[product("four-mugs", 2)]);
    assert!(desk.try_book(&[product("four-mugs", 1)]).is_err());
    assert!(desk.try_book(&[product("mug", 3)]).is_err());
    desk.book(&[product("mug", 2)]);
}

#[test]
fn the_second_line_of_a_booking_is_the_one_that_is_named() {
    let mut desk = Desk::new();
    let refused = shortfall(desk.try_book(&[product("mug", 8), product("mug", 3)]));
    assert_eq!((refused.booking, refused.line, refused.asked, refused.free), (0, 1, 3, 2));
    assert!(desk.snapshot().taken.is_empty());
}
