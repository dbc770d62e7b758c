//! A line of a booking in JSON: the common members, `kind`, and the members of that kind.

use domain::ids::OfferingId;
use domain::line::{Detail, Line, SeatingDetail};
use domain::money::{Currency, Money};
use domain::time::Instant;
use jiff::civil::{Date, Time};
use serde::Serialize;

use super::context::ViewContext;
use crate::schema::{Described, Property, Schemas, inline, object, one_of_kind, words};
use crate::shape::{Members, Shape, member, view};

#[derive(Serialize)]
pub struct LineView<'a> {
    offering_id: OfferingId,
    name: Option<&'a str>,
    base_price: Money,
    #[serde(flatten)]
    detail: DetailView<'a>,
}

impl Shape for LineView<'_> {
    fn shape(schemas: &mut Schemas) -> Described {
        by_kind("BookingLine", "Booked", schemas, |schemas| {
            vec![
                member::<OfferingId>("offering_id", "", schemas),
                member::<Option<&str>>("name", "", schemas),
                member::<Money>("base_price", "", schemas),
            ]
        })
    }
}

impl<'a> LineView<'a> {
    pub fn new(line: &'a Line, currency: Currency, context: ViewContext<'a>) -> Self {
        Self {
            offering_id: line.offering,
            name: context.catalogue.offering(line.offering).map(|offering| offering.name.as_str()),
            base_price: Money { amount: line.base_minor, currency },
            detail: DetailView::new(&line.detail),
        }
    }
}

/// The members that depend on the kind. Like the stored form, without data that only the server needs.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DetailView<'a> {
    Stay(StayView),
    Table(SeatingView),
    Experience(SeatingView),
    Ticket(TicketView<'a>),
    Product(ProductView),
    Service(ServiceView<'a>),
}

view! {
    pub struct StayView as "Stay" {
        checkin_date: Date,
        checkout_date: Date,
        num_rooms: i64,
        num_guests: i64,
    }

    pub struct SeatingView as "Seating" {
        booking_date: Date,
        booking_time: Time,
        end_time: Time,
        duration_minutes: i64,
        party_size: i64,
        /// The moment it begins, independent of time zones.
        starts_at: Instant,
    }

    pub struct TicketView<'a> as "Ticket" {
        seat_count: i64,
        seats: &'a [String] as Vec<String>,
    }

    pub struct ProductView as "Product" {
        quantity: i64,
    }

    pub struct ServiceView<'a> as "Service" {
        quantity: i64,
        scheduled_for: Option<&'a str>,
    }
}

/// The kinds of lines: the word, the suffix of the schema's name, and the members.
type Kinds = [(&'static str, &'static str, fn(&mut Schemas) -> Vec<Property>); 6];

const KINDS: Kinds = [
    ("stay", "Stay", StayView::members),
    ("table", "Table", SeatingView::members),
    ("experience", "Experience", SeatingView::members),
    ("ticket", "Ticket", TicketView::members),
    ("product", "Product", ProductView::members),
    ("service", "Service", ServiceView::members),
];

/// A choice of named objects, one for each kind of line. Client generators drop variants without a name.
pub fn by_kind(
    name: &str,
    prefix: &str,
    schemas: &mut Schemas,
    common: impl Fn(&mut Schemas) -> Vec<Property>,
) -> Described {
    schemas.named(name, |schemas| {
        let choices = KINDS.map(|(word, ending, members)| {
            let variant = format!("{prefix}{ending}");
            schemas.named(&variant, |schemas| {
                let kind = Property::new("kind", "", inline(words(&[word])), true);
                let rest = members(schemas);
                object("", common(schemas).into_iter().chain([kind]).chain(rest)).into()
            });
            (word, variant)
        });
        one_of_kind("", choices)
    })
}

impl<'a> DetailView<'a> {
    pub fn new(detail: &'a Detail) -> Self {
        match detail {
            Detail::Stay { checkin_date, checkout_date, num_rooms, num_guests } => Self::Stay(StayView {
                checkin_date: *checkin_date,
                checkout_date: *checkout_date,
                num_rooms: *num_rooms,
                num_guests: *num_guests,
            }),
            Detail::Table(seating) => Self::Table(seating.into()),
            Detail::Experience(seating) => Self::Experience(seating.into()),
            Detail::Ticket { seat_count, seats } => {
                Self::Ticket(TicketView { seat_count: *seat_count, seats })
            }
            Detail::Product { quantity } => Self::Product(ProductView { quantity: *quantity }),
            Detail::Service { quantity, scheduled_for } => {
                Self::Service(ServiceView { quantity: *quantity, scheduled_for: scheduled_for.as_deref() })
            }
        }
    }
}

impl From<&SeatingDetail> for SeatingView {
    fn from(seating: &SeatingDetail) -> Self {
        Self {
            booking_date: seating.booking_date,
            booking_time: seating.booking_time,
            end_time: seating.end_time,
            duration_minutes: seating.duration_minutes,
            party_size: seating.party_size,
            starts_at: Instant(seating.starts_at_ms),
        }
    }
}
