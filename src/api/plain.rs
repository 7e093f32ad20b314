//! The page's plain English for what the contract says in words for programs.

use crate::assertion::{Axis, Presence, Role, Stage, Subject, Time};
use crate::scheme::Concept;
use crate::suggestion::{Band, Outcome, Reason};
use crate::wire::WireAssertion;

/// An attribute worth reading, with the words that set it.
#[derive(Clone, Debug)]
pub(super) struct Attribute {
    /// The attribute's name.
    pub(super) name: &'static str,
    /// Its value.
    pub(super) value: &'static str,
    /// The words of the note.
    pub(super) cues: Vec<String>,
}

/// The attributes that are not what a reader would take for granted with this code.
pub(super) fn attributes(assertion: &WireAssertion, concept: &Concept) -> Vec<Attribute> {
    let cues = |axis: Axis| {
        let mut words: Vec<String> = assertion.cues.iter().filter(|cue| cue.axis == axis).map(|cue| cue.text.clone()).collect();
        words.sort();
        words.dedup();
        words
    };
    let told = |axis: Axis, name: &'static str, value: &'static str| Attribute { name, value, cues: cues(axis) };
    let mut list = Vec::new();
    if assertion.presence != Presence::Affirmed {
        list.push(told(Axis::Presence, "Is it so?", presence(assertion.presence)));
    }
    if assertion.time != Time::Current {
        list.push(told(Axis::Time, "When?", time(assertion.time)));
    }
    if assertion.subject != concept.default_subject {
        list.push(told(Axis::Subject, "Whose?", subject(assertion.subject)));
    }
    if assertion.role != concept.default_role {
        list.push(told(Axis::Role, "The family’s part", role(assertion.role)));
    }
    // How far an intervention got always matters.
    if let Some(reached) = assertion.stage {
        list.push(told(Axis::Stage, "How far?", stage(reached)));
    }
    list
}

fn presence(value: Presence) -> &'static str {
    match value {
        Presence::Affirmed => "stated as so",
        Presence::Alleged => "alleged: somebody says so, the writer does not",
        Presence::Possible => "possible: suspected, queried or at risk",
        Presence::Denied => "the note says that it is not so",
    }
}

fn time(value: Time) -> &'static str {
    match value {
        Time::Current => "now",
        Time::Past => "in the past, and over",
        Time::Planned => "planned",
        Time::Hypothetical => "only if: advice or a condition",
    }
}

fn subject(value: Subject) -> &'static str {
    match value {
        Subject::Child => "a child or young person of the family",
        Subject::ParentCarer => "a parent or carer",
        Subject::Sibling => "a brother or sister",
        Subject::Household => "the household as a whole",
        Subject::Partner => "a partner or former partner",
        Subject::Neighbour => "a neighbour",
        Subject::Professional => "somebody who works with the family",
        Subject::Other => "somebody else",
        Subject::Unclear => "the note leaves it open",
    }
}

fn role(value: Role) -> &'static str {
    match value {
        Role::Victim => "it was done to them",
        Role::Suspect => "they did it, or are said to have",
        Role::Witness => "they saw or heard it",
        Role::None => "none, or not said",
    }
}

fn stage(value: Stage) -> &'static str {
    match value {
        Stage::Considered => "considered",
        Stage::Offered => "offered to the family",
        Stage::Referred => "referred, and waiting",
        Stage::Active => "under way",
        Stage::Completed => "completed",
        Stage::Declined => "declined or not taken up",
        Stage::EndedEarly => "ended early",
    }
}

/// What a band means to a reviewer.
pub(super) fn band(value: Band) -> &'static str {
    match value {
        Band::High => "high: a glance is enough",
        Band::Review => "worth reading before you accept it",
        Band::Low => "low: under the threshold of this code",
    }
}

/// Why something that was found is not suggested.
pub(super) fn reason(value: Reason) -> &'static str {
    match value {
        Reason::Denied => "The note says that it is not so.",
        Reason::Hypothetical => "It is advice or a condition, not something that is so.",
        Reason::BelowThreshold => "Too few such suggestions turn out right.",
        Reason::AmbiguousLabel => "The words have several meanings, and the words near them speak for another.",
        Reason::Filtered => "A more exact code took its place, the words are a form’s question, or it is about somebody outside the family.",
    }
}

/// What became of the note.
pub(super) fn outcome(value: Outcome, suggestions: usize) -> String {
    match (value, suggestions) {
        (Outcome::NoText, _) => "There are no words to read in this note.".to_owned(),
        (_, 0) => "No code is suggested for this note.".to_owned(),
        (_, 1) => "One code is suggested.".to_owned(),
        (_, n) => format!("{n} codes are suggested."),
    }
}

/// How a code of another list relates to ours (SKOS, read from ours).
pub(super) fn relation(value: &str) -> &'static str {
    match value {
        "exactMatch" => "the same as",
        "closeMatch" => "nearly the same as",
        "broadMatch" => "part of",
        "narrowMatch" => "wider than",
        _ => "related to",
    }
}
