//! Jobs for admins: listing and retrying them.

use domain::actor::Actor;
use domain::authorise::{Denied, Resource, authorise};
use domain::ids::JobId;
use domain::permission::Permission;
use engine::Subject;
use store::jobs::{self, Count, Found, State};

use crate::App;
use crate::lanes::Fault;

#[derive(Debug, Clone, thiserror::Error)]
pub enum JobRefusal {
    /// Also if the caller is not an admin.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Only failed jobs can be retried.
    #[error("the job is {0}")]
    NotGivenUp(State),
    #[error(transparent)]
    Failed(#[from] Fault),
}

/// The parameters of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobsAsked {
    pub state: Option<State>,
    /// Jobs before this one.
    pub before: Option<JobId>,
    pub count_max: i64,
}

/// Newest first, and whether there are more.
pub async fn list(app: &App, actor: Actor, asked: JobsAsked) -> Result<(Vec<Found>, bool), JobRefusal> {
    authorised(actor)?;
    let JobsAsked { state, before, count_max } = asked;
    let found = app.readers.ask(move |connection| jobs::list(connection, state, before, count_max + 1));
    let mut found = found.await.map_err(Fault::from)?;
    let wanted = usize::try_from(count_max).unwrap_or(usize::MAX);
    let more = found.len() > wanted;
    found.truncate(wanted);
    Ok((found, more))
}

pub async fn get(app: &App, actor: Actor, id: JobId) -> Result<Found, JobRefusal> {
    authorised(actor)?;
    let found = app.readers.ask(move |connection| jobs::by_id(connection, id));
    found.await.map_err(Fault::from)?.ok_or(Denied::NotFound("job").into())
}

/// How many jobs there are, by kind and state.
pub async fn counts(app: &App, actor: Actor) -> Result<Vec<Count>, JobRefusal> {
    authorised(actor)?;
    Ok(app.readers.ask(jobs::counts).await.map_err(Fault::from)?)
}

/// Retries a failed job soon.
pub async fn retry(app: &App, actor: Actor, id: JobId) -> Result<Found, JobRefusal> {
    authorised(actor)?;
    let retried = app.engine.save(Subject(id.0), move |unit| {
        let (connection, now) = unit.parts();
        let retried = jobs::retry(connection, id, now)?;
        Ok((retried, jobs::by_id(connection, id)?))
    });
    match retried.await? {
        (true, Some(job)) => {
            app.jobs.wake();
            Ok(job)
        }
        (false, Some(job)) => Err(JobRefusal::NotGivenUp(job.state)),
        (_, None) => Err(Denied::NotFound("job").into()),
    }
}

fn authorised(actor: Actor) -> Result<(), Denied> {
    authorise(actor, Permission::UseJobs, Resource::of_operator("job"))
}
