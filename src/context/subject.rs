//! Whose need, or to whom it happened?

use super::persons::Person;
use super::{Found, Survey};
use crate::assertion::Subject;
use crate::lexicon::Gender;
use crate::mention::Mention;
use crate::scheme::{self, Concept, ConceptId};
use crate::span::Span;

/// How many tokens an owner may stand before what is owned (`mum's very heavy drinking`).
const OWNER: u32 = 4;
/// How many tokens after the mention `by`, `of` or `for` may name the person.
const NAMED_AFTER: u32 = 5;
/// From so many words and marks on a text is a note and says who is in the family; a shorter one may just not name them.
const WHOLE_NOTE: usize = 40;
/// How many sentences back a pronoun looks.
const ANTECEDENT: u32 = 4;

impl Survey<'_> {
    /// The person nearest in grammar whom the concept can be about; without one, the concept's usual subject.
    ///
    /// Where the person is of the other age group and the list has the same concept for that
    /// group (`counterpart`), the concept is changed instead: a child's drinking and a parent's
    /// are different codes.
    pub(super) fn subject(&self, mention: &Mention, concept: &Concept) -> ((Subject, Option<Span>), ConceptId) {
        let ((subject, span), concept) = self.person(mention, concept);
        // A grown-up without children is a household (coding guide, rulings).
        if subject == Subject::ParentCarer && self.alone() { ((Subject::Household, None), concept) } else { ((subject, span), concept) }
    }

    /// A whole note that names neither a child nor a parent.
    fn alone(&self) -> bool {
        let family = |p: &Person| matches!(p.subject, Some(Subject::Child | Subject::Sibling | Subject::ParentCarer));
        self.page.tokens.len() >= WHOLE_NOTE && !self.persons.iter().any(family)
    }

    fn person(&self, mention: &Mention, concept: &Concept) -> ((Subject, Option<Span>), ConceptId) {
        for person in self.candidates(mention, concept) {
            let Some(subject) = self.resolve(person, mention, concept) else {
                if person.reporter || person.object {
                    continue;
                }
                // Notes call grown-ups by their part in the family and children by their names.
                if !person.pronoun && concept.default_subject != Subject::Household && fits(concept, Subject::Child) == Fits::Yes {
                    let span = self.page.span(person.start, person.end);
                    return ((Subject::Child, (concept.default_subject != Subject::Child).then_some(span)), concept.id);
                }
                break;
            };
            let span = self.page.span(person.start, person.end);
            match fits(concept, subject) {
                Fits::Yes => return (self.believed(mention, concept, subject, span), concept.id),
                Fits::Counterpart if !person.reporter => {
                    if let Some(other) = concept.counterpart.filter(|&id| !self.lexicon.get(id).retired) {
                        return (self.believed(mention, self.lexicon.get(other), subject, span), other);
                    }
                }
                Fits::Counterpart | Fits::No => {}
            }
        }
        ((concept.default_subject, None), concept.id)
    }

    /// The person found, or the concept's usual subject where that is right more often.
    ///
    /// Counted on the training texts: each line below is a kind of person that coders wrote down less often than the usual
    /// subject, although the words name them. Needs keep neighbours and professionals: these decide whether a need is
    /// the family's at all.
    fn believed(&self, mention: &Mention, concept: &Concept, subject: Subject, span: Span) -> (Subject, Option<Span>) {
        let usual = concept.default_subject;
        let scheme = self.lexicon.scheme_of(concept.id).id.as_str();
        let (need, incident, intervention) = (scheme == "need", scheme == "incident", scheme == "intervention");
        let believed = match subject {
            Subject::Partner => false,
            // `Neighbour was burgled` is about the neighbour, `neighbour plays music` is not.
            Subject::Neighbour => need || self.voice(mention).is_some(),
            Subject::Professional => need,
            Subject::Sibling => !incident && usual != Subject::Household,
            Subject::Other => !intervention && usual != Subject::Household,
            Subject::ParentCarer => usual != if incident { Subject::Child } else { Subject::Household },
            Subject::Household => !intervention || usual == Subject::ParentCarer,
            _ => usual != Subject::Household,
        };
        let (subject, span) = if believed { (subject, Some(span)) } else { (usual, None) };
        (subject, span.filter(|_| subject != usual))
    }

    /// The persons whom the mention may be about, best first.
    fn candidates(&self, mention: &Mention, concept: &Concept) -> Vec<&Person> {
        let (start, end) = mention.tokens;
        let clause = self.clauses[start as usize];
        let sentence = mention.sentence;
        let here = self.persons_in(sentence);
        let before: Vec<&Person> = here.iter().filter(|p| p.end <= start).collect();
        let after: Vec<&Person> = here.iter().filter(|p| p.start >= end).collect();
        let mut order: Vec<&Person> = Vec::new();
        // A person who opens the words themselves (`mum is drunk`) is the one it is about; one inside them
        // (`lost her mum`) is not, and an owner right before is.
        order.extend(here.iter().filter(|p| p.start == start && p.end < end && !p.pronoun));
        order.extend(before.iter().rev().take(1).filter(|p| p.possessive && start - p.end <= OWNER && p.clause == clause));
        // `…, who has night terrors`: the person before `who`.
        let relative = before.iter().rev().find(|p| self.relative(p.end) && p.clause + 1 >= clause);
        order.extend(relative.filter(|p| self.clauses.get(p.end as usize + 1) == Some(&clause)));
        let scheme = &self.lexicon.scheme_of(concept.id).id;
        let spoken_of = before.iter().any(|p| p.clause == clause && !p.object && !p.reporter);
        let names = |p: &&&Person| {
            let distance = p.start - end;
            let word = |back: u32| p.start.checked_sub(back).map_or("", |at| self.page.folded(&self.page.tokens[at as usize]));
            let link = [word(1), word(2)];
            let wanted: &[&str] = match scheme.as_str() {
                "need" if spoken_of => &["by", "part"],
                "need" => &["by", "of", "part", "from"],
                "intervention" => &["for", "with", "to"],
                _ => &["on", "against", "to"],
            };
            distance <= NAMED_AFTER && link.iter().any(|w| wanted.contains(w))
        };
        order.extend(after.iter().filter(names).take(1));
        // Those who work with the family are named in every note; a need is theirs only where they are its grammatical subject.
        let works = |p: &Person| p.subject == Some(Subject::Professional);
        let subject_like = |p: &&&Person| !p.object && !p.reporter && !p.possessive && (!works(p) || (p.clause == clause && self.acts(p)));
        order.extend(before.iter().rev().filter(|p| p.clause == clause).filter(subject_like));
        order.extend(before.iter().rev().filter(|p| p.clause == clause && p.possessive));
        order.extend(before.iter().rev().filter(|p| p.clause != clause).filter(subject_like));
        let family = |p: &&&Person| !works(p);
        order.extend(before.iter().rev().filter(|p| p.reporter && !p.object).filter(family));
        order.extend(after.iter().filter(|p| p.clause == clause && !p.object).filter(family));
        order.extend(before.iter().rev().filter(|p| p.object).filter(family));
        order.extend(after.iter().filter(|p| p.clause == clause).filter(family));
        if order.is_empty() {
            // The line that introduces a list, or the one that a form's answer belongs to.
            let lead = self.leads[sentence as usize].map_or(&[][..], |lead| self.persons_in(lead));
            order.extend(lead.iter().filter(|p| !p.object));
        }
        order
    }

    /// The persons named in a sentence.
    pub(super) fn persons_in(&self, sentence: u32) -> &[Person] {
        let from = self.persons.partition_point(|p| p.sentence < sentence);
        let to = self.persons.partition_point(|p| p.sentence <= sentence);
        &self.persons[from..to]
    }

    /// Whether `who` follows, perhaps behind a comma.
    fn relative(&self, at: u32) -> bool {
        let folded = |at: u32| self.page.tokens.get(at as usize).map_or("", |t| self.page.folded(t));
        folded(at) == "who" || (folded(at).is_empty() && folded(at + 1) == "who")
    }

    /// Whether a verb of being or having follows a person: `the TA has lost her mum`, not `SW to refer`.
    fn acts(&self, person: &Person) -> bool {
        let next = self.page.tokens.get(person.end as usize).map_or("", |t| self.page.folded(t));
        matches!(next, "is" | "has" | "was" | "had" | "off" | "on" | "are" | "have" | "were" | "herself" | "himself" | "with" | "who")
    }

    /// Who the person is; pronouns look back for somebody who fits.
    fn resolve(&self, person: &Person, mention: &Mention, concept: &Concept) -> Option<Subject> {
        if !person.pronoun {
            return person.subject;
        }
        if person.gender == Gender::Plural {
            let plural = self.antecedent(person, mention, concept);
            return plural.map(|(subject, _)| subject).or(Some(Subject::Household));
        }
        self.antecedent(person, mention, concept).map(|(subject, _)| subject)
    }

    fn antecedent(&self, pronoun: &Person, mention: &Mention, concept: &Concept) -> Found<Subject> {
        let until = self.persons.partition_point(|p| p.start < pronoun.start);
        let near = self.persons[..until].iter().rev().take_while(|p| pronoun.sentence - p.sentence <= ANTECEDENT);
        let earlier = near.filter(|p| !p.pronoun && p.end <= pronoun.start && p.start < mention.tokens.0);
        let mut fallback = None;
        for person in earlier {
            let agrees = match (pronoun.gender, person.gender) {
                (Gender::Plural, gender) => gender == Gender::Plural,
                (_, Gender::Plural) => false,
                (a, b) => a == b || a == Gender::Open || b == Gender::Open,
            };
            if !agrees || person.possessive {
                continue;
            }
            let Some(subject) = person.subject else {
                // An unexplained name is the nearest: the usual subject it is.
                if !person.object {
                    return None;
                }
                continue;
            };
            if fits(concept, subject) == Fits::No {
                continue;
            }
            // The subject of a sentence is spoken of again more often than its objects, and a family more often than those who work with it.
            if !person.object && subject != Subject::Professional {
                return Some((subject, None));
            }
            fallback = fallback.or(Some((subject, None)));
        }
        fallback.filter(|(subject, _)| *subject != Subject::Professional)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fits {
    Yes,
    /// The concept of the other age group is meant.
    Counterpart,
    No,
}

/// Whether a concept can be about somebody.
fn fits(concept: &Concept, subject: Subject) -> Fits {
    let outsider = matches!(subject, Subject::Neighbour | Subject::Professional | Subject::Other | Subject::Unclear);
    // Homes and money are the household's, whoever is named (coding guide: the family or home as a whole).
    if concept.default_subject == Subject::Household && concept.attributes.contains_key("sf_outcome") && !outsider {
        return if subject == Subject::Household { Fits::Yes } else { Fits::No };
    }
    let young = matches!(subject, Subject::Child | Subject::Sibling);
    match concept.person {
        scheme::Person::Child if !young && !outsider => {
            if concept.counterpart.is_some() && subject != Subject::Household {
                Fits::Counterpart
            } else {
                Fits::No
            }
        }
        scheme::Person::Child if outsider => {
            if concept.counterpart.is_some() {
                Fits::Counterpart
            } else {
                Fits::No
            }
        }
        scheme::Person::Adult if young => {
            if concept.counterpart.is_some() {
                Fits::Counterpart
            } else {
                Fits::No
            }
        }
        _ => Fits::Yes,
    }
}
