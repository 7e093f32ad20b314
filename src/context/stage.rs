//! How far an intervention has got.

use super::Survey;
use crate::assertion::{Axis, Stage, Time};
use crate::lexicon::CueValue;
use crate::mention::Mention;
use crate::scheme::Concept;
use crate::span::Span;
use crate::text::Kind;

impl Survey<'_> {
    /// A refusal or an early end anywhere in the sentence outweighs an offer or a referral; otherwise the
    /// nearest cue decides, one in the same clause before others. What is only supposed or asked is considered.
    pub(super) fn stage(&self, mention: &Mention, concept: &Concept, time: (Time, Option<Span>)) -> (Stage, Option<Span>) {
        let clause = self.clauses[mention.tokens.0 as usize];
        let reaching = self.reaching(Axis::Stage, mention);
        let ranked = reaching.iter().filter_map(|(distance, hit)| match self.cue(hit).value {
            CueValue::Stage(stage) => {
                let ends = matches!(stage, Stage::Declined | Stage::EndedEarly);
                Some(((!ends, self.clauses[hit.start as usize] != clause, *distance), stage, self.span(hit)))
            }
            _ => None,
        });
        let question = self.asks(mention);
        let (stage, span) = match (ranked.min_by_key(|(rank, ..)| *rank), time) {
            (Some((_, stage, span)), _) => (stage, Some(span)),
            (None, (Time::Planned, span)) => (Stage::Active, span),
            (None, (Time::Hypothetical, span)) => (Stage::Considered, span),
            // `Could CAMHS help?`
            (None, _) if question.is_some() => (Stage::Considered, question),
            (None, (Time::Past, span)) => (Stage::Completed, span),
            // What is done in one go (a voucher, a warning) is done when it is told; the list says which these are.
            (None, _) => (default_stage(concept), None),
        };
        // A referral that is the intervention itself is under way when it is made (coding guide, rulings).
        if stage == Stage::Referred && concept.attributes.get("referral").is_some_and(|kind| kind == "itself") {
            return (Stage::Active, None);
        }
        (stage, span.filter(|_| stage != default_stage(concept)))
    }
}

impl Survey<'_> {
    /// The mark of a question, where the mention's sentence is one and none of a form.
    fn asks(&self, mention: &Mention) -> Option<Span> {
        let sentence = &self.page.sentences[mention.sentence as usize];
        let form = self.page.forms.iter().any(|form| form.question.0 < sentence.end && sentence.start < form.question.1);
        let mark = self.page.tokens[..sentence.end as usize].last().filter(|t| matches!(t.kind, Kind::Question | Kind::Query));
        mark.filter(|_| mention.tokens.1 <= sentence.end && !form).map(|t| t.span)
    }
}

/// The stage of a concept if the note does not say.
fn default_stage(concept: &Concept) -> Stage {
    concept.attributes.get("stage").and_then(|stage| Stage::parse(stage)).unwrap_or(Stage::Active)
}
