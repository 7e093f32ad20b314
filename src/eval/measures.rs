//! The measures over many notes, each with its counts and a bootstrap interval.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::metrics::{Counts, NoteResult, ratio};
use crate::assertion::Axis;

/// Samples of the bootstrap.
const SAMPLES: usize = 1000;
/// Concepts with fewer gold codes have no F1 worth averaging.
pub const LEAST_SUPPORT: usize = 3;
/// The precision at which coverage is told: high enough for a light check.
const LIGHT_CHECK: f64 = 0.9;

/// A number with what it was counted from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// Its name for programs: `precision`, `need/recall`, `time` …
    pub key: String,
    /// The number, from 0 to 1.
    pub value: f64,
    /// The bounds of the 95 % interval over notes.
    pub low: f64,
    /// See `low`.
    pub high: f64,
    /// It is `part` of `whole`; for a mean (macro F1, calibration error) `part` is 0.
    pub part: usize,
    /// See `part`.
    pub whole: usize,
}

/// A measure of a set of notes, before its interval.
struct Raw {
    key: String,
    value: f64,
    part: usize,
    whole: usize,
}

impl Measure {
    /// Whether a smaller number is the better one.
    pub fn less_is_better(&self) -> bool {
        less_is_better(&self.key)
    }
}

/// Whether a smaller number of this measure is the better one.
pub fn less_is_better(key: &str) -> bool {
    key.starts_with("leak") || key == "calibration_error"
}

/// What a measure is, for people.
pub fn title(key: &str) -> String {
    let titles = [
        ("macro_f1", "F1, mean over concepts"),
        ("leak", "denied or hypothetical, suggested"),
        ("leak/denied", "denied, suggested"),
        ("leak/hypothetical", "hypothetical, suggested"),
        ("evidence", "evidence overlaps, of matched"),
        ("top_ten", "recall among the ten surest"),
        ("coverage", "coverage at precision 0.90"),
        ("calibration_error", "expected calibration error"),
    ];
    match titles.iter().find(|(name, _)| *name == key) {
        Some((_, title)) => (*title).to_owned(),
        None if Axis::ALL.iter().any(|axis| axis.as_str() == key) => format!("{key} right, of matched"),
        None => key.replace('/', " ").replace("f1", "F1"),
    }
}

/// All measures of these notes.
pub fn measure(results: &[NoteResult]) -> Vec<Measure> {
    let schemes = schemes(results);
    let whole: Vec<&NoteResult> = results.iter().collect();
    let mut samples: Vec<Vec<f64>> = Vec::new();
    bootstrap(results.len(), |sample| {
        let notes: Vec<&NoteResult> = sample.iter().map(|&i| &results[i]).collect();
        samples.push(raw(&notes, &schemes).into_iter().map(|raw| raw.value).collect());
    });
    let bounds = |at: usize| interval(samples.iter().map(|values| values[at]).collect());
    raw(&whole, &schemes)
        .into_iter()
        .enumerate()
        .map(|(at, Raw { key, value, part, whole })| {
            let (low, high) = bounds(at);
            Measure { key, value, low, high, part, whole }
        })
        .collect()
}

/// How much each measure of the same notes rose from `before` to `after`, with the 95 % interval of the difference.
///
/// Both are sampled together (paired bootstrap; Efron and Tibshirani 1993), so notes that are hard for both count as no noise.
pub fn differences(before: &[NoteResult], after: &[NoteResult]) -> Vec<(String, f64, f64, f64)> {
    let schemes: BTreeSet<String> = schemes(before).union(&schemes(after)).cloned().collect();
    let values = |results: &[NoteResult], places: &[usize]| {
        let notes: Vec<&NoteResult> = places.iter().map(|&i| &results[i]).collect();
        raw(&notes, &schemes)
    };
    let mut samples: Vec<Vec<f64>> = Vec::new();
    bootstrap(before.len(), |places| {
        let (a, b) = (values(before, places), values(after, places));
        samples.push(a.iter().zip(&b).map(|(a, b)| b.value - a.value).collect());
    });
    let all: Vec<usize> = (0..before.len()).collect();
    let (a, b) = (values(before, &all), values(after, &all));
    a.into_iter()
        .zip(b)
        .enumerate()
        .map(|(at, (a, b))| {
            let (low, high) = interval(samples.iter().map(|values| values[at]).collect());
            (a.key, b.value - a.value, low, high)
        })
        .collect()
}

fn schemes(results: &[NoteResult]) -> BTreeSet<String> {
    results.iter().flat_map(|r| codes(r).map(|(code, _)| scheme(code).to_owned())).collect()
}

fn scheme(code: &str) -> &str {
    code.split_once('/').map_or(code, |(scheme, _)| scheme)
}

/// Every code of a note with its count.
fn codes(result: &NoteResult) -> impl Iterator<Item = (&str, Counts)> {
    let right = result.right.iter().map(|r| (r.code.as_str(), Counts { right: 1, ..Counts::default() }));
    let wrong = result.wrong.iter().map(|w| (w.code.as_str(), Counts { wrong: 1, ..Counts::default() }));
    let missed = result.missed.iter().map(|code| (code.as_str(), Counts { missed: 1, ..Counts::default() }));
    right.chain(wrong).chain(missed)
}

/// The counts of each concept, by `scheme/notation`.
pub fn concepts<'r>(results: impl IntoIterator<Item = &'r NoteResult>) -> BTreeMap<&'r str, Counts> {
    let mut concepts: BTreeMap<&str, Counts> = BTreeMap::new();
    for (code, counts) in results.into_iter().flat_map(codes) {
        concepts.entry(code).or_default().add(counts);
    }
    concepts
}

fn raw(results: &[&NoteResult], schemes: &BTreeSet<String>) -> Vec<Raw> {
    let mut out = Vec::new();
    let concepts = concepts(results.iter().copied());
    let sum = |wanted: &dyn Fn(&str) -> bool| {
        concepts.iter().filter(|(code, _)| wanted(code)).fold(Counts::default(), |mut sum, (_, counts)| {
            sum.add(*counts);
            sum
        })
    };
    let three = |out: &mut Vec<Raw>, name: &str, counts: Counts| {
        let Counts { right, wrong, missed } = counts;
        for (measure, value, part, whole) in [
            ("precision", counts.precision(), right, right + wrong),
            ("recall", counts.recall(), right, right + missed),
            ("f1", counts.f1(), 2 * right, 2 * right + wrong + missed),
        ] {
            out.push(Raw { key: format!("{name}{measure}"), value, part, whole });
        }
    };
    let all = sum(&|_| true);
    three(&mut out, "", all);
    for name in schemes {
        three(&mut out, &format!("{name}/"), sum(&|code| scheme(code) == name));
    }
    let mut groups = Counts::default();
    results.iter().for_each(|r| groups.add(r.groups));
    three(&mut out, "groups/", groups);
    let supported: Vec<f64> = concepts.values().filter(|c| c.right + c.missed >= LEAST_SUPPORT).map(|c| c.f1()).collect();
    let mean = if supported.is_empty() { 0.0 } else { supported.iter().sum::<f64>() / supported.len() as f64 };
    out.push(Raw { key: "macro_f1".to_owned(), value: mean, part: 0, whole: supported.len() });

    let mut share = |key: &str, part: usize, whole: usize| out.push(Raw { key: key.to_owned(), value: ratio(part, whole), part, whole });
    let not_so = |wanted: &dyn Fn(bool) -> bool| {
        let found: Vec<bool> = results.iter().flat_map(|r| &r.not_so).filter(|n| wanted(n.denied)).map(|n| n.suggested).collect();
        (found.iter().filter(|s| **s).count(), found.len())
    };
    for (key, (part, whole)) in [("leak", not_so(&|_| true)), ("leak/denied", not_so(&|denied| denied)), ("leak/hypothetical", not_so(&|denied| !denied))] {
        share(key, part, whole);
    }
    let matched = || results.iter().flat_map(|r| &r.right);
    for axis in Axis::ALL {
        let pairs = || matched().filter_map(|r| r.attributes.get(axis.as_str()));
        share(axis.as_str(), pairs().filter(|(gold, given)| gold == given).count(), pairs().count());
    }
    share("evidence", matched().filter(|r| r.overlaps).count(), matched().count());
    let gold = all.right + all.missed;
    share("top_ten", results.iter().map(|r| r.top_ten).sum(), gold);
    let mut ranked: Vec<(f32, bool)> = results.iter().flat_map(|r| r.ranked.iter().copied()).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let coverage = curve(&ranked).into_iter().filter(|point| point.precision() >= LIGHT_CHECK).map(|point| point.right).max().unwrap_or(0);
    share("coverage", coverage, gold);
    let error: f64 = bins(&ranked).iter().map(|bin| (bin.mean - ratio(bin.right, bin.count)).abs() * bin.count as f64).sum();
    let value = if ranked.is_empty() { 0.0 } else { error / ranked.len() as f64 };
    out.push(Raw { key: "calibration_error".to_owned(), value, part: 0, whole: ranked.len() });
    out
}

/// What stands at or above a confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cut {
    /// The confidence.
    pub confidence: f32,
    /// Suggestions at or above it that gold has.
    pub right: usize,
    /// All suggestions at or above it.
    pub count: usize,
}

impl Cut {
    /// Share of the suggestions above the cut that are right.
    pub fn precision(&self) -> f64 {
        ratio(self.right, self.count)
    }
}

/// A cut at every confidence that occurs, the highest first. `ranked` is sorted by falling confidence.
pub fn curve(ranked: &[(f32, bool)]) -> Vec<Cut> {
    let mut cuts = Vec::new();
    let mut right = 0;
    for (i, &(confidence, ok)) in ranked.iter().enumerate() {
        right += usize::from(ok);
        if ranked.get(i + 1).is_none_or(|next| next.0 < confidence) {
            cuts.push(Cut { confidence, right, count: i + 1 });
        }
    }
    cuts
}

/// One of ten bins of equal size.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// Mean confidence.
    pub mean: f64,
    /// Suggestions that gold has.
    pub right: usize,
    /// All suggestions in it.
    pub count: usize,
}

/// Ten bins of equal size for the expected calibration error (Naeini, Cooper and Hauskrecht 2015; equal-mass form).
/// `ranked` is sorted by falling confidence; the bins rise.
pub fn bins(ranked: &[(f32, bool)]) -> Vec<Bin> {
    let n = ranked.len();
    let bin = |part: &[(f32, bool)]| Bin {
        mean: part.iter().map(|(c, _)| f64::from(*c)).sum::<f64>() / part.len() as f64,
        right: part.iter().filter(|(_, ok)| *ok).count(),
        count: part.len(),
    };
    (0..10).rev().map(|i| &ranked[n * i / 10..n * (i + 1) / 10]).filter(|part| !part.is_empty()).map(bin).collect()
}

/// Draws places with replacement (Efron 1979); seeded, so that every run tells the same interval.
fn bootstrap(count: usize, mut visit: impl FnMut(&[usize])) {
    if count == 0 {
        return;
    }
    // xorshift (Marsaglia 2003).
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % count as u64) as usize
    };
    for _ in 0..SAMPLES {
        let places: Vec<usize> = (0..count).map(|_| next()).collect();
        visit(&places);
    }
}

/// The bounds between which 95 % of the values lie.
fn interval(mut values: Vec<f64>) -> (f64, f64) {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => (0.0, 0.0),
        n => (values[n * 25 / 1000], values[n * 975 / 1000]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::metrics::{NotSo, Right, Wrong};

    fn notes() -> Vec<NoteResult> {
        let right = |code: &str, time: (&str, &str)| Right {
            code: code.to_owned(),
            attributes: BTreeMap::from([("time".to_owned(), (time.0.to_owned(), time.1.to_owned()))]),
            overlaps: true,
        };
        vec![
            NoteResult {
                id: "a".to_owned(),
                right: vec![right("need/A", ("past", "past")), right("incident/B", ("past", "current"))],
                wrong: vec![Wrong { code: "need/C".to_owned(), label: String::new() }],
                groups: Counts { right: 2, wrong: 1, missed: 0 },
                ranked: vec![(0.9, true), (0.8, true), (0.6, false)],
                top_ten: 2,
                ..Default::default()
            },
            NoteResult {
                id: "b".to_owned(),
                missed: vec!["need/A".to_owned()],
                not_so: vec![NotSo { code: "need/C".to_owned(), denied: true, suggested: false }],
                groups: Counts { missed: 1, ..Counts::default() },
                ranked: vec![(0.3, true)],
                top_ten: 1,
                ..Default::default()
            },
        ]
    }

    #[test]
    fn measures_of_known_notes() {
        let measures = measure(&notes());
        let of = |key: &str| measures.iter().find(|m| m.key == key).unwrap_or_else(|| panic!("no {key}"));
        let counts = |key: &str| (of(key).part, of(key).whole);
        assert_eq!(counts("precision"), (2, 3));
        assert_eq!(counts("recall"), (2, 3));
        assert_eq!(counts("need/recall"), (1, 2));
        assert_eq!(counts("incident/precision"), (1, 1));
        assert_eq!(counts("groups/f1"), (4, 6));
        assert_eq!(counts("leak"), (0, 1));
        assert_eq!(counts("leak/hypothetical"), (0, 0));
        assert_eq!(counts("time"), (1, 2));
        assert_eq!(counts("top_ten"), (3, 3));
        // The two surest are right; with the third precision falls to two thirds.
        assert_eq!(counts("coverage"), (2, 3));
        let error = (0.1 + 0.2 + 0.6 + 0.7) / 4.0;
        assert!((of("calibration_error").value - error).abs() < 1e-6);
        assert!(measures.iter().all(|m| m.low <= m.high), "{measures:?}");
        assert!(of("recall").low < of("recall").value || of("recall").high > of("recall").value);
    }

    #[test]
    fn a_difference_is_paired() {
        let before = notes();
        let same = differences(&before, &before);
        assert!(same.iter().all(|(_, value, low, high)| (*value, *low, *high) == (0.0, 0.0, 0.0)));
        let mut after = notes();
        for note in &mut after {
            note.missed.clear();
        }
        let recall = differences(&before, &after).into_iter().find(|(key, ..)| key == "recall").expect("a measure");
        assert!((recall.1 - 1.0 / 3.0).abs() < 1e-9 && recall.2 >= 0.0, "{recall:?}");
    }
}
