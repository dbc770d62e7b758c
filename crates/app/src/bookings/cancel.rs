//! Cancelling bookings, and all other status changes.

use domain::actor::Actor;
use domain::authorise::authorise;
use domain::command::{Command, SetStatus};
use domain::ids::BookingId;
use domain::permission::Permission;
use domain::status::Status;

use super::submit::{lane_of_pool, resume, submit};
use super::{BookingRefusal, read};
use crate::App;
use crate::idempotency::KeyUse;
use crate::lanes::{Answer, Request};

/// A requested status change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusChange {
    pub booking: BookingId,
    pub to: Status,
    pub expected_version: Option<i64>,
    pub reason: Option<String>,
}

/// Changes the status of a booking. Guests may only cancel.
pub async fn set_status(
    app: &App,
    actor: Actor,
    change: StatusChange,
    key: Option<KeyUse>,
) -> Result<Answer, BookingRefusal> {
    let booking = read::visible(app, actor, change.booking).await?;
    let act =
        if change.to == Status::Cancelled { Permission::CancelBooking } else { Permission::SetBookingStatus };
    if let Err(denied) = authorise(actor, act, read::resource(app, &booking)) {
        return resume(app, key.as_ref(), denied.into()).await;
    }
    let lane = lane_of_pool(app, booking.claims.first().map(|claim| claim.pool));
    let command = Command::SetStatus(SetStatus {
        booking: change.booking,
        to: change.to,
        expected_version: change.expected_version,
        by: actor,
        reason: change.reason,
    });
    submit(app, lane, Request { command, viewer: Some(actor), key, at: None, generated: Vec::new() }).await
}
