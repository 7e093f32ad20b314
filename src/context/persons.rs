//! The people on the page: family words, pronouns, and names bound to them.

use rustc_hash::{FxHashMap, FxHashSet};

use super::CueHit;
use crate::assertion::Subject;
use crate::lexicon::{CueValue, Gender, Lexicon};
use crate::text::{Kind, Page, Token, WordId};

/// Somebody whom the page names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Person {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) sentence: u32,
    pub(super) clause: u32,
    /// Who it is; `None` for a pronoun or a name that nothing explains.
    pub(super) subject: Option<Subject>,
    pub(super) gender: Gender,
    pub(super) pronoun: bool,
    /// `mum's`, `his`: owns what follows.
    pub(super) possessive: bool,
    /// Stands after a preposition: somebody told, seen or met, not the one it is about.
    pub(super) object: bool,
    /// Says, reports or thinks what follows.
    pub(super) reporter: bool,
}

/// Youngest grown-up, in years.
const ADULT: u32 = 18;
/// A number above this is no age.
const OLDEST: u32 = 105;

pub(super) fn find(page: &Page<'_>, lexicon: &Lexicon, hits: &[CueHit], clauses: &[u32]) -> Vec<Person> {
    let mut persons: Vec<Person> = Vec::new();
    for hit in hits {
        let cue = &lexicon.cues[hit.cue as usize];
        let subject = match cue.value {
            CueValue::Subject(subject) => Some(subject),
            CueValue::Pronoun => None,
            _ => continue,
        };
        let folded = page.folded(&page.tokens[hit.end as usize - 1]);
        let pronoun = subject.is_none();
        let possessive = page.tokens[hit.end as usize - 1].possessive && !pronoun
            || matches!(folded, "his" | "their" | "my" | "our") && pronoun
            || folded == "her" && pronoun && noun_follows(page, hit.end);
        persons.push(person(page, hit.start, hit.end, hit.sentence, clauses, subject, cue.gender, pronoun, possessive));
    }
    let names = bind_names(page, &persons);
    let mut taken = vec![false; page.tokens.len()];
    persons.iter().for_each(|p| taken[p.start as usize..p.end as usize].fill(true));
    // Capitals that stand inside a sentence: such a word is a name at the start of one too.
    let capitals: FxHashSet<&str> = page
        .sentences
        .iter()
        .flat_map(|s| s.start as usize + 1..s.end as usize)
        .filter(|&at| page.tokens[at].initial)
        .map(|at| page.folded(&page.tokens[at]))
        .collect();
    for (at, token) in page.tokens.iter().enumerate() {
        if taken[at] || !name_like(page, at) {
            continue;
        }
        let sentence = page.sentence_of(at as u32) as u32;
        let bound = names.get(page.folded(token)).copied();
        if bound.is_none() && !unexplained_name(page, at, page.sentences[sentence as usize].start == at as u32, &capitals) {
            continue;
        }
        let (subject, gender) = bound.map_or((None, Gender::Open), |(subject, gender)| (Some(subject), gender));
        persons.push(person(page, at as u32, at as u32 + 1, sentence, clauses, subject, gender, false, token.possessive));
    }
    persons.sort_by_key(|p| (p.start, p.end));
    persons
}

#[expect(clippy::too_many_arguments, reason = "one constructor for two sources of persons")]
fn person(
    page: &Page<'_>,
    start: u32,
    end: u32,
    sentence: u32,
    clauses: &[u32],
    subject: Option<Subject>,
    gender: Gender,
    pronoun: bool,
    possessive: bool,
) -> Person {
    Person {
        start,
        end,
        sentence,
        clause: clauses[start as usize],
        subject,
        gender,
        pronoun,
        possessive,
        object: after_preposition(page, start) || (pronoun && matches!(page.folded(&page.tokens[start as usize]), "him" | "them" | "me" | "us")),
        reporter: !possessive && reports(page, end),
    }
}

/// `her drinking` owns, `told her` does not: whether a word that can be owned follows.
fn noun_follows(page: &Page<'_>, at: u32) -> bool {
    page.tokens.get(at as usize).is_some_and(|t| {
        t.kind == Kind::Word
            && !matches!(
                page.folded(t),
                "to" | "that"
                    | "and"
                    | "in"
                    | "on"
                    | "at"
                    | "by"
                    | "with"
                    | "for"
                    | "from"
                    | "when"
                    | "if"
                    | "about"
                    | "again"
                    | "has"
                    | "is"
                    | "was"
                    | "but"
                    | "or"
                    | "as"
                    | "off"
                    | "out"
                    | "up"
                    | "down"
                    | "a"
                    | "the"
            )
    })
}

fn after_preposition(page: &Page<'_>, start: u32) -> bool {
    let mut at = start as usize;
    // Over `her`, `the`, `new` … to the preposition.
    for _ in 0..3 {
        let Some(before) = at.checked_sub(1) else { return false };
        match page.folded(&page.tokens[before]) {
            "to" | "with" | "by" | "from" | "of" | "about" | "at" | "against" | "towards" | "toward" | "behind" | "near" | "like" | "via" | "tell" | "told"
            | "asked" | "advised" | "informed" | "saw" | "met" | "contacted" | "called" | "rang" | "phoned" | "no" | "not" | "without" | "than" => return true,
            "the" | "a" | "an" | "her" | "his" | "their" | "my" | "our" | "both" | "new" | "old" | "older" | "elder" | "younger" | "little" | "big" | "own"
            | "ex" | "named" | "allocated" => at = before,
            _ => return false,
        }
    }
    false
}

/// `mum says`, `HV is worried that`, `school report`: the person tells, the rest is told.
fn reports(page: &Page<'_>, end: u32) -> bool {
    let word = |i: usize| page.tokens.get(end as usize + i).map_or("", |t| page.folded(t));
    let verb = |w: &str| {
        matches!(
            w,
            "says"
                | "said"
                | "say"
                | "states"
                | "stated"
                | "state"
                | "stating"
                | "reports"
                | "reported"
                | "reporting"
                | "report"
                | "told"
                | "tells"
                | "disclosed"
                | "discloses"
                | "thinks"
                | "thought"
                | "think"
                | "worried"
                | "worries"
                | "believes"
                | "believed"
                | "concerned"
                | "claims"
                | "claimed"
                | "alleges"
                | "alleged"
                | "asked"
                | "asks"
                | "noted"
                | "notes"
                | "advised"
                | "advises"
                | "informed"
                | "described"
                | "describes"
                | "contacted"
                | "rang"
                | "rings"
                | "phoned"
                | "emailed"
                | "suspects"
                | "suspected"
                | "fears"
                | "explained"
                | "explains"
                | "mentioned"
                | "raised"
                | "wants"
                | "wonders"
                | "expressed"
                | "voiced"
                | "confirmed"
                | "confirms"
                | "met"
                | "visited"
                | "brought"
                | "spoke"
                | "called"
                | "re"
        )
    };
    verb(word(0)) || (matches!(word(0), "is" | "are" | "was" | "were" | "has" | "have" | "had" | "also" | "at" | "who" | "now") && verb(word(1)))
}

fn number(page: &Page<'_>, at: usize) -> Option<u32> {
    page.tokens.get(at).filter(|t| t.kind == Kind::Number).and_then(|t| page.folded(t).parse().ok()).filter(|&n| n <= OLDEST)
}

fn by_age(age: u32) -> Subject {
    if age < ADULT { Subject::Child } else { Subject::ParentCarer }
}

/// Names that the page explains: `Jay (14)`, `KB, 16,`, `her son Jay`, `Mum (Kelly)`, `CD (mother)`, `Donna 38`.
fn bind_names<'p>(page: &'p Page<'_>, persons: &[Person]) -> FxHashMap<&'p str, (Subject, Gender)> {
    let mut names: FxHashMap<&str, (Subject, Gender)> = FxHashMap::default();
    let kind = |at: usize| page.tokens.get(at).map(|t| t.kind);
    // Persons are in order of their start here, and short.
    let person_at = |at: usize| {
        let from = persons.partition_point(|p| p.start + 8 < at as u32);
        persons[from..].iter().take_while(|p| p.start <= at as u32).find(|p| (at as u32) < p.end && p.subject.is_some())
    };
    for at in 0..page.tokens.len() {
        if !name_like(page, at) || person_at(at).is_some() {
            continue;
        }
        let name = page.folded(&page.tokens[at]);
        // `Jay (14)`, `Jay, 14,`, `Donna 38,`
        let age_at = match kind(at + 1) {
            Some(Kind::Open | Kind::Comma) => number(page, at + 2).filter(|_| {
                matches!(kind(at + 3), Some(Kind::Close | Kind::Comma | Kind::Stop) | None)
                    || matches!(page.tokens.get(at + 3).map_or("", |t| page.folded(t)), "yrs" | "yr" | "years" | "yo" | "y/o" | "m" | "f")
            }),
            Some(Kind::Number) => number(page, at + 1).filter(|_| matches!(kind(at + 2), Some(Kind::Comma | Kind::Stop | Kind::Line) | None)),
            _ if page.tokens.get(at + 1).is_some_and(|t| matches!(page.folded(t), "aged" | "age")) => number(page, at + 2),
            _ => None,
        };
        // `son Jay`, `Mum (Kelly)`
        let after = at.checked_sub(1).and_then(person_at).filter(|p| p.end as usize == at && !p.possessive);
        let bracketed = at.checked_sub(2).filter(|_| kind(at - 1) == Some(Kind::Open)).and_then(person_at).filter(|p| p.end as usize + 1 == at);
        // `CD (mother)`, `S (mum of Riley, 7)`
        let explained = (kind(at + 1) == Some(Kind::Open)).then(|| person_at(at + 2)).flatten();
        if let Some(person) = explained.or(after).or(bracketed) {
            if let Some(subject) = person.subject {
                names.insert(name, (subject, person.gender));
            }
        } else if let Some(age) = age_at {
            names.entry(name).or_insert((by_age(age), Gender::Open));
        }
    }
    names
}

/// A word with a capital that no list uses, or initials.
fn name_like(page: &Page<'_>, at: usize) -> bool {
    let token: &Token = &page.tokens[at];
    let sentence = &page.sentences[page.sentence_of(at as u32)];
    token.kind == Kind::Word && token.initial && (token.word == WordId::UNKNOWN || token.span.len() <= 2) && !sentence.capitals && !calendar(page.folded(token))
}

/// A capital before a verb or an owner's `'s`: somebody whom the page does not explain. At the start of a
/// sentence, where every word has a capital, only a word that also stands with one inside a sentence.
fn unexplained_name(page: &Page<'_>, at: usize, first: bool, capitals: &FxHashSet<&str>) -> bool {
    let token = &page.tokens[at];
    let next = page.tokens.get(at + 1).map_or("", |t| page.folded(t));
    let acts = token.possessive
        || matches!(
            next,
            "is" | "was"
                | "has"
                | "had"
                | "will"
                | "does"
                | "did"
                | "said"
                | "says"
                | "told"
                | "went"
                | "keeps"
                | "came"
                | "hasnt"
                | "isnt"
                | "wasnt"
                | "met"
                | "got"
                | "gets"
                | "refuses"
                | "refused"
                | "struggles"
                | "and"
        );
    !token.capitals && acts && (!first || token.possessive || capitals.contains(page.folded(token)))
}

fn calendar(folded: &str) -> bool {
    matches!(
        folded,
        "monday"
            | "tuesday"
            | "wednesday"
            | "thursday"
            | "friday"
            | "saturday"
            | "sunday"
            | "january"
            | "february"
            | "march"
            | "april"
            | "may"
            | "june"
            | "july"
            | "august"
            | "september"
            | "october"
            | "november"
            | "december"
            | "jan"
            | "feb"
            | "mar"
            | "apr"
            | "jun"
            | "jul"
            | "aug"
            | "sept"
            | "sep"
            | "oct"
            | "nov"
            | "dec"
            | "mon"
            | "tue"
            | "wed"
            | "thu"
            | "fri"
            | "sat"
            | "sun"
            | "christmas"
            | "easter"
            | "i"
    )
}
