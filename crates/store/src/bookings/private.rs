//! The personal data of a booking as one sealed column: packed, sealed under the guest's key, and searchable by blind
//! indexes.
//!
//! The packed form is a byte whose bits say which fields are present, then each field preceded by its length.

use domain::booking::{Booking, Notes, Person};
use domain::ids::{BookingId, GuestId};

use crate::error::{Result, StoreError};
use crate::vault::people::PersonKeys;
use crate::vault::{AadContext, BlindIndex, Vault};

const COLUMN: &str = "bookings.private";
const FIELDS: usize = 7;

/// The columns of a booking that contain its personal data.
#[derive(Debug, Default)]
pub(crate) struct Private {
    pub sealed: Option<Vec<u8>>,
    pub email: Option<BlindIndex>,
    pub phone: Option<BlindIndex>,
}

/// Seals the personal data; `keys` contains the key of everyone that [`Booking::about`] names.
pub(crate) fn seal(vault: &Vault, keys: &PersonKeys, booking: &Booking) -> Result<Private> {
    seal_fields(vault, keys, (booking.id, booking.guest), &booking.person, &booking.notes)
}

pub(crate) fn seal_fields(
    vault: &Vault,
    keys: &PersonKeys,
    (booking, guest): (BookingId, GuestId),
    person: &Person,
    notes: &Notes,
) -> Result<Private> {
    let fields = fields(person, notes);
    if fields.iter().all(Option::is_none) {
        return Ok(Private::default());
    }
    let key = keys.get(guest.into()).ok_or_else(|| StoreError::corrupt("person_keys", "person_id", guest))?;
    Ok(Private {
        sealed: Some(vault.seal(key, AadContext { column: COLUMN, row: booking.0 }, &pack(&fields))),
        email: person.email.as_deref().and_then(|email| vault.email_index(email)),
        phone: person.phone.as_deref().and_then(|phone| vault.phone_index(phone)),
    })
}

/// Opens what is sealed, by the guest's wrapped key, into the booking. A guest who was erased leaves nothing.
pub(crate) fn open(vault: &Vault, sealed: &[u8], wrapped: &[u8], booking: &mut Booking) -> Result<()> {
    let context = AadContext { column: COLUMN, row: booking.id.0 };
    let key = vault.unwrap_key(booking.guest.into(), wrapped)?;
    let Some(packed) = vault.open_sealed(&key, context, sealed)? else { return Ok(()) };
    let fields = unpack(&packed).ok_or_else(|| StoreError::corrupt_at(context))?;
    let [name, email, phone, companions, special_requests, internal_notes, metadata] = fields;
    booking.person = Person { name, email, phone, companions };
    let source = booking.notes.source.take();
    booking.notes = Notes { special_requests, internal_notes, source, metadata };
    Ok(())
}

fn fields<'b>(person: &'b Person, notes: &'b Notes) -> [Option<&'b str>; FIELDS] {
    [
        person.name.as_deref(),
        person.email.as_deref(),
        person.phone.as_deref(),
        person.companions.as_deref(),
        notes.special_requests.as_deref(),
        notes.internal_notes.as_deref(),
        notes.metadata.as_deref(),
    ]
}

fn pack(fields: &[Option<&str>; FIELDS]) -> Vec<u8> {
    let bytes: usize = fields.iter().flatten().map(|field| 4 + field.len()).sum();
    let mut packed = Vec::with_capacity(1 + bytes);
    let present = |(place, field): (usize, Option<&str>)| u8::from(field.is_some()) << place;
    packed.push(fields.iter().copied().enumerate().map(present).sum());
    for field in fields.iter().flatten() {
        let length = u32::try_from(field.len()).expect("no field is as long as four gigabytes");
        packed.extend_from_slice(&length.to_be_bytes());
        packed.extend_from_slice(field.as_bytes());
    }
    packed
}

fn unpack(packed: &[u8]) -> Option<[Option<String>; FIELDS]> {
    let (present, mut rest) = packed.split_first()?;
    let mut fields = [const { None }; FIELDS];
    for (place, field) in fields.iter_mut().enumerate() {
        if present >> place & 1 == 0 {
            continue;
        }
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (text, after) = after.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        *field = Some(std::str::from_utf8(text).ok()?.to_owned());
        rest = after;
    }
    rest.is_empty().then_some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_choice_of_fields_is_unpacked_as_it_was_packed() {
        let texts = ["Grace Hopper", "", "+1 212", "[{\"name\":\"Łukasz\"}]", "a\u{0}b", "note", "{}"];
        for chosen in 0..1_u32 << FIELDS {
            let mut fields = [None; FIELDS];
            for (place, text) in texts.iter().enumerate() {
                fields[place] = (chosen >> place & 1 == 1).then_some(*text);
            }
            let unpacked = unpack(&pack(&fields)).unwrap();
            assert_eq!(unpacked.each_ref().map(Option::as_deref), fields);
        }
    }

    #[test]
    fn what_is_cut_or_longer_than_it_says_is_not_unpacked() {
        let packed = pack(&[Some("Grace"), None, None, None, None, None, Some("{}")]);
        for length in 0..packed.len() {
            assert_eq!(unpack(&packed[..length]), None, "{length}");
        }
        assert_eq!(unpack(&[packed.as_slice(), b"x"].concat()), None);
    }
}
