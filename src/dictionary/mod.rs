//! What the words say: labels read on a page.
//!
//! [`Dictionary::read`] finds every label, checks letter case and hints, and settles
//! overlaps by the policy at the head of `overlap.rs`.

mod hints;
mod overlap;

use hints::Hints;

use crate::lexicon::Lexicon;
use crate::mention::{Fit, LabelId, Mention, SetAside};
use crate::text::{Page, Pattern, PatternSet};

/// The labels of all schemes, ready to be read.
pub struct Dictionary {
    labels: PatternSet,
    hints: Hints,
}

/// What was read on a page.
#[derive(Debug, Default)]
pub struct Readings {
    /// Labels that count, in the order of the page.
    pub mentions: Vec<Mention>,
    /// Labels that were read and do not count, with the reason.
    pub set_aside: Vec<(Mention, SetAside)>,
}

impl Dictionary {
    /// Prepares the patterns of the labels and of their hints, which the lexicon no longer needs.
    pub fn new(labels: Vec<Pattern>, hints: Vec<Pattern>, lexicon: &Lexicon) -> Self {
        Self { labels: PatternSet::new(labels, &lexicon.language.vocabulary), hints: Hints::new(hints, lexicon) }
    }

    /// Reads the labels on a page.
    pub fn read(&self, page: &Page<'_>, lexicon: &Lexicon) -> Readings {
        let hits = self.labels.find(page, &lexicon.language);
        let mut readings = Readings::default();
        if hits.is_empty() {
            return readings;
        }
        let hints = self.hints.find(page, &lexicon.language);
        for hit in hits {
            let label = &lexicon.labels[hit.pattern as usize];
            let sentence = page.sentence_of(hit.start);
            let near = hints.any_near(hit.pattern, sentence, (hit.start, hit.end));
            // Without the word that it wants near, a label was not said at all: nothing to set aside.
            if !label.near.is_empty() && !near {
                continue;
            }
            let mention = Mention {
                concept: label.concept,
                label: LabelId(hit.pattern),
                span: page.span(hit.start, hit.end),
                tokens: (hit.start, hit.end),
                sentence: sentence as u32,
                fit: Fit {
                    misspelt: hit.misspelt,
                    gapped: hit.gapped,
                    gap_words: (hit.end - hit.start).saturating_sub(u32::from(label.words)).min(255) as u8,
                    hinted: near,
                },
            };
            // In a line of capitals, capitals do not tell an acronym from a word.
            let shouted = label.capitals
                && label.words == 1
                && page.sentences[sentence].capitals
                && !near
                && lexicon.ordinary(page.folded(&page.tokens[hit.start as usize]));
            let refused = hints.any_refuses(hit.pattern, sentence, (hit.start, hit.end));
            if shouted || refused {
                readings.set_aside.push((mention, SetAside::AmbiguousLabel));
            } else {
                readings.mentions.push(mention);
            }
        }
        overlap::settle(&mut readings, lexicon);
        readings
    }
}
