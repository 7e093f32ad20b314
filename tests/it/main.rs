//! The integration tests, in one binary so that it links once.
mod spec;
use std::sync::LazyLock;
use casecoder::{Extractor, Lexicon, calibration::Calibrator};

static EXTRACTOR: LazyLock<Extractor> = LazyLock::new(|| { let l=Lexicon::check("lexicons".as_ref()).0; let c=Calibrator::load("models/dictionary/calibration.json".as_ref(), &l).unwrap(); Extractor::new(l,c) });

fn extractor() -> &'static Extractor {
    &EXTRACTOR
}
