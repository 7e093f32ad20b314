//! [`Records`]: how often each label was right when it was read in the training texts.
//!
//! A curator's estimate of a label's strength is a guess in three steps. Where training texts show how the label did,
//! the count says more. Both go into the score; their weights are fitted on other texts than those counted here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::lexicon::{Lexicon, Strength};
use crate::mention::LabelId;
use crate::scheme::{Concept, ConceptId};

/// Readings of a label in the training texts: in how many the text has the code (whatever its attributes), and in
/// how many it has not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "[u32; 2]", into = "[u32; 2]")]
pub struct Tally {
    /// The text has the code.
    pub right: u32,
    /// It has not.
    pub wrong: u32,
}

impl From<[u32; 2]> for Tally {
    fn from([right, wrong]: [u32; 2]) -> Self {
        Self { right, wrong }
    }
}

impl From<Tally> for [u32; 2] {
    fn from(tally: Tally) -> Self {
        [tally.right, tally.wrong]
    }
}

/// The tallies of labels, by `scheme/notation` of their concept and by the label as written.
pub type Tallies = BTreeMap<String, BTreeMap<String, Tally>>;

/// How many readings the average of the labels of its strength weighs in each record.
const PRIOR: f32 = 3.0;

/// The records, ready for the loaded lists.
#[derive(Debug, Default)]
pub struct Records {
    /// By label.
    odds: Vec<f32>,
}

/// The key of a concept in a calibration: `scheme/notation`.
pub fn concept_key(lexicon: &Lexicon, id: ConceptId) -> String {
    format!("{}/{}", lexicon.scheme_of(id).id, lexicon.get(id).notation)
}

/// The concept of a [`concept_key`].
pub fn keyed<'l>(lexicon: &'l Lexicon, key: &str) -> Option<&'l Concept> {
    let (scheme, notation) = key.split_once('/')?;
    lexicon.concept(scheme, notation)
}

impl Records {
    /// Looks the tallies up for these lists; a label that is no longer in them is passed over.
    pub fn new(tallies: &Tallies, lexicon: &Lexicon) -> Self {
        let of_concept: Vec<Option<&BTreeMap<String, Tally>>> = lexicon.concepts.iter().map(|concept| tallies.get(&concept_key(lexicon, concept.id))).collect();
        let tallies: Vec<Option<Tally>> = lexicon.labels.iter().map(|label| of_concept[label.concept.index()]?.get(&label.text).copied()).collect();
        // Against labels of its own strength: otherwise a strong label that no training text uses would count as a middling one.
        let share = |strength: Strength| {
            let alike = lexicon.labels.iter().zip(&tallies).filter(|(label, _)| label.strength == strength).filter_map(|(_, tally)| *tally);
            let (right, wrong) = alike.fold((0u32, 0u32), |(right, wrong), tally| (right + tally.right, wrong + tally.wrong));
            (right as f32 + 1.0) / ((right + wrong) as f32 + 2.0)
        };
        let shares = [Strength::Weak, Strength::Fair, Strength::Strong].map(share);
        let record = |strength: Strength, tally: Tally| {
            let share = shares[strength as usize];
            let odds = (tally.right as f32 + PRIOR * share) / (tally.wrong as f32 + PRIOR * (1.0 - share));
            odds.ln() - (share / (1.0 - share)).ln()
        };
        Self { odds: lexicon.labels.iter().zip(&tallies).map(|(label, tally)| tally.map_or(0.0, |tally| record(label.strength, tally))).collect() }
    }

    /// The log-odds that a label is right, above those of the labels of its strength; 0 for a label that was never read.
    pub fn label(&self, id: LabelId) -> f32 {
        self.odds.get(id.0 as usize).copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_that_did_better_than_most_has_a_record_above_none() {
        let lexicon = Lexicon::load("lexicons".as_ref()).expect("the committed lists");
        let labels: Vec<usize> = (0..lexicon.labels.len()).step_by(4000).take(3).collect();
        let mut tallies = Tallies::new();
        for (&place, counts) in labels.iter().zip([[30, 2], [2, 30]]) {
            let label = &lexicon.labels[place];
            tallies.entry(concept_key(&lexicon, label.concept)).or_default().insert(label.text.clone(), counts.into());
        }
        let records = Records::new(&tallies, &lexicon);
        let record = |i: usize| records.label(LabelId(labels[i] as u32));
        assert!(record(0) > 1.0 && record(1) < -1.0, "{} {}", record(0), record(1));
        assert!(record(2).abs() < f32::EPSILON, "never read");
    }
}
