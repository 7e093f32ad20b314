//! Fused operations of the encoder, each with its gradient.
//!
//! candle's own fused layer norm and softmax have no backward pass (gradients before them are dropped without
//! a word), and its composed ones go over memory many times. These work on *packed* rows: the tokens of many
//! windows, one below the other, without padding. Loops are written so that the compiler can
//! use the widest instructions that the machine has ([`pulp`] chooses at run time).

use candle_core::{CpuStorage, CustomOp1, CustomOp2, CustomOp3, Layout, Result, Shape, Tensor, bail};
use pulp::Arch;
use rayon::prelude::*;

use super::arithmetic::{exp, gelu, gelu_slope};

/// Rows that one thread takes at a time.
const ROWS: usize = 32;

/// The numbers of a tensor that lies in one piece.
fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match layout.contiguous_offsets() {
        Some((from, to)) => Ok(&storage.as_slice::<f32>()?[from..to]),
        None => bail!("a fused operation needs a tensor that lies in one piece"),
    }
}

/// The sum over the rows of a matrix, as a product: one row of ones before it.
fn column_sums(rows: &Tensor) -> Result<Tensor> {
    let (count, width) = rows.dims2()?;
    Tensor::ones((1, count), rows.dtype(), rows.device())?.matmul(rows)?.reshape(width)
}

/// `x + b`, the same `b` for every row.
pub(super) struct AddBias;

impl CustomOp2 for AddBias {
    fn name(&self) -> &'static str {
        "add-bias"
    }

    fn cpu_fwd(&self, x: &CpuStorage, lx: &Layout, b: &CpuStorage, lb: &Layout) -> Result<(CpuStorage, Shape)> {
        let (x, b) = (values(x, lx)?, values(b, lb)?);
        let mut out = x.to_vec();
        out.par_chunks_mut(ROWS * b.len()).for_each(|rows| rows.chunks_mut(b.len()).for_each(|row| row.iter_mut().zip(b).for_each(|(y, b)| *y += b)));
        Ok((CpuStorage::F32(out), lx.shape().clone()))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, _: &Tensor, grad: &Tensor) -> Result<(Option<Tensor>, Option<Tensor>)> {
        Ok((Some(grad.clone()), Some(column_sums(&grad.contiguous()?)?)))
    }
}

/// GELU of `x + b` (Hendrycks and Gimpel 2016, the exact form with the error function).
pub(super) struct BiasGelu;
struct BiasGeluSlope;

impl CustomOp2 for BiasGelu {
    fn name(&self) -> &'static str {
        "bias-gelu"
    }

    fn cpu_fwd(&self, x: &CpuStorage, lx: &Layout, b: &CpuStorage, lb: &Layout) -> Result<(CpuStorage, Shape)> {
        let (x, b) = (values(x, lx)?, values(b, lb)?);
        let mut out = x.to_vec();
        out.par_chunks_mut(ROWS * b.len()).for_each(|rows| {
            Arch::new().dispatch(|| rows.chunks_mut(b.len()).for_each(|row| row.iter_mut().zip(b).for_each(|(y, b)| *y = gelu(*y + b))));
        });
        Ok((CpuStorage::F32(out), lx.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, b: &Tensor, _: &Tensor, grad: &Tensor) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let dx = x.apply_op3_no_bwd(b, &grad.contiguous()?, &BiasGeluSlope)?;
        let db = column_sums(&dx)?;
        Ok((Some(dx), Some(db)))
    }
}

impl CustomOp3 for BiasGeluSlope {
    fn name(&self) -> &'static str {
        "bias-gelu-slope"
    }

    fn cpu_fwd(&self, x: &CpuStorage, lx: &Layout, b: &CpuStorage, lb: &Layout, g: &CpuStorage, lg: &Layout) -> Result<(CpuStorage, Shape)> {
        let (x, b, g) = (values(x, lx)?, values(b, lb)?, values(g, lg)?);
        let mut out = x.to_vec();
        let step = ROWS * b.len();
        out.par_chunks_mut(step).zip(g.par_chunks(step)).for_each(|(rows, g)| {
            Arch::new().dispatch(|| {
                for (row, g) in rows.chunks_mut(b.len()).zip(g.chunks(b.len())) {
                    row.iter_mut().zip(b).zip(g).for_each(|((y, b), g)| *y = g * gelu_slope(*y + b));
                }
            });
        });
        Ok((CpuStorage::F32(out), lx.shape().clone()))
    }
}

/// Layer normalisation of rows (Ba, Kiros and Hinton 2016): arguments `x`, weight, bias.
pub(super) struct LayerNorm;
struct LayerNormSlope;
struct Normal;

/// Added to the variance: BERT's.
const EPSILON: f32 = 1e-12;

/// Mean and inverse deviation of a row.
fn moments(row: &[f32]) -> (f32, f32) {
    let n = row.len() as f32;
    let mean = row.iter().sum::<f32>() / n;
    let variance = row.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / n;
    (mean, 1.0 / (variance + EPSILON).sqrt())
}

impl CustomOp3 for LayerNorm {
    fn name(&self) -> &'static str {
        "layer-norm"
    }

    fn cpu_fwd(&self, x: &CpuStorage, lx: &Layout, w: &CpuStorage, lw: &Layout, b: &CpuStorage, lb: &Layout) -> Result<(CpuStorage, Shape)> {
        let (x, w, b) = (values(x, lx)?, values(w, lw)?, values(b, lb)?);
        let mut out = x.to_vec();
        out.par_chunks_mut(ROWS * w.len()).for_each(|rows| {
            Arch::new().dispatch(|| {
                for row in rows.chunks_mut(w.len()) {
                    let (mean, inverse) = moments(row);
                    row.iter_mut().zip(w.iter().zip(b)).for_each(|(x, (w, b))| *x = (*x - mean) * inverse * w + b);
                }
            });
        });
        Ok((CpuStorage::F32(out), lx.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, w: &Tensor, _: &Tensor, _: &Tensor, grad: &Tensor) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let dx = x.apply_op3_no_bwd(w, &grad, &LayerNormSlope)?;
        let dw = column_sums(&(x.apply_op1_no_bwd(&Normal)? * &grad)?)?;
        Ok((Some(dx), Some(dw), Some(column_sums(&grad)?)))
    }
}

impl CustomOp1 for Normal {
    fn name(&self) -> &'static str {
        "normal"
    }

    fn cpu_fwd(&self, x: &CpuStorage, lx: &Layout) -> Result<(CpuStorage, Shape)> {
        let mut out = values(x, lx)?.to_vec();
        let width = lx.shape().dims2()?.1;
        out.par_chunks_mut(width).for_each(|row| {
            let (mean, inverse) = moments(row);
            row.iter_mut().for_each(|x| *x = (*x - mean) * inverse);
        });
        Ok((CpuStorage::F32(out), lx.shape().clone()))
    }
}

impl CustomOp3 for LayerNormSlope {
    fn name(&self) -> &'static str {
        "layer-norm-slope"
    }

    fn cpu_fwd(&self, x: &CpuStorage, lx: &Layout, w: &CpuStorage, lw: &Layout, g: &CpuStorage, lg: &Layout) -> Result<(CpuStorage, Shape)> {
        let (x, w, g) = (values(x, lx)?, values(w, lw)?, values(g, lg)?);
        let width = w.len();
        let mut out = x.to_vec();
        out.par_chunks_mut(ROWS * width).zip(g.par_chunks(ROWS * width)).for_each(|(rows, g)| {
            Arch::new().dispatch(|| {
                for (row, g) in rows.chunks_mut(width).zip(g.chunks(width)) {
                    let (mean, inverse) = moments(row);
                    let (mut sum, mut dot) = (0.0, 0.0);
                    for ((x, w), g) in row.iter().zip(w).zip(g) {
                        sum += g * w;
                        dot += g * w * (x - mean) * inverse;
                    }
                    let (sum, dot) = (sum / width as f32, dot / width as f32);
                    row.iter_mut().zip(w).zip(g).for_each(|((x, w), g)| *x = inverse * (g * w - sum - (*x - mean) * inverse * dot));
                }
            });
        });
        Ok((CpuStorage::F32(out), lx.shape().clone()))
    }
}

/// Cuts rows into the windows that they belong to.
fn by_window<'a>(mut rows: &'a mut [f32], lengths: &[usize], width: usize) -> Vec<&'a mut [f32]> {
    let mut windows = Vec::with_capacity(lengths.len());
    for length in lengths {
        let (window, rest) = rows.split_at_mut(length * width);
        windows.push(window);
        rows = rest;
    }
    windows
}

/// The first row of each window.
fn starts(lengths: &[usize]) -> Vec<usize> {
    lengths.iter().scan(0, |at, length| Some(std::mem::replace(at, *at + length))).collect()
}

/// Attention of every token to all tokens of its window (Vaswani and others 2017); the rows hold query, key and value of all heads.
#[derive(Clone)]
pub(super) struct Attention {
    pub(super) lengths: std::sync::Arc<[usize]>,
    pub(super) heads: usize,
}
struct AttentionSlope(Attention);

/// One head of one window, transposed where the loops want it so.
struct Head {
    query: Vec<f32>,
    key: Vec<f32>,
    key_t: Vec<f32>,
    value: Vec<f32>,
    value_t: Vec<f32>,
}

impl Head {
    #[inline(always)]
    fn read(qkv: &[f32], length: usize, head: usize, heads: usize, size: usize) -> Self {
        let row = 3 * heads * size;
        let part = |which: usize| -> Vec<f32> {
            let mut rows = Vec::with_capacity(length * size);
            for t in 0..length {
                rows.extend_from_slice(&qkv[t * row + (which * heads + head) * size..][..size]);
            }
            rows
        };
        let transpose = |rows: &[f32]| -> Vec<f32> {
            let mut out = vec![0.0; rows.len()];
            for (t, row) in rows.chunks_exact(size).enumerate() {
                row.iter().enumerate().for_each(|(d, x)| out[d * length + t] = *x);
            }
            out
        };
        let (query, key, value) = (part(0), part(1), part(2));
        Self { key_t: transpose(&key), value_t: transpose(&value), query, key, value }
    }

    /// The weights of token `at` over the window.
    #[inline(always)]
    fn weights(&self, at: usize, length: usize, size: usize, weights: &mut [f32]) {
        weights.fill(0.0);
        for (d, q) in self.query[at * size..][..size].iter().enumerate() {
            weights.iter_mut().zip(&self.key_t[d * length..][..length]).for_each(|(w, k)| *w += q * k);
        }
        let scale = 1.0 / (size as f32).sqrt();
        let most = weights.iter().copied().fold(f32::MIN, f32::max);
        weights.iter_mut().for_each(|w| *w = exp((*w - most) * scale));
        let sum: f32 = weights.iter().sum();
        weights.iter_mut().for_each(|w| *w /= sum);
    }
}

impl Attention {
    fn size(&self, width: usize) -> usize {
        width / 3 / self.heads
    }
}

impl CustomOp1 for Attention {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn cpu_fwd(&self, qkv: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let qkv = values(qkv, layout)?;
        let (rows, width) = layout.shape().dims2()?;
        let (size, hidden) = (self.size(width), width / 3);
        let mut out = vec![0.0; rows * hidden];
        let windows = by_window(&mut out, &self.lengths, hidden);
        windows.into_par_iter().zip(starts(&self.lengths)).zip(&self.lengths[..]).for_each(|((out, start), &length)| {
            let qkv = &qkv[start * width..(start + length) * width];
            Arch::new().dispatch(|| {
                let mut weights = vec![0.0; length];
                for h in 0..self.heads {
                    let head = Head::read(qkv, length, h, self.heads, size);
                    for at in 0..length {
                        head.weights(at, length, size, &mut weights);
                        let out = &mut out[at * hidden + h * size..][..size];
                        for (j, w) in weights.iter().enumerate() {
                            out.iter_mut().zip(&head.value[j * size..][..size]).for_each(|(y, v)| *y += w * v);
                        }
                    }
                }
            });
        });
        Ok((CpuStorage::F32(out), (rows, hidden).into()))
    }

    fn bwd(&self, qkv: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(qkv.apply_op2_no_bwd(&grad.contiguous()?, &AttentionSlope(self.clone()))?))
    }
}

impl CustomOp2 for AttentionSlope {
    fn name(&self) -> &'static str {
        "attention-slope"
    }

    fn cpu_fwd(&self, qkv: &CpuStorage, layout: &Layout, grad: &CpuStorage, lg: &Layout) -> Result<(CpuStorage, Shape)> {
        let (qkv, grad) = (values(qkv, layout)?, values(grad, lg)?);
        let (rows, width) = layout.shape().dims2()?;
        let (size, hidden, heads) = (self.0.size(width), width / 3, self.0.heads);
        let scale = 1.0 / (size as f32).sqrt();
        let mut out = vec![0.0; rows * width];
        let windows = by_window(&mut out, &self.0.lengths, width);
        windows.into_par_iter().zip(starts(&self.0.lengths)).zip(&self.0.lengths[..]).for_each(|((out, start), &length)| {
            let qkv = &qkv[start * width..(start + length) * width];
            let grad = &grad[start * hidden..(start + length) * hidden];
            Arch::new().dispatch(|| {
                let (mut weights, mut slopes) = (vec![0.0; length], vec![0.0; length]);
                for h in 0..heads {
                    let head = Head::read(qkv, length, h, heads, size);
                    let place = |t: usize, which: usize| t * width + (which * heads + h) * size;
                    for at in 0..length {
                        head.weights(at, length, size, &mut weights);
                        let g = &grad[at * hidden + h * size..][..size];
                        slopes.fill(0.0);
                        for (d, g) in g.iter().enumerate() {
                            slopes.iter_mut().zip(&head.value_t[d * length..][..length]).for_each(|(s, v)| *s += g * v);
                        }
                        let mean: f32 = slopes.iter().zip(&weights).map(|(s, w)| s * w).sum();
                        slopes.iter_mut().zip(&weights).for_each(|(s, w)| *s = w * (*s - mean) * scale);
                        let query = &head.query[at * size..][..size];
                        let mut dq = [0.0; 128];
                        for j in 0..length {
                            let (w, s) = (weights[j], slopes[j]);
                            dq[..size].iter_mut().zip(&head.key[j * size..][..size]).for_each(|(d, k)| *d += s * k);
                            out[place(j, 1)..][..size].iter_mut().zip(query).for_each(|(d, q)| *d += s * q);
                            out[place(j, 2)..][..size].iter_mut().zip(g).for_each(|(d, g)| *d += w * g);
                        }
                        out[place(at, 0)..][..size].iter_mut().zip(&dq).for_each(|(o, d)| *o += d);
                    }
                }
            });
        });
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }
}

/// One score a window and column: the mean of the tokens' scores, each weighted by its own exponential.
///
/// It lies between mean and maximum, leans to the maximum, and does not grow with the length of the window.
#[derive(Clone)]
pub(super) struct Pool {
    pub(super) lengths: std::sync::Arc<[usize]>,
}
struct PoolSlope(Pool);

/// The weighted mean of each column of a window, and the sum of the weights, whose scale is that of the maximum.
#[inline(always)]
fn pooled(scores: &[f32], width: usize) -> (Vec<f32>, Vec<f32>, Vec<f32>) {
    let mut most = vec![f32::MIN; width];
    scores.chunks(width).for_each(|row| most.iter_mut().zip(row).for_each(|(m, s)| *m = m.max(*s)));
    let (mut sum, mut mean) = (vec![0.0; width], vec![0.0; width]);
    for row in scores.chunks(width) {
        for (((s, m), sum), mean) in row.iter().zip(&most).zip(&mut sum).zip(&mut mean) {
            let weight = exp(s - m);
            *sum += weight;
            *mean += weight * s;
        }
    }
    mean.iter_mut().zip(&sum).for_each(|(m, s)| *m /= s);
    (mean, most, sum)
}

impl CustomOp1 for Pool {
    fn name(&self) -> &'static str {
        "pool"
    }

    fn cpu_fwd(&self, scores: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let scores = values(scores, layout)?;
        let width = layout.shape().dims2()?.1;
        let mut out = vec![0.0; self.lengths.len() * width];
        out.par_chunks_mut(width).zip(starts(&self.lengths)).zip(&self.lengths[..]).for_each(|((out, start), length)| {
            Arch::new().dispatch(|| out.copy_from_slice(&pooled(&scores[start * width..(start + length) * width], width).0));
        });
        Ok((CpuStorage::F32(out), (self.lengths.len(), width).into()))
    }

    fn bwd(&self, scores: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(scores.apply_op2_no_bwd(&grad.contiguous()?, &PoolSlope(self.clone()))?))
    }
}

impl CustomOp2 for PoolSlope {
    fn name(&self) -> &'static str {
        "pool-slope"
    }

    fn cpu_fwd(&self, scores: &CpuStorage, layout: &Layout, grad: &CpuStorage, lg: &Layout) -> Result<(CpuStorage, Shape)> {
        let (scores, grad) = (values(scores, layout)?, values(grad, lg)?);
        let width = layout.shape().dims2()?.1;
        let mut out = scores.to_vec();
        let windows = by_window(&mut out, &self.0.lengths, width);
        windows.into_par_iter().zip(grad.par_chunks(width)).for_each(|(rows, grad)| {
            Arch::new().dispatch(|| {
                let (mean, most, sum) = pooled(rows, width);
                for row in rows.chunks_mut(width) {
                    for (c, s) in row.iter_mut().enumerate() {
                        *s = grad[c] * exp(*s - most[c]) / sum[c] * (1.0 + *s - mean[c]);
                    }
                }
            });
        });
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }
}
