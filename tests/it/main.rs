//! The integration tests, in one binary so that it links once.
mod api;
mod config;
mod door;
mod hostile;
mod openapi;
mod page;
mod privacy;
mod spec;
use std::sync::{Arc, LazyLock};
use casecoder::{Extractor, Lexicon, calibration::Calibrator};

static EXTRACTOR: LazyLock<Arc<Extractor>> = LazyLock::new(|| { let l=Lexicon::check("lexicons".as_ref()).0; let c=Calibrator::load("models/dictionary/calibration.json".as_ref(), &l).unwrap(); Arc::new(Extractor::new(l,c)) });

fn extractor() -> &'static Arc<Extractor> {
    &EXTRACTOR
}
