//! `POST /v1/suggest` and `POST /v1/suggest/batch`.

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body;
use super::middleware::{Meta, Work, read_body};
use super::problem::{Code, Problem, ProblemDocument};
use super::state::AppState;
use crate::config::Settings;
use crate::extractor::Extractor;
use crate::wire::{Invalid, SuggestAnswer, SuggestRequest};

/// Several notes in one request.
#[expect(dead_code, reason = "the schema of the body: its notes are read one by one, so that a broken one spoils no other")]
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BatchRequest {
    /// The notes, each as in `POST /v1/suggest`; at most 100 unless the server is set up otherwise.
    #[schema(max_items = 100)]
    pub(super) notes: Vec<SuggestRequest>,
}

/// The answers to a batch.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct BatchAnswer {
    /// One for each note, in the order of the notes.
    pub(super) answers: Vec<BatchItem>,
}

/// The answer to one note of a batch, or the problem in its place.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum BatchItem {
    /// The answer.
    Answer(Box<SuggestAnswer>),
    /// The problem.
    Failed(BatchProblem),
}

/// A note of a batch that could not be read.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct BatchProblem {
    /// The caller's identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    /// What went wrong.
    pub(super) problem: ProblemDocument,
}

/// Suggest codes for one note
///
/// Reads the note and proposes concepts of the controlled lists, each with a calibrated
/// confidence and the words of the note that justify it. Nothing is kept.
#[utoipa::path(
    post, path = "/v1/suggest", operation_id = "suggest", tag = "suggest",
    request_body(content = SuggestRequest, content_type = "application/json"),
    responses((status = 200, description = "What the note supports", body = SuggestAnswer, content_type = "application/json")),
)]
pub(super) async fn suggest(State(state): State<AppState>, Extension(meta): Extension<Meta>, headers: HeaderMap, body: Body) -> Result<Response, Problem> {
    let bytes = accept(&state, &meta, &headers, body).await?;
    let reader = state.clone();
    let (answer, cost) = state
        .gate()
        .run(move |_| {
            let answer = read_one(body::text(&bytes)?, reader.extractor(), reader.settings())?;
            Ok::<_, Problem>((to_json(&answer)?, answer.outcome))
        })
        .await?;
    let (json, outcome) = answer?;
    Ok(respond(json, Work { cost, outcomes: vec![outcome] }))
}

/// Suggest codes for several notes
///
/// The answers stand in the order of the notes. A note that cannot be read has a problem
/// in its place, and the others are read all the same.
#[utoipa::path(
    post, path = "/v1/suggest/batch", operation_id = "suggestBatch", tag = "suggest",
    request_body(content = BatchRequest, content_type = "application/json"),
    responses((status = 200, description = "One answer for each note, in order", body = BatchAnswer, content_type = "application/json")),
)]
pub(super) async fn batch(State(state): State<AppState>, Extension(meta): Extension<Meta>, headers: HeaderMap, body: Body) -> Result<Response, Problem> {
    let bytes = accept(&state, &meta, &headers, body).await?;
    let reader = state.clone();
    let (answer, cost) = state
        .gate()
        .run(move |watch| {
            let notes = body::batch(body::text(&bytes)?)?;
            let most = reader.settings().max_batch;
            if notes.len() > most {
                return Err(Problem::invalid(vec![Invalid { pointer: "/notes".to_owned(), detail: format!("must hold at most {most} notes") }]));
            }
            let mut outcomes = Vec::with_capacity(notes.len());
            let mut json = br#"{"answers":["#.to_vec();
            for (index, note) in notes.iter().enumerate() {
                // Nobody waits any more: the thread is better used for somebody else.
                if watch.gone() {
                    return Err(Problem::new(Code::Timeout));
                }
                if index > 0 {
                    json.push(b',');
                }
                let item = match read_one(note.get(), reader.extractor(), reader.settings()) {
                    Ok(answer) => {
                        outcomes.push(answer.outcome);
                        BatchItem::Answer(Box::new(answer))
                    }
                    Err(problem) => BatchItem::Failed(BatchProblem { id: body::id_of(note.get()), problem: problem.document(&meta.id) }),
                };
                json.extend(to_json(&item)?);
            }
            json.extend_from_slice(b"]}");
            Ok((json, outcomes))
        })
        .await?;
    let (json, outcomes) = answer?;
    Ok(respond(json, Work { cost, outcomes }))
}

/// The body of a request that may be served.
async fn accept(state: &AppState, meta: &Meta, headers: &HeaderMap, body: Body) -> Result<axum::body::Bytes, Problem> {
    state.gate().check()?;
    body::expect_json(headers)?;
    read_body(body, headers, meta, state.settings().max_body_bytes).await
}

fn read_one(text: &str, extractor: &Extractor, settings: &Settings) -> Result<SuggestAnswer, Problem> {
    let request = body::suggest_request(text)?;
    check_size(&request, settings)?;
    request.answer(extractor).map_err(Problem::invalid)
}

/// Refuses a note that is too long.
///
/// # Errors
/// [`Code::TooLarge`].
pub(super) fn check_size(request: &SuggestRequest, settings: &Settings) -> Result<(), Problem> {
    let most = settings.max_note_bytes;
    if request.text_bytes() > most { Err(Problem::because(Code::TooLarge, format!("the note has more than {most} bytes"))) } else { Ok(()) }
}

fn to_json(value: &impl Serialize) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(value).map_err(|_| Problem::new(Code::Internal))
}

fn respond(json: Vec<u8>, work: Work) -> Response {
    let mut response = ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], json).into_response();
    response.extensions_mut().insert(work);
    response
}
