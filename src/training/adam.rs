//! AdamW (Loshchilov and Hutter 2019), each variable in one pass over memory.

use std::sync::Mutex;

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, Device, InplaceOp2, Layout, Result, Tensor, Var, bail};
use rayon::prelude::*;

const BETA: (f32, f32) = (0.9, 0.98);
const EPSILON: f32 = 1e-8;
/// Largest length of the whole gradient; a longer one is shortened to it.
const CLIP: f32 = 1.0;
/// Numbers that one thread takes at a time.
const STEP: usize = 65_536;

/// One variable with its moments.
struct Slot {
    name: String,
    var: Var,
    rate: f32,
    decay: f32,
    moments: Mutex<(Vec<f32>, Vec<f32>)>,
}

/// The optimiser.
pub(super) struct Adam {
    slots: Vec<Slot>,
    step: i32,
}

/// One update of one variable.
struct Update<'a> {
    slot: &'a Slot,
    rate: f32,
    shrink: f32,
    correction: (f32, f32),
}

impl InplaceOp2 for Update<'_> {
    fn name(&self) -> &'static str {
        "adam"
    }

    fn cpu_fwd(&self, var: &mut CpuStorage, lv: &Layout, grad: &CpuStorage, lg: &Layout) -> Result<()> {
        let (Some((from, to)), Some((gf, gt)), CpuStorage::F32(var)) = (lv.contiguous_offsets(), lg.contiguous_offsets(), var) else {
            bail!("a variable or its gradient does not lie in one piece")
        };
        let grad = &grad.as_slice::<f32>()?[gf..gt];
        let mut moments = self.slot.moments.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let (first, second) = &mut *moments;
        let chunks = var[from..to].par_chunks_mut(STEP).zip(grad.par_chunks(STEP)).zip(first.par_chunks_mut(STEP).zip(second.par_chunks_mut(STEP)));
        chunks.for_each(|((var, grad), (first, second))| {
            pulp::Arch::new().dispatch(|| {
                for (((x, g), m), v) in var.iter_mut().zip(grad).zip(first).zip(second) {
                    let g = g * self.shrink;
                    *m = BETA.0 * *m + (1.0 - BETA.0) * g;
                    *v = BETA.1 * *v + (1.0 - BETA.1) * g * g;
                    let step = *m * self.correction.0 / ((*v * self.correction.1).sqrt() + EPSILON);
                    *x -= self.rate * (step + self.slot.decay * *x);
                }
            });
        });
        Ok(())
    }
}

impl Adam {
    /// Takes variables with their name, rate and decay.
    pub(super) fn new(variables: impl IntoIterator<Item = (String, Var, f32, f32)>) -> Self {
        let slots = variables
            .into_iter()
            .map(|(name, var, rate, decay)| {
                let count = var.as_tensor().elem_count();
                Slot { name, var, rate, decay, moments: Mutex::new((vec![0.0; count], vec![0.0; count])) }
            })
            .collect();
        Self { slots, step: 0 }
    }

    /// The moments of each variable, by its name.
    pub(super) fn moments(&self) -> Result<Vec<(&str, [Tensor; 2])>> {
        let tensors = |slot: &Slot| -> Result<[Tensor; 2]> {
            let moments = slot.moments.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let tensor = |numbers: &[f32]| Tensor::from_slice(numbers, numbers.len(), &Device::Cpu);
            Ok([tensor(&moments.0)?, tensor(&moments.1)?])
        };
        self.slots.iter().map(|slot| Ok((slot.name.as_str(), tensors(slot)?))).collect()
    }

    /// Goes on after `steps` steps with these moments.
    pub(super) fn restore(&mut self, steps: usize, mut moments: impl FnMut(&str) -> [Option<Tensor>; 2]) -> Result<()> {
        self.step = steps as i32;
        for slot in &self.slots {
            let [Some(first), Some(second)] = moments(&slot.name) else { bail!("no moments for `{}` in the saved run", slot.name) };
            *slot.moments.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = (first.to_vec1()?, second.to_vec1()?);
        }
        Ok(())
    }

    /// Moves every variable against the mean of its gradients; `share` is the share of the full rate.
    pub(super) fn step(&mut self, gradients: &[GradStore], share: f32) -> Result<()> {
        self.step += 1;
        let mut squares = 0.0;
        let mut means = Vec::with_capacity(self.slots.len());
        for slot in &self.slots {
            let mut mean: Option<Tensor> = None;
            for store in gradients {
                // A part of a step without codes says nothing of attributes.
                let Some(gradient) = store.get(slot.var.as_tensor()) else { continue };
                mean = Some(match mean {
                    Some(sum) => (sum + gradient)?,
                    None => gradient.contiguous()?,
                });
            }
            let mean = match mean {
                Some(mean) => mean,
                None => slot.var.as_tensor().zeros_like()?,
            };
            squares += mean.flatten_all()?.sqr()?.sum_all()?.to_scalar::<f32>()?;
            means.push(mean);
        }
        let squares = squares / (gradients.len() * gradients.len()) as f32;
        let length = squares.sqrt();
        if !length.is_finite() {
            bail!("the gradient is no number: training has gone astray; try a lower rate");
        }
        let shrink = if length > CLIP { CLIP / length } else { 1.0 } / gradients.len() as f32;
        let correction = (1.0 / (1.0 - BETA.0.powi(self.step)), 1.0 / (1.0 - BETA.1.powi(self.step)));
        for (slot, mean) in self.slots.iter().zip(&means) {
            slot.var.as_tensor().inplace_op2(mean, &Update { slot, rate: slot.rate * share, shrink, correction })?;
        }
        Ok(())
    }
}
