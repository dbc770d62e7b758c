//! The answers that the keys of a batch already have, and those they get in it.

use std::collections::HashMap;

use domain::ids::PersonId;
use domain::limits::IDEMPOTENCY_KEY_TTL_MS;
use domain::time::Instant;
use store::keys::{self, Answers, KeyScope, RecordedAnswer};
use store::{Connection, StoreError, Vault};

use super::{Answer, KeyUse};

/// What a key was used for before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Earlier {
    Answered(Answer),
    /// For another request.
    OtherRequest,
    /// The person in the answer has been erased, and the booking no longer belongs to anyone.
    Erased,
}

/// What a recorded answer means for a request with its key.
pub fn earlier(recorded: &RecordedAnswer, key: &KeyUse) -> Earlier {
    if recorded.request_hash != key.request_hash {
        return Earlier::OtherRequest;
    }
    let status = u16::try_from(recorded.status).unwrap_or(200);
    match recorded.body.clone() {
        Some(body) => Earlier::Answered(Answer { status, body: body.into(), replayed: true }),
        None => Earlier::Erased,
    }
}

#[derive(Default)]
pub struct Recorded {
    known: HashMap<KeyScope, RecordedAnswer>,
    pub new: Answers,
}

impl Recorded {
    pub fn load(
        connection: &mut Connection,
        vault: &Vault,
        scopes: &[&KeyScope],
    ) -> Result<Self, StoreError> {
        let found = keys::find(connection, vault, scopes)?;
        let known =
            found.into_iter().filter_map(|(index, answer)| Some(((*scopes.get(index)?).clone(), answer)));
        Ok(Self { known: known.collect(), new: Answers::default() })
    }

    /// What the key was used for, if its time is not over.
    pub fn earlier(&mut self, key: &KeyUse, now: Instant) -> Option<Earlier> {
        let recorded = self.known.get(&key.scope)?;
        if recorded.expires_at <= now {
            self.known.remove(&key.scope);
            self.new.outlived.push(key.scope.clone());
            return None;
        }
        Some(earlier(recorded, key))
    }

    pub fn record(&mut self, key: &KeyUse, answer: &Answer, people: Vec<PersonId>, now: Instant) {
        let recorded = RecordedAnswer {
            request_hash: key.request_hash.clone(),
            status: i64::from(answer.status),
            body: Some(answer.body.to_vec()),
            people,
            created_at: now,
            expires_at: now + IDEMPOTENCY_KEY_TTL_MS,
        };
        self.known.insert(key.scope.clone(), recorded.clone());
        self.new.recorded.push((key.scope.clone(), recorded));
    }
}
