//! The policy for matches that overlap.
//!
//! 1. One concept: of two overlapping readings the stronger stays, then the one without gaps, then the longer.
//! 2. Two concepts of one scheme: a reading that lies inside a longer one goes, unless the
//!    longer has words in its gaps or its label is weaker. At the very same words a leaf
//!    beats its group, then the stronger label wins; equals both stay.
//! 3. Different schemes do not compete: the same words may be a need and an incident.

use super::Readings;
use crate::lexicon::Lexicon;
use crate::mention::{Mention, SetAside};

pub(super) fn settle(readings: &mut Readings, lexicon: &Lexicon) {
    let mentions = std::mem::take(&mut readings.mentions);
    let mut keep = vec![true; mentions.len()];
    for (i, a) in mentions.iter().enumerate() {
        // Sorted by start: everything that can overlap `a` and starts later is close behind.
        for (j, b) in mentions.iter().enumerate().skip(i + 1) {
            if b.tokens.0 >= a.tokens.1 {
                break;
            }
            if keep[i] && keep[j] {
                match loser(a, b, lexicon) {
                    Some(true) => keep[i] = false,
                    Some(false) => keep[j] = false,
                    None => {}
                }
            }
        }
    }
    let mut kept = keep.iter();
    for mention in mentions {
        if kept.next().copied().unwrap_or(true) {
            readings.mentions.push(mention);
        } else if !readings.mentions.iter().any(|m| m.concept == mention.concept && m.sentence == mention.sentence) {
            readings.set_aside.push((mention, SetAside::Filtered));
        }
    }
    // What a later and better reading of the same concept replaced was not set aside at all.
    let mentions = &readings.mentions;
    readings.set_aside.retain(|(m, why)| *why != SetAside::Filtered || !mentions.iter().any(|kept| kept.concept == m.concept && kept.sentence == m.sentence));
}

/// Which of two overlapping readings goes: `true` the first, `false` the second, `None` neither.
fn loser(a: &Mention, b: &Mention, lexicon: &Lexicon) -> Option<bool> {
    let strength = |m: &Mention| lexicon.label(m.label).strength;
    let length = |m: &Mention| m.tokens.1 - m.tokens.0;
    if a.concept == b.concept {
        let key = |m: &Mention| (strength(m), !m.fit.gapped, length(m));
        return Some(key(a) < key(b));
    }
    let (ca, cb) = (lexicon.get(a.concept), lexicon.get(b.concept));
    if ca.scheme != cb.scheme {
        return None;
    }
    if a.tokens == b.tokens {
        return match (ca.leaf, cb.leaf) {
            (true, false) => Some(false),
            (false, true) => Some(true),
            _ => (strength(a) != strength(b)).then(|| strength(a) < strength(b)),
        };
    }
    let inside = |inner: &Mention, outer: &Mention| {
        outer.tokens.0 <= inner.tokens.0 && inner.tokens.1 <= outer.tokens.1 && !outer.fit.gapped && strength(outer) >= strength(inner)
    };
    if inside(a, b) {
        Some(true)
    } else if inside(b, a) {
        Some(false)
    } else {
        None
    }
}
