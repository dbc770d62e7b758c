//! What can be sent about people and businesses, with an example of each.

use domain::ids::BusinessId;
use domain::limits::{
    EMAIL_CHARS_MAX, NAME_CHARS_MAX, NAME_CHARS_MIN, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN,
};
use domain::permission::{MemberRole, Scope};
use serde_json::{Value, json};
use utoipa::openapi::schema::{ComponentsBuilder, ObjectBuilder, Schema, Type};

use super::super::fields::{Field, id, list, moment, object, text, word};
use crate::form::auth::TOKEN_CHARS_MAX;

const NAME: (usize, usize) = (NAME_CHARS_MIN, NAME_CHARS_MAX);
/// A token of a mail, as an example.
const TOKEN: &str = "5d41402abc4b2a76b9719d911017c592ae2b1d3f7c6a4e8f90b1c2d3e4f5a6b7";

pub fn add(components: ComponentsBuilder) -> ComponentsBuilder {
    people(components)
        .schema(
            "NewBusiness",
            object(
                "A business; whoever makes it owns it.",
                [text("name", NAME, "As its guests know it.", "Bistro Kranich").required()],
            ),
        )
        .schema(
            "NewInvitation",
            object("A place in the business, offered by mail.", [email("Whom to invite."), role()]),
        )
        .schema("RoleChange", object("Another role.", [role()]))
        .schema("ApiKeyRequest", api_key())
}

fn people(components: ComponentsBuilder) -> ComponentsBuilder {
    components
        .schema("CodeRequest", object("A number to send a code to.", [mobile(), device_token()]))
        .schema("CodeProof", code_proof())
        .schema("Login", login())
        .schema("Registration", registration())
        .schema("EmailOnly", object("An address.", [email("The address.")]))
        .schema("TokenOnly", object("A token.", [token("token", "The token of the mail.")]))
        .schema(
            "RefreshRequest",
            object("A refresh token, which works once.", [token("refresh_token", "As it was given last.")]),
        )
        .schema("PasswordChange", password_change())
        .schema(
            "PasswordReset",
            object(
                "A new password, by the token of a mail.",
                [token("token", "The token of the mail."), new_password("password")],
            ),
        )
        .schema("ProfileChange", profile_change())
        .schema(
            "ActFor",
            object(
                "For whom the session acts from now on.",
                [business("A business one belongs to; null or left out, oneself.")],
            ),
        )
}

fn mobile() -> Field {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("With the country's code; a plus before it or not."))
        .pattern(Some(r"^\+?[1-9]\d{9,14}$"))
        .examples([json!("+4915112345678")]);
    Field::new("mobile", schema).required()
}

fn email(says: &str) -> Field {
    text("email", (3, EMAIL_CHARS_MAX), says, "jane.doe@example.com").required()
}

fn token(name: &'static str, says: &str) -> Field {
    text(name, (1, TOKEN_CHARS_MAX), says, TOKEN).required()
}

fn new_password(name: &'static str) -> Field {
    let says = "Not the address, and none of those that are guessed first.";
    text(name, (PASSWORD_CHARS_MIN, PASSWORD_CHARS_MAX), says, "correct horse battery staple").required()
}

fn device_token() -> Field {
    text(
        "device_token",
        (1, 128),
        "What the device was given when somebody signed in with it.",
        "hfd_5d41402abc4b2a76",
    )
}

fn business(says: &str) -> Field {
    id("business_id", BusinessId::PREFIX, says)
}

fn role() -> Field {
    word("role", MemberRole::WORDS, "Each may do all that those before it may.").required()
}

fn code_proof() -> Schema {
    let code = ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("The code that was sent."))
        .pattern(Some(r"^\d{6}$"))
        .examples([json!("123456")]);
    let challenge = "What send-otp answered. Left out, the code must come from the address and the program that asked for it.";
    object(
        "A code that was sent to a number.",
        [
            mobile(),
            Field::new("otp", code).required(),
            text(
                "challenge_id",
                (1, 128),
                challenge,
                "otp_0190f5c41b0a7c3e8a41d2f07b6c9e550190f5c41b0a7c3e8a41d2f07b6c9e55",
            ),
            business("A business one belongs to, for which the session is to act."),
            device_token(),
        ],
    )
}

fn login() -> Schema {
    object(
        "An address and its password.",
        [
            email("The address of the account."),
            text(
                "password",
                (1, PASSWORD_CHARS_MAX),
                "The account's password.",
                "correct horse battery staple",
            )
            .required(),
            business("A business one belongs to, for which the session is to act."),
            device_token(),
        ],
    )
}

fn registration() -> Schema {
    object(
        "An account that is to be. It exists once its address is proved.",
        [
            text("name", NAME, "What to call the person.", "Jane Doe"),
            email("Where a confirmation is mailed to."),
            new_password("password"),
        ],
    )
}

fn password_change() -> Schema {
    let current =
        text("current_password", (1, PASSWORD_CHARS_MAX), "Of an account that has one.", "an older password");
    object("Another password.", [current, new_password("new_password")])
}

fn profile_change() -> Schema {
    let name = text("name", NAME, "Null removes it.", "Jane Doe");
    object(
        "What is to change about one's own account.",
        [name, email("Takes effect once it is proved.").optional()],
    )
}

fn api_key() -> Schema {
    let scope =
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(Scope::WORDS.iter().copied()));
    let scope = scope.examples([json!("bookings:read")]);
    object(
        "A key for a program of the business.",
        [
            text("name", NAME, "What it is for.", "Channel manager").required(),
            list("scopes", (1, Scope::ALL.len()), "What it may be used for.", Schema::from(scope)).required(),
            moment("expires_at", "When it ends by itself; never, if left out.", "2027-01-01T00:00:00Z"),
        ],
    )
}

pub type Examples = Vec<(&'static str, Value)>;

pub fn codes() -> Examples {
    vec![("A number", json!({"mobile": "+4915112345678"}))]
}

pub fn proofs() -> Examples {
    vec![(
        "With its challenge",
        json!({"mobile": "+4915112345678", "otp": "123456", "challenge_id":
        "otp_0190f5c41b0a7c3e8a41d2f07b6c9e550190f5c41b0a7c3e8a41d2f07b6c9e55"}),
    )]
}

pub fn logins() -> Examples {
    vec![(
        "An address and a password",
        json!({"email": "jane.doe@example.com", "password": "correct horse battery staple"}),
    )]
}

pub fn registrations() -> Examples {
    vec![(
        "A guest",
        json!({"name": "Jane Doe", "email": "jane.doe@example.com", "password": "correct horse battery staple"}),
    )]
}

pub fn emails() -> Examples {
    vec![("An address", json!({"email": "jane.doe@example.com"}))]
}

pub fn tokens() -> Examples {
    vec![("A token", json!({"token": TOKEN}))]
}

pub fn refreshes() -> Examples {
    vec![("A token", json!({"refresh_token": TOKEN}))]
}

pub fn password_changes() -> Examples {
    vec![(
        "Both",
        json!({"current_password": "an older password", "new_password": "correct horse battery staple"}),
    )]
}

pub fn password_resets() -> Examples {
    vec![("By a mail", json!({"token": TOKEN, "password": "correct horse battery staple"}))]
}

pub fn profile_changes() -> Examples {
    vec![("Another name", json!({"name": "Jane Roe"}))]
}

pub fn acting() -> Examples {
    vec![("For oneself", json!({"business_id": null}))]
}

pub fn businesses_made() -> Examples {
    vec![("A restaurant", json!({"name": "Bistro Kranich"}))]
}

pub fn invitations() -> Examples {
    vec![("A colleague", json!({"email": "joe.doe@example.com", "role": "front_desk"}))]
}

pub fn roles() -> Examples {
    vec![("Another role", json!({"role": "manager"}))]
}

pub fn api_keys() -> Examples {
    vec![(
        "A channel manager",
        json!({"name": "Channel manager", "scopes": ["bookings:read", "catalogue:read"]}),
    )]
}
