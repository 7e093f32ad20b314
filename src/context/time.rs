//! Now, over, planned, or only "if"?

use super::Survey;
use crate::assertion::{Axis, Subject, Time};
use crate::lexicon::CueValue;
use crate::mention::Mention;
use crate::span::Span;

impl Survey<'_> {
    /// The nearest cue in the mention's own clause decides; a condition beats a plan, a plan what is over,
    /// and a word of going on (`still`, `again`, `relapsed`) beats what is over.
    pub(super) fn time(&self, mention: &Mention, subject: Subject) -> (Time, Option<Span>) {
        let mut best: Option<(u8, u32, Time, Span)> = None;
        for (distance, hit) in self.reaching(Axis::Time, mention) {
            let CueValue::Time(time) = self.cue(&hit).value else { continue };
            // `as a child` is the past of a grown-up only.
            if time == Time::Past && self.cue(&hit).text.contains("as a child") && matches!(subject, Subject::Child | Subject::Sibling) {
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
            Some((_, _, Time::Current, _)) | None => (Time::Current, None),
            Some((_, _, time, span)) => (time, Some(span)),
        }
    }
}
