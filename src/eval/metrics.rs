//! What happened on one note; see `eval/README.md` for the definitions.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::answers::{Answer, Answered};
use super::gold::{Gold, GoldCode};
use crate::assertion::{Axis, Presence, Time};
use crate::lexicon::Lexicon;
use crate::records::concept_key;
use crate::scheme::ConceptId;

/// Counts of right, wrong and missed codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Suggested and in gold.
    pub right: usize,
    /// Suggested and not in gold.
    pub wrong: usize,
    /// In gold and not suggested.
    pub missed: usize,
}

impl Counts {
    /// Share of the suggestions that are right; 0 without suggestions.
    pub fn precision(self) -> f64 {
        ratio(self.right, self.right + self.wrong)
    }

    /// Share of the gold that was found; 0 without gold.
    pub fn recall(self) -> f64 {
        ratio(self.right, self.right + self.missed)
    }

    /// The harmonic mean of the two.
    pub fn f1(self) -> f64 {
        ratio(2 * self.right, 2 * self.right + self.wrong + self.missed)
    }

    /// Adds counts.
    pub fn add(&mut self, other: Counts) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.missed += other.missed;
    }
}

/// A share; 0 of nothing.
pub fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// What happened on one note. Codes are written `scheme/notation`; no words of the note are in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NoteResult {
    /// The note's identifier.
    pub id: String,
    /// Suggested and in gold.
    pub right: Vec<Right>,
    /// Suggested and not in gold.
    pub wrong: Vec<Wrong>,
    /// In gold and not suggested.
    pub missed: Vec<String>,
    /// After rolling up to groups.
    pub groups: Counts,
    /// Codes whose only gold is denied or hypothetical.
    pub not_so: Vec<NotSo>,
    /// Confidence and whether the note has the code, for everything above the floor.
    pub ranked: Vec<(f32, bool)>,
    /// Gold codes among the ten surest.
    pub top_ten: usize,
}

/// A suggestion that gold has too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Right {
    /// `scheme/notation`.
    pub code: String,
    /// For each axis: the value in gold, and the value suggested. Empty for a tool without attributes.
    pub attributes: BTreeMap<String, (String, String)>,
    /// Whether its words overlap the words of gold.
    pub overlaps: bool,
}

/// A suggestion that gold has not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wrong {
    /// `scheme/notation`.
    pub code: String,
    /// The label that was read, as it stands in the list; empty for another tool.
    pub label: String,
}

/// A code that the note denies or only supposes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NotSo {
    /// `scheme/notation`.
    pub code: String,
    /// True where denied, false where hypothetical.
    pub denied: bool,
    /// Whether it was suggested all the same.
    pub suggested: bool,
}

/// Compares an answer with gold.
pub fn note(lexicon: &Lexicon, gold: &Gold, answer: &Answer) -> NoteResult {
    let codes = || gold.note.codes.iter().zip(&gold.concepts);
    let stored: BTreeSet<ConceptId> = codes().filter(|(code, _)| code.storable()).map(|(_, &c)| c).collect();
    let shown: Vec<&Answered> = answer.iter().filter(|a| a.shown).collect();
    let suggested: BTreeSet<ConceptId> = shown.iter().map(|a| a.concept).collect();
    let key = |concept: ConceptId| concept_key(lexicon, concept);
    let mut result = NoteResult { id: gold.note.id.clone(), ..Default::default() };
    let roll = |set: &BTreeSet<ConceptId>| set.iter().map(|&c| lexicon.ancestors(c).last().unwrap_or(c)).collect::<BTreeSet<_>>();
    let (a, b) = (roll(&suggested), roll(&stored));
    let both = a.intersection(&b).count();
    result.groups = Counts { right: both, wrong: a.len() - both, missed: b.len() - both };
    let mut told = BTreeSet::new();
    for (code, &concept) in codes().filter(|(_, c)| !stored.contains(c)) {
        let denied = code.presence == Presence::Denied;
        if (denied || code.time == Time::Hypothetical) && told.insert(concept) {
            result.not_so.push(NotSo { code: key(concept), denied, suggested: suggested.contains(&concept) });
        }
    }
    let mut told = BTreeSet::new();
    for answered in shown.into_iter().filter(|a| told.insert(a.concept)) {
        let codes: Vec<&GoldCode> = codes().filter(|(code, c)| **c == answered.concept && code.storable()).map(|(code, _)| code).collect();
        if codes.is_empty() {
            let label = answered.label.map_or(String::new(), |id| lexicon.label(id).text.clone());
            result.wrong.push(Wrong { code: key(answered.concept), label });
        } else {
            result.right.push(right(key(answered.concept), answered, &codes, gold.note.text.as_str()));
        }
    }
    result.missed = stored.difference(&suggested).map(|&c| key(c)).collect();
    // A concept for two people counts once, as the surer of the two.
    let mut ranked = BTreeSet::new();
    let surest: Vec<&Answered> = answer.iter().filter(|a| ranked.insert(a.concept)).collect();
    let rounded = |confidence: f32| (confidence * 1e4).round() / 1e4;
    result.ranked = surest.iter().map(|a| (rounded(a.confidence), stored.contains(&a.concept))).collect();
    result.top_ten = surest.iter().take(10).filter(|a| stored.contains(&a.concept)).count();
    result
}

fn right(code: String, answered: &Answered, codes: &[&GoldCode], text: &str) -> Right {
    let mut attributes = BTreeMap::new();
    if let Some(given) = &answered.assertion {
        // A concept with two subjects in gold is compared with the nearer one.
        let gold = codes.iter().find(|code| code.subject == given.subject).unwrap_or(&codes[0]).assertion();
        for axis in Axis::ALL {
            if let Some(value) = gold.value(axis) {
                attributes.insert(axis.as_str().to_owned(), (value.to_owned(), given.value(axis).unwrap_or("").to_owned()));
            }
        }
    }
    let overlaps = codes.iter().flat_map(|code| code.spans(text)).any(|span| answered.evidence.iter().any(|e| e.overlaps(&span)));
    Right { code, attributes, overlaps }
}
