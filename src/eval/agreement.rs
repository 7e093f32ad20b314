//! How far two coders agree on the same notes: what a tool can be measured against.

use std::collections::{BTreeMap, BTreeSet};

use super::gold::{Gold, GoldCode};
use super::metrics::Counts;
use crate::assertion::Axis;
use crate::lexicon::Lexicon;
use crate::scheme::ConceptId;

/// What two coders agree on.
#[derive(Debug, Default)]
pub struct Agreement {
    /// Notes that both coded.
    pub notes: usize,
    /// By scheme, and `all`: codes of both (`right`), of the second only (`wrong`), of the first only (`missed`).
    /// F1 of these does not depend on who is first (Hripcsak and Rothschild 2005).
    pub codes: BTreeMap<String, Counts>,
    /// Of the codes that both gave: how often each pair of values was given, by axis.
    pub values: BTreeMap<&'static str, BTreeMap<(&'static str, &'static str), usize>>,
    /// By concept: given by both, by one only.
    pub concepts: BTreeMap<ConceptId, (usize, usize)>,
}

/// Compares the first coding with the second, note by note; notes that the second lacks are left out.
pub fn compare(first: &[Gold], second: &[Gold], lexicon: &Lexicon) -> Agreement {
    let others: BTreeMap<&str, &Gold> = second.iter().map(|gold| (gold.note.id.as_str(), gold)).collect();
    let mut agreement = Agreement::default();
    for gold in first {
        let Some(other) = others.get(gold.note.id.as_str()) else { continue };
        agreement.notes += 1;
        let stored = |gold: &Gold| gold.note.codes.iter().zip(&gold.concepts).filter(|(code, _)| code.storable()).map(|(_, &id)| id).collect::<BTreeSet<_>>();
        let (a, b) = (stored(gold), stored(other));
        for &concept in a.union(&b) {
            let both = a.contains(&concept) && b.contains(&concept);
            let scheme = lexicon.scheme_of(concept).id.clone();
            for name in [scheme, "all".to_owned()] {
                let counts = agreement.codes.entry(name).or_default();
                counts.right += usize::from(both);
                counts.missed += usize::from(!both && a.contains(&concept));
                counts.wrong += usize::from(!both && b.contains(&concept));
            }
            let entry = agreement.concepts.entry(concept).or_default();
            if both { entry.0 += 1 } else { entry.1 += 1 }
        }
        // Attributes are compared for every code of both, denied and hypothetical ones too.
        for (code, concept) in gold.note.codes.iter().zip(&gold.concepts) {
            let same: Vec<&GoldCode> = other.note.codes.iter().zip(&other.concepts).filter(|(_, id)| *id == concept).map(|(code, _)| code).collect();
            let Some(twin) = same.iter().find(|twin| twin.subject == code.subject).or(same.first()) else { continue };
            let (first, second) = (code.assertion(), twin.assertion());
            for axis in Axis::ALL {
                if let (Some(a), Some(b)) = (first.value(axis), second.value(axis)) {
                    *agreement.values.entry(axis.as_str()).or_default().entry((a, b)).or_default() += 1;
                }
            }
        }
    }
    agreement
}

/// Cohen's kappa (1960) and the share that is equal, of counted pairs of values; `None` without pairs.
pub fn kappa(pairs: &BTreeMap<(&'static str, &'static str), usize>) -> Option<(f64, f64)> {
    let total: usize = pairs.values().sum();
    if total == 0 {
        return None;
    }
    let share = |wanted: &dyn Fn(&(&str, &str)) -> bool| pairs.iter().filter(|(pair, _)| wanted(pair)).map(|(_, n)| *n).sum::<usize>() as f64 / total as f64;
    let values: BTreeSet<&str> = pairs.keys().flat_map(|(a, b)| [*a, *b]).collect();
    let equal = share(&|(a, b)| a == b);
    let by_chance: f64 = values.iter().map(|value| share(&|(a, _)| a == value) * share(&|(_, b)| b == value)).sum();
    Some((if by_chance < 1.0 { (equal - by_chance) / (1.0 - by_chance) } else { 1.0 }, equal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kappa_of_a_known_table() {
        // Cohen's own kind of example: 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no gives 0.4.
        let pairs = BTreeMap::from([(("yes", "yes"), 20), (("yes", "no"), 5), (("no", "yes"), 10), (("no", "no"), 15)]);
        let (kappa, equal) = kappa(&pairs).expect("there are pairs");
        assert!((kappa - 0.4).abs() < 1e-9 && (equal - 0.7).abs() < 1e-9);
    }
}
