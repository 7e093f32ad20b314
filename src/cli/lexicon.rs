//! `casecoder lexicon`: look after the controlled lists.

use clap::Subcommand;

use super::output::Output;
use super::{Ended, Resources};
use crate::lexicon::{Lexicon, Severity};

/// Look after the controlled lists.
#[derive(Debug, Subcommand)]
pub(super) enum LexiconCommand {
    /// Report what is wrong in the lists, with file and line
    Check {
        /// Warnings too (errors are always shown)
        #[arg(long)]
        warnings: bool,
    },
}

pub(super) fn run(command: &LexiconCommand, resources: &Resources, output: &mut Output) -> anyhow::Result<Ended> {
    let LexiconCommand::Check { warnings } = command;
    let (lexicon, findings) = Lexicon::check(&resources.lexicons());
    let count = |severity: Severity| findings.iter().filter(|f| f.severity == severity).count();
    for finding in findings.iter().filter(|f| *warnings || f.severity == Severity::Error) {
        output.write(&format!("{finding}\n"))?;
    }
    for scheme in &lexicon.schemes {
        let leaves = scheme.concepts.iter().filter(|&&id| lexicon.get(id).leaf).count();
        let labels = lexicon.labels.iter().filter(|l| lexicon.scheme_of(l.concept).id == scheme.id).count();
        output.write(&format!("{:<13} {} concepts, {leaves} of them leaves, {labels} labels\n", scheme.id, scheme.concepts.len()))?;
    }
    let (errors, warned) = (count(Severity::Error), count(Severity::Warning));
    let hint = if warned > 0 && !warnings { " (--warnings shows them)" } else { "" };
    output.write(&format!("{} cues, {} official lists; {errors} errors, {warned} warnings{hint}\n", lexicon.cues.len(), lexicon.targets.len()))?;
    Ok(if errors > 0 { Ended::No } else { Ended::Done })
}
