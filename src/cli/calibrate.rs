//! `casecoder calibrate`: fit confidence and thresholds on coded notes.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use super::output::Output;
use super::{Ended, Resources};
use crate::calibration::{Calibration, Calibrator};
use crate::eval::fit::{self, Aim};
use crate::eval::gold;
use crate::extractor::{Extractor, Sources};
use crate::lexicon::Lexicon;
use crate::model::{self, Model};

/// Fit confidence and thresholds on coded notes (never on the test split).
#[derive(Debug, Args)]
pub(super) struct CalibrateArgs {
    /// The coded notes
    #[arg(default_value = "eval/gold/validate.jsonl")]
    gold: PathBuf,
    /// The coded texts on which labels are counted; other texts than the coded notes
    #[arg(long, value_name = "FILE", default_values = ["eval/gold/train.jsonl", "eval/gold/sentences.jsonl"])]
    train: Vec<PathBuf>,
    /// With the model, show what is right this often, instead of what makes F1 highest
    #[arg(long, value_name = "SHARE", value_parser = share)]
    precision: Option<f64>,
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
    let source = args.gold.to_string_lossy().replace('\\', "/");
    let mut write = |fit: &fit::Fit, path: PathBuf| -> anyhow::Result<()> {
        output.write(&summary(fit))?;
        if !args.dry_run {
            std::fs::write(&path, fit.calibration.to_json()?).with_context(|| format!("{}: cannot be written", path.display()))?;
            output.talk(format_args!("written to {}", path.display()));
        }
        Ok(())
    };
    let fit = fit::fit(&extractor, Sources::Dictionary, Aim::Precision(fit::TARGET_PRECISION), &coded, "dictionary-1", &source);
    write(&fit, resources.models().join("dictionary/calibration.json"))?;
    if let Some(folder) = model::find(&resources.models())? {
        let model = Model::open(&folder, extractor.lexicon())?;
        let name = model.manifest().name.clone();
        let none = Calibrator::new(Calibration::none(), extractor.lexicon(), "none".to_owned());
        let extractor = extractor.with_model(model, none);
        let aim = args.precision.map_or(Aim::F1, Aim::Precision);
        let fit = fit::fit(&extractor, Sources::All, aim, &coded, &name, &source);
        write(&fit, folder.join("calibration.json"))?;
    }
    Ok(Ended::Done)
}

/// A share between 0 and 1.
fn share(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|share| (0.0..1.0).contains(share)).ok_or_else(|| "a share from 0 to 1, for example 0.8".to_owned())
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
