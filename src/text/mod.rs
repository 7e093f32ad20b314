//! Words on a page; knows no concept.
//!
//! [`Page::read`] goes from the caller's text to tokens, sentences and form lines, every
//! one with its exact place in the original. [`PatternSet`] finds patterns on a page.

mod classes;
mod compare;
mod decode;
mod filing;
mod misspellings;
mod pattern;
mod patterns;
mod sentences;
mod tokens;
mod vocabulary;

use rustc_hash::FxHashSet;

pub use classes::WordClasses;
pub use misspellings::MIN_MISSPELT;
pub use pattern::{GAP, MAX_WAYS, Matching, Pattern, PatternError, Words};
pub use patterns::{Hit, PatternSet};
pub use sentences::{FormLine, Sentence};
pub use tokens::{Kind, Token};
pub use vocabulary::{Vocabulary, VocabularyBuilder, WordId, WordNumber, regular_forms};

use crate::span::Span;

/// What the reading of a page needs to know: words, classes, abbreviations.
#[derive(Debug, Default)]
pub struct Language {
    /// The words that lists and cues use.
    pub vocabulary: Vocabulary,
    /// The word classes (`@child`, `@school` …).
    pub classes: WordClasses,
    /// Words after which a full stop does not end a sentence.
    pub abbreviations: FxHashSet<Box<str>>,
}

/// A note, read.
pub struct Page<'t> {
    /// The original, untouched.
    pub note: &'t str,
    /// Words and marks, in order.
    pub tokens: Vec<Token>,
    /// The statements, in order, each a run of tokens.
    pub sentences: Vec<Sentence>,
    /// The form lines, in order.
    pub forms: Vec<FormLine>,
    /// For every token, the classes of which it is a one-word member.
    pub classes: Vec<u32>,
    /// For every token, the classes of which a phrase of two or more words starts there.
    pub phrases: Vec<u32>,
    folded: String,
}

impl<'t> Page<'t> {
    /// Reads a note. Every text can be read; nothing is cut.
    pub fn read(note: &'t str, language: &Language) -> Self {
        let mut read = tokens::tokenize(note, &language.vocabulary);
        let (sentences, forms) = sentences::split(&mut read, &language.abbreviations);
        keep_acronyms(&mut read, &sentences, &language.vocabulary);
        let classes = read.tokens.iter().map(|token| language.classes.of_word(token.word)).collect();
        let phrases = vec![0; read.tokens.len()];
        let mut page = Self { note, tokens: read.tokens, sentences, forms, classes, phrases, folded: read.folded };
        page.phrases = (0..page.tokens.len()).map(|at| language.classes.phrases_at(&page, at).fold(0, |all, (_, bits)| all | bits)).collect();
        page
    }

    /// The folded form of a token: small letters, no accents, no apostrophes; `""` for marks.
    pub fn folded(&self, token: &Token) -> &str {
        &self.folded[token.folded.0 as usize..token.folded.1 as usize]
    }

    /// The place in the original of the tokens from `start` to `end` (one past the last).
    pub fn span(&self, start: u32, end: u32) -> Span {
        let tokens = &self.tokens[start as usize..end.max(start + 1) as usize];
        Span::new(tokens[0].span.start, tokens[tokens.len() - 1].span.end)
    }

    /// The index of the sentence that holds the token.
    pub fn sentence_of(&self, token: u32) -> usize {
        self.sentences.partition_point(|s| s.end <= token).min(self.sentences.len().saturating_sub(1))
    }
}

/// Longest acronym that could be taken for another form of a word.
const ACRONYM: u32 = 5;

/// Capitals in a sentence of small letters are an acronym, and no form of another word: `MASH` is not `mashed`.
fn keep_acronyms(read: &mut tokens::Tokens, sentences: &[Sentence], vocabulary: &Vocabulary) {
    for sentence in sentences.iter().filter(|s| !s.capitals) {
        for token in &mut read.tokens[sentence.start as usize..sentence.end as usize] {
            let folded = &read.folded[token.folded.0 as usize..token.folded.1 as usize];
            if token.capitals && (2..=ACRONYM).contains(&token.span.len()) && !vocabulary.is_base(folded) {
                token.word = WordId::UNKNOWN;
            }
        }
    }
}

/// The words of a piece of a label: folded, and as written.
pub(crate) fn plain_words(text: &str) -> Vec<(String, String)> {
    let empty = Vocabulary::default();
    let read = tokens::tokenize(text, &empty);
    let folded = &read.folded;
    read.tokens
        .iter()
        .filter(|t| matches!(t.kind, Kind::Word | Kind::Number))
        .map(|t| (folded[t.folded.0 as usize..t.folded.1 as usize].to_owned(), t.span.slice(text).to_owned()))
        .collect()
}

/// A number for a piece of text; equal texts have equal numbers.
pub(crate) fn fingerprint(text: &str) -> u64 {
    use std::hash::BuildHasher as _;
    rustc_hash::FxBuildHasher.hash_one(text)
}

/// The letters of a word as written, without the dots of an abbreviation.
pub(crate) fn letters(word: &str) -> String {
    word.chars().filter(|ch| ch.is_alphanumeric() || matches!(ch, '&' | '/' | '%')).collect()
}
