//! Gold: notes that people coded, one JSON object a line.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::assertion::{Assertion, Presence, Role, Stage, Subject, Time};
use crate::lexicon::Lexicon;
use crate::note::NoteText;
use crate::scheme::ConceptId;
use crate::span::Span;

/// A coded note.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoldNote {
    /// Its identifier.
    pub id: String,
    /// Where it comes from: `case_note`, `police_log` …
    pub kind: String,
    /// Whose voice it is in; voices do not cross splits.
    pub voice: String,
    /// Of training sentences: `concept` (an expression of one), `variant` (in another context) or `none` (no code).
    #[serde(default)]
    pub part: Option<Part>,
    /// The words.
    pub text: NoteText,
    /// The codes, denied and hypothetical ones too.
    pub codes: Vec<GoldCode>,
}

/// What a training sentence was written for.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// To say a concept in yet another way.
    Concept,
    /// To say a situation in another context: denied, past, alleged, of somebody else …
    Variant,
    /// To say something that has no code.
    None,
}

/// One code of a note.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoldCode {
    /// The scheme.
    pub scheme: String,
    /// The code.
    pub notation: String,
    /// The words, as they stand in the text.
    pub evidence: Vec<NoteText>,
    /// See [`Presence`].
    pub presence: Presence,
    /// See [`Time`].
    pub time: Time,
    /// See [`Subject`].
    pub subject: Subject,
    /// See [`Role`].
    pub role: Role,
    /// See [`Stage`]; interventions only.
    #[serde(default)]
    pub stage: Option<Stage>,
}

impl GoldCode {
    /// Its attributes.
    pub fn assertion(&self) -> Assertion {
        Assertion { presence: self.presence, time: self.time, subject: self.subject, role: self.role, stage: self.stage, cues: Vec::new() }
    }

    /// Every place where its evidence stands in the note.
    pub fn spans<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Span> + 't {
        self.evidence
            .iter()
            .flat_map(move |words| text.match_indices(words.as_str()).map(|(start, words)| Span::new(start as u32, (start + words.len()) as u32)))
    }

    /// Whether a reviewer would store it (coding guide, end).
    pub fn storable(&self) -> bool {
        let outsider = self.scheme == "need" && matches!(self.subject, Subject::Neighbour | Subject::Professional);
        self.assertion().storable() && !outsider
    }
}

/// The gold cannot be used; the message names file and line and never the text.
#[derive(Debug, thiserror::Error)]
#[error("{}: {}{message}", .path.display(), place(*.line as u64))]
pub struct GoldError {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1; 0 where it is the whole file.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// `line 3: `, or nothing for a whole file.
pub(super) fn place(line: u64) -> String {
    if line == 0 { String::new() } else { format!("line {line}: ") }
}

/// A coded note with its codes found in the lists.
pub struct Gold {
    /// The note.
    pub note: GoldNote,
    /// The concept of each code, in order.
    pub concepts: Vec<ConceptId>,
}

/// Reads and checks a gold file.
///
/// # Errors
/// [`GoldError`] where a line is no coded note, a code is not in the lists, or evidence is not in the text.
pub fn read(path: &Path, lexicon: &Lexicon) -> Result<Vec<Gold>, GoldError> {
    let error = |line: usize, message: String| GoldError { path: path.into(), line, message };
    let file = std::fs::read_to_string(path).map_err(|e| error(0, format!("cannot be read: {e}")))?;
    let mut gold = Vec::new();
    for (index, line) in file.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let number = index + 1;
        // serde's message can quote the input, so only its place is told.
        let note: GoldNote = serde_json::from_str(line).map_err(|e| error(number, format!("not a coded note (column {}, {:?})", e.column(), e.classify())))?;
        let mut concepts = Vec::new();
        for code in &note.codes {
            let concept = lexicon
                .concept(&code.scheme, &code.notation)
                .ok_or_else(|| error(number, format!("no concept `{}` in the scheme `{}`", code.notation, code.scheme)))?;
            if code.evidence.is_empty() || code.evidence.iter().any(|words| words.as_str().is_empty() || !note.text.as_str().contains(words.as_str())) {
                return Err(error(number, format!("evidence of `{}` is not in the text", code.notation)));
            }
            if (code.scheme == "intervention") != code.stage.is_some() {
                return Err(error(number, format!("`{}`: a stage is for interventions, and every intervention has one", code.notation)));
            }
            concepts.push(concept.id);
        }
        gold.push(Gold { note, concepts });
    }
    Ok(gold)
}
