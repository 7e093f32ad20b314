//! The command line: the same verbs as the service.
//!
//! stdout is data, stderr is talk. Exit status 0: done; 1: done, and the answer is "no";
//! 2: could not.

mod calibrate;
mod eval;
mod info;
mod lexicon;
mod output;
mod serve;
mod suggest;
mod train;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::extractor::Extractor;
use output::Output;

/// Reads case notes and suggests codes from controlled lists, each with a calibrated
/// confidence and the words that justify it. A person decides.
#[derive(Debug, Parser)]
#[command(name = "casecoder", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    resources: Resources,
    #[command(subcommand)]
    command: Command,
}

/// Where the lists and the calibration are.
#[derive(Clone, Debug, Args)]
struct Resources {
    /// The folder of the controlled lists [default: lexicons]
    #[arg(long, global = true, env = "CASECODER_LEXICONS", hide_env_values = true, value_name = "DIR")]
    lexicons: Option<PathBuf>,
    /// The folder of calibration and models [default: models]
    #[arg(long, global = true, env = "CASECODER_MODELS", hide_env_values = true, value_name = "DIR")]
    models: Option<PathBuf>,
}

impl Resources {
    fn lexicons(&self) -> PathBuf {
        self.lexicons.clone().unwrap_or_else(|| "lexicons".into())
    }

    fn models(&self) -> PathBuf {
        self.models.clone().unwrap_or_else(|| "models".into())
    }

    fn open(&self) -> anyhow::Result<Extractor> {
        let hint = "run `casecoder` in the folder that holds `lexicons` and `models`, or name them with --lexicons and --models";
        Extractor::open(&self.lexicons(), &self.models()).map_err(|error| anyhow::anyhow!("failed to start: {error}\n\nhint: {hint}"))
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the HTTP API and the page
    Serve(crate::config::ServeArgs),
    /// Suggest codes for a note, or for one note a line
    Suggest(suggest::SuggestArgs),
    /// Look after the controlled lists
    #[command(subcommand)]
    Lexicon(lexicon::LexiconCommand),
    /// Measure suggestions against coded notes
    Eval(eval::EvalArgs),
    /// Fit confidence and thresholds on coded notes
    Calibrate(calibrate::CalibrateArgs),
    /// Train the transformer on coded texts
    Train(train::TrainArgs),
    /// Print versions and counts
    Info(info::InfoArgs),
    /// Check that everything needed is there and works
    Doctor,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// Done.
    Done,
    /// Done, and the answer is "no".
    No,
}

/// Parses the arguments, runs the command, and gives the exit status.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            let status = if error.use_stderr() { 2 } else { 0 };
            // A closed pipe while printing help is nobody's problem.
            let _ = error.print();
            return ExitCode::from(status);
        }
    };
    // A panic's message can quote a note: only its place is told.
    std::panic::set_hook(Box::new(crate::telemetry::report_panic));
    let mut output = Output::new();
    let resources = &cli.resources;
    let ended = match cli.command {
        Command::Serve(args) => serve::run(args, resources, &mut output),
        Command::Suggest(args) => suggest::run(&args, resources, &mut output),
        Command::Lexicon(command) => lexicon::run(&command, resources, &mut output),
        Command::Eval(args) => eval::run(&args, resources, &mut output),
        Command::Calibrate(args) => calibrate::run(&args, resources, &mut output),
        Command::Train(args) => train::run(&args, resources, &mut output),
        Command::Info(args) => info::run(&args, resources, &mut output),
        Command::Doctor => info::doctor(resources, &mut output),
    };
    match ended.and_then(|ended| output.flush().map(|()| ended).map_err(Into::into)) {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::No) => ExitCode::from(1),
        Err(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output.talk(format_args!("error: {error:#}"));
            ExitCode::from(2)
        }
    }
}
