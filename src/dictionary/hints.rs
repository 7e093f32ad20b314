//! The ambiguity hints: words that must, or must not, stand near a label.

use rustc_hash::FxHashSet;

use crate::lexicon::{Hint, Lexicon};
use crate::text::{Hit, Language, Page, Pattern, PatternSet, WordId};

/// How many tokens away a wanted word may stand, within the sentence.
const NEAR: u32 = 12;
/// How many tokens away an unwanted word blocks, within the sentence.
const NOT_NEAR: u32 = 6;

/// The hints of all labels. Most are one word: those are compared where they matter and never searched for.
#[derive(Default)]
pub(super) struct Hints {
    patterns: PatternSet,
    /// By label: the words wanted near, and those not wanted.
    near: Vec<List>,
    not_near: Vec<List>,
}

#[derive(Default)]
struct List {
    /// Sorted.
    words: Box<[WordId]>,
    others: Box<[Hint]>,
}

/// The hints of longer patterns that stand on a page, sorted by hint.
pub(super) struct Found<'a> {
    page: &'a Page<'a>,
    hints: &'a Hints,
    hits: Vec<Hit>,
}

impl Hints {
    /// Prepares the hints; `patterns` are those that the lists number.
    pub(super) fn new(mut patterns: Vec<Pattern>, lexicon: &Lexicon) -> Self {
        let vocabulary = &lexicon.language.vocabulary;
        let lone: Vec<Option<WordId>> = patterns.iter().map(|pattern| pattern.lone_word(vocabulary)).collect();
        let word = |hint: &Hint| match *hint {
            // What has to cover the label's own words is no matter of a word near it.
            Hint::Pattern { index, covers: false } => lone[index as usize],
            _ => None,
        };
        let list = |hints: &[Hint]| {
            let mut words: Vec<WordId> = hints.iter().filter_map(word).collect();
            words.sort_unstable();
            List { words: words.into(), others: hints.iter().filter(|hint| word(hint).is_none()).copied().collect() }
        };
        let near: Vec<List> = lexicon.labels.iter().map(|label| list(&label.near)).collect();
        let not_near: Vec<List> = lexicon.labels.iter().map(|label| list(&label.not_near)).collect();
        // Looked for as a pattern all the same: a lone word that has to cover the label somewhere.
        let searched: FxHashSet<u32> = near
            .iter()
            .chain(&not_near)
            .flat_map(|list| &list.others)
            .filter_map(|hint| if let Hint::Pattern { index, .. } = hint { Some(*index) } else { None })
            .collect();
        for (index, pattern) in patterns.iter_mut().enumerate() {
            if !searched.contains(&(index as u32)) {
                *pattern = Pattern::default();
            }
        }
        Self { patterns: PatternSet::new(patterns, vocabulary), near, not_near }
    }

    /// Finds the hints on a page.
    pub(super) fn find<'a>(&'a self, page: &'a Page<'a>, language: &Language) -> Found<'a> {
        let mut hits = self.patterns.find(page, language);
        hits.sort_unstable_by_key(|hit| (hit.pattern, hit.start));
        Found { page, hints: self, hits }
    }
}

impl Found<'_> {
    /// Whether one of the words that a label wants stands near.
    pub(super) fn any_near(&self, label: u32, sentence: usize, own: (u32, u32)) -> bool {
        let list = &self.hints.near[label as usize];
        self.any_word(list, NEAR, sentence, own) || list.others.iter().any(|hint| self.stands(hint, NEAR, sentence, own))
    }

    /// Whether one of the words that a label does not want stands near, or covers the place.
    pub(super) fn any_refuses(&self, label: u32, sentence: usize, own: (u32, u32)) -> bool {
        let list = &self.hints.not_near[label as usize];
        self.any_word(list, NOT_NEAR, sentence, own)
            || list.others.iter().any(|hint| match hint {
                Hint::Pattern { index, covers: true } => self.of_pattern(*index).any(|hit| hit.start <= own.0 && hit.end >= own.1),
                hint => self.stands(hint, NOT_NEAR, sentence, own),
            })
    }

    /// The tokens within a distance of the label, in its sentence.
    fn window(&self, distance: u32, sentence: usize, own: (u32, u32)) -> (u32, u32) {
        let sentence = &self.page.sentences[sentence];
        (own.0.saturating_sub(distance).max(sentence.start), (own.1 + distance).min(sentence.end))
    }

    fn any_word(&self, list: &List, distance: u32, sentence: usize, own: (u32, u32)) -> bool {
        if list.words.is_empty() {
            return false;
        }
        let (from, to) = self.window(distance, sentence, own);
        // The label's own words are no hint about it.
        (from..to).any(|at| !(own.0..own.1).contains(&at) && list.words.binary_search(&self.page.tokens[at as usize].word).is_ok())
    }

    fn of_pattern(&self, index: u32) -> impl Iterator<Item = &Hit> {
        let from = self.hits.partition_point(|hit| hit.pattern < index);
        self.hits[from..].iter().take_while(move |hit| hit.pattern == index)
    }

    fn stands(&self, hint: &Hint, distance: u32, sentence: usize, own: (u32, u32)) -> bool {
        let (from, to) = self.window(distance, sentence, own);
        match *hint {
            Hint::Pattern { index, .. } => self.of_pattern(index).any(|hit| hit.start >= from && hit.end <= to && !(hit.start >= own.0 && hit.end <= own.1)),
            Hint::Class(bit) => {
                (from..to).any(|at| !(own.0..own.1).contains(&at) && (self.page.classes[at as usize] | self.page.phrases[at as usize]) & bit != 0)
            }
        }
    }
}
