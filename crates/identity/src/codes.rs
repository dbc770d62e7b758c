//! One-time codes by SMS: requesting, sending by a job, and verifying.
//!
//! Whether a number is known makes no difference: a code is sent to every number, and verifying an unknown number
//! creates an account. A challenge belongs to the requesting device: only a device that presents it, or that calls
//! from the same place, uses up its attempts.

use std::time::Duration;

use aws_lc_rs::hmac;
use backplane::cache::Lookup;
use backplane::codes::{Challenge, Verdict};
use domain::identity::{Code, Contact, Mobile};
use domain::ids::{BusinessId, PersonId};
use domain::time::Instant;
use engine::Subject;
use store::people::{self, Account};
use store::{Connection, StoreError, Vault};
use uuid::Uuid;

use super::contact;
use super::device::Device;
use super::limits::{charge, key, key_of};
use super::sessions::{self, SignedIn};
use super::{Client, IdentityRefusal};
use crate::People;
use crate::audit::{self, AuditAction, AuditEntry};
use crate::messages::Message;
use crate::tokens::random_id;
use engine::Fault;

/// For clients that do not send the challenge: the key of the newest challenge of a number and place.
const NEWEST: &str = "otp";

/// The response to a code request, the same for known and unknown numbers.
pub struct Sent {
    /// To be sent back with the code. Only the requester knows it.
    pub challenge: String,
    pub expires: Instant,
}

/// Sends a code to a number.
pub async fn send(app: &People, mobile: Mobile, client: &Client) -> Result<Sent, IdentityRefusal> {
    let device = Device::of(app, client);
    let known = device_known_to(app, &mobile, device).await?;
    let limits = &app.settings.limits;
    let subject = contact::mobile_index(&app.vault, &mobile).0.to_be_bytes();
    let mut keys = vec![
        (key_of(app, "codes", &subject, known.as_ref()), limits.codes_per_number),
        (key(app, "codes-from", &[client.address.to_string().as_bytes()]), limits.codes_per_address),
    ];
    keys.extend(limits.code_resend.map(|limit| (key(app, "resend", &[&subject, device.here()]), limit)));
    charge(app, &keys).await?;
    let (id, expires) = (random_id(), app.clock.now() + app.settings.code_ms);
    let binding = Binding::of(app, &subject, &device);
    let challenge = Challenge {
        digest: sign(app, &[b"code", id.as_bytes(), app.code_key.code(id).expose().as_bytes()]),
        bound_to: binding.with_number(app, &subject),
        subject: sign(app, &[b"number", &subject]),
    };
    let ttl = Duration::from_millis(u64::try_from(app.settings.code_ms).unwrap_or_default());
    app.backplane.codes().put(id, challenge, ttl).await;
    remember_newest(app, binding, id, ttl).await;
    let to = mobile
        .as_str()
        .parse()
        .map_err(|_| IdentityRefusal::invalid("/mobile", "cannot receive messages"))?;
    let message = Message::Code { challenge: id, to, not_after: expires };
    let (messages, job) = (app.messages.clone(), app.new_job());
    let enqueued = app
        .engine
        .save(Subject(id), move |unit| messages.enqueue(unit.connection, job, Some(&message), unit.now));
    enqueued.await?;
    app.messages.wake();
    app.metrics.codes_sent.inc();
    Ok(Sent { challenge: write_challenge(id, binding), expires })
}

async fn device_known_to(app: &People, mobile: &Mobile, device: Device) -> Result<Option<[u8; 32]>, Fault> {
    let (vault, mobile) = (app.vault.clone(), mobile.clone());
    let known = app.readers.ask(move |connection| match contact::by_mobile(connection, &vault, &mobile)? {
        Some(account) => device.known_to(connection, account.id),
        None => Ok(None),
    });
    Ok(known.await?)
}

/// A code that was sent back.
pub struct Proof {
    pub mobile: Mobile,
    pub code: Code,
    /// [`Sent::challenge`], if the client kept it.
    pub challenge: Option<String>,
    pub acts_for: Option<BusinessId>,
}

/// Opens a session for the owner of the number, if the code is right.
pub async fn verify(app: &People, proof: Proof, client: &Client) -> Result<SignedIn, IdentityRefusal> {
    let limits = &app.settings.limits;
    let from = key(app, "tries", &[client.address.to_string().as_bytes()]);
    charge(app, &[(from, limits.tries_per_address)]).await?;
    let person = prove(app, &proof, client).await?;
    let Some(person) = person else {
        app.metrics.auth_refused.with_label_values(&["wrong_code"]).inc();
        let refused =
            AuditEntry::by_person(None, AuditAction::SignInRefused).from(client).with("through", "code");
        audit::note(app, refused).await;
        return Err(IdentityRefusal::WrongCode);
    };
    let acts_for = super::profile::membership(app, person, proof.acts_for).await?;
    Ok(sessions::open(app, person, client, acts_for).await?)
}

async fn prove(app: &People, proof: &Proof, client: &Client) -> Result<Option<PersonId>, IdentityRefusal> {
    if !is_right(app, proof, client).await {
        return Ok(None);
    }
    let account = person_of(app, proof.mobile.clone()).await?;
    Ok(account.deactivated_at.is_none().then_some(account.id))
}

async fn is_right(app: &People, proof: &Proof, client: &Client) -> bool {
    let subject = contact::mobile_index(&app.vault, &proof.mobile).0.to_be_bytes();
    let named = if let Some(text) = &proof.challenge {
        read_challenge(text)
    } else {
        let binding = Binding::of(app, &subject, &Device::of(app, client));
        newest(app, binding).await.map(|id| (id, binding))
    };
    let Some((id, binding)) = named else { return false };
    let said = sign(app, &[b"code", id.as_bytes(), proof.code.as_str().as_bytes()]);
    let verdict = app.backplane.codes().check(id, binding.with_number(app, &subject), said).await;
    verdict == Verdict::Right
}

/// The account of a verified number. It is created if there is none.
async fn person_of(app: &People, mobile: Mobile) -> Result<Account, Fault> {
    let (vault, id) = (app.vault.clone(), PersonId(app.new_id()));
    let found = app.engine.save(Subject(id.0), move |unit| {
        let (connection, now) = unit.parts();
        match contact::by_mobile(connection, &vault, &mobile)? {
            Some(account) => Ok(account),
            None => make(connection, &vault, (id, &mobile), now),
        }
    });
    found.await
}

fn make(
    connection: &mut Connection,
    vault: &Vault,
    (id, mobile): (PersonId, &Mobile),
    now: Instant,
) -> Result<Account, StoreError> {
    let known = Contact { mobile: Some(mobile.clone()), ..Contact::default() };
    let account = Account {
        id,
        contact: contact::seal(connection, vault, id, &known, now)?,
        email_index: None,
        mobile_index: Some(contact::mobile_index(vault, mobile)),
        email_verified_at: None,
        mobile_verified_at: Some(now),
        password_hash: None,
        is_admin: false,
        created_at: now,
        updated_at: now,
        deactivated_at: None,
    };
    people::insert(connection, std::slice::from_ref(&account))?;
    Ok(account)
}

/// The device that requested a code for a number, in the 16 bytes that are part of the challenge.
#[derive(Clone, Copy)]
struct Binding([u8; 16]);

impl Binding {
    fn of(app: &People, subject: &[u8], device: &Device) -> Self {
        let tag = sign(app, &[b"device", subject, device.here()]);
        Self(tag.first_chunk().copied().unwrap_or_default())
    }

    /// The value compared by the backplane. It includes the number, so that a challenge can only be used for its
    /// number.
    fn with_number(self, app: &People, subject: &[u8]) -> [u8; 32] {
        sign(app, &[b"bound", subject, &self.0])
    }

    fn text(self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.0))
    }
}

fn write_challenge(id: Uuid, binding: Binding) -> String {
    format!("otp_{}{}", id.as_simple(), binding.text())
}

fn read_challenge(text: &str) -> Option<(Uuid, Binding)> {
    let (id, binding) = text.strip_prefix("otp_")?.split_at_checked(32)?;
    let binding = u128::from_str_radix(binding, 16).ok().filter(|_| binding.len() == 32)?;
    Some((Uuid::try_parse(id).ok()?, Binding(binding.to_be_bytes())))
}

async fn remember_newest(app: &People, binding: Binding, id: Uuid, ttl: Duration) {
    let cache = app.backplane.cache();
    cache.forget(NEWEST, &binding.text()).await;
    if let Lookup::Miss(ticket) = cache.get(NEWEST, &binding.text()).await {
        cache.put(ticket, id.as_bytes().to_vec().into(), ttl).await;
    }
}

async fn newest(app: &People, binding: Binding) -> Option<Uuid> {
    match app.backplane.cache().get(NEWEST, &binding.text()).await {
        Lookup::Hit(bytes) => Uuid::from_slice(&bytes).ok(),
        Lookup::Miss(_) => None,
    }
}

fn sign(app: &People, parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&app.code_digest_key);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut tag = [0; 32];
    tag.copy_from_slice(context.sign().as_ref());
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_read_as_it_was_written() {
        let (id, binding) = (Uuid::from_u128(7), Binding([9; 16]));
        let text = write_challenge(id, binding);
        let (read, bound) = read_challenge(&text).unwrap();
        assert_eq!((read, bound.0), (id, binding.0));
        for wrong in ["", "otp_", &text[1..], &text[..text.len() - 1], &format!("{text}0"), "otp_é"] {
            assert!(read_challenge(wrong).is_none(), "{wrong}");
        }
    }
}
