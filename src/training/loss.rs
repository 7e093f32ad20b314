//! What training makes small.
//!
//! Concepts: cross entropy where rare positives stand against very many negatives, so that easy negatives count
//! less (asymmetric loss: Ben-Baruch and others 2020, without its shift, and the weight of a negative has no gradient of its own). Words: the tokens of the evidence score high for
//! their concept, the other tokens of the window low. Attributes: cross entropy over the values of each.

use candle_core::{D, Device, Result, Tensor};

use super::examples::Batch;
use crate::model::encoder::Encoder;
use crate::model::head::{Head, VALUES, places};

/// How much less an easy negative counts: its probability to this power.
const FOCUS: f64 = 1.5;
/// The share of the words' loss, and of the attributes'.
const WORDS: f64 = 0.5;
const ATTRIBUTES: f64 = 0.15;

/// `ln(1 + e^x)`, safe for large `x`.
fn softplus(x: &Tensor) -> Result<Tensor> {
    x.relu()? + (x.abs()?.neg()?.exp()? + 1.0)?.log()?
}

/// The three losses of a batch, each a number.
pub(super) struct Losses {
    pub(super) concepts: Tensor,
    pub(super) words: Tensor,
    pub(super) attributes: Tensor,
}

impl Losses {
    pub(super) fn total(&self) -> Result<Tensor> {
        (&self.concepts + (&self.words * WORDS)?)? + (&self.attributes * ATTRIBUTES)?
    }
}

/// The losses of a batch; `texts` describe the concepts' texts.
pub(super) fn losses(encoder: &Encoder, head: &Head, texts: &Tensor, seen: &Tensor, batch: &Batch) -> Result<Losses> {
    let device = &Device::Cpu;
    let windows = batch.packed.lengths.len();
    let described = encoder.forward(&batch.packed)?;
    let concepts = head.concepts(texts, Some(seen))?;
    let count = concepts.dim(0)?;
    let scores = head.scores(&described, &concepts)?;
    let pooled = Head::pooled(&scores, &batch.packed.lengths)?;

    let wanted = Tensor::from_slice(&batch.wanted, (windows, count), device)?;
    let unwanted = Tensor::from_slice(&batch.unwanted, (windows, count), device)?;
    let easy = candle_nn::ops::sigmoid(&pooled.detach())?.powf(FOCUS)?;
    let per_concept = ((softplus(&pooled.neg()?)? * wanted)? + (softplus(&pooled)? * (unwanted * easy)?)?)?;
    let concept_loss = (per_concept.sum_all()? / windows as f64)?;

    let words = if batch.places.is_empty() {
        concept_loss.zeros_like()?
    } else {
        let places = Tensor::from_slice(&batch.places, batch.places.len(), device)?;
        let signs = Tensor::from_slice(&batch.signs, batch.signs.len(), device)?;
        let weights = Tensor::from_slice(&batch.weights, batch.weights.len(), device)?;
        let at = scores.flatten_all()?.index_select(&places, 0)?;
        ((softplus(&(at * signs)?)? * weights)?.sum_all()? / windows as f64)?
    };

    let attributes = if batch.codes.is_empty() {
        concept_loss.zeros_like()?
    } else {
        let codes = batch.codes.len();
        let means = Tensor::from_slice(&batch.means, (codes, batch.packed.pieces.len()), device)?;
        let which = Tensor::from_slice(&batch.codes, codes, device)?;
        let logits = head.attributes(&means.matmul(&described)?, &concepts.index_select(&which, 0)?)?;
        let targets = Tensor::from_slice(&batch.values, (codes, VALUES), device)?;
        let mut sum = concept_loss.zeros_like()?;
        for own in crate::Axis::ALL.map(places) {
            let logits = logits.narrow(D::Minus1, own.start, own.len())?;
            // One target of the axis is 1, or none where the code has no such attribute.
            let targets = targets.narrow(D::Minus1, own.start, own.len())?;
            sum = (sum - (candle_nn::ops::log_softmax(&logits, D::Minus1)? * targets)?.sum_all()?)?;
        }
        (sum / windows as f64)?
    };
    Ok(Losses { concepts: concept_loss, words, attributes })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::examples::{Code, Example};
    use super::super::variables::Variables;
    use super::*;
    use crate::model::encoder::tests::{SMALL, random};

    fn examples() -> Vec<Example> {
        let code = |concept: u32, pieces: &[u32], values: &[usize]| Code { concept, pieces: pieces.to_vec(), values: values.to_vec() };
        vec![
            Example { pieces: vec![1, 5, 6, 7, 2], codes: vec![code(0, &[1, 2], &[0, 4, 8, 20, 22])], ..Example::default() },
            Example { pieces: vec![1, 9, 8, 2], codes: vec![code(2, &[1], &[3, 5, 9, 18]), code(1, &[2], &[1, 4, 10, 19])], unknown: vec![3], joins: true },
            Example { pieces: vec![1, 30, 31, 32, 33, 2], ..Example::default() },
        ]
    }

    #[test]
    fn every_parameter_gets_a_gradient_and_steps_make_the_loss_smaller() -> Result<()> {
        let (base, words) = random(SMALL)?;
        let variables = Variables::new(&base, SMALL, 1, 4)?;
        let tensors = variables.tensors();
        let (encoder, head) = (Encoder::new(SMALL, Arc::new(words), &tensors)?, Head::new(SMALL.hidden, 4, &tensors)?);
        let texts = base["layer.0.attended.weight"].narrow(0, 0, 4)?;
        let seen = Tensor::ones((4, 1), candle_core::DType::F32, &Device::Cpu)?;
        let batch = Batch::new(&examples(), 4, &[]);
        let loss = || losses(&encoder, &head, &texts, &seen, &batch)?.total();
        let before = loss()?;
        let gradients = before.backward()?;
        for (name, tensor) in &tensors {
            let gradient = gradients.get(tensor).unwrap_or_else(|| panic!("no gradient for {name}"));
            let size = gradient.abs()?.sum_all()?.to_scalar::<f32>()?;
            assert!(size > 0.0 && size.is_finite(), "the gradient of {name} is {size}");
        }
        let mut adam = variables.adam(1e-3);
        for _ in 0..30 {
            adam.step(&[loss()?.backward()?], 1.0)?;
        }
        let (before, after) = (before.to_scalar::<f32>()?, loss()?.to_scalar::<f32>()?);
        assert!(after < before * 0.7, "{before} to {after}");
        Ok(())
    }

    #[test]
    fn a_concept_left_out_is_neither_wanted_nor_unwanted() {
        let batch = Batch::new(&examples(), 4, &[2]);
        for (window, (wanted, unwanted)) in batch.wanted.chunks(4).zip(batch.unwanted.chunks(4)).enumerate() {
            assert_eq!((wanted[2], unwanted[2]), (0.0, 0.0), "window {window}");
        }
        assert_eq!(batch.codes, [0, 1], "nor does it teach attributes");
        assert_eq!(&batch.unwanted[4..8], [1.0, 0.0, 0.0, 0.0], "a code of another window is not known to be absent here");
    }
}
