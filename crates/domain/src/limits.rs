//! Every limit of a request, with its name and unit.

/// Nights of one stay.
pub const NIGHTS_MAX: i64 = 30;
/// Rooms of one stay.
pub const ROOMS_MAX: i64 = 5;
/// Guests of one stay.
pub const GUESTS_MAX: i64 = 20;
/// Units of one add-on service.
pub const SERVICE_QUANTITY_MAX: i64 = 10;
/// People at one table or experience.
pub const PARTY_MAX: i64 = 500;
/// Seats of one line.
pub const SEATS_MAX: i64 = 100;
/// Pieces of one product in one line.
pub const PRODUCT_QUANTITY_MAX: i64 = 10_000;
/// Length of one seating, in minutes.
pub const DURATION_MINUTES_MIN: i64 = 5;
pub const DURATION_MINUTES_MAX: i64 = 1_440;
/// Lengths that one offering may name.
pub const LENGTHS_MAX: usize = 50;
/// Dates on which a venue may have other opening hours, and intervals of one date.
pub const OPENING_EXCEPTIONS_MAX: usize = 1_000;
/// How far in advance a booking can be made, in days.
pub const ADVANCE_DAYS_MAX: i64 = 1_100;
/// Lines of one booking, including add-on services.
pub const LINES_PER_BOOKING_MAX: usize = 20;
/// Bookings of one order.
pub const BOOKINGS_PER_ORDER_MAX: usize = 20;
/// Slots that one order can claim, over all its recipes.
pub const SLOTS_PER_ORDER_MAX: usize = 20_000;
/// Characters of a name.
pub const NAME_CHARS_MIN: usize = 2;
pub const NAME_CHARS_MAX: usize = 100;
/// Characters of an email address (RFC 5321 §4.5.3.1.3 allows 254 in a mailbox).
pub const EMAIL_CHARS_MAX: usize = 254;
/// Characters of a free text, such as a note or a reason.
pub const TEXT_CHARS_MAX: usize = 2_000;
/// Characters of a short label, such as a source or a code.
pub const LABEL_CHARS_MAX: usize = 64;
/// Characters of an idempotency key.
pub const IDEMPOTENCY_KEY_CHARS_MAX: usize = 255;
/// Bytes of a booking's metadata as JSON.
pub const METADATA_BYTES_MAX: usize = 4_096;
/// Age of a guest in years.
pub const AGE_MAX: i64 = 150;
/// How long an idempotency key is remembered, in milliseconds (24 hours).
pub const IDEMPOTENCY_KEY_TTL_MS: i64 = 86_400_000;
/// How long a hold must be past its expiry before another buyer may take it over, in milliseconds. It covers the
/// difference between the clocks of two processes.
pub const CLOCK_SKEW_MS_MAX: i64 = 250;
/// The largest capacity of a pool, in units.
pub const CAPACITY_MAX: i64 = 1_000_000_000;
/// The largest price of one unit, in minor units.
pub const UNIT_PRICE_MINOR_MAX: i64 = 1_000_000_000_000;
/// Seats of one seat map. An order examines at most this many slots when it chooses the best seats.
pub const SEAT_MAP_SEATS_MAX: usize = SLOTS_PER_ORDER_MAX;
/// The longest duration of a hold, in minutes.
pub const HOLD_MINUTES_MAX: i64 = 43_200;
/// Recipes of one offering, and parts of one recipe.
pub const RECIPES_MAX: usize = 16;
pub const RECIPE_PARTS_MAX: usize = 16;
/// Characters of a password. OWASP recommends at least 8 with a second factor, and room for passphrases.
pub const PASSWORD_CHARS_MIN: usize = 10;
pub const PASSWORD_CHARS_MAX: usize = 128;
/// Digits of a one-time code, and its lifetime in milliseconds.
pub const CODE_DIGITS: usize = 6;
pub const CODE_TTL_MS: i64 = 300_000;
/// Members and API keys of one business.
pub const MEMBERS_MAX: i64 = 500;
pub const API_KEYS_MAX: i64 = 100;
