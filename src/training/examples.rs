//! From coded texts to windows with targets, and from windows to batches.

use fastrand::Rng;
use rustc_hash::FxHashMap;

use crate::assertion::Axis;
use crate::eval::gold::Gold;
use crate::lexicon::Lexicon;
use crate::model::encoder::Packed;
use crate::model::head::{VALUES, places};
use crate::model::windows::{NO_TOKEN, Pieces};
use crate::text::Page;

/// One code in a window.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub(super) concept: u32,
    /// The pieces of its evidence.
    pub(super) pieces: Vec<u32>,
    /// The place of each attribute's value among all values; none for a stage where there is none.
    pub(super) values: Vec<usize>,
}

/// A window with what it should be read as.
#[derive(Clone, Default)]
pub(super) struct Example {
    /// With its marks at both ends.
    pub(super) pieces: Vec<u32>,
    pub(super) codes: Vec<Code>,
    /// Concepts of the note whose evidence stands in another window: neither wanted nor unwanted here.
    pub(super) unknown: Vec<u32>,
    /// One sentence, which may stand beside others in a window.
    pub(super) joins: bool,
}

/// The windows of coded texts.
pub(super) fn examples(gold: &[Gold], lexicon: &Lexicon, pieces: &Pieces) -> Vec<Example> {
    let mut examples = Vec::new();
    for Gold { note, concepts } in gold {
        let text = note.text.as_str();
        let page = Page::read(text, &lexicon.language);
        let windows = pieces.windows(&page);
        let joins = note.part.is_some() && windows.len() == 1;
        for window in windows {
            let mut example = Example { pieces: window.pieces, joins, ..Example::default() };
            for (code, concept) in note.codes.iter().zip(concepts) {
                let spans: Vec<_> = code.spans(text).collect();
                let inside = |token: u32| token != NO_TOKEN && spans.iter().any(|span| page.tokens[token as usize].span.overlaps(span));
                let places: Vec<u32> = (0..window.tokens.len() as u32).filter(|&at| inside(window.tokens[at as usize])).collect();
                if places.is_empty() {
                    example.unknown.push(concept.0);
                } else {
                    example.codes.push(Code { concept: concept.0, pieces: places, values: values(&code.assertion()) });
                }
            }
            examples.push(example);
        }
    }
    examples
}

/// The place of each value of an assertion among the values of all attributes.
pub(super) fn values(assertion: &crate::Assertion) -> Vec<usize> {
    let place = |axis: Axis| {
        let value = assertion.value(axis)?;
        Some(places(axis).start + axis.values().iter().position(|name| *name == value)?)
    };
    Axis::ALL.into_iter().filter_map(place).collect()
}

/// Windows of one step, with their targets as the loss wants them.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) packed: Packed,
    /// 1 where a concept is wanted, and where it is not; both 0 where that is not known.
    pub(super) wanted: Vec<f32>,
    pub(super) unwanted: Vec<f32>,
    /// Scores of tokens that should be high (sign −1) or low (sign 1), by their place among all scores.
    pub(super) places: Vec<u32>,
    pub(super) signs: Vec<f32>,
    pub(super) weights: Vec<f32>,
    /// The codes: their concept, which tokens to take the mean of, and the values of their attributes.
    pub(super) codes: Vec<u32>,
    pub(super) means: Vec<f32>,
    pub(super) values: Vec<f32>,
}

/// A weight for the tokens that are no evidence of a code, against those that are.
const OUTSIDE: f32 = 0.3;

impl Batch {
    /// Packs windows; concepts in `left_out` are neither wanted nor unwanted.
    pub(super) fn new(examples: &[Example], concepts: usize, left_out: &[u32]) -> Self {
        let mut batch = Self::default();
        let total: usize = examples.iter().map(|e| e.pieces.len()).sum();
        let mut first = 0;
        for example in examples {
            let length = example.pieces.len();
            let mut wanted = vec![0.0; concepts];
            let mut unwanted = vec![1.0; concepts];
            example.unknown.iter().chain(left_out).for_each(|&c| unwanted[c as usize] = 0.0);
            let mut evidence: FxHashMap<u32, Vec<bool>> = FxHashMap::default();
            for code in example.codes.iter().filter(|code| !left_out.contains(&code.concept)) {
                wanted[code.concept as usize] = 1.0;
                unwanted[code.concept as usize] = 0.0;
                let own = evidence.entry(code.concept).or_insert_with(|| vec![false; length]);
                code.pieces.iter().for_each(|&piece| own[piece as usize] = true);
                batch.codes.push(code.concept);
                let mut mean = vec![0.0; total];
                code.pieces.iter().for_each(|&piece| mean[first + piece as usize] = 1.0 / code.pieces.len() as f32);
                batch.means.extend(mean);
                let mut values = vec![0.0; VALUES];
                code.values.iter().for_each(|&value| values[value] = 1.0);
                batch.values.extend(values);
            }
            let mut evidence: Vec<_> = evidence.into_iter().collect();
            evidence.sort_unstable_by_key(|(concept, _)| *concept);
            for (concept, own) in evidence {
                let inside = own.iter().filter(|own| **own).count();
                for (at, own) in own.iter().enumerate() {
                    batch.places.push(((first + at) * concepts) as u32 + concept);
                    batch.signs.push(if *own { -1.0 } else { 1.0 });
                    batch.weights.push(if *own { 1.0 / inside as f32 } else { OUTSIDE / (length - inside) as f32 });
                }
            }
            batch.wanted.extend(wanted);
            batch.unwanted.extend(unwanted);
            batch.packed.push(&example.pieces);
            first += length;
        }
        batch
    }
}

/// How often a piece is hidden in training.
const HIDDEN: f32 = 0.05;
/// How often a sentence is joined to the one before it.
const JOINED: f32 = 0.5;

/// The examples of one pass, shuffled: sentences joined to windows of several, some pieces hidden.
pub(super) fn shuffled(examples: &[Example], longest: usize, mask: u32, random: &mut Rng) -> Vec<Example> {
    let mut order: Vec<usize> = (0..examples.len()).collect();
    random.shuffle(&mut order);
    let mut pass: Vec<Example> = Vec::with_capacity(examples.len());
    for index in order {
        let example = &examples[index];
        let room = |open: &&mut Example| open.joins && open.pieces.len() + example.pieces.len() - 2 <= longest;
        match pass.last_mut().filter(room) {
            Some(open) if example.joins && random.f32() < JOINED => join(open, example),
            _ => pass.push(example.clone()),
        }
    }
    for example in &mut pass {
        let last = example.pieces.len() - 1;
        example.pieces[1..last].iter_mut().filter(|_| random.f32() < HIDDEN).for_each(|piece| *piece = mask);
    }
    random.shuffle(&mut pass);
    pass
}

/// Puts one window behind another: between the marks of the first.
fn join(open: &mut Example, next: &Example) {
    let end = open.pieces.len() - 1;
    let shift = end as u32 - 1;
    open.pieces.truncate(end);
    open.pieces.extend_from_slice(&next.pieces[1..]);
    open.unknown.extend_from_slice(&next.unknown);
    for code in &next.codes {
        let pieces = code.pieces.iter().map(|piece| piece + shift).collect();
        open.codes.push(Code { pieces, ..code.clone() });
    }
}
