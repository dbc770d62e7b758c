//! Background jobs, for admins.

use std::sync::Arc;

use app::App;
use app::jobs;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::ids::JobId;
use domain::permission::Permission;
use wire::problem::Problem;
use wire::problem::kinds;
use wire::requests::lists::JobList;
use wire::view::jobs::{JobPage, JobView};

use super::extract::{Asked, Id, json};
use crate::caller::Caller;
use crate::route::{READ, Route, WRITE};

type Shared = State<Arc<App>>;

pub fn all() -> Vec<Route> {
    vec![
        route(Route::get("/api/v1/jobs", list), "listJobs", "List background jobs")
            .says("Newest first. `state=dead` and `state=unclear` list the jobs that have failed.")
            .query::<JobList>()
            .gives::<JobPage>(200, "A page of jobs.")
            .refuses(READ),
        route(Route::get("/api/v1/jobs/{id}", by_id), "getJob", "Read a job")
            .id::<JobId>("id", "The job's id.")
            .gives::<JobView>(200, "The job.")
            .refuses(READ),
        route(Route::post("/api/v1/jobs/{id}/retry", retry), "retryJob", "Retry a job that was given up")
            .says("If a message may have been sent, the vendor is asked before it is sent again.")
            .id::<JobId>("id", "The job's id.")
            .gives::<JobView>(200, "The job, waiting for its next attempt.")
            .refuses(&[kinds::JOB_NOT_GIVEN_UP])
            .refuses(WRITE),
    ]
}

fn route(route: Route, id: &'static str, summary: &'static str) -> Route {
    route.named(id, "Jobs", summary).permission(Permission::UseJobs).refuses(&[kinds::NOT_FOUND])
}

async fn list(
    State(app): Shared,
    Caller(actor): Caller,
    Asked(asked): Asked<JobList>,
) -> Result<Response, Problem> {
    let (jobs, more) = jobs::list(&app, actor, asked.into()).await?;
    let next_cursor = jobs.last().filter(|_| more).map(|job| job.id.to_string());
    Ok(json(StatusCode::OK, &JobPage { jobs: jobs.iter().map(JobView::from).collect(), next_cursor }))
}

async fn by_id(State(app): Shared, Caller(actor): Caller, Id(id): Id<JobId>) -> Result<Response, Problem> {
    let job = jobs::get(&app, actor, id).await?;
    Ok(json(StatusCode::OK, &JobView::from(&job)))
}

async fn retry(State(app): Shared, Caller(actor): Caller, Id(id): Id<JobId>) -> Result<Response, Problem> {
    let job = jobs::retry(&app, actor, id).await?;
    Ok(json(StatusCode::OK, &JobView::from(&job)))
}
