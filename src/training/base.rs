//! The published weights that training begins with: read, checked by hash, and renamed to our names.

use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor};

use crate::model::WordTable;
use crate::model::artefact::hash;
use crate::model::encoder::{Shape, Tensors};

/// all-MiniLM-L6-v2 (Apache-2.0), as `models/fetch` brings it.
pub(super) const NAME: &str = "all-MiniLM-L6-v2";
/// Its licence.
pub(super) const LICENCE: &str = "Apache-2.0";
const WEIGHTS: &str = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db";
const TOKENIZER: &str = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037";

/// Its shape.
pub(super) const SHAPE: Shape = Shape { hidden: 384, layers: 6, heads: 12, intermediate: 1536, positions: 512, vocabulary: 30522 };

/// The base weights cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BaseError {
    /// A file is missing.
    #[error("{}: cannot be read ({source}); run `models/fetch` first", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not the published one.
    #[error("{}: sha256 is {found}, not {wanted}; remove it and run `models/fetch`", .path.display())]
    Hash {
        /// The file.
        path: PathBuf,
        /// Its hash.
        found: String,
        /// The published hash.
        wanted: &'static str,
    },
    /// A tensor is missing or has another shape.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
}

/// What training begins with.
pub(super) struct Base {
    pub(super) words: WordTable,
    pub(super) tensors: Tensors,
    pub(super) tokenizer: Vec<u8>,
}

fn read(path: PathBuf, wanted: &'static str) -> Result<Vec<u8>, BaseError> {
    let bytes = std::fs::read(&path).map_err(|source| BaseError::Read { path: path.clone(), source })?;
    let found = hash(&bytes);
    if found == wanted { Ok(bytes) } else { Err(BaseError::Hash { path, found, wanted }) }
}

/// Reads the base from its folder.
pub(super) fn load(folder: &Path) -> Result<Base, BaseError> {
    let weights = read(folder.join("model.safetensors"), WEIGHTS)?;
    let tokenizer = read(folder.join("tokenizer.json"), TOKENIZER)?;
    let from = candle_core::safetensors::load_buffer(&weights, &Device::Cpu)?;
    let get = |name: &str| -> Result<Tensor, candle_core::Error> {
        match from.get(name) {
            Some(tensor) => tensor.to_dtype(DType::F32),
            None => candle_core::bail!("no tensor `{name}` in the base weights"),
        }
    };
    let words: Vec<f32> = get("embeddings.word_embeddings.weight")?.flatten_all()?.to_vec1()?;
    let mut tensors = Tensors::new();
    // All windows are of the first kind, so its description is added once and for all.
    let kind = get("embeddings.token_type_embeddings.weight")?.narrow(0, 0, 1)?;
    tensors.insert("embeddings.positions".into(), get("embeddings.position_embeddings.weight")?.broadcast_add(&kind)?);
    let mut rename = |ours: String, theirs: String| -> Result<(), candle_core::Error> {
        for part in ["weight", "bias"] {
            tensors.insert(format!("{ours}.{part}"), get(&format!("{theirs}.{part}"))?);
        }
        Ok(())
    };
    rename("embeddings.norm".into(), "embeddings.LayerNorm".into())?;
    for i in 0..SHAPE.layers {
        let (ours, theirs) = (format!("layer.{i}"), format!("encoder.layer.{i}"));
        rename(format!("{ours}.attended"), format!("{theirs}.attention.output.dense"))?;
        rename(format!("{ours}.attended_norm"), format!("{theirs}.attention.output.LayerNorm"))?;
        rename(format!("{ours}.widen"), format!("{theirs}.intermediate.dense"))?;
        rename(format!("{ours}.narrow"), format!("{theirs}.output.dense"))?;
        rename(format!("{ours}.norm"), format!("{theirs}.output.LayerNorm"))?;
    }
    for i in 0..SHAPE.layers {
        for part in ["weight", "bias"] {
            let of = |name: &str| get(&format!("encoder.layer.{i}.attention.self.{name}.{part}"));
            tensors.insert(format!("layer.{i}.query_key_value.{part}"), Tensor::cat(&[of("query")?, of("key")?, of("value")?], 0)?);
        }
    }
    Ok(Base { words: WordTable::round(&words, SHAPE.hidden)?, tensors, tokenizer })
}
