//! [`PatternSet`]: all patterns of one kind, found on a page in one pass.
//!
//! The page is turned into two or three bytes a token (its word's number; the first byte
//! marks where a code begins), and an overlapping Aho-Corasick automaton (Aho and Corasick 1975,
//! the `aho-corasick` crate) finds the *anchor* of every pattern: the run of plain
//! words in it that is rarest in the lists. What stands before and after the anchor is then compared token by token.

use aho_corasick::{AhoCorasick, MatchKind};
use rustc_hash::FxHashMap;

use super::compare::{Choice, Part, State, same};
use super::pattern::{Element, GAP, Matching, Pattern, Written, anchors, numbered, variants};
use super::vocabulary::{Vocabulary, WordId};
use super::{Language, Page};

/// Word classes: named groups of words and phrases that patterns can ask for.
#[derive(Debug, Default)]
pub struct WordClasses {
    names: Vec<String>,
    /// Bit of every class of which the word alone is a member.
    single: Vec<u32>,
    /// Phrases of two and more words, by their first word.
    phrases: FxHashMap<WordId, Vec<(Vec<WordId>, u32)>>,
}

impl WordClasses {
    /// Makes the classes: `members` pairs the number of a class with a phrase of words.
    pub fn new(names: Vec<String>, members: &[(u8, Vec<WordId>)], words: usize) -> Self {
        let mut classes = Self { names, single: vec![0; words], phrases: FxHashMap::default() };
        for (class, phrase) in members {
            match phrase.as_slice() {
                [] => {}
                [word] => classes.single[word.0 as usize] |= 1 << class,
                [first, ..] => classes.phrases.entry(*first).or_default().push((phrase.clone(), 1 << class)),
            }
        }
        classes
    }

    /// The classes of a word, one bit each.
    pub fn of_word(&self, word: WordId) -> u32 {
        if word == WordId::UNKNOWN { 0 } else { self.single.get(word.0 as usize).copied().unwrap_or(0) }
    }

    /// The bit of the class of this name; 0 if there is none.
    pub fn bit(&self, name: &str) -> u32 {
        self.names.iter().position(|n| n == name).map_or(0, |i| 1 << i)
    }

    /// The phrases of two and more words that start at a token: length and classes.
    pub fn phrases_at<'a>(&'a self, page: &'a Page<'_>, at: usize) -> impl Iterator<Item = (usize, u32)> + 'a {
        let word = page.tokens.get(at).map_or(WordId::UNKNOWN, |t| t.word);
        self.phrases.get(&word).into_iter().flatten().filter_map(move |(phrase, bits)| {
            let fits = phrase.iter().enumerate().all(|(i, &word)| page.tokens.get(at + i).is_some_and(|t| t.word == word));
            fits.then_some((phrase.len(), *bits))
        })
    }
}

impl super::Classes for WordClasses {
    fn number(&self, name: &str) -> Option<u8> {
        self.names.iter().position(|n| n == name).map(|i| i as u8)
    }
}

/// A word of a pattern: its number, and how it is written.
type Word<'p> = (WordId, &'p Written);
/// Options of a choice, by the word at one of their ends, sorted.
pub(super) type ByWord = Box<[(WordId, u16)]>;

/// A pattern found on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// First token.
    pub start: u32,
    /// One past the last token.
    pub end: u32,
    /// The pattern's place in the set.
    pub pattern: u32,
    /// Words stand in one of its gaps.
    pub gapped: bool,
    /// One of its words is misspelt in the text.
    pub misspelt: bool,
}

/// A pattern, cut at one of the ways to say its anchor.
#[derive(Debug)]
struct Cut {
    variant: u32,
    /// Bits of the words of which one has to stand right before and right after the anchor (or within a
    /// gap); all ones where anything may. Most candidates end here, without a look at the pattern itself.
    before: u128,
    after: u128,
    /// The words of the anchor, where more than their number has to be compared.
    anchor: Option<Box<[Written]>>,
}

/// A variant of a pattern, ready to be compared.
#[derive(Debug)]
struct Ready {
    pattern: u32,
    matching: Matching,
    before: Box<[Part]>,
    after: Box<[Part]>,
}

/// Patterns of one kind, ready to be found.
#[derive(Debug)]
pub struct PatternSet {
    automaton: Option<AhoCorasick>,
    /// The cuts of each anchor of the automaton, one after the other, and where each anchor's begin.
    cuts: Vec<Cut>,
    starts: Vec<u32>,
    variants: Vec<Ready>,
    /// Bytes a token takes.
    width: usize,
}

/// A token as two or three bytes; only the first has its high bit set, so a match begins where a token begins.
fn push_code(word: WordId, width: usize, codes: &mut Vec<u8>) {
    let n = word.0;
    if width == 3 {
        codes.push(0x80 | ((n >> 14) as u8 & 0x7F));
        codes.extend([(n >> 7) as u8 & 0x7F, n as u8 & 0x7F]);
    } else {
        codes.extend([0x80 | ((n >> 7) as u8 & 0x7F), n as u8 & 0x7F]);
    }
}

/// The largest vocabulary whose codes take two bytes.
const TWO_BYTES: usize = 1 << 14;

impl PatternSet {
    /// Prepares the patterns, and uses them up: what is written out again is most of what the lists weigh.
    /// A hit names each pattern by its place in `patterns`.
    pub fn new(patterns: Vec<Pattern>, vocabulary: &Vocabulary) -> Self {
        let width = width(vocabulary);
        // How many patterns use a word tells how common it is in such notes: rare words are looked for first.
        let mut uses = vec![0u32; vocabulary.len()];
        patterns.iter().for_each(|pattern| count_words(&pattern.elements, vocabulary, &mut uses));
        let mut set = Self { automaton: None, cuts: Vec::new(), starts: vec![0], variants: Vec::new(), width };
        let mut cuts: Vec<Vec<Cut>> = Vec::new();
        let mut slots: FxHashMap<Vec<u8>, usize> = FxHashMap::default();
        for (number, pattern) in patterns.into_iter().enumerate() {
            let (number, matching) = (number as u32, pattern.matching);
            for elements in variants(numbered(&pattern.elements, vocabulary)).unwrap_or_default() {
                let cost = |place: &(usize, usize)| anchor_cost(&elements[place.0..place.1], &uses);
                let Some((start, end)) = anchors(&elements).into_iter().min_by(|a, b| cost(a).total_cmp(&cost(b))) else { continue };
                let options: Vec<&[Element<Word<'_>>]> = match &elements[start] {
                    Element::Choice { options, .. } => options.iter().map(Vec::as_slice).collect(),
                    _ => vec![&elements[start..end]],
                };
                let (before, after) = (ready(&elements[..start], matching), ready(&elements[end..], matching));
                let (before_bits, after_bits) = (nearest(before.iter().rev()), nearest(after.iter()));
                for option in options {
                    let words: Vec<&Word<'_>> = option.iter().filter_map(|e| if let Element::Word(word) = e { Some(word) } else { None }).collect();
                    let mut key = Vec::with_capacity(words.len() * width);
                    words.iter().for_each(|(word, _)| push_code(*word, width, &mut key));
                    let strict = words.iter().any(|(_, written)| demands(written, matching));
                    let anchor = strict.then(|| words.iter().map(|(_, written)| (*written).clone()).collect());
                    let next = slots.len();
                    let slot = *slots.entry(key).or_insert(next);
                    if slot == cuts.len() {
                        cuts.push(Vec::new());
                    }
                    cuts[slot].push(Cut { variant: set.variants.len() as u32, before: before_bits, after: after_bits, anchor });
                }
                set.variants.push(Ready { pattern: number, matching, before, after });
            }
        }
        for cuts in cuts {
            set.cuts.extend(cuts);
            set.starts.push(set.cuts.len() as u32);
        }
        let mut keys: Vec<(Vec<u8>, usize)> = slots.into_iter().collect();
        keys.sort_by_key(|(_, slot)| *slot);
        set.automaton =
            (!keys.is_empty()).then(|| AhoCorasick::builder().match_kind(MatchKind::Standard).build(keys.iter().map(|(key, _)| key)).ok()).flatten();
        set
    }

    /// Finds every pattern at every place, overlapping ones too, in the order of the page.
    pub fn find(&self, page: &Page<'_>, language: &Language) -> Vec<Hit> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let Codes { codes, before, after } = &page.codes;
        let mut hits = Vec::new();
        for found in automaton.find_overlapping_iter(codes) {
            let (start, end) = (found.start() / self.width, found.end() / self.width);
            let anchor = found.pattern().as_usize();
            for cut in &self.cuts[self.starts[anchor] as usize..self.starts[anchor + 1] as usize] {
                if cut.before & before[start] != 0 && cut.after & after[end] != 0 {
                    hits.extend(self.complete(cut, page, language, start, end));
                }
            }
        }
        hits.sort_unstable();
        // The same pattern at the same place, said in two ways: keep the closer fit.
        hits.dedup_by_key(|hit| (hit.start, hit.end, hit.pattern));
        hits
    }

    /// Compares what stands around the anchor.
    fn complete(&self, cut: &Cut, page: &Page<'_>, language: &Language, start: usize, end: usize) -> Option<Hit> {
        let variant = &self.variants[cut.variant as usize];
        if let Some(anchor) = &cut.anchor
            && !anchor.iter().zip(&page.tokens[start..end]).all(|(written, token)| same(written, page, token, variant.matching))
        {
            return None;
        }
        let mut state = State { page, language, matching: variant.matching, gapped: false };
        let first = state.backward(&variant.before, start, None)?;
        let last = state.forward(&variant.after, end, None)?;
        let gapped = state.gapped;
        let misspelt = page.tokens[first..last].iter().any(|t| t.misspelt);
        Some(Hit { start: first as u32, end: last as u32, pattern: variant.pattern, gapped, misspelt })
    }
}

/// The bit of a word in a set of words that may name too many and never too few (Bloom 1970, with one hash).
fn bit(word: WordId) -> u128 {
    1 << (word.0.wrapping_mul(0x9E37_79B1) >> 25)
}

/// Bytes a token takes with this vocabulary.
fn width(vocabulary: &Vocabulary) -> usize {
    if vocabulary.len() <= TWO_BYTES { 2 } else { 3 }
}

/// A page as the automaton reads it.
#[derive(Debug, Default)]
pub(super) struct Codes {
    codes: Vec<u8>,
    /// For every place between tokens: the bits of the tokens that a gap reaches before it, and after it.
    before: Vec<u128>,
    after: Vec<u128>,
}

impl Codes {
    pub(super) fn new(tokens: &[super::Token], vocabulary: &Vocabulary) -> Self {
        let width = width(vocabulary);
        let mut codes = Vec::with_capacity(tokens.len() * width);
        for token in tokens {
            // Marks and unknown words keep their place and match nothing.
            if token.word == WordId::UNKNOWN { codes.extend(&[0, 0, 0][..width]) } else { push_code(token.word, width, &mut codes) }
        }
        let window = |from: usize, to: usize| tokens[from..to].iter().fold(ANYTHING, |all, token| all | bit(token.word));
        let places = 0..=tokens.len();
        Self {
            codes,
            before: places.clone().map(|at| window(at.saturating_sub(GAP + 1), at)).collect(),
            after: places.map(|at| window(at, (at + GAP + 1).min(tokens.len()))).collect(),
        }
    }
}

/// The bit that every window has and only a cut without a demand asks for.
const ANYTHING: u128 = 1 << 127;

/// The bits of the words of which one has to stand within a gap of the anchor.
fn nearest<'p>(parts: impl Iterator<Item = &'p Part>) -> u128 {
    fn of(part: &Part) -> Option<u128> {
        match part {
            Part::Word(word, _) => Some(bit(*word)),
            // Each option is asked for one word that it cannot do without.
            Part::Choice(choice) if !choice.optional => {
                choice.options.iter().map(|option| option.iter().find_map(of_word)).try_fold(0, |all, bits| Some(all | bits?))
            }
            _ => None,
        }
    }
    fn of_word(part: &Part) -> Option<u128> {
        if let Part::Word(word, _) = part { Some(bit(*word)) } else { None }
    }
    // Only the part next to the anchor, or behind one gap: whatever is further may be out of the window.
    let mut parts = parts;
    let first = match parts.next() {
        Some(Part::Gap) => parts.next(),
        other => other,
    };
    let far = |part: &Part| matches!(part, Part::Choice(choice) if choice.options.iter().any(|option| option.len() > 1));
    first.filter(|part| !far(part)).and_then(of).unwrap_or(ANYTHING)
}

fn count_words(elements: &[Element<Written>], vocabulary: &Vocabulary, uses: &mut [u32]) {
    for element in elements {
        match element {
            Element::Word(word) => uses[vocabulary.get(&word.folded).unwrap_or(WordId::UNKNOWN).0 as usize] += 1,
            Element::Choice { options, .. } => options.iter().for_each(|option| count_words(option, vocabulary, uses)),
            _ => {}
        }
    }
}

/// How often an anchor will be found in vain: for each way to say it, the uses of its rarest word, less for longer runs.
fn anchor_cost(part: &[Element<Word<'_>>], uses: &[u32]) -> f32 {
    let run = |words: &[Element<Word<'_>>]| {
        let rarest = words.iter().filter_map(|e| if let Element::Word((word, _)) = e { Some(uses[word.0 as usize]) } else { None }).min().unwrap_or(u32::MAX);
        rarest as f32 / (1 << (2 * (words.len().min(4) - 1))) as f32
    };
    match part {
        [Element::Choice { options, .. }] => options.iter().map(|option| run(option)).sum(),
        words => run(words),
    }
}

/// Whether a word asks for more than being a form of the written one.
fn demands(written: &Written, matching: Matching) -> bool {
    matching != Matching::Forms || written.capitals
}

fn ready(elements: &[Element<Word<'_>>], matching: Matching) -> Box<[Part]> {
    elements
        .iter()
        .map(|element| match element {
            Element::Word((word, written)) => Part::Word(*word, demands(written, matching).then(|| Box::new((*written).clone()))),
            Element::Number => Part::Number,
            Element::Class(class) => Part::Class(1 << class),
            Element::Gap => Part::Gap,
            Element::Choice { options, optional } => {
                let options: Vec<Box<[Part]>> = options.iter().map(|option| ready(option, matching)).collect();
                let (first, open_first) = index(options.iter().map(|o| o.first()));
                let (last, open_last) = index(options.iter().map(|o| o.last()));
                Part::Choice(Box::new(Choice { options, optional: *optional, first, last, open_first, open_last }))
            }
        })
        .collect()
}

/// Options by the word at one of their ends, sorted; and those that have none there.
fn index<'p>(ends: impl Iterator<Item = Option<&'p Part>>) -> (ByWord, Box<[u16]>) {
    let (mut by_word, mut open) = (Vec::new(), Vec::new());
    for (place, end) in ends.enumerate() {
        match end {
            Some(Part::Word(word, _)) => by_word.push((*word, place as u16)),
            _ => open.push(place as u16),
        }
    }
    by_word.sort_unstable();
    (by_word.into(), open.into())
}
