//! [`Misspellings`]: long words that are one slip away.
//!
//! The method is that of symmetric deletion (SymSpell, Garbe 2012): two words are one edit apart only if they
//! agree after at most one letter is left out of each. The hash of every long word, whole and with each letter
//! left out, is filed; a word of the text is looked up in the same way, and each candidate compared letter by letter.

use smallvec::SmallVec;

use super::vocabulary::WordId;

/// Words shorter than this are never read as misspelt.
pub const MIN_MISSPELT: usize = 8;

/// Buckets of the index; a power of two.
const BUCKETS: usize = 1 << 16;

/// The long words that a misspelling may stand for.
#[derive(Debug, Default)]
pub(super) struct Misspellings {
    words: Vec<(Box<str>, WordId)>,
    /// Hashes with the place of their word, one bucket after the other, and where each bucket begins.
    filed: Vec<(u32, u32)>,
    starts: Vec<u32>,
}

impl Misspellings {
    /// Files those words that are long enough; all in small letters.
    pub(super) fn new(words: Vec<(Box<str>, WordId)>) -> Self {
        let keys = || words.iter().enumerate().flat_map(|(place, (word, _))| keys(word.as_bytes()).map(move |key| (key, place as u32)));
        let mut starts = vec![0u32; BUCKETS + 1];
        for (key, _) in keys() {
            starts[bucket(key) + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        let mut filed = vec![(0, 0); starts[BUCKETS] as usize];
        for (key, place) in keys() {
            let at = &mut next[bucket(key)];
            filed[*at as usize] = (key, place);
            *at += 1;
        }
        Self { words, filed, starts }
    }

    /// A long word one edit away (a letter left out, added, changed, or two swapped), with the same first letter.
    pub(super) fn correct(&self, form: &str) -> Option<WordId> {
        let bytes = form.as_bytes();
        if self.words.is_empty() || bytes.len() < MIN_MISSPELT - 1 || !bytes.iter().all(u8::is_ascii_lowercase) {
            return None;
        }
        let candidates = keys(bytes).flat_map(|key| {
            let bucket = bucket(key);
            let filed = &self.filed[self.starts[bucket] as usize..self.starts[bucket + 1] as usize];
            filed.iter().filter(move |(k, _)| *k == key).map(|(_, place)| &self.words[*place as usize])
        });
        candidates.filter(|(word, _)| within_one_edit(word.as_bytes(), bytes)).min_by(|a, b| a.0.cmp(&b.0)).map(|(_, id)| *id)
    }
}

fn bucket(key: u32) -> usize {
    key as usize & (BUCKETS - 1)
}

/// The hashes of a word, whole and with each letter but the first left out. Each is a polynomial of the letters
/// (Karp and Rabin 1987), put together from its two ends.
fn keys(word: &[u8]) -> impl Iterator<Item = u32> {
    const BASE: u64 = 0x9E37_79B9_7F4A_7C15;
    // The tail after each place, and what the letters before it are multiplied by.
    let mut tails: SmallVec<[(u64, u64); 24]> = SmallVec::from_elem((0, 1), word.len() + 1);
    for i in (0..word.len()).rev() {
        let (tail, power) = tails[i + 1];
        tails[i] = (tail.wrapping_add(u64::from(word[i]).wrapping_mul(power)), power.wrapping_mul(BASE));
    }
    let fold = |hash: u64| (hash >> 32) as u32 ^ (hash >> 7) as u32;
    let whole = fold(tails[0].0);
    let mut head = u64::from(word.first().copied().unwrap_or(0));
    let letters: SmallVec<[u8; 24]> = SmallVec::from_slice(word);
    std::iter::once(whole).chain((1..letters.len()).map(move |i| {
        let (tail, power) = tails[i + 1];
        let key = fold(head.wrapping_mul(power).wrapping_add(tail));
        head = head.wrapping_mul(BASE).wrapping_add(u64::from(letters[i]));
        key
    }))
}

/// True where one letter of `form` is changed, left out or added, or two neighbours are swapped; never the first letter.
fn within_one_edit(word: &[u8], form: &[u8]) -> bool {
    if word[0] != form[0] {
        return false;
    }
    let same = word.iter().zip(form).take_while(|(a, b)| a == b).count();
    let (a, b) = (&word[same..], &form[same..]);
    match a.len() as isize - b.len() as isize {
        1 => a[1..] == *b,
        -1 => *a == b[1..],
        0 if !a.is_empty() => a[1..] == b[1..] || (a.len() > 1 && a[0] == b[1] && a[1] == b[0] && a[2..] == b[2..]),
        _ => false,
    }
}
