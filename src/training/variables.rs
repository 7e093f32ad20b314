//! Everything that is trained.

use candle_core::{DType, Device, Result, Tensor, Var};
use fastrand::Rng;

use super::adam::Adam;
use crate::model::encoder::{Shape, Tensors};
use crate::model::head::VALUES;

/// How much faster the head learns than the encoder.
const HEAD: f32 = 12.0;
/// How much matrices shrink by themselves, as a share of the rate.
const DECAY: f32 = 0.01;

/// The variables, by name and in the order of their names.
pub(super) struct Variables {
    named: Vec<(String, Var)>,
}

impl Variables {
    /// The base weights, and a head that begins as the likeness of token and concept.
    pub(super) fn new(base: &Tensors, shape: Shape, seed: u64, concepts: usize) -> Result<Self> {
        let h = shape.hidden;
        let device = &Device::Cpu;
        let mut rng = Rng::with_seed(seed);
        let mut small = |rows: usize, columns: usize, size: f32| -> Result<Tensor> {
            let numbers: Vec<f32> = (0..rows * columns).map(|_| (rng.f32() * 2.0 - 1.0) * size).collect();
            Tensor::from_vec(numbers, (rows, columns), device)
        };
        let identity = Tensor::eye(h, DType::F32, device)?;
        // Glorot and Bengio 2010, halved.
        let width = (3.0 / h as f32).sqrt() * 0.5;
        let head = [
            ("head.query", identity.clone()),
            ("head.project", identity),
            ("head.learned", small(concepts, h, 1e-3)?),
            ("head.bias", Tensor::full(-4.0f32, concepts, device)?),
            ("head.scale", Tensor::full(2.5f32, 1, device)?),
            ("attributes.around", small(h, h, width)?),
            ("attributes.concept", small(h, h, width * 3.0)?),
            ("attributes.mixed_bias", Tensor::zeros(h, DType::F32, device)?),
            ("attributes.values", small(VALUES, h, width)?),
            ("attributes.values_bias", Tensor::zeros(VALUES, DType::F32, device)?),
        ];
        let mut all = base.clone();
        all.extend(head.into_iter().map(|(name, tensor)| (name.to_owned(), tensor)));
        Self::from_tensors(&all)
    }

    /// Variables with these values.
    pub(super) fn from_tensors(tensors: &Tensors) -> Result<Self> {
        let mut named: Vec<(String, Var)> = tensors.iter().map(|(name, tensor)| Ok((name.clone(), Var::from_tensor(tensor)?))).collect::<Result<_>>()?;
        named.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(Self { named })
    }

    /// The tensors behind the variables: what is built from these is trained.
    pub(super) fn tensors(&self) -> Tensors {
        self.named.iter().map(|(name, var)| (name.clone(), var.as_tensor().clone())).collect()
    }

    /// An optimiser of all of them.
    pub(super) fn adam(&self, rate: f32) -> Adam {
        Adam::new(self.named.iter().map(|(name, var)| {
            let head = name.starts_with("head.") || name.starts_with("attributes.");
            let matrix = var.dims().len() > 1;
            (name.clone(), var.clone(), if head { rate * HEAD } else { rate }, if matrix { DECAY } else { 0.0 })
        }))
    }
}
