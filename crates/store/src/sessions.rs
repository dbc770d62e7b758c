//! Sessions. Each row is one sign-in and the family of its refresh tokens.

use domain::ids::{BusinessId, PersonId, SessionId};
use domain::permission::MemberRole;
use domain::time::Instant;

use crate::error::{Result, StoreError};
use crate::row::{TableRow as _, row};
use crate::seam::{Connection, Param, Row, Rows};

row! {
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Session of "sessions" as columns {
        id: SessionId = "id",
        person: PersonId = "person_id",
        /// The business that the person acts for in this session; `None` if for themselves.
        acts_for: Option<BusinessId> = "acts_for",
        /// Network address and device. Sealed.
        seen: Vec<u8> = "seen",
        /// Only the refresh token of this generation is valid.
        refresh_generation: i64 = "refresh_generation",
        created_at: Instant = "created_at",
        last_seen_at: Instant = "last_seen_at",
        expires_at: Instant = "expires_at",
        revoked_at: Option<Instant> = "revoked_at",
        revoked_why: Option<String> = "revoked_why",
    }
}

/// A session with the current permissions of its person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub session: Session,
    pub is_admin: bool,
    pub is_deactivated: bool,
    /// The person's role in the business that the session acts for.
    pub role: Option<MemberRole>,
}

pub fn insert(connection: &mut Connection, sessions: &[Session]) -> Result<()> {
    connection.write_many(columns!(insert), &Session::rows(sessions))
}

pub fn standing(connection: &mut Connection, id: SessionId) -> Result<Option<Standing>> {
    Ok(standings(connection, &[id])?.pop().flatten())
}

/// The standings of the sessions, in their order.
pub fn standings(connection: &mut Connection, ids: &[SessionId]) -> Result<Vec<Option<Standing>>> {
    let keys = Rows::of_ids(ids.iter().map(|id| id.0));
    let mut standings: Vec<Option<Standing>> = ids.iter().map(|_| None).collect();
    let found = connection.all_many(
        concat!(
            "select ",
            columns!("s."),
            ", p.is_admin, p.deactivated_at, m.role from sessions s join people p on p.id = s.person_id \
             left join members m on m.business_id = s.acts_for and m.person_id = s.person_id where s.id = $1"
        ),
        &keys,
        |index, row| Ok((index, a_standing(row)?)),
    )?;
    for (index, standing) in found {
        if let Some(place) = standings.get_mut(index) {
            *place = Some(standing);
        }
    }
    Ok(standings)
}

/// A person's active sessions, newest first.
pub fn of_person(connection: &mut Connection, person: PersonId, now: Instant) -> Result<Vec<Session>> {
    connection.all(
        concat!(
            "select ",
            columns!(),
            " from sessions where person_id = $1 and revoked_at is null and expires_at > $2 \
             order by created_at desc, id desc"
        ),
        &[Param::Id(person.0), now.into()],
        Session::read,
    )
}

/// Moves a session from one generation of its refresh token to the next. `false` if it is not at that generation or
/// has ended.
pub fn rotate(
    connection: &mut Connection,
    id: SessionId,
    generation: i64,
    seen: &[u8],
    (now, expires_at): (Instant, Instant),
) -> Result<bool> {
    let changed = connection.execute(
        "update sessions set refresh_generation = refresh_generation + 1, seen = $3, last_seen_at = $4, \
         expires_at = $5 where id = $1 and refresh_generation = $2 and revoked_at is null and expires_at > $4",
        &[Param::Id(id.0), Param::Int(generation), Param::Bytes(seen), now.into(), expires_at.into()],
    )?;
    Ok(changed == 1)
}

/// Ends a session of `person`. `false` if there is no such session, or if it had ended.
pub fn revoke(
    connection: &mut Connection,
    id: SessionId,
    person: PersonId,
    why: &str,
    now: Instant,
) -> Result<bool> {
    let changed = connection.execute(
        "update sessions set revoked_at = $3, revoked_why = $4 \
         where id = $1 and person_id = $2 and revoked_at is null",
        &[Param::Id(id.0), Param::Id(person.0), now.into(), why.into()],
    )?;
    Ok(changed == 1)
}

/// Ends all of a person's sessions except `spared`, and returns how many.
pub fn revoke_all(
    connection: &mut Connection,
    person: PersonId,
    spared: Option<SessionId>,
    why: &str,
    now: Instant,
) -> Result<u64> {
    let spared = spared.map_or(uuid::Uuid::nil(), |id| id.0);
    connection.execute(
        "update sessions set revoked_at = $3, revoked_why = $4 \
         where person_id = $1 and id <> $2 and revoked_at is null",
        &[Param::Id(person.0), Param::Id(spared), now.into(), why.into()],
    )
}

/// Sets who the session acts for.
pub fn act_for(connection: &mut Connection, id: SessionId, business: Option<BusinessId>) -> Result<()> {
    let business = business.map(|business| business.0);
    connection
        .execute("update sessions set acts_for = $2 where id = $1", &[Param::Id(id.0), business.into()])?;
    Ok(())
}

/// Records when sessions were last used.
pub fn touch(connection: &mut Connection, used: &[(SessionId, Instant)]) -> Result<()> {
    let mut rows = Rows::new(2, used.len());
    for (id, at) in used {
        rows.push([Param::Id(id.0), (*at).into()]);
    }
    connection.write_many("update sessions set last_seen_at = $2 where id = $1 and last_seen_at < $2", &rows)
}

/// Deletes up to `count_max` sessions that ended before `before`, and returns how many.
pub fn purge(connection: &mut Connection, before: Instant, count_max: i64) -> Result<u64> {
    connection.execute(
        "delete from sessions where id in (select id from sessions where expires_at <= $1 order by expires_at limit $2)",
        &[before.into(), Param::Int(count_max)],
    )
}

/// A session's row, then what its person may be.
fn a_standing(row: &Row<'_>) -> Result<Standing> {
    const PERSON: usize = Session::WIDTH;
    let session = Session::read(row)?;
    let corrupt = || StoreError::corrupt("members", "role", session.id);
    let role = row.opt_text(PERSON + 2)?;
    let role = role.map(|word| MemberRole::from_word(&word).ok_or_else(corrupt)).transpose()?;
    let (is_admin, is_deactivated) = (row.int(PERSON)? != 0, row.opt_int(PERSON + 1)?.is_some());
    Ok(Standing { session, is_admin, is_deactivated, role })
}
