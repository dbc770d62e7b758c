//! Every operation of the server, in the order in which they are read.

use domain::ids::{BookingId, GuestId, JobId, OrderId, PoolId, VenueId};
use domain::limits::IDEMPOTENCY_KEY_CHARS_MAX;
use domain::permission::Permission;
use utoipa::openapi::path::HttpMethod::{self, Get, Post, Put};

use super::examples;
use super::operation::{Operation, path_parameter, text_parameter};
use crate::problem::kinds::{self, Kind};

/// Whatever stands in the way of any change.
pub(super) const WRITE: &[&Kind] = &[kinds::OVERLOADED, kinds::DATABASE_UNAVAILABLE, kinds::OUTCOME_UNKNOWN];
pub(super) const READ: &[&Kind] = &[kinds::OVERLOADED, kinds::DATABASE_UNAVAILABLE];

pub fn all() -> Vec<Operation> {
    let mut all = bookings();
    all.extend(lists());
    all.extend(people());
    all.extend(catalogue());
    all.extend(pools());
    all.extend(super::people::operations());
    all.extend(jobs());
    all.extend(server());
    all
}

fn booking(method: HttpMethod, path: &'static str, id: &'static str, summary: &'static str) -> Operation {
    let operation = Operation::new(method, path, id, "Bookings").summary(summary);
    if path.contains("{id}") {
        operation.path(path_parameter::<BookingId>("id", "A booking's id."))
    } else {
        operation
    }
}

fn bookings() -> Vec<Operation> {
    let changes = [kinds::NOT_FOUND, kinds::VERSION_CONFLICT, kinds::KEY_REUSED];
    vec![
        booking(Post, "/api/v1/bookings", "createBooking", "Make a booking")
            .act(Permission::CreateBooking)
            .says(
                "Confirmed at once, or PENDING until `expires_at`, as the offering says. Nobody is turned away while \
                 there are units left. With an idempotency key, a repetition gets the first answer, byte for byte, for \
                 24 hours.",
            )
            .keyed(IDEMPOTENCY_KEY_CHARS_MAX)
            .body("NewBooking", examples::bookings)
            .answers("201", "Booking", "The booking.")
            .refuses(&[kinds::NOT_FOUND, kinds::UNAVAILABLE, kinds::PRICE_CHANGED, kinds::KEY_REUSED])
            .refuses(WRITE),
        booking(Post, "/api/v1/bookings/preview", "previewBooking", "Check a booking without making it")
            .act(Permission::PreviewBooking)
            .says("Checks all that making it would check, except what is free, and shows it as it would be.")
            .body("NewBooking", examples::bookings)
            .answers("200", "Booking", "The booking as it would be in an empty house.")
            .refuses(&[kinds::NOT_FOUND, kinds::UNAVAILABLE, kinds::PRICE_CHANGED]),
        booking(Post, "/api/v1/bookings/availability/check", "checkAvailability", "Can this be had, and what instead")
            .act(Permission::CheckAvailability)
            .body("AvailabilityCheck", examples::checks)
            .answers("200", "Availability", "What is free, what it costs, and alternatives when it is full.")
            .refuses(READ),
        booking(Get, "/api/v1/bookings/{id}", "getBooking", "Read a booking")
            .act(Permission::ReadBookings)
            .tagged()
            .answers("200", "Booking", "The booking.")
            .refuses(&[kinds::NOT_FOUND])
            .refuses(READ),
        booking(Get, "/api/v1/bookings/reference/{reference}", "getBookingByReference", "Read a booking by its reference")
            .act(Permission::ReadBookings)
            .path(text_parameter("reference", "Upper or lower case.", "BR-20241225-K7QXM2RD9A"))
            .tagged()
            .answers("200", "Booking", "The booking.")
            .refuses(&[kinds::NOT_FOUND])
            .refuses(READ),
        booking(Put, "/api/v1/bookings/{id}", "updateBooking", "Change a booking")
            .act(Permission::UpdateBooking)
            .says("The version the caller has read goes into `expected_version` or the header If-Match.")
            .if_match()
            .keyed(IDEMPOTENCY_KEY_CHARS_MAX)
            .body("BookingUpdate", examples::updates)
            .answers("200", "Booking", "The booking as it is now.")
            .refuses(&changes)
            .refuses(&[kinds::NOT_CHANGEABLE, kinds::UNAVAILABLE])
            .refuses(WRITE),
        booking(Post, "/api/v1/bookings/{id}/cancel", "cancelBooking", "Cancel a booking")
            .act(Permission::CancelBooking)
            .keyed(IDEMPOTENCY_KEY_CHARS_MAX)
            .optional_body("Cancellation", examples::cancellations)
            .answers("200", "Booking", "The booking, CANCELLED.")
            .refuses(&changes)
            .refuses(&[kinds::TRANSITION_REFUSED])
            .refuses(WRITE),
        booking(Post, "/api/v1/bookings/{id}/status", "setBookingStatus", "Put a booking into another state")
            .act(Permission::SetBookingStatus)
            .says(
                "PENDING → CONFIRMED, CANCELLED, EXPIRED; CONFIRMED → CHECKED_IN, CANCELLED, COMPLETED, NO_SHOW; \
                 CHECKED_IN → COMPLETED, CANCELLED. Guests may only cancel.",
            )
            .keyed(IDEMPOTENCY_KEY_CHARS_MAX)
            .body("StatusChange", examples::changes_of_state)
            .answers("200", "Booking", "The booking in its new state.")
            .refuses(&changes)
            .refuses(&[kinds::FORBIDDEN, kinds::TRANSITION_REFUSED, kinds::HOLD_ENDED])
            .refuses(WRITE),
        booking(Get, "/api/v1/bookings/{id}/history", "getBookingHistory", "Who changed it, when and why")
            .act(Permission::ReadBookings)
            .answers("200", "History", "All changes, first to last.")
            .refuses(&[kinds::NOT_FOUND])
            .refuses(READ),
    ]
}

fn lists() -> Vec<Operation> {
    vec![
        Operation::new(Get, "/api/v1/bookings/guest/{guest_id}", "listGuestBookings", "Bookings")
            .act(Permission::ReadBookings)
            .summary("A guest's bookings, newest first")
            .path(path_parameter::<GuestId>("guest_id", "A guest's id: of a guest, the own."))
            .listed()
            .answers(
                "200",
                "BookingPage",
                "A page of them. A venue sees those of its own, so a page may hold fewer than asked.",
            )
            .refuses(&[kinds::NOT_FOUND])
            .refuses(READ),
        Operation::new(Get, "/api/v1/bookings/venue/{venue_id}", "listVenueBookings", "Bookings")
            .act(Permission::ListVenueBookings)
            .summary("A venue's bookings in the order of their days")
            .path(path_parameter::<VenueId>("venue_id", "A venue's id."))
            .listed()
            .answers("200", "BookingPage", "A page of them.")
            .refuses(&[kinds::NOT_FOUND])
            .refuses(READ),
        Operation::new(Post, "/api/v1/orders", "createOrder", "Orders")
            .act(Permission::CreateBooking)
            .summary("Make several bookings, all or none")
            .keyed(IDEMPOTENCY_KEY_CHARS_MAX)
            .body("NewOrder", examples::orders)
            .answers("201", "Order", "The order with its bookings.")
            .refuses(&[kinds::NOT_FOUND, kinds::UNAVAILABLE, kinds::PRICE_CHANGED, kinds::KEY_REUSED])
            .refuses(WRITE),
        Operation::new(Get, "/api/v1/orders/{id}", "getOrder", "Orders")
            .act(Permission::ReadBookings)
            .summary("Read an order")
            .path(path_parameter::<OrderId>("id", "An order's id."))
            .answers("200", "Order", "The order with those of its bookings that the caller may see.")
            .refuses(&[kinds::NOT_FOUND])
            .refuses(READ),
    ]
}

fn people() -> Vec<Operation> {
    let guest = |operation: Operation| {
        operation.path(path_parameter::<GuestId>("guest_id", "A guest's id: of a guest, the own."))
    };
    vec![
        booking(Post, "/api/v1/bookings/search", "searchBookings", "Find bookings by e-mail address or phone number")
            .act(Permission::SearchBookings)
            .says(
                "Exactly this address or number, however it is written. A venue finds its own bookings, newest first; a \
                 page may hold fewer than asked.",
            )
            .body("BookingSearch", examples::searches)
            .answers("200", "BookingPage", "A page of them.")
            .refuses(&[kinds::FORBIDDEN])
            .refuses(READ),
        Operation::new(Get, "/api/v1/audit", "listAudit", "People")
            .act(Permission::ReadAudit)
            .summary("Who did what to what, newest first")
            .says("For admins all of it, for owners what was done for their business.")
            .listed_audit()
            .answers("200", "AuditPage", "A page of entries.")
            .refuses(READ),
        guest(Operation::new(Get, "/api/v1/guests/{guest_id}/export", "exportPerson", "People"))
            .summary("All that is known of a person")
            .act(Permission::ExportPerson)
            .says("For the person, or an admin.")
            .answers("200", "Export", "All of it.")
            .refuses(&[kinds::NOT_FOUND])
            .refuses(READ),
        guest(Operation::new(Post, "/api/v1/guests/{guest_id}/erasure", "erasePerson", "People"))
            .summary("Erase a person")
            .act(Permission::ErasePerson)
            .says(
                "Names, addresses, numbers, wishes and notes can never be read again, in this database or in what is \
                 copied from it later. Amounts, dates, references and states stay. For the person, or an admin.",
            )
            .answers("200", "Erased", "It is done.")
            .refuses(&[kinds::NOT_FOUND, kinds::STILL_TO_COME, kinds::LAST_OWNER])
            .refuses(WRITE),
    ]
}

fn venue(method: HttpMethod, path: &'static str, id: &'static str, summary: &'static str) -> Operation {
    let operation = Operation::new(method, path, id, "Catalogue").summary(summary);
    let says = "A venue's id or code.";
    if path.contains("{id}") { operation.path(text_parameter("id", says, "bistro")) } else { operation }
}

fn catalogue() -> Vec<Operation> {
    vec![
        venue(Post, "/api/v1/catalogue", "addCatalogue", "Add venues with all that is in them")
            .act(Permission::AddVenue)
            .body("NewCatalogue", examples::catalogues)
            .answers("201", "Added", "How much was added.")
            .refuses(&[kinds::FORBIDDEN, kinds::CODE_TAKEN])
            .refuses(WRITE),
        venue(Get, "/api/v1/venues", "listVenues", "All venues").act(Permission::ReadCatalogue).answers(
            "200",
            "Venues",
            "All of them.",
        ),
        venue(Post, "/api/v1/venues", "addVenue", "Add a venue")
            .act(Permission::AddVenue)
            .body("NewVenue", examples::venues)
            .answers("201", "Venue", "The venue.")
            .refuses(&[kinds::FORBIDDEN, kinds::CODE_TAKEN])
            .refuses(WRITE),
        venue(Get, "/api/v1/venues/{id}", "getVenue", "Read a venue")
            .act(Permission::ReadCatalogue)
            .answers("200", "Venue", "The venue.")
            .refuses(&[kinds::NOT_FOUND]),
        venue(Get, "/api/v1/venues/{id}/pools", "listPools", "A venue's pools")
            .act(Permission::ReadCatalogue)
            .answers("200", "Pools", "All of them.")
            .refuses(&[kinds::NOT_FOUND]),
        venue(Post, "/api/v1/venues/{id}/pools", "addPool", "Add a pool")
            .act(Permission::ChangeCatalogue)
            .body("NewPool", examples::pools)
            .answers("201", "Pool", "The pool.")
            .refuses(&[kinds::NOT_FOUND])
            .refuses(WRITE),
        venue(Get, "/api/v1/venues/{id}/offerings", "listOfferings", "What a venue sells")
            .act(Permission::ReadCatalogue)
            .answers("200", "Offerings", "All of them.")
            .refuses(&[kinds::NOT_FOUND]),
        venue(Post, "/api/v1/venues/{id}/offerings", "addOffering", "Add an offering")
            .act(Permission::ChangeCatalogue)
            .body("NewOffering", examples::offerings)
            .answers("201", "Offering", "The offering.")
            .refuses(&[kinds::NOT_FOUND, kinds::CODE_TAKEN])
            .refuses(WRITE),
    ]
}

fn pools() -> Vec<Operation> {
    let pool = |operation: Operation| operation.path(path_parameter::<PoolId>("id", "A pool's id."));
    vec![
        pool(
            Operation::new(Put, "/api/v1/pools/{id}/capacity", "changeCapacity", "Catalogue")
                .act(Permission::ChangeCapacity),
        )
        .summary("Change a capacity")
        .body("CapacityChange", examples::capacities)
        .answers("200", "Capacity", "The capacity it has now.")
        .refuses(&[kinds::NOT_FOUND, kinds::CAPACITY_BELOW_TAKEN])
        .refuses(WRITE),
        pool(
            Operation::new(Get, "/api/v1/pools/{id}/slots", "listSlots", "Catalogue")
                .act(Permission::ReadCatalogue),
        )
        .summary("How much of a pool is taken")
        .range()
        .answers("200", "Slots", "The slots from `from` to `to`, both included.")
        .refuses(&[kinds::NOT_FOUND])
        .refuses(READ),
    ]
}

fn jobs() -> Vec<Operation> {
    let job = |operation: Operation| operation.path(path_parameter::<JobId>("id", "A job's id."));
    vec![
        Operation::new(Get, "/api/v1/jobs", "listJobs", "Jobs")
            .act(Permission::UseJobs)
            .summary("What is done in the background, newest first")
            .says("For admins. `state=dead` and `state=unclear` list what was given up.")
            .listed_jobs()
            .answers("200", "JobPage", "A page of them.")
            .refuses(&[kinds::NOT_FOUND])
            .refuses(READ),
        job(Operation::new(Get, "/api/v1/jobs/{id}", "getJob", "Jobs").act(Permission::UseJobs))
            .summary("Where a job stands")
            .answers("200", "Job", "The job.")
            .refuses(&[kinds::NOT_FOUND])
            .refuses(READ),
        job(Operation::new(Post, "/api/v1/jobs/{id}/retry", "retryJob", "Jobs").act(Permission::UseJobs))
            .summary("Try a job again that was given up")
            .says("A message that may have been sent is looked up at the vendor before it is sent again.")
            .answers("200", "Job", "The job, waiting.")
            .refuses(&[kinds::NOT_FOUND, kinds::JOB_NOT_GIVEN_UP])
            .refuses(WRITE),
    ]
}

fn server() -> Vec<Operation> {
    let open = |path, id| Operation::new(Get, path, id, "Server").open();
    vec![
        open("/health", "getHealth")
            .summary("Whether the server can serve")
            .answers("200", "Health", "It can.")
            .refuses(READ),
        open("/metrics", "getMetrics")
            .summary("What it counts, for Prometheus")
            .answers_text("200", "Metrics."),
        open("/problems/{kind}", "getProblem")
            .summary("What a kind of problem means")
            .path(text_parameter("kind", "The last part of a problem's type.", "unavailable"))
            .answers("200", "ProblemKind", "Its meaning.")
            .refuses(&[kinds::NOT_FOUND]),
    ]
}
