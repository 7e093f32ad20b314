//! [`Assertion`]: did it happen, when, whose is it, in which part, and how far did it get.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::span::Span;

macro_rules! axis {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every value, in the order of the contract.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The value as it is written in files and answers.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// The value of this name, if there is one.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some($name::$variant),)+ _ => None }
            }
        }
    };
}

axis! {
    /// Whether the note says that it is so.
    Presence {
        /// Stated as so.
        Affirmed = "affirmed",
        /// Reported by someone whose claim the writer does not adopt.
        Alleged = "alleged",
        /// Suspected, at risk of, queried.
        Possible = "possible",
        /// The text says that it is not so.
        Denied = "denied",
    }
}

axis! {
    /// When.
    Time {
        /// Now, or the events that the note is about.
        Current = "current",
        /// Over before the situation that the note is about.
        Past = "past",
        /// Will happen.
        Planned = "planned",
        /// If, would, advice in case.
        Hypothetical = "hypothetical",
    }
}

axis! {
    /// Whose need, or to whom it happened or for whom it was done.
    Subject {
        /// The child or young person whom the record is about, or children of the family.
        Child = "child",
        /// A parent or carer.
        ParentCarer = "parent_carer",
        /// A brother or sister of the child whom the record is about.
        Sibling = "sibling",
        /// The family or home as a whole.
        Household = "household",
        /// A partner or ex-partner who is no parent of the record's children or lives elsewhere.
        Partner = "partner",
        /// Somebody who lives near.
        Neighbour = "neighbour",
        /// Somebody who works with the family.
        Professional = "professional",
        /// Somebody else.
        Other = "other",
        /// The text leaves it open.
        Unclear = "unclear",
    }
}

axis! {
    /// The part that the record's own family or tenant has in it.
    Role {
        /// It was done to them.
        Victim = "victim",
        /// They did it, or are said to have.
        Suspect = "suspect",
        /// They saw or heard it.
        Witness = "witness",
        /// Neither, or not said.
        None = "none",
    }
}

axis! {
    /// How far an intervention got.
    Stage {
        /// Talked about or thought of.
        Considered = "considered",
        /// Put to the family.
        Offered = "offered",
        /// Asked for from a service; waiting.
        Referred = "referred",
        /// Under way.
        Active = "active",
        /// Done.
        Completed = "completed",
        /// Refused, not taken up, closed for not engaging.
        Declined = "declined",
        /// Stopped before its end.
        EndedEarly = "ended_early",
    }
}

/// One of the five attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// See [`Presence`].
    Presence,
    /// See [`Time`].
    Time,
    /// See [`Subject`].
    Subject,
    /// See [`Role`].
    Role,
    /// See [`Stage`].
    Stage,
}

impl Axis {
    /// All five, in the order of the contract.
    pub const ALL: [Axis; 5] = [Axis::Presence, Axis::Time, Axis::Subject, Axis::Role, Axis::Stage];

    /// The axis as it is written in files and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Axis::Presence => "presence",
            Axis::Time => "time",
            Axis::Subject => "subject",
            Axis::Role => "role",
            Axis::Stage => "stage",
        }
    }

    /// Every value of the axis, in the order of the contract.
    pub fn values(self) -> Vec<&'static str> {
        match self {
            Axis::Presence => Presence::ALL.iter().map(|v| v.as_str()).collect(),
            Axis::Time => Time::ALL.iter().map(|v| v.as_str()).collect(),
            Axis::Subject => Subject::ALL.iter().map(|v| v.as_str()).collect(),
            Axis::Role => Role::ALL.iter().map(|v| v.as_str()).collect(),
            Axis::Stage => Stage::ALL.iter().map(|v| v.as_str()).collect(),
        }
    }
}

/// Words that set an attribute to something else than its default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CueEvidence {
    /// The attribute that the words set.
    pub axis: Axis,
    /// Where they stand.
    pub span: Span,
}

/// The five attributes of one mention or suggestion, and the words that set them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// Whether the note says that it is so.
    pub presence: Presence,
    /// When.
    pub time: Time,
    /// Whose.
    pub subject: Subject,
    /// The family's part in it.
    pub role: Role,
    /// How far it got; `None` for concepts that are not interventions.
    pub stage: Option<Stage>,
    /// The words behind every value that is not the default.
    pub cues: Vec<CueEvidence>,
}

impl Assertion {
    /// True where a reviewer would store the code: see `coding-guide.md`,
    /// "Which codes a reviewer would store".
    pub fn storable(&self) -> bool {
        self.presence != Presence::Denied && self.time != Time::Hypothetical
    }

    /// Sets one axis to the value of this name; a name that is no value of the axis changes nothing.
    pub fn set(&mut self, axis: Axis, value: &str) {
        match axis {
            Axis::Presence => self.presence = Presence::parse(value).unwrap_or(self.presence),
            Axis::Time => self.time = Time::parse(value).unwrap_or(self.time),
            Axis::Subject => self.subject = Subject::parse(value).unwrap_or(self.subject),
            Axis::Role => self.role = Role::parse(value).unwrap_or(self.role),
            Axis::Stage => self.stage = Stage::parse(value).or(self.stage),
        }
    }

    /// The value of one axis, as written in answers; `None` for the stage of a concept without one.
    pub fn value(&self, axis: Axis) -> Option<&'static str> {
        match axis {
            Axis::Presence => Some(self.presence.as_str()),
            Axis::Time => Some(self.time.as_str()),
            Axis::Subject => Some(self.subject.as_str()),
            Axis::Role => Some(self.role.as_str()),
            Axis::Stage => self.stage.map(Stage::as_str),
        }
    }
}
