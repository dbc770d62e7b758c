//! What a lane does in one transaction.

use store::StoreError;

use super::queue::{Pending, PendingUnit};
use crate::{Decider, SubmitError};

pub(super) struct Load<D: Decider> {
    pub commands: Vec<Pending<D>>,
    pub units: Vec<PendingUnit>,
}

impl<D: Decider> Load<D> {
    pub fn len(&self) -> usize {
        self.commands.len() + self.units.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether another try may end otherwise: what a unit runs into alone is its own, unless it met another.
    pub fn may_succeed_after(&self, error: &StoreError) -> bool {
        let is_lone_unit = self.commands.is_empty() && self.units.len() == 1;
        if is_lone_unit { error.is_passing() } else { !error.is_unavailable() }
    }

    /// The same, each part alone.
    pub fn parts(self) -> impl Iterator<Item = Self> {
        let units = self.units.into_iter().map(Self::of_unit);
        units.chain(
            self.commands.into_iter().map(|pending| Self { commands: vec![pending], units: Vec::new() }),
        )
    }

    pub fn of_unit(unit: PendingUnit) -> Self {
        Self { commands: Vec::new(), units: vec![unit] }
    }

    /// Answers everything with the error.
    pub fn fail(self, error: &SubmitError) {
        for pending in self.commands {
            let _ = pending.answered.send(Err(error.clone()));
        }
        for unit in self.units {
            unit.work.answer(Some(error.clone()));
        }
    }
}
