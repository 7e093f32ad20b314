//! Now, over, planned, or only "if"?

use super::Survey;
use crate::assertion::{Axis, Subject, Time};
use crate::lexicon::CueValue;
use crate::mention::Mention;
use crate::scheme::Concept;
use crate::span::Span;
use crate::text::{Kind, Page};

/// Years between a dated line and the newest date from which the line is the past.
const OLD: u32 = 2;

impl Survey<'_> {
    /// The nearest cue in the mention's own clause decides; a condition beats a plan, a plan what is over,
    /// and a word of going on (`still`, `again`, `relapsed`) beats what is over.
    pub(super) fn time(&self, mention: &Mention, concept: &Concept, subject: Subject) -> (Time, Option<Span>) {
        let mut best: Option<(u8, u32, Time, Span)> = None;
        for (distance, hit) in self.reaching(Axis::Time, mention) {
            let CueValue::Time(time) = self.cue(&hit).value else { continue };
            // `as a child` is the past of a grown-up only.
            if time == Time::Past && self.cue(&hit).text.contains("as a child") && matches!(subject, Subject::Child | Subject::Sibling) {
                continue;
            }
            // What a service will do is planned; a need or an event is not.
            if time == Time::Planned && self.lexicon.scheme_of(concept.id).id != "intervention" {
                continue;
            }
            let same_clause = self.clauses[hit.start as usize] == self.clauses[mention.tokens.0 as usize];
            let rank = match time {
                Time::Hypothetical => 0,
                Time::Current => 1,
                Time::Planned => 2,
                Time::Past => 3,
            } + if same_clause { 0 } else { 4 };
            if best.is_none_or(|(r, d, ..)| (rank, distance) < (r, d)) {
                best = Some((rank, distance, time, self.span(&hit)));
            }
        }
        match best {
            None => self.dated(mention).map_or((Time::Current, None), |span| (Time::Past, Some(span))),
            Some((_, _, Time::Current, _)) => (Time::Current, None),
            Some((_, _, time, span)) => (time, Some(span)),
        }
    }

    /// In a chronology: the date that opens the mention's line, where it is [`OLD`] years or more before the newest date of the note.
    fn dated(&self, mention: &Mention) -> Option<Span> {
        let line = (0..mention.tokens.0 as usize).rev().find(|&at| self.page.tokens[at].kind == Kind::Line).map_or(0, |at| at + 1);
        let (year, span) = (line..(line + 4).min(self.page.tokens.len())).find_map(|at| Some((year(self.page, at)?, self.page.tokens[at].span)))?;
        (self.newest_year? >= year + OLD).then_some(span)
    }
}

/// The year that a token says: `2019`, `14.06.20`, `03/2021`, `9/3/19`.
pub(super) fn year(page: &Page<'_>, at: usize) -> Option<u32> {
    let token = &page.tokens[at];
    if token.kind != Kind::Number {
        return None;
    }
    let folded = page.folded(token);
    let last = folded.rsplit(['.', '/', ':']).next()?;
    let dotted = folded.len() > last.len();
    // A date with slashes is read as numbers with marks between: `14` `/` `06` `/` `20`.
    let slashed = at >= 2 && page.tokens[at - 1].kind == Kind::Slash && page.tokens[at - 2].kind == Kind::Number;
    let number: u32 = last.parse().ok()?;
    match (number, last.len()) {
        (1950..=2060, 4) => Some(number),
        (0..=60, 2) if (dotted && folded.matches('.').count() == 2) || folded.matches('/').count() == 2 || slashed => Some(2000 + number),
        // `03/19` can only be a month and a year; `03/11` can be a day.
        (13..=60, 2)
            if folded.matches('/').count() == 1 && folded.split('/').next().and_then(|m| m.parse::<u32>().ok()).is_some_and(|m| (1..=12).contains(&m)) =>
        {
            Some(2000 + number)
        }
        _ => None,
    }
}
