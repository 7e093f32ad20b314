//! Metamorphic tests: does a suggestion hang on a name, a gender, a town, a capital, a typo elsewhere?
//!
//! Each change leaves the situation as it is, so the suggestions should stay. One that does not is listed with what was
//! lost and gained. Words that swap are data: a CSV file with the columns `change`, `from` and `to`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::gold::Gold;
use crate::extractor::{Extractor, Request};
use crate::records::concept_key;
use crate::scheme::ConceptId;
use crate::suggestion::Extraction;
use crate::text::Page;

/// Words of a note that are swapped for others, by the kind of change.
pub type Swaps = BTreeMap<String, BTreeMap<String, String>>;

/// Longest phrase that is swapped, in words.
const PHRASE: usize = 3;
/// A typo is put into a word of at least so many letters.
const TYPO_LETTERS: usize = 6;

/// The swaps cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {message}")]
pub struct SwapsError {
    path: PathBuf,
    message: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    change: String,
    from: String,
    to: String,
}

/// Reads the words that are swapped.
///
/// # Errors
/// [`SwapsError`] where the file is not a CSV file with the three columns, or a word has two swaps.
pub fn swaps(path: &Path) -> Result<Swaps, SwapsError> {
    let error = |message: String| SwapsError { path: path.into(), message };
    let mut reader = csv::Reader::from_path(path).map_err(|e| error(e.to_string()))?;
    let mut swaps = Swaps::new();
    for row in reader.deserialize() {
        let Row { change, from, to } = row.map_err(|e| error(e.to_string()))?;
        if let Some(other) = swaps.entry(change).or_default().insert(from.to_lowercase(), to) {
            return Err(error(format!("`{from}` is swapped for `{other}` already")));
        }
    }
    Ok(swaps)
}

/// What one kind of change did to the suggestions.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Effect {
    /// `name`, `gender`, `capitals`, `order`, `typo` …
    pub change: String,
    /// Notes that the change altered.
    pub notes: usize,
    /// Suggestions for them before.
    pub before: usize,
    /// Of these, suggested after it too.
    pub kept: usize,
    /// Suggested only after it.
    pub gained: usize,
    /// Of those kept, with another value of an attribute.
    pub attributes: usize,
    /// Every suggestion that came or went.
    pub moved: Vec<Moved>,
}

/// A suggestion that came or went.
#[derive(Clone, Debug, Serialize)]
pub struct Moved {
    /// The note.
    pub id: String,
    /// `scheme/notation`.
    pub code: String,
    /// Whether it came; else it went.
    pub gained: bool,
}

/// Changes every note in every way and compares the suggestions.
pub fn run(extractor: &Extractor, gold: &[Gold], swaps: &Swaps) -> Vec<Effect> {
    let mut effects: Vec<Effect> = swaps.keys().map(String::as_str).chain(["capitals", "order", "typo"]).map(Effect::named).collect();
    for coded in gold {
        let note = coded.note.text.as_str();
        let before = extractor.suggest(note, &Request::default());
        for effect in &mut effects {
            let changed = match effect.change.as_str() {
                "capitals" => note.to_uppercase(),
                "order" => backwards(extractor, note),
                "typo" => typo(note, &before),
                swapped => swap(note, &swaps[swapped]),
            };
            if changed != note {
                effect.count(extractor, &coded.note.id, &before, &extractor.suggest(&changed, &Request::default()));
            }
        }
    }
    effects
}

impl Effect {
    fn named(change: &str) -> Self {
        Self { change: change.to_owned(), ..Self::default() }
    }

    fn count(&mut self, extractor: &Extractor, id: &str, before: &Extraction, after: &Extraction) {
        let concepts = |answer: &Extraction| answer.suggestions.iter().map(|s| s.concept).collect::<BTreeSet<ConceptId>>();
        let (a, b) = (concepts(before), concepts(after));
        let kept: Vec<ConceptId> = a.intersection(&b).copied().collect();
        let values = |answer: &Extraction, concept: ConceptId| {
            let found = answer.suggestions.iter().find(|s| s.concept == concept).map(|s| &s.assertion);
            found.map(|a| (a.presence, a.time, a.subject, a.role, a.stage))
        };
        self.notes += 1;
        self.before += a.len();
        self.kept += kept.len();
        self.gained += b.len() - kept.len();
        self.attributes += kept.iter().filter(|&&c| values(before, c) != values(after, c)).count();
        for &concept in a.symmetric_difference(&b) {
            self.moved.push(Moved { id: id.to_owned(), code: concept_key(extractor.lexicon(), concept), gained: b.contains(&concept) });
        }
    }
}

/// Swaps words, letter case kept.
fn swap(note: &str, words: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(note.len());
    let mut at = 0;
    while at < note.len() {
        let rest = &note[at..];
        let word = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        if word == 0 {
            let mark = rest.chars().next().map_or(1, char::len_utf8);
            out.push_str(&rest[..mark]);
            at += mark;
            continue;
        }
        let found = phrases(rest).into_iter().rev().find_map(|phrase| Some((phrase, words.get(&phrase.to_lowercase())?)));
        match found {
            Some((phrase, other)) => {
                out.push_str(&cased(other, phrase));
                at += phrase.len();
            }
            None => {
                out.push_str(&rest[..word]);
                at += word;
            }
        }
    }
    out
}

/// The first word, the first two, the first three.
fn phrases(text: &str) -> Vec<&str> {
    let mut ends = Vec::new();
    let mut end = 0;
    for _ in 0..PHRASE {
        let rest = &text[end..];
        let word = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        if word == 0 {
            break;
        }
        end += word;
        ends.push(&text[..end]);
        if !text[end..].starts_with(' ') {
            break;
        }
        end += 1;
    }
    ends
}

/// `word` in the letter case of `model`.
fn cased(word: &str, model: &str) -> String {
    let upper = |c: char| c.is_uppercase();
    let letters = model.chars().filter(|c| c.is_alphabetic()).count();
    if letters > 1 && model.chars().filter(|c| c.is_alphabetic()).all(upper) {
        return word.to_uppercase();
    }
    let mut chars = word.chars();
    match chars.next() {
        Some(first) if model.starts_with(upper) => first.to_uppercase().chain(chars).collect(),
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// The sentences in the opposite order, each with the white space that followed it.
fn backwards(extractor: &Extractor, note: &str) -> String {
    let page = Page::read(note, &extractor.lexicon().language);
    let mut starts: Vec<usize> = page.sentences.iter().map(|s| page.span(s.start, s.end).start as usize).collect();
    if let Some(first) = starts.first_mut() {
        *first = 0;
    }
    starts.push(note.len());
    let mut pieces: Vec<&str> = starts.windows(2).filter(|pair| pair[0] < pair[1]).map(|pair| &note[pair[0]..pair[1]]).collect();
    if pieces.len() < 2 {
        return note.to_owned();
    }
    pieces.reverse();
    let ends_in_space = |piece: &str| piece.ends_with(char::is_whitespace);
    pieces.iter().map(|piece| if ends_in_space(piece) { (*piece).to_owned() } else { format!("{piece}\n") }).collect()
}

/// Two letters swapped in the middle-most long word that is neither evidence nor a cue.
fn typo(note: &str, answer: &Extraction) -> String {
    let evidence = answer.suggestions.iter().flat_map(|s| &s.evidence).chain(answer.suppressed.iter().flat_map(|s| &s.evidence)).map(|e| e.span);
    let assertions = answer.suggestions.iter().map(|s| &s.assertion).chain(answer.suppressed.iter().map(|s| &s.assertion));
    let used: Vec<_> = evidence.chain(assertions.flat_map(|a| &a.cues).map(|cue| cue.span)).collect();
    let free = |start: usize, end: usize| !used.iter().any(|span| (span.start as usize) < end && start < span.end as usize);
    let mut words = Vec::new();
    let mut start = 0;
    for piece in note.split_inclusive(|c: char| !c.is_alphabetic()) {
        let word = piece.trim_end_matches(|c: char| !c.is_alphabetic());
        let plain = word.is_ascii() && word.len() >= TYPO_LETTERS && word.as_bytes()[2] != word.as_bytes()[3];
        if plain && free(start, start + word.len()) {
            words.push(start);
        }
        start += piece.len();
    }
    let Some(&at) = words.get(words.len() / 2) else { return note.to_owned() };
    format!("{}{}{}{}", &note[..at + 2], &note[at + 3..at + 4], &note[at + 2..at + 3], &note[at + 4..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_swapped_and_their_case_is_kept() {
        let words = BTreeMap::from([("mum".to_owned(), "dad".to_owned()), ("white british".to_owned(), "Black African".to_owned())]);
        assert_eq!(swap("MUM is White British; Mum's mummy", &words), "DAD is Black African; Dad's mummy");
        assert_eq!(swap("", &words), "");
    }
}
