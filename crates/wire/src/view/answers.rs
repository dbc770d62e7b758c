//! Responses without a noun.

use super::booking::HistoryView;
use crate::problem::kinds::Kind;
use crate::shape::view;

view! {
    pub struct History as "History" {
        history: Vec<HistoryView>,
    }

    pub struct Health as "Health" {
        /// `ok`.
        status: &'static str,
        version: &'static str,
    }

    /// The documentation of a problem.
    pub struct ProblemKind as "ProblemKind" {
        r#type: String,
        title: &'static str,
        status: u16,
        /// When it occurs.
        meaning: &'static str,
        /// How to recover.
        remedy: &'static str,
        members: Vec<Member>,
    }

    /// A member besides `type`, `title`, `status` and `detail`.
    pub struct Member as "ProblemMember" {
        name: &'static str,
        meaning: &'static str,
    }
}

impl From<&'static Kind> for ProblemKind {
    fn from(kind: &'static Kind) -> Self {
        let member = |(name, meaning): &(&'static str, &'static str)| Member { name, meaning };
        Self {
            r#type: kind.uri(),
            title: kind.title,
            status: kind.status.as_u16(),
            meaning: kind.meaning,
            remedy: kind.remedy,
            members: kind.members.iter().map(member).collect(),
        }
    }
}
