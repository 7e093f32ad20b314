//! Whether the corpus is in order: what `casecoder eval check` counts and refuses.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rustc_hash::{FxHashMap, FxHashSet};

use super::gold::{self, Gold, GoldError};
use crate::assertion::{Presence, Time};
use crate::lexicon::{Label, LabelKind, Lexicon};
use crate::scheme::ConceptId;
use crate::text::plain_words;

/// The files of the corpus, by split. Sentences are for training, as the notes of `train` are.
pub const SPLITS: [&str; 4] = ["train", "sentences", "validate", "test"];

/// Two texts of different splits that share this much of their three-word shingles are too alike
/// (Jaccard; Broder 1997).
pub const TOO_ALIKE: f64 = 0.4;
/// Shorter texts are not compared: two short lines may well share all their words.
const LEAST_SHINGLES: usize = 6;

/// What one split holds.
#[derive(Clone, Debug, Default)]
pub struct Split {
    /// `train`, `sentences`, `validate` or `test`.
    pub name: &'static str,
    /// Notes or sentences.
    pub texts: usize,
    /// Of these, without a code.
    pub without_codes: usize,
    /// Codes.
    pub codes: usize,
    /// Of these, denied, alleged, possible, past, planned or hypothetical.
    pub marked: usize,
    /// Of these, with evidence that holds a name or synonym of the concept word for word.
    pub quoted: usize,
    /// Words in all.
    pub words: usize,
    /// Voices.
    pub voices: BTreeSet<String>,
    /// How many codes each leaf has.
    pub leaves: BTreeMap<ConceptId, usize>,
}

/// The corpus, checked.
#[derive(Debug, Default)]
pub struct Corpus {
    /// Each split, in the order of [`SPLITS`].
    pub splits: Vec<Split>,
    /// What is wrong; nothing here means in order. Names files and identifiers, never text.
    pub findings: Vec<String>,
}

/// Reads every split in `folder` and checks it.
///
/// # Errors
/// [`GoldError`] where a file cannot be read as coded notes at all.
pub fn check(folder: &Path, lexicon: &Lexicon) -> Result<Corpus, GoldError> {
    let mut corpus = Corpus::default();
    let mut ids: FxHashMap<String, &str> = FxHashMap::default();
    let mut voices: FxHashMap<String, &str> = FxHashMap::default();
    let mut shingles = Shingles::default();
    let plain = plain_labels(lexicon);
    for name in SPLITS {
        let gold = gold::read(&folder.join(format!("{name}.jsonl")), lexicon)?;
        // Notes and sentences are both for training: a voice may stand in both, a text may not.
        let side = if name == "sentences" { "train" } else { name };
        for coded in &gold {
            let note = &coded.note;
            if let Some(other) = ids.insert(note.id.clone(), name) {
                corpus.findings.push(format!("{name}: `{}` stands in {other} too", note.id));
            }
            if let Some(other) = voices.insert(note.voice.clone(), side).filter(|other| *other != side) {
                corpus.findings.push(format!("{name}: the voice `{}` stands in {other} too", note.voice));
            }
            if let Some(other) = shingles.alike(name, note.text.as_str(), &note.id) {
                corpus.findings.push(format!("{name}: `{}` is too much like `{other}` of another split", note.id));
            }
        }
        let split = count(name, &gold, lexicon, &plain);
        let uncovered: Vec<&str> = lexicon
            .concepts
            .iter()
            .filter(|concept| concept.leaf && !concept.retired && !split.leaves.contains_key(&concept.id))
            .map(|concept| concept.notation.as_str())
            .collect();
        // A few hundred notes of a training split need not hold every leaf: the sentences do.
        if name != "train" && !uncovered.is_empty() {
            corpus.findings.push(format!("{name}: no text for {}", uncovered.join(", ")));
        }
        corpus.splits.push(split);
    }
    corpus.findings.sort();
    corpus.findings.dedup();
    Ok(corpus)
}

fn count(name: &'static str, gold: &[Gold], lexicon: &Lexicon, plain: &FxHashMap<ConceptId, Vec<String>>) -> Split {
    let mut split = Split { name, texts: gold.len(), ..Default::default() };
    for coded in gold {
        split.words += coded.note.text.as_str().split_whitespace().count();
        split.without_codes += usize::from(coded.note.codes.is_empty());
        split.voices.insert(coded.note.voice.clone());
        for (code, &concept) in coded.note.codes.iter().zip(&coded.concepts) {
            split.codes += 1;
            split.marked += usize::from(code.presence != Presence::Affirmed || code.time != Time::Current);
            if lexicon.get(concept).leaf {
                *split.leaves.entry(concept).or_default() += 1;
            }
            let quotes = |words: &crate::note::NoteText| {
                let text = spaced(words.as_str());
                plain.get(&concept).is_some_and(|labels| labels.iter().any(|label| text.contains(label.as_str())))
            };
            split.quoted += usize::from(code.evidence.iter().any(quotes));
        }
    }
    split
}

/// The names and synonyms of each concept, as folded words between spaces.
fn plain_labels(lexicon: &Lexicon) -> FxHashMap<ConceptId, Vec<String>> {
    let mut plain: FxHashMap<ConceptId, Vec<String>> = FxHashMap::default();
    let words_only = |label: &&Label| label.kind != LabelKind::Hidden && !label.text.contains(['(', '[', '|', '#', '@', '…']);
    for label in lexicon.labels.iter().filter(words_only) {
        plain.entry(label.concept).or_default().push(spaced(&label.text));
    }
    plain
}

fn spaced(text: &str) -> String {
    let words: Vec<String> = plain_words(text).into_iter().map(|(folded, _)| folded).collect();
    format!(" {} ", words.join(" "))
}

/// Three-word shingles of every text read so far.
#[derive(Default)]
struct Shingles {
    texts: Vec<(&'static str, String, usize)>,
    holders: FxHashMap<u64, Vec<u32>>,
}

impl Shingles {
    /// The identifier of a text of another split that is too much like this one; files the text.
    fn alike(&mut self, split: &'static str, text: &str, id: &str) -> Option<String> {
        let words: Vec<String> = plain_words(text).into_iter().map(|(folded, _)| folded).collect();
        let own: FxHashSet<u64> = words.windows(3).map(|three| crate::text::fingerprint(&three.join(" "))).collect();
        let mut shared: FxHashMap<u32, usize> = FxHashMap::default();
        for place in own.iter().filter_map(|shingle| self.holders.get(shingle)).flatten() {
            *shared.entry(*place).or_default() += 1;
        }
        let too_alike = |(place, common): (&u32, &usize)| {
            let (other, name, size) = &self.texts[*place as usize];
            let jaccard = *common as f64 / (own.len() + size - common) as f64;
            (*other != split && own.len().min(*size) >= LEAST_SHINGLES && jaccard >= TOO_ALIKE).then(|| name.clone())
        };
        let found = shared.iter().filter_map(too_alike).min();
        let place = self.texts.len() as u32;
        self.texts.push((split, id.to_owned(), own.len()));
        for shingle in own {
            self.holders.entry(shingle).or_default().push(place);
        }
        found
    }
}
