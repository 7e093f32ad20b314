//! A marker sent everywhere comes back in answers only, never in a log line, a metric or
//! an error; and a panic tells its place, never its message.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use std::io::Write;
use std::sync::{Arc, LazyLock, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use casecoder::config::{LogFormat, LogLevel};
use serde_json::json;
use tower::ServiceExt as _;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::door::{Answer, Door};

const CANARY: &str = "Zanzibarquokka";

#[derive(Clone, Default)]
struct Capture(Arc<Mutex<Vec<u8>>>);

impl Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Capture {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

/// Everything that anything in this process logs, libraries too and at every level.
static LOG: LazyLock<Capture> = LazyLock::new(|| {
    let capture = Capture::default();
    let writer = capture.clone();
    tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_writer(move || writer.clone()).with_ansi(false).finish().try_init().unwrap();
    capture
});

fn silent(text: &str) -> bool {
    !text.to_lowercase().contains(&CANARY.to_lowercase())
}

async fn everywhere(door: &Door) -> Vec<(String, Answer)> {
    let note = json!({"id": CANARY, "text": format!("{CANARY} is in rent arrears."), "kind": CANARY});
    let wrong = [
        format!("{{\"text\":\"{CANARY}"),
        format!("{{\"{CANARY}\":1}}"),
        CANARY.to_owned(),
        format!("\"{CANARY}\""),
        json!({"text": "a", "offset_unit": CANARY}).to_string(),
        json!({"text": "a", "include": [CANARY]}).to_string(),
        json!({"text": "a", "schemes": [CANARY]}).to_string(),
        json!({"text": "a", "limit": CANARY}).to_string(),
        json!({"fields": {CANARY: 5}}).to_string(),
        json!({"text": "a", CANARY: {CANARY: CANARY}}).to_string(),
        json!({"id": [CANARY], "text": CANARY, "fields": {CANARY: CANARY}}).to_string(),
        json!({"notes": [{"text": CANARY, "offset_unit": CANARY}, CANARY, {CANARY: 1}], CANARY: 1}).to_string(),
        json!({"notes": CANARY}).to_string(),
    ];
    let mut answers = Vec::new();
    let routes = [
        "/v1/suggest",
        "/v1/suggest/batch",
        "/v1/schemes",
        "/v1/schemes/need",
        "/v1/schemes/need/concepts",
        "/v1/schemes/need/concepts/ND01",
        "/v1/info",
        "/livez",
        "/readyz",
        "/metrics",
        "/openapi.json",
        "/docs",
        "/",
        "/accessibility",
        "/v1/CANARY",
        "/CANARY",
        "/v1/schemes/CANARY",
        "/v1/schemes/CANARY/concepts",
        "/v1/schemes/need/concepts/CANARY",
        "/v1/schemes/need/concepts?q=CANARY",
        "/v1/schemes/need/concepts?broader=CANARY",
        "/v1/schemes/need/concepts?limit=CANARY",
        "/v1/schemes/need/concepts?CANARY=1",
    ];
    for route in routes {
        let route = route.replace("CANARY", CANARY);
        let mark = if route.contains('?') { '&' } else { '?' };
        for path in [route.clone(), format!("{route}{mark}text={CANARY}&{CANARY}=1")] {
            for body in wrong.iter().cloned().chain([note.to_string(), json!({"notes": [note, {"id": CANARY, "text": 5}]}).to_string()]) {
                answers.push((format!("POST {path}"), door.post(&path, body.clone()).await));
            }
            for method in ["GET", "PUT", CANARY] {
                let request = Request::builder()
                    .method(method)
                    .uri(&path)
                    .header("referer", CANARY)
                    .header("x-note", CANARY)
                    .header("user-agent", CANARY)
                    .header("accept", "text/html");
                answers.push((format!("{method} {path}"), door.send(request.body(Body::from(CANARY)).unwrap()).await));
            }
            let request = Request::post(&path).header("content-type", format!("text/{CANARY}")).body(Body::from(CANARY)).unwrap();
            answers.push((format!("POST {path}"), door.send(request).await));
        }
    }
    answers.push(("a form".to_owned(), door.form(&format!("{CANARY} is in rent arrears.")).await));
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn the_marker_is_in_no_log_no_metric_and_no_error() {
    LazyLock::force(&LOG);
    let door = Door::new();
    let answers = everywhere(&door).await;
    let mut errors = 0;
    for (what, answer) in &answers {
        if answer.status >= 400 {
            errors += 1;
            assert!(silent(answer.text()), "{what} ({}) repeats the marker: {}", answer.status, answer.text());
        }
        for (name, value) in &answer.headers {
            assert!(silent(&format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))), "{what}: header {name}");
        }
    }
    let told = |a: &Answer| !silent(a.text());
    assert!(answers.iter().any(|(_, a)| a.status == 200 && told(a)), "the marker was never read, so the test proves nothing");
    assert!(errors > 500);
    assert!(silent(door.get("/metrics").await.text()));
    let log = LOG.text();
    assert!(log.contains("route=\"/v1/suggest\"") && log.contains("status=422"));
    assert!(silent(&log), "{:?}", log.lines().find(|line| !silent(line)));
}

#[tokio::test(flavor = "multi_thread")]
async fn problems_inside_a_batch_are_silent_too() {
    let json = Door::new().post("/v1/suggest/batch", json!({"notes": [{"id": CANARY, "text": 5, "offset_unit": CANARY, CANARY: 1}]}).to_string()).await.json();
    assert_eq!(json["answers"][0]["id"], CANARY, "the caller finds its note again");
    assert!(silent(&json["answers"][0]["problem"].to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_tells_its_place_and_not_its_message() {
    LazyLock::force(&LOG);
    let door = Door::new();
    let gate = door.state.clone();
    let in_the_engine = async move || {
        let work = |_: &casecoder::api::Watch| -> () { panic!("the note says {CANARY}") };
        gate.gate().run(work).await.map(|_| ())
    };
    let routes = Router::new()
        .route(
            "/panic",
            get(|| async {
                if CANARY.len() > 1 {
                    panic!("the note says {CANARY}")
                }
            }),
        )
        .route("/engine", get(in_the_engine));
    let service = casecoder::api::around(routes, &door.state).with_state(door.state.clone());
    // The hook is the whole process's, so other tests get theirs back at once.
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(casecoder::telemetry::report_panic));
    let mut answers = Vec::new();
    for path in ["/panic", "/engine"] {
        let response = service.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec();
        answers.push(Answer { status, headers, body });
    }
    std::panic::set_hook(before);
    for answer in answers {
        answer.problem(500, "internal");
        assert!(silent(answer.text()));
    }
    let log = LOG.text();
    assert!(log.contains("panic place=\"tests/it/privacy.rs:"), "no trace of the panic in the log");
    assert!(silent(&log));
}

#[test]
fn libraries_are_heard_from_warnings_up() {
    for (format, expected) in [(LogFormat::Text, "request_id=\"r-1\""), (LogFormat::Json, "\"request_id\":\"r-1\"")] {
        let capture = Capture::default();
        let writer = capture.clone();
        tracing::subscriber::with_default(casecoder::telemetry::subscriber(format, LogLevel::Trace, move || writer.clone()), || {
            tracing::trace!(target: "hyper", CANARY);
            tracing::info!(target: "axum::rejection", CANARY);
            tracing::warn!(target: "hyper", "heard");
            tracing::trace!(target: "casecoder::api", request_id = "r-1", "ours");
        });
        let log = capture.text();
        assert!(silent(&log) && log.contains("heard") && log.contains(expected), "{log}");
    }
}
