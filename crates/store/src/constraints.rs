//! The named constraints of the schema that a use case may act on, as one list for both databases.
//!
//! PostgreSQL names the constraint that refused a write. SQLite names a check, and of a unique constraint the columns.
//! A test compares the list with the schemas of both.

use std::fmt;

macro_rules! constraints {
    ($($constraint:ident = $name:literal $($columns:literal)?;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Constraint {
            $($constraint),*
        }

        impl Constraint {
            pub const ALL: &'static [Self] = &[$(Self::$constraint),*];

            /// Its name in the schema.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$constraint => $name),*
                }
            }

            /// The columns of a unique constraint, as SQLite writes them; `None` for a check.
            pub fn columns(self) -> Option<&'static str> {
                match self {
                    $(Self::$constraint => constraints!(@columns $($columns)?)),*
                }
            }
        }
    };
    (@columns) => { None };
    (@columns $columns:literal) => { Some($columns) };
}

constraints! {
    ApiKeysSecretUnique = "api_keys_secret_unique" "api_keys.secret_hash";
    BookingsHoldHasEnd = "bookings_hold_has_end";
    BookingsPrimaryKey = "bookings_pkey" "bookings.id";
    BookingsReferenceUnique = "bookings_reference_unique" "bookings.reference_number";
    BookingsStatusKnown = "bookings_status_known";
    ClaimsRunForward = "claims_run_forward";
    ClaimsUnitsPositive = "claims_units_positive";
    CommitsPrimaryKey = "commits_pkey" "commits.writer, commits.number";
    EmailTokensPurposeKnown = "email_tokens_purpose_known";
    IdempotencyKeysPrimaryKey = "idempotency_keys_pkey"
        "idempotency_keys.key, idempotency_keys.caller, idempotency_keys.operation";
    InvitationsOnce = "invitations_once" "invitations.business_id, invitations.email_index";
    InvitationsRoleKnown = "invitations_role_known";
    InvitationsTokenUnique = "invitations_token_unique" "invitations.token_hash";
    JobsAttemptsBounded = "jobs_attempts_bounded";
    JobsDoubtYesOrNo = "jobs_doubt_yes_or_no";
    JobsFinishedWhenOver = "jobs_finished_when_over";
    JobsLockedWhileRunning = "jobs_locked_while_running";
    JobsStateKnown = "jobs_state_known";
    MembersRoleKnown = "members_role_known";
    OfferingsCodeUnique = "offerings_code_unique" "offerings.code";
    OfferingsPriceNotNegative = "offerings_price_not_negative";
    OfferingsSaleForward = "offerings_sale_forward";
    OfferingsVersionPositive = "offerings_version_positive";
    PeopleEmailUnique = "people_email_unique" "people.email_index";
    PeopleMobileUnique = "people_mobile_unique" "people.mobile_index";
    PersonKeysPrimaryKey = "person_keys_pkey" "person_keys.person_id";
    PoolsCapacityNotNegative = "pools_capacity_not_negative";
    PoolsKindKnown = "pools_kind_known";
    PoolsVersionPositive = "pools_version_positive";
    RevocationsKindKnown = "revocations_kind_known";
    SlotsTakenNotNegative = "slots_taken_not_negative";
    SlotsTakenWithinCapacity = "slots_taken_within_capacity";
    VenuesCodeUnique = "venues_code_unique" "venues.code";
    VenuesVersionPositive = "venues_version_positive";
}

impl Constraint {
    /// The constraint of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|constraint| constraint.name() == name)
    }

    /// The constraint that a message of SQLite is about.
    pub(crate) fn in_sqlite_message(message: &str) -> Option<Self> {
        if let Some(name) = message.strip_prefix("CHECK constraint failed: ") {
            return Self::named(name);
        }
        let columns = message.strip_prefix("UNIQUE constraint failed: ")?;
        Self::ALL.iter().copied().find(|constraint| constraint.columns() == Some(columns))
    }
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
