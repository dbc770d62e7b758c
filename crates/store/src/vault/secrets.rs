//! The operator's secrets, and the keys derived from them for wrapping data keys.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf;
use zeroize::Zeroizing;

use super::random::Random;
use crate::error::{Result, StoreError};

/// Minimum length of a secret, in bytes.
pub const SECRET_BYTES_MIN: usize = 32;
pub(super) const KEY_ID_BYTES: usize = 4;
const TAG_BYTES: usize = 16;

/// The id of a secret that wraps a key. It reveals nothing about the secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; KEY_ID_BYTES]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a secret must have at least {SECRET_BYTES_MIN} bytes")]
pub struct SecretTooShort;

/// The current secret, which wraps, and older ones, which only unwrap.
pub struct Secrets {
    current: WrappingKey,
    older: Vec<WrappingKey>,
}

struct WrappingKey {
    id: KeyId,
    key: LessSafeKey,
}

impl Secrets {
    /// `current` is `SECRET_KEY`, `older` are `SECRET_KEYS_OLD`.
    pub fn new<'a>(
        current: &[u8],
        older: impl IntoIterator<Item = &'a [u8]>,
    ) -> std::result::Result<Self, SecretTooShort> {
        let older = older.into_iter().map(WrappingKey::derive).collect::<std::result::Result<_, _>>()?;
        Ok(Self { current: WrappingKey::derive(current)?, older })
    }

    /// The ids of all secrets, the current one first.
    pub fn ids(&self) -> Vec<KeyId> {
        std::iter::once(&self.current).chain(&self.older).map(|key| key.id).collect()
    }

    pub(super) fn current(&self) -> KeyId {
        self.current.id
    }

    /// The key's id, the nonce, the ciphertext, the tag.
    pub(super) fn wrap(&self, random: &Random, context: &[u8], key: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce);
        let mut text = Zeroizing::new(key.to_vec());
        let tag = self
            .current
            .key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut text)
            .expect("a key is not too long to be sealed");
        [&self.current.id.0, nonce.as_slice(), text.as_slice(), tag.as_ref()].concat()
    }

    pub(super) fn unwrap<const BYTES: usize>(
        &self,
        context: &[u8],
        wrapped: &[u8],
    ) -> Result<Zeroizing<[u8; BYTES]>> {
        let corrupt = || StoreError::Corrupt(format!("a wrapped key of {}", shown(context)));
        let (id, rest) = wrapped.split_first_chunk().ok_or_else(corrupt)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE_LEN>().ok_or_else(corrupt)?;
        if text.len() != BYTES + TAG_BYTES {
            return Err(corrupt());
        }
        let key = self.find(KeyId(*id))?;
        let mut text = Zeroizing::new(text.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = key.key.open_in_place(nonce, Aad::from(context), &mut text).map_err(|_| corrupt())?;
        let mut bytes = Zeroizing::new([0; BYTES]);
        bytes.copy_from_slice(opened);
        Ok(bytes)
    }

    fn find(&self, id: KeyId) -> Result<&WrappingKey> {
        let mut all = std::iter::once(&self.current).chain(&self.older);
        all.find(|key| key.id == id).ok_or_else(|| {
            StoreError::Unusable(format!(
                "SECRET_KEY does not open this database: its keys are sealed under secret {id}, \
                 and the configured secrets are {}. Set SECRET_KEYS_OLD to the earlier secret until \
                 `holdfast keys rotate` has finished",
                self.shown()
            ))
        })
    }

    fn shown(&self) -> String {
        self.ids().iter().map(KeyId::to_string).collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.shown())
    }
}

impl WrappingKey {
    fn derive(secret: &[u8]) -> std::result::Result<Self, SecretTooShort> {
        if secret.len() < SECRET_BYTES_MIN {
            return Err(SecretTooShort);
        }
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"holdfast vault").extract(secret);
        let info = [b"wrapping key".as_slice()];
        let derived = root.expand(&info, &AES_256_GCM_SIV).expect("a key is short enough to be derived");
        let mut id = [0; KEY_ID_BYTES];
        let info = [b"key id".as_slice()];
        root.expand(&info, IdBytes)
            .and_then(|derived| derived.fill(&mut id))
            .expect("four bytes can be derived");
        Ok(Self { id: KeyId(id), key: LessSafeKey::new(UnboundKey::from(derived)) })
    }
}

struct IdBytes;

impl hkdf::KeyType for IdBytes {
    fn len(&self) -> usize {
        KEY_ID_BYTES
    }
}

/// A context as a fault may tell it: its words, without the row.
fn shown(context: &[u8]) -> String {
    let words: Vec<u8> = context.iter().copied().take_while(u8::is_ascii_graphic).take(40).collect();
    String::from_utf8_lossy(&words).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(current: u8, older: &[u8]) -> Secrets {
        let older: Vec<[u8; 32]> = older.iter().map(|byte| [*byte; 32]).collect();
        Secrets::new(&[current; 32], older.iter().map(<[u8; 32]>::as_slice)).unwrap()
    }

    #[test]
    fn older_secrets_unwrap_and_the_current_one_wraps() {
        let random = Random::default();
        let wrapped = secrets(1, &[]).wrap(&random, b"here", &[7; 36]);
        let rotated = secrets(2, &[1]);
        assert_eq!(*rotated.unwrap::<36>(b"here", &wrapped).unwrap(), [7; 36]);
        let anew = rotated.wrap(&random, b"here", &[7; 36]);
        assert_eq!(*secrets(2, &[]).unwrap::<36>(b"here", &anew).unwrap(), [7; 36]);
        assert_ne!(wrapped[..4], anew[..4]);
    }

    #[test]
    fn an_unknown_secret_is_named_and_a_moved_key_does_not_open() {
        let wrapped = secrets(1, &[]).wrap(&Random::default(), b"here", &[7; 36]);
        let told = secrets(2, &[3]).unwrap::<36>(b"here", &wrapped).unwrap_err().to_string();
        assert!(told.contains("SECRET_KEY") && told.contains("SECRET_KEYS_OLD"), "{told}");
        assert!(matches!(secrets(1, &[]).unwrap::<36>(b"there", &wrapped), Err(StoreError::Corrupt(_))));
    }

    #[test]
    fn a_short_secret_is_refused_and_none_is_shown() {
        assert_eq!(Secrets::new(&[1; 31], []).unwrap_err(), SecretTooShort);
        let shown = format!("{:?}", secrets(b'x', b"y"));
        assert!(!shown.contains("xx") && !shown.contains("yy") && !shown.contains("120"), "{shown}");
    }
}
