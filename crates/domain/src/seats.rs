//! The map of a seated pool: sections, rows, seats. Each seat has the number of its slot, which it keeps when the map is
//! changed: in a new map the numbers count up from 0.

use std::collections::{HashMap, HashSet};

/// Adjacent seats.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeatRow {
    #[serde(default, deserialize_with = "text_or_nothing")]
    pub section: String,
    pub row: String,
    pub seats: Vec<String>,
}

/// Null is the same as absent.
fn text_or_nothing<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text: Option<String> = serde::Deserialize::deserialize(from)?;
    Ok(text.unwrap_or_default())
}

impl SeatRow {
    fn label(&self, seat: &str) -> String {
        if self.section.is_empty() {
            format!("{}-{seat}", self.row)
        } else {
            format!("{}-{}-{seat}", self.section, self.row)
        }
    }
}

/// All seats of a pool. The order of the rows is the order in which the best seats are searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatMap {
    rows: Vec<SeatRow>,
    /// The slots of the seats, in the order of the rows.
    slots: Vec<i64>,
    by_label: HashMap<String, i64>,
}

impl SeatMap {
    /// Fails with a label that two seats share.
    pub fn new(rows: Vec<SeatRow>) -> Result<Self, String> {
        let mut next = 0..;
        Self::numbered(rows, |_| next.next())
    }

    /// A map whose seats have these slots; `None` if there are not as many slots as seats, or two seats share a label or
    /// a slot.
    pub fn with_slots(rows: Vec<SeatRow>, slots: &[i64]) -> Option<Self> {
        let distinct: HashSet<i64> = slots.iter().copied().collect();
        let mut next = slots.iter().copied();
        let map = Self::numbered(rows, |_| next.next()).ok()?;
        (map.slots.len() == slots.len() && distinct.len() == slots.len()).then_some(map)
    }

    /// The map with other rows: seats whose labels stay keep their slots, and new ones get slots from `unused` on.
    /// Fails with the label that two seats share.
    pub fn changed(&self, rows: Vec<SeatRow>, unused: i64) -> Result<Self, String> {
        let mut next = unused..;
        Self::numbered(rows, |label| self.slot(label).or_else(|| next.next()))
    }

    fn numbered(rows: Vec<SeatRow>, mut slot_of: impl FnMut(&str) -> Option<i64>) -> Result<Self, String> {
        let (mut slots, mut by_label) = (Vec::new(), HashMap::new());
        for row in &rows {
            for seat in &row.seats {
                let label = row.label(seat);
                let slot = slot_of(&label).ok_or_else(|| label.clone())?;
                if by_label.insert(label.clone(), slot).is_some() {
                    return Err(label);
                }
                slots.push(slot);
            }
        }
        Ok(Self { rows, slots, by_label })
    }

    /// The slots of the seats, in the order in which seats are looked for.
    pub fn slots(&self) -> &[i64] {
        &self.slots
    }

    /// The largest number of a slot, -1 in a map without seats.
    pub fn last_slot(&self) -> i64 {
        self.slots.iter().copied().max().unwrap_or(-1)
    }

    pub fn rows(&self) -> &[SeatRow] {
        &self.rows
    }

    pub fn seat_count(&self) -> i64 {
        i64::try_from(self.by_label.len()).unwrap_or(i64::MAX)
    }

    /// The slot of the seat with this label, such as `C-14` or `Balcony-C-14`.
    pub fn slot(&self, label: &str) -> Option<i64> {
        self.by_label.get(label).copied()
    }

    /// The seats in these slots with their labels, in the order of the map.
    pub fn labels(&self, first: i64, last: i64) -> impl Iterator<Item = (i64, String)> {
        let labels = self.rows.iter().flat_map(|row| row.seats.iter().map(|seat| row.label(seat)));
        self.slots.iter().copied().zip(labels).filter(move |(slot, _)| (first..=last).contains(slot))
    }

    /// The first `count` adjacent seats that are all free, searched row by row; `None` if no row has them.
    pub fn best_together(&self, count: i64, is_free: impl Fn(i64) -> bool) -> Option<Vec<i64>> {
        let wanted = usize::try_from(count).ok().filter(|wanted| *wanted > 0)?;
        let mut rest = self.slots.as_slice();
        for row in &self.rows {
            let (seats, later) = rest.split_at_checked(row.seats.len())?;
            rest = later;
            let mut free = seats.split(|slot| !is_free(*slot));
            if let Some(best) = free.find_map(|side_by_side| side_by_side.get(..wanted)) {
                return Some(best.to_vec());
            }
        }
        None
    }

    /// The first `count` free seats anywhere; `None` if fewer are free.
    pub fn best_anywhere(&self, count: i64, is_free: impl Fn(i64) -> bool) -> Option<Vec<i64>> {
        let wanted = usize::try_from(count).ok()?;
        let found: Vec<i64> = self.slots.iter().copied().filter(|slot| is_free(*slot)).take(wanted).collect();
        (found.len() == wanted).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> SeatMap {
        let row = |row: &str, seats: &[&str]| SeatRow {
            section: String::new(),
            row: row.into(),
            seats: seats.iter().map(ToString::to_string).collect(),
        };
        SeatMap::new(vec![row("A", &["1", "2", "3"]), row("B", &["1", "2"])]).unwrap()
    }

    #[test]
    fn a_row_needs_no_section() {
        for text in [r#"{"row": "A", "seats": []}"#, r#"{"section": null, "row": "A", "seats": []}"#] {
            assert_eq!(serde_json::from_str::<SeatRow>(text).unwrap().section, "", "{text}");
        }
    }

    #[test]
    fn seats_are_numbered_through_the_rows() {
        assert_eq!(map().slot("A-1"), Some(0));
        assert_eq!(map().slot("B-2"), Some(4));
        assert_eq!(map().slot("C-1"), None);
        let labels: Vec<_> = map().labels(2, 3).collect();
        assert_eq!(labels, [(2, "A-3".to_owned()), (3, "B-1".to_owned())]);
    }

    #[test]
    fn together_never_spans_two_rows() {
        assert_eq!(map().best_together(2, |_| true), Some(vec![0, 1]));
        assert_eq!(map().best_together(2, |slot| slot >= 2), Some(vec![3, 4]));
        assert_eq!(map().best_together(3, |slot| slot >= 1), None);
        assert_eq!(map().best_anywhere(3, |slot| slot >= 1), Some(vec![1, 2, 3]));
    }

    #[test]
    fn a_changed_map_keeps_the_slots_of_the_seats_that_stay() {
        let row = |row: &str, seats: &[&str]| SeatRow {
            section: String::new(),
            row: row.into(),
            seats: seats.iter().map(ToString::to_string).collect(),
        };
        let changed = map().changed(vec![row("B", &["0", "1", "2"]), row("A", &["1", "3"])], 7).unwrap();
        assert_eq!(changed.slots(), [7, 3, 4, 0, 2]);
        assert_eq!(changed.last_slot(), 7);
        assert_eq!(changed.slot("A-2"), None);
        assert_eq!(changed.best_together(3, |_| true), Some(vec![7, 3, 4]));
        let again = SeatMap::with_slots(changed.rows().to_vec(), changed.slots()).unwrap();
        assert_eq!(again, changed);
        assert_eq!(SeatMap::with_slots(changed.rows().to_vec(), &[1, 2]), None);
        assert_eq!(SeatMap::with_slots(changed.rows().to_vec(), &[1, 2, 3, 4, 4]), None);
    }

    #[test]
    fn two_seats_of_one_name_are_refused() {
        let row = SeatRow { section: "X".into(), row: "A".into(), seats: vec!["1".into(), "1".into()] };
        assert_eq!(SeatMap::new(vec![row]), Err("X-A-1".to_owned()));
    }
}
