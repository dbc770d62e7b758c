//! Every kind of problem, in one table: the wire, the documentation and `docs/problems.md` are made from it.

use axum::http::StatusCode;

/// One kind of problem.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// The last part of its `type`.
    pub name: &'static str,
    pub status: StatusCode,
    pub title: &'static str,
    /// When a caller meets it.
    pub meaning: &'static str,
    /// What the caller can do about it.
    pub remedy: &'static str,
    /// What its body has besides `type`, `title`, `status` and `detail`.
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
    INVALID_REQUEST = "invalid-request", BAD_REQUEST, "The request is not valid";
        "Something in the request is missing, malformed, unknown or against a rule. Everything that is wrong is named \
         at once.";
        "Correct each field named in `errors` and send the request again.";
        [("errors", "One object for each wrong field: `pointer`, a JSON pointer into the body (or `query:NAME`, \
          `path:NAME`, `header:NAME`), and `detail`, what is wrong with it.")]

    TRANSITION_REFUSED = "transition-refused", BAD_REQUEST, "The booking cannot go into this state";
        "The state machine has no way from the booking's state into the one asked for.";
        "Read the booking again. `allowed` lists the states that can follow.";
        [("from", "The booking's state."), ("to", "The state asked for."), ("allowed", "The states that can follow.")]

    NOT_CHANGEABLE = "not-changeable", BAD_REQUEST, "The booking can no longer be changed";
        "Only a booking that is PENDING or CONFIRMED can be updated.";
        "Make a new booking.";
        [("current_status", "The booking's state.")]

    HOLD_ENDED = "hold-ended", BAD_REQUEST, "The hold has ended";
        "The booking waited for its confirmation longer than it may (`expires_at`).";
        "Make a new booking, if there is still something free.";
        []

    UNAUTHORIZED = "unauthorized", UNAUTHORIZED, "A valid token is needed";
        "The request has no bearer token, or one that is wrong or over.";
        "Send a valid token in the header `Authorization: Bearer …`.";
        []

    WRONG_CREDENTIALS = "wrong-credentials", UNAUTHORIZED, "Address and password do not belong together";
        "There is no such account, or its password is another. Nobody is told which.";
        "Correct them, sign in by a one-time code, or ask for a new password.";
        []

    WRONG_CODE = "wrong-code", UNAUTHORIZED, "The code is not right, or no longer";
        "The code is another, is over, was used, was replaced by a newer one, or was tried too often.";
        "Read it again, or ask for another one.";
        []

    SESSION_ENDED = "session-ended", UNAUTHORIZED, "The session has ended";
        "The refresh token is not valid: its session was ended or is over, or the token was used before. A token that is \
         used twice ends its session, for nobody can tell its owner from a thief.";
        "Sign in again.";
        []

    WRONG_TOKEN = "wrong-token", BAD_REQUEST, "The token is not valid, or no longer";
        "The token of a mail was used, is over, was replaced by that of a newer mail, or never was one.";
        "Ask for another mail.";
        []

    TOO_OFTEN = "too-often", TOO_MANY_REQUESTS, "Asked too often";
        "More was asked than one account, number or address may ask in such a time. Nothing was done. A device that has \
         signed in before has an allowance of its own.";
        "Come again after the seconds in the header `Retry-After`.";
        []

    SIGN_IN_AGAIN = "sign-in-again", FORBIDDEN, "This needs a fresh session";
        "Choosing a first password needs a session that began within the last ten minutes.";
        "Sign in again, then repeat the request.";
        []

    LAST_OWNER = "last-owner", CONFLICT, "A business has at least one owner";
        "The last owner of a business cannot leave it, take another role or close their account.";
        "Make somebody else an owner first.";
        []

    TOO_MANY = "too-many", CONFLICT, "There are as many as there may be";
        "A business has as many members, invitations or API keys as it may have.";
        "Remove some that are not needed.";
        []

    FORBIDDEN = "forbidden", FORBIDDEN, "Not yours to do";
        "The caller may know of it, but not do this: a guest may only cancel, a member's role may be too small, an API \
         key may lack a scope.";
        "Ask an owner of the business for the role, or use a key with the scope.";
        [("permission", "What the caller lacks, as the documentation of each operation names it.")]

    NOT_FOUND = "not-found", NOT_FOUND, "Not found";
        "There is no such thing, or the caller may not know that there is.";
        "Check the id, and whose token was sent.";
        [("errors", "Where the body names an event that does not exist: the field.")]

    METHOD_NOT_ALLOWED = "method-not-allowed", METHOD_NOT_ALLOWED, "No such method here";
        "The path exists, but not with this HTTP method.";
        "See the header `Allow`.";
        []

    VERSION_CONFLICT = "version-conflict", CONFLICT, "The booking has changed";
        "The booking is at another version than `expected_version` says: somebody changed it meanwhile.";
        "Read the booking, look at what changed, and send the request with the version it has now.";
        [("expected_version", "What the request said."), ("current_version", "What the booking is at.")]

    UNAVAILABLE = "unavailable", CONFLICT, "Not enough units are free";
        "What was asked for is sold out, or less is left than was asked for. Nothing of the request was done.";
        "`POST /api/v1/bookings/availability/check` offers alternatives. A request refused like this may be repeated \
         with the same idempotency key.";
        [
            ("booking", "Which booking of the order, counted from 0."),
            ("line", "Which of its lines, counted from 0."),
            ("pool_id", "Where the units ran out."),
            ("slot", "In which of its slots."),
            ("requested_units", "How many were asked for."),
            ("free_units", "How many are free."),
        ]

    PRICE_CHANGED = "price-changed", CONFLICT, "The price is another";
        "The booking would cost something else than `expected_total` says. Nothing was done.";
        "Show the buyer the new price, and send it as `expected_total`.";
        [
            ("booking", "Which booking of the order, counted from 0."),
            ("expected_amount", "What the request said, in minor units."),
            ("actual_amount", "What it would cost, in minor units."),
        ]

    STILL_TO_COME = "bookings-still-to-come", CONFLICT, "There are bookings still to come";
        "A person with bookings that are held, in progress or still to come cannot be erased: somebody waits for them. \
         Nothing was done.";
        "Cancel the bookings, or wait until they are over, and ask again.";
        [("booking_ids", "Some of these bookings.")]

    KEY_REUSED = "idempotency-key-reused", CONFLICT, "The idempotency key belongs to another request";
        "The caller used this key for the same operation within the last 24 hours, with another body or on another \
         booking.";
        "Draw a new key for a new request; repeat a request byte for byte.";
        []

    CODE_TAKEN = "code-taken", CONFLICT, "The code is taken";
        "A venue or an offering has this `code` already. Nothing was added.";
        "Choose another code.";
        []

    CAPACITY_BELOW_TAKEN = "capacity-below-taken", CONFLICT, "More is taken than the new capacity";
        "A capacity is never set below what is taken. Nothing was changed.";
        "Cancel or move bookings first, or choose a capacity that is not below `taken_units`.";
        [("slot", "The slot of which more is taken."), ("taken_units", "How much of it is taken.")]

    JOB_NOT_GIVEN_UP = "job-not-given-up", CONFLICT, "The job was not given up";
        "Only a job that is `dead` or `unclear` can be tried again by hand. This one was done, or will be tried by itself.";
        "Read the job. Wait for it, if it is not over.";
        [("state", "Where the job stands.")]

    REQUEST_TIMEOUT = "request-timeout", REQUEST_TIMEOUT, "The request did not arrive in time";
        "The client took too long over the request's head or body, and nothing was done.";
        "Send the request again, on a new connection, and in one go.";
        []

    MISDIRECTED = "misdirected-request", MISDIRECTED_REQUEST, "The request is for another server";
        "The header `Host` is missing or names no host of this server.";
        "Call the server by its public name.";
        []

    URI_TOO_LONG = "uri-too-long", URI_TOO_LONG, "The request's target is too long";
        "Path and query have more bytes than are read here.";
        "Leave out what is not a parameter of the operation.";
        []

    HEAD_TOO_LARGE = "head-too-large", REQUEST_HEADER_FIELDS_TOO_LARGE, "The request's header fields are too large";
        "The header fields have more bytes than are read here, or there are more than a hundred.";
        "Leave out cookies and other fields that the server does not ask for.";
        []

    BODY_TOO_LARGE = "body-too-large", PAYLOAD_TOO_LARGE, "The body is too large";
        "The request's body has more bytes than are read here.";
        "Send less: a booking fits in a fraction of it; split a catalogue.";
        []

    QUOTA_EXCEEDED = "quota-exceeded", TOO_MANY_REQUESTS, "Too many requests";
        "The caller, or the address without a valid token, has sent more requests than it may in this time. Nothing was \
         done. The headers `RateLimit-Policy` and `RateLimit` tell the quota and what is left of it.";
        "Repeat the request after the seconds in the header `Retry-After`, and send fewer.";
        [("violated-policies", "The names of the quotas.")]

    INTERNAL = "internal", INTERNAL_SERVER_ERROR, "Something went wrong on our side";
        "A fault of the server. It is in its log.";
        "Repeat the request with its idempotency key, and report it if it happens again.";
        []

    OVERLOADED = "overloaded", SERVICE_UNAVAILABLE, "The service cannot do this now";
        "More requests wait than can be served soon. Nothing was done.";
        "Repeat the request after the seconds in the header `Retry-After`.";
        [("outcome", "`not_done`.")]

    DATABASE_UNAVAILABLE = "database-unavailable", SERVICE_UNAVAILABLE, "The service cannot do this now";
        "The database cannot be reached or cannot write. Nothing was done.";
        "Repeat the request after the seconds in the header `Retry-After`.";
        [("outcome", "`not_done`.")]

    ISSUER_UNAVAILABLE = "issuer-unavailable", SERVICE_UNAVAILABLE, "The token cannot be checked now";
        "The token names the external issuer, whose keys are not known yet or do not hold the token's, and which does not \
         give them. Nothing was done. Nobody else's tokens are affected.";
        "Repeat the request after the seconds in the header `Retry-After`.";
        [("outcome", "`not_done`.")]

    OUTCOME_UNKNOWN = "outcome-unknown", SERVICE_UNAVAILABLE, "The service cannot do this now";
        "The request may or may not have been done: the answer of the database was lost.";
        "Repeat the request with its idempotency key: it tells what happened. Without a key, look before repeating.";
        [("outcome", "`unknown`.")]
}
