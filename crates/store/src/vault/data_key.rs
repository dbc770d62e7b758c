//! A data key, and the format of what it seals.
//!
//! Sealed bytes are a format byte, four bytes that identify the key, the nonce, the ciphertext and its tag. The key's
//! id distinguishes data sealed under a deleted key from data that was tampered with.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use domain::ids::PersonId;
use zeroize::Zeroizing;

use super::random::Random;
use crate::aad_context::AadContext;
use crate::error::{Result, StoreError};

/// The key's id and the key.
pub(super) const DATA_KEY_BYTES: usize = NAME_BYTES + 32;
const NAME_BYTES: usize = 4;
const TAG_BYTES: usize = 16;
/// The format byte. A new format gets a new number.
const FORMAT: u8 = 1;

/// The open data key of a person. It is wiped when it is dropped.
pub struct PersonKey {
    pub(super) person: PersonId,
    pub(super) key: DataKey,
}

impl PersonKey {
    pub fn person(&self) -> PersonId {
        self.person
    }
}

impl std::fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonKey").field("person", &self.person).finish_non_exhaustive()
    }
}

/// The library wipes the key's memory when it is freed.
pub(super) struct DataKey {
    name: [u8; NAME_BYTES],
    key: LessSafeKey,
}

pub(super) fn generate(random: &Random) -> Zeroizing<[u8; DATA_KEY_BYTES]> {
    let mut bytes = Zeroizing::new([0; DATA_KEY_BYTES]);
    random.fill(bytes.as_mut_slice());
    bytes
}

impl DataKey {
    pub fn new(bytes: &[u8; DATA_KEY_BYTES]) -> Self {
        let (name, key) = bytes.split_first_chunk().expect("a data key begins with its name");
        let key = UnboundKey::new(&AES_256_GCM, key).expect("a data key has 32 bytes");
        Self { name: *name, key: LessSafeKey::new(key) }
    }

    pub fn seal(&self, random: &Random, context: AadContext, plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce);
        let mut sealed = Vec::with_capacity(1 + NAME_BYTES + NONCE_LEN + plain.len() + TAG_BYTES);
        sealed.push(FORMAT);
        sealed.extend_from_slice(&self.name);
        sealed.extend_from_slice(&nonce);
        let start = sealed.len();
        sealed.extend_from_slice(plain);
        let text = sealed.get_mut(start..).expect("the text was just appended");
        let tag = self
            .key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound(context)), text)
            .expect("nothing we store is too long to be sealed");
        sealed.extend_from_slice(tag.as_ref());
        sealed
    }

    /// `None` if a different key sealed it.
    pub fn open(&self, context: AadContext, sealed: &[u8]) -> Result<Option<Vec<u8>>> {
        let corrupt = || StoreError::corrupt_at(context);
        let (format, rest) = sealed.split_first().ok_or_else(corrupt)?;
        let (name, rest) = rest.split_first_chunk::<NAME_BYTES>().ok_or_else(corrupt)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE_LEN>().ok_or_else(corrupt)?;
        if *format != FORMAT {
            return Err(corrupt());
        }
        if *name != self.name {
            return Ok(None);
        }
        let mut text = text.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length =
            self.key.open_in_place(nonce, Aad::from(bound(context)), &mut text).map_err(|_| corrupt())?.len();
        text.truncate(length);
        Ok(Some(text))
    }
}

/// The context as it is authenticated: the row, then the column's name.
fn bound(context: AadContext) -> Vec<u8> {
    [context.row.as_bytes(), context.column.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const CONTEXT: AadContext = AadContext { column: "bookings.private", row: Uuid::from_u128(7) };

    #[test]
    fn what_is_sealed_opens_only_in_its_place_under_its_key_and_unchanged() {
        let random = Random::default();
        let key = DataKey::new(&generate(&random));
        let sealed = key.seal(&random, CONTEXT, b"Grace");
        assert_eq!(sealed.len(), 5 + 33);
        assert_eq!(key.open(CONTEXT, &sealed).unwrap().unwrap(), b"Grace");
        for elsewhere in
            [AadContext { column: "accounts.private", ..CONTEXT }, AadContext { row: Uuid::nil(), ..CONTEXT }]
        {
            assert!(matches!(key.open(elsewhere, &sealed), Err(StoreError::Corrupt(_))));
        }
        let other = DataKey::new(&generate(&random));
        assert_eq!(other.open(CONTEXT, &sealed).unwrap(), None);
        for at in (0..sealed.len()).filter(|at| !(1..5).contains(at)) {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open(CONTEXT, &changed).is_err(), "byte {at}");
            assert!(key.open(CONTEXT, &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn the_same_text_is_sealed_differently_each_time() {
        let random = Random::default();
        let key = DataKey::new(&generate(&random));
        assert_ne!(key.seal(&random, CONTEXT, b"Grace"), key.seal(&random, CONTEXT, b"Grace"));
    }
}
