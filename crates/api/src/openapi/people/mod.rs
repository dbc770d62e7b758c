//! Everything about people and businesses: the operations. What they take is in [`requests`].

pub mod requests;

use domain::ids::{ApiKeyId, BusinessId, InvitationId, PersonId, SessionId};
use domain::permission::Permission;
use utoipa::openapi::path::HttpMethod::{self, Delete, Get, Patch, Post};

use super::operation::{Operation, path_parameter};
use super::paths::{READ, WRITE};
use crate::problem::kinds::{self, Kind};
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
    Operation::new(method, path, id, "People").summary(summary).act(Permission::UseOwnAccount)
}

fn signing_in() -> Vec<Operation> {
    vec![
        open("/api/v1/auth/send-otp", "sendCode", "Send a one-time code")
            .says("Answers alike for every number, whether anybody has it or not. The SMS leaves in the background.")
            .body("CodeRequest", requests::codes)
            .answers("200", "CodeSent", "A code is on its way."),
        open("/api/v1/auth/verify-otp", "verifyCode", "Sign in with a one-time code")
            .says("A number that is proved for the first time becomes an account. Five wrong tries void a code.")
            .body("CodeProof", requests::proofs)
            .answers("200", "SignedIn", "A session.")
            .refuses(&[kinds::WRONG_CODE]),
        open("/api/v1/auth/login", "login", "Sign in with a password")
            .body("Login", requests::logins)
            .answers("200", "SignedIn", "A session.")
            .refuses(&[kinds::WRONG_CREDENTIALS]),
        open("/api/v1/auth/refresh", "refresh", "Take the next pair of tokens")
            .says("A refresh token works once. One that is used twice ends its session.")
            .body("RefreshRequest", requests::refreshes)
            .answers("200", "SignedIn", "The same session, with new tokens.")
            .refuses(&[kinds::SESSION_ENDED]),
        open("/api/v1/auth/register", "register", "Register with an address")
            .says("Answers alike whether the address has an account or not; the mail says which.")
            .body("Registration", requests::registrations)
            .answers("202", "Done", "A mail is on its way."),
        open("/api/v1/auth/verify-email", "verifyEmail", "Prove an address")
            .body("TokenOnly", requests::tokens)
            .answers("200", "Done", "The account exists, or has the address.")
            .refuses(&[kinds::WRONG_TOKEN]),
        open("/api/v1/auth/resend-verification", "resendVerification", "Mail the confirmation again")
            .body("EmailOnly", requests::emails)
            .answers("202", "Done", "If one was waited for, another mail is on its way."),
    ]
}

fn recovering() -> Vec<Operation> {
    vec![
        open("/api/v1/auth/password/forgot", "forgotPassword", "Ask for a new password")
            .says("Answers alike whether the address has an account or not.")
            .body("EmailOnly", requests::emails)
            .answers("202", "Done", "If there is an account, a mail is on its way."),
        open("/api/v1/auth/password/reset", "resetPassword", "Choose a new password")
            .says("All sessions end.")
            .body("PasswordReset", requests::password_resets)
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
            .body("ProfileChange", requests::profile_changes)
            .answers("200", "Profile", "The account as it is now.")
            .refuses(TRIES)
            .refuses(WRITE),
        own(Post, "/api/v1/auth/password/change", "changePassword", "Change the password")
            .says("All other sessions end.")
            .body("PasswordChange", requests::password_changes)
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
            .body("TokenOnly", requests::tokens)
            .answers("200", "Done", "It is revoked.")
            .refuses(WRITE),
        own(Post, "/api/v1/auth/act-for", "actFor", "Say for whom the session acts")
            .body("ActFor", requests::acting)
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
            .act(Permission::CreateBusiness)
            .body("NewBusiness", requests::businesses_made)
            .answers("201", "Business", "The business.")
            .refuses(WRITE),
        of_business(Get, "/api/v1/businesses", "listBusinesses", "The businesses one belongs to")
            .act(Permission::UseOwnAccount)
            .answers("200", "Businesses", "All of them.")
            .refuses(READ),
        of_business(Get, "/api/v1/businesses/{id}", "getBusiness", "Read a business")
            .act(Permission::ReadBusiness)
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
        .act(Permission::ReadMembers)
        .answers("200", "Members", "The members and the invitations that stand.")
        .refuses(READ),
        of_business(Post, "/api/v1/businesses/{id}/members", "inviteMember", "Invite somebody")
            .says(
                "Answers alike whether the address has an account or not: whoever reads its mail may accept.",
            )
            .act(Permission::ChangeMembers)
            .body("NewInvitation", requests::invitations)
            .answers("202", "Invitation", "A mail is on its way.")
            .refuses(&[kinds::TOO_MANY])
            .refuses(WRITE),
        of_business(
            Patch,
            "/api/v1/businesses/{id}/members/{person_id}",
            "changeRole",
            "Give a member another role",
        )
        .act(Permission::ChangeMembers)
        .path(person())
        .body("RoleChange", requests::roles)
        .answers("200", "Done", "It is changed.")
        .refuses(&[kinds::LAST_OWNER])
        .refuses(WRITE),
        of_business(Delete, "/api/v1/businesses/{id}/members/{person_id}", "removeMember", "Remove a member")
            .says("Everybody may leave, except the last owner.")
            .act(Permission::ChangeMembers)
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
        .act(Permission::ChangeMembers)
        .path(invitation)
        .answers("200", "Done", "It no longer stands.")
        .refuses(WRITE),
        of_business(Post, "/api/v1/invitations/accept", "acceptInvitation", "Accept an invitation")
            .act(Permission::UseOwnAccount)
            .body("TokenOnly", requests::tokens)
            .answers("200", "Joined", "One belongs to the business now.")
            .refuses(&[kinds::WRONG_TOKEN])
            .refuses(WRITE),
    ]
}

fn keys() -> Vec<Operation> {
    let key = path_parameter::<ApiKeyId>("key_id", "A key's id.");
    vec![
        of_business(Get, "/api/v1/businesses/{id}/api-keys", "listApiKeys", "The keys of its programs")
            .act(Permission::ReadApiKeys)
            .answers("200", "ApiKeys", "Those that are not revoked.")
            .refuses(READ),
        of_business(Post, "/api/v1/businesses/{id}/api-keys", "createApiKey", "Make a key for a program")
            .says("The secret is shown this once. It is sent as a bearer token.")
            .act(Permission::ChangeApiKeys)
            .body("ApiKeyRequest", requests::api_keys)
            .answers("201", "NewApiKey", "The key and its secret.")
            .refuses(&[kinds::TOO_MANY])
            .refuses(WRITE),
        of_business(Delete, "/api/v1/businesses/{id}/api-keys/{key_id}", "revokeApiKey", "Revoke a key")
            .act(Permission::ChangeApiKeys)
            .path(key)
            .answers("200", "Done", "Nobody can use it any more.")
            .refuses(WRITE),
    ]
}
