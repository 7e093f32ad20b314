//! From a page to proposals: what the signals read, judged, and gathered by concept and subject.

use std::collections::BTreeMap;

use super::{Extractor, Proposal, Sources};
use crate::assertion::{Assertion, Axis, CueEvidence, Presence, Stage, Time};
use crate::context::Judgement;
use crate::dictionary::Readings;
use crate::fusion::{self, Candidate, Group, Surroundings};
use crate::lexicon::Strength;
use crate::mention::{Fit, LabelId, Mention, SetAside};
use crate::model::{Opinions, Survey};
use crate::scheme::ConceptId;
use crate::span::Span;
use crate::suggestion::{Evidence, Reason, Score, Source, Suppressed};
use crate::text::Page;

/// A candidate with the tokens that it was read at.
struct Read {
    candidate: Candidate,
    tokens: (u32, u32),
}

/// Least log-odds at which the model's words join those of labels.
const JOINS: f32 = 0.0;

impl Extractor {
    /// Every group of evidence on the page, and what was set aside before it became evidence.
    pub(super) fn proposals(&self, page: &Page<'_>, sources: Sources) -> (Vec<Proposal>, Vec<Suppressed>) {
        let readings = if sources == Sources::Model { Readings::default() } else { self.dictionary.read(page, &self.lexicon) };
        // The model was tried when it was opened: what can fail there has failed then.
        let model = self.trained(sources).map(|trained| trained.model.survey(page).expect("a model that was tried reads every page"));
        if readings.mentions.is_empty() && readings.set_aside.is_empty() && model.as_ref().is_none_or(|survey| survey.readings().is_empty()) {
            return (Vec::new(), Vec::new());
        }
        let survey = self.context.survey(page, &self.lexicon);
        let judge = |mention: &Mention| survey.assertion(mention, self.lexicon.get(mention.concept));
        let mut suppressed: BTreeMap<(ConceptId, Reason), Suppressed> = BTreeMap::new();
        let mut set_aside = |judgement: Judgement, mention: &Mention, reason: Reason| {
            let entry = suppressed.entry((judgement.concept, reason)).or_insert_with(|| Suppressed {
                concept: judgement.concept,
                reason,
                assertion: judgement.assertion,
                evidence: Vec::new(),
            });
            entry.evidence.push(self.evidence(mention));
        };
        let mut read: Vec<Read> = Vec::new();
        for mention in &readings.mentions {
            let judgement = judge(mention);
            if judgement.boilerplate {
                set_aside(judgement, mention, Reason::Filtered);
                continue;
            }
            let Judgement { concept, assertion, heading, .. } = judgement;
            let candidate = Candidate { concept, assertion, evidence: self.evidence(mention), fit: mention.fit, heading, doubt: 0.0 };
            read.push(Read { candidate, tokens: mention.tokens });
        }
        for (mention, why) in &readings.set_aside {
            let reason = match why {
                SetAside::AmbiguousLabel => Reason::AmbiguousLabel,
                SetAside::Filtered => Reason::Filtered,
            };
            set_aside(judge(mention), mention, reason);
        }
        if let Some(model) = &model {
            self.add_readings(page, model, judge, &mut read);
        }
        read.sort_by_key(|read| read.tokens);
        let rivals: Vec<(ConceptId, (u32, u32))> = read.iter().map(|read| (read.candidate.concept, read.tokens)).collect();
        let candidates: Vec<Candidate> = read.into_iter().map(|read| read.candidate).collect();
        let suppressed = suppressed.into_values().filter(|s| !rivals.iter().any(|(concept, _)| *concept == s.concept)).collect();
        let proposals = fusion::groups(candidates)
            .into_iter()
            .map(|group| {
                let surroundings = self.surroundings(&group, &rivals, model.as_ref());
                let features = fusion::features(&group, &self.lexicon, self.calibrator.records(), surroundings);
                Proposal { group, features }
            })
            .collect();
        (proposals, suppressed)
    }

    /// Adds what the model read, and its opinions on the attributes of everything that was read.
    fn add_readings(&self, page: &Page<'_>, model: &Survey<'_>, judge: impl Fn(&Mention) -> Judgement, read: &mut Vec<Read>) {
        let by_label = read.len();
        for reading in model.readings() {
            let labelled = read[..by_label].iter().any(|read| read.candidate.concept == reading.concept);
            if labelled && reading.log_odds < JOINS {
                continue;
            }
            let (start, end) = reading.tokens;
            let mention = Mention {
                concept: reading.concept,
                label: LabelId(u32::MAX),
                span: page.span(start, end),
                tokens: reading.tokens,
                sentence: page.sentence_of(start) as u32,
                fit: Fit::default(),
            };
            let Judgement { assertion, boilerplate, heading, .. } = judge(&mention);
            if boilerplate {
                continue;
            }
            let evidence = Evidence { span: mention.span, source: Source::Model, label: None, score: Score(reading.log_odds) };
            let candidate = Candidate { concept: reading.concept, assertion, evidence, fit: mention.fit, heading, doubt: 0.0 };
            read.push(Read { candidate, tokens: reading.tokens });
        }
        let places: Vec<(ConceptId, (u32, u32))> = read.iter().map(|read| (read.candidate.concept, read.tokens)).collect();
        let opinions = model.opinions(&places).expect("a model that was tried reads every page");
        for (read, opinions) in read.iter_mut().zip(&opinions) {
            read.candidate.doubt = opinions.doubt();
            consider(&mut read.candidate.assertion, opinions, read.candidate.evidence.span);
        }
        // The model's words for a concept that labels found too are more evidence of the same. The label's words are fewer, so
        // what is said of them is judged there.
        let (labels, models) = read.split_at_mut(by_label);
        for added in models {
            if let Some(same) = labels.iter().find(|read| read.candidate.concept == added.candidate.concept) {
                added.candidate.assertion = same.candidate.assertion.clone();
            }
        }
    }

    pub(super) fn evidence(&self, mention: &Mention) -> Evidence {
        let strength = self.lexicon.label(mention.label).strength;
        // The curator's estimate as log-odds: nine, seven and four in ten.
        let score = Score(match strength {
            Strength::Strong => 2.2,
            Strength::Fair => 0.85,
            Strength::Weak => -0.4,
        });
        Evidence { span: mention.span, source: Source::Dictionary, label: Some(mention.label), score }
    }

    /// What else of the scheme was found in the note, and what the model says of the concept.
    fn surroundings(&self, group: &Group, found: &[(ConceptId, (u32, u32))], model: Option<&Survey<'_>>) -> Surroundings {
        let concept = self.lexicon.get(group.concept);
        let own: Vec<(u32, u32)> = found.iter().filter(|(id, _)| *id == group.concept).map(|(_, tokens)| *tokens).collect();
        let overlaps = |tokens: &(u32, u32)| own.iter().any(|o| o.0 < tokens.1 && tokens.0 < o.1);
        let count = |wanted: &dyn Fn(ConceptId, &(u32, u32)) -> bool| {
            let mut others: Vec<ConceptId> = found.iter().filter(|(id, tokens)| *id != group.concept && wanted(*id, tokens)).map(|(id, _)| *id).collect();
            others.sort();
            others.dedup();
            others.len()
        };
        Surroundings {
            rivals: count(&|id, tokens| self.lexicon.get(id).scheme == concept.scheme && self.lexicon.get(id).leaf && overlaps(tokens)),
            company: count(&|id, tokens| self.lexicon.get(id).broader == concept.broader && concept.broader.is_some() && !overlaps(tokens)),
            model: model.map(|survey| survey.log_odds(group.concept)),
        }
    }
}

/// Takes the model's likeliest value of each attribute that no cue of the note has set.
/// The words that it looked at are named as those that set it.
fn consider(assertion: &mut Assertion, opinions: &Opinions, span: Span) {
    for axis in Axis::ALL {
        let cued = assertion.cues.iter().any(|cue| cue.axis == axis);
        let (value, probability) = opinions.likeliest(axis);
        if !cued && probability >= SURE && assertion.value(axis).is_some_and(|now| now != value) {
            assertion.set(axis, value);
            assertion.cues.push(CueEvidence { axis, span });
        }
    }
    // As in the rules of context: a hypothetical code is possible at most, and refused help is no denial.
    if assertion.time == Time::Hypothetical && matches!(assertion.presence, Presence::Affirmed | Presence::Alleged) {
        assertion.presence = Presence::Possible;
    }
    if assertion.stage == Some(Stage::Declined) && assertion.presence == Presence::Denied {
        assertion.presence = Presence::Affirmed;
    }
}

/// How sure the model has to be of a value.
const SURE: f32 = 0.5;
