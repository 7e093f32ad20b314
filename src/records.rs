//! [`Records`]: how often each label, and each concept, was right when it was read in the training texts.
//!
//! A curator's estimate of a label's strength is a guess in three steps. Where training texts show how it did, the
//! count says more. Both go into the score; their weights are fitted on other texts than those counted here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::lexicon::Lexicon;
use crate::mention::LabelId;
use crate::scheme::ConceptId;

/// Readings in the training texts: in how many the text has the code, and in how many it has not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// The text has the code (whatever its attributes).
    pub right: u32,
    /// It has not.
    pub wrong: u32,
}

/// The tallies, by `scheme/notation` for concepts and `scheme/notation/label` for labels.
pub type Tallies = BTreeMap<String, Tally>;

/// How many readings the average of all weighs in each record.
const PRIOR: f32 = 3.0;

/// The records, ready for the loaded lists.
#[derive(Debug, Default)]
pub struct Records {
    labels: Vec<f32>,
    concepts: Vec<f32>,
}

/// The key of a concept in [`Tallies`].
pub fn concept_key(lexicon: &Lexicon, id: ConceptId) -> String {
    format!("{}/{}", lexicon.scheme_of(id).id, lexicon.get(id).notation)
}

/// The key of a label in [`Tallies`].
pub fn label_key(lexicon: &Lexicon, id: LabelId) -> String {
    let label = lexicon.label(id);
    format!("{}/{}", concept_key(lexicon, label.concept), label.text)
}

impl Records {
    /// Looks the tallies up for these lists; a label that is no longer in them is passed over.
    pub fn new(tallies: &Tallies, lexicon: &Lexicon) -> Self {
        let all = |is_label: bool| {
            let chosen = tallies.iter().filter(|(key, _)| (key.matches('/').count() > 1) == is_label);
            let (right, wrong) = chosen.fold((0u32, 0u32), |(right, wrong), (_, tally)| (right + tally.right, wrong + tally.wrong));
            (right as f32 + 1.0) / ((right + wrong) as f32 + 2.0)
        };
        let record = |tally: Option<&Tally>, share: f32| {
            tally.map_or(0.0, |tally| {
                let odds = (tally.right as f32 + PRIOR * share) / (tally.wrong as f32 + PRIOR * (1.0 - share));
                odds.ln() - (share / (1.0 - share)).ln()
            })
        };
        let (of_labels, of_concepts) = (all(true), all(false));
        Self {
            labels: (0..lexicon.labels.len()).map(|i| record(tallies.get(&label_key(lexicon, LabelId(i as u32))), of_labels)).collect(),
            concepts: lexicon.concepts.iter().map(|concept| record(tallies.get(&concept_key(lexicon, concept.id)), of_concepts)).collect(),
        }
    }

    /// The log-odds that a label is right, above those of all labels; 0 for a label that was never read.
    pub fn label(&self, id: LabelId) -> f32 {
        self.labels.get(id.0 as usize).copied().unwrap_or(0.0)
    }

    /// The log-odds that a reading of a concept is right, above those of all concepts; 0 where none was read.
    pub fn concept(&self, id: ConceptId) -> f32 {
        self.concepts.get(id.index()).copied().unwrap_or(0.0)
    }
}
