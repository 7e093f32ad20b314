//! The lists' labels as examples, and the concepts that training leaves out.

use super::examples::{Code, Example};
use crate::lexicon::{Lexicon, Strength};
use crate::model::concepts::plain;
use crate::model::windows::Pieces;

/// The concepts of these notations; the notation that is in no list, where there is one.
pub(super) fn numbers(notations: &[String], lexicon: &Lexicon) -> Result<Vec<u32>, String> {
    let find = |notation: &String| lexicon.concepts.iter().find(|c| c.notation == *notation).map(|c| c.id.0).ok_or_else(|| notation.clone());
    notations.iter().map(find).collect()
}

/// Labels as short examples: the whole label is the evidence. Weak ones and those that want other words near say too little alone.
pub(super) fn label_examples(lexicon: &Lexicon, pieces: &Pieces) -> Vec<Example> {
    let examples = lexicon.labels.iter().enumerate().filter(|(_, label)| label.strength != Strength::Weak && label.near.is_empty() && label.words > 1);
    examples
        .map(|(at, label)| {
            let pieces = pieces.phrase(&plain(&label.text, at));
            let inside = (1..pieces.len() as u32 - 1).collect();
            Example { codes: vec![Code { concept: label.concept.0, pieces: inside, values: Vec::new() }], pieces, joins: true, unknown: Vec::new() }
        })
        .collect()
}
