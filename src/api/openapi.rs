//! The OpenAPI document: made from the handlers, completed with what is the same for all
//! of them, so that no handler can forget it.

use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use super::problem::{Code, Problem, ProblemDocument};

/// Answers of the example requests, kept true by a test.
const SUGGEST_EXAMPLE: &str = include_str!("examples/suggest.json");
const BATCH_EXAMPLE: &str = include_str!("examples/batch.json");

/// The identifier in the examples.
const EXAMPLE_ID: &str = "0b6b3c9e-7f7e-4d0c-9f63-3a8f1f7c2a11";

/// The document and the page made of it, made once.
pub(super) struct Documents {
    /// The document.
    pub(super) openapi: axum::body::Bytes,
    /// The page that explains it.
    pub(super) page: axum::body::Bytes,
}

impl Documents {
    pub(super) fn new() -> Self {
        let document = document();
        let openapi = serde_json::to_vec(&document).unwrap_or_default().into();
        Self { openapi, page: super::docs::page(&document).into() }
    }
}

/// What stands around the operations.
pub(super) fn frame() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(
        info(
            title = "casecoder",
            description = "Reads case notes and suggests codes from controlled lists, each with a calibrated confidence and the words that justify it. A person decides. Nothing of a note is kept or logged.",
        ),
        components(schemas(ProblemDocument)),
        tags(
            (name = "suggest", description = "Codes for notes"),
            (name = "schemes", description = "The controlled lists"),
            (name = "status", description = "The service about itself"),
        ),
    )]
    struct Frame;
    Frame::openapi()
}

/// The problems that each operation can answer with, besides [`Code::Internal`] and [`Code::Timeout`].
fn problems(operation: &str) -> &'static [Code] {
    const READING: &[Code] = &[Code::MalformedJson, Code::InvalidUtf8, Code::TooLarge, Code::UnsupportedMediaType, Code::InvalidValue, Code::Overloaded];
    match operation {
        "suggest" | "suggestBatch" => READING,
        "getScheme" | "getConcept" => &[Code::NotFound],
        "findConcepts" => &[Code::NotFound, Code::InvalidValue],
        _ => &[],
    }
}

/// The whole document.
pub(super) fn document() -> Value {
    let (_, openapi) = super::documented().split_for_parts();
    let mut document = serde_json::to_value(openapi).unwrap_or_default();
    if let Some(license) = document.pointer_mut("/info/license").and_then(Value::as_object_mut) {
        license.insert("identifier".to_owned(), json!("Apache-2.0"));
    }
    if let Some(request) = document.pointer_mut("/components/schemas/SuggestRequest").and_then(Value::as_object_mut) {
        // What the types cannot say: one of the two, and not both.
        let with = |name: &str, kind: &str| json!({"required": [name], "properties": {name: {"type": kind}}});
        request.insert("oneOf".to_owned(), json!([with("text", "string"), with("fields", "object")]));
    }
    let operations = document
        .get_mut("paths")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flat_map(Map::values_mut)
        .filter_map(Value::as_object_mut)
        .flat_map(Map::values_mut);
    for operation in operations.filter_map(Value::as_object_mut) {
        complete(operation);
    }
    document
}

fn complete(operation: &mut Map<String, Value>) {
    let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
    let codes: Vec<Code> = Code::ALL.into_iter().filter(|code| matches!(code, Code::Internal | Code::Timeout) || problems(&id).contains(code)).collect();
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    for (_, response) in responses.iter_mut() {
        if let Some(response) = response.as_object_mut() {
            response.insert("headers".to_owned(), headers(&id));
        }
    }
    for code in codes {
        add_problem(responses, code);
    }
    responses.sort_keys();
    let examples = match id.as_str() {
        "suggest" => SUGGEST_EXAMPLE,
        "suggestBatch" => BATCH_EXAMPLE,
        _ => return,
    };
    let pair: Value = serde_json::from_str(examples).unwrap_or_default();
    for (place, name) in [("/requestBody/content/application~1json", "request"), ("/responses/200/content/application~1json", "answer")] {
        let mut whole = Value::Object(std::mem::take(operation));
        if let Some(content) = whole.pointer_mut(place).and_then(Value::as_object_mut) {
            content.insert("example".to_owned(), pair[name].clone());
        }
        if let Value::Object(back) = whole {
            *operation = back;
        }
    }
}

fn headers(operation: &str) -> Value {
    let text = json!({"type": "string"});
    let mut headers = json!({"X-Request-ID": {"description": "The request's identifier: the caller's own, or a new one", "schema": text}});
    if operation.starts_with("suggest") {
        headers["Server-Timing"] = json!({"description": "Milliseconds before the request's turn (wait) and in the engine (read)", "schema": text});
    }
    headers
}

fn add_problem(responses: &mut Map<String, Value>, code: Code) {
    let status = code.status().as_u16().to_string();
    let response = responses.entry(status).or_insert_with(|| json!({"description": "", "headers": headers(""), "content": {}}));
    let line = format!("`{}`: {}", code.as_str(), code.title());
    let described = match response["description"].as_str() {
        None | Some("") => line,
        Some(before) => format!("{before}; {line}"),
    };
    response["description"] = json!(described);
    if code == Code::Overloaded {
        response["headers"]["Retry-After"] = json!({"description": "Seconds after which to try again", "schema": {"type": "string"}});
    }
    let content = &mut response["content"]["application/problem+json"];
    content["schema"] = json!({"$ref": "#/components/schemas/Problem"});
    content["examples"][code.as_str()] = json!({"value": example(code).document(EXAMPLE_ID)});
}

/// A problem as a client may see it.
fn example(code: Code) -> Problem {
    let invalid = |pointer: &str, detail: &str| vec![crate::wire::Invalid { pointer: pointer.to_owned(), detail: detail.to_owned() }];
    match code {
        Code::MalformedJson => Problem::because(code, "the document ends early, at line 1 column 9"),
        Code::InvalidUtf8 => Problem::because(code, "the body is not UTF-8 from byte 9 on"),
        Code::TooLarge => Problem::because(code, "the note has more than 1048576 bytes"),
        Code::InvalidValue => Problem::invalid(invalid("/limit", "must be from 1 to 200")),
        _ => Problem::new(code),
    }
}
