//! `/v1/info`, `/livez`, `/readyz`, `/metrics`, `/openapi.json`: the service about itself.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::state::AppState;
use crate::assertion::{Presence, Role, Stage, Subject, Time};
use crate::provenance::Provenance;
use crate::suggestion::ModelUse;
use crate::wire::MAX_LIMIT;

/// What this server is and what it accepts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Info {
    /// The program.
    #[schema(example = "casecoder")]
    pub(super) name: String,
    /// The versions of everything that shapes an answer.
    pub(super) versions: Provenance,
    /// Whether a transformer is loaded.
    pub(super) model: ModelUse,
    /// What a request may ask for.
    pub(super) limits: Limits,
    /// The values of the five attributes.
    pub(super) attributes: Attributes,
}

/// What a request may ask for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Limits {
    /// Longest request body.
    #[schema(example = 2_097_152)]
    pub(super) max_body_bytes: usize,
    /// Longest note, in bytes of UTF-8.
    #[schema(example = 1_048_576)]
    pub(super) max_note_bytes: usize,
    /// Most notes in one batch.
    #[schema(example = 100)]
    pub(super) max_batch: usize,
    /// Most suggestions in one answer.
    #[schema(example = 200)]
    pub(super) max_limit: usize,
    /// A request that takes longer is given up.
    #[schema(example = 10_000)]
    pub(super) request_timeout_ms: u64,
    /// How many requests are read at once.
    #[schema(example = 2)]
    pub(super) concurrency: usize,
    /// How many more may wait.
    #[schema(example = 64)]
    pub(super) queue: usize,
}

/// The values of the five attributes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Attributes {
    /// Whether the note says that it is so.
    pub(super) presence: Vec<Presence>,
    /// When.
    pub(super) time: Vec<Time>,
    /// Whose.
    pub(super) subject: Vec<Subject>,
    /// The family's part in it.
    pub(super) role: Vec<Role>,
    /// How far it got; interventions only.
    pub(super) stage: Vec<Stage>,
}

/// Whether the service takes requests.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Readiness {
    /// `ready`, or `stopping` after the service was told to stop.
    #[schema(value_type = String, example = "ready")]
    pub(super) status: &'static str,
}

/// Versions and limits
#[utoipa::path(
    get, path = "/v1/info", operation_id = "getInfo", tag = "status",
    responses((status = 200, description = "Versions, limits and the values of the attributes", body = Info, content_type = "application/json")),
)]
pub(super) async fn info(State(state): State<AppState>) -> Response {
    let settings = state.settings();
    let info = Info {
        name: env!("CARGO_PKG_NAME").to_owned(),
        versions: (**state.extractor().provenance()).clone(),
        model: if state.extractor().model().is_some() { ModelUse::Used } else { ModelUse::NotLoaded },
        limits: Limits {
            max_body_bytes: settings.max_body_bytes,
            max_note_bytes: settings.max_note_bytes,
            max_batch: settings.max_batch,
            max_limit: MAX_LIMIT,
            request_timeout_ms: settings.request_timeout_ms,
            concurrency: settings.concurrency,
            queue: settings.queue,
        },
        attributes: Attributes {
            presence: Presence::ALL.to_vec(),
            time: Time::ALL.to_vec(),
            subject: Subject::ALL.to_vec(),
            role: Role::ALL.to_vec(),
            stage: Stage::ALL.to_vec(),
        },
    };
    axum::Json(info).into_response()
}

/// Whether the process lives
#[utoipa::path(
    get, path = "/livez", operation_id = "getLive", tag = "status",
    responses((status = 200, description = "It lives", body = String, content_type = "text/plain", example = json!("ok"))),
)]
pub(super) async fn live() -> &'static str {
    "ok"
}

/// Whether the service takes requests
///
/// It listens only after lists and calibration are loaded and checked, so the answer is
/// "no" only while it stops.
#[utoipa::path(
    get, path = "/readyz", operation_id = "getReady", tag = "status",
    responses(
        (status = 200, description = "Ready", body = Readiness, content_type = "application/json"),
        (status = 503, description = "Stopping", body = Readiness, content_type = "application/json", example = json!({"status": "stopping"})),
    ),
)]
pub(super) async fn ready(State(state): State<AppState>) -> Response {
    let (code, status) = if state.draining() { (StatusCode::SERVICE_UNAVAILABLE, "stopping") } else { (StatusCode::OK, "ready") };
    (code, axum::Json(Readiness { status })).into_response()
}

/// Metrics for Prometheus
#[utoipa::path(
    get, path = "/metrics", operation_id = "getMetrics", tag = "status",
    responses((status = 200, description = "Counts and times, in Prometheus text format; never anything of a note", body = String, content_type = "text/plain")),
)]
pub(super) async fn metrics(State(state): State<AppState>) -> Response {
    let text = state.metrics().render();
    ([(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"))], text).into_response()
}

/// This document
#[utoipa::path(
    get, path = "/openapi.json", operation_id = "getOpenApi", tag = "status",
    responses((status = 200, description = "The OpenAPI 3.1 document of this service", body = serde_json::Value, content_type = "application/json")),
)]
pub(super) async fn openapi(State(state): State<AppState>) -> Response {
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json")), (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
    (headers, state.documents().openapi.clone()).into_response()
}
