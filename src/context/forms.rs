//! Form lines and tick boxes: what the form asks is not what the note says.

use super::{CueHit, Survey};
use crate::assertion::{Axis, Presence};
use crate::lexicon::{CueValue, Direction};
use crate::mention::Mention;
use crate::span::Span;
use crate::text::Kind;

/// What a form says of a mention that is part of its question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The mention is in no question.
    None,
    /// Answered.
    Answered(Presence, Span),
    /// A question that nobody answered.
    Open,
    /// A heading with nothing after it, or a box left empty where no other is ticked.
    Blank,
    /// A heading before a text.
    Heading,
}

impl Form {
    pub(super) fn is_blank(self) -> bool {
        self == Form::Blank
    }

    pub(super) fn is_heading(self) -> bool {
        self == Form::Heading
    }
}

impl Survey<'_> {
    pub(super) fn form(&self, mention: &Mention) -> Form {
        if let Some(form) = self.boxes(mention) {
            return form;
        }
        // Questions are in order and do not overlap, but for a dash inside a line.
        let until = self.page.forms.partition_point(|form| form.question.0 <= mention.tokens.0);
        let inside = self.page.forms[until.saturating_sub(4)..until].iter().filter(|form| mention.tokens.1 <= form.question.1);
        let mut result = Form::None;
        for form in inside {
            let (start, end) = form.answer;
            if start == end && matches!(form.mark, Kind::Colon | Kind::Question) {
                result = if form.mark == Kind::Question { Form::Open } else { Form::Blank };
                continue;
            }
            if let Some((presence, span)) = self.answer(start, end) {
                return Form::Answered(presence, span);
            }
            result = match form.mark {
                Kind::Question => Form::Open,
                Kind::Colon if result == Form::None => Form::Heading,
                _ => result,
            };
        }
        result
    }

    /// The answer that opens the tokens, if it is one: `No`, `N/A`, `None known`, `Yes - see below`.
    fn answer(&self, start: u32, end: u32) -> Option<(Presence, Span)> {
        let mut at = start;
        // `Y / N: N`: the printed choice is no answer.
        loop {
            let folded = |i: u32| self.page.tokens.get(i as usize).map_or("", |t| self.page.folded(t));
            let skip = match folded(at) {
                "y/n" => 1,
                "y" | "yes" if self.page.tokens.get(at as usize + 1).is_some_and(|t| t.kind == Kind::Slash) => 3,
                "a" if self.page.tokens.get(at as usize + 1).is_some_and(|t| t.kind == Kind::Stop) => 2,
                _ if self.page.tokens.get(at as usize).is_some_and(|t| matches!(t.kind, Kind::Colon | Kind::Dash | Kind::Open | Kind::Stop)) => 1,
                _ => 0,
            };
            if skip == 0 {
                break;
            }
            at += skip;
        }
        let end = end.max(at + 3).min(self.page.tokens.len() as u32);
        let opens = |hit: &&CueHit| self.cue(hit).direction == Direction::Answer && hit.start == at && hit.end <= end;
        let hit = self.hits_in(Axis::Presence, self.page.sentence_of(at) as u32).iter().filter(opens).max_by_key(|hit| hit.end)?;
        match self.cue(hit).value {
            CueValue::Presence(presence) => Some((presence, self.span(hit))),
            CueValue::Settled => Some((Presence::Denied, self.span(hit))),
            _ => None,
        }
    }

    /// Tick boxes around the mention: the box before the words, or boxes at `Yes` and `No` after them.
    fn boxes(&self, mention: &Mention) -> Option<Form> {
        let is_box = |kind: Kind| matches!(kind, Kind::Ticked | Kind::Unticked);
        let tokens = &self.page.tokens;
        let on_line = |at: &usize| tokens[*at].kind != Kind::Line;
        let after = (mention.tokens.1 as usize..tokens.len()).take_while(on_line);
        let (mut choice, mut behind) = (None, None);
        for at in after {
            if is_box(tokens[at].kind) {
                let word = tokens.get(at + 1).map_or("", |t| self.page.folded(t));
                let before = tokens.get(at.wrapping_sub(1)).map_or("", |t| self.page.folded(t));
                // `☐ Yes ☒ No`, or `Yes ☐ No ☒`: the first box of the line tells on which side its word stands.
                let answer = |word: &str| matches!(word, "yes" | "y" | "no" | "n");
                let named = match *behind.get_or_insert(answer(before)) {
                    true if answer(before) => before,
                    false if answer(word) => word,
                    _ => break,
                };
                if tokens[at].kind == Kind::Ticked {
                    let presence = if named.starts_with('y') { Presence::Affirmed } else { Presence::Denied };
                    choice = Some(Form::Answered(presence, tokens[at].span));
                } else if choice.is_none() {
                    choice = Some(Form::Blank);
                }
            }
        }
        if choice.is_some() {
            return choice;
        }
        let before = (0..mention.tokens.0 as usize).rev().take_while(on_line).find(|&at| is_box(tokens[at].kind))?;
        if matches!(self.page.folded(&tokens[before + 1]), "yes" | "no" | "y" | "n") {
            return None;
        }
        let presence = if tokens[before].kind == Kind::Ticked { Presence::Affirmed } else { Presence::Denied };
        Some(Form::Answered(presence, tokens[before].span))
    }
}
