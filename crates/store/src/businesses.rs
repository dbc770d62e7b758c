//! Businesses, their members and their invitations.

use domain::ids::{BusinessId, InvitationId, PersonId};
use domain::permission::MemberRole;
use domain::time::Instant;

use crate::error::{Result, StoreError};
use crate::row::{TableRow as _, row};
use crate::seam::{Connection, Param, Row};
use crate::vault::BlindIndex;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Business {
    pub id: BusinessId,
    pub name: String,
    pub created_at: Instant,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub person: PersonId,
    pub role: MemberRole,
    pub created_at: Instant,
    /// The person's contact, sealed.
    pub contact: Vec<u8>,
}

row! {
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Invitation of "invitations" as invitation_columns {
        id: InvitationId = "id",
        business: BusinessId = "business_id",
        email_index: BlindIndex = "email_index",
        /// The address, sealed.
        contact: Vec<u8> = "contact",
        role: MemberRole = "role",
        invited_by: PersonId = "invited_by",
        created_at: Instant = "created_at",
        expires_at: Instant = "expires_at",
    }
}

pub fn insert(connection: &mut Connection, business: &Business) -> Result<()> {
    connection.execute(
        "insert into businesses (id, name, created_at) values ($1, $2, $3)",
        &[Param::Id(business.id.0), (&business.name).into(), business.created_at.into()],
    )?;
    Ok(())
}

pub fn by_id(connection: &mut Connection, id: BusinessId) -> Result<Option<Business>> {
    let sql = "select id, name, created_at from businesses where id = $1";
    connection.optional(sql, &[Param::Id(id.0)], business)
}

/// The businesses a person belongs to, oldest membership first.
pub fn of_person(connection: &mut Connection, person: PersonId) -> Result<Vec<(Business, MemberRole)>> {
    connection.all(
        "select b.id, b.name, b.created_at, m.role from members m join businesses b on b.id = m.business_id \
         where m.person_id = $1 order by m.created_at, b.id",
        &[Param::Id(person.0)],
        |row| Ok((business(row)?, role(&row.text(3)?, person)?)),
    )
}

/// A person's role in a business, locked until the transaction ends.
pub fn role_for_update(
    connection: &mut Connection,
    business: BusinessId,
    person: PersonId,
) -> Result<Option<MemberRole>> {
    let sql = "select role from members where business_id = $1 and person_id = $2 for update";
    let found = connection.optional(sql, &[Param::Id(business.0), Param::Id(person.0)], |row| row.text(0))?;
    found.map(|word| role(&word, person)).transpose()
}

/// A person's role in a business.
pub fn role_of(
    connection: &mut Connection,
    business: BusinessId,
    person: PersonId,
) -> Result<Option<MemberRole>> {
    let sql = "select role from members where business_id = $1 and person_id = $2";
    let found = connection.optional(sql, &[Param::Id(business.0), Param::Id(person.0)], |row| row.text(0))?;
    found.map(|word| role(&word, person)).transpose()
}

/// A business's members, oldest first.
pub fn members(connection: &mut Connection, business: BusinessId) -> Result<Vec<Member>> {
    connection.all(
        "select m.person_id, m.role, m.created_at, p.contact from members m join people p on p.id = m.person_id \
         where m.business_id = $1 order by m.created_at, m.person_id",
        &[Param::Id(business.0)],
        |row| {
            let person = PersonId(row.id(0)?);
            Ok(Member {
                person,
                role: role(&row.text(1)?, person)?,
                created_at: Instant(row.int(2)?),
                contact: row.bytes(3)?,
            })
        },
    )
}

/// The business's owners, locked in a fixed order, so that two owners cannot leave at the same time.
pub fn owners_for_update(connection: &mut Connection, business: BusinessId) -> Result<Vec<PersonId>> {
    connection.all(
        "select person_id from members where business_id = $1 and role = 'owner' order by person_id for update",
        &[Param::Id(business.0)],
        |row| row.id(0).map(PersonId),
    )
}

/// Adds a member, or changes a member's role.
pub fn put_member(
    connection: &mut Connection,
    business: BusinessId,
    person: PersonId,
    role: MemberRole,
    now: Instant,
) -> Result<()> {
    connection.execute(
        "insert into members (business_id, person_id, role, created_at) values ($1, $2, $3, $4) \
         on conflict (business_id, person_id) do update set role = excluded.role",
        &[Param::Id(business.0), Param::Id(person.0), role.as_str().into(), now.into()],
    )?;
    Ok(())
}

/// `false` if the person was not a member.
pub fn remove_member(connection: &mut Connection, business: BusinessId, person: PersonId) -> Result<bool> {
    let sql = "delete from members where business_id = $1 and person_id = $2";
    Ok(connection.execute(sql, &[Param::Id(business.0), Param::Id(person.0)])? == 1)
}

/// Stores an invitation and replaces an earlier one to the same address.
pub fn invite(connection: &mut Connection, invitation: &Invitation, token_hash: &[u8]) -> Result<()> {
    connection.execute(
        "delete from invitations where business_id = $1 and email_index = $2",
        &[Param::Id(invitation.business.0), Param::Int(invitation.email_index.0)],
    )?;
    let params = [&invitation.params()[..], &[Param::Bytes(token_hash)]].concat();
    connection.execute(invitation_columns!(insert "token_hash"), &params)?;
    Ok(())
}

/// Removes and returns a pending invitation, so that it can be accepted once.
pub fn take_invitation(
    connection: &mut Connection,
    token_hash: &[u8],
    now: Instant,
) -> Result<Option<Invitation>> {
    let found = connection.optional(
        concat!(
            "select ",
            invitation_columns!(),
            " from invitations where token_hash = $1 and expires_at > $2 for update"
        ),
        &[Param::Bytes(token_hash), now.into()],
        Invitation::read,
    )?;
    let sql = "delete from invitations where token_hash = $1";
    let is_ours = connection.execute(sql, &[Param::Bytes(token_hash)])? == 1;
    Ok(found.filter(|_| is_ours))
}

/// A business's pending invitations, oldest first.
pub fn invitations(
    connection: &mut Connection,
    business: BusinessId,
    now: Instant,
) -> Result<Vec<Invitation>> {
    connection.all(
        concat!(
            "select ",
            invitation_columns!(),
            " from invitations where business_id = $1 and expires_at > $2 order by created_at, id"
        ),
        &[Param::Id(business.0), now.into()],
        Invitation::read,
    )
}

/// `false` if there is no such invitation.
pub fn withdraw(connection: &mut Connection, business: BusinessId, id: InvitationId) -> Result<bool> {
    let sql = "delete from invitations where business_id = $1 and id = $2";
    Ok(connection.execute(sql, &[Param::Id(business.0), Param::Id(id.0)])? == 1)
}

fn business(row: &Row<'_>) -> Result<Business> {
    Ok(Business { id: BusinessId(row.id(0)?), name: row.text(1)?, created_at: Instant(row.int(2)?) })
}

fn role(word: &str, whose: impl std::fmt::Display) -> Result<MemberRole> {
    MemberRole::from_word(word).ok_or_else(|| StoreError::corrupt("members", "role", whose))
}
