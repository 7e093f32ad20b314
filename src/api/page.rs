//! The page for people: a form, the note with its evidence marked, and the suggestions.
//!
//! Made on the server and complete without JavaScript. Note text is only ever in the body
//! of a POST and of its answer: never in an address, a cookie or a cache.

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};

use super::body;
use super::middleware::{Meta, Work, read_body};
use super::plain::{self, Attribute};
use super::problem::{Code, Problem};
use super::state::AppState;
use super::suggest::check_size;
use crate::config::Settings;
use crate::extractor::Extractor;
use crate::highlight::{self, Block, Marked, Tag};
use crate::span::OffsetUnit;
use crate::suggestion::Outcome;
use crate::wire::{Include, SuggestAnswer, SuggestRequest, WireEvidence};

const CSS: &str = include_str!("../../templates/casecoder.css");
const ICON: &str = include_str!("../../templates/casecoder.svg");

/// The pages.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/", get(form).post(answer))
        .route("/docs", get(docs))
        .route("/accessibility", get(accessibility))
        .route("/assets/casecoder.css", get(|| asset("text/css; charset=utf-8", CSS)))
        .route("/assets/casecoder.svg", get(|| asset("image/svg+xml", ICON)))
}

/// Whether a person with a browser asks, who should get a page and not JSON for a problem.
pub(super) fn wanted(headers: &HeaderMap, path: &str) -> bool {
    let browser = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"));
    browser && !path.starts_with("/v1/") && !matches!(path, "/metrics" | "/livez" | "/readyz" | "/openapi.json")
}

#[derive(Template)]
#[template(path = "form.html")]
struct FormPage<'a> {
    note: &'a str,
    error: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "answer.html")]
struct AnswerPage {
    summary: String,
    blocks: Vec<Block>,
    suggestions: Vec<Card>,
    suppressed: Vec<Card>,
    versions: Vec<(String, String)>,
}

/// A concept on the page, suggested or set aside.
struct Card {
    anchor: String,
    notation: String,
    label: String,
    scheme: String,
    confidence: String,
    in_hundred: u32,
    band: &'static str,
    reason: &'static str,
    scope_note: String,
    attributes: Vec<Attribute>,
    words: Vec<String>,
    broader: Vec<String>,
    mappings: Vec<String>,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    title: &'a str,
    detail: &'a str,
    request_id: &'a str,
}

#[derive(Template)]
#[template(path = "accessibility.html")]
struct AccessibilityPage;

async fn form() -> Response {
    html(StatusCode::OK, &FormPage { note: "", error: None })
}

async fn docs(State(state): State<AppState>) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (headers, state.documents().page.clone()).into_response()
}

async fn accessibility() -> Response {
    html(StatusCode::OK, &AccessibilityPage)
}

async fn asset(kind: &'static str, content: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], content)
}

async fn answer(State(state): State<AppState>, Extension(meta): Extension<Meta>, headers: HeaderMap, body: Body) -> Result<Response, Problem> {
    state.gate().check()?;
    body::expect_form(&headers)?;
    let bytes = match read_body(body, &headers, &meta, state.settings().max_body_bytes).await {
        Err(problem) if problem.code == Code::TooLarge => return Ok(too_long("", state.settings())),
        bytes => bytes?,
    };
    let reader = state.clone();
    let (read, cost) = state.gate().run(move |_| read(&bytes, reader.extractor(), reader.settings())).await?;
    let (mut response, outcome) = read?;
    if let Some(outcome) = outcome {
        response.extensions_mut().insert(Work { cost, outcomes: vec![outcome] });
    }
    Ok(response)
}

fn read(bytes: &[u8], extractor: &Extractor, settings: &Settings) -> Result<(Response, Option<Outcome>), Problem> {
    // Bytes that are no UTF-8 are replaced: browsers send none.
    let note = form_urlencoded::parse(bytes).find(|(name, _)| name == "note").map(|(_, note)| note.into_owned()).unwrap_or_default();
    let mut request = SuggestRequest::of_text(None, note.as_str());
    if check_size(&request, settings).is_err() {
        return Ok((too_long(&note, settings), None));
    }
    if note.trim().is_empty() {
        return Ok((html(StatusCode::UNPROCESSABLE_ENTITY, &FormPage { note: "", error: Some("Enter a note") }), None));
    }
    request.offset_unit = OffsetUnit::Utf8Byte;
    request.include = vec![Include::Suppressed];
    let answer = request.answer(extractor).map_err(Problem::invalid)?;
    let outcome = answer.outcome;
    Ok((html(StatusCode::OK, &answer_page(&note, answer, extractor)), Some(outcome)))
}

fn too_long(note: &str, settings: &Settings) -> Response {
    let error = format!("The note is too long. It can have up to {} characters", grouped(settings.max_note_bytes));
    html(StatusCode::PAYLOAD_TOO_LARGE, &FormPage { note, error: Some(&error) })
}

fn answer_page(note: &str, answer: SuggestAnswer, extractor: &Extractor) -> AnswerPage {
    let lexicon = extractor.lexicon();
    let title = |scheme: &str| lexicon.scheme(scheme).map(|s| s.title.clone()).unwrap_or_default();
    let list = |scheme: &str| lexicon.targets.get(scheme).map_or_else(|| scheme.to_owned(), |list| list.title.clone());
    let mut marked = Vec::new();
    let mut suggestions = Vec::new();
    for (index, s) in answer.suggestions.iter().enumerate() {
        let Some(concept) = lexicon.concept(&s.scheme, &s.notation) else { continue };
        let anchor = format!("suggestion-{}", index + 1);
        let tag = |_: &WireEvidence| Tag { notation: s.notation.clone(), label: s.label.clone(), anchor: anchor.clone() };
        marked.extend(s.evidence.iter().map(|e| Marked { start: e.start as usize, end: e.end as usize, tag: tag(e) }));
        let mapping = |m: &crate::wire::WireMapping| {
            let name = m.label.as_ref().map(|label| format!(" {label}")).unwrap_or_default();
            format!("{} {}{name} in {}", plain::relation(&m.relation), m.code, list(&m.scheme))
        };
        suggestions.push(Card {
            notation: s.notation.clone(),
            label: s.label.clone(),
            scheme: title(&s.scheme),
            confidence: format!("{:.2}", s.confidence),
            in_hundred: (s.confidence * 100.0).round() as u32,
            band: plain::band(s.band),
            reason: "",
            scope_note: concept.scope_note.clone(),
            attributes: plain::attributes(&s.assertion, concept),
            words: words(&s.evidence),
            broader: s.broader.iter().map(|b| format!("{} {}", b.notation, b.label)).collect(),
            mappings: s.mappings.iter().map(mapping).collect(),
            anchor,
        });
    }
    let suppressed = answer.suppressed.iter().flatten().filter_map(|s| {
        let concept = lexicon.concept(&s.scheme, &s.notation)?;
        Some(Card {
            anchor: String::new(),
            notation: s.notation.clone(),
            label: s.label.clone(),
            scheme: title(&s.scheme),
            confidence: String::new(),
            in_hundred: 0,
            band: "",
            reason: plain::reason(s.reason),
            scope_note: String::new(),
            attributes: plain::attributes(&s.assertion, concept),
            words: words(&s.evidence),
            broader: Vec::new(),
            mappings: Vec::new(),
        })
    });
    let versions = answer.versions;
    let shapers = [("Program".to_owned(), versions.engine)].into_iter().chain(versions.schemes).chain([
        ("Context".to_owned(), versions.context),
        ("Model".to_owned(), versions.model),
        ("Calibration".to_owned(), versions.calibration),
    ]);
    AnswerPage {
        summary: plain::outcome(answer.outcome, answer.suggestions.len()),
        blocks: highlight::blocks(note, marked),
        suggestions,
        suppressed: suppressed.collect(),
        versions: shapers.collect(),
    }
}

/// The words of the note, each once, in their order.
fn words(evidence: &[WireEvidence]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for e in evidence {
        if !words.contains(&e.text) {
            words.push(e.text.clone());
        }
    }
    words
}

/// A problem as a page.
pub(super) fn problem(problem: &Problem, request_id: &str) -> Response {
    let page = ProblemPage { title: problem.code.title(), detail: &problem.detail, request_id };
    html(problem.code.status(), &page)
}

fn html(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => (status, [(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))], text).into_response(),
        Err(_) => Problem::new(Code::Internal).into_response(),
    }
}

/// 1048576 as 1,048,576.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
