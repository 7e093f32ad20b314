//! Comparing a pattern with the page, part by part, forwards and backwards from its anchor.

use super::pattern::{GAP, Matching, Written};
use super::patterns::ByWord;
use super::tokens::Kind;
use super::vocabulary::WordId;
use super::{Language, Page, letters};

/// An element that is ready to be compared.
#[derive(Debug)]
pub(super) enum Part {
    /// The number, and the word where more than the number has to be compared.
    Word(WordId, Option<Box<Written>>),
    Number,
    Class(u32),
    Gap,
    Choice(Box<Choice>),
}

/// Options, found by their first or last word.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) options: Vec<Box<[Part]>>,
    pub(super) optional: bool,
    pub(super) first: ByWord,
    pub(super) last: ByWord,
    /// Options that do not begin (or end) with a plain word.
    pub(super) open_first: Box<[u16]>,
    pub(super) open_last: Box<[u16]>,
}

impl Choice {
    /// The options that can begin (or end) with a word, best guess only: each still has to be compared.
    fn candidates<'c>(&'c self, word: WordId, ends: &'c [(WordId, u16)], open: &'c [u16]) -> impl Iterator<Item = &'c [Part]> {
        let from = ends.partition_point(|(w, _)| *w < word);
        let fitting = ends[from..].iter().take_while(move |(w, _)| *w == word && word != WordId::UNKNOWN).map(|(_, place)| *place);
        fitting.chain(open.iter().copied()).map(|place| &*self.options[place as usize])
    }
}

/// Whether a token, known to be a form of the written word, meets its demands on letters.
pub(super) fn same(written: &Written, page: &Page<'_>, token: &super::Token, matching: Matching) -> bool {
    match matching {
        Matching::Forms => {
            if !written.capitals {
                return true;
            }
            // An acronym may take a plural: `SENCOs`.
            let text = token.span.slice(page.note);
            (token.capitals || text.strip_suffix('s').is_some_and(|t| t.len() > 1 && t.chars().all(|ch| !ch.is_lowercase()))) && !token.misspelt
        }
        Matching::Exact => *page.folded(token) == *written.folded && (!written.capitals || token.capitals),
        Matching::Case => written.exact_case.as_deref().is_some_and(|w| letters(token.span.slice(page.note)) == letters(w)),
    }
}

/// Where the comparison stands.
pub(super) struct State<'a, 't> {
    pub(super) page: &'a Page<'t>,
    pub(super) language: &'a Language,
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
                let chosen = choice.candidates(word, &choice.first, &choice.open_first).find_map(|option| self.forward(option, at, Some(&after)));
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
                let chosen = choice.candidates(word, &choice.last, &choice.open_last).find_map(|option| self.backward(option, at, Some(&before)));
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
                token.word == *word && *word != WordId::UNKNOWN && strict.as_ref().is_none_or(|written| same(written, self.page, token, self.matching))
            }
            Part::Number => token.kind == Kind::Number,
            _ => false,
        }
    }
}

/// What a gap may step over: it stays inside the sentence.
fn passes(kind: Kind) -> bool {
    matches!(kind, Kind::Word | Kind::Number | Kind::Comma | Kind::Slash | Kind::Quote | Kind::Open | Kind::Close)
}
