//! [`Problem`]: every error of the API, its status and its wording, in one place
//! (RFC 9457). No value from a request ever gets into one.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::Invalid;

/// What went wrong. The names on the wire are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The body is no JSON document.
    MalformedJson,
    /// The body is not UTF-8.
    InvalidUtf8,
    /// Nothing stands at this address.
    NotFound,
    /// The address knows other methods.
    MethodNotAllowed,
    /// The body or the note is too large.
    TooLarge,
    /// The body is of a type or an encoding that is not read here.
    UnsupportedMediaType,
    /// The document is well-formed, and something in it is not allowed.
    InvalidValue,
    /// Too many requests wait already.
    Overloaded,
    /// The answer was not ready in time.
    Timeout,
    /// A defect of this program.
    Internal,
}

impl Code {
    /// Every code.
    pub const ALL: [Code; 10] = [
        Code::MalformedJson,
        Code::InvalidUtf8,
        Code::NotFound,
        Code::MethodNotAllowed,
        Code::TooLarge,
        Code::UnsupportedMediaType,
        Code::InvalidValue,
        Code::Overloaded,
        Code::Timeout,
        Code::Internal,
    ];

    /// The code as answers show it.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::MalformedJson => "malformed_json",
            Code::InvalidUtf8 => "invalid_utf8",
            Code::NotFound => "not_found",
            Code::MethodNotAllowed => "method_not_allowed",
            Code::TooLarge => "too_large",
            Code::UnsupportedMediaType => "unsupported_media_type",
            Code::InvalidValue => "invalid_value",
            Code::Overloaded => "overloaded",
            Code::Timeout => "timeout",
            Code::Internal => "internal",
        }
    }

    /// Its HTTP status.
    pub fn status(self) -> StatusCode {
        match self {
            Code::MalformedJson | Code::InvalidUtf8 => StatusCode::BAD_REQUEST,
            Code::NotFound => StatusCode::NOT_FOUND,
            Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Code::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Code::InvalidValue => StatusCode::UNPROCESSABLE_ENTITY,
            Code::Overloaded | Code::Timeout => StatusCode::SERVICE_UNAVAILABLE,
            Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The kind of problem in a few words, the same for every occurrence.
    pub fn title(self) -> &'static str {
        match self {
            Code::MalformedJson => "the body is not valid JSON",
            Code::InvalidUtf8 => "the body is not UTF-8",
            Code::NotFound => "nothing found here",
            Code::MethodNotAllowed => "method not allowed",
            Code::TooLarge => "too large",
            Code::UnsupportedMediaType => "unsupported media type",
            Code::InvalidValue => "a value is not allowed",
            Code::Overloaded => "too many requests at once",
            Code::Timeout => "the answer was not ready in time",
            Code::Internal => "a defect of this service",
        }
    }

    /// What a caller may do about it, where an occurrence has nothing more exact to say.
    pub fn advice(self) -> &'static str {
        match self {
            Code::MalformedJson => "send one JSON object",
            Code::InvalidUtf8 => "send the body as UTF-8",
            Code::NotFound => "see /docs for the addresses of this service",
            Code::MethodNotAllowed => "see the Allow header",
            Code::TooLarge => "send less; /v1/info names the limits",
            Code::UnsupportedMediaType => "send application/json, in UTF-8 and not compressed",
            Code::InvalidValue => "see errors for each value that is not allowed",
            Code::Overloaded => "try again after the time in the Retry-After header; saving a record need not wait for it",
            Code::Timeout => "try again, with fewer or shorter notes",
            Code::Internal => "the request itself may be right; report the request_id",
        }
    }

    fn of(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Code::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedMediaType,
            status if status.is_client_error() => Code::InvalidValue,
            _ => Code::Internal,
        }
    }
}

/// An error on its way out. The middleware writes its body, since only it knows the
/// request's identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What went wrong.
    pub code: Code,
    /// This occurrence, in words; never a value from the request.
    pub detail: String,
    /// Each value that is not allowed.
    pub errors: Vec<Invalid>,
}

impl Problem {
    /// A problem with its usual advice as detail.
    pub fn new(code: Code) -> Self {
        Self { code, detail: code.advice().to_owned(), errors: Vec::new() }
    }

    /// A problem with a detail of its own.
    pub fn because(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new() }
    }

    /// Values that are not allowed.
    pub fn invalid(errors: Vec<Invalid>) -> Self {
        let detail = match errors.as_slice() {
            [only] => format!("{}: {}", if only.pointer.is_empty() { "the document" } else { &only.pointer }, only.detail),
            many => format!("{} values are not allowed", many.len()),
        };
        Self { code: Code::InvalidValue, detail, errors }
    }

    /// The problem that a bare status of the framework stands for.
    pub(super) fn of_status(status: StatusCode) -> Self {
        Self::new(Code::of(status))
    }

    /// The document that a client gets.
    pub fn document(self, request_id: &str) -> ProblemDocument {
        ProblemDocument {
            kind: format!("/docs#{}", self.code.as_str()),
            title: self.code.title(),
            status: self.code.status().as_u16(),
            detail: self.detail,
            instance: format!("#{request_id}"),
            code: self.code,
            request_id: request_id.to_owned(),
            errors: self.errors,
        }
    }

    /// The answer that a client gets.
    pub(super) fn respond(self, request_id: &str) -> Response {
        let code = self.code;
        let body = serde_json::to_vec(&self.document(request_id)).unwrap_or_default();
        (code.status(), [(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"))], body).into_response()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// An error as it is written (RFC 9457).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// The kind of problem: a link to its explanation.
    #[serde(rename = "type")]
    #[schema(example = "/docs#invalid_value", format = "uri-reference")]
    pub kind: String,
    /// The kind of problem in words.
    #[schema(value_type = String, example = "a value is not allowed")]
    pub title: &'static str,
    /// The HTTP status.
    #[schema(example = 422, minimum = 400, maximum = 599)]
    pub status: u16,
    /// This occurrence in words; never a value from the request.
    #[schema(example = "/limit: must be from 1 to 200")]
    pub detail: String,
    /// This occurrence: the request's identifier as a fragment of its address.
    #[schema(example = "#0b6b3c9e-7f7e-4d0c-9f63-3a8f1f7c2a11", format = "uri-reference")]
    pub instance: String,
    /// The kind of problem as a stable word, for programs.
    pub code: Code,
    /// The request's identifier, as in the X-Request-ID header.
    #[schema(example = "0b6b3c9e-7f7e-4d0c-9f63-3a8f1f7c2a11")]
    pub request_id: String,
    /// Each value that is not allowed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Invalid>,
}
