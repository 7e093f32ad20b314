//! The service: JSON for case systems, a page for people.
//!
//! [`serve`] opens everything, then listens: what is broken is told before the first
//! request. [`router`] is the whole service without a socket, for tests and embedding.

mod body;
mod docs;

mod middleware;
mod openapi;
mod page;
mod plain;
mod problem;
mod schemes;
mod state;
mod status;
mod suggest;
mod type_ahead;

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use middleware::around;
pub use problem::{Code, Problem, ProblemDocument};
pub use state::{AppState, Cost, Gate, Watch};

use crate::config::Settings;
use crate::extractor::{Extractor, OpenError, Request};

/// A client has so long to send the head of a request, and an idle connection stays so long.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// Most open connections; more wait in the system's own queue.
const MAX_CONNECTIONS: usize = 1024;
/// How often old samples of the metrics are folded away.
const UPKEEP: Duration = Duration::from_secs(5);

/// The service cannot start, or cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The engine does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The address cannot be had.
    #[error("failed to listen on {listen}: {reason}")]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// Why.
        reason: std::io::Error,
    },
    /// The system gives no threads.
    #[error("failed to start threads: {0}")]
    Threads(std::io::Error),
}

/// Opens the engine, listens, and serves until the process is told to stop.
///
/// # Errors
/// [`ServeError`] where lists, calibration or address cannot be used.
pub fn serve(settings: Settings, metrics: PrometheusHandle) -> Result<(), ServeError> {
    let extractor = Arc::new(Extractor::open(&settings.lexicons, &settings.models)?);
    // The first note would pay for pages of memory that nobody has touched yet.
    extractor.suggest("Invented note to warm up: mum is in rent arrears.", &Request::default());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(ServeError::Threads)?;
    runtime.block_on(async {
        let listen = settings.listen;
        let refused = |reason| ServeError::Listen { listen, reason };
        let listener = TcpListener::bind(listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        tracing::info!(%address, "listening");
        run(listener, AppState::new(extractor, settings, metrics), stopped()).await;
        tracing::info!("stopped");
        Ok(())
    })
}

/// Serves until `shutdown`, then lets the requests under way finish.
pub async fn run(listener: TcpListener, state: AppState, shutdown: impl Future<Output = ()>) {
    let service = TowerToHyperService::new(router(state.clone()));
    let mut server = hyper::server::conn::http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let upkeep = tokio::spawn(keep_up(state.metrics().clone()));
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = async {
            let place = places.clone().acquire_owned().await;
            (listener.accept().await, place)
        };
        let (stream, place) = tokio::select! {
            () = &mut shutdown => break,
            (Ok((stream, _)), place) = accepted => (stream, place),
            // Out of file handles, mostly: others will close theirs.
            else => { tokio::time::sleep(Duration::from_millis(100)).await; continue }
        };
        // Answers are short; waiting to fill a packet would only delay them.
        let _ = stream.set_nodelay(true);
        let connection = graceful.watch(server.serve_connection(TokioIo::new(stream), service.clone()));
        tokio::spawn(async move {
            // A client that breaks off is no news, and its error might quote what it sent.
            let _ = connection.await;
            drop(place);
        });
    }
    state.drain();
    drop(listener);
    upkeep.abort();
    let patience = Duration::from_millis(state.settings().request_timeout_ms) + Duration::from_secs(1);
    if tokio::time::timeout(patience, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
}

async fn keep_up(metrics: PrometheusHandle) {
    let mut ticks = tokio::time::interval(UPKEEP);
    loop {
        ticks.tick().await;
        metrics.run_upkeep();
    }
}

/// Ready when the process gets SIGTERM or ctrl-c.
async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
            return;
        }
    }
    let _ = interrupt.await;
}

/// The whole service.
pub fn router(state: AppState) -> Router {
    let (api, _) = documented().split_for_parts();
    around(api.merge(page::routes()), &state).with_state(state)
}

/// The OpenAPI document of the service, as `/openapi.json` shows it.
pub fn openapi() -> serde_json::Value {
    openapi::document()
}

/// The routes that the OpenAPI document describes.
fn documented() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(openapi::frame())
        .routes(routes!(suggest::suggest))
        .routes(routes!(suggest::batch))
        .routes(routes!(schemes::list))
        .routes(routes!(schemes::scheme))
        .routes(routes!(schemes::concepts))
        .routes(routes!(schemes::concept))
        .routes(routes!(status::info))
        .routes(routes!(status::live))
        .routes(routes!(status::ready))
        .routes(routes!(status::metrics))
        .routes(routes!(status::openapi))
}
