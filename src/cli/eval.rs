//! `casecoder eval`: measure suggestions against coded notes.

use std::path::PathBuf;

use clap::Args;

use super::output::Output;
use super::{Ended, Resources};
use crate::eval::{gold, report, run as evaluate};

/// Measure suggestions against coded notes.
#[derive(Debug, Args)]
pub(super) struct EvalArgs {
    /// The coded notes
    #[arg(default_value = "eval/gold/first/test.jsonl")]
    gold: Vec<PathBuf>,
    /// Also each wrong and missed code, by note identifier (never the text)
    #[arg(long)]
    errors: bool,
}

pub(super) fn run(args: &EvalArgs, resources: &Resources, output: &mut Output) -> anyhow::Result<Ended> {
    let extractor = resources.open()?;
    let mut coded = Vec::new();
    for path in &args.gold {
        coded.extend(gold::read(path, extractor.lexicon())?);
    }
    let results = evaluate(&extractor, &coded);
    if args.errors {
        for result in &results {
            for (concept, label) in &result.wrong {
                output.write(&format!("{}\twrong\t{}\t{label}\n", result.id, extractor.lexicon().get(*concept).notation))?;
            }
            for concept in &result.missed {
                output.write(&format!("{}\tmissed\t{}\t\n", result.id, extractor.lexicon().get(*concept).notation))?;
            }
        }
    }
    output.write(&report::text(&results))?;
    Ok(Ended::Done)
}
