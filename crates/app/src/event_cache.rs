//! What is cached of events, and the duty to forget it: all at once, before anyone is answered whose command may have
//! changed it. A caller who leaves before that owes the cache this step, and the sweeper does it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use domain::command::Command;
use domain::line::Detail;
use domain::time::Instant;

use crate::App;

pub(crate) const NAMESPACE: &str = "events";
pub(crate) const TTL: Duration = Duration::from_mins(5);
/// How long after its caller has left a command may still change something.
const OWED_MS: i64 = 60_000;

/// Until when the cache must be emptied again and again, as unix milliseconds.
#[derive(Debug, Default)]
pub struct Owed(AtomicI64);

impl Owed {
    fn since(&self, now: Instant) {
        self.0.fetch_max(now.0 + OWED_MS, Ordering::SeqCst);
    }

    pub(crate) fn is_due(&self, now: Instant) -> bool {
        now.0 < self.0.load(Ordering::SeqCst)
    }
}

/// The duty to forget what is cached after a change that may be on its way.
pub(crate) struct Stale<'a> {
    app: &'a App,
    is_owed: bool,
}

impl<'a> Stale<'a> {
    pub fn after_change(app: &'a App) -> Self {
        Self { app, is_owed: true }
    }

    /// After a command, if it may give or take seats.
    pub fn after(app: &'a App, command: &Command) -> Self {
        let is_owed = match command {
            Command::Create(_) => command.plans().any(|plan| {
                let mut choices = plan.lines.iter().filter_map(|line| line.choices.first());
                choices.any(|choice| matches!(choice.detail, Detail::Ticket { .. }))
            }),
            Command::Update(update) => update.plan.is_some(),
            Command::SetStatus(_) | Command::Expire(_) => true,
        };
        Self { app, is_owed }
    }

    pub async fn forget(mut self) {
        if self.is_owed {
            forget(self.app).await;
            self.is_owed = false;
        }
    }

    /// Nothing was changed.
    pub fn unchanged(mut self) {
        self.is_owed = false;
    }
}

impl Drop for Stale<'_> {
    fn drop(&mut self) {
        if self.is_owed {
            self.app.events_owed.since(self.app.clock.now());
        }
    }
}

/// Forgets everything that is cached of events.
pub(crate) async fn forget(app: &App) {
    app.backplane.cache().invalidate(NAMESPACE).await;
}
