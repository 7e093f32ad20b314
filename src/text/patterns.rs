//! [`PatternSet`]: all patterns of one kind, found on a page in one pass.
//!
//! The page is turned into three bytes a token (its word's number; the first byte marks
//! where a code begins), and an overlapping Aho-Corasick automaton (Aho and Corasick 1975,
//! the `aho-corasick` crate) finds the *anchor* of every pattern: its longest run of plain
//! words. What stands before and after the anchor is then compared token by token.

use aho_corasick::{AhoCorasick, MatchKind};
use rustc_hash::FxHashMap;

use super::pattern::{Element, GAP, Matching, Pattern, Written, numbered};
use super::tokens::Kind;
use super::vocabulary::{Vocabulary, WordId};
use super::{Language, Page, letters};

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
    anchor: Box<[Written]>,
}

/// A variant of a pattern, with numbered words.
#[derive(Debug)]
struct Numbered {
    pattern: u32,
    matching: Matching,
    elements: Box<[Element<(WordId, Written)>]>,
    anchor: (usize, usize),
}

/// Patterns of one kind, ready to be found.
#[derive(Debug)]
pub struct PatternSet {
    automaton: Option<AhoCorasick>,
    /// For every anchor in the automaton: the patterns that have it.
    cuts: Vec<Vec<Cut>>,
    variants: Vec<Numbered>,
}

/// A token as three bytes; only the first has its high bit set, so a match begins where a token begins.
fn code(word: WordId) -> [u8; 3] {
    let n = word.0;
    [0x80 | ((n >> 14) as u8 & 0x7F), (n >> 7) as u8 & 0x7F, n as u8 & 0x7F]
}

impl PatternSet {
    /// Prepares the patterns; a hit names each by its place in `patterns`.
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p Pattern>, vocabulary: &Vocabulary) -> Self {
        let mut slots: FxHashMap<Vec<u8>, usize> = FxHashMap::default();
        let mut set = Self { automaton: None, cuts: Vec::new(), variants: Vec::new() };
        let variants = patterns.into_iter().enumerate().flat_map(|(number, pattern)| pattern.variants.iter().map(move |variant| (number as u32, pattern.matching, variant)));
        for (pattern, matching, variant) in variants {
            let number = set.variants.len() as u32;
            let elements = numbered(&variant.elements, vocabulary);
            let (start, end) = variant.anchor;
            let options: Vec<&[Element<(WordId, Written)>]> = match &elements[start] {
                Element::Choice { options, .. } => options.iter().map(Vec::as_slice).collect(),
                _ => vec![&elements[start..end]],
            };
            for option in options {
                let mut key = Vec::with_capacity(option.len() * 3);
                let mut words = Vec::with_capacity(option.len());
                for element in option {
                    if let Element::Word((word, written)) = element {
                        key.extend(code(*word));
                        words.push(written.clone());
                    }
                }
                let next = slots.len();
                let slot = *slots.entry(key).or_insert(next);
                if slot == set.cuts.len() {
                    set.cuts.push(Vec::new());
                }
                set.cuts[slot].push(Cut { variant: number, anchor: words.into() });
            }
            set.variants.push(Numbered { pattern, matching, elements: elements.into(), anchor: variant.anchor });
        }
        let mut keys: Vec<(Vec<u8>, usize)> = slots.into_iter().collect();
        keys.sort_by_key(|(_, slot)| *slot);
        set.automaton = (!keys.is_empty()).then(|| AhoCorasick::builder().match_kind(MatchKind::Standard).build(keys.iter().map(|(key, _)| key)).ok()).flatten();
        set
    }

    /// Finds every pattern at every place, overlapping ones too, in the order of the page.
    pub fn find(&self, page: &Page<'_>, language: &Language) -> Vec<Hit> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let mut codes = Vec::with_capacity(page.tokens.len() * 3);
        for token in &page.tokens {
            // Marks and unknown words keep their place and match nothing.
            codes.extend(if token.word == WordId::UNKNOWN { [0xFF, 0, 0] } else { code(token.word) });
        }
        let mut hits = Vec::new();
        for found in automaton.find_overlapping_iter(&codes) {
            let (start, end) = (found.start() / 3, found.end() / 3);
            for cut in &self.cuts[found.pattern().as_usize()] {
                hits.extend(self.complete(cut, page, language, start, end));
            }
        }
        hits.sort_unstable();
        // The same pattern at the same place, said in two ways: keep the closer fit.
        hits.dedup_by_key(|hit| (hit.start, hit.end, hit.pattern));
        hits
    }

    /// Compares what stands around the anchor.
    fn complete(&self, cut: &Cut, page: &Page<'_>, language: &Language, start: usize, end: usize) -> Option<Hit> {
        let pattern = &self.variants[cut.variant as usize];
        if !cut.anchor.iter().zip(&page.tokens[start..end]).all(|(written, token)| same(written, page, token, pattern.matching)) {
            return None;
        }
        let mut state = State { page, language, matching: pattern.matching, gapped: false };
        let first = state.backward(&pattern.elements[..pattern.anchor.0], start, None)?;
        let last = state.forward(&pattern.elements[pattern.anchor.1..], end, None)?;
        let gapped = state.gapped;
        let misspelt = page.tokens[first..last].iter().any(|t| t.misspelt);
        Some(Hit { start: first as u32, end: last as u32, pattern: pattern.pattern, gapped, misspelt })
    }
}

/// Whether a token, known to be a form of the written word, meets its demands on letters.
fn same(written: &Written, page: &Page<'_>, token: &super::Token, matching: Matching) -> bool {
    match matching {
        Matching::Forms => {
            if !written.capitals {
                return true;
            }
            // An acronym may take a plural: `SENCOs`.
            let text = token.span.slice(page.note);
            (token.capitals || text.strip_suffix('s').is_some_and(|t| t.len() > 1 && t.chars().all(|ch| !ch.is_lowercase()))) && !token.misspelt
        }
        Matching::Exact => page.folded(token) == written.folded && (!written.capitals || token.capitals),
        Matching::Case => written.exact_case.as_deref().is_some_and(|w| letters(token.span.slice(page.note)) == letters(w)),
    }
}

struct State<'a, 't> {
    page: &'a Page<'t>,
    language: &'a Language,
    matching: Matching,
    gapped: bool,
}

type Elements = [Element<(WordId, Written)>];

/// What has to follow once the elements in hand are used up: the rest of the pattern around a choice.
struct Then<'e> {
    elements: &'e Elements,
    then: Option<&'e Then<'e>>,
}

impl State<'_, '_> {
    /// The end of the elements that start at token `at`, if they stand there.
    fn forward(&mut self, elements: &Elements, at: usize, then: Option<&Then<'_>>) -> Option<usize> {
        let Some((element, rest)) = elements.split_first() else {
            return match then {
                Some(next) => self.forward(next.elements, at, next.then),
                None => Some(at),
            };
        };
        match element {
            Element::Gap => {
                for skip in 0..=GAP {
                    if let Some(end) = self.forward(rest, at + skip, then) {
                        self.gapped |= skip > 0;
                        return Some(end);
                    }
                    if !self.page.tokens.get(at + skip).is_some_and(|t| passes(t.kind)) {
                        return None;
                    }
                }
                None
            }
            Element::Class(class) => {
                let bit = 1u32 << class;
                if self.page.classes.get(at).is_some_and(|bits| bits & bit != 0)
                    && let Some(end) = self.forward(rest, at + 1, then)
                {
                    return Some(end);
                }
                let (language, page) = (self.language, self.page);
                language.classes.phrases_at(page, at).filter(|(_, bits)| bits & bit != 0).find_map(|(length, _)| self.forward(rest, at + length, then))
            }
            Element::Choice { options, optional } => {
                let after = Then { elements: rest, then };
                let chosen = options.iter().find_map(|option| self.forward(option, at, Some(&after)));
                if chosen.is_none() && *optional { self.forward(rest, at, then) } else { chosen }
            }
            _ => self.one(element, at).then(|| self.forward(rest, at + 1, then)).flatten(),
        }
    }

    /// The first token of the elements that end just before token `at`.
    fn backward(&mut self, elements: &Elements, at: usize, then: Option<&Then<'_>>) -> Option<usize> {
        let Some((element, rest)) = elements.split_last() else {
            return match then {
                Some(next) => self.backward(next.elements, at, next.then),
                None => Some(at),
            };
        };
        match element {
            Element::Gap => {
                for skip in 0..=GAP.min(at) {
                    if let Some(start) = self.backward(rest, at - skip, then) {
                        self.gapped |= skip > 0;
                        return Some(start);
                    }
                    if at == skip || !passes(self.page.tokens[at - skip - 1].kind) {
                        return None;
                    }
                }
                None
            }
            Element::Class(class) => {
                let bit = 1u32 << class;
                if at > 0
                    && self.page.classes[at - 1] & bit != 0
                    && let Some(start) = self.backward(rest, at - 1, then)
                {
                    return Some(start);
                }
                (2..=3usize).filter(|&length| length <= at).find_map(|length| {
                    let fits = self.language.classes.phrases_at(self.page, at - length).any(|(l, bits)| l == length && bits & bit != 0);
                    if fits { self.backward(rest, at - length, then) } else { None }
                })
            }
            Element::Choice { options, optional } => {
                let before = Then { elements: rest, then };
                let chosen = options.iter().find_map(|option| self.backward(option, at, Some(&before)));
                if chosen.is_none() && *optional { self.backward(rest, at, then) } else { chosen }
            }
            _ => (at > 0 && self.one(element, at - 1)).then(|| self.backward(rest, at - 1, then)).flatten(),
        }
    }

    /// Whether a word or number stands at a token.
    fn one(&self, element: &Element<(WordId, Written)>, at: usize) -> bool {
        let Some(token) = self.page.tokens.get(at) else { return false };
        match element {
            Element::Word((word, written)) => token.word == *word && *word != WordId::UNKNOWN && same(written, self.page, token, self.matching),
            Element::Number => token.kind == Kind::Number,
            _ => false,
        }
    }
}

/// What a gap may step over: it stays inside the sentence.
fn passes(kind: Kind) -> bool {
    matches!(kind, Kind::Word | Kind::Number | Kind::Comma | Kind::Slash | Kind::Quote | Kind::Open | Kind::Close)
}
