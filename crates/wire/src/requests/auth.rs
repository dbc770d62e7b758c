//! Signing in, sessions and the caller's account.

use app::identity::codes::Proof;
use app::identity::profile::ProfilePatch;
use app::identity::registration::Registration as NewAccount;
use app::identity::sign_in::SignIn;
use domain::identity::{Code, Email, Mobile, Password};
use domain::ids::BusinessId;
use domain::limits::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN};
use serde_json::Value;

use super::shared::{email, mobile, name, token};
use crate::declare::request;
use crate::kind::{Kind, Text, id, maybe, parsed, replaced, text};
use crate::reader::{At, Reader};
use crate::schema::{Described, Schemas};

const PASSWORD_EXAMPLE: &str = "correct horse battery staple";
const CHALLENGE_EXAMPLE: &str = "otp_0190f5c41b0a7c3e8a41d2f07b6c9e550190f5c41b0a7c3e8a41d2f07b6c9e55";

const fn device_token() -> Text {
    text(1, 128, "hfd_5d41402abc4b2a76")
}

/// A password to compare with the account's. An imported one may be shorter than a new one.
const fn current_password(example: &'static str) -> Text {
    text(1, PASSWORD_CHARS_MAX, example)
}

/// A new password, which must satisfy the rules.
struct NewPassword(Text);

const fn new_password() -> NewPassword {
    NewPassword(text(PASSWORD_CHARS_MIN, PASSWORD_CHARS_MAX, PASSWORD_EXAMPLE))
}

impl Kind for NewPassword {
    type Value = Password;

    fn parse(&self, value: &Value, at: &mut At<'_>) -> Option<Password> {
        match Password::new(&self.0.parse(value, at)?, None) {
            Ok(password) => Some(password),
            Err(weak) => at.none(weak.to_string()),
        }
    }

    fn schema(&self, schemas: &mut Schemas) -> Described {
        Kind::schema(&self.0, schemas)
    }
}

request! {
    /// A number to send a one-time code to.
    pub struct CodeRequest {
        /// The number with its country code. The plus sign is optional.
        mobile: Mobile = mobile(),
        /// The token that an earlier sign-in gave this device.
        device_token: Option<String> = maybe(device_token()),
    }
    example "A number" {"mobile": "+4915112345678"};
}

request! {
    /// A code that was sent to a number.
    pub struct CodeProof {
        /// The number with its country code. The plus sign is optional.
        mobile: Mobile = mobile(),
        /// The code from the message.
        otp: Code = parsed(text(1, 16, "123456").like(r"^\d{6}$")),
        /// The `challenge_id` that send-otp returned. Without it, the code must come from the address and the program
        /// that requested it.
        challenge_id: Option<String> = maybe(text(1, 128, CHALLENGE_EXAMPLE)),
        /// One of your businesses, which the session will act for.
        business_id: Option<BusinessId> = maybe(id()),
        /// The token that an earlier sign-in gave this device.
        device_token: Option<String> = maybe(device_token()),
    }
    example "With the challenge" {"mobile": "+4915112345678", "otp": "123456", "challenge_id": CHALLENGE_EXAMPLE};
}

request! {
    /// An email address and its password.
    pub struct Login {
        /// The address of the account.
        email: Email = email(),
        /// The password of the account.
        password: String = current_password(PASSWORD_EXAMPLE),
        /// One of your businesses, which the session will act for.
        business_id: Option<BusinessId> = maybe(id()),
        /// The token that an earlier sign-in gave this device.
        device_token: Option<String> = maybe(device_token()),
    }
    example "Email address and password" {"email": "jane.doe@example.com", "password": PASSWORD_EXAMPLE};
}

request! {
    /// A new account. It is created when its address is verified.
    pub struct Registration {
        /// The person's name.
        name: Option<String> = maybe(name("Jane Doe")),
        /// The address that the verification link is sent to.
        email: Email = email(),
        /// A password that is neither the address nor a common one.
        password: Password = new_password(),
    }
    rules Registration::check;
    example "A guest" {"name": "Jane Doe", "email": "jane.doe@example.com", "password": PASSWORD_EXAMPLE};
}

request! {
    /// An email address.
    pub struct EmailOnly {
        /// The address.
        email: Email = email(),
    }
    example "An address" {"email": "jane.doe@example.com"};
}

request! {
    /// A token.
    pub struct TokenOnly {
        /// The token.
        token: String = token(),
    }
    example "A token" {"token": super::shared::TOKEN_EXAMPLE};
}

request! {
    /// A refresh token, which works once.
    pub struct RefreshRequest {
        /// The latest refresh token of the session.
        refresh_token: String = token(),
    }
    example "A token" {"refresh_token": super::shared::TOKEN_EXAMPLE};
}

request! {
    /// A new password for the caller's account.
    pub struct PasswordChange {
        /// The current password, if the account has one.
        current_password: Option<String> = maybe(current_password("an older password")),
        /// A password that is neither the address nor a common one.
        new_password: Password = new_password(),
    }
    example "Both passwords" {"current_password": "an older password", "new_password": PASSWORD_EXAMPLE};
}

request! {
    /// A new password, with the token from an email.
    pub struct PasswordReset {
        /// The token from the email.
        token: String = token(),
        /// A password that is neither the address nor a common one.
        password: Password = new_password(),
    }
    example "With a token" {"token": super::shared::TOKEN_EXAMPLE, "password": PASSWORD_EXAMPLE};
}

request! {
    /// Changes to the caller's account.
    pub struct ProfileChange {
        /// The person's name. Null removes it.
        name: Option<Option<String>> = replaced(name("Jane Doe")),
        /// A new address. It takes effect when it is verified.
        email: Option<Email> = maybe(email()),
    }
    example "Change the name" {"name": "Jane Roe"};
}

request! {
    /// Who the session acts for.
    pub struct ActFor {
        /// One of your businesses. If null or absent, the session acts for yourself.
        business_id: Option<BusinessId> = maybe(id()),
    }
    example "Act for yourself" {"business_id": null};
}

impl Registration {
    fn check(&self, reader: &mut Reader<'_>) {
        if let Err(weak) = Password::new(self.password.as_str(), Some(&self.email)) {
            reader.wrong("password", weak.to_string());
        }
    }
}

impl From<Registration> for NewAccount {
    fn from(asked: Registration) -> Self {
        Self { name: asked.name, email: asked.email, password: asked.password }
    }
}

impl CodeProof {
    /// The proof, and the token of the device.
    pub fn into_parts(self) -> (Proof, Option<String>) {
        let proof = Proof {
            mobile: self.mobile,
            code: self.otp,
            challenge: self.challenge_id,
            acts_for: self.business_id,
        };
        (proof, self.device_token)
    }
}

impl Login {
    /// The credentials, and the token of the device.
    pub fn into_parts(self) -> (SignIn, Option<String>) {
        let sign_in = SignIn { email: self.email, password: self.password, acts_for: self.business_id };
        (sign_in, self.device_token)
    }
}

impl From<ProfileChange> for ProfilePatch {
    fn from(asked: ProfileChange) -> Self {
        Self { name: asked.name, email: asked.email }
    }
}
