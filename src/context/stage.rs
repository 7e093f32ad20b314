//! How far an intervention has got.

use super::Survey;
use crate::assertion::{Axis, Presence, Stage, Time};
use crate::lexicon::CueValue;
use crate::mention::Mention;
use crate::span::Span;

impl Survey<'_> {
    /// The nearest cue decides, one in the same clause before others; what is planned without more is asked for.
    pub(super) fn stage(&self, mention: &Mention, _presence: Presence, time: Time) -> (Stage, Option<Span>) {
        let clause = self.clauses[mention.tokens.0 as usize];
        let reaching = self.reaching(Axis::Stage, mention);
        let nearest = reaching.iter().filter_map(|(distance, hit)| match self.cue(hit).value {
            CueValue::Stage(stage) => Some((self.clauses[hit.start as usize] != clause, *distance, stage, self.span(hit))),
            _ => None,
        });
        match nearest.min_by_key(|(other, distance, ..)| (*other, *distance)) {
            Some((_, _, stage, span)) => (stage, (stage != Stage::Active).then_some(span)),
            None if time == Time::Planned => (Stage::Referred, None),
            None if time == Time::Past => (Stage::Completed, None),
            None => (Stage::Active, None),
        }
    }
}
