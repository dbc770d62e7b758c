//! Metrics in Prometheus' text format. Handles are resolved once, so that counting takes nanoseconds.

use std::sync::Arc;

use engine::metrics::{counter, counters, registered};
use prometheus::{Encoder, IntCounter, IntCounterVec, IntGaugeVec, Opts, Registry, TextEncoder};

pub struct Metrics {
    registry: Registry,
    pub engine: Arc<engine::Metrics>,
    pub bookings_created: IntCounter,
    pub bookings_changed: IntCounter,
    pub refusals: IntCounterVec,
    pub holds_ended: IntCounter,
    pub people: Arc<identity::Metrics>,
    /// Job attempts, by kind and outcome: `done`, `failed` (will be retried), `dead`, `unclear`.
    pub jobs_ended: IntCounterVec,
    /// Waiting and running jobs, by kind and state, over all processes, as last counted.
    pub jobs_open: IntGaugeVec,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    pub fn new() -> Self {
        let registry = Registry::new();
        let registry = &registry;
        let count = |name, help| counter(registry, name, help);
        Self {
            engine: Arc::new(engine::Metrics::new(registry)),
            bookings_created: count("holdfast_bookings_created_total", "Bookings created"),
            bookings_changed: count("holdfast_bookings_changed_total", "Bookings changed"),
            refusals: counters(registry, ("holdfast_refusals_total", "Commands refused"), &["reason"]),
            holds_ended: count("holdfast_holds_ended_total", "Holds expired by the sweeper"),
            people: Arc::new(identity::Metrics::new(registry)),
            jobs_ended: counters(
                registry,
                ("holdfast_jobs_ended_total", "Job attempts that ended"),
                &["kind", "outcome"],
            ),
            jobs_open: registered(
                registry,
                IntGaugeVec::new(Opts::new("holdfast_jobs_open", "Jobs not finished"), &["kind", "state"]),
            ),
            registry: registry.clone(),
        }
    }

    /// All metrics in the text format.
    pub fn text(&self) -> String {
        let mut text = Vec::new();
        if let Err(error) = TextEncoder::new().encode(&self.registry.gather(), &mut text) {
            tracing::error!(%error, "cannot write metrics");
        }
        String::from_utf8(text).unwrap_or_default()
    }
}
