//! The whole service without a socket, for the tests of the API.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use casecoder::api::{AppState, router};
use casecoder::config::Settings;
use serde_json::Value;
use tower::ServiceExt as _;

/// A service with its state.
pub(crate) struct Door {
    pub(crate) state: AppState,
    pub(crate) router: Router,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Door {
    /// A service with the default settings.
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// A service with other settings.
    pub(crate) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::default();
        change(&mut settings);
        let state = AppState::new(crate::extractor().clone(), settings, casecoder::telemetry::metrics());
        Self { router: router(state.clone()), state }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec();
        Answer { status, headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, json: impl Into<Body>) -> Answer {
        self.send(Request::post(path).header("content-type", "application/json").body(json.into()).unwrap()).await
    }

    /// Sends the page's form, as a browser does.
    pub(crate) async fn form(&self, note: &str) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).append_pair("note", note).finish();
        let request = Request::post("/").header("content-type", "application/x-www-form-urlencoded").header("accept", "text/html,*/*;q=0.8");
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(crate) async fn suggest(&self, request: &Value) -> Answer {
        self.post("/v1/suggest", request.to_string()).await
    }
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON in an answer of status {}", self.status))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Checks that this is a problem as documented, and gives it.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        let problem = self.json();
        assert_eq!((self.status, problem["code"].as_str()), (status, Some(code)), "{problem}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], format!("/docs#{code}"));
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        assert_eq!(problem["instance"], format!("#{}", self.header("x-request-id")));
        for part in ["title", "detail"] {
            let words = problem[part].as_str().unwrap();
            assert!(!words.is_empty() && !words.ends_with('.') && !words.starts_with(char::is_uppercase), "{part}: {words}");
        }
        problem
    }
}
