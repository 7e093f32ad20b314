//! Log lines on stderr, the metrics registry, and panics that keep quiet.
//!
//! Redaction is by construction: the fields of a log line are method, route template,
//! status, times, sizes and request identifier, all made in one place
//! (`api/middleware.rs`); other crates are heard from `warn` up only; and a panic is
//! logged by its place in the code, never by its message, which could quote a note.

use std::io::Write as _;
use std::panic::PanicHookInfo;
use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, Registry};

use crate::config::{LogFormat, LogLevel};

/// Times in seconds between which latencies are counted.
const BUCKETS: &[f64] = &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Starts logging to stderr, and makes panics keep quiet. A second call changes nothing.
pub fn start(format: LogFormat, level: LogLevel) {
    // It fails only where a subscriber is there already, and then that one stays.
    let _ = subscriber(format, level, std::io::stderr).try_init();
    std::panic::set_hook(Box::new(report_panic));
}

/// The subscriber that [`start`] installs, with another writer.
pub fn subscriber<W>(format: LogFormat, level: LogLevel, writer: W) -> impl tracing::Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    // Libraries below us may log what they handle, which is note text.
    let targets = Targets::new().with_target("casecoder", level).with_default(level.min(LevelFilter::WARN));
    let layer = tracing_subscriber::fmt::layer().with_writer(writer);
    let layer = match format {
        LogFormat::Text => layer.with_ansi(false).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed(),
    };
    Registry::default().with(layer.with_filter(targets))
}

/// The panic hook: the place in the code, never the message.
pub fn report_panic(info: &PanicHookInfo<'_>) {
    let place = info.location().map_or_else(|| "unknown".to_owned(), |at| format!("{}:{}", at.file(), at.line()));
    if tracing::dispatcher::has_been_set() {
        tracing::error!(place, "panic");
    } else {
        // Nothing more can be done where stderr is closed.
        let _ = writeln!(std::io::stderr(), "panic at {place}");
    }
}

/// The metrics registry of this process, installed at the first call.
pub fn metrics() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            let builder = PrometheusBuilder::new();
            let recorder =
                builder.set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), BUCKETS).unwrap_or_else(|_| PrometheusBuilder::new()).build_recorder();
            let handle = recorder.handle();
            // Another registry is there already only if an embedding program installed its own.
            let _ = metrics::set_global_recorder(recorder);
            describe();
            handle
        })
        .clone()
}

fn describe() {
    use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
    describe_counter!("casecoder_http_requests_total", "Requests by method, route and status.");
    describe_histogram!("casecoder_http_request_seconds", Unit::Seconds, "Time from the request's head to the answer's head.");
    describe_counter!("casecoder_http_request_bytes_total", Unit::Bytes, "Bytes of request bodies that were read.");
    describe_counter!("casecoder_notes_total", "Notes by outcome.");
    describe_histogram!("casecoder_read_seconds", Unit::Seconds, "Time in the engine for one request.");
    describe_histogram!("casecoder_wait_seconds", Unit::Seconds, "Time that a request waited for its turn.");
    describe_gauge!("casecoder_requests_waiting", "Requests that wait for their turn.");
    describe_gauge!("casecoder_requests_reading", "Requests whose notes are being read.");
    describe_counter!("casecoder_panics_total", "Requests that ended in a defect of this program.");
}
