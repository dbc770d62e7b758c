//! A job as shown to an admin, without its payload.

use app::jobs::Found;
use domain::ids::JobId;
use domain::time::Instant;

use crate::shape::view;

view! {
    pub struct JobView<'a> as "Job" {
        id: JobId,
        /// The kind of job: `send_code`, `send_sms` or `send_mail`.
        kind: &'a str,
        /// `waiting` or `running`; or, at the end, `done`, `dead` (given up, not done) or `unclear` (given up, perhaps
        /// done).
        state: &'static str,
        /// When the next attempt is due, or when the last one was.
        run_at: Instant,
        attempts: i64,
        attempts_max: i64,
        /// Why the last attempt failed.
        last_error: Option<&'a str>,
        created_at: Instant,
        finished_at: Option<Instant>,
    }

    /// Jobs, newest first.
    pub struct JobPage<'a> as "JobPage" {
        jobs: Vec<JobView<'a>>,
        /// Send it as `cursor` to read the next page. Null on the last page.
        next_cursor: Option<String>,
    }
}

impl<'a> From<&'a Found> for JobView<'a> {
    fn from(job: &'a Found) -> Self {
        Self {
            id: job.id,
            kind: &job.kind,
            state: job.state.as_str(),
            run_at: job.run_at,
            attempts: job.attempts,
            attempts_max: job.attempts_max,
            last_error: job.last_error.as_deref(),
            created_at: job.created_at,
            finished_at: job.finished_at,
        }
    }
}
