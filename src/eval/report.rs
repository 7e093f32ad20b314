//! [`Report`]: everything measured, ready to be printed, stored or drawn.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::answers::Answer;
use super::gold::Gold;
use super::measures::{Bin, Cut, Measure, bins, concepts, curve, measure};
use super::metrics::{self, Counts, NoteResult};
use crate::lexicon::Lexicon;
use crate::records::keyed;

/// Everything measured over one set of notes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The files of coded notes.
    pub gold: Vec<String>,
    /// Names their content: two reports compare only where it is the same.
    pub gold_digest: String,
    /// Who answered: `engine`, `labels`, or the file of answers.
    pub answers: String,
    /// The versions of all that shaped the answers, where this engine gave them.
    pub versions: Option<crate::provenance::Provenance>,
    /// The numbers.
    pub measures: Vec<Measure>,
    /// By concept.
    pub concepts: Vec<ConceptRow>,
    /// By axis: how often the value of gold (first) was given as another (second).
    pub confusions: BTreeMap<String, Vec<Confusion>>,
    /// Confidence against the share that was right.
    pub reliability: Vec<Bin>,
    /// Precision and coverage at each confidence.
    pub curve: Vec<Cut>,
    /// What happened on each note, without its words.
    pub notes: Vec<NoteResult>,
}

/// How one concept did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConceptRow {
    /// `scheme/notation`.
    pub code: String,
    /// Its name.
    pub label: String,
    /// Right, wrong, missed.
    pub counts: Counts,
}

/// How often one value stood where gold has another, or the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// The value in gold.
    pub gold: String,
    /// The value suggested.
    pub given: String,
    /// How often.
    pub count: usize,
}

impl Report {
    /// Compares answers with gold; `answers` are in the order of `gold`, and `files` are where gold was read.
    pub fn new(lexicon: &Lexicon, files: Vec<String>, gold: &[Gold], answers: &[Answer], who: &str) -> Self {
        let notes: Vec<NoteResult> = gold.iter().zip(answers).map(|(gold, answer)| metrics::note(lexicon, gold, answer)).collect();
        let mut ranked: Vec<(f32, bool)> = notes.iter().flat_map(|note| note.ranked.iter().copied()).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        let name = |code: &str| keyed(lexicon, code).map_or(String::new(), |concept| concept.pref_label.clone());
        let concepts = concepts(&notes).into_iter().map(|(code, counts)| ConceptRow { code: code.to_owned(), label: name(code), counts }).collect();
        let mut confusions: BTreeMap<String, BTreeMap<(&str, &str), usize>> = BTreeMap::new();
        for (axis, (gold, given)) in notes.iter().flat_map(|note| &note.right).flat_map(|right| &right.attributes) {
            *confusions.entry(axis.clone()).or_default().entry((gold.as_str(), given.as_str())).or_default() += 1;
        }
        let listed = |pairs: BTreeMap<(&str, &str), usize>| {
            pairs.into_iter().map(|((gold, given), count)| Confusion { gold: gold.to_owned(), given: given.to_owned(), count }).collect()
        };
        Self {
            gold: files,
            gold_digest: digest(gold),
            answers: who.to_owned(),
            versions: None,
            measures: measure(&notes),
            concepts,
            confusions: confusions.into_iter().map(|(axis, pairs)| (axis, listed(pairs))).collect(),
            reliability: bins(&ranked),
            curve: curve(&ranked),
            notes,
        }
    }

    /// A measure by its key.
    pub fn measure(&self, key: &str) -> Option<&Measure> {
        self.measures.iter().find(|measure| measure.key == key)
    }
}

/// Names the notes and all that was coded in them.
fn digest(gold: &[Gold]) -> String {
    let mut hash = Sha256::new();
    for coded in gold {
        hash.update(coded.note.id.as_bytes());
        hash.update([0]);
        hash.update(coded.note.text.as_str().as_bytes());
        for code in &coded.note.codes {
            hash.update([1]);
            let evidence: Vec<&str> = code.evidence.iter().map(|words| words.as_str()).collect();
            hash.update(format!("{}/{}|{:?}|{}", code.scheme, code.notation, code.assertion(), evidence.join("|")).as_bytes());
        }
    }
    format!("sha256:{}", hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>())
}
