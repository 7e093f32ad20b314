//! A model on disk: a folder with a manifest that names every other file and its hash.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::encoder::{Shape, Tensors};
use super::words::WordTable;

/// The file that makes a folder a model.
pub const MANIFEST: &str = "manifest.json";
const WEIGHTS: &str = "weights.safetensors";
const TOKENIZER: &str = "tokenizer.json";
const WORDS: &str = "embeddings.words";
const SCALES: &str = "embeddings.word_scales";

/// What a model is and where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Its name in provenance.
    pub name: String,
    /// The published weights that training began with, and their licence.
    pub base: String,
    /// The licence of those.
    pub licence: String,
    /// The shape of its encoder.
    pub shape: Shape,
    /// Longest window, in word pieces.
    pub longest: usize,
    /// The concepts that it was trained on, `scheme/notation`, in the order of its rows; empty where one was left out.
    pub concepts: Vec<String>,
    /// The lists at the time: version and content hash of each scheme.
    pub schemes: BTreeMap<String, String>,
    /// What it was trained on: file and sha256.
    pub trained_on: BTreeMap<String, String>,
    /// How it was trained: setting and value.
    pub settings: BTreeMap<String, String>,
    /// How it did after each pass on the validation notes, in words.
    pub curve: Vec<String>,
    /// The other files: sha256 of each.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
}

/// A model cannot be read or written; the message says how to mend it.
#[derive(Debug, thiserror::Error)]
pub enum ArtefactError {
    /// A file cannot be read or written.
    #[error("{}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The manifest is none.
    #[error("{}: no manifest of a model: {message}", .path.display())]
    Manifest {
        /// The file.
        path: PathBuf,
        /// Why.
        message: String,
    },
    /// A file is not the one that the manifest names.
    #[error("{}: sha256 is {found}, the manifest says {wanted}: bring the folder back as it was published, or train anew", .path.display())]
    Hash {
        /// The file.
        path: PathBuf,
        /// Its hash.
        found: String,
        /// The hash in the manifest.
        wanted: String,
    },
    /// A tensor is missing or has another shape.
    #[error("{}: {source}", .path.display())]
    Tensor {
        /// The file.
        path: PathBuf,
        /// Why.
        source: candle_core::Error,
    },
}

/// A model as read.
pub struct Artefact {
    /// Its manifest.
    pub manifest: Manifest,
    /// Everything but the word table, in full precision.
    pub tensors: Tensors,
    /// The word table.
    pub words: WordTable,
    /// `tokenizer.json`.
    pub tokenizer: Vec<u8>,
    /// `sha256:…` over the manifest, which names every other hash.
    pub digest: String,
}

/// The hash of some bytes, in hexadecimal digits.
pub fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn file_error(path: &Path) -> impl Fn(std::io::Error) -> ArtefactError + '_ {
    |source| ArtefactError::File { path: path.into(), source }
}

/// Writes a model: matrices in half the bytes (bfloat16), the word table in one byte a number.
///
/// # Errors
/// [`ArtefactError`] where a file cannot be written.
pub fn write(folder: &Path, mut manifest: Manifest, tensors: &Tensors, words: &WordTable, tokenizer: &[u8]) -> Result<(), ArtefactError> {
    let weights = folder.join(WEIGHTS);
    let tensor_error = |source| ArtefactError::Tensor { path: weights.clone(), source };
    let hidden = manifest.shape.hidden;
    let (bytes, scales) = words.parts();
    let pack = || -> candle_core::Result<Tensors> {
        let mut out = Tensors::new();
        for (name, tensor) in tensors {
            let matrix = tensor.dims().len() > 1;
            out.insert(name.clone(), if matrix { tensor.to_dtype(DType::BF16)? } else { tensor.clone() });
        }
        out.insert(WORDS.to_owned(), Tensor::from_slice(bytes, (scales.len(), hidden), &Device::Cpu)?);
        out.insert(SCALES.to_owned(), Tensor::from_slice(scales, scales.len(), &Device::Cpu)?);
        Ok(out)
    };
    std::fs::create_dir_all(folder).map_err(file_error(folder))?;
    candle_core::safetensors::save(&pack().map_err(tensor_error)?, &weights).map_err(tensor_error)?;
    let path = folder.join(TOKENIZER);
    std::fs::write(&path, tokenizer).map_err(file_error(&path))?;
    for name in [WEIGHTS, TOKENIZER] {
        let path = folder.join(name);
        manifest.files.insert(name.to_owned(), hash(&std::fs::read(&path).map_err(file_error(&path))?));
    }
    let path = folder.join(MANIFEST);
    let mut json = serde_json::to_vec_pretty(&manifest).map_err(|error| ArtefactError::Manifest { path: path.clone(), message: error.to_string() })?;
    json.push(b'\n');
    std::fs::write(&path, json).map_err(file_error(&path))
}

/// Reads a model and checks every hash.
///
/// # Errors
/// [`ArtefactError`], naming the file and how to mend it.
pub fn read(folder: &Path) -> Result<Artefact, ArtefactError> {
    let path = folder.join(MANIFEST);
    let bytes = std::fs::read(&path).map_err(file_error(&path))?;
    let manifest: Manifest =
        serde_json::from_slice(&bytes).map_err(|error| ArtefactError::Manifest { path: path.clone(), message: format!("line {}: {error}", error.line()) })?;
    let load = |name: &str| -> Result<Vec<u8>, ArtefactError> {
        let path = folder.join(name);
        let bytes = std::fs::read(&path).map_err(file_error(&path))?;
        let found = hash(&bytes);
        match manifest.files.get(name) {
            Some(wanted) if *wanted == found => Ok(bytes),
            wanted => Err(ArtefactError::Hash { path, found, wanted: wanted.cloned().unwrap_or_else(|| "nothing".to_owned()) }),
        }
    };
    let tokenizer = load(TOKENIZER)?;
    let weights = load(WEIGHTS)?;
    let unpack = || -> candle_core::Result<(Tensors, WordTable)> {
        let mut tensors = candle_core::safetensors::load_buffer(&weights, &Device::Cpu)?;
        let mut take = |name: &str| tensors.remove(name).ok_or_else(|| candle_core::Error::msg(format!("no tensor `{name}`")));
        let bytes = take(WORDS)?.flatten_all()?.to_vec1::<u8>()?;
        let scales = take(SCALES)?.to_vec1::<f32>()?;
        let words = WordTable::new(bytes, scales, manifest.shape.hidden)?;
        let tensors = tensors.into_iter().map(|(name, tensor)| Ok((name, tensor.to_dtype(DType::F32)?))).collect::<candle_core::Result<_>>()?;
        Ok((tensors, words))
    };
    let (tensors, words) = unpack().map_err(|source| ArtefactError::Tensor { path: folder.join(WEIGHTS), source })?;
    let digest = format!("sha256:{}", &hash(&bytes)[..12]);
    Ok(Artefact { manifest, tensors, words, tokenizer, digest })
}
