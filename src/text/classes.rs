//! [`WordClasses`]: named groups of words and phrases that patterns can ask for (`@child`, `@school`).

use rustc_hash::FxHashMap;

use super::Page;
use super::vocabulary::WordId;

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
