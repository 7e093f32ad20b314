//! Is it so, alleged, possible, or denied?

use super::forms::Form;
use super::{Found, Survey};
use crate::assertion::{Axis, Presence};
use crate::lexicon::{CueValue, Direction, Reach};
use crate::mention::Mention;
use crate::span::Span;
use crate::text::Kind;

/// How many sentences after a question its answer may stand.
const ANSWER: u32 = 2;

impl Survey<'_> {
    pub(super) fn presence(&self, mention: &Mention, form: &Form, intervention: bool) -> (Presence, Option<Span>) {
        match form {
            Form::Answered(Presence::Affirmed, _) => return (Presence::Affirmed, None),
            Form::Answered(presence, span) => return (*presence, Some(*span)),
            _ => {}
        }
        let reaching = self.reaching(Axis::Presence, mention);
        let start = mention.tokens.0;
        // The nearest word that affirms (`admits`, `does not deny`) cuts off what stands before it.
        let cut =
            reaching.iter().filter(|(_, hit)| self.cue(hit).value == CueValue::Presence(Presence::Affirmed) && hit.end <= start).map(|(_, hit)| hit.end).max();
        // Words that begin with their own denial (`no food`) are the next item of a list, not the object of the denial before.
        let denies_itself = self
            .hits_in(Axis::Presence, mention.sentence)
            .iter()
            .any(|hit| self.cue(hit).value == CueValue::Presence(Presence::Denied) && hit.start == start && hit.end < mention.tokens.1);
        let mut found: [Found<Presence>; 4] = [None; 4];
        for (_, hit) in &reaching {
            let list = self.cue(hit).reach == Reach::List && hit.end <= start;
            if cut.is_some_and(|cut| hit.end < cut) || denies_itself && list {
                continue;
            }
            let (slot, presence) = match self.cue(hit).value {
                CueValue::Settled => (0, Presence::Denied),
                CueValue::Presence(Presence::Denied) => (1, Presence::Denied),
                CueValue::Presence(Presence::Alleged) => (2, Presence::Alleged),
                CueValue::Presence(Presence::Possible) => (3, Presence::Possible),
                _ => continue,
            };
            if found[slot].is_none() {
                found[slot] = Some((presence, Some(self.span(hit))));
            }
        }
        let [settled, denied, alleged, possible] = found;
        // A settled denial first; then a claim, even beside its denial (coding guide, rulings).
        if let Some(found) = settled.or(alleged).or(denied).or_else(|| self.answered(mention)).or(possible) {
            return found;
        }
        // A question about a service asks for it; whether it is so is asked of a need or an event.
        if let Some(span) = self.query(mention).filter(|_| !intervention) {
            return (Presence::Possible, Some(span));
        }
        if let Form::Open = form {
            return (
                Presence::Possible,
                self.page.forms[..self.page.forms.partition_point(|f| f.question.0 <= start)]
                    .iter()
                    .rev()
                    .find(|f| start < f.question.1)
                    .map(|f| self.page.tokens[f.question.1 as usize].span),
            );
        }
        (Presence::Affirmed, None)
    }

    /// `Asked if she had thought of ending it. Never, she said.`: who asks and is told no.
    fn answered(&self, mention: &Mention) -> Found<Presence> {
        let own = self.page.sentences[mention.sentence as usize].start;
        let before = &self.page.tokens[own as usize..mention.tokens.0 as usize];
        if !before.iter().any(|t| matches!(self.page.folded(t), "asked" | "asks" | "asking" | "ask")) {
            return None;
        }
        // The answer may follow a word for how it was given: `Appalled. Never.`
        let no = |hit: &&super::CueHit| {
            let cue = self.cue(hit);
            let opens = hit.start <= self.page.sentences[hit.sentence as usize].start + 1;
            opens && cue.direction == Direction::Answer && cue.value == CueValue::Presence(Presence::Denied)
        };
        let found = (1..=ANSWER).find_map(|after| self.hits_in(Axis::Presence, mention.sentence + after).iter().find(no))?;
        Some((Presence::Denied, Some(self.span(found))))
    }

    /// `?ADHD`, `ADHD (?)`: a question mark before the words, or alone right after them.
    fn query(&self, mention: &Mention) -> Option<Span> {
        let tokens = &self.page.tokens;
        let before =
            (0..mention.tokens.0 as usize).rev().take(3).take_while(|&at| !matches!(tokens[at].kind, Kind::Line | Kind::Stop | Kind::Comma | Kind::Semicolon));
        let query = before.map(|at| &tokens[at]).find(|t| t.kind == Kind::Query);
        query.or_else(|| tokens[mention.tokens.1 as usize..].iter().take(2).find(|t| t.kind == Kind::Query && t.span.start > 0)).map(|t| t.span)
    }
}
