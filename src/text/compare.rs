//! Comparing a pattern with the page, part by part, forwards and backwards from its anchor.

use super::pattern::{GAP, Matching, Written};
use super::tokens::Kind;
use super::vocabulary::WordId;
use super::{Language, Page, letters};

/// An element that is ready to be compared.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// The number, and the place of how it is written where more than the number has to be compared.
    Word(WordId, u32),
    Number,
    Class(u32),
    Gap,
    /// Its place in [`Arena`].
    Choice(u32),
}

/// No place in an [`Arena`].
pub(super) const NONE: u32 = u32::MAX;
/// A run in one of the lists of an [`Arena`]: where it starts and how long it is.
pub(super) type Range = (u32, u16);

/// Options, found by their first or last word; and those that do not begin (or end) with a plain word.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) optional: bool,
    pub(super) first: Range,
    pub(super) last: Range,
    pub(super) open_first: Range,
    pub(super) open_last: Range,
}

/// All parts of a set of patterns. What is compared together lies together: looking it up is most of the cost.
#[derive(Debug, Default)]
pub(super) struct Arena {
    parts: Vec<Part>,
    choices: Vec<Choice>,
    /// Options by the word at one of their ends, sorted within each choice.
    by_word: Vec<(WordId, Range)>,
    open: Vec<Range>,
    written: Vec<Written>,
}

fn run<T>(list: &[T], (start, length): Range) -> &[T] {
    &list[start as usize..start as usize + length as usize]
}

fn append<T>(list: &mut Vec<T>, more: impl IntoIterator<Item = T>) -> Range {
    let start = list.len();
    list.extend(more);
    (start as u32, (list.len() - start) as u16)
}

impl Arena {
    pub(super) fn sequence(&self, range: Range) -> &[Part] {
        run(&self.parts, range)
    }

    pub(super) fn lay(&mut self, parts: Vec<Part>) -> Range {
        append(&mut self.parts, parts)
    }

    pub(super) fn choose(&mut self, choice: Choice) -> u32 {
        self.choices.push(choice);
        self.choices.len() as u32 - 1
    }

    pub(super) fn write(&mut self, words: impl Iterator<Item = Written>) -> u32 {
        append(&mut self.written, words).0
    }

    /// How `words` words are written, where that was kept.
    pub(super) fn written(&self, place: u32, words: u16) -> Option<&[Written]> {
        (place != NONE).then(|| run(&self.written, (place, words)))
    }

    /// Options by the word at one of their ends, sorted; and those that have none there.
    pub(super) fn index(&mut self, options: &[Range], end: impl Fn(&[Part]) -> Option<&Part>) -> (Range, Range) {
        let (mut by_word, mut open) = (Vec::new(), Vec::new());
        for &option in options {
            match end(self.sequence(option)) {
                Some(Part::Word(word, _)) => by_word.push((*word, option)),
                _ => open.push(option),
            }
        }
        by_word.sort_by_key(|(word, _)| *word);
        (append(&mut self.by_word, by_word), append(&mut self.open, open))
    }

    pub(super) fn shrink(&mut self) {
        self.parts.shrink_to_fit();
        self.choices.shrink_to_fit();
        self.by_word.shrink_to_fit();
        self.open.shrink_to_fit();
        self.written.shrink_to_fit();
    }

    /// The options that can begin (or end) with a word, best guess only: each still has to be compared.
    fn candidates(&self, word: WordId, ends: Range, open: Range) -> impl Iterator<Item = &[Part]> {
        let ends = run(&self.by_word, ends);
        let from = ends.partition_point(|(w, _)| *w < word);
        let fitting = ends[from..].iter().take_while(move |(w, _)| *w == word && word != WordId::UNKNOWN).map(|(_, option)| *option);
        fitting.chain(run(&self.open, open).iter().copied()).map(|option| self.sequence(option))
    }
}

/// Whether a token, known to be a form of the written word, meets its demands on letters.
pub(super) fn same(written: &Written, page: &Page<'_>, language: &Language, token: &super::Token, matching: Matching) -> bool {
    match matching {
        Matching::Forms => {
            if !written.capitals {
                return true;
            }
            // An acronym may take a plural: `SENCOs`.
            let text = token.span.slice(page.note);
            (token.capitals || text.strip_suffix('s').is_some_and(|t| t.len() > 1 && t.chars().all(|ch| !ch.is_lowercase()))) && !token.misspelt
        }
        Matching::Exact => page.folded(token) == language.vocabulary.base(written.folded) && (!written.capitals || token.capitals),
        Matching::Case => written.exact_case.as_deref().is_some_and(|w| letters(token.span.slice(page.note)) == letters(w)),
    }
}

/// Where the comparison stands.
pub(super) struct State<'a, 't> {
    pub(super) page: &'a Page<'t>,
    pub(super) language: &'a Language,
    pub(super) arena: &'a Arena,
    pub(super) matching: Matching,
    pub(super) gapped: bool,
}

/// What has to follow once the parts in hand are used up: the rest of the pattern around a choice.
pub(super) struct Then<'e> {
    parts: &'e [Part],
    then: Option<&'e Then<'e>>,
}

impl State<'_, '_> {
    /// The end of the parts that start at token `at`, if they stand there.
    pub(super) fn forward(&mut self, parts: &[Part], at: usize, then: Option<&Then<'_>>) -> Option<usize> {
        let Some((part, rest)) = parts.split_first() else {
            return match then {
                Some(next) => self.forward(next.parts, at, next.then),
                None => Some(at),
            };
        };
        match part {
            Part::Gap => {
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
            Part::Class(bit) => {
                if self.page.classes.get(at).is_some_and(|bits| bits & bit != 0)
                    && let Some(end) = self.forward(rest, at + 1, then)
                {
                    return Some(end);
                }
                if self.page.phrases.get(at).is_none_or(|bits| bits & bit == 0) {
                    return None;
                }
                let (language, page) = (self.language, self.page);
                language.classes.phrases_at(page, at).filter(|(_, bits)| bits & bit != 0).find_map(|(length, _)| self.forward(rest, at + length, then))
            }
            Part::Choice(choice) => {
                let after = Then { parts: rest, then };
                let word = self.page.tokens.get(at).map_or(WordId::UNKNOWN, |t| t.word);
                let arena = self.arena;
                let choice = &arena.choices[*choice as usize];
                let chosen = arena.candidates(word, choice.first, choice.open_first).find_map(|option| self.forward(option, at, Some(&after)));
                if chosen.is_none() && choice.optional { self.forward(rest, at, then) } else { chosen }
            }
            Part::Word(..) | Part::Number => {
                if self.one(part, at) {
                    self.forward(rest, at + 1, then)
                } else {
                    None
                }
            }
        }
    }

    /// The first token of the parts that end just before token `at`.
    pub(super) fn backward(&mut self, parts: &[Part], at: usize, then: Option<&Then<'_>>) -> Option<usize> {
        let Some((part, rest)) = parts.split_last() else {
            return match then {
                Some(next) => self.backward(next.parts, at, next.then),
                None => Some(at),
            };
        };
        match part {
            Part::Gap => {
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
            Part::Class(bit) => {
                if at > 0
                    && self.page.classes[at - 1] & bit != 0
                    && let Some(start) = self.backward(rest, at - 1, then)
                {
                    return Some(start);
                }
                (2..=3usize).filter(|&length| length <= at && self.page.phrases[at - length] & bit != 0).find_map(|length| {
                    let fits = self.language.classes.phrases_at(self.page, at - length).any(|(l, bits)| l == length && bits & bit != 0);
                    if fits { self.backward(rest, at - length, then) } else { None }
                })
            }
            Part::Choice(choice) => {
                let before = Then { parts: rest, then };
                let word = at.checked_sub(1).map_or(WordId::UNKNOWN, |i| self.page.tokens[i].word);
                let arena = self.arena;
                let choice = &arena.choices[*choice as usize];
                let chosen = arena.candidates(word, choice.last, choice.open_last).find_map(|option| self.backward(option, at, Some(&before)));
                if chosen.is_none() && choice.optional { self.backward(rest, at, then) } else { chosen }
            }
            Part::Word(..) | Part::Number => {
                if at > 0 && self.one(part, at - 1) {
                    self.backward(rest, at - 1, then)
                } else {
                    None
                }
            }
        }
    }

    /// Whether a word or number stands at a token.
    fn one(&self, part: &Part, at: usize) -> bool {
        let Some(token) = self.page.tokens.get(at) else { return false };
        match part {
            Part::Word(word, strict) => {
                token.word == *word
                    && *word != WordId::UNKNOWN
                    && self.arena.written(*strict, 1).is_none_or(|written| same(&written[0], self.page, self.language, token, self.matching))
            }
            Part::Number => token.kind == Kind::Number,
            _ => false,
        }
    }
}

/// What a gap may step over: it stays inside the sentence. No pattern reaches over anything else.
pub(super) fn passes(kind: Kind) -> bool {
    matches!(kind, Kind::Word | Kind::Number | Kind::Comma | Kind::Slash | Kind::Quote | Kind::Open | Kind::Close)
}
