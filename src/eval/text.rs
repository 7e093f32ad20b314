//! Reports as text for a terminal.

use std::fmt::Write as _;

use super::agreement::{Agreement, kappa};
use super::baseline::{Change, Verdict};
use super::corpus::Corpus;
use super::measures::{Measure, title};
use super::pack::{Expect, Outcome};
use super::report::Report;
use super::stability::Effect;
use crate::lexicon::Lexicon;

/// A table with counts and 95 % intervals over notes.
pub fn report(report: &Report) -> String {
    let mut out = String::new();
    let of = |key: &str| report.measure(key);
    let codes = |key: &str| of(key).map_or(0, |m| m.whole);
    let _ = writeln!(out, "{} notes, {} codes that a reviewer would store, {} suggested", report.notes.len(), codes("recall"), codes("precision"));
    let _ = writeln!(out, "\n{:<14}{:>24}{:>24}{:>24}{:>20}", "", "precision", "recall", "F1", "right wrong missed");
    for (name, prefix) in report.measures.iter().filter_map(|m| m.key.strip_suffix("precision")).map(|prefix| (prefix.trim_end_matches('/'), prefix)) {
        let cell = |measure: &str| of(&format!("{prefix}{measure}")).map_or(String::new(), |m| format!("{:.3} [{:.3}, {:.3}]", m.value, m.low, m.high));
        let count = |measure: &str| of(&format!("{prefix}{measure}")).map_or((0, 0), |m| (m.part, m.whole));
        let ((right, suggested), (_, gold)) = (count("precision"), count("recall"));
        let _ = writeln!(
            out,
            "{:<14}{:>24}{:>24}{:>24}{right:>8}{:>6}{:>6}",
            if name.is_empty() { "all" } else { name },
            cell("precision"),
            cell("recall"),
            cell("f1"),
            suggested - right,
            gold - right
        );
    }
    let _ = writeln!(out);
    let single = |m: &&Measure| !["precision", "recall", "f1"].contains(&m.key.rsplit('/').next().unwrap_or(""));
    for measure in report.measures.iter().filter(single) {
        let counts = match (measure.key.as_str(), measure.part, measure.whole) {
            ("macro_f1", _, concepts) => format!("over {concepts} concepts with {} codes or more", super::measures::LEAST_SUPPORT),
            ("calibration_error", _, all) => format!("over {all} suggestions above 0.05"),
            (_, part, whole) => format!("{part} of {whole}"),
        };
        let _ = writeln!(out, "{:<34}{:.3} [{:.3}, {:.3}]  {counts}", title(&measure.key), measure.value, measure.low, measure.high);
    }
    out
}

/// Wrong and missed codes by note, one a line: identifier, what, code, label read. Never the text.
pub fn errors(report: &Report) -> String {
    let mut out = String::new();
    for note in &report.notes {
        for wrong in &note.wrong {
            let _ = writeln!(out, "{}\twrong\t{}\t{}", note.id, wrong.code, wrong.label);
        }
        for missed in &note.missed {
            let _ = writeln!(out, "{}\tmissed\t{missed}\t", note.id);
        }
    }
    out
}

/// What moved against a kept report.
pub fn changes(changes: &[Change]) -> String {
    let mut out = String::new();
    let count = |verdict: Verdict| changes.iter().filter(|change| change.verdict == verdict).count();
    let _ = writeln!(out, "\n{:<34}{:>8}{:>8}{:>28}", "against the baseline", "before", "now", "difference");
    for change in changes.iter().filter(|change| change.verdict != Verdict::Same) {
        let verdict = match change.verdict {
            Verdict::Better => "better",
            Verdict::Worse => "WORSE",
            _ => "",
        };
        let difference = format!("{:+.3} [{:+.3}, {:+.3}]", change.after - change.before, change.low, change.high);
        let _ = writeln!(out, "{:<34}{:>8.3}{:>8.3}{difference:>28}  {verdict}", title(&change.key), change.before, change.after);
    }
    let _ = writeln!(
        out,
        "{} better, {} worse, {} moved within noise, {} the same",
        count(Verdict::Better),
        count(Verdict::Worse),
        count(Verdict::Unclear),
        count(Verdict::Same)
    );
    out
}

/// What the corpus holds, and what is wrong with it.
pub fn corpus(corpus: &Corpus) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{:<11}{:>7}{:>9}{:>10}{:>8}{:>8}{:>8}{:>9}{:>8}{:>14}",
        "", "texts", "no code", "words", "voices", "codes", "marked", "quoted", "leaves", "codes a leaf"
    );
    for split in &corpus.splits {
        let share = |part: usize| format!("{:.0} %", 100.0 * part as f64 / split.codes.max(1) as f64);
        let least = split.leaves.values().min().copied().unwrap_or(0);
        let most = split.leaves.values().max().copied().unwrap_or(0);
        let _ = writeln!(
            out,
            "{:<11}{:>7}{:>9}{:>10}{:>8}{:>8}{:>8}{:>9}{:>8}{:>14}",
            split.name,
            split.texts,
            split.without_codes,
            split.words,
            split.voices.len(),
            split.codes,
            share(split.marked),
            share(split.quoted),
            split.leaves.len(),
            format!("{least} to {most}")
        );
    }
    let _ = writeln!(out, "\nmarked: denied, alleged, possible, past, planned or hypothetical; quoted: the evidence holds a name or synonym of the concept");
    for finding in &corpus.findings {
        let _ = writeln!(out, "error: {finding}");
    }
    let _ = writeln!(out, "{} findings", corpus.findings.len());
    out
}

/// How far two coders agree, and on which concepts least.
pub fn agreement(agreement: &Agreement, lexicon: &Lexicon) -> String {
    /// Concepts with fewer codes than this say nothing.
    const LEAST: usize = 5;
    let mut out = String::new();
    let _ = writeln!(out, "{} notes coded twice\n\n{:<14}{:>8}{:>8}{:>14}{:>15}", agreement.notes, "", "F1", "both", "first only", "second only");
    for (name, counts) in &agreement.codes {
        let _ = writeln!(out, "{name:<14}{:>8.3}{:>8}{:>14}{:>15}", counts.f1(), counts.right, counts.missed, counts.wrong);
    }
    let _ = writeln!(out, "\n{:<14}{:>8}{:>8}{:>8}", "of both", "kappa", "equal", "codes");
    for (axis, pairs) in &agreement.values {
        if let Some((kappa, equal)) = kappa(pairs) {
            let _ = writeln!(out, "{axis:<14}{kappa:>8.3}{equal:>8.3}{:>8}", pairs.values().sum::<usize>());
        }
    }
    let mut least: Vec<_> = agreement.concepts.iter().filter(|(_, (both, one))| both + one >= LEAST).collect();
    let share = |(both, one): (usize, usize)| 2.0 * both as f64 / (2 * both + one) as f64;
    least.sort_by(|a, b| share(*a.1).total_cmp(&share(*b.1)));
    let _ = writeln!(out, "\nleast agreed, of concepts with {LEAST} codes or more");
    for (id, counts) in least.iter().take(15) {
        let concept = lexicon.get(**id);
        let _ = writeln!(out, "{:<10}{:>6.2}  both {:>3}  one {:>3}  {}", concept.notation, share(**counts), counts.0, counts.1, concept.pref_label);
    }
    out
}

/// What each kind of change did, and with `pairs` every suggestion that came or went.
pub fn stability(effects: &[Effect], pairs: bool) -> String {
    let mut out = String::new();
    if pairs {
        for (effect, moved) in effects.iter().flat_map(|effect| effect.moved.iter().map(move |moved| (effect, moved))) {
            let _ = writeln!(out, "{}\t{}\t{}\t{}", effect.change, moved.id, if moved.gained { "came" } else { "went" }, moved.code);
        }
    }
    let _ = writeln!(out, "{:<12}{:>8}{:>14}{:>10}{:>8}{:>8}{:>18}", "changed", "notes", "suggestions", "kept", "went", "came", "other attributes");
    for effect in effects {
        let kept = 100.0 * effect.kept as f64 / effect.before.max(1) as f64;
        let _ = writeln!(
            out,
            "{:<12}{:>8}{:>14}{:>10}{:>8}{:>8}{:>18}",
            effect.change,
            effect.notes,
            effect.before,
            format!("{kept:.1} %"),
            effect.before - effect.kept,
            effect.gained,
            effect.attributes
        );
    }
    out
}

/// The lines of a pack that do not hold, and the count. The sentences are in the file; the reasons are the curator's own words.
pub fn pack(outcome: &Outcome, file: &str) -> String {
    let mut out = String::new();
    for failure in &outcome.failures {
        let what = match failure.expect {
            Expect::Must => "must be suggested and is not",
            Expect::MustNot => "must not be suggested and is",
        };
        let _ = writeln!(out, "{file}:{}: {} {what}: {}", failure.line, failure.code, failure.why);
    }
    let _ = writeln!(out, "{} of {} lines hold", outcome.lines - outcome.failures.len(), outcome.lines);
    out
}
