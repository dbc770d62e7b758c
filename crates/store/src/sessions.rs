//! Sessions: one row for each sign-in, which is also the family of its refresh tokens.

use domain::ids::{BusinessId, PersonId, SessionId};
use domain::permission::MemberRole;
use domain::time::Instant;

use crate::error::{Result, StoreError};
use crate::seam::{Connection, Param, Row, Rows};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub person: PersonId,
    /// The business that the person acts for in this session; for themselves where there is none.
    pub acts_for: Option<BusinessId>,
    /// From where and with what, sealed.
    pub seen: Vec<u8>,
    /// Only the refresh token of this generation is good.
    pub refresh_generation: i64,
    pub created_at: Instant,
    pub last_seen_at: Instant,
    pub expires_at: Instant,
    pub revoked_at: Option<Instant>,
    pub revoked_why: Option<String>,
}

/// A session together with what its person may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub session: Session,
    pub is_admin: bool,
    pub is_deactivated: bool,
    /// The person's role in the business the session acts for.
    pub role: Option<MemberRole>,
}

pub fn insert(connection: &mut Connection, sessions: &[Session]) -> Result<()> {
    let mut rows = Rows::new(8, sessions.len());
    for session in sessions {
        rows.push([
            Param::Id(session.id.0),
            Param::Id(session.person.0),
            session.acts_for.map(|business| business.0).into(),
            Param::Bytes(&session.seen),
            Param::Int(session.refresh_generation),
            session.created_at.into(),
            session.last_seen_at.into(),
            session.expires_at.into(),
        ]);
    }
    connection.write_many(
        "insert into sessions (id, person_id, acts_for, seen, refresh_generation, created_at, last_seen_at, expires_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        &rows,
    )
}

pub fn standing(connection: &mut Connection, id: SessionId) -> Result<Option<Standing>> {
    Ok(standings(connection, &[id])?.pop().flatten())
}

/// The standing of each session, in their order.
pub fn standings(connection: &mut Connection, ids: &[SessionId]) -> Result<Vec<Option<Standing>>> {
    let keys = Rows::of_ids(ids.iter().map(|id| id.0));
    let mut standings: Vec<Option<Standing>> = ids.iter().map(|_| None).collect();
    let found = connection.all_many(
        "select s.id, s.person_id, s.acts_for, s.seen, s.refresh_generation, s.created_at, s.last_seen_at, \
         s.expires_at, s.revoked_at, s.revoked_why, p.is_admin, p.deactivated_at, m.role \
         from sessions s join people p on p.id = s.person_id \
         left join members m on m.business_id = s.acts_for and m.person_id = s.person_id where s.id = $1",
        &keys,
        |index, row| {
            let (session, role) = (session(row)?, row.opt_text(12)?);
            let corrupt = || StoreError::corrupt("members", "role", session.id);
            let role = role.map(|word| MemberRole::from_word(&word).ok_or_else(corrupt)).transpose()?;
            let (is_admin, is_deactivated) = (row.int(10)? != 0, row.opt_int(11)?.is_some());
            Ok((index, Standing { session, is_admin, is_deactivated, role }))
        },
    )?;
    for (index, standing) in found {
        if let Some(place) = standings.get_mut(index) {
            *place = Some(standing);
        }
    }
    Ok(standings)
}

/// A person's sessions that live, newest first.
pub fn of_person(connection: &mut Connection, person: PersonId, now: Instant) -> Result<Vec<Session>> {
    connection.all(
        "select id, person_id, acts_for, seen, refresh_generation, created_at, last_seen_at, expires_at, revoked_at, \
         revoked_why from sessions where person_id = $1 and revoked_at is null and expires_at > $2 \
         order by created_at desc, id desc",
        &[Param::Id(person.0), now.into()],
        session,
    )
}

/// Takes a session from one generation of its refresh token to the next; `false` if it is not at that generation, or
/// lives no more.
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

/// Ends a session of `person`; `false` if there is no such session, or it had ended.
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

/// Ends all of a person's sessions but `spared`; tells how many.
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

/// Whom the session acts for from now on.
pub fn act_for(connection: &mut Connection, id: SessionId, business: Option<BusinessId>) -> Result<()> {
    let business = business.map(|business| business.0);
    connection
        .execute("update sessions set acts_for = $2 where id = $1", &[Param::Id(id.0), business.into()])?;
    Ok(())
}

/// Notes when sessions were last used.
pub fn touch(connection: &mut Connection, used: &[(SessionId, Instant)]) -> Result<()> {
    let mut rows = Rows::new(2, used.len());
    for (id, at) in used {
        rows.push([Param::Id(id.0), (*at).into()]);
    }
    connection.write_many("update sessions set last_seen_at = $2 where id = $1 and last_seen_at < $2", &rows)
}

/// Forgets up to `count_max` sessions that ended before `before`; tells how many.
pub fn purge(connection: &mut Connection, before: Instant, count_max: i64) -> Result<u64> {
    connection.execute(
        "delete from sessions where id in (select id from sessions where expires_at <= $1 order by expires_at limit $2)",
        &[before.into(), Param::Int(count_max)],
    )
}

fn session(row: &Row<'_>) -> Result<Session> {
    Ok(Session {
        id: SessionId(row.id(0)?),
        person: PersonId(row.id(1)?),
        acts_for: row.opt_id(2)?.map(BusinessId),
        seen: row.bytes(3)?,
        refresh_generation: row.int(4)?,
        created_at: Instant(row.int(5)?),
        last_seen_at: Instant(row.int(6)?),
        expires_at: Instant(row.int(7)?),
        revoked_at: row.opt_int(8)?.map(Instant),
        revoked_why: row.opt_text(9)?,
    })
}
