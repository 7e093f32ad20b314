//! [`Label`]: the words that mean a concept, how surely, and the hints about what stands near.

use rustc_hash::FxHashMap;

use crate::scheme::ConceptId;
use crate::text::{Matching, Pattern, PatternError, Words};

/// Whether a label may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LabelKind {
    /// The name of the concept.
    Pref,
    /// A synonym or acronym.
    Alt,
    /// Matched, never shown as a synonym: misspellings, slang, patterns.
    Hidden,
}

/// The curator's estimate of how often these words alone mean the concept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// About four in ten: counts only beside other evidence.
    Weak,
    /// About seven in ten.
    Fair,
    /// Nine in ten or more.
    Strong,
}

impl Strength {
    /// The strength of this name; an empty one is fair.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "strong" => Some(Strength::Strong),
            "fair" | "" => Some(Strength::Fair),
            "weak" => Some(Strength::Weak),
            _ => None,
        }
    }
}

/// A word or phrase that must, or must not, stand near a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// A pattern of [`Hints`], by its place.
    Pattern {
        /// Its place.
        index: u32,
        /// It holds the label's own words, so it has to cover the very place.
        covers: bool,
    },
    /// Any member of a class, by its bit.
    Class(u32),
}

/// The patterns of all hints, each once.
#[derive(Debug, Default)]
pub struct Hints {
    /// The patterns.
    pub patterns: Vec<Pattern>,
    places: FxHashMap<String, u32>,
    /// The ways to say each pattern in words, each between spaces.
    ways: Vec<Vec<String>>,
}

/// A label with more ways to be said than this has no hint that covers its own words.
const MAX_OWN_WAYS: usize = 40;

impl Hints {
    /// The ways to say a label that its hints may contain, each between spaces: whole words are compared.
    pub(super) fn own_ways(label: &Pattern, words: &dyn Words) -> Vec<String> {
        label.plain_ways(MAX_OWN_WAYS, words).unwrap_or_default().into_iter().map(|way| format!(" {way} ")).collect()
    }

    /// Reads one hint of a label; `own`: the ways to say the label.
    pub(super) fn read(&mut self, text: &str, own: &[String], words: &mut dyn Words) -> Result<Hint, PatternError> {
        if let Some(name) = text.strip_prefix('@').filter(|name| !name.contains(' ')) {
            let number = words.class(name).ok_or_else(|| PatternError::UnknownClass(name.to_owned()))?;
            return Ok(Hint::Class(1 << number));
        }
        let key = text.to_lowercase();
        let index = match self.places.get(&key) {
            Some(&index) => index,
            None => {
                let pattern = Pattern::parse(text, Matching::Forms, words)?;
                self.ways.push(Self::own_ways(&pattern, words));
                self.patterns.push(pattern);
                self.places.insert(key.clone(), self.patterns.len() as u32 - 1);
                self.patterns.len() as u32 - 1
            }
        };
        let covers = own.iter().any(|own| self.ways[index as usize].iter().any(|way| way.contains(own.as_str())));
        Ok(Hint::Pattern { index, covers })
    }
}

/// Words that mean a concept.
#[derive(Clone, Debug)]
pub struct Label {
    /// The concept.
    pub concept: ConceptId,
    /// As written in the file.
    pub text: String,
    /// Whether it may be shown.
    pub kind: LabelKind,
    /// How surely it means the concept.
    pub strength: Strength,
    /// It has to be written in capitals.
    pub capitals: bool,
    /// How many words it has at least.
    pub words: u8,
    /// How many ways there are to say it: the natural logarithm of their number.
    pub breadth: f32,
    /// What is looked for.
    pub pattern: Pattern,
    /// One of these must stand in the same sentence, where any is given.
    pub near: Vec<Hint>,
    /// None of these may stand there.
    pub not_near: Vec<Hint>,
    /// Line in `labels.csv` (or `concepts.csv` for the name).
    pub line: u64,
}
