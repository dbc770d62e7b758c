//! What people send about themselves.

use app::identity::codes::Proof;
use app::identity::profile::ProfilePatch;
use app::identity::registration::Registration;
use app::identity::sign_in::SignIn;
use domain::identity::{Code, Email, Mobile, Password};
use domain::ids::BusinessId;
use domain::limits::{EMAIL_CHARS_MAX, NAME_CHARS_MAX, NAME_CHARS_MIN, PASSWORD_CHARS_MAX};

use super::Form;

/// Characters of a password that is only compared: one of an import may be shorter than those chosen here.
pub const PRESENTED_CHARS_MAX: usize = PASSWORD_CHARS_MAX;
/// Characters of a token that was issued here.
pub const TOKEN_CHARS_MAX: usize = 2_048;
const CHALLENGE_CHARS_MAX: usize = 128;

/// What somebody sends, and the token of their device beside it.
pub struct WithDevice<T> {
    pub asked: T,
    pub device_token: Option<String>,
}

fn device_token(form: &mut Form<'_>) -> Option<String> {
    form.text("device_token", 1, 128)
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
    form: &mut Form<'_>,
    name: &'static str,
    chars_max: usize,
) -> Option<T> {
    let text = form.text(name, 1, chars_max);
    match form.required(name, text)?.parse() {
        Ok(value) => Some(value),
        Err(wrong) => {
            form.wrong(name, wrong.to_string());
            None
        }
    }
}

fn email(form: &mut Form<'_>) -> Option<Email> {
    parsed(form, "email", EMAIL_CHARS_MAX)
}

fn required_text(form: &mut Form<'_>, name: &'static str, chars_max: usize) -> Option<String> {
    let text = form.text(name, 1, chars_max);
    form.required(name, text)
}

/// `POST /auth/send-otp`.
pub fn send_otp(form: &mut Form<'_>) -> Option<WithDevice<Mobile>> {
    let device_token = device_token(form);
    let asked = parsed(form, "mobile", 16)?;
    Some(WithDevice { asked, device_token })
}

/// `POST /auth/verify-otp`.
pub fn verify_otp(form: &mut Form<'_>) -> Option<WithDevice<Proof>> {
    let device_token = device_token(form);
    let mobile: Option<Mobile> = parsed(form, "mobile", 16);
    let code: Option<Code> = parsed(form, "otp", 16);
    let challenge = form.text("challenge_id", 1, CHALLENGE_CHARS_MAX);
    let acts_for = form.id::<BusinessId>("business_id");
    Some(WithDevice { asked: Proof { mobile: mobile?, code: code?, challenge, acts_for }, device_token })
}

/// `POST /auth/login`.
pub fn login(form: &mut Form<'_>) -> Option<WithDevice<SignIn>> {
    let device_token = device_token(form);
    let email = email(form);
    let password = required_text(form, "password", PRESENTED_CHARS_MAX);
    let acts_for = form.id::<BusinessId>("business_id");
    Some(WithDevice { asked: SignIn { email: email?, password: password?, acts_for }, device_token })
}

/// `POST /auth/register`.
pub fn register(form: &mut Form<'_>) -> Option<Registration> {
    let name = form.text("name", NAME_CHARS_MIN, NAME_CHARS_MAX);
    let email = email(form);
    let password = chosen(form, "password", email.as_ref());
    Some(Registration { name, email: email?, password: password? })
}

/// A password that is chosen now.
fn chosen(form: &mut Form<'_>, name: &'static str, email: Option<&Email>) -> Option<Password> {
    let text = form.text(name, 0, 4 * PASSWORD_CHARS_MAX);
    match Password::new(&form.required(name, text)?, email) {
        Ok(password) => Some(password),
        Err(weak) => {
            form.wrong(name, weak.to_string());
            None
        }
    }
}

/// A body that holds an address and nothing else.
pub fn only_email(form: &mut Form<'_>) -> Option<Email> {
    email(form)
}

/// A body that holds a token and nothing else.
pub fn only_token(form: &mut Form<'_>) -> Option<String> {
    required_text(form, "token", TOKEN_CHARS_MAX)
}

/// `POST /auth/refresh`.
pub fn refresh(form: &mut Form<'_>) -> Option<String> {
    required_text(form, "refresh_token", TOKEN_CHARS_MAX)
}

/// `POST /auth/password/change`: the current password, where there is one, and the new one.
pub fn change_password(form: &mut Form<'_>) -> Option<(Option<String>, String)> {
    let current = form.text("current_password", 1, PRESENTED_CHARS_MAX);
    let new = chosen(form, "new_password", None);
    Some((current, new?.as_str().to_owned()))
}

/// `POST /auth/password/reset`.
pub fn reset_password(form: &mut Form<'_>) -> Option<(String, Password)> {
    let token = only_token(form);
    let password = chosen(form, "password", None);
    Some((token?, password?))
}

/// `PATCH /auth/me`.
pub fn profile(form: &mut Form<'_>) -> Option<ProfilePatch> {
    let is_named = form.mentions("name");
    let name = form.text("name", NAME_CHARS_MIN, NAME_CHARS_MAX);
    let email = if form.has("email") { Some(email(form)?) } else { form.value("email").and(None) };
    Some(ProfilePatch { name: is_named.then_some(name), email })
}

/// For whom a session is to act: a business, or oneself.
pub struct ActFor(pub Option<BusinessId>);

/// `POST /auth/act-for`.
#[expect(clippy::unnecessary_wraps, reason = "a reader of a form is what all the others are")]
pub fn act_for(form: &mut Form<'_>) -> Option<ActFor> {
    Some(ActFor(form.id("business_id")))
}
