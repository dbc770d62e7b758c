//! Segments: bookings in the order in which they were made, a few thousand to a segment.
//!
//! An index by venue and day (or by anything else that comes in no order) would make each booking touch a page of its
//! own, anywhere in the index, and pages are what a commit writes. Such indexes begin with the segment: all that is new
//! falls into the few pages of the last segment, and a reader looks through the segments one by one. That is a search each,
//! some microseconds: a million bookings are about a thousand segments.

use crate::error::Result;
use crate::seam::{Connection, Param, Rows};

/// Bookings of a segment. Each writer counts for itself, so that a segment may get that many from each of them.
const SEGMENT_BOOKINGS: i64 = 1_024;

/// Where a writer's bookings go.
#[derive(Debug)]
pub struct Segments {
    last: i64,
    filled: i64,
}

impl Segments {
    /// Goes on with the last segment there is.
    pub fn open(connection: &mut Connection) -> Result<Self> {
        let last = last(connection)?;
        let sql = "select count(*) from bookings where segment = $1";
        let filled = connection.optional(sql, &[Param::Int(last)], |row| row.int(0))?.unwrap_or(0);
        Ok(Self { last, filled })
    }

    /// The segment for as many bookings more.
    pub fn take(&mut self, bookings: usize) -> i64 {
        if self.filled >= SEGMENT_BOOKINGS {
            self.last += 1;
            self.filled = 0;
        }
        self.filled = self.filled.saturating_add(i64::try_from(bookings).unwrap_or(i64::MAX));
        self.last
    }
}

/// The number of the last segment; they are counted from 0 without gaps.
pub(crate) fn last(connection: &mut Connection) -> Result<i64> {
    let sql = "select segment from bookings order by segment desc limit 1";
    Ok(connection.optional(sql, &[], |row| row.int(0))?.unwrap_or(0))
}

/// One key for each segment, followed by what is looked for in all of them.
pub(crate) fn keys<'a, const WIDTH: usize>(
    connection: &mut Connection,
    key: impl Fn(Param<'static>) -> [Param<'a>; WIDTH],
) -> Result<Rows<'a>> {
    let last = last(connection)?;
    let mut rows = Rows::new(WIDTH, usize::try_from(last).unwrap_or(0) + 1);
    (0..=last).for_each(|segment| rows.push(key(Param::Int(segment))));
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_segment_is_followed_by_the_next() {
        let mut segments = Segments { last: 7, filled: SEGMENT_BOOKINGS - 1 };
        assert_eq!((segments.take(200), segments.take(1), segments.take(1)), (7, 8, 8));
    }
}
