//! Everything about people and businesses: what can be sent, and the operations that take it.

use domain::ids::{ApiKeyId, BusinessId, InvitationId, PersonId, SessionId};
use domain::limits::{
    EMAIL_CHARS_MAX, NAME_CHARS_MAX, NAME_CHARS_MIN, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN,
};
use domain::permission::{Act, MemberRole, Scope};
use serde_json::{Value, json};
use utoipa::openapi::path::HttpMethod::{self, Delete, Get, Patch, Post};
use utoipa::openapi::schema::{ComponentsBuilder, ObjectBuilder, Schema, Type};

use super::fields::{Field, id, list, moment, object, text, word};
use super::operation::{Operation, path_parameter};
use super::paths::{READ, WRITE};
use crate::form::auth::TOKEN_CHARS_MAX;
use crate::problem::kinds::{self, Kind};

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
                [business("A business one belongs to; null or left out, oneself.").nullable()],
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
    let name = text("name", NAME, "Null removes it.", "Jane Doe").nullable();
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

type Examples = Vec<(&'static str, Value)>;

fn codes() -> Examples {
    vec![("A number", json!({"mobile": "+4915112345678"}))]
}

fn proofs() -> Examples {
    vec![(
        "With its challenge",
        json!({"mobile": "+4915112345678", "otp": "123456", "challenge_id":
        "otp_0190f5c41b0a7c3e8a41d2f07b6c9e550190f5c41b0a7c3e8a41d2f07b6c9e55"}),
    )]
}

fn logins() -> Examples {
    vec![(
        "An address and a password",
        json!({"email": "jane.doe@example.com", "password": "correct horse battery staple"}),
    )]
}

fn registrations() -> Examples {
    vec![(
        "A guest",
        json!({"name": "Jane Doe", "email": "jane.doe@example.com", "password": "correct horse battery staple"}),
    )]
}

fn emails() -> Examples {
    vec![("An address", json!({"email": "jane.doe@example.com"}))]
}

fn tokens() -> Examples {
    vec![("A token", json!({"token": TOKEN}))]
}

fn refreshes() -> Examples {
    vec![("A token", json!({"refresh_token": TOKEN}))]
}

fn password_changes() -> Examples {
    vec![(
        "Both",
        json!({"current_password": "an older password", "new_password": "correct horse battery staple"}),
    )]
}

fn password_resets() -> Examples {
    vec![("By a mail", json!({"token": TOKEN, "password": "correct horse battery staple"}))]
}

fn profile_changes() -> Examples {
    vec![("Another name", json!({"name": "Jane Roe"}))]
}

fn acting() -> Examples {
    vec![("For oneself", json!({"business_id": null}))]
}

fn businesses_made() -> Examples {
    vec![("A restaurant", json!({"name": "Bistro Kranich"}))]
}

fn invitations() -> Examples {
    vec![("A colleague", json!({"email": "joe.doe@example.com", "role": "front_desk"}))]
}

fn roles() -> Examples {
    vec![("Another role", json!({"role": "manager"}))]
}

fn api_keys() -> Examples {
    vec![(
        "A channel manager",
        json!({"name": "Channel manager", "scopes": ["bookings:read", "catalogue:read"]}),
    )]
}

const TRIES: &[&Kind] = &[kinds::TOO_OFTEN];

/// Signing in and everything around it.
pub fn operations() -> Vec<Operation> {
    let mut all = signing_in();
    all.extend(recovering());
    all.extend(own_account());
    all.extend(businesses());
    all.extend(members());
    all.extend(keys());
    all
}

fn open(path: &'static str, id: &'static str, summary: &'static str) -> Operation {
    Operation::new(Post, path, id, "People").open().summary(summary).refuses(WRITE).refuses(TRIES)
}

fn own(method: HttpMethod, path: &'static str, id: &'static str, summary: &'static str) -> Operation {
    Operation::new(method, path, id, "People").summary(summary).act(Act::UseOwnAccount)
}

fn signing_in() -> Vec<Operation> {
    vec![
        open("/api/v1/auth/send-otp", "sendCode", "Send a one-time code")
            .says("Answers alike for every number, whether anybody has it or not. The SMS leaves in the background.")
            .body("CodeRequest", codes)
            .answers("200", "CodeSent", "A code is on its way."),
        open("/api/v1/auth/verify-otp", "verifyCode", "Sign in with a one-time code")
            .says("A number that is proved for the first time becomes an account. Five wrong tries void a code.")
            .body("CodeProof", proofs)
            .answers("200", "SignedIn", "A session.")
            .refuses(&[kinds::WRONG_CODE]),
        open("/api/v1/auth/login", "login", "Sign in with a password")
            .body("Login", logins)
            .answers("200", "SignedIn", "A session.")
            .refuses(&[kinds::WRONG_CREDENTIALS]),
        open("/api/v1/auth/refresh", "refresh", "Take the next pair of tokens")
            .says("A refresh token works once. One that is used twice ends its session.")
            .body("RefreshRequest", refreshes)
            .answers("200", "SignedIn", "The same session, with new tokens.")
            .refuses(&[kinds::SESSION_ENDED]),
        open("/api/v1/auth/register", "register", "Register with an address")
            .says("Answers alike whether the address has an account or not; the mail says which.")
            .body("Registration", registrations)
            .answers("202", "Done", "A mail is on its way."),
        open("/api/v1/auth/verify-email", "verifyEmail", "Prove an address")
            .body("TokenOnly", tokens)
            .answers("200", "Done", "The account exists, or has the address.")
            .refuses(&[kinds::WRONG_TOKEN]),
        open("/api/v1/auth/resend-verification", "resendVerification", "Mail the confirmation again")
            .body("EmailOnly", emails)
            .answers("202", "Done", "If one was waited for, another mail is on its way."),
    ]
}

fn recovering() -> Vec<Operation> {
    vec![
        open("/api/v1/auth/password/forgot", "forgotPassword", "Ask for a new password")
            .says("Answers alike whether the address has an account or not.")
            .body("EmailOnly", emails)
            .answers("202", "Done", "If there is an account, a mail is on its way."),
        open("/api/v1/auth/password/reset", "resetPassword", "Choose a new password")
            .says("All sessions end.")
            .body("PasswordReset", password_resets)
            .answers("200", "Done", "The password is changed.")
            .refuses(&[kinds::WRONG_TOKEN]),
        Operation::new(Get, "/.well-known/jwks.json", "getKeys", "People")
            .open()
            .summary("The public keys that check our tokens")
            .answers("200", "Jwks", "The keys; none where tokens are signed by HS256."),
    ]
}

fn own_account() -> Vec<Operation> {
    let path = path_parameter::<SessionId>("id", "A session's id.");
    vec![
        own(Get, "/api/v1/auth/me", "getMe", "One's own account")
            .answers("200", "Profile", "The account.")
            .refuses(READ),
        own(Patch, "/api/v1/auth/me", "changeMe", "Change one's own account")
            .says("A new address takes effect once it is proved by the mail that is sent to it.")
            .body("ProfileChange", profile_changes)
            .answers("200", "Profile", "The account as it is now.")
            .refuses(TRIES)
            .refuses(WRITE),
        own(Post, "/api/v1/auth/password/change", "changePassword", "Change the password")
            .says("All other sessions end.")
            .body("PasswordChange", password_changes)
            .answers("200", "Done", "The password is changed.")
            .refuses(&[kinds::SIGN_IN_AGAIN])
            .refuses(TRIES)
            .refuses(WRITE),
        own(Post, "/api/v1/auth/logout", "logout", "End this session")
            .answers("200", "Done", "It has ended.")
            .refuses(WRITE),
        own(Post, "/api/v1/auth/logout-all", "logoutAll", "End all sessions")
            .answers("200", "Done", "They have ended.")
            .refuses(WRITE),
        own(Post, "/api/v1/auth/revoke", "revokeToken", "Revoke one access token")
            .says("The session lives on. A token that is not valid is revoked already.")
            .body("TokenOnly", tokens)
            .answers("200", "Done", "It is revoked.")
            .refuses(WRITE),
        own(Post, "/api/v1/auth/act-for", "actFor", "Say for whom the session acts")
            .body("ActFor", acting)
            .answers("200", "Acting", "As what it acts now.")
            .refuses(&[kinds::NOT_FOUND])
            .refuses(WRITE),
        own(Get, "/api/v1/auth/sessions", "listSessions", "Where one is signed in")
            .answers("200", "Sessions", "The sessions that live, newest first.")
            .refuses(READ),
        own(Delete, "/api/v1/auth/sessions/{id}", "revokeSession", "End one of one's sessions")
            .path(path)
            .answers("200", "Done", "It has ended.")
            .refuses(&[kinds::NOT_FOUND])
            .refuses(WRITE),
        own(Post, "/api/v1/auth/deactivate", "deactivate", "Close one's own account")
            .says("All sessions end and nobody can sign in any more. Bookings stay.")
            .answers("200", "Done", "It is closed.")
            .refuses(&[kinds::LAST_OWNER])
            .refuses(WRITE),
    ]
}

fn of_business(method: HttpMethod, path: &'static str, id: &'static str, summary: &'static str) -> Operation {
    let operation = Operation::new(method, path, id, "Businesses").summary(summary);
    if path.contains("{id}") {
        operation.path(path_parameter::<BusinessId>("id", "A business's id.")).refuses(&[kinds::NOT_FOUND])
    } else {
        operation
    }
}

fn businesses() -> Vec<Operation> {
    vec![
        of_business(Post, "/api/v1/businesses", "createBusiness", "Make a business")
            .says("Whoever makes it owns it, and their session acts for it.")
            .act(Act::CreateBusiness)
            .body("NewBusiness", businesses_made)
            .answers("201", "Business", "The business.")
            .refuses(WRITE),
        of_business(Get, "/api/v1/businesses", "listBusinesses", "The businesses one belongs to")
            .act(Act::UseOwnAccount)
            .answers("200", "Businesses", "All of them.")
            .refuses(READ),
        of_business(Get, "/api/v1/businesses/{id}", "getBusiness", "Read a business")
            .act(Act::ReadBusiness)
            .answers("200", "Business", "The business.")
            .refuses(READ),
    ]
}

fn members() -> Vec<Operation> {
    let person = || path_parameter::<PersonId>("person_id", "A member's id.");
    let invitation = path_parameter::<InvitationId>("invitation_id", "An invitation's id.");
    vec![
        of_business(
            Get,
            "/api/v1/businesses/{id}/members",
            "listMembers",
            "Who belongs to it, and who is invited",
        )
        .act(Act::ReadMembers)
        .answers("200", "Members", "The members and the invitations that stand.")
        .refuses(READ),
        of_business(Post, "/api/v1/businesses/{id}/members", "inviteMember", "Invite somebody")
            .says(
                "Answers alike whether the address has an account or not: whoever reads its mail may accept.",
            )
            .act(Act::ChangeMembers)
            .body("NewInvitation", invitations)
            .answers("202", "Invitation", "A mail is on its way.")
            .refuses(&[kinds::TOO_MANY])
            .refuses(WRITE),
        of_business(
            Patch,
            "/api/v1/businesses/{id}/members/{person_id}",
            "changeRole",
            "Give a member another role",
        )
        .act(Act::ChangeMembers)
        .path(person())
        .body("RoleChange", roles)
        .answers("200", "Done", "It is changed.")
        .refuses(&[kinds::LAST_OWNER])
        .refuses(WRITE),
        of_business(Delete, "/api/v1/businesses/{id}/members/{person_id}", "removeMember", "Remove a member")
            .says("Everybody may leave, except the last owner.")
            .act(Act::ChangeMembers)
            .path(person())
            .answers("200", "Done", "They no longer belong to it.")
            .refuses(&[kinds::LAST_OWNER])
            .refuses(WRITE),
        of_business(
            Delete,
            "/api/v1/businesses/{id}/invitations/{invitation_id}",
            "withdrawInvitation",
            "Take an invitation back",
        )
        .act(Act::ChangeMembers)
        .path(invitation)
        .answers("200", "Done", "It no longer stands.")
        .refuses(WRITE),
        of_business(Post, "/api/v1/invitations/accept", "acceptInvitation", "Accept an invitation")
            .act(Act::UseOwnAccount)
            .body("TokenOnly", tokens)
            .answers("200", "Joined", "One belongs to the business now.")
            .refuses(&[kinds::WRONG_TOKEN])
            .refuses(WRITE),
    ]
}

fn keys() -> Vec<Operation> {
    let key = path_parameter::<ApiKeyId>("key_id", "A key's id.");
    vec![
        of_business(Get, "/api/v1/businesses/{id}/api-keys", "listApiKeys", "The keys of its programs")
            .act(Act::ReadApiKeys)
            .answers("200", "ApiKeys", "Those that are not revoked.")
            .refuses(READ),
        of_business(Post, "/api/v1/businesses/{id}/api-keys", "createApiKey", "Make a key for a program")
            .says("The secret is shown this once. It is sent as a bearer token.")
            .act(Act::ChangeApiKeys)
            .body("ApiKeyRequest", api_keys)
            .answers("201", "NewApiKey", "The key and its secret.")
            .refuses(&[kinds::TOO_MANY])
            .refuses(WRITE),
        of_business(Delete, "/api/v1/businesses/{id}/api-keys/{key_id}", "revokeApiKey", "Revoke a key")
            .act(Act::ChangeApiKeys)
            .path(key)
            .answers("200", "Done", "Nobody can use it any more.")
            .refuses(WRITE),
    ]
}
