//! Victim, suspect, witness or neither?

use super::Survey;
use crate::assertion::{Axis, Role, Subject};
use crate::lexicon::CueValue;
use crate::mention::Mention;
use crate::scheme::Concept;
use crate::span::Span;

impl Survey<'_> {
    /// The nearest cue decides; without one, the concept's usual role.
    pub(super) fn role(&self, mention: &Mention, concept: &Concept, _subject: Subject) -> (Role, Option<Span>) {
        let scheme = &self.lexicon.scheme_of(concept.id).id;
        let concerns_role = scheme == "incident" || concept.default_role != Role::None;
        if !concerns_role {
            return (Role::None, None);
        }
        // A need that is a role by itself (adult victim of domestic abuse) is not turned round by a word.
        if scheme == "need" && concept.attributes.contains_key("role") {
            return (concept.default_role, None);
        }
        for (_, hit) in self.reaching(Axis::Role, mention) {
            if let CueValue::Role(role) = self.cue(&hit).value {
                let span = (role != Role::None).then(|| self.span(&hit));
                return (role, span);
            }
        }
        (concept.default_role, None)
    }
}
