//! The ambiguity hints: words that must, or must not, stand near a label.

use crate::lexicon::Hint;
use crate::text::{Hit, Page};

/// How many tokens away a wanted word may stand, within the sentence.
const NEAR: u32 = 12;
/// How many tokens away an unwanted word blocks, within the sentence.
const NOT_NEAR: u32 = 6;

/// Whether one of the wanted words stands near.
pub(super) fn any_near(hints: &[Hint], page: &Page<'_>, hits: &[Hit], sentence: usize, own: (u32, u32)) -> bool {
    hints.iter().any(|hint| stands(hint, NEAR, page, hits, sentence, own))
}

/// Whether one of the unwanted words stands near, or covers the place.
pub(super) fn any_refuses(hints: &[Hint], page: &Page<'_>, hits: &[Hit], sentence: usize, own: (u32, u32)) -> bool {
    hints.iter().any(|hint| match hint {
        Hint::Pattern { index, covers: true } => of_pattern(hits, *index).any(|hit| hit.start <= own.0 && hit.end >= own.1),
        hint => stands(hint, NOT_NEAR, page, hits, sentence, own),
    })
}

/// The hits of one hint; `hits` are sorted by hint.
fn of_pattern(hits: &[Hit], index: u32) -> impl Iterator<Item = &Hit> {
    let from = hits.partition_point(|hit| hit.pattern < index);
    hits[from..].iter().take_while(move |hit| hit.pattern == index)
}

fn stands(hint: &Hint, distance: u32, page: &Page<'_>, hits: &[Hit], sentence: usize, own: (u32, u32)) -> bool {
    let sentence = &page.sentences[sentence];
    let from = own.0.saturating_sub(distance).max(sentence.start);
    let to = (own.1 + distance).min(sentence.end);
    match *hint {
        // The label's own words are no hint about it.
        Hint::Pattern { index, .. } => of_pattern(hits, index).any(|hit| hit.start >= from && hit.end <= to && !(hit.start >= own.0 && hit.end <= own.1)),
        Hint::Class(bit) => (from..to).any(|at| !(own.0..own.1).contains(&at) && (page.classes[at as usize] | page.phrases[at as usize]) & bit != 0),
    }
}
