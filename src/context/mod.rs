//! Did it happen, when, to whom, in which part, and how far did it get.
//!
//! The method is ConText's (Harkema, Dowling, Thornblade and Chapman 2009): cues with a
//! direction and a reach, pseudo-cues that cover them, and words that end a reach. The
//! page is surveyed once ([`Context::survey`]); each mention is then judged against the
//! survey ([`Survey::assertion`]), one file an axis.

mod clauses;
mod forms;
mod persons;
mod presence;
mod role;
mod scope;
mod stage;
mod subject;
mod time;

use crate::assertion::{Assertion, Axis, CueEvidence};
use crate::lexicon::{Cue, CueValue, Direction, Lexicon, Reach};
use crate::mention::Mention;
use crate::scheme::{Concept, ConceptId};
use crate::span::Span;
use crate::text::{Page, Pattern, PatternSet};

use persons::Person;

/// The cues of all axes, ready to be found.
pub struct Context {
    cues: PatternSet,
}

/// A cue found on a page.
#[derive(Clone, Copy, Debug)]
struct CueHit {
    /// Its place in [`Lexicon::cues`].
    cue: u32,
    start: u32,
    end: u32,
    sentence: u32,
}

/// Everything on a page that can change an assertion.
pub struct Survey<'a> {
    page: &'a Page<'a>,
    lexicon: &'a Lexicon,
    /// The cues of each axis that no longer cue covers, in order of the page.
    hits: [Vec<CueHit>; 5],
    /// Of these, the headings that govern what stands under them.
    sections: [Vec<CueHit>; 5],
    /// The newest year that the page names.
    newest_year: Option<u32>,
    /// The clause of every token; clauses are numbered through the page.
    clauses: Vec<u32>,
    /// For a bullet: the sentence that introduces the list.
    leads: Vec<Option<u32>>,
    persons: Vec<Person>,
}

/// What a page says of one mention.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The concept, which is the counterpart of the one read where the person is of the other age group.
    pub concept: ConceptId,
    /// The five attributes with their cues.
    pub assertion: Assertion,
    /// The words are a form's question or an empty box: no evidence of anything.
    pub boilerplate: bool,
    /// The words are a heading, which says less than a statement.
    pub heading: bool,
}

/// A value that a cue gave, and where the cue stands.
type Found<T> = Option<(T, Option<Span>)>;

impl Context {
    /// Prepares the patterns of the cues, which the lexicon no longer needs.
    pub fn new(cues: Vec<Pattern>, lexicon: &Lexicon) -> Self {
        Self { cues: PatternSet::new(cues, &lexicon.language.vocabulary) }
    }

    /// Finds everything on the page that can change an assertion.
    pub fn survey<'a>(&self, page: &'a Page<'a>, lexicon: &'a Lexicon) -> Survey<'a> {
        let mut hits: [Vec<CueHit>; 5] = Default::default();
        for hit in self.cues.find(page, &lexicon.language) {
            let cue = &lexicon.cues[hit.pattern as usize];
            let sentence = page.sentence_of(hit.start) as u32;
            // A misspelt word is no cue: cues are short and decide too much.
            if hit.misspelt || hit.end > page.sentences[sentence as usize].end {
                continue;
            }
            hits[cue.axis as usize].push(CueHit { cue: hit.pattern, start: hit.start, end: hit.end, sentence });
        }
        for axis in &mut hits {
            uncover(axis, lexicon);
        }
        let is_section = |hit: &&CueHit| lexicon.cues[hit.cue as usize].reach == Reach::Section;
        let sections = std::array::from_fn(|axis| hits[axis].iter().filter(is_section).copied().collect());
        let clauses = clauses::number(page, lexicon, &hits);
        let leads = clauses::leads(page);
        let persons = persons::find(page, lexicon, &hits[Axis::Subject as usize], &clauses);
        let newest_year = (0..page.tokens.len()).filter_map(|at| time::year(page, at)).max();
        Survey { page, lexicon, hits, sections, newest_year, clauses, leads, persons }
    }
}

/// Drops each cue that a longer one covers in part or whole: `not deny` covers `deny that`, a pseudo-cue
/// the cues inside it. Cues that look the other way are left alone (`is not` behind, `not` before).
fn uncover(hits: &mut Vec<CueHit>, lexicon: &Lexicon) {
    let all = hits.clone();
    let longest = all.iter().map(|hit| hit.end - hit.start).max().unwrap_or(0);
    let cue = |hit: &CueHit| &lexicon.cues[hit.cue as usize];
    let covers = |other: &CueHit, hit: &CueHit| {
        let longer = (other.end - other.start, hit.start) > (hit.end - hit.start, other.start);
        let (a, b) = (cue(other), cue(hit));
        if (other.start, other.end) == (hit.start, hit.end) {
            return a.value == CueValue::Pseudo && b.value != CueValue::Pseudo && b.direction != Direction::Answer;
        }
        let overlap = other.start < hit.end && hit.start < other.end;
        let one_way = a.direction == b.direction || a.value == CueValue::Pseudo || a.direction == Direction::Either;
        overlap && longer && one_way && b.direction != Direction::Answer
    };
    hits.retain(|hit| {
        let from = all.partition_point(|other| other.start + longest < hit.start);
        !all[from..].iter().take_while(|other| other.start < hit.end).any(|other| covers(other, hit))
    });
}

impl<'a> Survey<'a> {
    /// Judges one mention.
    pub fn assertion(&self, mention: &Mention, concept: &Concept) -> Judgement {
        let mut cues = Vec::new();
        let (subject, concept) = self.subject(mention, concept);
        let concept = self.lexicon.get(concept);
        let form = self.form(mention);
        let intervention = self.lexicon.scheme_of(concept.id).id == "intervention";
        let presence = self.presence(mention, &form, intervention);
        let time = self.time(mention, concept, subject.0);
        let role = self.role(mention, concept);
        let stage = intervention.then(|| self.stage(mention, concept, time));
        let mut note = |axis, span: Option<Span>| cues.extend(span.map(|span| CueEvidence { axis, span }));
        note(Axis::Presence, presence.1);
        note(Axis::Time, time.1);
        note(Axis::Subject, subject.1);
        note(Axis::Role, role.1);
        note(Axis::Stage, stage.and_then(|s| s.1));
        // A hypothetical code is possible at most (coding guide, first ruling).
        let presence = match (presence.0, time.0) {
            (crate::assertion::Presence::Affirmed | crate::assertion::Presence::Alleged, crate::assertion::Time::Hypothetical) => {
                crate::assertion::Presence::Possible
            }
            // Help that was refused is a refusal that happened, not help that did not (coding guide, rulings).
            (crate::assertion::Presence::Denied, _) if stage.is_some_and(|s| s.0 == crate::assertion::Stage::Declined) => crate::assertion::Presence::Affirmed,
            (presence, _) => presence,
        };
        let assertion = Assertion { presence, time: time.0, subject: subject.0, role: role.0, stage: stage.map(|s| s.0), cues };
        Judgement { concept: concept.id, assertion, boilerplate: form.is_blank(), heading: form.is_heading() }
    }

    fn cue(&self, hit: &CueHit) -> &'a Cue {
        &self.lexicon.cues[hit.cue as usize]
    }

    fn span(&self, hit: &CueHit) -> Span {
        self.page.span(hit.start, hit.end)
    }

    /// The cues of an axis that stand in a sentence.
    fn hits_in(&self, axis: Axis, sentence: u32) -> &[CueHit] {
        let hits = &self.hits[axis as usize];
        let from = hits.partition_point(|hit| hit.sentence < sentence);
        let to = hits.partition_point(|hit| hit.sentence <= sentence);
        &hits[from..to]
    }

    /// The cues of an axis that reach the mention, nearest first.
    fn reaching(&self, axis: Axis, mention: &Mention) -> Vec<(u32, CueHit)> {
        let lead = self.leads[mention.sentence as usize].map_or(&[][..], |lead| self.hits_in(axis, lead));
        let sections = &self.sections[axis as usize];
        let next = self.hits_in(axis, mention.sentence + 1).iter().filter(|hit| self.cue(hit).reach == Reach::Previous);
        let near = self.hits_in(axis, mention.sentence).iter().chain(next).chain(lead).filter(|hit| self.cue(hit).reach != Reach::Section).chain(sections);
        let speaks = near.filter(|hit| !matches!(self.cue(hit).value, CueValue::Pseudo | CueValue::End));
        let mut reaching: Vec<(u32, CueHit)> = speaks.filter_map(|hit| Some((self.reaches(hit, mention)?, *hit))).collect();
        reaching.sort_by_key(|(distance, hit)| (*distance, hit.start));
        reaching
    }
}
