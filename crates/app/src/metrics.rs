//! What is counted, in Prometheus' text form. Handles are resolved once, so that counting costs nanoseconds.

use prometheus::{
    Encoder, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder, exponential_buckets,
};

pub struct Metrics {
    registry: Registry,
    /// Commands that wait for a lane, over all lanes.
    pub lane_queue_length: IntGauge,
    /// Commands in one batch.
    pub lane_batch_commands: Histogram,
    /// From the beginning of a batch's transaction to the end of its commit, in seconds.
    pub lane_batch_seconds: Histogram,
    /// The commit alone, in seconds.
    pub lane_commit_seconds: Histogram,
    /// From entering the queue to being taken out of it, in seconds.
    pub lane_wait_seconds: Histogram,
    /// Batches that failed and were done again command by command.
    pub lane_batches_replayed: IntCounter,
    pub bookings_created: IntCounter,
    pub bookings_changed: IntCounter,
    pub answers_replayed: IntCounter,
    pub refusals: IntCounterVec,
    pub holds_ended: IntCounter,
    pub sessions_opened: IntCounter,
    /// Refresh tokens that were used twice, and ended their sessions.
    pub refresh_replayed: IntCounter,
    pub codes_sent: IntCounter,
    /// Times that the keys of the external issuer could not be read.
    pub external_issuer_keys_failed: IntCounter,
    /// Attempts to sign in or to be sent something that were refused, by reason.
    pub auth_refused: IntCounterVec,
    /// Attempts at jobs, by kind and by how they ended: `done`, `failed` (to be tried again), `dead`, `unclear`.
    pub jobs_ended: IntCounterVec,
    /// Jobs that wait or run, by kind and state, over all processes, as last counted.
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
        let seconds = || exponential_buckets(0.000_05, 2.0, 18).expect("the buckets are well formed");
        let commands = || exponential_buckets(1.0, 2.0, 11).expect("the buckets are well formed");
        let refusals =
            IntCounterVec::new(Opts::new("holdfast_refusals_total", "Commands refused"), &["reason"])
                .expect("the metric is well formed");
        register(&registry, &refusals);
        let jobs_ended = IntCounterVec::new(
            Opts::new("holdfast_jobs_ended_total", "Attempts at jobs that ended"),
            &["kind", "outcome"],
        )
        .expect("the metric is well formed");
        register(&registry, &jobs_ended);
        let jobs_open =
            IntGaugeVec::new(Opts::new("holdfast_jobs_open", "Jobs not over"), &["kind", "state"])
                .expect("the metric is well formed");
        register(&registry, &jobs_open);
        let auth_refused = IntCounterVec::new(
            Opts::new("holdfast_auth_refused_total", "Attempts to sign in or to be sent something, refused"),
            &["reason"],
        )
        .expect("the metric is well formed");
        register(&registry, &auth_refused);
        Self {
            sessions_opened: counter(&registry, "holdfast_sessions_opened_total", "Sessions opened"),
            refresh_replayed: counter(
                &registry,
                "holdfast_refresh_replayed_total",
                "Refresh tokens used twice",
            ),
            codes_sent: counter(&registry, "holdfast_codes_sent_total", "One-time codes sent"),
            external_issuer_keys_failed: counter(
                &registry,
                "holdfast_external_issuer_keys_failed_total",
                "Attempts to read the external issuer's keys that failed",
            ),
            auth_refused,
            lane_queue_length: gauge(&registry, "holdfast_lane_queue_length", "Commands waiting for a lane"),
            lane_batch_commands: histogram(
                &registry,
                ("holdfast_lane_batch_commands", "Commands in a batch"),
                commands(),
            ),
            lane_batch_seconds: histogram(
                &registry,
                ("holdfast_lane_batch_seconds", "Time of a batch"),
                seconds(),
            ),
            lane_commit_seconds: histogram(
                &registry,
                ("holdfast_lane_commit_seconds", "Time of a commit"),
                seconds(),
            ),
            lane_wait_seconds: histogram(
                &registry,
                ("holdfast_lane_wait_seconds", "Time in the queue"),
                seconds(),
            ),
            lane_batches_replayed: counter(
                &registry,
                "holdfast_lane_batches_replayed_total",
                "Batches done again command by command",
            ),
            bookings_created: counter(&registry, "holdfast_bookings_created_total", "Bookings made"),
            bookings_changed: counter(&registry, "holdfast_bookings_changed_total", "Bookings changed"),
            answers_replayed: counter(
                &registry,
                "holdfast_answers_replayed_total",
                "Answers repeated for a key",
            ),
            holds_ended: counter(&registry, "holdfast_holds_ended_total", "Holds ended by the sweeper"),
            refusals,
            jobs_ended,
            jobs_open,
            registry,
        }
    }

    /// All metrics in the text form.
    pub fn text(&self) -> String {
        let mut text = Vec::new();
        if let Err(error) = TextEncoder::new().encode(&self.registry.gather(), &mut text) {
            tracing::error!(%error, "cannot write metrics");
        }
        String::from_utf8(text).unwrap_or_default()
    }
}

fn register(registry: &Registry, metric: &(impl prometheus::core::Collector + Clone + 'static)) {
    registry.register(Box::new(metric.clone())).expect("each metric is registered once");
}

fn counter(registry: &Registry, name: &str, help: &str) -> IntCounter {
    let metric = IntCounter::new(name, help).expect("the metric is well formed");
    register(registry, &metric);
    metric
}

fn gauge(registry: &Registry, name: &str, help: &str) -> IntGauge {
    let metric = IntGauge::new(name, help).expect("the metric is well formed");
    register(registry, &metric);
    metric
}

fn histogram(registry: &Registry, (name, help): (&str, &str), buckets: Vec<f64>) -> Histogram {
    let options = HistogramOpts::new(name, help).buckets(buckets);
    let metric = Histogram::with_opts(options).expect("the metric is well formed");
    register(registry, &metric);
    metric
}
