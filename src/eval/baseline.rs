//! What got better and worse since a report was kept, beyond noise.

use serde::Serialize;

use super::measures::{differences, less_is_better};
use super::report::Report;

/// How a measure moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Better, and the 95 % interval of the difference leaves no room for "no better".
    Better,
    /// Worse, in the same sense.
    Worse,
    /// Moved, and chance could have done it.
    Unclear,
    /// Not moved at all.
    Same,
}

/// How one measure moved.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The measure.
    pub key: String,
    /// Its number in the kept report.
    pub before: f64,
    /// Its number now.
    pub after: f64,
    /// The bounds of the 95 % interval of the difference (paired bootstrap over notes).
    pub low: f64,
    /// See `low`.
    pub high: f64,
    /// What follows.
    pub verdict: Verdict,
}

/// The reports are not about the same notes and codes.
#[derive(Debug, thiserror::Error)]
#[error("the baseline was made from other notes or codes ({before}, now {after}): write it anew with `--format json`")]
pub struct OtherGold {
    before: String,
    after: String,
}

/// Compares a report with a kept one over the same notes.
///
/// # Errors
/// [`OtherGold`] where notes or their codes changed in between.
pub fn compare(before: &Report, after: &Report) -> Result<Vec<Change>, OtherGold> {
    let same_notes = before.notes.iter().map(|n| &n.id).eq(after.notes.iter().map(|n| &n.id));
    if before.gold_digest != after.gold_digest || !same_notes {
        return Err(OtherGold { before: before.gold_digest.clone(), after: after.gold_digest.clone() });
    }
    let value = |report: &Report, key: &str| report.measure(key).map_or(0.0, |m| m.value);
    let change = |(key, difference, low, high): (String, f64, f64, f64)| {
        let (gain, loss) = if less_is_better(&key) { (high < 0.0, low > 0.0) } else { (low > 0.0, high < 0.0) };
        let verdict = match (gain, loss) {
            (true, _) => Verdict::Better,
            (_, true) => Verdict::Worse,
            _ if difference.abs() < 1e-9 => Verdict::Same,
            _ => Verdict::Unclear,
        };
        Change { before: value(before, &key), after: value(after, &key), key, low, high, verdict }
    };
    Ok(differences(&before.notes, &after.notes).into_iter().map(change).collect())
}
