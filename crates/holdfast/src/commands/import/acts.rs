//! The history in order: bookings and cancellations, day by day.

use app::chance::SystemChance;
use domain::decide::Chance as _;
use domain::ids::BookingId;
use domain::time::{DAY_MS, Instant, day_number};
use jiff::civil::Date;
use tokio::sync::SetOnce;

use super::rows::Row;
use crate::cli::ReplayOrder;

/// A row and the state of its booking in the replay.
pub struct Stay<'a> {
    pub row: &'a Row,
    /// Generated before the booking is decided, so that its cancellation need not wait for the outcome.
    pub booking: BookingId,
    /// Set when the booking is accepted or refused.
    pub decided: SetOnce<()>,
}

#[derive(Clone, Copy)]
pub struct Act<'a> {
    /// The beginning of the day (UTC), plus a millisecond for every earlier act of the day. Times keep the order, and
    /// lanes that generate references for the same millisecond could collide.
    pub at: Instant,
    pub stay: &'a Stay<'a>,
    pub deed: Deed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Book,
    Cancel,
}

/// The stays in the order of booking, so that their ids grow with time.
pub fn stays<'a>(rows: &'a [Row], chance: &mut SystemChance, id_hint: u16) -> Vec<Stay<'a>> {
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort_by_key(|row| (row.booked_on, row.number));
    let stay = |row: &'a Row| Stay {
        row,
        booking: BookingId(chance.id(beginning(row.booked_on), id_hint)),
        decided: SetOnce::new(),
    };
    rows.into_iter().map(stay).collect()
}

/// All acts in the order of the history.
pub fn in_order<'a>(stays: &'a [Stay<'a>], order: ReplayOrder) -> Vec<Act<'a>> {
    let mut dated: Vec<Dated<'a>> = stays.iter().flat_map(dated).collect();
    dated.sort_by_key(|act| (act.day, phase(act, order), act.stay.row.number));
    let mut acts: Vec<Act<'a>> = Vec::with_capacity(dated.len());
    for Dated { day, deed, stay } in dated {
        let earlier = acts.last().map_or(Instant(i64::MIN), |act| act.at + 1);
        acts.push(Act { at: earlier.max(beginning(day)), stay, deed });
    }
    acts
}

struct Dated<'a> {
    day: Date,
    deed: Deed,
    stay: &'a Stay<'a>,
}

/// The acts of a row. A cancellation dated before its booking has nothing to cancel and is omitted.
fn dated<'a>(stay: &'a Stay<'a>) -> impl Iterator<Item = Dated<'a>> {
    let booked_on = stay.row.booked_on;
    let cancelled_on = stay.row.cancelled_on.filter(|day| *day >= booked_on);
    let cancel = cancelled_on.map(|day| Dated { day, deed: Deed::Cancel, stay });
    std::iter::once(Dated { day: booked_on, deed: Deed::Book, stay }).chain(cancel)
}

/// The position of an act within its day.
fn phase(act: &Dated<'_>, order: ReplayOrder) -> u8 {
    match (act.deed, order) {
        (Deed::Cancel, ReplayOrder::CancelFirst) if act.stay.row.booked_on < act.day => 0,
        (Deed::Book, _) => 1,
        (Deed::Cancel, _) => 2,
    }
}

fn beginning(day: Date) -> Instant {
    Instant(day_number(day) * DAY_MS)
}

#[cfg(test)]
mod tests {
    use domain::line::StayDates;
    use jiff::civil::date;

    use super::*;

    fn row(number: usize, booked_on: Date, cancelled_on: Option<Date>) -> Row {
        let stay = StayDates { checkin: date(2016, 5, 1), checkout: date(2016, 5, 2) };
        Row { number, room_type: "A".to_owned(), booked_on, stay, guests: 1, cancelled_on }
    }

    fn told(order: ReplayOrder) -> Vec<String> {
        let (first, second) = (date(2016, 1, 1), date(2016, 1, 2));
        let rows = [
            row(0, second, Some(second)),
            row(1, first, Some(second)),
            row(2, second, Some(first)),
            row(3, first, Some(first)),
        ];
        let stays = stays(&rows, &mut SystemChance::from_seed(1), 0);
        assert!(stays.is_sorted_by_key(|stay| stay.booking));
        let acts = in_order(&stays, order);
        let since = |act: &Act<'_>| act.at.0 - beginning(first).0;
        acts.iter().map(|act| format!("{:?} {} at {}", act.deed, act.stay.row.number, since(act))).collect()
    }

    #[test]
    fn a_day_has_its_order() {
        let first = ["Book 1 at 0", "Book 3 at 1", "Cancel 3 at 2"];
        let book_first =
            ["Book 0 at 86400000", "Book 2 at 86400001", "Cancel 0 at 86400002", "Cancel 1 at 86400003"];
        let cancel_first =
            ["Cancel 1 at 86400000", "Book 0 at 86400001", "Book 2 at 86400002", "Cancel 0 at 86400003"];
        assert_eq!(told(ReplayOrder::BookFirst), [&first[..], &book_first].concat());
        assert_eq!(told(ReplayOrder::CancelFirst), [&first[..], &cancel_first].concat());
    }
}
