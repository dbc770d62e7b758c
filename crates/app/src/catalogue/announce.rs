//! The events of the catalogue: what changed, in the transaction that changed it.

use domain::catalogue::VenueCatalogue;
use domain::ids::{OfferingId, PoolId};
use domain::offering::Offering;
use domain::pool::Pool;
use domain::venue::Venue;
use engine::{Subject, UnitEvent};
use serde_json::json;
use uuid::Uuid;

/// The version of the payloads that are written here.
const PAYLOAD_VERSION: i64 = 1;

/// The event of a change of this venue, or of the pool or offering of its that is the subject.
pub(super) fn changed(of_venue: &VenueCatalogue, subject: Subject, kind: &'static str) -> Option<UnitEvent> {
    let Subject(id) = subject;
    if of_venue.venue.id.0 == id {
        return Some(venue(&of_venue.venue, kind));
    }
    let pool = of_venue.pool(PoolId(id)).map(|found| self::pool(found, kind));
    pool.or_else(|| of_venue.offering(OfferingId(id)).map(|found| offering(found, kind)))
}

pub(super) fn venue(venue: &Venue, kind: &'static str) -> UnitEvent {
    let payload = json!({ "venue_id": venue.id, "version": venue.version });
    event(("venue", venue.id.0), venue.version, kind, &payload)
}

pub(super) fn pool(pool: &Pool, kind: &'static str) -> UnitEvent {
    let payload = json!({ "pool_id": pool.id, "venue_id": pool.venue, "version": pool.version });
    event(("pool", pool.id.0), pool.version, kind, &payload)
}

pub(super) fn offering(offering: &Offering, kind: &'static str) -> UnitEvent {
    let payload =
        json!({ "offering_id": offering.id, "venue_id": offering.venue, "version": offering.version });
    event(("offering", offering.id.0), offering.version, kind, &payload)
}

fn event(
    (subject_kind, subject): (&'static str, Uuid),
    sequence: i64,
    kind: &'static str,
    payload: &serde_json::Value,
) -> UnitEvent {
    UnitEvent {
        subject_kind,
        subject,
        sequence,
        kind,
        version: PAYLOAD_VERSION,
        payload: payload.to_string(),
    }
}
