//! From a page to windows of word pieces, each piece tied to the token of the page that it came from.
//!
//! Word by word, so that the places are the page's own and left-overs of HTML, odd quotes and accents are
//! read as the dictionary reads them. WordPiece: Schuster and Nakajima 2012, through the `tokenizers` crate.

use std::borrow::Cow;

use tokenizers::Tokenizer;

use crate::text::{Kind, Page, Token};

/// The token of a piece that stands for none: the marks at both ends of a window.
pub const NO_TOKEN: u32 = u32::MAX;

/// A stretch of a page, ready for the encoder.
#[derive(Clone, Default)]
pub struct Window {
    /// Word pieces, with a mark at each end.
    pub pieces: Vec<u32>,
    /// The token of the page of each piece, or [`NO_TOKEN`].
    pub tokens: Vec<u32>,
}

/// Cuts words into the pieces that the encoder knows.
pub struct Pieces {
    tokenizer: Tokenizer,
    start: u32,
    end: u32,
    mask: u32,
    /// Longest window, with its marks.
    longest: usize,
}

/// Of a longer word only the beginning is read, in bytes. A word of a language is shorter.
const LONGEST_WORD: usize = 200;
/// A sentence this short at the end of a window stands at the head of the next one too, for context.
const CARRIED: usize = 32;

impl Pieces {
    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    /// It is no tokenizer, or lacks the marks `[CLS]`, `[SEP]` and `[MASK]`.
    pub fn new(json: &[u8], longest: usize) -> Result<Self, tokenizers::Error> {
        let mut tokenizer = Tokenizer::from_bytes(json)?;
        // The published file cuts at 128 and fills up to 128.
        tokenizer.with_truncation(None)?.with_padding(None);
        let mark = |name: &str| tokenizer.token_to_id(name).ok_or_else(|| format!("no mark {name} in the tokenizer"));
        let (start, end, mask) = (mark("[CLS]")?, mark("[SEP]")?, mark("[MASK]")?);
        Ok(Self { tokenizer, start, end, mask, longest })
    }

    /// How many pieces there are.
    pub fn vocabulary(&self) -> usize {
        self.tokenizer.get_vocab_size(true)
    }

    /// The piece that stands for a hidden one, in training.
    pub fn mask(&self) -> u32 {
        self.mask
    }

    /// Cuts a page into windows of whole sentences; a sentence that is too long is cut between words. Every token is in
    /// a window, though of a word of hundreds of letters only the beginning.
    pub fn windows(&self, page: &Page<'_>) -> Vec<Window> {
        let room = self.longest - 2;
        let mut windows: Vec<Window> = Vec::new();
        let mut open = Window::default();
        for sentence in &page.sentences {
            let mut read = Window::default();
            for at in sentence.start..sentence.end {
                self.read(page, at, room, &mut read);
            }
            if open.pieces.len() + read.pieces.len() > room && !open.pieces.is_empty() {
                windows.push(std::mem::take(&mut open));
                if let Some(last) = windows.last().and_then(|w| tail(w, page)).filter(|last| last.pieces.len() + read.pieces.len() <= room) {
                    open = last;
                }
            }
            while read.pieces.len() > room {
                // Between words: never inside one, unless the word fills the window.
                let cut = (1..=room).rev().find(|&at| read.tokens[at] != read.tokens[at - 1]).unwrap_or(room);
                let rest = Window { pieces: read.pieces.split_off(cut), tokens: read.tokens.split_off(cut) };
                windows.push(std::mem::replace(&mut read, rest));
            }
            open.pieces.append(&mut read.pieces);
            open.tokens.append(&mut read.tokens);
        }
        if !open.pieces.is_empty() {
            windows.push(open);
        }
        windows.iter_mut().for_each(|window| self.close(window));
        windows
    }

    /// Pieces of a text without a page: a name or a label.
    pub fn phrase(&self, text: &str) -> Vec<u32> {
        let mut pieces = self.cut(text);
        pieces.truncate(self.longest - 2);
        pieces.insert(0, self.start);
        pieces.push(self.end);
        pieces
    }

    fn close(&self, window: &mut Window) {
        window.pieces.insert(0, self.start);
        window.tokens.insert(0, NO_TOKEN);
        window.pieces.push(self.end);
        window.tokens.push(NO_TOKEN);
    }

    fn cut(&self, text: &str) -> Vec<u32> {
        // A word has no text that the tokenizer could refuse; were there one, it would have no pieces.
        self.tokenizer.encode_fast(text, false).map(|encoding| encoding.get_ids().to_vec()).unwrap_or_default()
    }

    fn read(&self, page: &Page<'_>, at: u32, room: usize, window: &mut Window) {
        let token = &page.tokens[at as usize];
        let word = written(page, token);
        let mut pieces = self.cut(&word[..word.floor_char_boundary(LONGEST_WORD)]);
        pieces.truncate(room);
        window.tokens.extend(std::iter::repeat_n(at, pieces.len()));
        window.pieces.append(&mut pieces);
    }
}

/// The last sentence of a window, where it is short.
fn tail(window: &Window, page: &Page<'_>) -> Option<Window> {
    let last = page.sentence_of(*window.tokens.last()?);
    let from = window.tokens.iter().position(|&token| page.sentence_of(token) == last)?;
    let tail = Window { pieces: window.pieces[from..].to_vec(), tokens: window.tokens[from..].to_vec() };
    (from > 0 && tail.pieces.len() <= CARRIED).then_some(tail)
}

/// A token as the tokenizer should see it.
fn written<'p>(page: &'p Page<'_>, token: &Token) -> Cow<'p, str> {
    match token.kind {
        Kind::Word | Kind::Number => {
            let original = token.span.slice(page.note);
            if original.contains(['&', '<', '>']) {
                Cow::Borrowed(page.folded(token))
            } else if original.is_ascii() {
                Cow::Borrowed(original)
            } else if original.chars().all(|ch| ch.is_ascii() || matches!(ch, '’' | '‘' | '£')) {
                Cow::Owned(original.replace(['’', '‘'], "'"))
            } else {
                Cow::Borrowed(page.folded(token))
            }
        }
        Kind::Comma => Cow::Borrowed(","),
        Kind::Stop => Cow::Borrowed("."),
        Kind::Question | Kind::Query => Cow::Borrowed("?"),
        Kind::Exclamation => Cow::Borrowed("!"),
        Kind::Colon => Cow::Borrowed(":"),
        Kind::Semicolon | Kind::Line => Cow::Borrowed(";"),
        Kind::Dash | Kind::Bullet => Cow::Borrowed("-"),
        Kind::Slash => Cow::Borrowed("/"),
        Kind::Open => Cow::Borrowed("("),
        Kind::Close => Cow::Borrowed(")"),
        Kind::Quote => Cow::Borrowed("\""),
        Kind::Unticked => Cow::Borrowed("no"),
        Kind::Ticked => Cow::Borrowed("yes"),
    }
}
