//! Products and add-on services.

use domain::line::{Detail, Scheduled};
use domain::plan::Rules;

use super::{needs, plan, range, wrong, wrong_at};
use crate::ask::{product, service};
use crate::world::{at, start};

const NO_ERRORS: [&str; 0] = [];

fn local(text: &str) -> Scheduled {
    Scheduled::Local(text.parse().unwrap())
}

#[test]
fn a_pack_needs_all_its_pieces() {
    let plan = plan(&[product("four-mugs", 2)]);
    assert_eq!(needs(&plan, 0), [[range("mugs", 0, 0, 8)]]);
    assert_eq!(plan.estimate_minor(), 8_000);
}

#[test]
fn a_service_without_a_pool_needs_nothing_and_has_a_price() {
    let plan = plan(&[service("transfer", 2, Some(local("2026-03-10T12:00")))]);
    assert_eq!(needs(&plan, 0), [[]]);
    assert_eq!(plan.estimate_minor(), 8_000);
    let detail = &plan.lines[0].choices[0].detail;
    let expected =
        Detail::Service { quantity: 2, scheduled_for: Some("2026-03-10T11:00:00.000Z".to_owned()) };
    assert_eq!(detail, &expected);
}

#[test]
fn pieces_are_from_1_to_10000() {
    for quantity in [i64::MIN, -1, 0, 10_001, i64::MAX] {
        assert_eq!(
            wrong(product("four-mugs", quantity)),
            ["/quantity: must be from 1 to 10000"],
            "{quantity}"
        );
    }
    assert_eq!(wrong(product("mug", 10_000)), NO_ERRORS, "a plan promises nothing about what is free");
}

#[test]
fn add_ons_are_from_1_to_10() {
    for quantity in [i64::MIN, -1, 0, 11, i64::MAX] {
        let errors = wrong(service("breakfast", quantity, None));
        assert_eq!(errors, ["/quantity: must be from 1 to 10"], "{quantity}");
    }
    assert_eq!(wrong(service("breakfast", 10, None)), NO_ERRORS);
}

#[test]
fn a_schedule_is_not_past_and_names_one_moment() {
    for (when, expected) in [
        (Scheduled::At(start()), vec![]),
        (Scheduled::At(start() - 1), vec!["/scheduled_for: must not be in the past"]),
        (local("2026-03-01T11:00"), vec![]),
        (local("2026-03-01T10:59:59"), vec!["/scheduled_for: must not be in the past"]),
        (
            Scheduled::At(at("9999-12-30T00:00:00Z")),
            vec!["/scheduled_for: must be at most 1100 days from today"],
        ),
        (local("2026-03-29T02:30"), vec!["/scheduled_for: does not exist on that day: the clocks skip it"]),
        (
            local("2026-10-25T02:30"),
            vec!["/scheduled_for: happens twice on that day; add the UTC offset, as in 02:30+02:00"],
        ),
    ] {
        assert_eq!(wrong(service("breakfast", 1, Some(when))), expected, "{when:?}");
    }
}

#[test]
fn what_is_not_there_is_named_with_whatever_else_is_wrong() {
    assert_eq!(
        wrong(service("massage", 0, Some(Scheduled::At(start() - 1)))),
        [
            "/quantity: must be from 1 to 10",
            "/service_id: no service has this id or code",
            "/scheduled_for: must not be in the past",
        ]
    );
    assert_eq!(
        wrong(service("massage", 1, Some(local("2026-03-10T12:00")))),
        ["/service_id: no service has this id or code"]
    );
    assert_eq!(
        wrong(product("double", 0)),
        ["/quantity: must be from 1 to 10000", "/product_id: no product has this id or code"]
    );
}

#[test]
fn an_import_may_be_scheduled_in_the_past() {
    let ask = [service("breakfast", 1, Some(Scheduled::At(at("2015-01-01T00:00:00Z"))))];
    assert_eq!(wrong_at(start(), Rules::Import, &ask), NO_ERRORS);
}
