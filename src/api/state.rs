//! [`AppState`]: what all requests share, and [`Gate`]: how many notes are read at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::openapi;
use super::problem::{Code, Problem};
use super::schemes::TypeAhead;
use crate::config::Settings;
use crate::extractor::Extractor;

/// What all requests share. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    shared: Arc<Shared>,
}

struct Shared {
    extractor: Arc<Extractor>,
    settings: Settings,
    metrics: PrometheusHandle,
    gate: Gate,
    type_ahead: TypeAhead,
    documents: openapi::Documents,
    draining: AtomicBool,
}

impl AppState {
    /// Everything that requests need, made once; `metrics` is the registry that `/metrics` shows.
    pub fn new(extractor: Arc<Extractor>, settings: Settings, metrics: PrometheusHandle) -> Self {
        let gate = Gate::new(settings.concurrency, settings.queue);
        let type_ahead = TypeAhead::new(extractor.lexicon());
        let documents = openapi::Documents::new();
        let shared = Shared { extractor, settings, metrics, gate, type_ahead, documents, draining: AtomicBool::new(false) };
        Self { shared: Arc::new(shared) }
    }

    /// The engine.
    pub fn extractor(&self) -> &Arc<Extractor> {
        &self.shared.extractor
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// The gate before the engine.
    pub fn gate(&self) -> &Gate {
        &self.shared.gate
    }

    pub(super) fn metrics(&self) -> &PrometheusHandle {
        &self.shared.metrics
    }

    pub(super) fn type_ahead(&self) -> &TypeAhead {
        &self.shared.type_ahead
    }

    pub(super) fn documents(&self) -> &openapi::Documents {
        &self.shared.documents
    }

    /// True from the moment that the service is told to stop.
    pub fn draining(&self) -> bool {
        self.shared.draining.load(Ordering::Relaxed)
    }

    pub(super) fn drain(&self) {
        self.shared.draining.store(true, Ordering::Relaxed);
    }
}

/// Lets so many requests through to the engine, and so many more wait. One gate for the
/// whole service: a limit inside a middleware would be one for each connection or route.
pub struct Gate {
    permits: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

/// What a request's work cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// Time before its turn.
    pub wait: Duration,
    /// Time in the engine.
    pub read: Duration,
}

impl Gate {
    fn new(concurrency: usize, queue: usize) -> Self {
        Self { permits: Arc::new(Semaphore::new(concurrency)), queue: Arc::new(Semaphore::new(queue)) }
    }

    /// Whether a request would be refused now: worth knowing before its body is read.
    ///
    /// # Errors
    /// [`Code::Overloaded`].
    pub fn check(&self) -> Result<(), Problem> {
        if self.permits.available_permits() == 0 && self.queue.available_permits() == 0 { Err(overloaded()) } else { Ok(()) }
    }

    /// Does `work` on a thread that may block, when it is this request's turn. The work gets
    /// a [`Watch`] that tells whether anybody still waits for the answer.
    ///
    /// # Errors
    /// [`Code::Overloaded`] where the queue is full; [`Code::Internal`] where the work panics.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce(&Watch) -> T + Send + 'static) -> Result<(T, Cost), Problem> {
        let asked = Instant::now();
        let permit = self.enter().await?;
        let wait = asked.elapsed();
        let watch = Watch::default();
        // Dropped with the request's future: at a timeout, or when the client goes away.
        let _gone = SetOnDrop(watch.clone());
        let task = tokio::task::spawn_blocking(move || {
            // Work that has begun cannot be stopped from outside, so the permit is the work's own:
            // the limit counts threads at work, not requests that still wait for them.
            let _permit = permit;
            let reading = Counted::new("casecoder_requests_reading");
            let started = Instant::now();
            let value = work(&watch);
            drop(reading);
            (value, started.elapsed())
        });
        // The panic's own message may quote the note: it is dropped here.
        let (value, read) = task.await.map_err(|_| Problem::new(Code::Internal))?;
        Ok((value, Cost { wait, read }))
    }

    async fn enter(&self) -> Result<OwnedSemaphorePermit, Problem> {
        if let Ok(permit) = self.permits.clone().try_acquire_owned() {
            return Ok(permit);
        }
        let _place = self.queue.clone().try_acquire_owned().map_err(|_| overloaded())?;
        let _waiting = Counted::new("casecoder_requests_waiting");
        self.permits.clone().acquire_owned().await.map_err(|_| Problem::new(Code::Internal))
    }
}

fn overloaded() -> Problem {
    Problem::new(Code::Overloaded)
}

/// Whether anybody still waits for the answer.
#[derive(Clone, Default)]
pub struct Watch(Arc<AtomicBool>);

impl Watch {
    /// True after the request timed out or its client went away.
    pub fn gone(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

struct SetOnDrop(Watch);

impl Drop for SetOnDrop {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

/// One more on a gauge for as long as it lives, panics included.
struct Counted(metrics::Gauge);

impl Counted {
    fn new(name: &'static str) -> Self {
        let gauge = metrics::gauge!(name);
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
