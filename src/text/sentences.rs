//! Where sentences begin and end, and which lines are a form's question with its answer.

use rustc_hash::FxHashSet;

use super::tokens::{Kind, Token, Tokens};
use crate::span::Span;

/// A stretch of the page that is read as one statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// First token.
    pub start: u32,
    /// One past the last token.
    pub end: u32,
    /// Its place in the original note, without surrounding space.
    pub span: Span,
    /// It is written in capitals, so capitals say nothing.
    pub capitals: bool,
}

/// `Any drug use? No`, `Drug use: none`, or a short line with a line under it: the words
/// asked, and the words that may answer. Whether they do is for the reader of cues to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormLine {
    /// The question or heading: first token, one past the last.
    pub question: (u32, u32),
    /// What follows on the same line, or on the next; empty where the form was left blank.
    pub answer: (u32, u32),
    /// What stands between the two.
    pub mark: Kind,
}

/// Longest heading before a colon, a dash or a line end, in words.
const MAX_HEADING: usize = 9;
/// A line shorter than this was not wrapped by a mail program.
const WRAP: u32 = 50;

/// Splits the tokens into sentences and drops the line ends that only wrap a line.
pub(super) fn split(read: &mut Tokens, abbreviations: &FxHashSet<Box<str>>) -> (Vec<Sentence>, Vec<FormLine>) {
    unwrap_lines(read);
    let tokens = &read.tokens;
    let mut sentences = Vec::new();
    let mut start = 0;
    for at in 0..tokens.len() {
        let token = &tokens[at];
        let ends = match token.kind {
            Kind::Line => true,
            Kind::Question | Kind::Exclamation => true,
            Kind::Stop => stop_ends(read, at, abbreviations),
            Kind::Bullet => at > start,
            _ => false,
        };
        if ends {
            // A bullet opens the next sentence; every other end belongs to the one before.
            let end = if token.kind == Kind::Bullet { at } else { at + 1 };
            push(&mut sentences, tokens, start, end);
            start = end;
        }
    }
    push(&mut sentences, tokens, start, tokens.len());
    let forms = form_lines(tokens);
    (sentences, forms)
}

fn push(sentences: &mut Vec<Sentence>, tokens: &[Token], start: usize, end: usize) {
    let slice = &tokens[start..end];
    let words = || slice.iter().filter(|t| t.kind == Kind::Word);
    let (Some(first), Some(last)) = (slice.iter().find(|t| t.kind != Kind::Line), slice.iter().rfind(|t| t.kind != Kind::Line)) else { return };
    if !slice.iter().any(|t| matches!(t.kind, Kind::Word | Kind::Number)) {
        return;
    }
    let (count, capitals) = (words().count(), words().filter(|t| t.capitals).count());
    sentences.push(Sentence {
        start: start as u32,
        end: end as u32,
        span: Span::new(first.span.start, last.span.end),
        capitals: count >= 4 && capitals * 10 >= count * 7,
    });
}

/// Drops each line end that only wraps a sentence: a long line, and the next goes on in small letters.
fn unwrap_lines(read: &mut Tokens) {
    let tokens = &read.tokens;
    if !tokens.iter().any(|t| t.kind == Kind::Line) {
        return;
    }
    let mut keep = vec![true; tokens.len()];
    let mut line_start = 0u32;
    for at in 0..tokens.len() {
        if tokens[at].kind != Kind::Line {
            continue;
        }
        let length = tokens[at].span.start.saturating_sub(line_start);
        line_start = tokens[at].span.end;
        let before = at.checked_sub(1).map(|i| &tokens[i]);
        let after = tokens.get(at + 1);
        let open = before.is_some_and(|t| matches!(t.kind, Kind::Word | Kind::Number | Kind::Comma));
        let goes_on = after.is_some_and(|t| t.kind == Kind::Word && !t.initial);
        keep[at] = !(open && goes_on && length >= WRAP);
    }
    let mut index = 0;
    read.tokens.retain(|_| {
        index += 1;
        keep[index - 1]
    });
}

/// Whether the full stop at `at` ends a sentence.
fn stop_ends(read: &Tokens, at: usize, abbreviations: &FxHashSet<Box<str>>) -> bool {
    let tokens = &read.tokens;
    let Some(next) = tokens.get(at + 1) else { return true };
    // `file.pdf`: no space follows, and small letters do.
    if next.kind == Kind::Word && next.span.start == tokens[at].span.end && !next.initial {
        return false;
    }
    let Some(before) = at.checked_sub(1).map(|i| &tokens[i]).filter(|t| t.kind == Kind::Word && t.span.end == tokens[at].span.start) else { return true };
    let folded = &read.folded[before.folded.0 as usize..before.folded.1 as usize];
    if next.initial {
        // A title or an initial before a name; any other abbreviation may end the sentence.
        let initial = before.span.len() == 1 && before.initial && next.span.len() > 1;
        !(initial || abbreviations.contains(format!("{folded} *").as_str()))
    } else {
        next.kind == Kind::Line || !(abbreviations.contains(folded) || (matches!(folded, "no" | "nos") && next.kind == Kind::Number))
    }
}

/// Finds questions and headings with what may answer them.
fn form_lines(tokens: &[Token]) -> Vec<FormLine> {
    let mut forms = Vec::new();
    let mut start = 0;
    let words = |range: &[Token]| range.iter().filter(|t| matches!(t.kind, Kind::Word | Kind::Number)).count();
    for (at, token) in tokens.iter().enumerate() {
        let count = words(&tokens[start..at]);
        match token.kind {
            Kind::Question if count > 0 => forms.push(FormLine { question: (start as u32, at as u32), answer: answer_after(tokens, at + 1), mark: token.kind }),
            Kind::Colon | Kind::Dash if (1..=MAX_HEADING).contains(&count) => {
                forms.push(FormLine { question: (start as u32, at as u32), answer: answer_after(tokens, at + 1), mark: token.kind });
            }
            Kind::Line if (1..=MAX_HEADING).contains(&count) && tokens.get(at + 1).is_some_and(|t| matches!(t.kind, Kind::Word | Kind::Number)) => {
                forms.push(FormLine { question: (start as u32, at as u32), answer: answer_after(tokens, at + 1), mark: token.kind });
            }
            _ => {}
        }
        if matches!(token.kind, Kind::Line | Kind::Stop | Kind::Semicolon | Kind::Exclamation | Kind::Question | Kind::Colon) {
            start = at + 1;
        }
    }
    forms
}

/// What may answer a question that ends before `at`: the rest of the line, or the next line; up to the end of the sentence.
fn answer_after(tokens: &[Token], at: usize) -> (u32, u32) {
    let mut start = at;
    while tokens.get(start).is_some_and(|t| matches!(t.kind, Kind::Dash | Kind::Bullet)) {
        start += 1;
    }
    if tokens.get(start).is_some_and(|t| t.kind == Kind::Line) {
        let line: Vec<&Token> = tokens[start + 1..].iter().take_while(|t| t.kind != Kind::Line).collect();
        // The next line is a question or heading of its own, or there is none: left blank.
        if line.iter().any(|t| matches!(t.kind, Kind::Question | Kind::Colon)) && line.first().is_some_and(|t| t.kind != Kind::Bullet) || line.is_empty() {
            return (at as u32, at as u32);
        }
        start += 1;
    }
    let ends = |t: &Token| matches!(t.kind, Kind::Line | Kind::Stop | Kind::Semicolon | Kind::Question);
    let end = tokens[start.min(tokens.len())..].iter().position(ends).map_or(tokens.len(), |i| start + i);
    (start as u32, end.max(start) as u32)
}
