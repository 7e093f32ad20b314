//! [`TypeAhead`]: concepts by the first letters of their words.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::lexicon::Lexicon;
use crate::scheme::{Concept, ConceptId, Scheme};

/// The words of every concept that may be shown, folded once at the start.
pub(super) struct TypeAhead {
    /// By concept: its name, then its synonyms.
    names: Vec<Vec<Name>>,
    /// By concept: its folded code.
    codes: Vec<String>,
}

struct Name {
    folded: String,
    /// Where the words of `folded` start.
    words: Vec<usize>,
    shown: String,
}

/// How well a concept fits, best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Code,
    NameStarts,
    NameWords,
    SynonymWords,
    Inside,
}

impl TypeAhead {
    pub(super) fn new(lexicon: &Lexicon) -> Self {
        let names = |concept: &Concept| std::iter::once(concept.pref_label.as_str()).chain(shown(concept)).map(Name::new).collect();
        Self { names: lexicon.concepts.iter().map(names).collect(), codes: lexicon.concepts.iter().map(|concept| fold(&concept.notation)).collect() }
    }

    /// The concepts of a scheme that fit, best first, each with the synonym that fitted
    /// where the name did not. An empty `q` fits all, in the order of the list.
    pub(super) fn find(&self, q: &str, scheme: &Scheme, wanted: impl Fn(ConceptId) -> bool) -> Vec<(ConceptId, Option<&str>)> {
        let q = fold(q);
        let q = q.trim();
        let typed: Vec<&str> = q.split(|ch: char| !ch.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let mut found: Vec<(Rank, ConceptId, Option<&str>)> = Vec::new();
        for &id in scheme.concepts.iter().filter(|id| wanted(**id)) {
            // Every code starts with nothing, so an empty `q` finds all.
            if self.codes.get(id.index()).is_some_and(|code| code.starts_with(q)) {
                found.push((Rank::Code, id, None));
            } else if let Some((rank, synonym)) = self.rank(id, q, &typed) {
                found.push((rank, id, synonym));
            }
        }
        found.sort_by_key(|(rank, id, _)| (*rank, *id));
        found.into_iter().map(|(_, id, synonym)| (id, synonym)).collect()
    }

    fn rank(&self, id: ConceptId, q: &str, typed: &[&str]) -> Option<(Rank, Option<&str>)> {
        let names = self.names.get(id.index())?;
        let ranks = names.iter().enumerate().filter_map(|(place, name)| {
            let rank = match place {
                0 if name.folded.starts_with(q) => Rank::NameStarts,
                0 if name.has(typed) => Rank::NameWords,
                _ if name.has(typed) => Rank::SynonymWords,
                _ if name.folded.contains(q) => Rank::Inside,
                _ => return None,
            };
            Some((rank, (place > 0).then_some(name.shown.as_str())))
        });
        ranks.min_by_key(|(rank, _)| *rank)
    }
}

impl Name {
    fn new(text: &str) -> Self {
        let folded = fold(text);
        let mut before = ' ';
        let mut words = Vec::new();
        for (at, ch) in folded.char_indices() {
            if ch.is_alphanumeric() && !before.is_alphanumeric() {
                words.push(at);
            }
            before = ch;
        }
        Self { folded, words, shown: text.to_owned() }
    }

    /// Whether each typed word begins a word here.
    fn has(&self, typed: &[&str]) -> bool {
        !typed.is_empty() && typed.iter().all(|word| self.words.iter().any(|&at| self.folded[at..].starts_with(word)))
    }
}

/// The synonyms of a concept that people can read: labels written in the label language
/// (`(a|b)`, `…`, `#`, `@class`) are patterns for the engine.
pub(super) fn shown(concept: &Concept) -> impl Iterator<Item = &str> {
    concept.alt_labels.iter().map(String::as_str).filter(|label| !label.contains(['(', ')', '[', ']', '|', '#', '@', '…']))
}

/// Without case and accents.
fn fold(text: &str) -> String {
    text.nfd().filter(|ch| !is_combining_mark(*ch)).flat_map(char::to_lowercase).collect()
}
