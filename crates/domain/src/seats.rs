//! The map of a seated pool: sections, rows, seats. A seat's slot number is its place in the map, counted from 0.

use std::collections::HashMap;

/// Seats that stand side by side.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeatRow {
    #[serde(default, deserialize_with = "text_or_nothing")]
    pub section: String,
    pub row: String,
    pub seats: Vec<String>,
}

/// Null counts as left out.
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

/// All seats of a pool. Rows stand in the order in which "the best seats" are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatMap {
    rows: Vec<SeatRow>,
    by_label: HashMap<String, i64>,
}

impl SeatMap {
    /// Fails with the label that two seats share.
    pub fn new(rows: Vec<SeatRow>) -> Result<Self, String> {
        let mut by_label = HashMap::new();
        let mut index = 0;
        for row in &rows {
            for seat in &row.seats {
                let label = row.label(seat);
                if by_label.insert(label.clone(), index).is_some() {
                    return Err(label);
                }
                index += 1;
            }
        }
        Ok(Self { rows, by_label })
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

    /// The labels of the seats in these slots.
    pub fn labels(&self, first: i64, last: i64) -> Vec<String> {
        self.numbered().filter(|(slot, _)| (first..=last).contains(slot)).map(|(_, label)| label).collect()
    }

    fn numbered(&self) -> impl Iterator<Item = (i64, String)> {
        (0..).zip(self.rows.iter().flat_map(|row| row.seats.iter().map(|seat| row.label(seat))))
    }

    /// The first `count` seats side by side that are all free, searched row by row; `None` where no row has them.
    pub fn best_together(&self, count: i64, is_free: impl Fn(i64) -> bool) -> Option<(i64, i64)> {
        let mut row_start = 0;
        for row in &self.rows {
            let row_end = row_start + i64::try_from(row.seats.len()).unwrap_or(0);
            let mut run = 0;
            for slot in row_start..row_end {
                run = if is_free(slot) { run + 1 } else { 0 };
                if run == count {
                    return Some((slot + 1 - count, slot));
                }
            }
            row_start = row_end;
        }
        None
    }

    /// The first `count` free seats wherever they are; `None` if fewer are free.
    pub fn best_anywhere(&self, count: i64, is_free: impl Fn(i64) -> bool) -> Option<Vec<i64>> {
        let wanted = usize::try_from(count).ok()?;
        let found: Vec<i64> = (0..self.seat_count()).filter(|slot| is_free(*slot)).take(wanted).collect();
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
        assert_eq!(map().labels(2, 3), ["A-3", "B-1"]);
    }

    #[test]
    fn together_never_spans_two_rows() {
        assert_eq!(map().best_together(2, |_| true), Some((0, 1)));
        assert_eq!(map().best_together(2, |slot| slot >= 2), Some((3, 4)));
        assert_eq!(map().best_together(3, |slot| slot >= 1), None);
        assert_eq!(map().best_anywhere(3, |slot| slot >= 1), Some(vec![1, 2, 3]));
    }

    #[test]
    fn two_seats_of_one_name_are_refused() {
        let row = SeatRow { section: "X".into(), row: "A".into(), seats: vec!["1".into(), "1".into()] };
        assert_eq!(SeatMap::new(vec![row]), Err("X-A-1".to_owned()));
    }
}
