//! The integration tests, in one binary so that it links once.

mod api;
mod cli;
mod config;
mod door;
mod eval;
mod hostile;
mod layers;
mod openapi;
mod page;
mod privacy;
mod properties;
mod spec;

use std::path::Path;
use std::sync::{Arc, LazyLock};

use casecoder::Extractor;

static EXTRACTOR: LazyLock<Arc<Extractor>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    Arc::new(Extractor::open(&root.join("lexicons"), &root.join("models")).expect("the committed lists and calibration are in order"))
});

/// The engine over the committed lists, loaded once for all tests.
fn extractor() -> &'static Arc<Extractor> {
    &EXTRACTOR
}
