//! `casecoder eval`: measure suggestions against coded notes, and look after the coded notes themselves.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};

use super::output::Output;
use super::{Ended, Resources};
use crate::eval::answers::{self, Part};
use crate::eval::baseline::{self, Verdict};
use crate::eval::gold::{self, Gold};
use crate::eval::report::Report;
use crate::eval::{agreement, corpus, html, pack, stability, text};
use crate::extractor::{Extractor, Sources};
use crate::lexicon::Lexicon;

/// Measure suggestions against coded notes.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct EvalArgs {
    #[command(subcommand)]
    command: Option<EvalCommand>,
    /// The coded notes, instead of a split
    gold: Vec<PathBuf>,
    /// The split of the corpus in `eval/gold`
    #[arg(long, value_enum, default_value = "test", conflicts_with = "gold")]
    split: Split,
    /// Which part of the engine answers [default: all that is loaded]
    #[arg(long, value_enum)]
    source: Option<Source>,
    /// Take the answers from this file (JSON lines as `suggest` writes them), whatever tool wrote it
    #[arg(long, value_name = "FILE", conflicts_with = "source")]
    answers: Option<PathBuf>,
    /// A table, all as JSON, or one page (which quotes the notes)
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Compare with an earlier JSON report over the same notes; status 1 if something got worse beyond noise
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Also each wrong and missed code, by note identifier (never the text)
    #[arg(long)]
    errors: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Split {
    Train,
    Sentences,
    Validate,
    Test,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Source {
    /// Labels, context and calibration
    Dictionary,
    /// Every label that reads, without context or calibration: the floor
    Labels,
    /// The transformer alone
    Model,
    /// Dictionary and transformer together
    Both,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Html,
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
    /// Swap names, genders, towns, capitals … and tell which suggestions change
    Stability {
        /// The coded notes
        #[arg(default_value = "eval/gold/validate.jsonl")]
        gold: Vec<PathBuf>,
        /// The words that are swapped
        #[arg(long, value_name = "FILE", default_value = "eval/swaps.csv")]
        swaps: PathBuf,
        /// Also each suggestion that came or went, by note identifier
        #[arg(long)]
        pairs: bool,
    },
    /// Run a pack of sentences with the codes that they must or must not get; status 1 if one fails
    Pack {
        /// The pack: CSV with `expect`, `scheme`, `notation`, `text`, `why`
        #[arg(default_value = "eval/pack.csv")]
        pack: PathBuf,
    },
}

pub(super) fn run(args: &EvalArgs, resources: &Resources, output: &mut Output) -> anyhow::Result<Ended> {
    match &args.command {
        Some(command) => keep(command, resources, output),
        None => measure(args, resources, output),
    }
}

fn measure(args: &EvalArgs, resources: &Resources, output: &mut Output) -> anyhow::Result<Ended> {
    let extractor = resources.open()?;
    let source = match (args.source, extractor.model()) {
        (None, None) => Source::Dictionary,
        (None, Some(_)) => Source::Both,
        (Some(Source::Model | Source::Both), None) => {
            anyhow::bail!("there is no model in {} (--source dictionary measures labels and context alone)", resources.models().display())
        }
        (Some(source), _) => source,
    };
    let (who, sources) = match source {
        Source::Dictionary => ("dictionary", Sources::Dictionary),
        Source::Labels => ("labels", Sources::Dictionary),
        Source::Model => ("model", Sources::Model),
        Source::Both => ("both", Sources::All),
    };
    let part = if matches!(source, Source::Labels) { Part::Labels } else { Part::Engine(sources) };
    let lexicon = extractor.lexicon();
    let files = if args.gold.is_empty() { vec![format!("eval/gold/{}.jsonl", split(args.split)).into()] } else { args.gold.clone() };
    let coded = read(&files, lexicon)?;
    let (who, answered) = match &args.answers {
        Some(file) => (name(file), answers::read(file, &coded, lexicon)?),
        None => (who.to_owned(), coded.iter().map(|gold| answers::answer(&extractor, part, gold.note.text.as_str())).collect()),
    };
    let mut report = Report::new(lexicon, files.iter().map(|file| name(file)).collect(), &coded, &answered, &who);
    report.versions = args.answers.is_none().then(|| (**extractor.provenance_of(sources)).clone());
    let changes = match &args.baseline {
        Some(path) => Some(compare(path, &report)?),
        None => None,
    };
    let worse = changes.iter().flatten().any(|change| change.verdict == Verdict::Worse);
    match args.format {
        Format::Text => {
            if args.errors {
                output.write(&text::errors(&report))?;
            }
            output.write(&text::report(&report))?;
            output.write(&changes.as_deref().map_or(String::new(), text::changes))?;
        }
        Format::Json => {
            let mut json = serde_json::to_value(&report)?;
            json["changes"] = serde_json::to_value(&changes)?;
            output.json_line(&json)?;
        }
        Format::Html => output.write(&html::page(&report, lexicon, &coded, &answered)?)?,
    }
    if worse && args.format != Format::Text {
        output.talk(format_args!("{}", text::changes(changes.as_deref().unwrap_or_default()).trim()));
    }
    Ok(if worse { Ended::No } else { Ended::Done })
}

fn compare(path: &Path, report: &Report) -> anyhow::Result<Vec<baseline::Change>> {
    let kept = std::fs::read(path).with_context(|| format!("{}: cannot be read", path.display()))?;
    // serde's message can quote the file, and a report is as sensitive as what it was made of.
    let kept: Report =
        serde_json::from_slice(&kept).map_err(|e| anyhow::anyhow!("{}: line {}: not a report of `eval --format json`", path.display(), e.line()))?;
    baseline::compare(&kept, report).with_context(|| path.display().to_string())
}

fn keep(command: &EvalCommand, resources: &Resources, output: &mut Output) -> anyhow::Result<Ended> {
    let yes = |yes: bool| Ok(if yes { Ended::Done } else { Ended::No });
    match command {
        EvalCommand::Check { folder } => {
            let checked = corpus::check(folder, &Lexicon::load(&resources.lexicons())?)?;
            output.write(&text::corpus(&checked))?;
            yes(checked.findings.is_empty())
        }
        EvalCommand::Agreement { first, second } => {
            let lexicon = Lexicon::load(&resources.lexicons())?;
            let agreed = agreement::compare(&gold::read(first, &lexicon)?, &gold::read(second, &lexicon)?, &lexicon);
            output.write(&text::agreement(&agreed, &lexicon))?;
            yes(true)
        }
        EvalCommand::Stability { gold, swaps, pairs } => {
            let extractor: Extractor = resources.open()?;
            let effects = stability::run(&extractor, &read(gold, extractor.lexicon())?, &stability::swaps(swaps)?);
            output.write(&text::stability(&effects, *pairs))?;
            yes(true)
        }
        EvalCommand::Pack { pack } => {
            let outcome = pack::run(&resources.open()?, pack)?;
            output.write(&text::pack(&outcome, &name(pack)))?;
            yes(outcome.failures.is_empty())
        }
    }
}

fn read(files: &[PathBuf], lexicon: &Lexicon) -> anyhow::Result<Vec<Gold>> {
    let mut coded = Vec::new();
    for path in files {
        coded.extend(gold::read(path, lexicon)?);
    }
    Ok(coded)
}

fn split(split: Split) -> &'static str {
    match split {
        Split::Train => "train",
        Split::Sentences => "sentences",
        Split::Validate => "validate",
        Split::Test => "test",
    }
}

fn name(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
