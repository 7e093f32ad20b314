//! A look at the validation notes after each pass: the model alone, before fusion and calibration.

use candle_core::{Result, Tensor};

use super::examples::values;
use crate::assertion::Axis;
use crate::eval::gold::Gold;
use crate::lexicon::Lexicon;
use crate::model::encoder::{Encoder, Packed};
use crate::model::head::{Head, places};
use crate::model::windows::{NO_TOKEN, Pieces};
use crate::text::Page;

/// What the model alone reads in the notes.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// At the one threshold of highest F1: precision, recall, F1; denied codes count as said.
    best: (f32, f32, f32),
    /// Share of the codes among the ten surest of their note.
    top_ten: f32,
    /// Share of the codes whose highest token is evidence.
    evidence: f32,
    /// Share of right values of each attribute, at the evidence.
    attributes: [f32; 5],
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (p, r, f1) = self.best;
        write!(f, "F1 {f1:.3} (P {p:.3}, R {r:.3}), ten surest {:.3}, evidence {:.3}, attributes {:.3?}", self.top_ten, self.evidence, self.attributes)
    }
}

pub(super) fn look(encoder: &Encoder, head: &Head, texts: &Tensor, pieces: &Pieces, gold: &[Gold], lexicon: &Lexicon) -> Result<Seen> {
    let concepts = head.concepts(texts, None)?.detach();
    let count = concepts.dim(0)?;
    let mut scored: Vec<(f32, bool)> = Vec::new();
    let (mut codes, mut in_ten, mut on_evidence) = (0, 0, 0);
    let (mut right, mut of) = ([0; 5], [0; 5]);
    for Gold { note, concepts: coded } in gold {
        let text = note.text.as_str();
        let page = Page::read(text, &lexicon.language);
        let windows = pieces.windows(&page);
        let mut packed = Packed::default();
        windows.iter().for_each(|w| packed.push(&w.pieces));
        let tokens: Vec<u32> = windows.iter().flat_map(|w| w.tokens.clone()).collect();
        let mut best = vec![f32::MIN; count];
        let mut highest = vec![(f32::MIN, 0usize); count];
        if !windows.is_empty() {
            let described = encoder.forward(&packed)?.detach();
            let scores = head.scores(&described, &concepts)?.detach();
            for row in Head::pooled(&scores, &packed.lengths)?.to_vec2::<f32>()? {
                best.iter_mut().zip(row).for_each(|(b, s)| *b = b.max(s));
            }
            for (at, row) in scores.to_vec2::<f32>()?.into_iter().enumerate().filter(|(at, _)| tokens[*at] != NO_TOKEN) {
                highest.iter_mut().zip(row).filter(|(h, s)| *s > h.0).for_each(|(h, s)| *h = (s, at));
            }
            for (code, concept) in note.codes.iter().zip(coded) {
                let spans: Vec<_> = code.spans(text).collect();
                let inside: Vec<bool> = tokens.iter().map(|&t| t != NO_TOKEN && spans.iter().any(|s| page.tokens[t as usize].span.overlaps(s))).collect();
                on_evidence += usize::from(inside[highest[concept.index()].1]);
                let size = inside.iter().filter(|x| **x).count().max(1) as f32;
                let mean: Vec<f32> = inside.iter().map(|x| if *x { 1.0 / size } else { 0.0 }).collect();
                let mean = Tensor::from_vec(mean, (1, tokens.len()), described.device())?.matmul(&described)?;
                let logits = head.attributes(&mean, &concepts.narrow(0, concept.index(), 1)?)?.flatten_all()?.to_vec1::<f32>()?;
                let wanted = values(&code.assertion());
                for (axis, own) in Axis::ALL.map(places).into_iter().enumerate() {
                    if let Some(wanted) = wanted.iter().find(|w| own.contains(*w)) {
                        of[axis] += 1;
                        right[axis] += usize::from(own.max_by(|a, b| logits[*a].total_cmp(&logits[*b])) == Some(*wanted));
                    }
                }
            }
        }
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|a, b| best[*b].total_cmp(&best[*a]));
        let mut said: Vec<usize> = coded.iter().map(|c| c.index()).collect();
        said.sort_unstable();
        said.dedup();
        codes += said.len();
        in_ten += order.iter().take(10).filter(|c| said.contains(c)).count();
        scored.extend(best.iter().enumerate().map(|(c, s)| (*s, said.contains(&c))));
    }
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut hits, mut best) = (0, (0.0, 0.0, 0.0));
    for (rank, (_, said)) in scored.iter().enumerate() {
        hits += usize::from(*said);
        let (p, r) = (hits as f32 / (rank + 1) as f32, hits as f32 / codes.max(1) as f32);
        let f1 = 2.0 * p * r / (p + r).max(f32::MIN_POSITIVE);
        if f1 > best.2 {
            best = (p, r, f1);
        }
    }
    let total: usize = gold.iter().map(|g| g.note.codes.len()).sum();
    Ok(Seen {
        best,
        top_ten: in_ten as f32 / codes.max(1) as f32,
        evidence: on_evidence as f32 / total.max(1) as f32,
        attributes: std::array::from_fn(|i| right[i] as f32 / of[i].max(1) as f32),
    })
}
