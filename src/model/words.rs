//! The table of word pieces: each described by `hidden` numbers of one byte and a scale.

use candle_core::{Device, Result, Tensor};

/// The value that stands for 0.
const ZERO: f32 = 128.0;

/// What each word piece means before its neighbours are read. It is rounded before training and does not change
/// in it, so nothing is lost later, and it takes a quarter of the room.
pub struct WordTable {
    bytes: Vec<u8>,
    scales: Vec<f32>,
    hidden: usize,
}

impl WordTable {
    /// A table of rows of `hidden` bytes, each with its scale.
    ///
    /// # Errors
    /// The lengths do not fit each other.
    pub fn new(bytes: Vec<u8>, scales: Vec<f32>, hidden: usize) -> Result<Self> {
        if bytes.len() != scales.len() * hidden {
            candle_core::bail!("a table of {} rows of {hidden} numbers cannot hold {} bytes", scales.len(), bytes.len());
        }
        Ok(Self { bytes, scales, hidden })
    }

    /// Rounds a table of rows of `hidden` numbers.
    ///
    /// # Errors
    /// The numbers are no whole rows.
    pub fn round(numbers: &[f32], hidden: usize) -> Result<Self> {
        let scale = |row: &[f32]| row.iter().fold(0.0, |most: f32, x| most.max(x.abs())) / 127.0;
        let scales: Vec<f32> = numbers.chunks(hidden).map(|row| scale(row).max(f32::MIN_POSITIVE)).collect();
        let bytes = numbers.chunks(hidden).zip(&scales).flat_map(|(row, scale)| row.iter().map(move |x| ((x / scale).round() + ZERO) as u8)).collect();
        Self::new(bytes, scales, hidden)
    }

    /// How many word pieces it has.
    pub fn len(&self) -> usize {
        self.scales.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.scales.is_empty()
    }

    /// The rows of these pieces, one below the other.
    ///
    /// # Errors
    /// A piece is not in the table.
    pub fn look_up(&self, pieces: &[u32]) -> Result<Tensor> {
        let mut out = Vec::with_capacity(pieces.len() * self.hidden);
        for &piece in pieces {
            let Some(scale) = self.scales.get(piece as usize) else { candle_core::bail!("no word piece {piece}") };
            let row = &self.bytes[piece as usize * self.hidden..][..self.hidden];
            out.extend(row.iter().map(|&byte| (f32::from(byte) - ZERO) * scale));
        }
        Tensor::from_vec(out, (pieces.len(), self.hidden), &Device::Cpu)
    }

    /// Its bytes and scales, as they are stored.
    pub fn parts(&self) -> (&[u8], &[f32]) {
        (&self.bytes, &self.scales)
    }
}
