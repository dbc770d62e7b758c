//! What people see of their own data.

use app::identity::codes::Sent;
use app::identity::profile::Profile;
use app::identity::sessions::{OwnSession, SignedIn};
use app::tokens::{Issued, PublicKey};
use domain::actor::{Actor, Staff, StaffCredential};
use domain::ids::{BusinessId, GuestId, PersonId, SessionId};
use domain::time::Instant;

use domain::permission::MemberRole;

use crate::shape::view;

view! {
    /// The request succeeded.
    pub struct Done as "Done" {
        /// Always true. Refusals are problems.
        success: bool,
    }

    /// The answer is the same whether the number has an account or not.
    pub struct CodeSent<'a> as "CodeSent" {
        success: bool,
        /// Send it with the code.
        challenge_id: &'a str,
        /// Seconds until the code expires.
        expires_in: i64,
    }
}

impl<'a> CodeSent<'a> {
    pub fn new(sent: &'a Sent, now: Instant) -> Self {
        Self { success: true, challenge_id: &sent.challenge, expires_in: seconds(sent.expires, now) }
    }
}

view! {
    pub struct SignedInView<'a> as "SignedIn" {
        access_token: &'a str,
        refresh_token: &'a str,
        /// Always `bearer`.
        token_type: &'static str,
        /// Seconds until the access token expires.
        expires_in: i64,
        /// Seconds until the refresh token expires. It works once.
        refresh_expires_in: i64,
        session_id: SessionId,
        person_id: PersonId,
        /// The `guest_id` in the person's bookings.
        guest_id: GuestId,
        /// The business that the session acts for. Null if the person acts for themselves.
        business_id: Option<BusinessId>,
        /// A token for this device. Send it with later sign-ins to identify the device.
        device_token: Option<&'a str>,
    }
}

impl<'a> SignedInView<'a> {
    pub fn new(signed_in: &'a SignedIn, now: Instant) -> Self {
        let SignedIn { access, refresh, .. } = signed_in;
        let until = |issued: &Issued| seconds(issued.expires, now);
        Self {
            access_token: &access.token,
            refresh_token: &refresh.token,
            token_type: "bearer",
            expires_in: until(access),
            refresh_expires_in: until(refresh),
            session_id: signed_in.session,
            person_id: signed_in.person,
            guest_id: signed_in.person.as_guest(),
            business_id: signed_in.acts_for,
            device_token: signed_in.device_token.as_deref(),
        }
    }
}

fn seconds(until: Instant, now: Instant) -> i64 {
    (until.0 - now.0).max(0) / 1_000
}

view! {
    /// What the session acts as.
    pub struct ActingView as "Acting" {
        /// `guest`, `business` or `admin`.
        acts_as: &'static str,
        business_id: Option<BusinessId>,
        role: Option<&'static str> as Option<MemberRole>,
    }
}

impl ActingView {
    pub fn of(actor: Actor) -> Self {
        match actor {
            Actor::Guest(_) => Self { acts_as: "guest", business_id: None, role: None },
            Actor::Business(Staff { business, by }) => {
                let role = match by {
                    StaffCredential::Member(_, role) => Some(role.as_str()),
                    StaffCredential::Key(..) => None,
                };
                Self { acts_as: "business", business_id: Some(business), role }
            }
            Actor::Admin(_) | Actor::System => Self { acts_as: "admin", business_id: None, role: None },
        }
    }
}

view! {
    pub struct ProfileView<'a> as "Profile" {
        id: PersonId,
        guest_id: GuestId,
        name: Option<&'a str>,
        email: Option<&'a str>,
        /// When the address was confirmed.
        email_verified_at: Option<Instant>,
        mobile: Option<&'a str>,
        mobile_verified_at: Option<Instant>,
        has_password: bool,
        is_admin: bool,
        created_at: Instant,
        businesses: Vec<MembershipView<'a>>,
        acting: ActingView,
    }

    /// A business that the person belongs to.
    pub struct MembershipView<'a> as "Membership" {
        business_id: BusinessId,
        name: &'a str,
        role: &'static str as MemberRole,
    }
}

impl<'a> From<&'a Profile> for ProfileView<'a> {
    fn from(profile: &'a Profile) -> Self {
        let contact = &profile.contact;
        let businesses = profile.businesses.iter().map(|(business, role)| MembershipView {
            business_id: business.id,
            name: &business.name,
            role: role.as_str(),
        });
        Self {
            id: profile.person,
            guest_id: profile.person.as_guest(),
            name: contact.name.as_deref(),
            email: contact.email.as_ref().map(domain::identity::Email::as_str),
            email_verified_at: profile.email_verified_at,
            mobile: contact.mobile.as_ref().map(domain::identity::Mobile::as_str),
            mobile_verified_at: profile.mobile_verified_at,
            has_password: profile.has_password,
            is_admin: profile.is_admin,
            created_at: profile.created_at,
            businesses: businesses.collect(),
            acting: ActingView::of(profile.actor),
        }
    }
}

view! {
    pub struct SessionsView<'a> as "Sessions" {
        sessions: Vec<SessionView<'a>>,
    }

    /// A sign-in on a device.
    pub struct SessionView<'a> as "Session" {
        id: SessionId,
        /// Whether this is the session of the request.
        current: bool,
        /// The address that opened or last refreshed it.
        address: Option<String>,
        user_agent: Option<&'a str>,
        business_id: Option<BusinessId>,
        created_at: Instant,
        /// Accurate to about a minute.
        last_seen_at: Instant,
        expires_at: Instant,
    }
}

impl<'a> From<&'a [OwnSession]> for SessionsView<'a> {
    fn from(sessions: &'a [OwnSession]) -> Self {
        let view = |session: &'a OwnSession| SessionView {
            id: session.id,
            current: session.is_current,
            address: session.address.map(|address| address.to_string()),
            user_agent: session.user_agent.as_deref(),
            business_id: session.acts_for,
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            expires_at: session.expires_at,
        };
        Self { sessions: sessions.iter().map(view).collect() }
    }
}

view! {
    /// A set of public keys (RFC 7517).
    pub struct JwksView as "Jwks" {
        keys: Vec<JwkView>,
    }

    /// An Ed25519 key (RFC 8037).
    pub struct JwkView as "Jwk" {
        kid: String,
        /// `OKP`.
        kty: &'static str,
        /// `Ed25519`.
        crv: &'static str,
        /// `EdDSA`.
        alg: &'static str,
        /// `sig`.
        r#use: &'static str,
        /// The public key in base64url.
        x: String,
    }
}

impl From<Vec<PublicKey>> for JwksView {
    fn from(keys: Vec<PublicKey>) -> Self {
        let view = |key: PublicKey| JwkView {
            kid: key.kid,
            kty: "OKP",
            crv: "Ed25519",
            alg: "EdDSA",
            r#use: "sig",
            x: base64url(&key.x),
        };
        Self { keys: keys.into_iter().map(view).collect() }
    }
}

/// Without padding (RFC 4648 §5).
fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 2);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_usize, |bits, byte| (bits << 8) | usize::from(*byte))
            << (8 * (3 - chunk.len()));
        let letters = (0..=chunk.len()).map(|place| (bits >> (18 - 6 * place)) & 0x3f);
        text.extend(letters.filter_map(|letter| LETTERS.get(letter)).map(|letter| char::from(*letter)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64url;

    /// RFC 4648 §10, and the two characters that differ from plain base64.
    #[test]
    fn bytes_are_written_as_the_rfc_has_it() {
        for (bytes, text) in [
            (&b""[..], ""),
            (b"f", "Zg"),
            (b"fo", "Zm8"),
            (b"foo", "Zm9v"),
            (b"foobar", "Zm9vYmFy"),
            (&[0xfb, 0xff], "-_8"),
        ] {
            assert_eq!(base64url(bytes), text);
        }
    }
}
