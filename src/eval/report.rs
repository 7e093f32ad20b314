//! Evaluation, corpus and agreement as text.

use std::fmt::Write as _;

use super::agreement::{Agreement, kappa};
use super::corpus::Corpus;
use super::metrics::{Counts, NoteResult, Totals, interval, totals};
use crate::lexicon::Lexicon;

/// A table with counts and 95 % intervals over notes.
pub fn text(results: &[NoteResult]) -> String {
    let all = totals(results);
    let mut out = String::new();
    let _ =
        writeln!(out, "{} notes, {} codes that a reviewer would store, {} suggested", all.notes, all.all.right + all.all.missed, all.all.right + all.all.wrong);
    let _ = writeln!(out, "\n{:<14}{:>24}{:>24}{:>24}{:>20}", "", "precision", "recall", "F1", "right wrong missed");
    let mut row = |name: &str, pick: &dyn Fn(&Totals) -> Counts| {
        let counts = pick(&all);
        let cell = |number: &dyn Fn(Counts) -> f64| {
            let (low, high) = interval(results, |t| number(pick(t)));
            format!("{:.3} [{low:.3}, {high:.3}]", number(counts))
        };
        let _ = writeln!(
            out,
            "{name:<14}{:>24}{:>24}{:>24}{:>8}{:>6}{:>6}",
            cell(&Counts::precision),
            cell(&Counts::recall),
            cell(&Counts::f1),
            counts.right,
            counts.wrong,
            counts.missed
        );
    };
    row("all", &|t| t.all);
    for scheme in all.schemes.keys() {
        row(scheme, &|t| t.schemes.get(scheme).copied().unwrap_or_default());
    }
    row("groups", &|t| t.groups);
    let _ = writeln!(out);
    let share = |(part, whole): (usize, usize)| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    let mut line = |name: &str, pick: &dyn Fn(&Totals) -> (usize, usize)| {
        let counts = pick(&all);
        let (low, high) = interval(results, |t| share(pick(t)));
        let _ = writeln!(out, "{name:<34}{:.3} [{low:.3}, {high:.3}]  {} of {}", share(counts), counts.0, counts.1);
    };
    line("denied or hypothetical, suggested", &|t| t.leak);
    for axis in ["presence", "time", "subject", "role", "stage"] {
        line(&format!("{axis} right, of matched"), &|t| t.attributes.get(axis).copied().unwrap_or_default());
    }
    line("evidence overlaps, of matched", &|t| t.evidence);
    line("recall among the ten surest", &|t| t.top_ten);
    let (error, count) = all.calibration_error;
    let (low, high) = interval(results, |t| t.calibration_error.0);
    let _ = writeln!(out, "{:<34}{error:.3} [{low:.3}, {high:.3}]  over {count} suggestions above 0.05", "expected calibration error");
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
