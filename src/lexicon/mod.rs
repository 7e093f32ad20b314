//! The only reader of `lexicons/`: controlled lists, labels, hints, cues and words.
//!
//! [`Lexicon::load`] reads and checks everything, and refuses broken lists with file and
//! line; [`Lexicon::check`] gives every finding, warnings too.

mod check;
mod cues;
mod labels;
mod schemes;
mod table;
mod targets;
mod words;

use std::collections::BTreeMap;
use std::path::Path;

pub use cues::{Cue, CueValue, Direction, Gender, Reach};
pub use labels::{Hint, Hints, Label, LabelKind, Strength};
pub use table::{Finding, Severity};
pub use targets::TargetList;

use crate::mention::LabelId;
use crate::scheme::{Concept, ConceptId, Scheme};
use crate::text::{Language, Pattern, Words};
use table::Reader;

/// The lists are broken; each finding names its file and line.
#[derive(Debug, thiserror::Error)]
#[error("{}", summary(.findings))]
pub struct LexiconError {
    /// What is wrong.
    pub findings: Vec<Finding>,
}

fn summary(findings: &[Finding]) -> String {
    let errors: Vec<String> =
        findings.iter().filter(|f| f.severity == Severity::Error).map(|f| format!("{}: line {}: {}", f.file.display(), f.line, f.message)).collect();
    let shown = errors.iter().take(5).cloned().collect::<Vec<_>>().join("\n  ");
    let more = if errors.len() > 5 { format!("\n  and {} more (see `casecoder lexicon check`)", errors.len() - 5) } else { String::new() };
    format!("the lists have {} errors:\n  {shown}{more}", errors.len())
}

/// Everything that `lexicons/` holds, checked.
#[derive(Debug, Default)]
pub struct Lexicon {
    /// The controlled lists.
    pub schemes: Vec<Scheme>,
    /// The concepts of all schemes; [`ConceptId`] is the place here.
    pub concepts: Vec<Concept>,
    /// The labels of all concepts; [`LabelId`] is the place here.
    pub labels: Vec<Label>,
    /// The patterns of the labels' hints.
    pub hints: Hints,
    /// The cues of all axes.
    pub cues: Vec<Cue>,
    /// The official lists that mappings point at, by their short name.
    pub targets: BTreeMap<String, TargetList>,
    /// Words, classes and abbreviations.
    pub language: Language,
    /// Everyday words that are also acronyms in capitals.
    ordinary: rustc_hash::FxHashSet<String>,
    /// Content hash of cues, words and target lists.
    pub context_digest: String,
}

/// What is looked for on pages, by the places of labels, hints and cues.
#[derive(Debug, Default)]
pub struct Patterns {
    /// Of [`Lexicon::labels`].
    pub labels: Vec<Pattern>,
    /// Of [`Hints::patterns`].
    pub hints: Vec<Pattern>,
    /// Of [`Lexicon::cues`].
    pub cues: Vec<Pattern>,
}

impl Lexicon {
    /// Reads and checks the folder.
    ///
    /// # Errors
    /// [`LexiconError`] with every finding, where at least one is an error.
    ///
    /// ```
    /// use casecoder::Lexicon;
    /// let lexicon = Lexicon::load("lexicons".as_ref())?;
    /// let concept = lexicon.concept("incident", "IN1001").expect("it is in the list");
    /// assert_eq!(concept.pref_label, "Damage to a home or other building");
    /// # Ok::<(), casecoder::LexiconError>(())
    /// ```
    pub fn load(root: &Path) -> Result<Self, LexiconError> {
        let (lexicon, findings) = Self::read(root, false);
        if findings.iter().any(|f| f.severity == Severity::Error) { Err(LexiconError { findings }) } else { Ok(lexicon) }
    }

    /// Reads the folder and gives every finding, worst first. Beyond what [`Lexicon::load`] refuses, labels are
    /// compared with each other, which takes longer than a start should.
    pub fn check(root: &Path) -> (Self, Vec<Finding>) {
        Self::read(root, true)
    }

    fn read(root: &Path, compare_labels: bool) -> (Self, Vec<Finding>) {
        let mut reader = Reader::new(root);
        let mut lexicon = Lexicon::default();
        let mut words = words::read(&mut reader);
        lexicon.ordinary = words::lines(&mut reader, "words/ordinary.txt").into_iter().map(|(_, word)| word).collect();
        lexicon.cues = cues::read(&mut reader, &mut words);
        lexicon.targets = targets::read(&mut reader);
        lexicon.context_digest = reader.take_digest();
        let mut folders: Vec<String> = std::fs::read_dir(root.join("schemes"))
            .map(|entries| entries.flatten().filter(|e| e.path().is_dir()).map(|e| e.file_name().to_string_lossy().into_owned()).collect())
            .unwrap_or_default();
        folders.sort();
        if folders.is_empty() {
            reader.error("schemes", 0, "no scheme found");
        }
        for folder in &folders {
            schemes::read(&mut reader, folder, &mut words, &mut lexicon);
        }
        check::check(&lexicon, &mut reader, compare_labels.then_some(&words as &dyn Words));
        lexicon.language = words::language(words);
        (lexicon, check::sorted(reader.findings))
    }

    /// Takes out what was read to be looked for on pages; the lexicon keeps the labels and cues without it.
    pub fn take_patterns(&mut self) -> Patterns {
        Patterns {
            labels: self.labels.iter_mut().map(|label| std::mem::take(&mut label.pattern)).collect(),
            hints: std::mem::take(&mut self.hints.patterns),
            cues: self.cues.iter_mut().map(|cue| std::mem::take(&mut cue.pattern)).collect(),
        }
    }

    /// A concept by its place.
    pub fn get(&self, id: ConceptId) -> &Concept {
        &self.concepts[id.index()]
    }

    /// A label by its place.
    pub fn label(&self, id: LabelId) -> &Label {
        &self.labels[id.0 as usize]
    }

    /// Whether a folded word is an everyday word, so that its capitals mean nothing in a line of capitals.
    pub fn ordinary(&self, folded: &str) -> bool {
        self.ordinary.contains(folded)
    }

    /// The scheme of a concept.
    pub fn scheme_of(&self, id: ConceptId) -> &Scheme {
        &self.schemes[self.get(id).scheme]
    }

    /// A scheme by its short name.
    pub fn scheme(&self, id: &str) -> Option<&Scheme> {
        self.schemes.iter().find(|scheme| scheme.id == id)
    }

    /// A concept by scheme and notation.
    pub fn concept(&self, scheme: &str, notation: &str) -> Option<&Concept> {
        let scheme = self.scheme(scheme)?;
        scheme.concepts.iter().map(|&id| self.get(id)).find(|concept| concept.notation == notation)
    }

    /// The wider concepts of a concept, nearest first.
    pub fn ancestors(&self, id: ConceptId) -> impl Iterator<Item = ConceptId> + '_ {
        std::iter::successors(self.get(id).broader, |&id| self.get(id).broader)
    }
}
