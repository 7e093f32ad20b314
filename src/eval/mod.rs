//! How good are we: the only reader of `eval/`.

pub mod agreement;
pub mod corpus;
pub mod fit;
pub mod gold;
pub mod metrics;
pub mod report;

use crate::extractor::Extractor;

/// Runs the engine over coded notes.
pub fn run(extractor: &Extractor, gold: &[gold::Gold]) -> Vec<metrics::NoteResult> {
    gold.iter().map(|coded| metrics::note(extractor, coded)).collect()
}
