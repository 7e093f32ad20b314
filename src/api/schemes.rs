//! `GET /v1/schemes…`: the controlled lists, for pick lists and type-ahead.

use std::collections::BTreeMap;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::problem::{Code, Problem};
use super::state::AppState;
pub(super) use super::type_ahead::TypeAhead;
use super::type_ahead::shown;
use crate::assertion::{Role, Subject};
use crate::extractor::Sources;
use crate::lexicon::Lexicon;
use crate::scheme::{Concept, ConceptId, Scheme};
use crate::wire::{Broader, Invalid};

/// Concepts without a `limit`, and most that may be asked for.
const DEFAULT_LIMIT: usize = 50;
const MAX_LIMIT: usize = 1000;

/// The controlled lists of this server.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Schemes {
    /// One for each list.
    pub(super) schemes: Vec<SchemeSummary>,
}

/// A controlled list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct SchemeSummary {
    /// Its short name in requests and answers.
    #[schema(example = "incident")]
    pub(super) id: String,
    /// Its display name.
    pub(super) title: String,
    /// Version and content hash, as answers show them.
    #[schema(example = "2026.1+sha256:0e117a3672e6")]
    pub(super) version: String,
    /// BCP 47 language tag of the labels.
    #[schema(example = "en-GB")]
    pub(super) language: String,
    /// Licence of the list.
    pub(super) licence: String,
    /// Where it comes from.
    pub(super) source: String,
    /// How many concepts it has.
    pub(super) concepts: usize,
}

/// A controlled list, with its widest concepts and the lists that it is mapped to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct SchemeDetail {
    /// The list.
    #[serde(flatten)]
    pub(super) scheme: SchemeSummary,
    /// The concepts that have none above them.
    pub(super) top: Vec<ConceptName>,
    /// The lists that its mappings point at.
    pub(super) targets: Vec<Target>,
}

/// An official list that mappings point at.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Target {
    /// Its short name in mappings.
    #[schema(example = "police-uk")]
    pub(super) id: String,
    /// Its display name.
    pub(super) title: String,
    /// The licence of its content.
    pub(super) licence: String,
    /// The acknowledgement that the licence asks for.
    pub(super) attribution: String,
    /// Where it was found.
    pub(super) source: String,
}

/// A concept's code and name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ConceptName {
    /// Its code.
    pub(super) notation: String,
    /// Its name.
    pub(super) label: String,
}

/// A page of concepts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Concepts {
    /// The list.
    pub(super) scheme: String,
    /// How many there are in all.
    pub(super) total: usize,
    /// How many were asked for.
    pub(super) limit: usize,
    /// How many stand before this page.
    pub(super) offset: usize,
    /// The concepts, best match first; without `q` in the order of the list.
    pub(super) concepts: Vec<ConceptSummary>,
}

/// A concept in a page.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ConceptSummary {
    /// Its code.
    #[schema(example = "IN1001")]
    pub(super) notation: String,
    /// Its name.
    #[schema(example = "Damage to a home or other building")]
    pub(super) label: String,
    /// The next wider concept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) broader: Option<Broader>,
    /// True where no concept is narrower.
    pub(super) leaf: bool,
    /// True where it is kept for old records and never suggested.
    pub(super) retired: bool,
    /// The synonym that matched, where the name did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) matched: Option<String>,
}

/// Everything that the list says of a concept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ConceptDetail {
    /// The list.
    pub(super) scheme: String,
    /// Its code.
    pub(super) notation: String,
    /// Its name.
    pub(super) label: String,
    /// Synonyms and acronyms. Hidden labels are matched and never shown.
    pub(super) alt_labels: Vec<String>,
    /// What belongs under it and what does not.
    pub(super) scope_note: String,
    /// True where no concept is narrower.
    pub(super) leaf: bool,
    /// True where it is kept for old records and never suggested.
    pub(super) retired: bool,
    /// The wider concepts, nearest first.
    pub(super) broader: Vec<Broader>,
    /// The next narrower concepts.
    pub(super) narrower: Vec<ConceptName>,
    /// The concept that says the same of the other age group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) counterpart: Option<ConceptName>,
    /// Whose it is if a note does not say.
    pub(super) default_subject: Subject,
    /// The family's part in it if a note does not say.
    pub(super) default_role: Role,
    /// The same in other lists.
    pub(super) mappings: Vec<MappingDetail>,
    /// Everything else that the list says of it.
    pub(super) attributes: BTreeMap<String, String>,
    /// From which confidence it is shown, and is `high`.
    pub(super) thresholds: ConceptThresholds,
}

/// A link to another list, with that list's name.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct MappingDetail {
    /// The other list.
    pub(super) scheme: String,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    /// The code there.
    pub(super) code: String,
    /// Its name there, where it may be published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) label: Option<String>,
    /// How the two relate (SKOS), read from our concept.
    #[schema(example = "broadMatch")]
    pub(super) relation: String,
}

/// Confidence from which a concept is shown, and from which it is `high`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ConceptThresholds {
    /// Shown by default from here.
    pub(super) review: f32,
    /// Band `high` from here.
    pub(super) high: f32,
}

/// What a page of concepts may be narrowed by.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ConceptsQuery {
    /// Words that are being typed: each must begin a word of a name, a synonym or the code. Case and accents do not count.
    #[param(example = "crim dam", max_length = 200)]
    q: Option<String>,
    /// Only concepts right under this code.
    #[param(example = "IN10")]
    broader: Option<String>,
    /// At most so many, from 1 to 1000; 50 if left out.
    #[param(minimum = 1, maximum = 1000, example = 10)]
    limit: Option<usize>,
    /// Leave out so many from the start.
    #[param(minimum = 0, example = 0)]
    offset: Option<usize>,
}

/// List the controlled lists
#[utoipa::path(
    get, path = "/v1/schemes", operation_id = "listSchemes", tag = "schemes",
    responses((status = 200, description = "The lists of this server", body = Schemes, content_type = "application/json")),
)]
pub(super) async fn list(State(state): State<AppState>) -> Response {
    let lexicon = state.extractor().lexicon();
    kept(&Schemes { schemes: lexicon.schemes.iter().map(summary).collect() })
}

/// Describe one controlled list
#[utoipa::path(
    get, path = "/v1/schemes/{scheme}", operation_id = "getScheme", tag = "schemes",
    params(("scheme" = String, Path, description = "The list's short name", example = "incident")),
    responses((status = 200, description = "The list", body = SchemeDetail, content_type = "application/json")),
)]
pub(super) async fn scheme(State(state): State<AppState>, path: Result<Path<String>, PathRejection>) -> Result<Response, Problem> {
    let lexicon = state.extractor().lexicon();
    let scheme = find(lexicon, &segment(path)?)?;
    let concepts = || scheme.concepts.iter().map(|&id| lexicon.get(id));
    let mut used: Vec<&str> = concepts().flat_map(|c| &c.mappings).map(|m| m.scheme.as_str()).collect();
    used.sort_unstable();
    used.dedup();
    let target = |t: &crate::lexicon::TargetList| Target {
        id: t.id.clone(),
        title: t.title.clone(),
        licence: t.licence.clone(),
        attribution: t.attribution.clone(),
        source: t.source.clone(),
    };
    Ok(kept(&SchemeDetail {
        scheme: summary(scheme),
        top: concepts().filter(|c| c.broader.is_none()).map(name).collect(),
        targets: used.iter().filter_map(|id| lexicon.targets.get(*id)).map(target).collect(),
    }))
}

/// Find concepts while words are typed
#[utoipa::path(
    get, path = "/v1/schemes/{scheme}/concepts", operation_id = "findConcepts", tag = "schemes",
    params(("scheme" = String, Path, description = "The list's short name", example = "incident"), ConceptsQuery),
    responses((status = 200, description = "A page of concepts, best match first", body = Concepts, content_type = "application/json")),
)]
pub(super) async fn concepts(
    State(state): State<AppState>,
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<ConceptsQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let lexicon = state.extractor().lexicon();
    let scheme = find(lexicon, &segment(path)?)?;
    let refuse = |pointer: &str, detail: &str| Problem::invalid(vec![Invalid { pointer: pointer.to_owned(), detail: detail.to_owned() }]);
    let Ok(Query(query)) = query else {
        return Err(refuse("", "the query may hold q, broader, limit and offset, each once, the last two whole numbers"));
    };
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if limit == 0 || limit > MAX_LIMIT {
        return Err(refuse("/limit", &format!("must be from 1 to {MAX_LIMIT}")));
    }
    let q = query.q.unwrap_or_default();
    if q.chars().count() > 200 {
        return Err(refuse("/q", "must have at most 200 characters"));
    }
    let under = match query.broader.filter(|notation| !notation.is_empty()) {
        None => None,
        Some(notation) => Some(named(lexicon, scheme, &notation)?.id),
    };
    let found = state.type_ahead().find(&q, scheme, |id| under.is_none_or(|under| lexicon.get(id).broader == Some(under)));
    let offset = query.offset.unwrap_or(0);
    let page = found.iter().skip(offset).take(limit).map(|(id, matched)| {
        let concept = lexicon.get(*id);
        ConceptSummary {
            notation: concept.notation.clone(),
            label: concept.pref_label.clone(),
            broader: concept.broader.map(|id| broader(lexicon, id)),
            leaf: concept.leaf,
            retired: concept.retired,
            matched: matched.map(str::to_owned),
        }
    });
    Ok(kept(&Concepts { scheme: scheme.id.clone(), total: found.len(), limit, offset, concepts: page.collect() }))
}

/// Describe one concept
#[utoipa::path(
    get, path = "/v1/schemes/{scheme}/concepts/{notation}", operation_id = "getConcept", tag = "schemes",
    params(
        ("scheme" = String, Path, description = "The list's short name", example = "incident"),
        ("notation" = String, Path, description = "The concept's code", example = "IN1001"),
    ),
    responses((status = 200, description = "Everything that the list says of it", body = ConceptDetail, content_type = "application/json")),
)]
pub(super) async fn concept(State(state): State<AppState>, path: Result<Path<(String, String)>, PathRejection>) -> Result<Response, Problem> {
    let lexicon = state.extractor().lexicon();
    let (scheme, notation) = segment(path)?;
    let scheme = find(lexicon, &scheme)?;
    let concept = named(lexicon, scheme, &notation)?;
    let mapping = |m: &crate::scheme::Mapping| MappingDetail {
        scheme: m.scheme.clone(),
        title: lexicon.targets.get(&m.scheme).map(|list| list.title.clone()),
        code: m.code.clone(),
        label: m.label.clone(),
        relation: m.relation.clone(),
    };
    let thresholds = state.extractor().calibrator_of(Sources::All).thresholds(concept.id);
    Ok(kept(&ConceptDetail {
        scheme: scheme.id.clone(),
        notation: concept.notation.clone(),
        label: concept.pref_label.clone(),
        alt_labels: shown(concept).map(str::to_owned).collect(),
        scope_note: concept.scope_note.clone(),
        leaf: concept.leaf,
        retired: concept.retired,
        broader: lexicon.ancestors(concept.id).map(|id| broader(lexicon, id)).collect(),
        narrower: scheme.concepts.iter().map(|&id| lexicon.get(id)).filter(|c| c.broader == Some(concept.id)).map(name).collect(),
        counterpart: concept.counterpart.map(|id| name(lexicon.get(id))),
        default_subject: concept.default_subject,
        default_role: concept.default_role,
        mappings: concept.mappings.iter().map(mapping).collect(),
        attributes: concept.attributes.clone(),
        thresholds: ConceptThresholds { review: thresholds.review, high: thresholds.high },
    }))
}

fn find<'l>(lexicon: &'l Lexicon, id: &str) -> Result<&'l Scheme, Problem> {
    lexicon.scheme(id).ok_or_else(|| Problem::because(Code::NotFound, "this server has no list of this name; see /v1/schemes"))
}

fn named<'l>(lexicon: &'l Lexicon, scheme: &Scheme, notation: &str) -> Result<&'l Concept, Problem> {
    lexicon.concept(&scheme.id, notation).ok_or_else(|| Problem::because(Code::NotFound, "the list has no concept of this code"))
}

/// The variable parts of the path; one that is no UTF-8 names nothing.
fn segment<T>(path: Result<Path<T>, PathRejection>) -> Result<T, Problem> {
    path.map(|Path(parts)| parts).map_err(|_| Problem::new(Code::NotFound))
}

fn summary(scheme: &Scheme) -> SchemeSummary {
    SchemeSummary {
        id: scheme.id.clone(),
        title: scheme.title.clone(),
        version: scheme.full_version(),
        language: scheme.language.clone(),
        licence: scheme.licence.clone(),
        source: scheme.source.clone(),
        concepts: scheme.concepts.len(),
    }
}

fn name(concept: &Concept) -> ConceptName {
    ConceptName { notation: concept.notation.clone(), label: concept.pref_label.clone() }
}

fn broader(lexicon: &Lexicon, id: ConceptId) -> Broader {
    Broader { notation: lexicon.get(id).notation.clone(), label: lexicon.get(id).pref_label.clone() }
}

/// A part of the lists: it holds no note text, and changes only with a new start.
fn kept(value: &impl Serialize) -> Response {
    ([(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))], axum::Json(value)).into_response()
}
