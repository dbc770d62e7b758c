//! A unit in a queue, whatever its closure makes.

use tokio::sync::oneshot;

use super::{Unit, UnitError};
use crate::Fault;

/// How a unit ended.
pub(crate) enum Ran {
    Done,
    /// It wrote nothing that stays.
    Refused,
    Failed(Fault),
}

pub(crate) trait Work: Send {
    /// Runs the closure and keeps what it makes.
    fn run(&mut self, unit: &mut Unit<'_>) -> Ran;

    /// Answers with what the last run made, or with what failed instead.
    fn answer(self: Box<Self>, failed: Option<Fault>);
}

/// A closure, and where its outcome is waited for.
pub(crate) struct Waiting<T, E, F> {
    work: F,
    made: Option<Result<T, E>>,
    answered: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Waiting<T, E, F> {
    pub fn new(work: F, answered: oneshot::Sender<Result<T, E>>) -> Self {
        Self { work, made: None, answered }
    }
}

impl<T: Send, E: UnitError, F: FnMut(&mut Unit<'_>) -> Result<T, E> + Send> Work for Waiting<T, E, F> {
    fn run(&mut self, unit: &mut Unit<'_>) -> Ran {
        let made = (self.work)(unit);
        let ran = match &made {
            Ok(_) => Ran::Done,
            Err(error) => error.fault().map_or(Ran::Refused, |fault| Ran::Failed(fault.clone())),
        };
        self.made = Some(made);
        ran
    }

    fn answer(self: Box<Self>, failed: Option<Fault>) {
        let Self { made, answered, .. } = *self;
        let unmade = || Err(Fault::Internal("a unit was not run".to_owned()).into());
        let outcome = failed.map_or_else(|| made.unwrap_or_else(unmade), |failed| Err(failed.into()));
        // The caller may have stopped waiting.
        let _ = answered.send(outcome);
    }
}
