//! The evaluation as text.

use std::fmt::Write as _;

use super::metrics::{Counts, NoteResult, Totals, interval, totals};

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
