//! A job as an admin sees it. What it carries is not shown.

use app::jobs::Found;
use domain::ids::JobId;
use domain::time::Instant;

use crate::shape::view;

view! {
    pub struct JobView<'a> as "Job" {
        id: JobId,
        /// What it does: `send_code`, `send_sms`, `send_mail`.
        kind: &'a str,
        /// `waiting` and `running` go on; `done`, `dead` (given up, not done) and `unclear` (given up, and nobody knows
        /// whether it was done) do not.
        state: &'static str,
        /// When it is due, or was when it was last begun.
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
        /// Where the next page begins; null on the last.
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
