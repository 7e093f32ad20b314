//! Evidence from all signals becomes one raw score for each concept and subject.
//!
//! A signal (the dictionary, the transformer beside it) proposes
//! [`Candidate`]s: a concept, its five attributes, and the words. [`groups`] gathers the
//! candidates of one concept and subject, and [`features`] describes a group in numbers.
//! The score is the sum of the features weighted by [`Weights`]: log-odds of a logistic
//! regression, fitted by `casecoder calibrate`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::assertion::{Assertion, Axis, Presence, Subject, Time};
use crate::lexicon::{LabelKind, Lexicon, Strength};
use crate::mention::{Fit, LabelId};
use crate::records::Records;
use crate::scheme::ConceptId;
use crate::suggestion::{Evidence, Score};

/// One signal's proposal: a concept with its attributes and the words.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The concept.
    pub concept: ConceptId,
    /// Its attributes at these words.
    pub assertion: Assertion,
    /// The words and the signal.
    pub evidence: Evidence,
    /// How well the words fit the label, for the dictionary.
    pub fit: Fit,
    /// The words are a heading.
    pub heading: bool,
    /// The model's probability that it is denied or hypothetical; 0 without a model.
    pub doubt: f32,
}

/// All candidates of one concept and subject.
#[derive(Clone, Debug)]
pub struct Group {
    /// The concept.
    pub concept: ConceptId,
    /// The candidates, in the order of the note.
    pub candidates: Vec<Candidate>,
    /// The attributes of the whole group.
    pub assertion: Assertion,
}

/// The names of the features, in their order.
pub const FEATURES: &[&str] = &[
    "strong",
    "fair",
    "weak",
    "more_labels",
    "more_places",
    "one_word",
    "capitals",
    "hinted",
    "gapped",
    "misspelt",
    "long_label",
    "name",
    "heading",
    "alleged",
    "possible",
    "past",
    "planned",
    "also_denied",
    "group",
    "incident",
    "intervention",
    "rivals",
    "outsider",
    "breadth",
    "gap_words",
    "company",
    "strong_need",
    "strong_incident",
    "label_record",
    "model",
    "model_alone",
    "model_alone_slope",
    "doubt",
    "doubt_alone",
];

/// The numbers that describe a group, in the order of [`FEATURES`].
pub type Features = [f32; FEATURES.len()];

/// The weights of the features and the constant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    /// Added always.
    pub constant: f32,
    /// One weight a feature, by its name.
    pub weights: BTreeMap<String, f32>,
}

impl Weights {
    /// The weights in the order of [`FEATURES`]; a feature without a weight counts nothing.
    pub fn vector(&self) -> Features {
        std::array::from_fn(|i| self.weights.get(FEATURES[i]).copied().unwrap_or(0.0))
    }
}

/// Adds up weighted features.
pub fn score(features: &Features, weights: &Features, constant: f32) -> Score {
    Score(constant + features.iter().zip(weights).map(|(x, w)| x * w).sum::<f32>())
}

/// Gathers candidates by concept and subject, in the order of their first words.
///
/// The group's attributes are those of what a reviewer would store: a statement beats a
/// claim, a claim a suspicion, a suspicion a denial; what is current beats what is over.
pub fn groups(candidates: Vec<Candidate>) -> Vec<Group> {
    let mut places: BTreeMap<(ConceptId, Subject), usize> = BTreeMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for candidate in candidates {
        let key = (candidate.concept, candidate.assertion.subject);
        let place = *places.entry(key).or_insert_with(|| {
            groups.push(Group { concept: candidate.concept, candidates: Vec::new(), assertion: candidate.assertion.clone() });
            groups.len() - 1
        });
        groups[place].candidates.push(candidate);
    }
    for group in &mut groups {
        let rank = |c: &&Candidate| {
            let presence = match c.assertion.presence {
                Presence::Affirmed => 0,
                Presence::Alleged => 1,
                Presence::Possible => 2,
                Presence::Denied => 3,
            };
            let time = match c.assertion.time {
                Time::Current => 0,
                Time::Planned => 1,
                Time::Past => 2,
                Time::Hypothetical => 3,
            };
            (!c.assertion.storable(), presence, time, c.heading)
        };
        if let Some(best) = group.candidates.iter().min_by_key(rank) {
            group.assertion = best.assertion.clone();
        }
        // A claim in one place and its denial in another: alleged (coding guide, rulings).
        let denial = group.candidates.iter().find(|c| c.assertion.presence == Presence::Denied && c.assertion.time == Time::Current);
        if let Some(denial) = denial.filter(|_| group.assertion.presence == Presence::Possible) {
            group.assertion.cues.extend(denial.assertion.cues.iter().filter(|cue| cue.axis == Axis::Presence));
        }
    }
    groups
}

/// What else was found in the note, seen from one group.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings {
    /// Other leaves of the scheme read at overlapping words.
    pub rivals: usize,
    /// Other concepts under the same broader concept read elsewhere in the note.
    pub company: usize,
    /// Log-odds of the model that the note says the concept, where there is a model.
    pub model: Option<f32>,
}

/// Describes a group in numbers.
pub fn features(group: &Group, lexicon: &Lexicon, records: &Records, surroundings: Surroundings) -> Features {
    let concept = lexicon.get(group.concept);
    let storable: Vec<&Candidate> = group.candidates.iter().filter(|c| c.assertion.storable() == group.assertion.storable()).collect();
    let read: Vec<(&Candidate, LabelId)> = storable.iter().filter_map(|c| Some((*c, c.evidence.label?))).collect();
    let strength = |(_, id): &&(&Candidate, LabelId)| lexicon.label(*id).strength;
    let best = read.iter().max_by_key(|read| (strength(read), !read.0.fit.gapped, !read.0.heading));
    let label = best.map(|(_, id)| lexicon.label(*id));
    let mut labels: Vec<LabelId> = read.iter().map(|(_, id)| *id).collect();
    labels.sort();
    labels.dedup();
    let best_strength = best.as_ref().map(strength);
    let flag = |condition: bool| f32::from(u8::from(condition));
    let scheme = lexicon.scheme_of(group.concept).id.as_str();
    let outsider = matches!(group.assertion.subject, Subject::Neighbour | Subject::Professional | Subject::Other | Subject::Partner);
    let log_odds = surroundings.model.map_or(0.0, |log_odds| log_odds.clamp(-8.0, 8.0));
    let doubt = storable.iter().map(|c| c.doubt).fold(1.0, f32::min);
    let value = |name: &str| match name {
        "strong" => flag(best_strength == Some(Strength::Strong)),
        "fair" => flag(best_strength == Some(Strength::Fair)),
        "weak" => flag(best_strength == Some(Strength::Weak)),
        "more_labels" => (labels.len().max(1) as f32).ln().min(1.5),
        "more_places" => ((read.len().max(1) as f32) / labels.len().max(1) as f32).ln().min(1.5),
        "one_word" => flag(label.is_some_and(|l| l.words == 1)),
        "capitals" => flag(label.is_some_and(|l| l.capitals)),
        "hinted" => flag(best.is_some_and(|(c, _)| c.fit.hinted)),
        "gapped" => flag(best.is_some_and(|(c, _)| c.fit.gapped)),
        "misspelt" => flag(best.is_some_and(|(c, _)| c.fit.misspelt)),
        "long_label" => flag(label.is_some_and(|l| l.words >= 3)),
        "name" => flag(label.is_some_and(|l| l.kind == LabelKind::Pref)),
        "heading" => flag(storable.iter().all(|c| c.heading)),
        "alleged" => flag(group.assertion.presence == Presence::Alleged),
        "possible" => flag(group.assertion.presence == Presence::Possible),
        "past" => flag(group.assertion.time == Time::Past),
        "planned" => flag(group.assertion.time == Time::Planned),
        "also_denied" => flag(storable.len() < group.candidates.len()),
        "group" => flag(!concept.leaf),
        "incident" => flag(scheme == "incident"),
        "intervention" => flag(scheme == "intervention"),
        "rivals" => (surroundings.rivals as f32).min(3.0),
        "breadth" => label.map_or(0.0, |l| l.breadth.min(8.0)),
        "gap_words" => best.map_or(0.0, |(c, _)| f32::from(c.fit.gap_words).min(6.0)),
        "company" => (surroundings.company as f32).min(2.0),
        "strong_need" => flag(best_strength == Some(Strength::Strong) && scheme == "need"),
        "strong_incident" => flag(best_strength == Some(Strength::Strong) && scheme == "incident"),
        "outsider" => flag(outsider),
        "model" => log_odds,
        "model_alone" => flag(read.is_empty()),
        "model_alone_slope" => log_odds * flag(read.is_empty()),
        "doubt" => doubt,
        "doubt_alone" => doubt * flag(read.is_empty()),
        "label_record" => labels.iter().map(|&id| records.label(id)).max_by(f32::total_cmp).unwrap_or(0.0),
        _ => 0.0,
    };
    std::array::from_fn(|i| value(FEATURES[i]))
}
