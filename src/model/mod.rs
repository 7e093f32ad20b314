//! The transformer: what the words say where no label foresaw them.
//!
//! [`windows`] cuts a page into word pieces, [`encoder`] describes each by its neighbours, [`head`] scores each for
//! every concept, so that a suggestion always has the words that it rests on. [`concepts`] describes concepts by
//! their texts, so that a new one is scored before anything was trained. [`Model`] puts them together.

pub mod artefact;
pub mod concepts;
pub mod encoder;
pub mod head;
pub mod windows;

mod arithmetic;
mod ops;
mod survey;
mod words;

pub use survey::{Opinions, Reading, Survey};
pub use words::WordTable;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use candle_core::Tensor;

use crate::lexicon::Lexicon;
use crate::records::keyed;
use crate::text::Page;
use artefact::{Artefact, ArtefactError, Manifest};
use encoder::{Encoder, Packed};
use head::Head;
use windows::Pieces;

/// The one model among the folders of `models`; none where there is none.
///
/// # Errors
/// There are several.
pub fn find(models: &Path) -> Result<Option<PathBuf>, ModelError> {
    let entries = std::fs::read_dir(models).map(|entries| entries.flatten().map(|entry| entry.path()).collect::<Vec<_>>()).unwrap_or_default();
    let mut found: Vec<PathBuf> = entries.into_iter().filter(|path| path.join(artefact::MANIFEST).is_file()).collect();
    found.sort();
    match found.as_slice() {
        [first, second, ..] => Err(ModelError::Several { first: first.clone(), second: second.clone() }),
        _ => Ok(found.pop()),
    }
}

/// A model cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Its files.
    #[error(transparent)]
    Artefact(#[from] ArtefactError),
    /// There is more than one.
    #[error("{} and {}: one model at a time; move the other out of the folder", .first.display(), .second.display())]
    Several {
        /// One.
        first: PathBuf,
        /// Another.
        second: PathBuf,
    },
    /// Its tokenizer.
    #[error("{}: the tokenizer cannot be read: {message}", .folder.display())]
    Tokenizer {
        /// The model's folder.
        folder: PathBuf,
        /// Why.
        message: String,
    },
    /// Its tensors do not fit each other.
    #[error("{}: {source}", .folder.display())]
    Tensor {
        /// The model's folder.
        folder: PathBuf,
        /// Why.
        source: candle_core::Error,
    },
}

/// A trained model, ready for the loaded lists. Immutable, shared by all threads.
pub struct Model {
    encoder: Encoder,
    head: Head,
    pieces: Pieces,
    /// What each concept of the lists is: one row each.
    concepts: Tensor,
    manifest: Manifest,
    version: String,
}

/// Word pieces that go through the encoder together.
const BATCH: usize = 2_048;

impl Model {
    /// Reads a model and fits it to the lists: a concept that it was not trained on is described by its texts;
    /// one that is no longer in the lists is left out.
    ///
    /// # Errors
    /// [`ModelError`], naming the file and how to mend it.
    pub fn open(folder: &Path, lexicon: &Lexicon) -> Result<Self, ModelError> {
        let artefact = artefact::read(folder)?;
        let pieces = Pieces::new(&artefact.tokenizer, artefact.manifest.longest)
            .map_err(|error| ModelError::Tokenizer { folder: folder.into(), message: error.to_string() })?;
        Self::fit(artefact, pieces, lexicon).map_err(|source| ModelError::Tensor { folder: folder.into(), source })
    }

    fn fit(artefact: Artefact, pieces: Pieces, lexicon: &Lexicon) -> candle_core::Result<Self> {
        let Artefact { manifest, mut tensors, words, digest, .. } = artefact;
        let shape = manifest.shape;
        let fits = (8..=shape.positions).contains(&manifest.longest) && shape.heads > 0 && shape.hidden.is_multiple_of(shape.heads);
        if !fits || pieces.vocabulary() > words.len() {
            candle_core::bail!("the shape in the manifest, the tokenizer and the word table do not fit each other");
        }
        let encoder = Encoder::new(shape, Arc::new(words), &tensors)?;
        let trained: Vec<Option<u32>> = {
            let rows: rustc_hash::FxHashMap<u32, u32> =
                manifest.concepts.iter().enumerate().filter_map(|(row, key)| Some((keyed(lexicon, key)?.id.0, row as u32))).collect();
            lexicon.concepts.iter().map(|concept| rows.get(&concept.id.0).copied()).collect()
        };
        let new: Vec<_> = lexicon.concepts.iter().filter(|c| trained[c.id.index()].is_none()).collect();
        let hidden = manifest.shape.hidden;
        let known = encoder::take(&tensors, "concepts.texts", &[manifest.concepts.len(), hidden])?;
        let learned = encoder::take(&tensors, "head.learned", &[manifest.concepts.len(), hidden])?;
        let bias = encoder::take(&tensors, "head.bias", &[manifest.concepts.len()])?;
        let (mut texts, mut rows, mut biases) = (known.clone(), learned.clone(), bias.clone());
        if !new.is_empty() {
            // A new concept begins with what its texts say, and the mean of the others' readiness.
            let common = encoder::take(&tensors, "concepts.common", &[1, hidden])?;
            let described = concepts::describe(&encoder, &concepts::texts(new.iter().copied(), lexicon, &pieces))?;
            texts = Tensor::cat(&[&texts, &concepts::apart(&described, &common)?], 0)?;
            rows = Tensor::cat(&[rows, Tensor::zeros((new.len(), hidden), learned.dtype(), learned.device())?], 0)?;
            biases = Tensor::cat(&[biases, bias.mean_keepdim(0)?.repeat(new.len())?], 0)?;
        }
        let mut fresh = manifest.concepts.len() as u32..;
        let order: Vec<u32> = trained.iter().map(|row| row.or_else(|| fresh.next()).unwrap_or(0)).collect();
        let order = Tensor::from_vec(order, lexicon.concepts.len(), bias.device())?;
        tensors.insert("head.learned".into(), rows.index_select(&order, 0)?);
        tensors.insert("head.bias".into(), biases.index_select(&order, 0)?);
        let head = Head::new(hidden, lexicon.concepts.len(), &tensors)?;
        let concepts = head.concepts(&texts.index_select(&order, 0)?, None)?;
        let version = format!("{}+{digest}", manifest.name);
        let model = Self { encoder, head, pieces, concepts, manifest, version };
        // Tried once, so that a page can be read without a thought of failing.
        let page = Page::read("Mum is in rent arrears.", &lexicon.language);
        let survey = model.survey(&page)?;
        survey.opinions(&[(lexicon.concepts[0].id, (0, 1))])?;
        Ok(model)
    }

    /// The windows of a page, as the model reads it.
    pub fn windows(&self, page: &Page<'_>) -> Vec<windows::Window> {
        self.pieces.windows(page)
    }

    /// What it is and where it comes from.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Name and content hash.
    pub fn version(&self) -> &str {
        &self.version
    }
}
