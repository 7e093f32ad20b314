//! `cues/`: the words that change an assertion.

use crate::assertion::{Axis, Presence, Role, Stage, Subject, Time};
use crate::text::{Matching, Pattern};

use super::table::Reader;
use super::words::WrittenWords;

/// What a cue says of its axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CueValue {
    /// A value of `presence`.
    Presence(Presence),
    /// A denial that settles the matter, whoever claimed it (`unfounded`, `ruled out`).
    Settled,
    /// A value of `time`.
    Time(Time),
    /// A value of `role`.
    Role(Role),
    /// A value of `stage`.
    Stage(Stage),
    /// A person whose need or event it may be.
    Subject(Subject),
    /// A pronoun that stands for a person named before.
    Pronoun,
    /// Words that look like a cue and are none; they cover the cues inside them.
    Pseudo,
    /// Ends the reach of every cue of the axis.
    End,
}

/// On which side of the cue its target stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The target follows.
    Forward,
    /// The target stands before.
    Backward,
    /// Either.
    Either,
    /// The cue is the answer to a form's question.
    Answer,
}

/// How far a cue reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// At most so many words between cue and target, within the clause.
    Words(u8),
    /// To the end of the clause, across commas only along a list.
    List,
    /// To the end of the clause.
    Clause,
    /// The whole sentence on that side.
    Sentence,
    /// The same, and the whole sentence before.
    Previous,
    /// From here to the next heading or blank line.
    Section,
}

/// The grammatical gender of a person word, for pronouns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gender {
    /// he
    Male,
    /// she
    Female,
    /// either, or not said
    Open,
    /// they
    Plural,
}

/// A cue: words, what they say, where and how far they reach.
#[derive(Clone, Debug)]
pub struct Cue {
    /// The attribute.
    pub axis: Axis,
    /// What they say of it.
    pub value: CueValue,
    /// Where the target stands.
    pub direction: Direction,
    /// How far they reach.
    pub reach: Reach,
    /// For persons.
    pub gender: Gender,
    /// The words.
    pub pattern: Pattern,
    /// The words as written in the file.
    pub text: String,
    /// Line in its file.
    pub line: u64,
}

/// The file of an axis.
pub(super) fn file(axis: Axis) -> String {
    format!("cues/{}.csv", axis.as_str())
}

pub(super) fn read(reader: &mut Reader<'_>, words: &mut WrittenWords) -> Vec<Cue> {
    let mut cues = Vec::new();
    for axis in Axis::ALL {
        let file = file(axis);
        let columns: &'static [&'static str] =
            if axis == Axis::Subject { &["cue", "value", "gender", "match", "note"] } else { &["cue", "value", "direction", "reach", "match", "note"] };
        for row in reader.table(&file, columns) {
            let text = row.get("cue").to_owned();
            let value = value(axis, row.get("value"));
            let direction = if axis == Axis::Subject { Some(Direction::Either) } else { direction(row.get("direction")) };
            let reach = if axis == Axis::Subject { Some(Reach::Clause) } else { reach(row.get("reach")) };
            let gender = match row.get("gender") {
                "m" => Some(Gender::Male),
                "f" => Some(Gender::Female),
                "" | "any" => Some(Gender::Open),
                "p" => Some(Gender::Plural),
                _ => None,
            };
            let matching = match row.get("match") {
                "" => Some(Matching::Forms),
                "exact" => Some(Matching::Exact),
                "case" => Some(Matching::Case),
                _ => None,
            };
            let mut refuse = |what: &str, got: &str, allowed: &str| reader.error(&file, row.line, format!("{what} `{got}`: expected {allowed}"));
            let (Some(value), Some(direction), Some(reach), Some(gender), Some(matching)) = (value, direction, reach, gender, matching) else {
                match (value, direction, reach, gender) {
                    (None, ..) => refuse("value", row.get("value"), &format!("{}, pseudo or end", values(axis))),
                    (_, None, ..) => refuse("direction", row.get("direction"), "forward, backward, either or answer"),
                    (_, _, None, _) => refuse("reach", row.get("reach"), "list, clause, sentence, section or a number of words"),
                    (.., None) => refuse("gender", row.get("gender"), "m, f, p, any or nothing"),
                    _ => refuse("match", row.get("match"), "exact, case or nothing"),
                }
                continue;
            };
            match Pattern::parse(&text, matching, words) {
                Ok(pattern) => cues.push(Cue { axis, value, direction, reach, gender, pattern, text, line: row.line }),
                Err(error) => reader.error(&file, row.line, format!("cue `{text}`: {error}")),
            }
        }
    }
    cues
}

fn value(axis: Axis, text: &str) -> Option<CueValue> {
    match (axis, text) {
        (_, "pseudo") => Some(CueValue::Pseudo),
        (_, "end") => Some(CueValue::End),
        (Axis::Presence, "settled") => Some(CueValue::Settled),
        (Axis::Subject, "pronoun") => Some(CueValue::Pronoun),
        (Axis::Presence, _) => Presence::parse(text).map(CueValue::Presence),
        (Axis::Time, _) => Time::parse(text).map(CueValue::Time),
        (Axis::Subject, _) => Subject::parse(text).map(CueValue::Subject),
        (Axis::Role, _) => Role::parse(text).map(CueValue::Role),
        (Axis::Stage, _) => Stage::parse(text).map(CueValue::Stage),
    }
}

fn values(axis: Axis) -> String {
    let names: Vec<&str> = match axis {
        Axis::Presence => Presence::ALL.iter().map(|v| v.as_str()).chain(["settled"]).collect(),
        Axis::Time => Time::ALL.iter().map(|v| v.as_str()).collect(),
        Axis::Subject => Subject::ALL.iter().map(|v| v.as_str()).chain(["pronoun"]).collect(),
        Axis::Role => Role::ALL.iter().map(|v| v.as_str()).collect(),
        Axis::Stage => Stage::ALL.iter().map(|v| v.as_str()).collect(),
    };
    names.join(", ")
}

fn direction(text: &str) -> Option<Direction> {
    Some(match text {
        "forward" => Direction::Forward,
        "backward" => Direction::Backward,
        "either" => Direction::Either,
        "answer" => Direction::Answer,
        _ => return None,
    })
}

fn reach(text: &str) -> Option<Reach> {
    Some(match text {
        "list" => Reach::List,
        "clause" => Reach::Clause,
        "sentence" => Reach::Sentence,
        "previous" => Reach::Previous,
        "section" => Reach::Section,
        number => Reach::Words(number.parse().ok()?),
    })
}
