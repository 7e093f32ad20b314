//! `casecoder calibrate`: fit confidence and thresholds on coded notes.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::output::Output;
use super::{Ended, Resources};
use crate::calibration::{Calibration, Calibrator};
use crate::eval::{fit, gold};
use crate::extractor::Extractor;
use crate::lexicon::Lexicon;

/// Fit confidence and thresholds on coded notes (never on the test split).
#[derive(Debug, Args)]
pub(super) struct CalibrateArgs {
    /// The coded notes
    #[arg(default_value = "eval/gold/validate.jsonl")]
    gold: PathBuf,
    /// The coded texts on which labels are counted; other texts than the coded notes
    #[arg(long, value_name = "FILE", default_values = ["eval/gold/train.jsonl", "eval/gold/sentences.jsonl"])]
    train: Vec<PathBuf>,
    /// Only print what would be learnt
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(args: &CalibrateArgs, resources: &Resources, output: &mut Output) -> anyhow::Result<Ended> {
    // The fitting itself needs no calibration, so a missing or outdated one is no obstacle.
    let lexicon = Lexicon::load(&resources.lexicons())?;
    let empty = Calibrator::new(Calibration::none(), &lexicon, "none".to_owned());
    let counting = Extractor::new(lexicon, empty);
    let mut trained = Vec::new();
    for path in &args.train {
        trained.extend(gold::read(path, counting.lexicon())?);
    }
    let records = fit::tally(&counting, &trained);
    let lexicon = Lexicon::load(&resources.lexicons())?;
    let counted = Calibrator::new(Calibration { records, ..Calibration::none() }, &lexicon, "none".to_owned());
    let extractor = Extractor::new(lexicon, counted);
    let coded = gold::read(&args.gold, extractor.lexicon())?;
    if let Some(both) = coded.iter().find(|c| trained.iter().any(|t| t.note.id == c.note.id)) {
        anyhow::bail!(
            "`{}` stands in the training texts and in {}: labels must be counted on other texts than those fitted on",
            both.note.id,
            args.gold.display()
        );
    }
    let name = args.gold.to_string_lossy().replace('\\', "/");
    let fit = fit::fit(&extractor, &coded, "dictionary-1", &name);
    output.write(&summary(&fit))?;
    if !args.dry_run {
        let path = resources.models().join("dictionary/calibration.json");
        std::fs::write(&path, fit.calibration.to_json()?).with_context(|| format!("{}: cannot be written", path.display()))?;
        output.talk(format_args!("written to {}", path.display()));
    }
    Ok(Ended::Done)
}

fn summary(fit: &fit::Fit) -> String {
    use std::fmt::Write as _;
    let calibration = &fit.calibration;
    let mut out = String::new();
    let _ = writeln!(out, "{} notes, {} proposals judged", calibration.fitted_on.notes, calibration.fitted_on.proposals);
    let _ = writeln!(out, "shown from confidence {:.2}, high from {:.2}", calibration.pooled.review, calibration.pooled.high);
    let own = calibration.concepts.values().filter(|c| c.offset != 0.0).count();
    let _ =
        writeln!(out, "{own} concepts have an offset of their own; {} more were seen too rarely and use the pooled curve", calibration.concepts.len() - own);
    let _ = writeln!(out, "\ncross-validated reliability\n  confidence   proposals   accepted");
    for bin in 0..10 {
        let (low, high) = (bin as f32 / 10.0, (bin + 1) as f32 / 10.0);
        let inside: Vec<bool> = fit.held_out.iter().filter(|(c, _)| *c >= low && (*c < high || bin == 9)).map(|(_, a)| *a).collect();
        if !inside.is_empty() {
            let accepted = inside.iter().filter(|a| **a).count();
            let _ = writeln!(out, "  {low:.1} to {high:.1}   {:>9}   {:>5.0} %", inside.len(), 100.0 * accepted as f32 / inside.len() as f32);
        }
    }
    out
}
