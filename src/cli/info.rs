//! `casecoder info` and `casecoder doctor`: what is here, and whether it works.

use clap::Args;

use super::output::Output;
use super::{Ended, Resources};
use crate::extractor::{Request, Sources};
use crate::suggestion::Outcome;

/// Print versions and counts.
#[derive(Debug, Args)]
pub(super) struct InfoArgs {
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &InfoArgs, resources: &Resources, output: &mut Output) -> anyhow::Result<Ended> {
    let extractor = resources.open()?;
    if args.json {
        output.json(&**extractor.provenance())?;
        return Ok(Ended::Done);
    }
    let provenance = extractor.provenance();
    output.write(&format!("casecoder {}\n", provenance.engine))?;
    for scheme in &extractor.lexicon().schemes {
        output.write(&format!("{:<13} {}  {} concepts  {}\n", scheme.id, scheme.full_version(), scheme.concepts.len(), scheme.title))?;
    }
    output.write(&format!(
        "{:<13} {}\n{:<13} {}\n{:<13} {}\n",
        "context", provenance.context, "calibration", provenance.calibration, "model", provenance.model
    ))?;
    Ok(Ended::Done)
}

/// Loads everything and reads an invented note whose answer is known.
pub(super) fn doctor(resources: &Resources, output: &mut Output) -> anyhow::Result<Ended> {
    let extractor = resources.open()?;
    output.write(&format!("lists        ok, {} concepts\n", extractor.lexicon().concepts.len()))?;
    output.write(&format!("calibration  ok, {}\n", extractor.calibrator_of(Sources::All).version()))?;
    let answer = extractor.suggest("Invented note: mum is in rent arrears.", &Request { min_confidence: Some(0.0), ..Request::default() });
    let works = answer.outcome == Outcome::Suggested;
    output.write(&format!("reading      {}\n", if works { "ok" } else { "does not find what it should: check the lists" }))?;
    output.write(&match extractor.model() {
        Some(model) => format!("model        ok, {}\n", model.version()),
        None => "model        none: labels and context answer alone\n".to_owned(),
    })?;
    Ok(if works { Ended::Done } else { Ended::No })
}
