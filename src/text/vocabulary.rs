//! [`Vocabulary`]: the words that the lists and cues use, in all their forms.
//!
//! The rule is one that a curator can predict: a word of a label also matches its
//! regular forms (`arrear` = arrears; `bully` = bullies, bullied, bullying; `stop` =
//! stops, stopped, stopping; `move` = moves, moved, moving) and the irregular forms
//! that `words/irregular.csv` lists. Words that share a form are one word.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::misspellings::{MIN_MISSPELT, Misspellings};

/// A word in all its forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WordId(pub(super) u32);

impl WordId {
    /// A word that no list uses.
    pub const UNKNOWN: WordId = WordId(0);
}

/// A word as the lists write it, by its place among all that they write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WordNumber(u32);

/// The words that labels, hints, cues and classes use, and how their forms are recognised.
#[derive(Debug, Default)]
pub struct Vocabulary {
    forms: FxHashMap<Box<str>, WordId>,
    misspellings: Misspellings,
    /// The words as the lists write them, before any inflection, and what each is a form of.
    bases: Vec<Box<str>>,
    words: Vec<WordId>,
    /// Of these, the short ones.
    short: rustc_hash::FxHashSet<Box<str>>,
    /// Real words that are one letter away from one of ours.
    real_words: rustc_hash::FxHashSet<Box<str>>,
    count: u32,
}

/// Gathers words, then makes the [`Vocabulary`].
#[derive(Debug, Default)]
pub struct VocabularyBuilder {
    bases: Vec<Box<str>>,
    numbers: FxHashMap<Box<str>, WordNumber>,
    irregular: FxHashMap<String, Vec<String>>,
    fixed: rustc_hash::FxHashSet<String>,
    real_words: rustc_hash::FxHashSet<Box<str>>,
}

impl VocabularyBuilder {
    /// Says that `form` is an irregular form of `base`; `form == base` says that the
    /// word has no other forms at all (`housing` is not a form of `house`).
    pub fn irregular(&mut self, base: &str, form: &str) {
        if base == form {
            self.fixed.insert(base.to_owned());
        } else {
            self.irregular.entry(base.to_owned()).or_default().push(form.to_owned());
        }
    }

    /// Says that `word` is a real word and no misspelling of one of ours.
    pub fn real_word(&mut self, word: &str) {
        self.real_words.insert(word.into());
    }

    /// The number of a folded word of a label, hint, cue or class; a new word gets one.
    pub fn number(&mut self, word: &str) -> WordNumber {
        if let Some(&number) = self.numbers.get(word) {
            return number;
        }
        let number = WordNumber(self.bases.len() as u32);
        self.bases.push(word.into());
        self.numbers.insert(word.into(), number);
        number
    }

    /// The word of a number.
    pub fn word(&self, number: WordNumber) -> &str {
        &self.bases[number.0 as usize]
    }

    /// Joins the words that share forms and numbers them.
    pub fn build(self) -> Vocabulary {
        // Union of words that share a form.
        let mut parent: Vec<usize> = (0..self.bases.len()).collect();
        fn root(parent: &mut [usize], mut i: usize) -> usize {
            while parent[i] != i {
                parent[i] = parent[parent[i]];
                i = parent[i];
            }
            i
        }
        let mut owner: FxHashMap<String, usize> = FxHashMap::default();
        for (i, base) in self.bases.iter().enumerate() {
            let mut forms = vec![base.to_string()];
            if !self.fixed.contains(&**base) {
                forms.extend(regular_forms(base));
                forms.extend(self.irregular.get(&**base).into_iter().flatten().cloned());
            }
            for form in forms {
                if *form != **base && self.fixed.contains(&form) {
                    continue;
                }
                match owner.get(&form) {
                    Some(&other) => {
                        let (a, b) = (root(&mut parent, other), root(&mut parent, i));
                        parent[a.max(b)] = a.min(b);
                    }
                    None => {
                        owner.insert(form, i);
                    }
                }
            }
        }
        let mut numbers: FxHashMap<usize, u32> = FxHashMap::default();
        let mut entries: Vec<(String, usize)> = owner.into_iter().collect();
        entries.sort();
        let short = self.bases.iter().filter(|base| base.len() <= 5).cloned().collect();
        let mut vocabulary = Vocabulary { real_words: self.real_words, short, ..Vocabulary::default() };
        let mut long = Vec::new();
        for (form, base) in entries {
            let root = root(&mut parent, base);
            let next = numbers.len() as u32 + 1;
            let id = *numbers.entry(root).or_insert(next);
            // Only words as people write them are candidates for a misspelling, not every form a rule can build.
            if form.len() >= MIN_MISSPELT && form.bytes().all(|b| b.is_ascii_lowercase()) {
                long.push((form.as_str().into(), WordId(id)));
            }
            vocabulary.forms.insert(form.into(), WordId(id));
        }
        vocabulary.misspellings = Misspellings::new(long);
        vocabulary.count = numbers.len() as u32 + 1;
        vocabulary.words = self.bases.iter().map(|base| vocabulary.get(base).unwrap_or(WordId::UNKNOWN)).collect();
        vocabulary.bases = self.bases;
        vocabulary
    }
}

impl Vocabulary {
    /// The word that `form` (folded) is a form of, and whether it is misspelt.
    pub fn read(&self, form: &str) -> (WordId, bool) {
        match self.forms.get(form) {
            Some(&id) => (id, false),
            None if self.real_words.contains(form) => (WordId::UNKNOWN, false),
            None => self.misspellings.correct(form).map_or((WordId::UNKNOWN, false), |id| (id, true)),
        }
    }

    /// The word of this exact form, if a list uses it.
    pub fn get(&self, form: &str) -> Option<WordId> {
        self.forms.get(form).copied()
    }

    /// The word that a written word is a form of.
    pub fn word(&self, number: WordNumber) -> WordId {
        self.words[number.0 as usize]
    }

    /// A word as the lists write it.
    pub(super) fn base(&self, number: WordNumber) -> &str {
        &self.bases[number.0 as usize]
    }

    /// Whether a list writes this short word itself, rather than a word of which it is a form.
    pub fn is_base(&self, folded: &str) -> bool {
        self.short.contains(folded)
    }

    /// How many words there are, the unknown one included.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// True before anything was added.
    pub fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }
}

/// The regular plural and verb forms of `word`.
pub fn regular_forms(word: &str) -> SmallVec<[String; 8]> {
    let mut forms = SmallVec::new();
    let bytes = word.as_bytes();
    if bytes.len() < 3 || !bytes.iter().all(|b| b.is_ascii_lowercase()) {
        // Acronyms in small letters still have a plural: `gp` = gps.
        if bytes.len() == 2 && bytes.iter().all(|b| b.is_ascii_lowercase() && !matches!(b, b'a' | b'e' | b'i' | b'o' | b'u')) {
            forms.push(format!("{word}s"));
        }
        return forms;
    }
    let vowel = |b: u8| matches!(b, b'a' | b'e' | b'i' | b'o' | b'u');
    let (last, before) = (bytes[bytes.len() - 1], bytes[bytes.len() - 2]);
    let stem = &word[..word.len() - 1];
    if last == b'y' && !vowel(before) {
        forms.extend([format!("{stem}ies"), format!("{stem}ied"), format!("{word}ing")]);
        return forms;
    }
    if last == b's' || last == b'x' || last == b'z' || word.ends_with("ch") || word.ends_with("sh") || (last == b'o' && !vowel(before)) {
        forms.push(format!("{word}es"));
    }
    forms.push(format!("{word}s"));
    if last == b'e' && bytes.len() == 3 {
        // `wee` has no `weed`, `fee` no `feed`; the few verbs so short are irregular anyway.
        return forms;
    }
    if last == b'e' {
        forms.extend([format!("{word}d"), format!("{stem}ing")]);
        return forms;
    }
    let vowels = bytes.iter().filter(|&&b| vowel(b)).count();
    let doubles = !vowel(last) && !matches!(last, b'w' | b'x' | b'y') && vowel(before) && bytes.len() >= 3 && !vowel(bytes[bytes.len() - 3]);
    if doubles {
        let double = format!("{word}{}", last as char);
        forms.extend([format!("{double}ed"), format!("{double}ing")]);
    }
    // One-syllable words double (`stopped`); longer ones may or may not (`visited`, `committed`).
    if !doubles || vowels > 1 {
        forms.extend([format!("{word}ed"), format!("{word}ing")]);
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary(words: &[&str]) -> Vocabulary {
        let mut builder = VocabularyBuilder::default();
        builder.irregular("break", "broke");
        builder.irregular("housing", "housing");
        builder.real_word("complain");
        for word in words {
            builder.number(word);
        }
        builder.build()
    }

    #[test]
    fn forms_follow_the_rule() {
        let v = vocabulary(&["arrear", "bully", "stop", "move", "break", "house", "housing", "car", "care", "complaint", "visit"]);
        let same = |a: &str, b: &str| v.get(a).is_some() && v.get(a) == v.get(b);
        assert!(same("arrear", "arrears") && same("bully", "bullied") && same("bully", "bullying") && same("stop", "stopping"));
        assert!(same("move", "moving") && same("break", "broke") && same("break", "breaking") && same("visit", "visited"));
        assert!(!same("house", "housing"), "a fixed word keeps to itself");
        assert!(!same("car", "care") && !same("car", "caring") && same("care", "caring"));
    }

    #[test]
    fn long_words_forgive_one_slip_and_no_more() {
        let v = vocabulary(&["complaint", "attendance", "depression", "arrears"]);
        let reads = |form: &str, word: &str| v.read(form) == (v.get(word).expect("known"), true);
        assert!(reads("attendence", "attendance"), "changed");
        assert!(reads("depresion", "depression"), "left out");
        assert!(reads("deppression", "depression"), "added");
        assert!(reads("deprsesion", "depression") && reads("depressoin", "depression"), "swapped");
        assert_eq!(v.read("complain"), (WordId::UNKNOWN, false), "a real word is no misspelling");
        assert_eq!(v.read("arears").0, WordId::UNKNOWN, "short words are not forgiven");
    }
}
