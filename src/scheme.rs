//! [`Scheme`] and [`Concept`]: the controlled lists, in the words of SKOS.

use std::collections::BTreeMap;

use crate::assertion::{Role, Subject};

/// A concept's place in the loaded lists; dense, so that it can index a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConceptId(pub u32);

impl ConceptId {
    /// The place as an index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One controlled list, versioned (SKOS `ConceptScheme`).
#[derive(Clone, Debug)]
pub struct Scheme {
    /// Its short name in requests and answers, for example `need`.
    pub id: String,
    /// Its display name.
    pub title: String,
    /// The version that its keeper gave it.
    pub version: String,
    /// `sha256:…` over the content of its files: changes with every edit.
    pub digest: String,
    /// BCP 47 language tag of the labels.
    pub language: String,
    /// SPDX identifier or name of the licence.
    pub licence: String,
    /// Where the list comes from.
    pub source: String,
    /// Its concepts, in the order of the file.
    pub concepts: Vec<ConceptId>,
}

impl Scheme {
    /// Version and content hash in one string, as answers show it.
    pub fn full_version(&self) -> String {
        format!("{}+{}", self.version, self.digest)
    }
}

/// One entry of a scheme (SKOS `Concept`).
#[derive(Clone, Debug)]
pub struct Concept {
    /// Its place in the loaded lists.
    pub id: ConceptId,
    /// The place of its scheme in [`crate::Lexicon::schemes`].
    pub scheme: usize,
    /// Its code. Users say "code".
    pub notation: String,
    /// The name shown to people.
    pub pref_label: String,
    /// What belongs under it and what does not.
    pub scope_note: String,
    /// The next wider concept of the same scheme.
    pub broader: Option<ConceptId>,
    /// True where no concept names this one as broader.
    pub leaf: bool,
    /// Retired concepts are kept for old records and never suggested.
    pub retired: bool,
    /// Whose it is if the note does not say.
    pub default_subject: Subject,
    /// The family's part in it if the note does not say.
    pub default_role: Role,
    /// Whom the concept can be about.
    pub person: Person,
    /// The concept that says the same of the other age group.
    pub counterpart: Option<ConceptId>,
    /// Synonyms and acronyms that may be shown (hidden labels are not here).
    pub alt_labels: Vec<String>,
    /// Links to other lists.
    pub mappings: Vec<Mapping>,
    /// Everything else that the list says of it, as written.
    pub attributes: BTreeMap<String, String>,
}

/// Whom a concept can be about: the `person` attribute of the lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Person {
    /// A child or young person.
    Child,
    /// A grown-up.
    Adult,
    /// Anybody, or the family as a whole.
    #[default]
    Any,
}

/// A link from a concept to a code of another list (SKOS mapping relation).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The other list, for example `police-uk`.
    pub scheme: String,
    /// The code there.
    pub code: String,
    /// `exactMatch`, `closeMatch`, `broadMatch`, `narrowMatch` or `relatedMatch`, read from our concept to the target.
    pub relation: String,
    /// The name of the code there, where the list gives one.
    pub label: Option<String>,
}
