//! From described tokens to scores of concepts, and to attributes.
//!
//! Each token is scored for each concept: the product of what the token says (`query`) and what the concept is.
//! A concept is what its texts say (`project`ed from the encoder's own description of them), plus what
//! training added to it (`learned`). A concept that training never saw has its texts alone, and is scored all the same.

use std::ops::Range;

use candle_core::{Result, Tensor};

use super::encoder::{Tensors, take};
use super::ops::{AddBias, BiasGelu, Pool};
use crate::assertion::Axis;

/// How many values the five attributes have together, in the order of [`crate::Axis::ALL`].
pub const VALUES: usize = 4 + 4 + 9 + 4 + 7;

/// Where the values of an attribute stand among all values.
pub fn places(axis: Axis) -> Range<usize> {
    let from: usize = Axis::ALL.iter().take_while(|other| **other != axis).map(|other| other.values().len()).sum();
    from..from + axis.values().len()
}

/// Scores tokens for concepts.
pub struct Head {
    query: Tensor,
    project: Tensor,
    learned: Tensor,
    bias: Tensor,
    scale: Tensor,
    around: Tensor,
    concept: Tensor,
    mixed_bias: Tensor,
    values: Tensor,
    values_bias: Tensor,
}

impl Head {
    /// Puts a head together for `concepts` concepts.
    ///
    /// # Errors
    /// A tensor is missing or has another shape.
    pub fn new(hidden: usize, concepts: usize, tensors: &Tensors) -> Result<Self> {
        let square = [hidden, hidden];
        Ok(Self {
            query: take(tensors, "head.query", &square)?,
            project: take(tensors, "head.project", &square)?,
            learned: take(tensors, "head.learned", &[concepts, hidden])?,
            bias: take(tensors, "head.bias", &[concepts])?,
            scale: take(tensors, "head.scale", &[1])?,
            around: take(tensors, "attributes.around", &square)?,
            concept: take(tensors, "attributes.concept", &square)?,
            mixed_bias: take(tensors, "attributes.mixed_bias", &[hidden])?,
            values: take(tensors, "attributes.values", &[VALUES, hidden])?,
            values_bias: take(tensors, "attributes.values_bias", &[VALUES])?,
        })
    }

    /// What each concept is: one row each. `texts` are the descriptions of their texts; `seen` says for
    /// which concepts (one row each, 1 or 0) what training added counts; for all where it is none.
    ///
    /// # Errors
    /// Shapes do not fit.
    pub fn concepts(&self, texts: &Tensor, seen: Option<&Tensor>) -> Result<Tensor> {
        let learned = match seen {
            Some(seen) => self.learned.broadcast_mul(seen)?,
            None => self.learned.clone(),
        };
        texts.matmul(&self.project.t()?)? + learned
    }

    /// Log-odds of every concept at every token: `(tokens, concepts)`.
    ///
    /// # Errors
    /// Shapes do not fit.
    pub fn scores(&self, described: &Tensor, concepts: &Tensor) -> Result<Tensor> {
        let query = described.matmul(&self.query.t()?)?.broadcast_mul(&self.scale)?;
        query.matmul(&concepts.t()?)?.apply_op2(&self.bias, AddBias)
    }

    /// Log-odds of every concept in every window: `(windows, concepts)`.
    ///
    /// # Errors
    /// Shapes do not fit.
    pub fn pooled(scores: &Tensor, lengths: &[usize]) -> Result<Tensor> {
        scores.apply_op1(Pool { lengths: lengths.into() })
    }

    /// Log-odds of every value of the five attributes, for each row: `evidence` describes the words (the mean of
    /// their tokens), `concepts` is the concept that they are evidence for.
    ///
    /// # Errors
    /// Shapes do not fit.
    pub fn attributes(&self, evidence: &Tensor, concepts: &Tensor) -> Result<Tensor> {
        let mixed = (evidence.matmul(&self.around.t()?)? + concepts.matmul(&self.concept.t()?)?)?;
        mixed.apply_op2(&self.mixed_bias, BiasGelu)?.matmul(&self.values.t()?)?.apply_op2(&self.values_bias, AddBias)
    }
}
