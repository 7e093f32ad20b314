//! Raw score → confidence. The only maker of [`Confidence`].
//!
//! The fused score is the log-odds of a logistic regression; a monotone curve (isotonic
//! regression by pooling adjacent violators, fitted on cross-validated scores) maps it to
//! the share of such suggestions that were accepted. A concept with enough coded examples
//! shifts its score by its own offset, shrunk towards none; every other concept uses the
//! pooled curve as it is, and `examples` says how many there were.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::ser::{Formatter, PrettyFormatter};
use sha2::{Digest, Sha256};

use crate::fusion::Weights;
use crate::lexicon::Lexicon;
use crate::records::{Records, Tallies};
use crate::scheme::ConceptId;
use crate::suggestion::{Band, Confidence, Score};

/// What `casecoder calibrate` writes and every start reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Its name in provenance.
    pub name: String,
    /// What it was fitted on, in words.
    pub fitted_on: FittedOn,
    /// The weights of the fused score.
    pub fusion: Weights,
    /// Score → probability: rising in both; between two points a straight line.
    pub curve: Vec<(f32, f32)>,
    /// The thresholds of a concept without its own.
    pub pooled: Thresholds,
    /// Concepts with examples, by `scheme/notation`.
    pub concepts: BTreeMap<String, ConceptFit>,
    /// How labels did in the training texts.
    pub records: Tallies,
}

impl Calibration {
    /// No calibration at all: every score is a confidence of one half. For fitting a first one.
    pub fn none() -> Self {
        Self {
            name: "none".to_owned(),
            fitted_on: FittedOn { gold: String::new(), notes: 0, proposals: 0, schemes: BTreeMap::new(), model: None },
            fusion: Weights { constant: 0.0, weights: BTreeMap::new() },
            curve: vec![(0.0, 0.5)],
            pooled: Thresholds { review: 0.5, high: 1.0 },
            concepts: BTreeMap::new(),
            records: Tallies::new(),
        }
    }

    /// As it stands in the file: a line for each field, and each list of numbers on one line, so that a change shows as one.
    ///
    /// # Errors
    /// [`serde_json::Error`] where a number has no form in JSON (not a number, infinite).
    pub fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        let mut json = Vec::new();
        self.serialize(&mut serde_json::Serializer::with_formatter(&mut json, ListsOnOneLine(PrettyFormatter::new())))?;
        json.push(b'\n');
        Ok(json)
    }
}

/// Pretty objects, compact lists.
struct ListsOnOneLine(PrettyFormatter<'static>);

impl Formatter for ListsOnOneLine {
    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> std::io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.0.end_object_value(writer)
    }
}

/// What a calibration was fitted on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FittedOn {
    /// The gold file.
    pub gold: String,
    /// How many notes.
    pub notes: usize,
    /// How many proposals of the engine were judged.
    pub proposals: usize,
    /// The content of each scheme at the time.
    pub schemes: BTreeMap<String, String>,
    /// The model that took part, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

/// Confidence from which a suggestion is shown, and from which it is `high`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Shown by default from here.
    pub review: f32,
    /// Band `high` from here.
    pub high: f32,
}

/// What is known of one concept.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConceptFit {
    /// How many proposals of it were judged.
    pub examples: usize,
    /// How many were accepted.
    pub accepted: usize,
    /// Added to its score; 0 where the examples are too few.
    pub offset: f32,
    /// Its own thresholds, where they differ from the pooled ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thresholds: Option<Thresholds>,
}

/// The calibration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CalibrationError {
    /// The file cannot be read.
    #[error("{path}: cannot be read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what `casecoder calibrate` writes.
    #[error("{path}: line {line}: {message}")]
    Format {
        /// The file.
        path: PathBuf,
        /// Where.
        line: usize,
        /// Why.
        message: String,
    },
}

/// A calibration, ready for the loaded lists.
pub struct Calibrator {
    calibration: Calibration,
    /// By concept.
    offsets: Vec<f32>,
    thresholds: Vec<Thresholds>,
    weights: crate::fusion::Features,
    records: Records,
    version: String,
}

impl Calibrator {
    /// Reads the calibration at `path` for these lists.
    ///
    /// # Errors
    /// [`CalibrationError`] where the file is missing, malformed, or its curve does not rise.
    pub fn load(path: &Path, lexicon: &Lexicon) -> Result<Self, CalibrationError> {
        let bytes = std::fs::read(path).map_err(|source| CalibrationError::Read { path: path.into(), source })?;
        let format = |line: usize, message: String| CalibrationError::Format { path: path.into(), line, message };
        let calibration: Calibration = serde_json::from_slice(&bytes).map_err(|error| format(error.line(), error.to_string()))?;
        let rises = calibration.curve.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1);
        if calibration.curve.is_empty() || !rises || calibration.curve.iter().any(|(x, y)| !x.is_finite() || !(0.0..=1.0).contains(y)) {
            return Err(format(1, "the curve must have points that rise, with probabilities from 0 to 1".to_owned()));
        }
        if let Some(unknown) = calibration.fusion.weights.keys().find(|name| !crate::fusion::FEATURES.contains(&name.as_str())) {
            return Err(format(1, format!("unknown feature `{unknown}`: run `casecoder calibrate` again")));
        }
        let digest: String = Sha256::digest(&bytes).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        let mut version = format!("{}+sha256:{digest}", calibration.name);
        // A curator who edits a list need not calibrate again at once; the answer says that it was fitted before.
        if lexicon.schemes.iter().any(|scheme| calibration.fitted_on.schemes.get(&scheme.id) != Some(&scheme.full_version())) {
            version.push_str(" (fitted on an earlier version of the lists)");
        }
        Ok(Self::new(calibration, lexicon, version))
    }

    /// Prepares a calibration that is at hand.
    pub fn new(calibration: Calibration, lexicon: &Lexicon, version: String) -> Self {
        let fit = |id: ConceptId| calibration.concepts.get(&crate::records::concept_key(lexicon, id));
        let offsets = lexicon.concepts.iter().map(|c| fit(c.id).map_or(0.0, |fit| fit.offset)).collect();
        let thresholds = lexicon.concepts.iter().map(|c| fit(c.id).and_then(|fit| fit.thresholds).unwrap_or(calibration.pooled)).collect();
        let weights = calibration.fusion.vector();
        let records = Records::new(&calibration.records, lexicon);
        Self { calibration, offsets, thresholds, weights, records, version }
    }

    /// How labels did in the training texts.
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// The raw score of a group of evidence.
    pub fn score(&self, features: &crate::fusion::Features) -> Score {
        crate::fusion::score(features, &self.weights, self.calibration.fusion.constant)
    }

    /// The confidence that a raw score stands for, for one concept.
    pub fn confidence(&self, score: Score, concept: ConceptId) -> Confidence {
        Confidence::calibrated(interpolate(&self.calibration.curve, score.0 + self.offsets[concept.index()]))
    }

    /// The thresholds of a concept.
    pub fn thresholds(&self, concept: ConceptId) -> Thresholds {
        self.thresholds[concept.index()]
    }

    /// How a reviewer should take a suggestion of this confidence.
    pub fn band(&self, confidence: Confidence, concept: ConceptId) -> Band {
        let thresholds = self.thresholds(concept);
        match confidence.get() {
            c if c >= thresholds.high => Band::High,
            c if c >= thresholds.review => Band::Review,
            _ => Band::Low,
        }
    }

    /// What was read from the file.
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// Name, content hash, and whether it was fitted on these lists.
    pub fn version(&self) -> &str {
        &self.version
    }
}

fn interpolate(curve: &[(f32, f32)], x: f32) -> f32 {
    let after = curve.partition_point(|&(cx, _)| cx <= x);
    match (after.checked_sub(1).map(|i| curve[i]), curve.get(after)) {
        (None, Some(&(_, y))) | (Some((_, y)), None) => y,
        (Some((x0, y0)), Some(&(x1, y1))) => y0 + (y1 - y0) * (x - x0) / (x1 - x0),
        (None, None) => 0.0,
    }
}

/// Isotonic regression by pooling adjacent violators (Ayer and colleagues 1955): the rising
/// step function nearest to `(score, accepted)` in squares, as points at the middle of each step.
pub fn isotonic(mut points: Vec<(f32, bool)>) -> Vec<(f32, f32)> {
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Blocks of (sum of scores, accepted, count).
    let mut blocks: Vec<(f64, f64, f64)> = Vec::new();
    for (x, accepted) in points {
        blocks.push((f64::from(x), f64::from(u8::from(accepted)), 1.0));
        while let [.., a, b] = blocks[..] {
            if a.1 / a.2 < b.1 / b.2 {
                break;
            }
            blocks.truncate(blocks.len() - 2);
            blocks.push((a.0 + b.0, a.1 + b.1, a.2 + b.2));
        }
    }
    // Laplace's rule keeps small blocks at the ends away from 0 and 1.
    let mut curve: Vec<(f32, f32)> = Vec::new();
    for (x, y, n) in blocks {
        let point = ((x / n) as f32, ((y + 1.0) / (n + 2.0)) as f32);
        match curve.last() {
            Some(last) if point.0 <= last.0 => {}
            Some(last) => curve.push((point.0, point.1.max(last.1))),
            None => curve.push(point),
        }
    }
    curve
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn isotonic_rises_and_keeps_the_share() {
        let points: Vec<(f32, bool)> = (0..400).map(|i| (i as f32 / 100.0, (i * 7919) % 400 < i)).collect();
        let curve = isotonic(points);
        assert!(curve.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 <= w[1].1));
        assert!(interpolate(&curve, 0.2) < 0.25 && interpolate(&curve, 3.8) > 0.75);
        assert!((interpolate(&curve, 2.0) - 0.5).abs() < 0.15);
    }
}
