//! How far a cue reaches.

use super::{CueHit, Survey};
use crate::assertion::{Axis, Presence, Stage};
use crate::lexicon::{CueValue, Direction, Reach};
use crate::mention::Mention;
use crate::text::Kind;

/// Longest item of a list under one negation, in words.
const MAX_ITEM: usize = 4;
/// Longest last item, after `or`, `and`, `nor`.
const MAX_LAST_ITEM: usize = 6;

/// Longest section under a heading, in tokens.
const SECTION: u32 = 400;

impl Survey<'_> {
    /// The distance in tokens from a cue to the mention, where the cue reaches it.
    pub(super) fn reaches(&self, hit: &CueHit, mention: &Mention) -> Option<u32> {
        let cue = self.cue(hit);
        if cue.direction == Direction::Answer {
            return None;
        }
        let (start, end) = mention.tokens;
        // Words of the label itself are no cue about it; a word in its gap is (`drinks no alcohol`).
        if hit.start < end && hit.end > start {
            // How far help got is often part of its label (`referred him to CAMHS`).
            let telling = matches!(cue.value, CueValue::Stage(Stage::Offered | Stage::Referred | Stage::Declined | Stage::EndedEarly));
            if telling && hit.start >= start && hit.end <= end {
                return Some(0);
            }
            // `not known to CAMHS` for the label `known to CAMHS`: the denial begins before the words.
            if cue.value == CueValue::Presence(Presence::Denied) && hit.start < start && hit.end < end {
                return Some(0);
            }
            let inside = hit.start > start && hit.end < end && mention.fit.gapped && cue.direction != Direction::Backward;
            return inside.then_some(0);
        }
        if cue.reach == Reach::Section {
            return self.section_reaches(hit, mention);
        }
        if hit.sentence == mention.sentence + 1 && cue.reach == Reach::Previous {
            return Some(hit.start - end);
        }
        if hit.sentence != mention.sentence {
            // A line that introduces a list governs its bullets.
            let lead = self.leads[mention.sentence as usize] == Some(hit.sentence);
            let governs = lead && cue.direction != Direction::Backward && !matches!(cue.reach, Reach::Words(_));
            return governs.then(|| start - hit.start);
        }
        let forward = hit.end <= start;
        match cue.direction {
            Direction::Forward if !forward => return None,
            Direction::Backward if forward => return None,
            _ => {}
        }
        let (from, to) = if forward { (hit.end, start) } else { (end, hit.start) };
        let distance = to - from;
        let clause = self.clauses[start as usize];
        let same_clause = [hit.start, hit.end - 1].iter().any(|&at| self.clauses[at as usize] == clause)
            || if forward { self.heads(hit.end, clause) } else { self.heads(end, self.clauses[hit.start as usize]) };
        let ended = self.hits_in(cue.axis, hit.sentence).iter().any(|h| self.cue(h).value == CueValue::End && h.start >= from && h.end <= to);
        let reaches = !ended
            && match cue.reach {
                Reach::Words(words) => same_clause && self.words_between(from, to) <= words as usize && !self.joined_between(from, to),
                Reach::Clause => same_clause,
                Reach::List => same_clause && (!forward || self.one_list(from, start, end)),
                Reach::Sentence | Reach::Previous => !self.turned_between(from, to),
                Reach::Section => true,
            };
        reaches.then_some(distance)
    }

    /// `2009: overdose`, `Rehab: walked out`: whether what ends at `end` is the heading of a clause.
    fn heads(&self, end: u32, clause: u32) -> bool {
        let own = self.clauses[(end - 1) as usize];
        let tokens = &self.page.tokens[end as usize..];
        let clauses = &self.clauses[end as usize..];
        own + 1 == clause && clauses.iter().zip(tokens).take_while(|(c, _)| **c == own).last().is_some_and(|(_, t)| t.kind == Kind::Colon)
    }

    fn words_between(&self, from: u32, to: u32) -> usize {
        self.page.tokens[from as usize..to as usize].iter().filter(|t| matches!(t.kind, Kind::Word | Kind::Number)).count()
    }

    /// A comma or `and` stands between: a negated verb does not reach over it.
    fn joined_between(&self, from: u32, to: u32) -> bool {
        self.page.tokens[from as usize..to as usize].iter().any(|t| t.kind == Kind::Comma || matches!(self.page.folded(t), "and" | "so" | "then"))
    }

    /// A word that turns the sentence stands between (`but`, `however`).
    fn turned_between(&self, from: u32, to: u32) -> bool {
        self.hits_in(Axis::Presence, self.page.sentence_of(from.min(to)) as u32)
            .iter()
            .any(|h| self.cue(h).value == CueValue::End && h.start >= from && h.end <= to)
    }

    /// Whether everything from a cue to the mention is one list: short items between commas, the last one after `or` or `and`.
    fn one_list(&self, from: u32, start: u32, end: u32) -> bool {
        let tokens = &self.page.tokens;
        let sentence_end = self.page.sentences[self.page.sentence_of(start)].end;
        // The item that holds the mention ends at the next comma or mark.
        let mut items: Vec<(u32, bool)> = Vec::new();
        let (mut words, mut last, mut open) = (0u32, false, true);
        let mut at = from;
        let clause = self.clauses[start as usize];
        while at < sentence_end && self.clauses[at as usize] <= clause {
            let token = &tokens[at as usize];
            match token.kind {
                Kind::Comma | Kind::Slash if token.kind == Kind::Comma || at < start => {
                    items.push((words, last));
                    (words, last, open) = (0, false, true);
                    if at >= end {
                        break;
                    }
                }
                Kind::Word | Kind::Number => match self.page.folded(token) {
                    "or" | "and" | "nor" => last = true,
                    // `… at the two year check` is no part of the item any more.
                    "at" | "in" | "on" | "for" | "with" | "since" | "from" | "during" | "by" | "of" if at >= end => open = false,
                    _ => words += u32::from(open),
                },
                Kind::Stop | Kind::Line | Kind::Question | Kind::Exclamation => break,
                _ => {}
            }
            at += 1;
        }
        items.push((words, last));
        // The first item may be long (`no history of … in the home`); the others are items of a list.
        items.iter().skip(1).all(|&(words, last)| words as usize <= if last { MAX_LAST_ITEM } else { MAX_ITEM })
            || !tokens[from as usize..start as usize].iter().any(|t| t.kind == Kind::Comma)
    }

    /// A heading governs what stands under it, up to a blank line or the next heading.
    fn section_reaches(&self, hit: &CueHit, mention: &Mention) -> Option<u32> {
        if mention.tokens.0 < hit.end || mention.tokens.0 - hit.end > SECTION || !self.is_heading(hit) {
            return None;
        }
        let mut lines = 0;
        for token in &self.page.tokens[hit.end as usize..mention.tokens.0 as usize] {
            lines = match token.kind {
                Kind::Line => lines + 1,
                _ => 0,
            };
            if lines >= 2 {
                return None;
            }
        }
        let next = self.sections[self.cue(hit).axis as usize].iter().any(|h| h.start > hit.start && h.end <= mention.tokens.0 && self.is_heading(h));
        (!next).then(|| mention.tokens.0 - hit.end + 50)
    }

    /// The cue is a line of its own, or all that stands before a colon, but for a word.
    fn is_heading(&self, hit: &CueHit) -> bool {
        let sentence = &self.page.sentences[hit.sentence as usize];
        let tokens = &self.page.tokens[sentence.start as usize..sentence.end as usize];
        let head = tokens.iter().position(|t| t.kind == Kind::Colon).unwrap_or(tokens.len());
        let words = tokens[..head].iter().filter(|t| t.kind == Kind::Word).count();
        words <= (hit.end - hit.start) as usize + 1 && !tokens[..head].iter().any(|t| matches!(t.kind, Kind::Stop | Kind::Comma))
    }
}
