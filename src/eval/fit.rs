//! Fits fusion weights, the confidence curve and thresholds on coded notes.

use std::collections::{BTreeMap, BTreeSet};

use super::gold::{Gold, Part};
use crate::calibration::{Calibration, ConceptFit, FittedOn, Thresholds, isotonic};
use crate::extractor::{Extractor, Proposal, Sources};
use crate::fusion::{FEATURES, Features, Weights};
use crate::mention::LabelId;
use crate::records::{Tallies, concept_key};
use crate::scheme::ConceptId;

/// Pull of the weights towards 0 (ridge), in units of one proposal.
const RIDGE: f64 = 3.0;
/// Cross-validation parts, by note.
const FOLDS: usize = 8;
/// Concepts with fewer judged proposals use the pooled curve.
const MIN_EXAMPLES: usize = 8;
/// Pull of a concept's offset towards 0, in proposals.
const SHRINK: f64 = 6.0;
/// The precision that the default threshold of labels and context alone aims at: what users were promised, on
/// cross-validated confidences. On the fitted notes themselves it comes out a few points higher, because there the weights
/// and offsets have seen them.
pub const TARGET_PRECISION: f64 = 0.75;

/// What the default threshold is chosen for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aim {
    /// The lowest confidence from which this share of what is shown is right.
    Precision(f64),
    /// The confidence at which F1 is highest.
    F1,
}

struct Judged {
    note: usize,
    concept: ConceptId,
    features: Features,
    accepted: bool,
}

/// What the fitting learnt, and how it did on notes that it had not seen.
pub struct Fit {
    /// What goes into the file.
    pub calibration: Calibration,
    /// Cross-validated confidence and whether it was accepted, for every proposal.
    pub held_out: Vec<(f32, bool)>,
}

/// Counts how labels do on coded texts; these must not be among the notes that a calibration is fitted on.
pub fn tally(extractor: &Extractor, gold: &[Gold]) -> Tallies {
    let lexicon = extractor.lexicon();
    let mut tallies = Tallies::new();
    // Sentences without codes are half traps, written to look like a label: no fair sample of what a label meets.
    for coded in gold.iter().filter(|coded| coded.note.part != Some(Part::None)) {
        let mut read: BTreeMap<LabelId, bool> = BTreeMap::new();
        for proposal in extractor.propose(coded.note.text.as_str(), Sources::Dictionary) {
            // A reading is right where the text has the code, denied or not: that is for the context to tell.
            let right = coded.concepts.contains(&proposal.group.concept);
            // The label may be that of a counterpart of the concept; it is filed under its own.
            read.extend(proposal.group.candidates.iter().filter_map(|candidate| candidate.evidence.label).map(|id| (id, right)));
        }
        for (id, right) in read {
            let label = lexicon.label(id);
            let tally = tallies.entry(concept_key(lexicon, label.concept)).or_default().entry(label.text.clone()).or_default();
            tally.right += u32::from(right);
            tally.wrong += u32::from(!right);
        }
    }
    tallies
}

/// Fits a calibration on coded notes, with the records that the extractor knows already.
pub fn fit(extractor: &Extractor, sources: Sources, aim: Aim, gold: &[Gold], name: &str, source: &str) -> Fit {
    let lexicon = extractor.lexicon();
    let mut judged = Vec::new();
    let mut codes = 0;
    for (note, coded) in gold.iter().enumerate() {
        let stored: BTreeSet<ConceptId> = coded.note.codes.iter().zip(&coded.concepts).filter(|(code, _)| code.storable()).map(|(_, &c)| c).collect();
        codes += stored.len();
        let proposals: Vec<Proposal> = extractor.propose(coded.note.text.as_str(), sources).into_iter().filter(|p| p.group.assertion.storable()).collect();
        // A group is not proposed beside its own leaf.
        let wider: Vec<ConceptId> = proposals.iter().flat_map(|p| lexicon.ancestors(p.group.concept)).collect();
        judged.extend(proposals.into_iter().filter(|p| !wider.contains(&p.group.concept)).map(|p| Judged {
            note,
            concept: p.group.concept,
            features: p.features,
            accepted: stored.contains(&p.group.concept),
        }));
    }
    let part = |note: usize| note % FOLDS;
    let mut scores = vec![0.0f32; judged.len()];
    for fold in 0..FOLDS {
        let train: Vec<&Judged> = judged.iter().filter(|j| part(j.note) != fold).collect();
        let (constant, weights) = logistic(&train);
        for (j, score) in judged.iter().zip(&mut scores).filter(|(j, _)| part(j.note) == fold) {
            *score = linear(&j.features, constant, &weights) as f32;
        }
    }
    let curve = curve(judged.iter().zip(&scores).map(|(j, &s)| (s, j.accepted)).collect());
    let (constant, weights) = logistic(&judged.iter().collect::<Vec<_>>());
    let held_out: Vec<(f32, bool)> = judged.iter().zip(&scores).map(|(j, &s)| (at(&curve, s), j.accepted)).collect();
    let pooled = thresholds(&held_out, aim, codes);
    let mut concepts: BTreeMap<String, ConceptFit> = BTreeMap::new();
    let mut by_concept: BTreeMap<ConceptId, Vec<(f32, bool)>> = BTreeMap::new();
    for (j, &score) in judged.iter().zip(&scores) {
        by_concept.entry(j.concept).or_default().push((score, j.accepted));
    }
    for (concept, examples) in by_concept {
        let accepted = examples.iter().filter(|(_, a)| *a).count();
        let offset = if examples.len() < MIN_EXAMPLES { 0.0 } else { offset(&examples, &curve) };
        concepts.insert(concept_key(lexicon, concept), ConceptFit { examples: examples.len(), accepted, offset, thresholds: None });
    }
    let calibration = Calibration {
        name: name.to_owned(),
        fitted_on: FittedOn {
            gold: source.to_owned(),
            notes: gold.len(),
            proposals: judged.len(),
            schemes: lexicon.schemes.iter().map(|s| (s.id.clone(), s.full_version())).collect(),
            model: extractor.model().filter(|_| sources != Sources::Dictionary).map(|model| model.version().to_owned()),
        },
        fusion: Weights { constant: round(constant), weights: FEATURES.iter().zip(&weights).map(|(name, w)| ((*name).to_owned(), round(*w))).collect() },
        curve: curve.iter().map(|&(x, y)| (round(f64::from(x)), round(f64::from(y)))).collect(),
        pooled,
        concepts,
        // The records stand in one file only, that of the labels.
        records: if sources == Sources::Dictionary { extractor.calibrator().calibration().records.clone() } else { Tallies::new() },
    };
    Fit { calibration, held_out }
}

fn round(x: f64) -> f32 {
    ((x * 1000.0).round() / 1000.0) as f32
}

fn linear(features: &Features, constant: f64, weights: &[f64]) -> f64 {
    constant + features.iter().zip(weights).map(|(x, w)| f64::from(*x) * w).sum::<f64>()
}

/// Logistic regression with a ridge, by Newton's method (iteratively reweighted least squares).
fn logistic(examples: &[&Judged]) -> (f64, Vec<f64>) {
    let n = FEATURES.len() + 1;
    let mut w = vec![0.0f64; n];
    for _ in 0..25 {
        let mut gradient = vec![0.0; n];
        let mut hessian = vec![vec![0.0; n]; n];
        for example in examples {
            let x: Vec<f64> = std::iter::once(1.0).chain(example.features.iter().map(|&f| f64::from(f))).collect();
            let z: f64 = x.iter().zip(&w).map(|(a, b)| a * b).sum();
            let p = 1.0 / (1.0 + (-z).exp());
            let error = f64::from(u8::from(example.accepted)) - p;
            let curvature = (p * (1.0 - p)).max(1e-6);
            for i in 0..n {
                gradient[i] += error * x[i];
                for j in 0..=i {
                    hessian[i][j] += curvature * x[i] * x[j];
                }
            }
        }
        for i in 0..n {
            // The constant is not pulled.
            let ridge = if i == 0 { 1e-3 } else { RIDGE };
            gradient[i] -= ridge * w[i];
            hessian[i][i] += ridge;
        }
        let step = solve(hessian, gradient);
        let length: f64 = step.iter().map(|s| s * s).sum();
        w.iter_mut().zip(&step).for_each(|(w, s)| *w += s);
        if length < 1e-10 {
            break;
        }
    }
    (w[0], w[1..].to_vec())
}

/// Solves a symmetric positive definite system by Cholesky's method; only the lower half of `a` is read.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| a[i][k] * a[j][k]).sum();
            a[i][j] = if i == j { (a[i][i] - sum).max(1e-9).sqrt() } else { (a[i][j] - sum) / a[j][j] };
        }
    }
    for i in 0..n {
        let sum: f64 = (0..i).map(|k| a[i][k] * b[k]).sum();
        b[i] = (b[i] - sum) / a[i][i];
    }
    for i in (0..n).rev() {
        let sum: f64 = (i + 1..n).map(|k| a[k][i] * b[k]).sum();
        b[i] = (b[i] - sum) / a[i][i];
    }
    b
}

/// The confidence curve: isotonic regression, with points thinned so that close scores do not jump.
fn curve(points: Vec<(f32, bool)>) -> Vec<(f32, f32)> {
    let curve = isotonic(points);
    let mut thin: Vec<(f32, f32)> = Vec::new();
    for point in curve {
        if thin.last().is_none_or(|last| point.0 - last.0 > 0.05 && point.1 - last.1 > 0.004) {
            thin.push(point);
        }
    }
    if thin.is_empty() { vec![(0.0, 0.5)] } else { thin }
}

fn at(curve: &[(f32, f32)], x: f32) -> f32 {
    let after = curve.partition_point(|&(cx, _)| cx <= x);
    if after == 0 {
        return curve[0].1;
    }
    let (x0, y0) = curve[after - 1];
    curve.get(after).map_or(y0, |&(x1, y1)| y0 + (y1 - y0) * (x - x0) / (x1 - x0))
}

/// How much surer or less sure one concept is than the pooled curve says: one Newton step on a shrunk offset.
fn offset(examples: &[(f32, bool)], curve: &[(f32, f32)]) -> f32 {
    let (mut error, mut curvature) = (0.0f64, 0.0f64);
    for &(score, accepted) in examples {
        let p = f64::from(at(curve, score)).clamp(0.02, 0.98);
        error += f64::from(u8::from(accepted)) - p;
        curvature += p * (1.0 - p);
    }
    round((error / (curvature + SHRINK * 0.25)).clamp(-1.5, 1.5))
}

/// Where to show from, by the aim (`codes` is how many there are to find), and the lowest confidence from which nine in ten are right.
fn thresholds(held_out: &[(f32, bool)], aim: Aim, codes: usize) -> Thresholds {
    let mut sorted = held_out.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    // Every cut between two values: the confidence, how many are shown, how many of them are right.
    let mut cuts: Vec<(f32, usize, usize)> = Vec::new();
    let mut right = 0;
    for (i, &(confidence, accepted)) in sorted.iter().enumerate() {
        right += usize::from(accepted);
        if sorted.get(i + 1).is_none_or(|next| next.0 < confidence) {
            cuts.push((confidence, i + 1, right));
        }
    }
    let lowest = |target: f64| cuts.iter().filter(|(_, shown, right)| *right as f64 / *shown as f64 >= target).map(|cut| cut.0).next_back().unwrap_or(1.0);
    let f1 = |&(_, shown, right): &(f32, usize, usize)| 2.0 * right as f64 / (shown + codes) as f64;
    let review = match aim {
        Aim::Precision(target) => lowest(target),
        Aim::F1 => cuts.iter().max_by(|a, b| f1(a).total_cmp(&f1(b))).map_or(1.0, |cut| cut.0),
    };
    let below = |confidence: f32| round(f64::from(confidence) - 0.0005);
    Thresholds { review: below(review), high: below(lowest(0.9).max(review)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_follows_the_aim() {
        // Ten of a confidence each; so many of them right.
        let right = [(0.9, 10), (0.7, 8), (0.5, 5), (0.3, 2), (0.1, 0)];
        let held_out: Vec<(f32, bool)> = right.iter().flat_map(|&(confidence, right)| (0..10).map(move |i| (confidence, i < right))).collect();
        let review = |aim| thresholds(&held_out, aim, 30).review;
        assert!((review(Aim::Precision(0.75)) - 0.4995).abs() < 1e-3, "23 of 30");
        assert!((review(Aim::Precision(0.9)) - 0.6995).abs() < 1e-3, "18 of 20");
        // 2 · 23 / (30 + 30) is more than 2 · 18 / (20 + 30) and 2 · 25 / (40 + 30).
        assert!((review(Aim::F1) - 0.4995).abs() < 1e-3);
        assert!((thresholds(&held_out, Aim::F1, 30).high - 0.6995).abs() < 1e-3);
    }
}
