//! Counts the outcomes of the acts.

use anyhow::bail;
use app::lanes::Reply;
use domain::decide::Done;
use domain::refusal::Refusal;

use super::acts::{Act, Deed};

/// How often progress is printed during the replay.
const TOLD_TIMES: usize = 10;

pub struct Tally {
    pub accepted: usize,
    /// The rows whose booking was refused, in the order of the outcomes.
    pub rejected_rows: Vec<usize>,
    pub cancelled: usize,
    acts: usize,
    counted: usize,
}

impl Tally {
    pub fn new(acts: usize) -> Self {
        Self { accepted: 0, rejected_rows: Vec::new(), cancelled: 0, acts, counted: 0 }
    }

    /// Counts an outcome. No reply means that the hotel does not have the room type. Cancelling a refused booking
    /// does nothing.
    pub fn count(&mut self, act: &Act<'_>, outcome: Option<Reply>) -> anyhow::Result<()> {
        match (act.deed, outcome) {
            (Deed::Book, Some(Reply::Done { done: Done::Created { .. }, .. })) => self.accepted += 1,
            (Deed::Book, None | Some(Reply::Refused(Refusal::Unavailable(_)))) => {
                self.rejected_rows.push(act.stay.row.number);
            }
            (Deed::Cancel, Some(Reply::Done { done: Done::Changed(_), .. })) => self.cancelled += 1,
            (Deed::Cancel, None | Some(Reply::Refused(Refusal::NotFound))) => {}
            (deed, Some(other)) => bail!("row {}: {deed:?} resulted in {other:?}", act.stay.row.number),
        }
        self.counted += 1;
        self.tell();
        Ok(())
    }

    fn tell(&self) {
        let step = self.acts.div_ceil(TOLD_TIMES);
        if self.counted.is_multiple_of(step) || self.counted == self.acts {
            eprintln!("{} of {} acts", self.counted, self.acts);
        }
    }
}
