//! What was answered for coded notes: by this engine, by its labels alone, or by another tool in a file.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::gold::{Gold, GoldError};
use crate::assertion::{Assertion, Presence, Role, Stage, Subject, Time};
use crate::extractor::{Extractor, Request, Sources};
use crate::lexicon::Lexicon;
use crate::mention::LabelId;
use crate::scheme::ConceptId;
use crate::span::{OffsetUnit, Span};
use crate::suggestion::{Band, Suggestion};

/// Suggestions below this confidence are not looked at, not even for ranking.
const FLOOR: f32 = 0.05;

/// A concept that was named for a note.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The concept.
    pub concept: ConceptId,
    /// How sure, from 0 to 1.
    pub confidence: f32,
    /// Whether it is suggested. The others stand below the threshold and count for ranking and calibration only.
    pub shown: bool,
    /// The attributes; a tool may have none.
    pub assertion: Option<Assertion>,
    /// The words behind it, in bytes of the note.
    pub evidence: Vec<Span>,
    /// The label that was read, of this engine.
    pub label: Option<LabelId>,
}

/// What was answered for one note, the surest first.
pub type Answer = Vec<Answered>;

/// Which part of the engine answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The engine, with these signals.
    Engine(Sources),
    /// Every label that reads, without context and without judgement: the floor to stand on.
    Labels,
}

/// Reads one note.
pub fn answer(extractor: &Extractor, part: Part, note: &str) -> Answer {
    match part {
        Part::Engine(sources) => engine(extractor, sources, note),
        Part::Labels => labels(extractor, note),
    }
}

fn engine(extractor: &Extractor, sources: Sources, note: &str) -> Answer {
    let answered = |s: Suggestion, shown: bool| Answered {
        concept: s.concept,
        confidence: s.confidence.get(),
        shown,
        label: s.evidence.iter().find_map(|e| e.label),
        evidence: s.evidence.iter().map(|e| e.span).collect(),
        assertion: Some(s.assertion),
    };
    let shown = extractor.suggest(note, &Request { sources, ..Request::default() }).suggestions;
    let all = extractor.suggest(note, &Request { min_confidence: Some(FLOOR), sources, ..Request::default() }).suggestions;
    let below = all.into_iter().filter(|s| !shown.iter().any(|t| t.concept == s.concept)).map(|s| answered(s, false)).collect::<Vec<_>>();
    let mut answer: Answer = shown.into_iter().map(|s| answered(s, true)).chain(below).collect();
    surest_first(&mut answer);
    answer
}

fn labels(extractor: &Extractor, note: &str) -> Answer {
    let mut read: BTreeMap<ConceptId, Answered> = BTreeMap::new();
    for evidence in extractor.propose(note, Sources::Dictionary).into_iter().flat_map(|p| p.group.candidates).map(|c| c.evidence) {
        let Some(label) = evidence.label else { continue };
        let concept = extractor.lexicon().label(label).concept;
        let confidence = 1.0 / (1.0 + (-evidence.score.0).exp());
        let entry = read.entry(concept).or_insert_with(|| Answered { concept, confidence, shown: true, assertion: None, evidence: Vec::new(), label: None });
        if entry.label.is_none() || confidence > entry.confidence {
            (entry.confidence, entry.label) = (confidence, Some(label));
        }
        entry.evidence.push(evidence.span);
    }
    let mut answer: Answer = read.into_values().collect();
    surest_first(&mut answer);
    answer
}

fn surest_first(answer: &mut Answer) {
    answer.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.concept.cmp(&b.concept)));
}

/// One line of a file of answers: the answer of the API, of which only this is read.
#[derive(Deserialize)]
struct Line {
    id: String,
    #[serde(default)]
    offset_unit: OffsetUnit,
    suggestions: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    scheme: String,
    notation: String,
    confidence: f32,
    /// `low`: below the tool's threshold.
    #[serde(default)]
    band: Option<Band>,
    #[serde(default)]
    assertion: Option<NamedAssertion>,
    #[serde(default)]
    evidence: Vec<Words>,
}

#[derive(Deserialize)]
struct NamedAssertion {
    presence: Presence,
    time: Time,
    subject: Subject,
    role: Role,
    #[serde(default)]
    stage: Option<Stage>,
}

#[derive(Deserialize)]
struct Words {
    start: u32,
    end: u32,
}

/// Reads a file of answers (JSON lines as `casecoder suggest --input-format jsonl` writes them) for these notes, in their order.
///
/// # Errors
/// [`GoldError`] where a line is no answer, a code is not in the lists, a confidence is not between 0 and 1, an identifier is
/// unknown or stands twice, or a note has no answer.
pub fn read(path: &Path, gold: &[Gold], lexicon: &Lexicon) -> Result<Vec<Answer>, GoldError> {
    let error = |line: usize, message: String| GoldError { path: path.into(), line, message };
    let file = std::fs::read_to_string(path).map_err(|e| error(0, format!("cannot be read: {e}")))?;
    let places: BTreeMap<&str, usize> = gold.iter().enumerate().map(|(place, coded)| (coded.note.id.as_str(), place)).collect();
    let mut answers: Vec<Option<Answer>> = vec![None; gold.len()];
    for (index, line) in file.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let number = index + 1;
        let line: Line = serde_json::from_str(line).map_err(|e| error(number, format!("not an answer (column {}, {:?})", e.column(), e.classify())))?;
        let place = *places.get(line.id.as_str()).ok_or_else(|| error(number, "the `id` is not among the coded notes".to_owned()))?;
        let note = gold[place].note.text.as_str();
        let mut answer = Answer::new();
        for named in line.suggestions {
            let concept = lexicon
                .concept(&named.scheme, &named.notation)
                .ok_or_else(|| error(number, format!("no concept `{}` in the scheme `{}`", named.notation, named.scheme)))?;
            if !(0.0..=1.0).contains(&named.confidence) {
                return Err(error(number, format!("`{}`: a confidence is between 0 and 1", named.notation)));
            }
            let byte = |offset: u32| line.offset_unit.byte(note, offset);
            answer.push(Answered {
                concept: concept.id,
                confidence: named.confidence,
                shown: named.band != Some(Band::Low),
                assertion: named.assertion.map(|a| Assertion {
                    presence: a.presence,
                    time: a.time,
                    subject: a.subject,
                    role: a.role,
                    stage: a.stage,
                    cues: Vec::new(),
                }),
                evidence: named.evidence.iter().map(|words| Span::new(byte(words.start), byte(words.end))).collect(),
                label: None,
            });
        }
        surest_first(&mut answer);
        if answers[place].replace(answer).is_some() {
            return Err(error(number, "the `id` has an answer already".to_owned()));
        }
    }
    let missing = answers.iter().filter(|answer| answer.is_none()).count();
    if missing > 0 {
        return Err(error(0, format!("{missing} of {} notes have no answer", gold.len())));
    }
    Ok(answers.into_iter().flatten().collect())
}
