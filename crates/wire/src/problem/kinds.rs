//! Every kind of problem in one table. Responses, the documentation at each `type`, and `docs/problems.md` are
//! derived from it.

use axum::http::StatusCode;

/// One kind of problem.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// The last segment of its `type`.
    pub name: &'static str,
    pub status: StatusCode,
    pub title: &'static str,
    /// When it occurs.
    pub meaning: &'static str,
    /// How the caller can recover.
    pub remedy: &'static str,
    /// The members of its body in addition to `type`, `title`, `status` and `detail`.
    pub members: &'static [(&'static str, &'static str)],
}

impl Kind {
    /// Its `type`, relative to the server.
    pub fn uri(&self) -> String {
        format!("/problems/{}", self.name)
    }

    pub fn find(name: &str) -> Option<&'static Self> {
        ALL.iter().copied().find(|kind| kind.name == name)
    }
}

macro_rules! kinds {
    ($($constant:ident = $name:literal, $status:ident, $title:literal;
        $meaning:literal;
        $remedy:literal;
        [$(($member:literal, $says:literal)),* $(,)?]
    )*) => {
        $(pub const $constant: &Kind = &Kind {
            name: $name,
            status: StatusCode::$status,
            title: $title,
            meaning: $meaning,
            remedy: $remedy,
            members: &[$(($member, $says)),*],
        };)*

        /// In the order in which they are documented.
        pub const ALL: &[&Kind] = &[$($constant),*];
    };
}

kinds! {
    INVALID_REQUEST = "invalid-request", BAD_REQUEST, "Invalid request";
        "A parameter, header or field is missing, malformed, unknown or out of range. `errors` lists every invalid \
         field, not only the first.";
        "Correct the fields listed in `errors` and send the request again.";
        [("errors", "One object for each invalid field. `pointer` is a JSON pointer into the body, or `query:NAME`, \
          `path:NAME` or `header:NAME`; `detail` says what is wrong with it.")]

    TRANSITION_REFUSED = "transition-refused", BAD_REQUEST, "Status change not allowed";
        "The booking's current status cannot change to the requested one.";
        "Retrieve the booking and choose one of the statuses in `allowed`.";
        [
            ("from", "The booking's current status."),
            ("to", "The requested status."),
            ("allowed", "The statuses that can follow the current one."),
        ]

    NOT_CHANGEABLE = "not-changeable", BAD_REQUEST, "Booking cannot be changed";
        "Only a booking that is PENDING or CONFIRMED can be updated.";
        "Create a new booking instead.";
        [("current_status", "The booking's current status.")]

    HOLD_ENDED = "hold-ended", BAD_REQUEST, "Hold expired";
        "The booking was not confirmed before `expires_at`, and its units have been released.";
        "Create a new booking, if units are still available.";
        []

    UNAUTHORIZED = "unauthorized", UNAUTHORIZED, "Authentication required";
        "The request has no bearer token, or the token is invalid, expired or revoked.";
        "Send a valid token in the header `Authorization: Bearer …`. If your token has expired, refresh it.";
        []

    WRONG_CREDENTIALS = "wrong-credentials", UNAUTHORIZED, "Incorrect email or password";
        "There is no account with this email address, or the password is incorrect. The response does not say which.";
        "Check both, sign in with a one-time code, or reset the password.";
        []

    WRONG_CODE = "wrong-code", UNAUTHORIZED, "Invalid or expired code";
        "The one-time code is incorrect, has expired, was already used, was replaced by a newer code, or was tried too \
         many times.";
        "Check the code, or request a new one.";
        []

    SESSION_ENDED = "session-ended", UNAUTHORIZED, "Session ended";
        "The refresh token is invalid: its session has ended or expired, or the token was already used. Using a \
         refresh token a second time ends its session, because the token may have been stolen.";
        "Sign in again.";
        []

    WRONG_TOKEN = "wrong-token", BAD_REQUEST, "Invalid or expired token";
        "The token from the email is incorrect, has expired, was already used, or was replaced by a newer \
         email's token.";
        "Request a new email.";
        []

    TOO_OFTEN = "too-often", TOO_MANY_REQUESTS, "Too many attempts";
        "Too many attempts were made for this account, phone number or network address. Nothing was done. A device \
         that has signed in before has a separate limit.";
        "Retry after the number of seconds in the header `Retry-After`.";
        []

    SIGN_IN_AGAIN = "sign-in-again", FORBIDDEN, "Recent sign-in required";
        "Setting a first password requires a session that began within the last ten minutes.";
        "Sign in again, then repeat the request.";
        []

    LAST_OWNER = "last-owner", CONFLICT, "Last owner of a business";
        "A business must have at least one owner. Its last owner cannot leave, change role or close their account.";
        "Make another member an owner first.";
        []

    TOO_MANY = "too-many", CONFLICT, "Limit reached";
        "The business already has the maximum number of members, invitations or API keys.";
        "Remove those that are no longer needed.";
        []

    FORBIDDEN = "forbidden", FORBIDDEN, "Permission denied";
        "The caller does not have the required permission. A guest may only cancel their own bookings, a member's role \
         may be too low, or an API key may lack the scope.";
        "Ask an owner of the business for a role that has the permission, or use an API key with the scope.";
        [("permission", "The missing permission. The documentation of each operation names the one it requires.")]

    NOT_FOUND = "not-found", NOT_FOUND, "Not found";
        "The resource does not exist, or the caller is not allowed to know that it exists.";
        "Check the id, and which account or business the token belongs to.";
        [("errors", "The field of the body that names an event which does not exist, in the form used by \
          `invalid-request`. Absent in all other cases.")]

    METHOD_NOT_ALLOWED = "method-not-allowed", METHOD_NOT_ALLOWED, "Method not allowed";
        "The path exists, but does not support this HTTP method.";
        "Use one of the methods in the header `Allow`.";
        []

    VERSION_CONFLICT = "version-conflict", CONFLICT, "Booking was modified";
        "The booking's version is not the one in `expected_version`, because the booking was changed after you \
         read it.";
        "Retrieve the booking, review what changed, and repeat the request with its current version.";
        [("expected_version", "The version in the request."), ("current_version", "The booking's current version.")]

    UNAVAILABLE = "unavailable", CONFLICT, "Not enough units available";
        "The requested units are sold out, or fewer are left than requested. Nothing was booked.";
        "Call `POST /api/v1/bookings/availability/check` to get alternatives. You can repeat the request with the same \
         idempotency key.";
        [
            ("booking", "The position of the booking in the order, counted from 0."),
            ("line", "The position of the line in the booking, counted from 0."),
            ("pool_id", "The pool that does not have enough units."),
            ("slot", "The number of the slot in that pool."),
            ("requested_units", "The number of units requested."),
            ("free_units", "The number of units available."),
        ]

    PRICE_CHANGED = "price-changed", CONFLICT, "Price changed";
        "The current price is not the one in `expected_total`. Nothing was booked.";
        "Show the buyer the new price, then repeat the request with it as `expected_total`.";
        [
            ("booking", "The position of the booking in the order, counted from 0."),
            ("expected_amount", "The price in the request, in minor units."),
            ("actual_amount", "The current price, in minor units."),
        ]

    STILL_TO_COME = "bookings-still-to-come", CONFLICT, "Person has open bookings";
        "A person cannot be erased while they have a hold, or a booking that is in progress or still to come. Nothing \
         was erased.";
        "Cancel the bookings or wait until they are over, then repeat the request.";
        [("booking_ids", "Some of the open bookings.")]

    KEY_REUSED = "idempotency-key-reused", CONFLICT, "Idempotency key already used";
        "The same caller used this idempotency key within the last 24 hours with a different body or for a different \
         booking.";
        "Use a new key for a new request. When you repeat a request, send the same bytes.";
        []

    CODE_TAKEN = "code-taken", CONFLICT, "Code already in use";
        "Another venue or offering already has this `code`. Nothing was added.";
        "Choose a different code.";
        []

    NOT_ON_SALE = "not-on-sale", CONFLICT, "Not on sale";
        "The offering's sale has not begun or has ended, or the offering was withdrawn while the request was on its \
         way.";
        "Choose another offering, or try again within the sale window.";
        [
            ("booking", "The position of the booking in the order, starting at 0."),
            ("line", "The position of the line in the booking, starting at 0."),
            ("offering_id", "The offering that is not on sale."),
            ("on_sale_from", "When its sale begins; null if it has no beginning."),
            ("on_sale_until", "When its sale ends; null if it has no end."),
        ]

    WITHDRAWN = "withdrawn", CONFLICT, "Already withdrawn";
        "A venue, pool or offering that is withdrawn can no longer be changed, added to or withdrawn again.";
        "Create a new venue, pool or offering instead.";
        []

    IN_USE = "in-use", CONFLICT, "In use by bookings";
        "Existing bookings depend on the present value of `field`. Nothing was changed.";
        "Leave the field as it is, or cancel or move the bookings first.";
        [("field", "The name of the field that cannot be changed.")]

    CAPACITY_BELOW_TAKEN = "capacity-below-taken", CONFLICT, "Capacity below units taken";
        "The new capacity is lower than the number of units already taken. Nothing was changed.";
        "Choose a capacity of at least `taken_units`, or cancel or move bookings first.";
        [("slot", "The number of the slot that has too many units taken."), ("taken_units", "The units taken in it.")]

    JOB_NOT_GIVEN_UP = "job-not-given-up", CONFLICT, "Job cannot be retried";
        "Only a job that is `dead` or `unclear` can be retried by hand. This job is done, or will be retried \
         automatically.";
        "Retrieve the job. If it is not done, wait for its next attempt.";
        [("state", "The job's current state.")]

    REQUEST_TIMEOUT = "request-timeout", REQUEST_TIMEOUT, "Request timed out";
        "The server did not receive the whole request in time. Nothing was done.";
        "Send the request again on a new connection, without pauses.";
        []

    MISDIRECTED = "misdirected-request", MISDIRECTED_REQUEST, "Unknown host";
        "The header `Host` is missing, or does not name this server.";
        "Use the server's public host name.";
        []

    URI_TOO_LONG = "uri-too-long", URI_TOO_LONG, "URI too long";
        "The path and query together are longer than the server accepts.";
        "Send only the parameters that the operation documents.";
        []

    HEAD_TOO_LARGE = "head-too-large", REQUEST_HEADER_FIELDS_TOO_LARGE, "Header fields too large";
        "The header fields together are larger than the server accepts, or there are more than 100 of them.";
        "Remove cookies and other headers that the server does not need.";
        []

    BODY_TOO_LARGE = "body-too-large", PAYLOAD_TOO_LARGE, "Body too large";
        "The request body is larger than the server accepts.";
        "Send a smaller body. Split a large catalogue over several requests.";
        []

    QUOTA_EXCEEDED = "quota-exceeded", TOO_MANY_REQUESTS, "Too many requests";
        "The caller has used up its request quota. Requests without a valid token count against their network address. \
         Nothing was done. The headers `RateLimit-Policy` and `RateLimit` give the quota and what remains of it.";
        "Retry after the number of seconds in the header `Retry-After`, and send requests less often.";
        [("violated-policies", "The names of the exceeded quotas.")]

    INTERNAL = "internal", INTERNAL_SERVER_ERROR, "Internal server error";
        "The server failed to process the request. The error is in the server's log.";
        "Repeat the request with the same idempotency key. If the error persists, report it with the request id.";
        []

    OVERLOADED = "overloaded", SERVICE_UNAVAILABLE, "Server overloaded";
        "More requests are waiting than the server can process soon. Nothing was done.";
        "Retry after the number of seconds in the header `Retry-After`.";
        [("outcome", "Always `not_done`.")]

    DATABASE_UNAVAILABLE = "database-unavailable", SERVICE_UNAVAILABLE, "Service temporarily unavailable";
        "The database is unreachable or cannot write. Nothing was done.";
        "Retry after the number of seconds in the header `Retry-After`.";
        [("outcome", "Always `not_done`.")]

    ISSUER_UNAVAILABLE = "issuer-unavailable", SERVICE_UNAVAILABLE, "Token cannot be verified now";
        "The token comes from the external issuer, and the server cannot fetch the issuer's key for it. Nothing was \
         done. Other tokens and API keys still work.";
        "Retry after the number of seconds in the header `Retry-After`.";
        [("outcome", "Always `not_done`.")]

    OUTCOME_UNKNOWN = "outcome-unknown", SERVICE_UNAVAILABLE, "Outcome unknown";
        "The connection to the database was lost during the commit. The request may or may not have been done.";
        "Repeat the request with the same idempotency key to learn the outcome. If you sent no key, check whether the \
         change was made before you repeat it.";
        [("outcome", "Always `unknown`.")]
}
