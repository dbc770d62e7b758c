//! Ids, codes and words.

use std::marker::PhantomData;
use std::str::FromStr;

use app::jobs::State;
use domain::catalogue::Selector;
use domain::ids::NotAnId;
use domain::limits::LABEL_CHARS_MAX;
use domain::offering::OfferingKind;
use domain::permission::{MemberRole, Scope};
use domain::status::Status;
use domain::venue::VenueKind;
use serde_json::{Value, json};
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};

use super::field::Kind;
use crate::reader::At;
use crate::schema::{self, Described, Schemas, inline, string};

/// An id with its prefix.
pub trait Prefixed: FromStr<Err = NotAnId> {
    const PREFIX: &'static str;
}

macro_rules! prefixed {
    ($($id:ident),* $(,)?) => { $(
        impl Prefixed for domain::ids::$id {
            const PREFIX: &'static str = domain::ids::$id::PREFIX;
        }
    )* };
}

prefixed! {
    ApiKeyId, BookingId, BusinessId, GuestId, InvitationId, JobId, OfferingId, OrderId, PersonId, PoolId, SessionId,
    VenueId,
}

pub struct Id<T>(PhantomData<fn() -> T>);

pub const fn id<T: Prefixed>() -> Id<T> {
    Id(PhantomData)
}

impl<T: Prefixed> Kind for Id<T> {
    type Value = T;

    fn parse(&self, value: &Value, at: &mut At<'_>) -> Option<T> {
        match value.as_str().map(str::parse) {
            Some(Ok(id)) => Some(id),
            Some(Err(error)) => at.none(NotAnId::to_string(&error)),
            None => at.none("must be a string"),
        }
    }

    fn schema(&self, _: &mut Schemas) -> Described {
        inline(schema::id(T::PREFIX))
    }
}

/// A venue, a pool or an offering: its id, a UUID, or its code, as a string or a number.
pub struct Selected<T> {
    example: &'static str,
    of: PhantomData<fn() -> T>,
}

pub const fn selector<T: Prefixed>(example: &'static str) -> Selected<T> {
    Selected { example, of: PhantomData }
}

impl<T: Prefixed> Kind for Selected<T> {
    type Value = Selector;

    fn parse(&self, value: &Value, at: &mut At<'_>) -> Option<Selector> {
        match value {
            Value::String(text) if !text.is_empty() && text.chars().count() <= LABEL_CHARS_MAX => {
                Some(read_selector::<T>(text))
            }
            Value::Number(number) if number.is_u64() => Some(Selector::Code(number.to_string())),
            _ => at.none("must be an id or a code"),
        }
    }

    fn schema(&self, _: &mut Schemas) -> Described {
        let text = string().min_length(Some(1)).max_length(Some(LABEL_CHARS_MAX));
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
        inline(Schema::from(OneOfBuilder::new().item(text).item(number).examples([json!(self.example)])))
    }
}

pub fn read_selector<T: Prefixed>(text: &str) -> Selector {
    let bare = text.strip_prefix(T::PREFIX).and_then(|rest| rest.strip_prefix('_')).unwrap_or(text);
    match uuid::Uuid::try_parse(bare) {
        Ok(id) => Selector::Id(id),
        Err(_) => Selector::Code(text.to_owned()),
    }
}

/// A type whose values are written as words.
pub trait Spelled: Sized {
    fn words() -> Vec<&'static str>;
    fn from_word(word: &str) -> Option<Self>;
}

macro_rules! spelled {
    ($($type:ty: $words:expr, $from_word:expr;)*) => { $(
        impl Spelled for $type {
            fn words() -> Vec<&'static str> {
                $words.to_vec()
            }

            fn from_word(word: &str) -> Option<Self> {
                $from_word(word)
            }
        }
    )* };
}

spelled! {
    MemberRole: Self::WORDS, Self::from_word;
    Scope: Self::WORDS, Self::from_word;
    VenueKind: Self::WORDS, Self::from_word;
    OfferingKind: Self::WORDS, Self::from_word;
    Status: domain::status::ALL.map(Self::as_str), |word: &str| word.parse().ok();
    State: Self::ALL.map(Self::as_str), |word: &str| word.parse().ok();
}

/// One of the words of a type.
pub struct Word<T>(PhantomData<fn() -> T>);

pub const fn word<T: Spelled>() -> Word<T> {
    Word(PhantomData)
}

impl<T: Spelled> Kind for Word<T> {
    type Value = T;

    fn parse(&self, value: &Value, at: &mut At<'_>) -> Option<T> {
        let found = value.as_str().and_then(T::from_word);
        found.or_else(|| at.none(format!("must be one of {}", T::words().join(", "))))
    }

    fn schema(&self, _: &mut Schemas) -> Described {
        inline(schema::words(&T::words()))
    }
}

/// One of several words without a type.
pub struct Choice(&'static [&'static str]);

pub const fn choice(words: &'static [&'static str]) -> Choice {
    Choice(words)
}

impl Kind for Choice {
    type Value = &'static str;

    fn parse(&self, value: &Value, at: &mut At<'_>) -> Option<&'static str> {
        let said = value.as_str();
        let found = self.0.iter().copied().find(|word| Some(*word) == said);
        found.or_else(|| at.none(format!("must be one of {}", self.0.join(", "))))
    }

    fn schema(&self, _: &mut Schemas) -> Described {
        inline(schema::words(self.0))
    }
}
