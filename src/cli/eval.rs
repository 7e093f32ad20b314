//! `casecoder eval`: measure suggestions against coded notes, and the coded notes themselves.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::output::Output;
use super::{Ended, Resources};
use crate::eval::{agreement, corpus, gold, report, run as evaluate};
use crate::lexicon::Lexicon;

/// Measure suggestions against coded notes.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct EvalArgs {
    #[command(subcommand)]
    command: Option<EvalCommand>,
    /// The coded notes
    #[arg(default_value = "eval/gold/test.jsonl")]
    gold: Vec<PathBuf>,
    /// Also each wrong and missed code, by note identifier (never the text)
    #[arg(long)]
    errors: bool,
}

#[derive(Debug, Subcommand)]
enum EvalCommand {
    /// Check the corpus: evidence, voices, near-duplicates, leaves covered
    Check {
        /// The folder of the corpus
        #[arg(default_value = "eval/gold")]
        folder: PathBuf,
    },
    /// Measure how far two coders agree on the same notes
    Agreement {
        /// The notes with the first coding
        first: PathBuf,
        /// The same notes with the second coding
        second: PathBuf,
    },
}

pub(super) fn run(args: &EvalArgs, resources: &Resources, output: &mut Output) -> anyhow::Result<Ended> {
    match &args.command {
        Some(EvalCommand::Check { folder }) => {
            let checked = corpus::check(folder, &Lexicon::load(&resources.lexicons())?)?;
            output.write(&report::corpus(&checked))?;
            return Ok(if checked.findings.is_empty() { Ended::Done } else { Ended::No });
        }
        Some(EvalCommand::Agreement { first, second }) => {
            let lexicon = Lexicon::load(&resources.lexicons())?;
            let agreed = agreement::compare(&gold::read(first, &lexicon)?, &gold::read(second, &lexicon)?, &lexicon);
            output.write(&report::agreement(&agreed, &lexicon))?;
            return Ok(Ended::Done);
        }
        None => {}
    }
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
