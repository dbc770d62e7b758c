//! The states of a job.

use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// To be done now or later.
    Waiting,
    /// A runner holds it.
    Running,
    Done,
    /// Failed, not done.
    Dead,
    /// Failed, and possibly done.
    Unclear,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be waiting, running, done, dead or unclear")]
pub struct NotAState;

impl State {
    pub const ALL: [Self; 5] = [Self::Waiting, Self::Running, Self::Done, Self::Dead, Self::Unclear];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Unclear => "unclear",
        }
    }

    /// Whether nothing more will happen to it automatically.
    pub fn is_over(self) -> bool {
        match self {
            Self::Waiting | Self::Running => false,
            Self::Done | Self::Dead | Self::Unclear => true,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for State {
    type Err = NotAState;

    fn from_str(text: &str) -> Result<Self, NotAState> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(NotAState)
    }
}
