//! The JSON shapes of requests and answers, and the conversion of offsets: the only place where they exist.
//!
//! Names are those of the contract (`docs/api.md`). The command line and the service
//! share them, so the same note gets the same answer through either door.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::assertion::{Assertion, Axis, Presence, Role, Stage, Subject, Time};
use crate::extractor::{Extractor, Request, Sources};
use crate::note::NoteText;
use crate::provenance::Provenance;
use crate::scheme::ConceptId;
use crate::span::{OffsetTable, OffsetUnit, Span};
use crate::suggestion::{Band, Evidence, Extraction, ModelUse, Outcome, Reason, Source, Suggestion, Suppressed};

/// Most suggestions that a caller may ask for.
pub const MAX_LIMIT: usize = 200;
/// Suggestions without a `limit`.
pub const DEFAULT_LIMIT: usize = 50;

/// A note and what the caller wants to know of it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuggestRequest {
    /// The caller's identifier, given back unchanged.
    #[serde(default)]
    #[schema(example = "note-81", max_length = 200)]
    pub id: Option<String>,
    /// The note. Either this or `fields`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Neighbour alleges Mr K kicked the door in. Mum denies any drug use.")]
    pub text: Option<NoteText>,
    /// Several named texts of one record; offsets then carry the field's name.
    #[serde(default)]
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    pub fields: Option<BTreeMap<String, NoteText>>,
    /// What sort of record it is, for example `case_note`. Kept for the caller; it changes nothing yet.
    #[serde(default)]
    #[schema(example = "case_note", max_length = 100)]
    pub kind: Option<String>,
    /// Only these schemes; all where absent.
    #[serde(default)]
    #[schema(example = json!(["need", "incident", "intervention"]), min_items = 1)]
    pub schemes: Option<Vec<String>>,
    /// At most so many suggestions, from 1 to 200.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 200, example = 20)]
    pub limit: Option<usize>,
    /// Only suggestions of at least this confidence, instead of each concept's own threshold.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1, example = 0.2)]
    pub min_confidence: Option<f32>,
    /// The unit of the offsets in the answer.
    #[serde(default)]
    pub offset_unit: OffsetUnit,
    /// `suppressed`: what was found and set aside, with the reason.
    #[serde(default)]
    pub include: Vec<Include>,
    /// Milliseconds after which the answer comes without the transformer. This version does not look at it: it leaves the transformer out of long notes only.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 60000, example = 250)]
    pub deadline_ms: Option<u32>,
}

/// What an answer may hold besides suggestions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Include {
    /// What was found and set aside, with the reason.
    Suppressed,
}

/// The answer for one note.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SuggestAnswer {
    /// The caller's identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The unit of all offsets.
    pub offset_unit: OffsetUnit,
    /// What became of the note.
    pub outcome: Outcome,
    /// The versions of everything that shaped the answer.
    pub versions: Provenance,
    /// Whether the transformer took part.
    pub model: ModelUse,
    /// What is suggested, by falling confidence, then by notation.
    pub suggestions: Vec<WireSuggestion>,
    /// What was found and set aside; only on request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<Vec<WireSuppressed>>,
}

/// A concept proposed for the note.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WireSuggestion {
    /// The controlled list.
    #[schema(example = "incident")]
    pub scheme: String,
    /// The code.
    #[schema(example = "IN1001")]
    pub notation: String,
    /// Its name.
    #[schema(example = "Damage to a home or other building")]
    pub label: String,
    /// The probability that a trained reviewer accepts it.
    pub confidence: f32,
    /// How to take it.
    pub band: Band,
    /// Confidence less that of the strongest rival for the same words.
    pub margin: f32,
    /// The five attributes.
    pub assertion: WireAssertion,
    /// The wider concepts, nearest first.
    pub broader: Vec<Broader>,
    /// The same in other lists.
    pub mappings: Vec<WireMapping>,
    /// The words, at least one.
    pub evidence: Vec<WireEvidence>,
}

/// A concept found and set aside.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WireSuppressed {
    /// The controlled list.
    pub scheme: String,
    /// The code.
    pub notation: String,
    /// Its name.
    pub label: String,
    /// Why it is not suggested.
    pub reason: Reason,
    /// The five attributes as read.
    pub assertion: WireAssertion,
    /// The words.
    pub evidence: Vec<WireEvidence>,
}

/// The five attributes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WireAssertion {
    /// Whether the note says that it is so.
    pub presence: Presence,
    /// When.
    pub time: Time,
    /// Whose.
    pub subject: Subject,
    /// The family's part in it.
    pub role: Role,
    /// How far it got; interventions only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// The words behind every value that is not the concept's default.
    pub cues: Vec<WireCue>,
}

/// Words that set an attribute.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WireCue {
    /// The attribute.
    pub axis: Axis,
    /// The field of the record, where it has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Where they start.
    pub start: u32,
    /// One past their end.
    pub end: u32,
    /// The words.
    pub text: String,
}

/// A wider concept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Broader {
    /// Its code.
    pub notation: String,
    /// Its name.
    pub label: String,
}

/// A link to another list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WireMapping {
    /// The other list.
    pub scheme: String,
    /// The code there.
    pub code: String,
    /// Its name there, where it may be published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// How the two relate (SKOS).
    #[schema(example = "broadMatch")]
    pub relation: String,
}

/// Words of the note that justify a suggestion.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WireEvidence {
    /// The field of the record, where it has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Where they start.
    pub start: u32,
    /// One past their end.
    pub end: u32,
    /// The words.
    pub text: String,
    /// The signal that read them.
    pub source: Source,
    /// The label that was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What this evidence adds, comparable within one source only.
    pub score: f32,
}

/// A request that cannot be answered: a JSON pointer to the field, and what it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Invalid {
    /// Where in the request, as a JSON pointer (RFC 6901).
    #[schema(example = "/limit")]
    pub pointer: String,
    /// What is wrong; never any note text.
    pub detail: String,
}

impl SuggestRequest {
    /// A request for one text with everything else left at its default.
    pub fn of_text(id: Option<String>, text: impl Into<NoteText>) -> Self {
        Self {
            id,
            text: Some(text.into()),
            fields: None,
            kind: None,
            schemes: None,
            limit: None,
            min_confidence: None,
            offset_unit: OffsetUnit::default(),
            include: Vec::new(),
            deadline_ms: None,
        }
    }

    /// Bytes of note text in the request.
    pub fn text_bytes(&self) -> usize {
        let fields = self.fields.iter().flat_map(BTreeMap::values);
        self.text.iter().chain(fields).map(|text| text.as_str().len()).sum()
    }

    /// What the engine is asked.
    ///
    /// # Errors
    /// Every field with a value that is not allowed.
    pub fn check(&self, extractor: &Extractor) -> Result<Request, Vec<Invalid>> {
        let mut invalid = Vec::new();
        let mut refuse = |pointer: &str, detail: String| invalid.push(Invalid { pointer: pointer.to_owned(), detail });
        match (&self.text, &self.fields) {
            (None, None) => refuse("/text", "one of `text` and `fields` is required".to_owned()),
            (Some(_), Some(_)) => refuse("/fields", "only one of `text` and `fields` may be given".to_owned()),
            _ => {}
        }
        if self.id.as_ref().is_some_and(|id| id.chars().count() > 200) {
            refuse("/id", "must have at most 200 characters".to_owned());
        }
        if self.kind.as_ref().is_some_and(|kind| kind.chars().count() > 100) {
            refuse("/kind", "must have at most 100 characters".to_owned());
        }
        if self.limit.is_some_and(|limit| limit == 0 || limit > MAX_LIMIT) {
            refuse("/limit", format!("must be from 1 to {MAX_LIMIT}"));
        }
        if self.min_confidence.is_some_and(|confidence| !(0.0..=1.0).contains(&confidence)) {
            refuse("/min_confidence", "must be from 0 to 1".to_owned());
        }
        if self.deadline_ms.is_some_and(|deadline| deadline == 0 || deadline > 60_000) {
            refuse("/deadline_ms", "must be from 1 to 60000".to_owned());
        }
        let known: Vec<&str> = extractor.lexicon().schemes.iter().map(|scheme| scheme.id.as_str()).collect();
        let mut schemes = Vec::new();
        for (index, wanted) in self.schemes.iter().flatten().enumerate() {
            match known.iter().position(|id| id == wanted) {
                Some(place) => schemes.push(place),
                None => refuse(&format!("/schemes/{index}"), format!("unknown scheme; known are {}", known.join(", "))),
            }
        }
        if self.schemes.as_ref().is_some_and(Vec::is_empty) {
            refuse("/schemes", "must name at least one scheme, or be left out".to_owned());
        }
        let request = Request { schemes, limit: Some(self.limit.unwrap_or(DEFAULT_LIMIT)), min_confidence: self.min_confidence, sources: Sources::All };
        if invalid.is_empty() { Ok(request) } else { Err(invalid) }
    }

    /// The answer to a request.
    ///
    /// # Errors
    /// Every field with a value that is not allowed.
    pub fn answer(&self, extractor: &Extractor) -> Result<SuggestAnswer, Vec<Invalid>> {
        let request = self.check(extractor)?;
        // Fields are read as one record, each a paragraph of its own, so that a code is given once for the record.
        let record = Record::new(self);
        let extraction = extractor.suggest(&record.text, &request);
        Ok(record.answer(extractor, self, extraction))
    }
}

/// The text that the engine reads, and where each field of the request stands in it.
struct Record {
    text: String,
    /// Name, start and end in `text`, and the field's own offsets.
    fields: Vec<(Option<String>, Span, OffsetTable)>,
}

impl Record {
    fn new(request: &SuggestRequest) -> Self {
        let mut record = Record { text: String::new(), fields: Vec::new() };
        let unit = request.offset_unit;
        let texts = request.text.iter().map(|text| (None, text)).chain(request.fields.iter().flatten().map(|(name, text)| (Some(name.clone()), text)));
        for (name, text) in texts {
            if !record.text.is_empty() {
                // A tag or comment that a field leaves open must not swallow the next: a `>` closes it and is nothing by itself.
                record.text.push_str("-->\n\n");
            }
            let start = record.text.len() as u32;
            record.text.push_str(text.as_str());
            record.fields.push((name, Span::new(start, record.text.len() as u32), OffsetTable::new(text.as_str(), unit)));
        }
        record
    }

    /// The field that holds a span, and the span in the field's own offsets.
    fn locate(&self, span: Span) -> (Option<String>, u32, u32) {
        let place = self.fields.partition_point(|(_, field, _)| field.end < span.end).min(self.fields.len().saturating_sub(1));
        let Some((name, field, table)) = self.fields.get(place) else { return (None, span.start, span.end) };
        let own = field.slice(&self.text);
        let convert = |at: u32| table.convert(own, at.saturating_sub(field.start).min(field.len()));
        (name.clone(), convert(span.start), convert(span.end))
    }

    fn answer(&self, extractor: &Extractor, request: &SuggestRequest, extraction: Extraction) -> SuggestAnswer {
        let suppressed = request.include.contains(&Include::Suppressed).then(|| extraction.suppressed.iter().map(|s| self.suppressed(extractor, s)).collect());
        SuggestAnswer {
            id: request.id.clone(),
            offset_unit: request.offset_unit,
            outcome: extraction.outcome,
            versions: (*extraction.provenance).clone(),
            model: extraction.model,
            suggestions: extraction.suggestions.iter().map(|s| self.suggestion(extractor, s)).collect(),
            suppressed,
        }
    }

    fn suggestion(&self, extractor: &Extractor, suggestion: &Suggestion) -> WireSuggestion {
        let lexicon = extractor.lexicon();
        let concept = lexicon.get(suggestion.concept);
        let name = |id: ConceptId| Broader { notation: lexicon.get(id).notation.clone(), label: lexicon.get(id).pref_label.clone() };
        WireSuggestion {
            scheme: lexicon.scheme_of(concept.id).id.clone(),
            notation: concept.notation.clone(),
            label: concept.pref_label.clone(),
            confidence: hundredth(suggestion.confidence.get()),
            band: suggestion.band,
            margin: hundredth(suggestion.margin),
            assertion: self.assertion(&suggestion.assertion),
            broader: lexicon.ancestors(concept.id).map(name).collect(),
            mappings: concept
                .mappings
                .iter()
                .map(|m| WireMapping { scheme: m.scheme.clone(), code: m.code.clone(), label: m.label.clone(), relation: m.relation.clone() })
                .collect(),
            evidence: self.evidence(extractor, &suggestion.evidence),
        }
    }

    fn suppressed(&self, extractor: &Extractor, suppressed: &Suppressed) -> WireSuppressed {
        let lexicon = extractor.lexicon();
        let concept = lexicon.get(suppressed.concept);
        WireSuppressed {
            scheme: lexicon.scheme_of(concept.id).id.clone(),
            notation: concept.notation.clone(),
            label: concept.pref_label.clone(),
            reason: suppressed.reason,
            assertion: self.assertion(&suppressed.assertion),
            evidence: self.evidence(extractor, &suppressed.evidence),
        }
    }

    fn assertion(&self, assertion: &Assertion) -> WireAssertion {
        let cues = assertion.cues.iter().map(|cue| {
            let (field, start, end) = self.locate(cue.span);
            WireCue { axis: cue.axis, field, start, end, text: cue.span.slice(&self.text).to_owned() }
        });
        WireAssertion {
            presence: assertion.presence,
            time: assertion.time,
            subject: assertion.subject,
            role: assertion.role,
            stage: assertion.stage,
            cues: cues.collect(),
        }
    }

    fn evidence(&self, extractor: &Extractor, evidence: &[Evidence]) -> Vec<WireEvidence> {
        let wire = |evidence: &Evidence| {
            let (field, start, end) = self.locate(evidence.span);
            WireEvidence {
                field,
                start,
                end,
                text: evidence.span.slice(&self.text).to_owned(),
                source: evidence.source,
                label: evidence.label.map(|id| extractor.lexicon().label(id).text.clone()),
                score: hundredth(evidence.score.0),
            }
        };
        evidence.iter().map(wire).collect()
    }
}

/// Two places after the point are all that a confidence means.
fn hundredth(x: f32) -> f32 {
    (x * 100.0).round() / 100.0
}
