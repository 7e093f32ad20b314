//! What happens around every request: identifier, time, metrics, log line, panics, time
//! limit, security headers, and the writing of problems. Handlers do none of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;

use super::page;
use super::problem::{Code, Problem};
use super::state::{AppState, Cost};
use crate::suggestion::Outcome;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// On every answer. No inline script or style is allowed anywhere, since a page shows note text.
const SECURITY: [(&str, &str); 5] = [
    ("content-security-policy", "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// What is known of a request while it is served.
#[derive(Clone, Default)]
pub(super) struct Meta {
    /// Its identifier.
    pub(super) id: String,
    bytes_in: Arc<AtomicU64>,
}

impl Meta {
    /// Notes that so many bytes of the body were read.
    pub(super) fn read(&self, bytes: usize) {
        self.bytes_in.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// What a handler tells of its work, in the extensions of its answer.
#[derive(Clone, Default)]
pub(super) struct Work {
    pub(super) cost: Cost,
    pub(super) outcomes: Vec<Outcome>,
}

/// Puts everything of this module around `router`.
pub fn around(router: Router<AppState>, state: &AppState) -> Router<AppState> {
    router
        .layer(from_fn_with_state(state.clone(), limit_time))
        // The panic's payload is dropped unseen: it could quote a note.
        .layer(CatchPanicLayer::custom(|_payload| {
            metrics::counter!("casecoder_panics_total").increment(1);
            Problem::new(Code::Internal).into_response()
        }))
        .layer(from_fn_with_state(state.clone(), observe))
}

/// Gives a request up after its time. What it asked for is dropped with it.
async fn limit_time(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let limit = Duration::from_millis(state.settings().request_timeout_ms);
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(Code::Timeout).into_response(),
    }
}

/// The outermost layer.
async fn observe(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let meta = Meta { id: request_id(request.headers()), ..Meta::default() };
    // The template, never the path itself: a caller may put anything into that.
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let method = method_name(request.method());
    let for_people = page::wanted(request.headers(), request.uri().path());
    request.extensions_mut().insert(meta.clone());

    let mut response = finish(next.run(request).await, &meta, for_people);
    let work = response.extensions_mut().remove::<Work>().unwrap_or_default();
    let status = response.status().as_u16();
    head(response.headers_mut(), &meta, &work);

    let latency = started.elapsed();
    let bytes_in = meta.bytes_in.load(Ordering::Relaxed);
    count(method, &route, status, latency, bytes_in, &work);
    tracing::info!(method, route, status, latency_ms = milliseconds(latency), bytes_in, request_id = meta.id, "request");
    response
}

/// Writes the body of a problem, and makes a problem of the framework's own bare errors.
fn finish(mut response: Response, meta: &Meta, for_people: bool) -> Response {
    let status = response.status();
    let told = response.extensions_mut().remove::<Problem>();
    let written = response.headers().contains_key(header::CONTENT_TYPE);
    let problem = match told {
        Some(problem) => problem,
        None if written || !(status.is_client_error() || status.is_server_error()) => return response,
        None => Problem::of_status(status),
    };
    let (allow, problem_code) = (response.headers_mut().remove(header::ALLOW), problem.code);
    let mut answer = if for_people { page::problem(&problem, &meta.id) } else { problem.respond(&meta.id) };
    if let Some(allow) = allow {
        answer.headers_mut().insert(header::ALLOW, allow);
    }
    if problem_code == Code::Overloaded {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    answer
}

/// The headers of every answer.
fn head(headers: &mut HeaderMap, meta: &Meta, work: &Work) {
    for (name, value) in SECURITY {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    // Nothing is kept by anybody unless a handler says that it may be.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::from_str(&meta.id) {
        headers.insert(REQUEST_ID, id);
    }
    if !work.outcomes.is_empty() {
        let timing = format!("wait;dur={:.3}, read;dur={:.3}", milliseconds(work.cost.wait), milliseconds(work.cost.read));
        if let Ok(timing) = HeaderValue::from_str(&timing) {
            headers.insert(SERVER_TIMING, timing);
        }
    }
}

fn count(method: &'static str, route: &str, status: u16, latency: Duration, bytes_in: u64, work: &Work) {
    let labels = [("method", method.to_owned()), ("route", route.to_owned())];
    metrics::histogram!("casecoder_http_request_seconds", &labels).record(latency.as_secs_f64());
    metrics::counter!("casecoder_http_request_bytes_total").increment(bytes_in);
    metrics::counter!("casecoder_http_requests_total", "method" => method, "route" => route.to_owned(), "status" => status.to_string()).increment(1);
    if work.outcomes.is_empty() {
        return;
    }
    metrics::histogram!("casecoder_wait_seconds").record(work.cost.wait.as_secs_f64());
    metrics::histogram!("casecoder_read_seconds").record(work.cost.read.as_secs_f64());
    for (outcome, name) in [(Outcome::Suggested, "suggested"), (Outcome::NothingFound, "nothing_found"), (Outcome::NoText, "no_text")] {
        let times = work.outcomes.iter().filter(|o| **o == outcome).count();
        if times > 0 {
            metrics::counter!("casecoder_notes_total", "outcome" => name).increment(times as u64);
        }
    }
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// The caller's identifier of the request if it is harmless, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let harmless = |id: &&str| (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
    let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(harmless);
    given.map_or_else(|| uuid::Uuid::new_v4().to_string(), str::to_owned)
}

/// A known method's name; a caller may invent others.
fn method_name(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// The whole body, at most `limit` bytes.
///
/// # Errors
/// [`Code::TooLarge`], or [`Code::MalformedJson`] where the client broke off.
pub(super) async fn read_body(body: Body, headers: &HeaderMap, meta: &Meta, limit: usize) -> Result<axum::body::Bytes, Problem> {
    let too_large = || Problem::because(Code::TooLarge, format!("the body has more than {limit} bytes"));
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()).and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let limited = http_body_util::Limited::new(body, limit);
    match http_body_util::BodyExt::collect(limited).await {
        Ok(collected) => {
            let bytes = collected.to_bytes();
            meta.read(bytes.len());
            Ok(bytes)
        }
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(too_large()),
        Err(_) => Err(Problem::because(Code::MalformedJson, "the body ended early")),
    }
}
