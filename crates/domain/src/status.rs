//! The statuses of a booking and the transitions between them.

use std::fmt;
use std::str::FromStr;

/// The status of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// A hold. It keeps its units until `expires_at`.
    Pending,
    Confirmed,
    CheckedIn,
    Completed,
    Cancelled,
    NoShow,
    Expired,
}

pub const ALL: [Status; 7] = [
    Status::Pending,
    Status::Confirmed,
    Status::CheckedIn,
    Status::Completed,
    Status::Cancelled,
    Status::NoShow,
    Status::Expired,
];

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Confirmed => "CONFIRMED",
            Self::CheckedIn => "CHECKED_IN",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
            Self::NoShow => "NO_SHOW",
            Self::Expired => "EXPIRED",
        }
    }

    /// The statuses that can follow this one.
    pub fn next(self) -> &'static [Status] {
        match self {
            Self::Pending => &[Self::Confirmed, Self::Cancelled, Self::Expired],
            Self::Confirmed => &[Self::CheckedIn, Self::Cancelled, Self::Completed, Self::NoShow],
            Self::CheckedIn => &[Self::Completed, Self::Cancelled],
            Self::Completed | Self::Cancelled | Self::NoShow | Self::Expired => &[],
        }
    }

    pub fn may_become(self, next: Status) -> bool {
        self.next().contains(&next)
    }

    /// What happens to the booking's claims when it enters this status.
    pub fn release(self) -> Release {
        match self {
            Self::Cancelled | Self::Expired => Release::All,
            // Leaving early releases the remaining nights.
            Self::Completed => Release::StillToCome,
            Self::Pending | Self::Confirmed | Self::CheckedIn | Self::NoShow => Release::Nothing,
        }
    }
}

/// Which slots of a booking are released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    Nothing,
    StillToCome,
    All,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be one of PENDING, CONFIRMED, CHECKED_IN, COMPLETED, CANCELLED, NO_SHOW, EXPIRED")]
pub struct NotAStatus;

impl FromStr for Status {
    type Err = NotAStatus;

    fn from_str(text: &str) -> Result<Self, NotAStatus> {
        ALL.into_iter().find(|status| status.as_str() == text).ok_or(NotAStatus)
    }
}

impl serde::Serialize for Status {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transitions_are_the_documents_and_no_show() {
        let mut allowed = Vec::new();
        for from in ALL {
            for to in ALL.into_iter().filter(|to| from.may_become(*to)) {
                allowed.push(format!("{from}>{to}"));
            }
        }
        assert_eq!(
            allowed,
            [
                "PENDING>CONFIRMED",
                "PENDING>CANCELLED",
                "PENDING>EXPIRED",
                "CONFIRMED>CHECKED_IN",
                "CONFIRMED>COMPLETED",
                "CONFIRMED>CANCELLED",
                "CONFIRMED>NO_SHOW",
                "CHECKED_IN>COMPLETED",
                "CHECKED_IN>CANCELLED",
            ]
        );
    }

    #[test]
    fn a_status_reads_back_what_it_writes() {
        for status in ALL {
            assert_eq!(status.to_string().parse(), Ok(status));
        }
        assert_eq!("confirmed".parse::<Status>(), Err(NotAStatus));
    }
}
