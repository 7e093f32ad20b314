//! `casecoder train`.

use std::path::PathBuf;

use clap::Args;

use super::output::Output;
use super::{Ended, Resources};
use crate::lexicon::Lexicon;
use crate::training::{self, Settings};

/// Trains the transformer on the coded texts and writes its artefact. Runs for about 45 minutes on two quiet cores; `models/train` starts it well.
#[derive(Debug, Args)]
pub(super) struct TrainArgs {
    /// Where the artefact is written
    #[arg(value_name = "DIR")]
    output: PathBuf,
    /// The folder of the base weights: `models/fetch` brings them
    #[arg(long, default_value = "models/base", value_name = "DIR")]
    base: PathBuf,
    /// The folder of the coded texts
    #[arg(long, default_value = "eval/gold", value_name = "DIR")]
    gold: PathBuf,
    /// Passes over the texts
    #[arg(long, default_value_t = 4)]
    passes: usize,
    /// Same seed, same run
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Highest rate of the encoder
    #[arg(long, default_value_t = 1e-4)]
    rate: f32,
    /// Notations that training must not see, to measure what a new concept gets
    #[arg(long, value_delimiter = ',', value_name = "NOTATIONS")]
    leave_out: Vec<String>,
    /// Go on with the run that was saved after its last whole pass
    #[arg(long)]
    resume: bool,
    /// Stop after so many steps, to try a run
    #[arg(long)]
    steps: Option<usize>,
}

pub(super) fn run(args: &TrainArgs, resources: &Resources, output: &mut Output) -> anyhow::Result<Ended> {
    let lexicon = Lexicon::load(&resources.lexicons())?;
    let settings = Settings {
        base: args.base.clone(),
        gold: args.gold.clone(),
        output: args.output.clone(),
        passes: args.passes,
        seed: args.seed,
        rate: args.rate,
        left_out: args.leave_out.clone(),
        resume: args.resume,
        steps: args.steps,
    };
    training::train(&settings, &lexicon, &mut |line| output.talk(format_args!("{line}")))?;
    Ok(Ended::Done)
}
