//! Sealing and opening a person's contact data.

use domain::identity::{Contact, Email, Mobile};
use domain::ids::PersonId;
use domain::time::Instant;
use serde::{Deserialize, Serialize};
use store::people::Account;
use store::vault::{AadContext, BlindIndex, people};
use store::{Connection, StoreError, Vault};

#[derive(Serialize, Deserialize)]
pub(super) struct Written {
    name: Option<String>,
    email: Option<String>,
    mobile: Option<String>,
}

impl Written {
    pub fn of(contact: &Contact) -> Self {
        Self {
            name: contact.name.clone(),
            email: contact.email.as_ref().map(|email| email.as_str().to_owned()),
            mobile: contact.mobile.as_ref().map(|mobile| mobile.as_str().to_owned()),
        }
    }

    pub fn read(self) -> Contact {
        Contact {
            name: self.name,
            email: self.email.and_then(|email| email.parse().ok()),
            mobile: self.mobile.and_then(|mobile| mobile.parse().ok()),
        }
    }
}

fn aad_context(person: PersonId) -> AadContext {
    AadContext { column: "people.contact", row: person.0 }
}

pub(super) fn seal(
    connection: &mut Connection,
    vault: &Vault,
    person: PersonId,
    contact: &Contact,
    now: Instant,
) -> Result<Vec<u8>, StoreError> {
    let plain = serde_json::to_vec(&Written::of(contact)).expect("texts are always JSON");
    people::seal(connection, vault, (person, aad_context(person)), &plain, now)
}

/// Empty for an erased person.
pub(crate) fn open(
    connection: &mut Connection,
    vault: &Vault,
    person: PersonId,
    sealed: &[u8],
) -> Result<Contact, StoreError> {
    let plain = people::open(connection, vault, (person, aad_context(person)), sealed)?;
    let written = plain.map(|plain| serde_json::from_slice::<Written>(&plain));
    match written {
        Some(Ok(written)) => Ok(written.read()),
        Some(Err(_)) => Err(StoreError::corrupt("people", "contact", person)),
        None => Ok(Contact::default()),
    }
}

pub(crate) fn email_index(vault: &Vault, email: &Email) -> BlindIndex {
    vault.email_index(email.folded()).expect("an address is not empty")
}

pub(super) fn mobile_index(vault: &Vault, mobile: &Mobile) -> BlindIndex {
    vault.phone_index(mobile.as_str()).expect("a number has digits")
}

/// The account with this address. A blind index is short: what it finds is opened and compared.
pub(super) fn by_email(
    connection: &mut Connection,
    vault: &Vault,
    email: &Email,
) -> Result<Option<(Account, Contact)>, StoreError> {
    let Some(account) = store::people::by_email(connection, email_index(vault, email))? else {
        return Ok(None);
    };
    let contact = open(connection, vault, account.id, &account.contact)?;
    Ok((contact.email.as_ref() == Some(email)).then_some((account, contact)))
}

/// The account with this phone number.
pub(super) fn by_mobile(
    connection: &mut Connection,
    vault: &Vault,
    mobile: &Mobile,
) -> Result<Option<Account>, StoreError> {
    let Some(account) = store::people::by_mobile(connection, mobile_index(vault, mobile))? else {
        return Ok(None);
    };
    let contact = open(connection, vault, account.id, &account.contact)?;
    Ok((contact.mobile.as_ref() == Some(mobile)).then_some(account))
}
