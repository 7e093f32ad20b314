//! Filing patterns under their anchors, and writing them out for comparison.
//!
//! Which anchor: of all runs of plain words (and choices of such runs) that always have to stand there, the
//! one whose rarest words are rarest. How many patterns of the set use a word tells how common it is in such notes.

use super::compare::{Arena, Choice, NONE, Part, Range};
use super::pattern::{Element, Matching, Pattern, Written, anchors, numbered, variants};
use super::patterns::PatternSet;
use super::vocabulary::{Vocabulary, WordId};

/// Longest list of words of which one is needed; a longer one would refuse too little.
const MAX_NEED: usize = 40;

/// A pattern, cut at one of the ways to say its anchor.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    pub(super) pattern: u32,
    /// The run of words at which it is cut, and where in it the first word stands under which it is filed.
    pub(super) run: Range,
    pub(super) place: u16,
    pub(super) matching: Matching,
    /// How the run is written, where more than its words has to be compared.
    pub(super) written: u32,
    /// What stands before and after the run.
    pub(super) before: Range,
    pub(super) after: Range,
}

/// What refuses most cuts at a glance; kept apart from them, because the glance is most of the work.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gate {
    /// Two lists of words, each with at least one word in every text of the pattern: where they start, or
    /// the word itself where there is only one, and how many they are; 0 where nothing is needed.
    pub(super) needs: [u32; 2],
    pub(super) lengths: [u8; 2],
}

/// What a cut is filed under: the word of a run of one, or two neighbours of a longer run.
type Key = (Option<WordId>, WordId);

/// A word of a pattern: its number, and how it is written.
type Word<'p> = (WordId, &'p Written);
/// A run of plain words.
type Run<'e, 'p> = Vec<&'e Word<'p>>;

pub(super) fn file(patterns: Vec<Pattern>, vocabulary: &Vocabulary) -> PatternSet {
    let mut uses = vec![0u32; vocabulary.len()];
    patterns.iter().for_each(|pattern| count_words(&pattern.elements, vocabulary, &mut uses));
    let mut set = PatternSet::default();
    let mut filed: Vec<(Key, Gate, Cut)> = Vec::with_capacity(patterns.len());
    for (number, pattern) in patterns.into_iter().enumerate() {
        for elements in variants(numbered(&pattern.elements, vocabulary)).unwrap_or_default() {
            cut(number as u32, &elements, pattern.matching, &uses, &mut set, &mut filed);
        }
    }
    filed.sort_by_key(|(key, ..)| *key);
    // Runs of one word come first: no second word sorts before any.
    set.starts = vec![0; vocabulary.len() + 1];
    for (place, ((second, word), ..)) in filed.iter().enumerate() {
        match second {
            None => set.starts[word.0 as usize + 1] += 1,
            Some(second) => set.pairs.entry((*word, *second)).or_insert((place as u32, place as u32)).1 += 1,
        }
    }
    for word in 1..set.starts.len() {
        set.starts[word] += set.starts[word - 1];
    }
    (set.gates, set.cuts) = filed.into_iter().map(|(_, gate, cut)| (gate, cut)).unzip();
    set.arena.shrink();
    set.words.shrink_to_fit();
    set
}

/// Cuts one variant of a pattern at every way to say its anchor.
fn cut(pattern: u32, elements: &[Element<Word<'_>>], matching: Matching, uses: &[u32], set: &mut PatternSet, filed: &mut Vec<(Key, Gate, Cut)>) {
    let mut places: Vec<((usize, usize), Vec<Run<'_, '_>>, u32)> = anchors(elements)
        .into_iter()
        .map(|(start, end)| {
            let runs = runs(&elements[start..end]);
            let cost = runs.iter().filter_map(|run| rarest(run, uses)).map(|(_, word)| uses[word.0 as usize]).sum();
            ((start, end), runs, cost)
        })
        .collect();
    places.sort_by_key(|(_, _, cost)| *cost);
    let Some(((start, end), anchor, _)) = places.first() else { return };
    let (mut needs, mut lengths) = ([0; 2], [0; 2]);
    let others = places.iter().skip(1).filter(|(_, runs, _)| runs.len() <= MAX_NEED);
    for (i, (_, runs, _)) in others.enumerate().take(needs.len()) {
        let mut words: Vec<WordId> = runs.iter().filter_map(|run| rarest(run, uses)).map(|(_, word)| word).collect();
        words.sort_unstable();
        words.dedup();
        lengths[i] = words.len() as u8;
        if let [word] = words.as_slice() {
            needs[i] = word.0;
        } else {
            needs[i] = set.words.len() as u32;
            set.words.extend(words);
        }
    }
    let before = lay(&elements[..*start], matching, &mut set.arena);
    let after = lay(&elements[*end..], matching, &mut set.arena);
    for run in anchor {
        let Some((place, _)) = rarest(run, uses) else { continue };
        let strict = run.iter().any(|(_, written)| demands(written, matching));
        let written = if strict { set.arena.write(run.iter().map(|(_, written)| (*written).clone())) } else { NONE };
        let words = (set.words.len() as u32, run.len() as u16);
        set.words.extend(run.iter().map(|(word, _)| *word));
        let pair = [place.checked_sub(1), Some(place)].into_iter().flatten().filter(|at| at + 1 < run.len());
        let others = |at: &usize| uses[run[if *at == place { at + 1 } else { *at }].0.0 as usize];
        let pair = pair.min_by_key(others);
        let first = pair.unwrap_or(place);
        let key = (pair.map(|at| run[at + 1].0), run[first].0);
        filed.push((key, Gate { needs, lengths }, Cut { pattern, run: words, place: first as u16, matching, written, before, after }));
    }
}

/// The place in a run, and the number, of its rarest word.
fn rarest(run: &Run<'_, '_>, uses: &[u32]) -> Option<(usize, WordId)> {
    run.iter().map(|(word, _)| *word).enumerate().min_by_key(|(_, word)| uses[word.0 as usize])
}

/// The ways to say an anchor.
fn runs<'e, 'p>(anchor: &'e [Element<Word<'p>>]) -> Vec<Run<'e, 'p>> {
    let run = |elements: &'e [Element<Word<'p>>]| elements.iter().filter_map(|e| if let Element::Word(word) = e { Some(word) } else { None }).collect();
    match anchor {
        [Element::Choice { options, .. }] => options.iter().map(|option| run(option)).collect(),
        words => vec![run(words)],
    }
}

fn count_words(elements: &[Element<Written>], vocabulary: &Vocabulary, uses: &mut [u32]) {
    for element in elements {
        match element {
            Element::Word(word) => uses[vocabulary.word(word.folded).0 as usize] += 1,
            Element::Choice { options, .. } => options.iter().for_each(|option| count_words(option, vocabulary, uses)),
            _ => {}
        }
    }
}

/// Whether a word asks for more than being a form of the written one.
fn demands(written: &Written, matching: Matching) -> bool {
    matching != Matching::Forms || written.capitals
}

/// Writes elements out, so that those of one sequence lie side by side.
fn lay(elements: &[Element<Word<'_>>], matching: Matching, arena: &mut Arena) -> Range {
    let mut parts = Vec::with_capacity(elements.len());
    for element in elements {
        parts.push(match element {
            Element::Word((word, written)) => {
                Part::Word(*word, if demands(written, matching) { arena.write(std::iter::once((*written).clone())) } else { NONE })
            }
            Element::Number => Part::Number,
            Element::Class(class) => Part::Class(1 << class),
            Element::Gap => Part::Gap,
            Element::Choice { options, optional } => {
                let options: Vec<Range> = options.iter().map(|option| lay(option, matching, arena)).collect();
                let (first, open_first) = arena.index(&options, |parts| parts.first());
                let (last, open_last) = arena.index(&options, |parts| parts.last());
                Part::Choice(arena.choose(Choice { optional: *optional, first, last, open_first, open_last }))
            }
        });
    }
    arena.lay(parts)
}
