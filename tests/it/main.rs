//! The integration tests, in one binary so that it links once.

mod cli;
mod layers;
mod properties;
mod spec;

use std::path::Path;
use std::sync::LazyLock;

use casecoder::Extractor;

static EXTRACTOR: LazyLock<Extractor> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    Extractor::open(&root.join("lexicons"), &root.join("models")).expect("the committed lists and calibration are in order")
});

/// The engine over the committed lists, loaded once for all tests.
fn extractor() -> &'static Extractor {
    &EXTRACTOR
}
