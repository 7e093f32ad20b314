//! The integration tests, in one binary so that it links once.

mod api;
mod cli;
mod config;
mod door;
mod eval;
mod hostile;
mod layers;
mod model;
mod openapi;
mod page;
mod privacy;
mod properties;
mod spec;

use std::path::Path;
use std::sync::{Arc, LazyLock};

use casecoder::calibration::Calibrator;
use casecoder::{Extractor, Lexicon};

static EXTRACTOR: LazyLock<Arc<Extractor>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let lexicon = Lexicon::load(&root.join("lexicons")).expect("the committed lists are in order");
    let calibrator = Calibrator::load(&root.join("models/dictionary/calibration.json"), &lexicon).expect("the committed calibration is in order");
    Arc::new(Extractor::new(lexicon, calibrator))
});

static WITH_MODEL: LazyLock<Arc<Extractor>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    Arc::new(Extractor::open(&root.join("lexicons"), &root.join("models")).expect("all that is committed is in order"))
});

/// The engine of labels and context, loaded once for all tests: thousands of notes a second, for tests that read many.
fn extractor() -> &'static Arc<Extractor> {
    &EXTRACTOR
}

/// The engine as it is served, with the model, loaded once.
fn with_model() -> &'static Arc<Extractor> {
    &WITH_MODEL
}
