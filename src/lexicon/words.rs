//! `words/`: classes, irregular forms, real words, abbreviations.

use crate::text::{Language, VocabularyBuilder, WordClasses, WordNumber, plain_words};

use super::table::Reader;

/// Most classes: each takes a bit.
const MAX_CLASSES: usize = 32;

/// The words and classes that the lists write, gathered before the forms of words are known.
#[derive(Default)]
pub(super) struct WrittenWords {
    vocabulary: VocabularyBuilder,
    names: Vec<String>,
    /// Class number and the words of a member phrase.
    members: Vec<(u8, Vec<WordNumber>)>,
    pub(super) abbreviations: Vec<String>,
}

impl crate::text::Words for WrittenWords {
    fn class(&self, name: &str) -> Option<u8> {
        self.names.iter().position(|n| n == name).map(|i| i as u8)
    }

    fn number(&mut self, folded: &str) -> WordNumber {
        self.vocabulary.number(folded)
    }

    fn word(&self, number: WordNumber) -> &str {
        self.vocabulary.word(number)
    }
}

/// Reads the folder and tells the vocabulary what it needs to know of word forms.
pub(super) fn read(reader: &mut Reader<'_>) -> WrittenWords {
    let mut written = WrittenWords::default();
    let file = "words/irregular.csv";
    for row in reader.table(file, &["base", "forms"]) {
        let base = row.get("base").to_lowercase();
        let mut forms = 0;
        for form in row.list("forms") {
            written.vocabulary.irregular(&base, &form.to_lowercase());
            forms += 1;
        }
        if base.is_empty() || forms == 0 {
            reader.error(file, row.line, "a base and at least one form are needed (a word that is its own only form has no other forms)");
        }
    }
    for (line, word) in lines(reader, "words/real_words.txt") {
        if word.len() < crate::text::MIN_MISSPELT - 1 {
            reader.warning("words/real_words.txt", line, format!("`{word}` is too short to be read as a misspelling"));
        }
        written.vocabulary.real_word(&word);
    }
    written.abbreviations = lines(reader, "words/abbreviations.txt").into_iter().map(|(_, word)| word).collect();
    let file = "words/classes.csv";
    for row in reader.table(file, &["class", "phrase"]) {
        let name = row.get("class").to_owned();
        let class = match written.names.iter().position(|n| *n == name) {
            Some(class) => class,
            None if written.names.len() == MAX_CLASSES => {
                reader.error(file, row.line, format!("more than {MAX_CLASSES} classes"));
                break;
            }
            None => {
                written.names.push(name);
                written.names.len() - 1
            }
        };
        let phrase = row.get("phrase");
        if let Some(other) = phrase.strip_prefix('@') {
            let Some(other) = written.names.iter().position(|n| n == other).filter(|&other| other != class) else {
                reader.error(file, row.line, format!("class `@{other}` must stand above this line"));
                continue;
            };
            let inherited: Vec<_> = written.members.iter().filter(|(c, _)| *c as usize == other).map(|(_, words)| (class as u8, words.clone())).collect();
            written.members.extend(inherited);
        } else {
            let words: Vec<WordNumber> = plain_words(phrase).iter().map(|(folded, _)| written.vocabulary.number(folded)).collect();
            if words.is_empty() || words.len() > 3 {
                reader.error(file, row.line, format!("`{phrase}` must have one to three words"));
                continue;
            }
            written.members.push((class as u8, words));
        }
    }
    written
}

/// The lines of a word list, without comments and blank lines.
pub(super) fn lines(reader: &mut Reader<'_>, file: &str) -> Vec<(u64, String)> {
    let text = reader.text(file).unwrap_or_default();
    let line = |(i, line): (usize, &str)| (i as u64 + 1, line.split('#').next().unwrap_or("").trim().to_lowercase());
    text.lines().enumerate().map(line).filter(|(_, word)| !word.is_empty()).collect()
}

/// Numbers the words and makes what the reading of a page needs.
pub(super) fn language(written: WrittenWords) -> Language {
    let vocabulary = written.vocabulary.build();
    let members: Vec<_> = written.members.iter().map(|(class, words)| (*class, words.iter().map(|&number| vocabulary.word(number)).collect())).collect();
    let classes = WordClasses::new(written.names, &members, vocabulary.len());
    Language { classes, abbreviations: written.abbreviations.into_iter().map(Into::into).collect(), vocabulary }
}
