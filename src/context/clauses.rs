//! Where one statement inside a sentence ends and the next begins; which line introduces a list.

use super::CueHit;
use crate::assertion::Axis;
use crate::lexicon::{CueValue, Lexicon};
use crate::text::{Kind, Page};

/// Numbers the clauses of the page, token by token.
///
/// A clause ends at a semicolon, colon or dash, at a word that turns the sentence
/// (`end` cues of presence: but, however, apart from …), and where a comma, `and`,
/// `so` or `then` is followed by a new person.
pub(super) fn number(page: &Page<'_>, lexicon: &Lexicon, hits: &[Vec<CueHit>; 5]) -> Vec<u32> {
    let mut starts = vec![false; page.tokens.len() + 1];
    for sentence in &page.sentences {
        starts[sentence.start as usize] = true;
        for at in sentence.start as usize..sentence.end as usize {
            let kind = page.tokens[at].kind;
            let next = at + 1;
            let turn = match kind {
                Kind::Semicolon | Kind::Colon | Kind::Dash | Kind::Ticked | Kind::Unticked => true,
                Kind::Comma => opens_statement(page, lexicon, next) || (joiner(page, next) && opens_statement(page, lexicon, next + 1)),
                Kind::Word => joiner(page, at) && opens_statement(page, lexicon, next),
                _ => false,
            };
            if turn {
                starts[next.min(page.tokens.len())] = true;
            }
        }
    }
    for hit in &hits[Axis::Presence as usize] {
        if lexicon.cues[hit.cue as usize].value == CueValue::End {
            starts[hit.start as usize] = true;
        }
    }
    // A person who opens a statement about somebody else (`Mum has X and Jay is Y`) is covered by the
    // joiner rule above where the word is known; names are, once they are bound to a person.
    let mut clause = 0;
    page.tokens
        .iter()
        .enumerate()
        .map(|(at, _)| {
            clause += u32::from(starts[at]);
            clause
        })
        .collect()
}

/// `and`, `so`, `then`, `while`: words that join statements.
fn joiner(page: &Page<'_>, at: usize) -> bool {
    page.tokens
        .get(at)
        .is_some_and(|t| matches!(page.folded(t), "and" | "so" | "then" | "while" | "whilst" | "whereas" | "because" | "as" | "since" | "when" | "&"))
}

/// Whether a new statement with its own person opens at a token: a person word or a pronoun, perhaps after
/// `the`, `a`, `her`, `his`, or a name before a verb.
fn opens_statement(page: &Page<'_>, lexicon: &Lexicon, at: usize) -> bool {
    let Some(token) = page.tokens.get(at) else { return false };
    let folded = page.folded(token);
    if matches!(folded, "he" | "she" | "they" | "i" | "we" | "it" | "there" | "who" | "which" | "this" | "that") {
        return !matches!(folded, "that" | "this") || page.tokens.get(at + 1).is_some_and(|t| verb_like(page.folded(t)));
    }
    let article = matches!(folded, "the" | "a" | "an" | "her" | "his" | "their" | "my" | "our" | "both");
    let at = at + usize::from(article);
    let person = lexicon.language.classes.bit("person");
    let is_person = |at: usize| page.classes.get(at).zip(page.phrases.get(at)).is_some_and(|(single, phrase)| (single | phrase) & person != 0);
    let Some(token) = page.tokens.get(at) else { return false };
    let next_verb = (1..=3).any(|step| page.tokens.get(at + step).is_some_and(|t| verb_like(page.folded(t))));
    if is_person(at) {
        // `mum and dad` is one subject of two; `and dad is` begins a statement.
        return next_verb && !token.possessive;
    }
    // A name, or a thing, with a verb right behind it.
    (token.initial || article) && page.tokens.get(at + 1).is_some_and(|t| verb_like(page.folded(t)))
}

/// Verbs that carry a statement in such notes; only the commonest are needed to see that one begins.
fn verb_like(folded: &str) -> bool {
    matches!(
        folded,
        "is" | "was"
            | "are"
            | "were"
            | "has"
            | "had"
            | "have"
            | "does"
            | "did"
            | "will"
            | "would"
            | "can"
            | "could"
            | "says"
            | "said"
            | "states"
            | "stated"
            | "reports"
            | "reported"
            | "denies"
            | "denied"
            | "admits"
            | "admitted"
            | "feels"
            | "felt"
            | "wants"
            | "thinks"
            | "thought"
            | "told"
            | "seems"
            | "appears"
            | "appeared"
            | "presents"
            | "presented"
            | "remains"
            | "continues"
            | "keeps"
            | "kept"
            | "got"
            | "went"
            | "came"
            | "called"
            | "rang"
            | "isnt"
            | "wasnt"
            | "hasnt"
            | "doesnt"
            | "didnt"
            | "wont"
            | "cant"
            | "seeing"
            | "goes"
            | "comes"
            | "gets"
            | "uses"
            | "drinks"
            | "smokes"
            | "works"
            | "lives"
            | "attends"
            | "attended"
            | "started"
            | "stopped"
            | "needs"
            | "struggles"
            | "suffers"
            | "refuses"
            | "refused"
            | "hit"
            | "threatened"
    )
}

/// For a sentence that is a bullet: the sentence that introduces the list, where it ends in a colon or has no bullet itself.
pub(super) fn leads(page: &Page<'_>) -> Vec<Option<u32>> {
    let mut lead = None;
    let mut out = Vec::with_capacity(page.sentences.len());
    for (index, sentence) in page.sentences.iter().enumerate() {
        let tokens = &page.tokens[sentence.start as usize..sentence.end as usize];
        let bullet = tokens.iter().find(|t| t.kind != Kind::Line).is_some_and(|t| t.kind == Kind::Bullet);
        if bullet {
            out.push(lead);
        } else {
            out.push(None);
            let last = tokens.iter().rev().find(|t| t.kind != Kind::Line);
            let short = tokens.iter().filter(|t| t.kind == Kind::Word).count() <= 8;
            lead = last.filter(|t| t.kind == Kind::Colon || (short && t.kind != Kind::Stop)).map(|_| index as u32);
        }
    }
    out
}
