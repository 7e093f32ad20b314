//! [`Mention`]: which label of which concept was read at which span.

use crate::scheme::ConceptId;
use crate::span::Span;

/// A label's place in the loaded lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LabelId(pub u32);

/// How well the words fit the label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fit {
    /// A word was read as a misspelling of the label's word.
    pub misspelt: bool,
    /// Words stand between the label's parts.
    pub gapped: bool,
    /// How many words more than the shortest way to say the label.
    pub gap_words: u8,
    /// The label asks for words near it, and they are there.
    pub hinted: bool,
}

/// A concept's label read at a span of the note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The concept.
    pub concept: ConceptId,
    /// The label that was read.
    pub label: LabelId,
    /// Where, in the original note.
    pub span: Span,
    /// The same place as tokens of the page: first and one past the last.
    pub tokens: (u32, u32),
    /// The sentence it stands in.
    pub sentence: u32,
    /// How well the words fit.
    pub fit: Fit,
}

/// Why a mention was set aside before it became evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetAside {
    /// A hint of the label says that the words mean something else here.
    AmbiguousLabel,
    /// A longer or more specific match stands there, or the words belong to a form's question.
    Filtered,
}
