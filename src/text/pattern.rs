//! The little language in which labels, hints and cues are written.
//!
//! | written | means |
//! |---|---|
//! | `kick door` | the words, in any of their forms, one after the other |
//! | `kick … door` | up to [`GAP`] words between, within one sentence |
//! | `(hit\|punch) … face` | one of these, each of one or more words |
//! | `smash [up] … window` | may be left out |
//! | `attendance … #` | a number |
//! | `hit … @partner` | a word or phrase of a class (`words/classes.csv`) |

use super::vocabulary::{Vocabulary, WordId, WordNumber};

/// Most words that a gap `…` lets stand between.
pub const GAP: usize = 4;
/// Most ways of saying one pattern that are compared with other labels.
pub const MAX_WAYS: usize = 20_000;

/// Why a pattern cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// A bracket opens and does not close, or the other way round.
    #[error("bracket without its partner")]
    Bracket,
    /// Nothing stands between two bars or brackets.
    #[error("empty alternative")]
    Empty,
    /// There is no plain word in it that always has to stand there and could be looked for.
    #[error("no word to look for: at least one plain word, or a choice of plain words, must not be optional")]
    NoWord,
    /// It begins or ends with a gap.
    #[error("begins or ends with a gap")]
    LooseGap,
    /// A class that `words/classes.csv` does not have.
    #[error("unknown class `@{0}`")]
    UnknownClass(String),
}

/// One element of a pattern. `W` is a word as written, later with its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Element<W> {
    Word(W),
    Number,
    Class(u8),
    Gap,
    Choice { options: Vec<Vec<Element<W>>>, optional: bool },
}

/// A word of a pattern as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) folded: WordNumber,
    /// Must be in capitals in the text too.
    pub(super) capitals: bool,
    /// The letters as written, where the pattern asks for them.
    pub(super) exact_case: Option<Box<str>>,
}

/// How strictly a pattern's words are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Matching {
    /// Any letter case, words in all their forms; words written in capitals only match capitals.
    #[default]
    Forms,
    /// Any letter case, the words exactly as written.
    Exact,
    /// Exactly as written, letter case too.
    Case,
}

/// A label, hint or cue, read.
#[derive(Clone, Debug, Default)]
pub struct Pattern {
    pub(super) elements: Vec<Element<Written>>,
    pub(super) matching: Matching,
}

/// The words and classes that patterns are written in.
pub trait Words {
    /// The number of the class of this name.
    fn class(&self, name: &str) -> Option<u8>;
    /// The number of a folded word; a new word gets one.
    fn number(&mut self, folded: &str) -> WordNumber;
    /// The word of a number.
    fn word(&self, number: WordNumber) -> &str;
}

impl Pattern {
    /// Reads a pattern.
    pub fn parse(text: &str, matching: Matching, words: &mut dyn Words) -> Result<Self, PatternError> {
        let mut parser = Parser { rest: text.trim(), matching, words };
        let elements = parser.sequence()?;
        if !parser.rest.is_empty() {
            return Err(PatternError::Bracket);
        }
        if elements.is_empty() {
            return Err(PatternError::NoWord);
        }
        if matches!(elements.first(), Some(Element::Gap)) || matches!(elements.last(), Some(Element::Gap)) {
            return Err(PatternError::LooseGap);
        }
        if !findable(&elements) {
            return Err(PatternError::NoWord);
        }
        Ok(Self { elements, matching })
    }

    /// Every way to say the pattern that is words only, folded; `None` where there are more than `most`.
    pub fn plain_ways(&self, most: usize, words: &dyn Words) -> Option<Vec<String>> {
        ways(&self.elements, most, words)
    }

    /// The one word that is the whole pattern, in any of its forms and any letter case.
    pub fn lone_word(&self, vocabulary: &Vocabulary) -> Option<WordId> {
        match self.elements.as_slice() {
            [Element::Word(word)] if self.matching == Matching::Forms && !word.capitals => Some(vocabulary.word(word.folded)),
            _ => None,
        }
    }

    /// The natural logarithm of the number of ways to say the pattern; a class counts as ten.
    pub fn breadth(&self) -> f32 {
        fn of(elements: &[Element<Written>]) -> f32 {
            elements
                .iter()
                .map(|element| match element {
                    Element::Word(_) | Element::Number | Element::Gap => 0.0,
                    Element::Class(_) => 10f32.ln(),
                    Element::Choice { options, optional } => (options.iter().map(|option| of(option).exp()).sum::<f32>() + f32::from(u8::from(*optional))).ln(),
                })
                .sum()
        }
        of(&self.elements)
    }

    /// How many words, numbers and class members the shortest way has.
    pub fn least_words(&self) -> u8 {
        fn least(elements: &[Element<Written>]) -> usize {
            elements
                .iter()
                .map(|element| match element {
                    Element::Gap | Element::Choice { optional: true, .. } => 0,
                    Element::Choice { options, .. } => options.iter().map(|option| least(option)).min().unwrap_or(0),
                    _ => 1,
                })
                .sum()
        }
        least(&self.elements).min(255) as u8
    }
}

/// The elements with every word replaced by its number and the word.
pub(super) fn numbered<'p>(elements: &'p [Element<Written>], vocabulary: &Vocabulary) -> Vec<Element<(WordId, &'p Written)>> {
    elements
        .iter()
        .map(|element| match element {
            Element::Word(word) => Element::Word((vocabulary.word(word.folded), word)),
            Element::Number => Element::Number,
            Element::Class(class) => Element::Class(*class),
            Element::Gap => Element::Gap,
            Element::Choice { options, optional } => {
                Element::Choice { options: options.iter().map(|option| numbered(option, vocabulary)).collect(), optional: *optional }
            }
        })
        .collect()
}

struct Parser<'p> {
    rest: &'p str,
    matching: Matching,
    words: &'p mut dyn Words,
}

impl<'p> Parser<'p> {
    /// Elements up to a bar, a closing bracket or the end.
    fn sequence(&mut self) -> Result<Vec<Element<Written>>, PatternError> {
        let mut elements = Vec::new();
        loop {
            self.rest = self.rest.trim_start();
            match self.rest.chars().next() {
                None | Some('|' | ')' | ']') => break,
                Some(open @ ('(' | '[')) => elements.push(self.choice(open)?),
                Some(_) => {
                    let end = self.rest.find(|ch: char| ch.is_whitespace() || matches!(ch, '(' | ')' | '[' | ']' | '|')).unwrap_or(self.rest.len());
                    let (part, rest) = self.rest.split_at(end);
                    self.rest = rest;
                    self.part(part, &mut elements)?;
                }
            }
        }
        elements.dedup_by(|a, b| matches!((a, b), (Element::Gap, Element::Gap)));
        Ok(elements)
    }

    fn choice(&mut self, open: char) -> Result<Element<Written>, PatternError> {
        let close = if open == '(' { ')' } else { ']' };
        let mut options = Vec::new();
        loop {
            self.rest = &self.rest[1..];
            let option = self.sequence()?;
            if option.is_empty() {
                return Err(PatternError::Empty);
            }
            options.push(option);
            match self.rest.chars().next() {
                Some('|') => {}
                Some(ch) if ch == close => break,
                _ => return Err(PatternError::Bracket),
            }
        }
        self.rest = &self.rest[1..];
        Ok(Element::Choice { options, optional: open == '[' })
    }

    fn part(&mut self, part: &'p str, elements: &mut Vec<Element<Written>>) -> Result<(), PatternError> {
        match part {
            "…" | "..." => elements.push(Element::Gap),
            "#" => elements.push(Element::Number),
            _ if part.starts_with('@') => {
                let name = &part[1..];
                elements.push(Element::Class(self.words.class(name).ok_or_else(|| PatternError::UnknownClass(name.to_owned()))?));
            }
            _ => elements.extend(super::plain_words(part).into_iter().map(|(folded, original)| {
                let letters = original.chars().filter(|ch| ch.is_alphabetic());
                let capitals = letters.clone().next().is_some() && letters.clone().all(char::is_uppercase) && original.chars().count() > 1;
                let exact_case = (self.matching == Matching::Case).then(|| original.clone().into());
                Element::Word(Written { folded: self.words.number(&folded), capitals, exact_case })
            })),
        }
        Ok(())
    }
}

/// Every part that could be looked for first: a run of plain words, or a choice of runs, that always has to stand there.
pub(super) fn anchors<W>(elements: &[Element<W>]) -> Vec<(usize, usize)> {
    let mut places = Vec::new();
    let mut at = 0;
    while at < elements.len() {
        match &elements[at] {
            Element::Word(_) => {
                let length = elements[at..].iter().take_while(|e| matches!(e, Element::Word(_))).count();
                places.push((at, at + length));
                at += length;
                continue;
            }
            Element::Choice { options, optional: false } if options.iter().all(|o| o.iter().all(|e| matches!(e, Element::Word(_)))) => {
                places.push((at, at + 1))
            }
            _ => {}
        }
        at += 1;
    }
    places
}

/// Whether a part of the elements always has to stand there as plain words, or one does in each option of their first choice.
fn findable<W: Clone>(elements: &[Element<W>]) -> bool {
    !anchors(elements).is_empty() || variants(elements.to_vec()).is_some()
}

/// The elements themselves; where no part of them has to stand there as plain words, one
/// pattern for each option of their first choice.
pub(super) fn variants<W: Clone>(elements: Vec<Element<W>>) -> Option<Vec<Vec<Element<W>>>> {
    if !anchors(&elements).is_empty() {
        return Some(vec![elements]);
    }
    let place = elements.iter().position(|e| matches!(e, Element::Choice { optional: false, .. }))?;
    let Element::Choice { options, .. } = &elements[place] else { return None };
    let mut all = Vec::new();
    for option in options {
        all.extend(variants(elements[..place].iter().chain(option).chain(&elements[place + 1..]).cloned().collect())?);
    }
    Some(all)
}

/// Every way to say the elements in words only.
fn ways(elements: &[Element<Written>], most: usize, words: &dyn Words) -> Option<Vec<String>> {
    let mut all = vec![String::new()];
    for element in elements {
        let mut parts: Vec<String> = Vec::new();
        match element {
            Element::Word(word) => parts.push(words.word(word.folded).to_owned()),
            Element::Choice { options, optional } => {
                if *optional {
                    parts.push(String::new());
                }
                for option in options {
                    parts.extend(ways(option, most, words)?);
                }
            }
            // A way with a gap, a number or a class is not words only.
            _ => return Some(Vec::new()),
        }
        if all.len() * parts.len() > most {
            return None;
        }
        all = all
            .iter()
            .flat_map(|start| {
                parts.iter().map(move |part| if start.is_empty() || part.is_empty() { format!("{start}{part}") } else { format!("{start} {part}") })
            })
            .collect();
    }
    all.retain(|way| !way.is_empty());
    Some(all)
}
