//! The endpoints of jobs, for admins.

use std::sync::Arc;

use app::App;
use app::jobs::{self, JobsAsked};
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use domain::field::FieldErrors;

use super::query::{LIMIT_DEFAULT, LIMIT_MAX, pairs};
use super::{Segment, json, path_id};
use crate::caller::Caller;
use crate::problem::Problem;
use crate::view::jobs::{JobPage, JobView};

type Shared = State<Arc<App>>;

pub async fn list(State(app): Shared, Caller(actor): Caller, uri: Uri) -> Result<Response, Problem> {
    let asked = asked(&uri)?;
    let (jobs, more) = jobs::list(&app, actor, asked).await?;
    let next_cursor = jobs.last().filter(|_| more).map(|job| job.id.to_string());
    Ok(json(StatusCode::OK, &JobPage { jobs: jobs.iter().map(JobView::from).collect(), next_cursor }))
}

pub async fn by_id(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(id): Segment,
) -> Result<Response, Problem> {
    let job = jobs::get(&app, actor, path_id(&id)?).await?;
    Ok(json(StatusCode::OK, &JobView::from(&job)))
}

pub async fn retry(
    State(app): Shared,
    Caller(actor): Caller,
    Segment(id): Segment,
) -> Result<Response, Problem> {
    let job = jobs::retry(&app, actor, path_id(&id)?).await?;
    Ok(json(StatusCode::OK, &JobView::from(&job)))
}

fn asked(uri: &Uri) -> Result<JobsAsked, Problem> {
    let mut asked = JobsAsked { state: None, before: None, count_max: LIMIT_DEFAULT };
    let mut errors = FieldErrors::default();
    for (name, value) in pairs(uri)? {
        let wrong = match name.as_str() {
            "limit" => match value.parse() {
                Ok(limit @ 1..=LIMIT_MAX) => {
                    asked.count_max = limit;
                    None
                }
                Ok(_) | Err(_) => Some(format!("must be from 1 to {LIMIT_MAX}")),
            },
            "cursor" => {
                asked.before = value.parse().ok();
                asked.before.is_none().then(|| "is not a cursor of this list".to_owned())
            }
            "state" => match value.parse() {
                Ok(state) => {
                    asked.state = Some(state);
                    None
                }
                Err(error) => Some(jobs::NotAState::to_string(&error)),
            },
            _ => Some("is not a parameter of this list".to_owned()),
        };
        if let Some(detail) = wrong {
            errors.add(format!("query:{name}"), detail);
        }
    }
    errors.or(asked).map_err(|errors| Problem::invalid(&errors))
}
