//! [`Suggestion`], [`Evidence`], [`Score`], [`Confidence`] and [`Extraction`]: what the engine answers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::assertion::Assertion;
use crate::mention::LabelId;
use crate::provenance::Provenance;
use crate::scheme::ConceptId;
use crate::span::Span;

/// A raw score: log-odds before calibration, comparable only within one source.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Score(pub f32);

/// The probability that a trained reviewer, following the coding guide, accepts this
/// concept for this note. Only [`crate::calibration`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Confidence(f32);

impl Confidence {
    /// For the calibration alone: there is no other way to a confidence.
    pub(crate) fn calibrated(probability: f32) -> Self {
        Self(probability.clamp(0.0, 1.0))
    }

    /// The probability, from 0 to 1.
    pub fn get(self) -> f32 {
        self.0
    }
}

/// How a reviewer should take a suggestion, from the concept's own thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// Right so often that a glance is enough.
    High,
    /// Worth reading.
    Review,
    /// Under the concept's threshold; shown only when the caller asks for it.
    Low,
}

/// Which signal an evidence comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A label of the concept was read.
    Dictionary,
    /// The transformer scored the sentence.
    Model,
}

/// Why a concept is suggested: words of the note, and the signal that read them.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Where the words stand.
    pub span: Span,
    /// The signal.
    pub source: Source,
    /// The label that was read, for the dictionary.
    pub label: Option<LabelId>,
    /// What this evidence alone adds.
    pub score: Score,
}

/// A concept that the engine proposes for a note; a person decides.
#[derive(Clone, Debug, PartialEq)]
pub struct Suggestion {
    /// What is proposed.
    pub concept: ConceptId,
    /// How often a proposal like this one is accepted.
    pub confidence: Confidence,
    /// How a reviewer should take it.
    pub band: Band,
    /// Confidence less that of the strongest rival: another concept of the same
    /// scheme read at overlapping words; without a rival, the confidence itself.
    pub margin: f32,
    /// The five attributes.
    pub assertion: Assertion,
    /// The words behind it, at least one.
    pub evidence: Vec<Evidence>,
}

/// Why a concept that was found is not suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The note says that it is not so.
    Denied,
    /// Advice, a condition, a leaflet.
    Hypothetical,
    /// Confidence under the threshold.
    BelowThreshold,
    /// The label has several meanings, and the words near it speak for another.
    AmbiguousLabel,
    /// A more specific concept took its place, the words are a form's question, it is
    /// somebody's who is not of the family, or the caller asked for fewer.
    Filtered,
}

/// A concept that was found and set aside, with the reason.
#[derive(Clone, Debug, PartialEq)]
pub struct Suppressed {
    /// What was found.
    pub concept: ConceptId,
    /// Why it is not suggested.
    pub reason: Reason,
    /// The five attributes as read.
    pub assertion: Assertion,
    /// The words.
    pub evidence: Vec<Evidence>,
}

/// What became of the note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// There is at least one suggestion.
    Suggested,
    /// The note was read and nothing is suggested.
    NothingFound,
    /// There were no words to read.
    NoText,
}

/// Whether the transformer took part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelUse {
    /// It scored the note.
    Used,
    /// It would not have been ready in time.
    SkippedDeadline,
    /// Too much work was waiting.
    SkippedOverload,
    /// This server runs on lists and context alone.
    NotLoaded,
}

/// Everything that the engine found in one note.
#[derive(Clone, Debug, PartialEq)]
pub struct Extraction {
    /// What became of the note.
    pub outcome: Outcome,
    /// Whether the transformer took part.
    pub model: ModelUse,
    /// What is suggested, by falling confidence, then by notation.
    pub suggestions: Vec<Suggestion>,
    /// What was found and set aside.
    pub suppressed: Vec<Suppressed>,
    /// The versions of everything that shaped the answer.
    pub provenance: std::sync::Arc<Provenance>,
}
