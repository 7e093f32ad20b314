//! From characters to tokens: words, numbers and the punctuation that parts clauses.

use super::decode::{Glyph, decode};
use super::vocabulary::{Vocabulary, WordId};
use crate::span::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Letters, or letters and digits.
    Word,
    /// Digits, with what belongs to them (`90%`, `14:30`, `3.5`).
    Number,
    /// `,`
    Comma,
    /// `.` or `…`
    Stop,
    /// `?` after a word: ends a question.
    Question,
    /// `?` before a word: the writer is not sure (`?ADHD`).
    Query,
    /// `!`
    Exclamation,
    /// `:`
    Colon,
    /// `;`
    Semicolon,
    /// A dash between words (not the hyphen of a compound).
    Dash,
    /// `/` between longer words.
    Slash,
    /// `(` or `[`
    Open,
    /// `)` or `]`
    Close,
    /// A double quotation mark.
    Quote,
    /// A bullet.
    Bullet,
    /// An empty tick box.
    Unticked,
    /// A filled tick box.
    Ticked,
    /// The end of a line that is also the end of something.
    Line,
}

/// A word, a number or a mark of punctuation.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// Its place in the original note.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
    /// The word it is a form of; [`WordId::UNKNOWN`] for words that no list uses and for punctuation.
    pub word: WordId,
    /// All its letters are capitals (and it has one).
    pub capitals: bool,
    /// Its first letter is a capital.
    pub initial: bool,
    /// It ends in `'s` or `s'`.
    pub possessive: bool,
    /// It was read as a misspelling of a word that the lists use.
    pub misspelt: bool,
    /// Where its folded form stands in [`super::Page::folded`].
    pub(super) folded: (u32, u32),
}

/// The tokens and the buffer of their folded forms.
pub(super) struct Tokens {
    pub(super) tokens: Vec<Token>,
    pub(super) folded: String,
}

/// Reads `text` into tokens.
pub(super) fn tokenize(text: &str, vocabulary: &Vocabulary) -> Tokens {
    let glyphs = decode(text);
    let mut out = Tokens { tokens: Vec::with_capacity(text.len() / 5 + 4), folded: String::with_capacity(text.len()) };
    let mut at = 0;
    while at < glyphs.len() {
        let ch = glyphs[at].ch;
        at = if ch.is_alphanumeric() {
            word(&glyphs, at, &mut out, vocabulary)
        } else if matches!(ch, '&' | '+') {
            and(glyphs[at], &mut out, vocabulary);
            at + 1
        } else {
            mark(&glyphs, at, &mut out)
        };
    }
    out
}

/// The length of the run of letters and digits from `at`, at most `limit + 1`.
fn run_length(glyphs: &[Glyph], at: usize, limit: usize) -> usize {
    glyphs[at..].iter().take(limit + 1).take_while(|g| g.ch.is_alphanumeric()).count()
}

fn word(glyphs: &[Glyph], start: usize, out: &mut Tokens, vocabulary: &Vocabulary) -> usize {
    let folded_start = out.folded.len();
    let (mut upper, mut lower, mut digits, mut run) = (0u32, 0u32, 0u32, 0usize);
    let mut possessive = false;
    let mut at = start;
    while at < glyphs.len() {
        let ch = glyphs[at].ch;
        if ch.is_alphanumeric() {
            let letter = !ch.is_ascii_digit();
            // `14yo` is a number and a word; `2nd` and `4x4` are one token.
            if letter && digits > 0 && upper + lower == 0 && !ordinal(glyphs, at) {
                break;
            }
            digits += u32::from(!letter);
            upper += u32::from(ch.is_uppercase());
            lower += u32::from(letter && !ch.is_uppercase());
            run += 1;
            if ch.is_ascii() {
                out.folded.push(ch.to_ascii_lowercase());
            } else {
                out.folded.extend(ch.to_lowercase());
            }
            at += 1;
            continue;
        }
        let next = glyphs.get(at + 1).map_or(' ', |g| g.ch);
        let joins = next.is_alphanumeric()
            && match ch {
                '\'' => true,
                // `A&E`, `24/7`, `m/o`: short on both sides.
                '&' | '/' => run <= 2 && run_length(glyphs, at + 1, 2) <= 2,
                ':' | ',' => digits as usize == run && next.is_ascii_digit() && (ch == ':' || run_length(glyphs, at + 1, 3) == 3),
                // `3.5`, `D.V.`, `s.47`
                '.' => (digits as usize == run && next.is_ascii_digit()) || (run == 1 && digits == 0 && run_length(glyphs, at + 1, 3) <= 2),
                _ => false,
            };
        if !joins {
            break;
        }
        match ch {
            '\'' => {
                possessive = matches!(next, 's' | 'S') && !glyphs.get(at + 2).is_some_and(|g| g.ch.is_alphanumeric());
                if possessive {
                    // The owner, not the plural: `mum's` is read as `mum`.
                    at += 2;
                    break;
                }
            }
            '.' if digits == 0 => {}
            _ => out.folded.push(ch),
        }
        run = 0;
        at += 1;
        if matches!(ch, '&' | '/') {
            digits = 0;
        }
    }
    let last = at - 1;
    let mut end = glyphs[last].end;
    if digits > 0 && upper + lower == 0 && glyphs.get(at).is_some_and(|g| g.ch == '%') {
        out.folded.push('%');
        end = glyphs[at].end;
        at += 1;
    }
    let folded = (folded_start as u32, out.folded.len() as u32);
    let kind = if upper + lower == 0 { Kind::Number } else { Kind::Word };
    let form = &out.folded[folded_start..];
    let (word, misspelt) = vocabulary.read(form);
    // `parents'`: an apostrophe after a plural.
    if !possessive && form.ends_with('s') && glyphs.get(at).is_some_and(|g| g.ch == '\'') {
        possessive = true;
        at += 1;
    }
    out.tokens.push(Token {
        span: Span::new(glyphs[start].start, end),
        kind,
        word,
        capitals: upper > 0 && lower == 0,
        initial: glyphs[start].ch.is_uppercase(),
        possessive,
        misspelt,
        folded,
    });
    out.folded.push(' ');
    at
}

/// `&` and `+` by themselves are read as `and`.
fn and(glyph: Glyph, out: &mut Tokens, vocabulary: &Vocabulary) {
    let start = out.folded.len() as u32;
    out.folded.push_str("and");
    let folded = (start, out.folded.len() as u32);
    out.folded.push(' ');
    let (word, misspelt) = vocabulary.read("and");
    let span = Span::new(glyph.start, glyph.end);
    out.tokens.push(Token { span, kind: Kind::Word, word, capitals: false, initial: false, possessive: false, misspelt, folded });
}

fn ordinal(glyphs: &[Glyph], at: usize) -> bool {
    let tail: String = glyphs[at..].iter().take(3).map(|g| g.ch.to_ascii_lowercase()).collect();
    let suffix = ["st", "nd", "rd", "th"].iter().any(|s| tail.starts_with(s));
    let end = tail.chars().nth(2).is_none_or(|ch| !ch.is_alphanumeric());
    (suffix && end) || (tail.starts_with('x') && tail.chars().nth(1).is_some_and(|ch| ch.is_ascii_digit()))
}

fn mark(glyphs: &[Glyph], at: usize, out: &mut Tokens) -> usize {
    let glyph = glyphs[at];
    let before = at.checked_sub(1).map_or(' ', |i| glyphs[i].ch);
    let next = glyphs.get(at + 1).map_or(' ', |g| g.ch);
    let mut after = at + 1;
    let kind = match glyph.ch {
        ',' => Kind::Comma,
        '.' | '…' => Kind::Stop,
        '?' if before.is_whitespace() || matches!(before, '(' | '-' | ':' | ',' | '/' | ';') => Kind::Query,
        '?' => Kind::Question,
        '!' => Kind::Exclamation,
        ':' => Kind::Colon,
        ';' => Kind::Semicolon,
        '/' | '\\' | '|' => Kind::Slash,
        '"' => Kind::Quote,
        '•' => Kind::Bullet,
        '☐' => Kind::Unticked,
        '☑' => Kind::Ticked,
        '\u{2013}' => Kind::Dash,
        '-' | '*' | '>' if line_start(out) => Kind::Bullet,
        // `word - word` parts clauses, `self-harm` does not.
        '-' if !(before.is_alphanumeric() && next.is_alphanumeric()) => Kind::Dash,
        '[' | '(' => match tick_box(glyphs, at) {
            Some((kind, length)) => {
                after = at + length;
                kind
            }
            None => Kind::Open,
        },
        ']' | ')' => Kind::Close,
        '\r' if next == '\n' => return after,
        '\n' | '\r' => Kind::Line,
        _ => return after,
    };
    let span = Span::new(glyph.start, glyphs[after - 1].end);
    // A run of dots, dashes or line ends is one mark; two line ends keep both (a blank line).
    if let Some(previous) = out.tokens.last()
        && previous.kind == kind
        && matches!(kind, Kind::Stop | Kind::Dash | Kind::Question | Kind::Exclamation)
    {
        return after;
    }
    out.tokens.push(Token {
        span,
        kind,
        word: WordId::UNKNOWN,
        capitals: false,
        initial: false,
        possessive: false,
        misspelt: false,
        folded: (out.folded.len() as u32, out.folded.len() as u32),
    });
    after
}

fn line_start(out: &Tokens) -> bool {
    out.tokens.last().is_none_or(|t| t.kind == Kind::Line)
}

/// `[ ]`, `[x]`, `( )`, `(X)`: the kind and how many characters it takes.
fn tick_box(glyphs: &[Glyph], at: usize) -> Option<(Kind, usize)> {
    let inside: Vec<char> = glyphs[at + 1..].iter().take(3).map(|g| g.ch).collect();
    match inside.as_slice() {
        [']' | ')', ..] => Some((Kind::Unticked, 2)),
        [' ', ']' | ')', ..] => Some((Kind::Unticked, 3)),
        ['x' | 'X' | '☑' | '/', ']' | ')', ..] => Some((Kind::Ticked, 3)),
        _ => None,
    }
}
