//! What the model reads on one page.

use candle_core::{D, Result, Tensor};

use super::head::{Head, VALUES, places};
use super::windows::{NO_TOKEN, Window};
use super::{BATCH, Model, Packed};
use crate::assertion::Axis;
use crate::scheme::ConceptId;
use crate::text::{Kind, Page};

/// A concept that is read in the note, and the words that it rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// The concept.
    pub concept: ConceptId,
    /// Log-odds that the note says it.
    pub log_odds: f32,
    /// Tokens of the page: first, and one past the last.
    pub tokens: (u32, u32),
}

/// Probabilities of the values of each attribute, in the order of [`Axis::ALL`] and of their values.
#[derive(Clone, Debug, PartialEq)]
pub struct Opinions([f32; VALUES]);

impl Opinions {
    /// The probability that it is denied, hypothetical, or both (as if the two were apart).
    pub fn doubt(&self) -> f32 {
        let of = |axis: Axis, value: &str| axis.values().iter().position(|v| *v == value).map_or(0.0, |place| self.0[places(axis).start + place]);
        1.0 - (1.0 - of(Axis::Presence, "denied")) * (1.0 - of(Axis::Time, "hypothetical"))
    }

    /// The likeliest value of an attribute, and its probability.
    pub fn likeliest(&self, axis: Axis) -> (&'static str, f32) {
        let own = &self.0[places(axis)];
        let best = (0..own.len()).max_by(|a, b| own[*a].total_cmp(&own[*b])).unwrap_or(0);
        (axis.values()[best], own[best])
    }
}

/// A page, read by the model.
pub struct Survey<'m> {
    model: &'m Model,
    /// The tokens that the encoder described, and their description.
    tokens: Vec<u32>,
    described: Vec<f32>,
    /// Log-odds that the note says it, by concept.
    log_odds: Vec<f32>,
    /// What is likely enough to be looked at, in the order of the concepts.
    readings: Vec<Reading>,
}

/// Least log-odds of a reading: what only the model reads, and less surely than this, falls far below every threshold.
const FLOOR: f32 = -1.0;
/// Words join the evidence while they score no more than this below its highest.
const REACH: f32 = 2.5;

impl Model {
    /// Reads a page. A page without words has no readings.
    ///
    /// # Errors
    /// Arithmetic fails, which it does only where the model is broken.
    pub fn survey(&self, page: &Page<'_>) -> Result<Survey<'_>> {
        let count = self.concepts.dim(0)?;
        let windows = self.pieces.windows(page);
        let mut survey = Survey { model: self, tokens: Vec::new(), described: Vec::new(), log_odds: vec![f32::MIN; count], readings: Vec::new() };
        let mut best: Vec<Option<(u32, u32)>> = vec![None; count];
        let mut unread = windows.iter();
        for packed in Packed::batches(windows.iter().map(|window| window.pieces.as_slice()), BATCH) {
            let described = self.encoder.forward(&packed)?;
            let scores = self.head.scores(&described, &self.concepts)?;
            let pooled = Head::pooled(&scores, &packed.lengths)?.to_vec2::<f32>()?;
            let scores = scores.to_vec2::<f32>()?;
            let mut row = 0;
            for (pooled, window) in pooled.into_iter().zip(unread.by_ref()) {
                let rows = &scores[row..row + window.pieces.len()];
                row += window.pieces.len();
                for (concept, odds) in pooled.into_iter().enumerate() {
                    if odds > survey.log_odds[concept] {
                        survey.log_odds[concept] = odds;
                        if odds >= FLOOR {
                            best[concept] = evidence(window, rows, concept, page);
                        }
                    }
                }
                survey.tokens.extend_from_slice(&window.tokens);
            }
            survey.described.extend(described.flatten_all()?.to_vec1::<f32>()?);
        }
        survey.readings = best
            .into_iter()
            .enumerate()
            .filter_map(|(concept, tokens)| Some(Reading { concept: ConceptId(concept as u32), log_odds: survey.log_odds[concept], tokens: tokens? }))
            .collect();
        Ok(survey)
    }
}

/// The words around the highest word of a concept in a window, within its sentence.
fn evidence(window: &Window, scores: &[Vec<f32>], concept: usize, page: &Page<'_>) -> Option<(u32, u32)> {
    let score = |at: usize| scores[at][concept];
    let word = |at: usize| window.tokens[at] != NO_TOKEN && matches!(page.tokens[window.tokens[at] as usize].kind, Kind::Word | Kind::Number);
    let top = (0..window.tokens.len()).filter(|&at| word(at)).max_by(|a, b| score(*a).total_cmp(&score(*b)))?;
    let sentence = &page.sentences[page.sentence_of(window.tokens[top])];
    let inside = |at: usize| (sentence.start..sentence.end).contains(&window.tokens[at]) && score(at) >= score(top) - REACH;
    // Marks may stand between words, not at the ends.
    let first = (0..top).rev().take_while(|&at| inside(at)).filter(|&at| word(at)).last().unwrap_or(top);
    let last = (top + 1..window.tokens.len()).take_while(|&at| inside(at)).filter(|&at| word(at)).last().unwrap_or(top);
    Some((window.tokens[first], window.tokens[last] + 1))
}

impl Survey<'_> {
    /// Log-odds that the note says a concept.
    pub fn log_odds(&self, concept: ConceptId) -> f32 {
        self.log_odds[concept.index()]
    }

    /// What is likely enough to be looked at, in the order of the concepts.
    pub fn readings(&self) -> &[Reading] {
        &self.readings
    }

    /// The attributes of concepts read at some tokens of the page, in the order asked.
    ///
    /// # Errors
    /// As [`Model::survey`].
    pub fn opinions(&self, places: &[(ConceptId, (u32, u32))]) -> Result<Vec<Opinions>> {
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let hidden = self.model.encoder.shape().hidden;
        let device = self.model.concepts.device();
        // The mean of each place's own rows: a matrix of all places and all tokens would not fit for a long note.
        let mut means = vec![0.0; places.len() * hidden];
        for ((_, (start, end)), mean) in places.iter().zip(means.chunks_mut(hidden)) {
            let mut count = 0.0;
            for (_, row) in self.tokens.iter().zip(self.described.chunks(hidden)).filter(|(token, _)| (*start..*end).contains(token)) {
                mean.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
                count += 1.0;
            }
            mean.iter_mut().for_each(|sum| *sum /= f32::max(count, 1.0));
        }
        let means = Tensor::from_vec(means, (places.len(), hidden), device)?;
        let which = Tensor::from_vec(places.iter().map(|(concept, _)| concept.0).collect::<Vec<u32>>(), places.len(), device)?;
        let logits = self.model.head.attributes(&means, &self.model.concepts.index_select(&which, 0)?)?;
        let softmax = |axis: Axis| candle_nn::ops::softmax(&logits.narrow(D::Minus1, super::head::places(axis).start, axis.values().len())?, D::Minus1);
        let parts = Axis::ALL.into_iter().map(softmax).collect::<Result<Vec<Tensor>>>()?;
        let rows = Tensor::cat(&parts, D::Minus1)?.to_vec2::<f32>()?;
        Ok(rows.into_iter().map(|row| Opinions(std::array::from_fn(|i| row[i]))).collect())
    }
}
