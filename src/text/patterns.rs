//! [`PatternSet`]: all patterns of one kind, found on a page in one pass.
//!
//! An inverted index: each pattern is filed under the rarest word that it cannot do without, its *anchor*.
//! Reading goes stretch by stretch (a run of tokens that no pattern can reach out of). Each word of a stretch
//! opens the patterns filed under it; most are refused at once, because another word that they need
//! is not in the stretch. What is left is compared token by token, backwards and forwards from the anchor.

use rustc_hash::FxHashMap;

use super::compare::{Arena, State, passes, same};
use super::filing::{self, Cut, Gate};
use super::pattern::Pattern;
use super::vocabulary::{Vocabulary, WordId};
use super::{Language, Page};

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

/// Patterns of one kind, ready to be found.
#[derive(Debug, Default)]
pub struct PatternSet {
    /// The cuts filed under each word, one word after the other, and the gate of each.
    pub(super) gates: Vec<Gate>,
    pub(super) cuts: Vec<Cut>,
    /// Where the cuts of each word alone begin; one more than there are words.
    pub(super) starts: Vec<u32>,
    /// Where the cuts of two neighbours begin and end.
    pub(super) pairs: FxHashMap<(WordId, WordId), (u32, u32)>,
    /// Words that cuts need or are cut at, one list after the other.
    pub(super) words: Vec<WordId>,
    pub(super) arena: Arena,
}

impl PatternSet {
    /// Files the patterns and uses them up: what is written out again is most of what the lists weigh.
    /// A hit names each pattern by its place in `patterns`.
    pub fn new(patterns: Vec<Pattern>, vocabulary: &Vocabulary) -> Self {
        filing::file(patterns, vocabulary)
    }

    /// Finds every pattern at every place, overlapping ones too, in the order of the page.
    pub fn find(&self, page: &Page<'_>, language: &Language) -> Vec<Hit> {
        let mut hits = Vec::new();
        if self.cuts.is_empty() {
            return hits;
        }
        // The number of the last stretch in which each word was seen; numbers begin again when they run out.
        let mut seen = vec![0u8; self.starts.len()];
        let mut stretch = 0u8;
        let mut from = 0;
        while from < page.tokens.len() {
            let length = page.tokens[from..].iter().take_while(|token| passes(token.kind)).count();
            stretch = stretch.wrapping_add(1);
            if stretch == 0 {
                seen.fill(0);
                stretch = 1;
            }
            for token in &page.tokens[from..from + length] {
                seen[token.word.0 as usize] = stretch;
            }
            // The unknown word is no word that a pattern may need.
            seen[WordId::UNKNOWN.0 as usize] = 0;
            for at in from..from + length {
                let word = page.tokens[at].word;
                let alone = (self.starts[word.0 as usize], self.starts[word.0 as usize + 1]);
                let next = page.tokens.get(at + 1).filter(|_| at + 1 < from + length);
                let pair = next.and_then(|next| self.pairs.get(&(word, next.word)).copied()).unwrap_or_default();
                for place in (alone.0..alone.1).chain(pair.0..pair.1).map(|place| place as usize) {
                    if self.opens(&self.gates[place], |word| seen[word as usize] == stretch) {
                        hits.extend(self.complete(&self.cuts[place], page, language, at));
                    }
                }
            }
            from += length + 1;
        }
        hits.sort_unstable();
        // The same pattern at the same place, said in two ways: keep the closer fit.
        hits.dedup_by_key(|hit| (hit.start, hit.end, hit.pattern));
        hits
    }

    /// Whether the words that a cut needs are there, as far as a glance tells.
    fn opens(&self, gate: &Gate, seen: impl Fn(u32) -> bool) -> bool {
        gate.needs.iter().zip(gate.lengths).all(|(&need, length)| match length {
            0 => true,
            1 => seen(need),
            _ => self.words[need as usize..need as usize + length as usize].iter().any(|word| seen(word.0)),
        })
    }

    /// Compares what stands around the anchor at token `at`.
    fn complete(&self, cut: &Cut, page: &Page<'_>, language: &Language, at: usize) -> Option<Hit> {
        let start = at.checked_sub(cut.place as usize)?;
        let end = start + cut.run.1 as usize;
        let run = &self.words[cut.run.0 as usize..cut.run.0 as usize + cut.run.1 as usize];
        if run.len() > 1 && !page.tokens.get(start..end)?.iter().zip(run).all(|(token, word)| token.word == *word) {
            return None;
        }
        let mut state = State { page, language, arena: &self.arena, matching: cut.matching, gapped: false };
        if let Some(written) = self.arena.written(cut.written, cut.run.1)
            && !written.iter().zip(&page.tokens[start..end]).all(|(written, token)| same(written, page, language, token, cut.matching))
        {
            return None;
        }
        let first = state.backward(self.arena.sequence(cut.before), start, None)?;
        let last = state.forward(self.arena.sequence(cut.after), end, None)?;
        let misspelt = page.tokens[first..last].iter().any(|token| token.misspelt);
        Some(Hit { start: first as u32, end: last as u32, pattern: cut.pattern, gapped: state.gapped, misspelt })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Matching, VocabularyBuilder, WordNumber, Words};
    use super::*;

    #[derive(Default)]
    struct Written(VocabularyBuilder);

    impl Words for Written {
        fn class(&self, _: &str) -> Option<u8> {
            None
        }
        fn number(&mut self, folded: &str) -> WordNumber {
            self.0.number(folded)
        }
        fn word(&self, number: WordNumber) -> &str {
            self.0.word(number)
        }
    }

    /// The words of every hit of these patterns in a text, with the pattern's place.
    fn find(patterns: &[&str], text: &str) -> Vec<(u32, String)> {
        let mut words = Written::default();
        let patterns = patterns.iter().map(|p| Pattern::parse(p, Matching::Forms, &mut words).expect("a pattern")).collect();
        let language = Language { vocabulary: words.0.build(), ..Language::default() };
        let set = PatternSet::new(patterns, &language.vocabulary);
        let page = Page::read(text, &language);
        set.find(&page, &language).iter().map(|hit| (hit.pattern, page.span(hit.start, hit.end).slice(text).to_owned())).collect()
    }

    #[test]
    fn the_anchor_may_stand_anywhere_in_a_pattern() {
        let patterns = ["kick door", "(hit|punch in the) … face", "smash [up] … window", "the door", "door"];
        let found = find(&patterns, "Kicked door. Punched in the small face; the door smashed, window too. Hit the wall. Face down.");
        let expected: Vec<(u32, String)> =
            [(0, "Kicked door"), (4, "door"), (1, "Punched in the small face"), (3, "the door"), (4, "door"), (2, "smashed, window")]
                .map(|(pattern, words)| (pattern, words.to_owned()))
                .to_vec();
        assert_eq!(found, expected, "no gap reaches over a full stop");
    }

    #[test]
    fn long_notes_run_out_of_numbers_for_stretches_and_lose_nothing() {
        let text = "He kicked at the door. ".repeat(700);
        assert_eq!(find(&["kick … door"], &text).len(), 700);
    }
}
