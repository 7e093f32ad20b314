//! What is counted over a gold set; see `eval/README.md` for the definitions.

use std::collections::{BTreeMap, BTreeSet};

use super::gold::Gold;
use crate::assertion::{Axis, Presence, Time};
use crate::extractor::{Extractor, Request};
use crate::lexicon::Lexicon;
use crate::scheme::ConceptId;

/// Counts of right, wrong and missed codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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

    fn add(&mut self, other: Counts) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.missed += other.missed;
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// What happened on one note.
#[derive(Clone, Debug, Default)]
pub struct NoteResult {
    /// The note's identifier.
    pub id: String,
    /// By scheme.
    pub counts: BTreeMap<String, Counts>,
    /// After rolling up to groups.
    pub groups: Counts,
    /// Codes whose only gold is denied or hypothetical, and how many were suggested all the same.
    pub leak: (usize, usize),
    /// For each axis: matched codes with the right value, and all matched codes.
    pub attributes: BTreeMap<&'static str, (usize, usize)>,
    /// Matched codes whose evidence overlaps gold evidence, and all matched codes.
    pub evidence: (usize, usize),
    /// Confidence and whether it was right, for every suggestion above 0.05.
    pub confidences: Vec<(f32, bool)>,
    /// Gold codes among the ten surest suggestions, and all gold codes.
    pub top_ten: (usize, usize),
    /// Suggested and not in gold: scheme and notation with the label that was read.
    pub wrong: Vec<(ConceptId, String)>,
    /// In gold and not suggested.
    pub missed: Vec<ConceptId>,
}

/// Runs the engine over one coded note.
pub fn note(extractor: &Extractor, gold: &Gold) -> NoteResult {
    let lexicon = extractor.lexicon();
    let text = gold.note.text.as_str();
    let answer = extractor.suggest(text, &Request::default());
    let everything = extractor.suggest(text, &Request { min_confidence: Some(0.05), ..Request::default() });
    let stored: BTreeSet<ConceptId> = gold.note.codes.iter().zip(&gold.concepts).filter(|(code, _)| code.storable()).map(|(_, &c)| c).collect();
    let suggested: BTreeSet<ConceptId> = answer.suggestions.iter().map(|s| s.concept).collect();
    let mut result = NoteResult { id: gold.note.id.clone(), ..Default::default() };
    for scheme in &lexicon.schemes {
        let of = |set: &BTreeSet<ConceptId>| set.iter().copied().filter(|&c| lexicon.scheme_of(c).id == scheme.id).collect::<BTreeSet<_>>();
        result.counts.insert(scheme.id.clone(), compare(&of(&suggested), &of(&stored)));
    }
    let roll = |set: &BTreeSet<ConceptId>| set.iter().map(|&c| group(lexicon, c)).collect::<BTreeSet<_>>();
    result.groups = compare(&roll(&suggested), &roll(&stored));
    let denied: BTreeSet<ConceptId> = gold
        .note
        .codes
        .iter()
        .zip(&gold.concepts)
        .filter(|(code, _)| code.presence == Presence::Denied || code.time == Time::Hypothetical)
        .map(|(_, &c)| c)
        .filter(|c| !stored.contains(c))
        .collect();
    result.leak = (denied.intersection(&suggested).count(), denied.len());
    for suggestion in &answer.suggestions {
        let codes: Vec<_> =
            gold.note.codes.iter().zip(&gold.concepts).filter(|(code, c)| **c == suggestion.concept && code.storable()).map(|(code, _)| code).collect();
        if codes.is_empty() {
            let label = suggestion.evidence.iter().find_map(|e| e.label).map_or(String::new(), |id| lexicon.label(id).text.clone());
            result.wrong.push((suggestion.concept, label));
            continue;
        }
        // A concept with two subjects in gold is compared with the nearer one.
        let code = codes.iter().find(|code| code.subject == suggestion.assertion.subject).unwrap_or(&codes[0]);
        let gold = code.assertion();
        for (axis, value) in Axis::ALL.into_iter().filter_map(|axis| Some((axis, gold.value(axis)?))) {
            let entry = result.attributes.entry(axis.as_str()).or_default();
            entry.0 += usize::from(suggestion.assertion.value(axis) == Some(value));
            entry.1 += 1;
        }
        let overlaps = codes.iter().flat_map(|code| &code.evidence).any(|words| {
            text.match_indices(words.as_str())
                .any(|(start, w)| suggestion.evidence.iter().any(|e| (e.span.start as usize) < start + w.len() && start < e.span.end as usize))
        });
        result.evidence.0 += usize::from(overlaps);
        result.evidence.1 += 1;
    }
    result.missed = stored.difference(&suggested).copied().collect();
    result.confidences = everything.suggestions.iter().map(|s| (s.confidence.get(), stored.contains(&s.concept))).collect();
    let top: BTreeSet<ConceptId> = everything.suggestions.iter().take(10).map(|s| s.concept).collect();
    result.top_ten = (top.intersection(&stored).count(), stored.len());
    result
}

fn compare(suggested: &BTreeSet<ConceptId>, stored: &BTreeSet<ConceptId>) -> Counts {
    let right = suggested.intersection(stored).count();
    Counts { right, wrong: suggested.len() - right, missed: stored.len() - right }
}

/// Need and intervention to their group, incident to its programme group.
fn group(lexicon: &Lexicon, concept: ConceptId) -> ConceptId {
    lexicon.ancestors(concept).last().unwrap_or(concept)
}

/// The sums over notes.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// How many notes.
    pub notes: usize,
    /// All schemes together.
    pub all: Counts,
    /// By scheme.
    pub schemes: BTreeMap<String, Counts>,
    /// After rolling up to groups.
    pub groups: Counts,
    /// Denied or hypothetical codes that were suggested, and all of them.
    pub leak: (usize, usize),
    /// Right and all, by axis.
    pub attributes: BTreeMap<&'static str, (usize, usize)>,
    /// Overlapping evidence and all.
    pub evidence: (usize, usize),
    /// Gold codes among the ten surest suggestions, and all.
    pub top_ten: (usize, usize),
    /// Expected calibration error over suggestions above 0.05, in ten bins of equal size, and the count.
    pub calibration_error: (f64, usize),
}

/// Adds up notes.
pub fn totals<'r>(results: impl IntoIterator<Item = &'r NoteResult>) -> Totals {
    let mut totals = Totals::default();
    let mut confidences = Vec::new();
    let add = |a: &mut (usize, usize), b: (usize, usize)| {
        a.0 += b.0;
        a.1 += b.1;
    };
    for result in results {
        totals.notes += 1;
        for (scheme, counts) in &result.counts {
            totals.schemes.entry(scheme.clone()).or_default().add(*counts);
            totals.all.add(*counts);
        }
        totals.groups.add(result.groups);
        add(&mut totals.leak, result.leak);
        for (axis, counts) in &result.attributes {
            add(totals.attributes.entry(axis).or_default(), *counts);
        }
        add(&mut totals.evidence, result.evidence);
        add(&mut totals.top_ten, result.top_ten);
        confidences.extend_from_slice(&result.confidences);
    }
    totals.calibration_error = (calibration_error(&mut confidences), confidences.len());
    totals
}

/// Expected calibration error with ten bins of equal size (Naeini, Cooper and Hauskrecht 2015; equal-mass form).
fn calibration_error(confidences: &mut [(f32, bool)]) -> f64 {
    confidences.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n = confidences.len();
    let bins = (0..10).map(|i| &confidences[n * i / 10..n * (i + 1) / 10]).filter(|bin| !bin.is_empty());
    let error = |bin: &[(f32, bool)]| {
        let mean = bin.iter().map(|(c, _)| f64::from(*c)).sum::<f64>() / bin.len() as f64;
        let share = ratio(bin.iter().filter(|(_, right)| *right).count(), bin.len());
        (mean - share).abs() * bin.len() as f64
    };
    if n == 0 { 0.0 } else { bins.map(error).sum::<f64>() / n as f64 }
}

/// The 95 % bootstrap interval of a number over notes (Efron 1979): 1,000 samples, seeded.
pub fn interval(results: &[NoteResult], number: impl Fn(&Totals) -> f64) -> (f64, f64) {
    const SAMPLES: usize = 1000;
    if results.is_empty() {
        return (0.0, 0.0);
    }
    // xorshift (Marsaglia 2003): the same interval on every run.
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let mut values: Vec<f64> = (0..SAMPLES)
        .map(|_| {
            let sample: Vec<&NoteResult> = (0..results.len()).map(|_| &results[next(results.len())]).collect();
            number(&totals(sample))
        })
        .collect();
    values.sort_by(f64::total_cmp);
    (values[SAMPLES * 25 / 1000], values[SAMPLES * 975 / 1000])
}
