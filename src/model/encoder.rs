//! The encoder: BERT (Devlin, Chang, Lee and Toutanova 2018), the tokens of many windows packed in one matrix.

use std::collections::HashMap;
use std::sync::Arc;

use candle_core::{Device, Result, Tensor};
use serde::{Deserialize, Serialize};

use super::ops::{AddBias, Attention, BiasGelu, LayerNorm};
use super::words::WordTable;

/// The shape of an encoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Numbers that describe a token.
    pub hidden: usize,
    /// Layers.
    pub layers: usize,
    /// Heads of attention of a layer.
    pub heads: usize,
    /// Numbers between the two halves of a layer's second part.
    pub intermediate: usize,
    /// Longest window, in word pieces.
    pub positions: usize,
    /// Word pieces.
    pub vocabulary: usize,
}

/// Tensors by name.
pub type Tensors = HashMap<String, Tensor>;

/// The windows of a batch: word pieces of each, one window after the other.
#[derive(Clone, Default)]
pub struct Packed {
    /// Word pieces.
    pub pieces: Vec<u32>,
    /// How many belong to each window.
    pub lengths: Vec<usize>,
}

impl Packed {
    /// Windows in order, as many in each batch as fit into `most` pieces; a longer one stands alone.
    pub fn batches<'w>(windows: impl IntoIterator<Item = &'w [u32]>, most: usize) -> Vec<Self> {
        let mut batches: Vec<Self> = Vec::new();
        for window in windows {
            match batches.last_mut().filter(|batch| batch.pieces.len() + window.len() <= most) {
                Some(batch) => batch.push(window),
                None => {
                    let mut batch = Self::default();
                    batch.push(window);
                    batches.push(batch);
                }
            }
        }
        batches
    }

    /// Adds a window.
    pub fn push(&mut self, pieces: &[u32]) {
        self.pieces.extend_from_slice(pieces);
        self.lengths.push(pieces.len());
    }
}

/// `y = x W^T + b`.
struct Linear {
    weight: Tensor,
    bias: Tensor,
}

struct Norm {
    weight: Tensor,
    bias: Tensor,
}

struct Layer {
    query_key_value: Linear,
    attended: Linear,
    attended_norm: Norm,
    widen: Linear,
    narrow: Linear,
    norm: Norm,
}

/// An encoder, ready to run; its tensors may be variables that are being trained.
pub struct Encoder {
    shape: Shape,
    words: Arc<WordTable>,
    positions: Tensor,
    norm: Norm,
    layers: Vec<Layer>,
}

impl Linear {
    fn times(&self, x: &Tensor) -> Result<Tensor> {
        x.matmul(&self.weight.t()?)
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.times(x)?.apply_op2(&self.bias, AddBias)
    }

    fn forward_gelu(&self, x: &Tensor) -> Result<Tensor> {
        self.times(x)?.apply_op2(&self.bias, BiasGelu)
    }
}

impl Norm {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        x.apply_op3(&self.weight, &self.bias, LayerNorm)
    }
}

/// Takes a tensor by name and checks its shape.
pub(super) fn take(tensors: &Tensors, name: &str, shape: &[usize]) -> Result<Tensor> {
    let Some(tensor) = tensors.get(name) else { candle_core::bail!("no tensor `{name}`") };
    if tensor.dims() != shape {
        candle_core::bail!("tensor `{name}` has the shape {:?}, not {shape:?}", tensor.dims());
    }
    Ok(tensor.clone())
}

impl Encoder {
    /// Puts an encoder together from its tensors.
    ///
    /// # Errors
    /// A tensor is missing or has another shape.
    pub fn new(shape: Shape, words: Arc<WordTable>, tensors: &Tensors) -> Result<Self> {
        let h = shape.hidden;
        let linear = |name: String, rows: usize, columns: usize| -> Result<Linear> {
            Ok(Linear { weight: take(tensors, &format!("{name}.weight"), &[rows, columns])?, bias: take(tensors, &format!("{name}.bias"), &[rows])? })
        };
        let norm = |name: String| -> Result<Norm> {
            Ok(Norm { weight: take(tensors, &format!("{name}.weight"), &[h])?, bias: take(tensors, &format!("{name}.bias"), &[h])? })
        };
        let layers = (0..shape.layers)
            .map(|i| {
                Ok(Layer {
                    query_key_value: linear(format!("layer.{i}.query_key_value"), 3 * h, h)?,
                    attended: linear(format!("layer.{i}.attended"), h, h)?,
                    attended_norm: norm(format!("layer.{i}.attended_norm"))?,
                    widen: linear(format!("layer.{i}.widen"), shape.intermediate, h)?,
                    narrow: linear(format!("layer.{i}.narrow"), h, shape.intermediate)?,
                    norm: norm(format!("layer.{i}.norm"))?,
                })
            })
            .collect::<Result<Vec<Layer>>>()?;
        let positions = take(tensors, "embeddings.positions", &[shape.positions, h])?;
        Ok(Self { shape, words, positions, norm: norm("embeddings.norm".to_owned())?, layers })
    }

    /// Its shape.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Describes every token of every window: one row a token, `hidden` wide.
    ///
    /// # Errors
    /// A window is longer than `positions`, or a piece is not in the vocabulary.
    pub fn forward(&self, packed: &Packed) -> Result<Tensor> {
        if packed.lengths.iter().any(|&length| length > self.shape.positions) {
            candle_core::bail!("a window is longer than {} word pieces", self.shape.positions);
        }
        let places: Vec<u32> = packed.lengths.iter().flat_map(|&length| 0..length as u32).collect();
        let places = Tensor::from_vec(places, packed.pieces.len(), &Device::Cpu)?;
        let lengths: Arc<[usize]> = packed.lengths.clone().into();
        let mut x = self.norm.forward(&(self.words.look_up(&packed.pieces)? + self.positions.index_select(&places, 0)?)?)?;
        for layer in &self.layers {
            let attention = Attention { lengths: lengths.clone(), heads: self.shape.heads };
            let seen = layer.query_key_value.forward(&x)?.apply_op1(attention)?;
            x = layer.attended_norm.forward(&(layer.attended.forward(&seen)? + &x)?)?;
            let wide = layer.widen.forward_gelu(&x)?;
            x = layer.norm.forward(&(layer.narrow.forward(&wide)? + &x)?)?;
        }
        Ok(x)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use candle_core::{D, Var};

    use super::*;

    /// A shape that is quick to try.
    pub(crate) const SMALL: Shape = Shape { hidden: 32, layers: 2, heads: 4, intermediate: 48, positions: 24, vocabulary: 50 };

    /// Numbers without a pattern, the same at every run.
    fn numbers(count: usize, seed: &mut u64, size: f32) -> Vec<f32> {
        let mut rng = fastrand::Rng::with_seed(*seed);
        *seed += 1;
        (0..count).map(|_| (rng.f32() - 0.5) * size).collect()
    }

    /// An encoder's tensors and word table, random.
    pub(crate) fn random(shape: Shape) -> candle_core::Result<(Tensors, WordTable)> {
        let (h, wide) = (shape.hidden, shape.intermediate);
        let mut seed = 7;
        let mut tensors = Tensors::new();
        let mut add = |name: String, dims: &[usize], around: f32| -> candle_core::Result<()> {
            let values = numbers(dims.iter().product(), &mut seed, 0.8).into_iter().map(|x| x + around).collect::<Vec<f32>>();
            tensors.insert(name, Tensor::from_vec(values, dims, &Device::Cpu)?);
            Ok(())
        };
        add("embeddings.positions".into(), &[shape.positions, h], 0.0)?;
        let mut both = |name: &str, rows: usize, columns: usize| -> candle_core::Result<()> {
            if columns > 0 {
                add(format!("{name}.weight"), &[rows, columns], 0.0)?
            } else {
                add(format!("{name}.weight"), &[rows], 1.0)?
            }
            add(format!("{name}.bias"), &[rows], 0.0)
        };
        both("embeddings.norm", h, 0)?;
        for i in 0..shape.layers {
            both(&format!("layer.{i}.query_key_value"), 3 * h, h)?;
            both(&format!("layer.{i}.attended"), h, h)?;
            both(&format!("layer.{i}.attended_norm"), h, 0)?;
            both(&format!("layer.{i}.widen"), wide, h)?;
            both(&format!("layer.{i}.narrow"), h, wide)?;
            both(&format!("layer.{i}.norm"), h, 0)?;
        }
        let words = WordTable::round(&numbers(shape.vocabulary * h, &mut seed, 2.0), h)?;
        Ok((tensors, words))
    }

    /// The same encoder, one window at a time, from candle's own composed operations.
    fn plain(shape: Shape, words: &WordTable, tensors: &Tensors, pieces: &[u32]) -> candle_core::Result<Tensor> {
        let h = shape.hidden;
        let get = |name: &str| &tensors[name];
        let linear = |x: &Tensor, name: &str| x.matmul(&get(&format!("{name}.weight")).t()?)?.broadcast_add(get(&format!("{name}.bias")));
        let norm = |x: &Tensor, name: &str| candle_nn::ops::layer_norm_slow(x, get(&format!("{name}.weight")), get(&format!("{name}.bias")), 1e-12);
        let n = pieces.len();
        let mut x = norm(&(words.look_up(pieces)? + get("embeddings.positions").narrow(0, 0, n)?)?, "embeddings.norm")?;
        for i in 0..shape.layers {
            let name = |part: &str| format!("layer.{i}.{part}");
            let all = linear(&x, &name("query_key_value"))?;
            let size = h / shape.heads;
            let heads = |which: usize| all.narrow(1, which * h, h)?.contiguous()?.reshape((n, shape.heads, size))?.transpose(0, 1)?.contiguous();
            let (q, k, v) = (heads(0)?, heads(1)?, heads(2)?);
            let scores = (q.matmul(&k.t()?)? / (size as f64).sqrt())?;
            let most = scores.max_keepdim(D::Minus1)?;
            let raised = scores.broadcast_sub(&most)?.exp()?;
            let weights = raised.broadcast_div(&raised.sum_keepdim(D::Minus1)?)?;
            let seen = weights.matmul(&v)?.transpose(0, 1)?.contiguous()?.reshape((n, h))?;
            x = norm(&(linear(&seen, &name("attended"))? + &x)?, &name("attended_norm"))?;
            let wide = linear(&x, &name("widen"))?.gelu_erf()?;
            x = norm(&(linear(&wide, &name("narrow"))? + &x)?, &name("norm"))?;
        }
        Ok(x)
    }

    fn furthest(a: &Tensor, b: &Tensor) -> f32 {
        (a - b).and_then(|d| d.abs()?.flatten_all()?.max(0)?.to_scalar()).expect("one shape")
    }

    #[test]
    fn packed_and_fused_agree_with_plain_operations_in_value_and_gradient() -> candle_core::Result<()> {
        let (tensors, words) = random(SMALL)?;
        let vars: HashMap<String, Var> = tensors.iter().map(|(name, t)| Ok((name.clone(), Var::from_tensor(t)?))).collect::<Result<_>>()?;
        let tensors: Tensors = vars.iter().map(|(name, var)| (name.clone(), var.as_tensor().clone())).collect();
        let words = Arc::new(words);
        let encoder = Encoder::new(SMALL, words.clone(), &tensors)?;
        let windows: [&[u32]; 4] = [&[3], &[1, 2, 3, 4, 5, 6, 7], &[9; 24], &[49, 0, 11]];
        let mut packed = Packed::default();
        windows.iter().for_each(|window| packed.push(window));
        let fused = encoder.forward(&packed)?;
        let apart: Vec<Tensor> = windows.iter().map(|window| plain(SMALL, &words, &tensors, window)).collect::<Result<_>>()?;
        let apart = Tensor::cat(&apart, 0)?;
        assert!(furthest(&fused, &apart) < 2e-5, "values differ by {}", furthest(&fused, &apart));
        // Any function of the output will do; this one weighs every number differently.
        let mut seed = 99;
        let weights = Tensor::from_vec(numbers(fused.elem_count(), &mut seed, 2.0), fused.dims(), &Device::Cpu)?;
        let (ours, theirs) = ((&fused * &weights)?.sum_all()?.backward()?, (&apart * &weights)?.sum_all()?.backward()?);
        for (name, var) in &vars {
            let (a, b) = (ours.get(var.as_tensor()), theirs.get(var.as_tensor()));
            let (a, b) = (a.expect("a gradient"), b.expect("a gradient"));
            let size = b.abs()?.flatten_all()?.max(0)?.to_scalar::<f32>()?;
            // The key's bias moves all scores of a row alike, so its gradient is 0 but for rounding.
            assert!(furthest(a, b) < 2e-4 * size.max(1.0), "the gradient of {name} differs by {} of {size}", furthest(a, b));
        }
        Ok(())
    }

    #[test]
    fn a_window_reads_the_same_alone_and_in_company() -> candle_core::Result<()> {
        let (tensors, words) = random(SMALL)?;
        let encoder = Encoder::new(SMALL, Arc::new(words), &tensors)?;
        let mut both = Packed::default();
        [&[5, 6, 7][..], &[8, 9]].iter().for_each(|window| both.push(window));
        let mut alone = Packed::default();
        alone.push(&[8, 9]);
        let company = encoder.forward(&both)?.narrow(0, 3, 2)?;
        assert!(furthest(&company, &encoder.forward(&alone)?) < 1e-5);
        let again = encoder.forward(&both)?.narrow(0, 3, 2)?;
        assert_eq!(furthest(&company, &again), 0.0, "the same input gives the same numbers");
        assert!(encoder.forward(&Packed { pieces: vec![0; 25], lengths: vec![25] }).is_err(), "longer than it has positions");
        assert!(encoder.forward(&Packed { pieces: vec![50], lengths: vec![1] }).is_err(), "no such piece");
        Ok(())
    }
}
