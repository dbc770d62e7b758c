//! Permissions, in one table. Ownership is checked first, by [`crate::actor::Actor::is_party`] and
//! [`is_of`](crate::actor::Actor::is_of): to strangers a resource looks nonexistent (404). A caller who may know of
//! it but lacks the permission gets 403.

use std::fmt;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$variant_doc])* $variant),*
        }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),*
                }
            }

            pub fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// The role of a member of a business. Each role includes those before it.
    MemberRole {
        /// May read, but change nothing.
        ReadOnly = "read_only",
        /// May also book, check in and check out.
        FrontDesk = "front_desk",
        /// May also change the catalogue.
        Manager = "manager",
        /// May also manage members and API keys.
        Owner = "owner",
    }
}

words! {
    /// What an API key may do.
    Scope {
        BookingsRead = "bookings:read",
        BookingsWrite = "bookings:write",
        CatalogueRead = "catalogue:read",
        CatalogueWrite = "catalogue:write",
    }
}

/// A set of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Scopes(u8);

impl Scopes {
    pub fn has(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u8) != 0
    }

    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.iter().copied().filter(move |scope| self.has(*scope))
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The form stored in the database.
    pub fn bits(self) -> i64 {
        i64::from(self.0)
    }

    pub fn from_bits(bits: i64) -> Option<Self> {
        let known: u8 = Scope::ALL.iter().map(|scope| 1 << *scope as u8).sum();
        u8::try_from(bits).ok().filter(|bits| bits & !known == 0).map(Self)
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | (1 << scope as u8)))
    }
}

/// In which capacity an actor acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Guest,
    Member(MemberRole),
    Key(Scopes),
    Admin,
}

/// One row of the table.
struct Rule {
    /// Whether guests may do this with their own resources.
    guests: bool,
    /// The lowest role of a business that may do this.
    members: Option<MemberRole>,
    /// The scope that an API key needs.
    keys: Option<Scope>,
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $act:ident = $word:literal: $guests:ident, $members:ident, $keys:ident;)*) => {
        words! {
            /// Everything that an authenticated caller can do through the API.
            Permission { $($(#[$doc])* $act = $word),* }
        }

        impl Permission {
            fn rule(self) -> Rule {
                match self {
                    $(Self::$act => Rule {
                        guests: permissions!(@guests $guests),
                        members: permissions!(@members $members),
                        keys: permissions!(@keys $keys),
                    }),*
                }
            }
        }
    };
    (@guests guests) => { true };
    (@guests nobody) => { false };
    (@members nobody) => { None };
    (@members $role:ident) => { Some(MemberRole::$role) };
    (@keys nobody) => { None };
    (@keys $scope:ident) => { Some(Scope::$scope) };
}

// Admins may do everything. Each row lists whether guests may, the lowest role that may, and the scope that API keys
// need.
permissions! {
    /// Everything in one's own account: profile, password, sessions, invitations.
    UseOwnAccount = "account.use": guests, ReadOnly, nobody;
    CreateBooking = "bookings.create": guests, FrontDesk, BookingsWrite;
    PreviewBooking = "bookings.preview": guests, FrontDesk, BookingsWrite;
    CheckAvailability = "bookings.check": guests, ReadOnly, BookingsRead;
    ReadBookings = "bookings.read": guests, ReadOnly, BookingsRead;
    ListVenueBookings = "bookings.list_venue": nobody, ReadOnly, BookingsRead;
    UpdateBooking = "bookings.update": guests, FrontDesk, BookingsWrite;
    CancelBooking = "bookings.cancel": guests, FrontDesk, BookingsWrite;
    /// Every status except CANCELLED.
    SetBookingStatus = "bookings.set_status": nobody, FrontDesk, BookingsWrite;
    ReadInternalNotes = "bookings.read_notes": nobody, ReadOnly, BookingsRead;
    WriteInternalNotes = "bookings.write_notes": nobody, FrontDesk, BookingsWrite;
    /// By an exact email address or phone number.
    SearchBookings = "bookings.search": nobody, ReadOnly, BookingsRead;
    /// All data about a person.
    ExportPerson = "people.export": guests, nobody, nobody;
    ErasePerson = "people.erase": guests, nobody, nobody;
    ReadAudit = "audit.read": nobody, Owner, nobody;
    ReadCatalogue = "catalogue.read": guests, ReadOnly, CatalogueRead;
    AddVenue = "catalogue.add_venue": nobody, Manager, CatalogueWrite;
    ChangeCatalogue = "catalogue.change": nobody, Manager, CatalogueWrite;
    ChangeCapacity = "catalogue.change_capacity": nobody, Manager, CatalogueWrite;
    /// List background jobs and retry them.
    UseJobs = "jobs.use": nobody, nobody, nobody;
    CreateBusiness = "businesses.create": guests, ReadOnly, nobody;
    ReadBusiness = "businesses.read": nobody, ReadOnly, nobody;
    ReadMembers = "members.read": nobody, Manager, nobody;
    /// Invite members, change roles, remove members.
    ChangeMembers = "members.change": nobody, Owner, nobody;
    ReadApiKeys = "api_keys.read": nobody, Manager, nobody;
    ChangeApiKeys = "api_keys.change": nobody, Owner, nobody;
}

impl Permission {
    pub fn is_allowed_to(self, standing: Standing) -> bool {
        let rule = self.rule();
        match standing {
            Standing::Guest => rule.guests,
            Standing::Member(held) => rule.members.is_some_and(|least| held >= least),
            Standing::Key(scopes) => rule.keys.is_some_and(|scope| scopes.has(scope)),
            Standing::Admin => true,
        }
    }

    /// The callers that have this permission, in words.
    pub fn allowed(self) -> String {
        let rule = self.rule();
        let guests = rule.guests.then(|| "guests".to_owned());
        let members = rule.members.map(|least| match least {
            MemberRole::ReadOnly => "all members of the business".to_owned(),
            MemberRole::Owner => "owners of the business".to_owned(),
            MemberRole::FrontDesk | MemberRole::Manager => format!("members with the role {least} or higher"),
        });
        let keys = rule.keys.map(|scope| format!("API keys with the scope {scope}"));
        let all: Vec<String> =
            [guests, members, keys, Some("admins".to_owned())].into_iter().flatten().collect();
        all.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_all_that_those_before_it_may() {
        for act in Permission::ALL {
            for (lesser, greater) in MemberRole::ALL.iter().zip(MemberRole::ALL.iter().skip(1)) {
                let may = |role: &MemberRole| act.is_allowed_to(Standing::Member(*role));
                assert!(!may(lesser) || may(greater), "{act}: {lesser} may and {greater} may not");
            }
            assert!(act.is_allowed_to(Standing::Admin));
        }
    }

    #[test]
    fn who_only_reads_changes_nothing() {
        let reader = Standing::Member(MemberRole::ReadOnly);
        let reading: Scopes = [Scope::BookingsRead, Scope::CatalogueRead].into_iter().collect();
        let of_ones_own = [Permission::UseOwnAccount, Permission::CreateBusiness];
        for act in Permission::ALL.iter().filter(|act| !of_ones_own.contains(act)) {
            let reads = ["read", "list", "check", "search"].iter().any(|word| act.as_str().contains(word));
            assert!(reads || !act.is_allowed_to(reader), "{act}");
            assert!(reads || !act.is_allowed_to(Standing::Key(reading)), "{act}");
        }
    }

    #[test]
    fn a_key_never_acts_for_a_person_nor_makes_others() {
        let every = Standing::Key(Scope::ALL.iter().copied().collect());
        for act in [
            Permission::UseOwnAccount,
            Permission::CreateBusiness,
            Permission::ChangeMembers,
            Permission::ChangeApiKeys,
        ] {
            assert!(!act.is_allowed_to(every), "{act}");
        }
        let none = Standing::Key(Scopes::default());
        assert!(Permission::ALL.iter().all(|act| !act.is_allowed_to(none)));
    }

    #[test]
    fn guests_may_only_cancel() {
        assert!(Permission::CancelBooking.is_allowed_to(Standing::Guest));
        assert!(!Permission::SetBookingStatus.is_allowed_to(Standing::Guest));
        assert!(!Permission::ReadInternalNotes.is_allowed_to(Standing::Guest));
    }

    #[test]
    fn words_and_bits_read_back() {
        for act in Permission::ALL {
            assert_eq!(Permission::from_word(act.as_str()), Some(*act));
        }
        let some: Scopes = [Scope::BookingsWrite, Scope::CatalogueRead].into_iter().collect();
        assert_eq!(Scopes::from_bits(some.bits()), Some(some));
        assert_eq!(some.iter().collect::<Vec<_>>(), [Scope::BookingsWrite, Scope::CatalogueRead]);
        assert_eq!(Scopes::from_bits(16), None);
        assert_eq!(Scopes::from_bits(-1), None);
        assert_eq!(
            Permission::SetBookingStatus.allowed(),
            "members with the role front_desk or higher; API keys with the scope bookings:write; admins"
        );
    }
}
