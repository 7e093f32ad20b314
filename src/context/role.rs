//! Victim, suspect, witness or neither?

use super::Survey;
use crate::assertion::{Axis, Role, Subject};
use crate::lexicon::CueValue;
use crate::mention::Mention;
use crate::scheme::Concept;
use crate::span::Span;

impl Survey<'_> {
    /// A witness first, then grammar (`was hit by` against `hit his`), then the nearest cue, then the concept's usual role.
    pub(super) fn role(&self, mention: &Mention, concept: &Concept) -> (Role, Option<Span>) {
        let scheme = &self.lexicon.scheme_of(concept.id).id;
        let concerns_role = scheme == "incident" || concept.default_role != Role::None;
        if !concerns_role {
            return (Role::None, None);
        }
        // A need is a role by itself (adult victim of domestic abuse): no word turns it round.
        if scheme == "need" {
            return (concept.default_role, None);
        }
        let reaching = self.reaching(Axis::Role, mention);
        let cue = |wanted: &dyn Fn(Role) -> bool| {
            reaching.iter().find_map(|(_, hit)| match self.cue(hit).value {
                CueValue::Role(role) if wanted(role) => Some((role, self.span(hit))),
                _ => None,
            })
        };
        // Who only saw it, or had no part in it, is neither doer nor victim, whatever the verb.
        let found = cue(&|role| matches!(role, Role::None | Role::Witness))
            .or_else(|| self.voice(mention))
            .or_else(|| self.doer(mention, concept))
            .or_else(|| cue(&|_| true));
        match found {
            Some((role, span)) => (role, (role != concept.default_role).then_some(span)),
            None => (concept.default_role, None),
        }
    }

    /// Passive voice makes the subject of the sentence a victim. (Active voice made it the doer in fewer than one in three
    /// readings of the training texts, so it decides nothing.)
    pub(super) fn voice(&self, mention: &Mention) -> Option<(Role, Span)> {
        let (start, end) = mention.tokens;
        let folded = |at: u32| self.page.tokens.get(at as usize).map_or("", |t| self.page.folded(t));
        let verb = |at: u32| {
            let word = folded(at);
            word.ends_with("ed")
                || word.ends_with("ing")
                || matches!(
                    word,
                    "hit"
                        | "stole"
                        | "stolen"
                        | "broke"
                        | "broken"
                        | "threw"
                        | "thrown"
                        | "took"
                        | "taken"
                        | "beat"
                        | "beaten"
                        | "bit"
                        | "bitten"
                        | "spat"
                        | "set"
                        | "cut"
                        | "shot"
                        | "struck"
                        | "put"
                        | "told"
                        | "caught"
                        | "hits"
                        | "kicks"
                        | "punches"
                        | "slaps"
                        | "steals"
                        | "throws"
                        | "takes"
                        | "smashes"
                )
        };
        // `was punched`, `been followed`, `got jumped`: an auxiliary right before the words, or as their first word.
        let auxiliary = |at: u32| matches!(folded(at), "was" | "were" | "been" | "being" | "got" | "gets" | "is" | "are" | "be");
        let passive_at = if auxiliary(start) { Some(start) } else { (1..=2).filter_map(|back| start.checked_sub(back)).find(|&at| auxiliary(at)) };
        let first = if auxiliary(start) || matches!(folded(start), "had" | "has" | "have") { start + 1 } else { start };
        if let Some(at) = passive_at.filter(|_| verb(first) && !folded(first).ends_with("ing")) {
            return Some((Role::Victim, self.page.span(at, at + 1)));
        }
        // `punched by`, `beatings from`: by somebody else, in or right behind the words.
        let by = (start + 1..(end + 2).min(self.page.tokens.len() as u32)).find(|&at| folded(at) == "by" && verb(at - 1));
        if let Some(at) = by.filter(|_| verb(first)) {
            return Some((Role::Victim, self.page.span(at, at + 1)));
        }
        None
    }

    /// `Dad kicked the door in`, `our son's been nicking`: somebody of the family right before the words did it.
    ///
    /// Only where the usual victim is a home or a stranger: inside a family the role is that of the person named, and of
    /// outsiders who did it the coders say nothing (coding guide, rulings; so counted on the training texts).
    fn doer(&self, mention: &Mention, concept: &Concept) -> Option<(Role, Span)> {
        let start = mention.tokens.0;
        let doer = self.persons_in(mention.sentence).iter().rev().find(|p| p.end <= start)?;
        let family = matches!(doer.subject, Some(Subject::Child | Subject::Sibling | Subject::ParentCarer)) && !doer.pronoun && !doer.object;
        let between = &self.page.tokens[doer.end as usize..start as usize];
        let helping = |t: &crate::text::Token| {
            matches!(self.page.folded(t), "has" | "have" | "had" | "been" | "is" | "was" | "s" | "then" | "also" | "again" | "keeps" | "who" | "admits")
        };
        let outside = matches!(concept.default_subject, Subject::Household | Subject::Other);
        (family && outside && between.len() <= 3 && between.iter().all(helping)).then(|| (Role::Suspect, self.page.span(doer.start, doer.end)))
    }
}
