//! The run: passes over the examples, a look at the validation notes after each, the state saved.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use candle_core::backprop::GradStore;
use candle_core::{Device, Tensor};
use fastrand::Rng;
use indicatif::{ProgressBar, ProgressStyle};

use super::base::{self, BaseError, SHAPE};
use super::concepts;
use super::examples::{self, Batch, Example};
use super::look;
use super::loss;
use super::state::{self, State};
use super::variables::Variables;
use super::workers::Workers;
use crate::eval::gold::{self, Gold, GoldError};
use crate::lexicon::Lexicon;
use crate::model::artefact::{self, ArtefactError, Manifest};
use crate::model::concepts::{Text, apart, describe, texts};
use crate::model::encoder::Encoder;
use crate::model::head::Head;
use crate::model::windows::Pieces;
use crate::records::concept_key;

/// What a run may be told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder of the base weights.
    pub base: PathBuf,
    /// The folder of the gold.
    pub gold: PathBuf,
    /// Where the artefact is written.
    pub output: PathBuf,
    /// Passes over the examples.
    pub passes: usize,
    /// Same seed, same run.
    pub seed: u64,
    /// Full rate of the encoder; the head learns at twelve times it.
    pub rate: f32,
    /// Notations that training must not see, to measure what a new concept gets.
    pub left_out: Vec<String>,
    /// Go on with the run that was saved in `output`.
    pub resume: bool,
    /// Stop after so many steps: to try a run.
    pub steps: Option<usize>,
}

/// A run cannot begin or go on.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The base weights.
    #[error(transparent)]
    Base(#[from] BaseError),
    /// The coded texts.
    #[error(transparent)]
    Gold(#[from] GoldError),
    /// A thread cannot be started.
    #[error(transparent)]
    Threads(#[from] rayon::ThreadPoolBuildError),
    /// Arithmetic.
    #[error(transparent)]
    Tensor(#[from] candle_core::Error),
    /// The tokenizer.
    #[error("the tokenizer cannot be read: {0}")]
    Tokenizer(tokenizers::Error),
    /// A notation that is in no list.
    #[error("no concept `{0}` to leave out")]
    Concept(String),
    /// The artefact.
    #[error(transparent)]
    Artefact(#[from] ArtefactError),
    /// A saved run cannot go on.
    #[error("{}: the run cannot go on: {message}", .path.display())]
    Resume {
        /// The file.
        path: PathBuf,
        /// Why.
        message: String,
    },
    /// A file cannot be read.
    #[error("{}: cannot be read: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("{}: cannot be written: {source}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// Word pieces of one step.
const STEP_PIECES: usize = 1_800;
/// Longest window, in word pieces with both marks.
pub(super) const LONGEST: usize = 128;
/// The share of the steps in which the rate rises.
const WARM: f32 = 0.06;
/// Every so many steps the concepts' texts are described anew.
const REFRESH: usize = 60;
/// How often a step sees a concept by its texts alone.
const TEXTS_ALONE: f32 = 0.25;
/// The share of labels that stand as examples in a pass.
const LABELS: f32 = 0.35;

/// The rate at a step, as a share of the full one: up in a line, down in a line.
fn share(step: usize, steps: usize) -> f32 {
    let at = step as f32 / steps.max(1) as f32;
    if at < WARM { at / WARM } else { ((1.0 - at) / (1.0 - WARM)).max(0.02) }
}

/// Windows of one step, up to its word pieces.
fn steps(pass: &[Example]) -> Vec<&[Example]> {
    let mut steps = Vec::new();
    let (mut from, mut pieces) = (0, 0);
    for (at, example) in pass.iter().enumerate() {
        if pieces + example.pieces.len() > STEP_PIECES && at > from {
            steps.push(&pass[from..at]);
            (from, pieces) = (at, 0);
        }
        pieces += example.pieces.len();
    }
    steps.push(&pass[from..]);
    steps
}

/// The windows of a step in two parts of about the same number of word pieces.
fn halves(windows: &[Example]) -> Vec<&[Example]> {
    let total: usize = windows.iter().map(|w| w.pieces.len()).sum();
    let mut before = 0;
    let middle = windows.iter().position(|w| {
        before += w.pieces.len();
        before * 2 >= total
    });
    match middle {
        Some(at) if at + 1 < windows.len() => {
            let (first, second) = windows.split_at(at + 1);
            vec![first, second]
        }
        _ => vec![windows],
    }
}

/// The coded texts of a run.
struct Material {
    coded: Vec<Example>,
    labels: Vec<Example>,
    validate: Vec<Gold>,
    /// sha256 of each file.
    hashes: BTreeMap<String, String>,
}

impl Material {
    fn read(settings: &Settings, lexicon: &Lexicon, pieces: &Pieces) -> Result<Self, TrainError> {
        let mut hashes = BTreeMap::new();
        let mut read = |name: &str| -> Result<Vec<Gold>, TrainError> {
            let path = settings.gold.join(name);
            let bytes = std::fs::read(&path).map_err(|source| TrainError::Read { path: path.clone(), source })?;
            hashes.insert(name.to_owned(), artefact::hash(&bytes));
            Ok(gold::read(&path, lexicon)?)
        };
        let mut coded = read("sentences.jsonl")?;
        coded.extend(read("train.jsonl")?);
        let coded = examples::examples(&coded, lexicon, pieces);
        let validate = gold::read(&settings.gold.join("validate.jsonl"), lexicon)?;
        Ok(Self { coded, labels: concepts::label_examples(lexicon, pieces), validate, hashes })
    }

    /// The windows of one pass; the same for the same seed and number.
    fn pass(&self, random: &mut Rng, mask: u32) -> Vec<Example> {
        let mut all = self.coded.clone();
        all.extend(self.labels.iter().filter(|_| random.f32() < LABELS).cloned());
        examples::shuffled(&all, LONGEST, mask, random)
    }
}

/// Trains and writes the artefact. `report` gets a line now and then.
///
/// # Errors
/// [`TrainError`], naming the file.
pub fn train(settings: &Settings, lexicon: &Lexicon, report: &mut dyn FnMut(&str)) -> Result<(), TrainError> {
    let base = base::load(&settings.base)?;
    let pieces = Pieces::new(&base.tokenizer, LONGEST).map_err(TrainError::Tokenizer)?;
    let words = Arc::new(base.words);
    let left_out = concepts::numbers(&settings.left_out, lexicon).map_err(TrainError::Concept)?;
    let material = Material::read(settings, lexicon, &pieces)?;
    let texts = texts(&lexicon.concepts, lexicon, &pieces);
    let count = lexicon.concepts.len();
    let schemes: BTreeMap<String, String> = lexicon.schemes.iter().map(|scheme| (scheme.id.clone(), scheme.full_version())).collect();
    let run = settings.run(&material.hashes, &schemes);

    let (mut state, variables, mut adam) = if settings.resume {
        state::load(&settings.output, &run, settings.rate)?
    } else {
        let variables = Variables::new(&base.tensors, SHAPE, settings.seed, count)?;
        let adam = variables.adam(settings.rate);
        (State { run, ..State::default() }, variables, adam)
    };
    let encoder = Encoder::new(SHAPE, words.clone(), &variables.tensors())?;
    let head = Head::new(SHAPE.hidden, count, &variables.tensors())?;
    let workers = Workers::new()?;
    let rng = |pass: usize| Rng::with_seed(settings.seed.wrapping_add((pass as u64) << 32));

    let planned = steps(&material.pass(&mut rng(0), pieces.mask())).len() * settings.passes;
    let planned = settings.steps.map_or(planned, |most| most.min(planned));
    let bar = ProgressBar::new(planned as u64);
    bar.set_style(ProgressStyle::with_template("{elapsed_precise} {wide_bar} {pos}/{len}, {eta} left, {msg}").unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_position(state.steps as u64);

    while state.passes < settings.passes && state.steps < planned {
        let mut random = rng(state.passes);
        let pass = material.pass(&mut random, pieces.mask());
        let mut described = describe_concepts(&encoder, &texts)?.1;
        let mut sums = [0.0f64; 3];
        let mut done = 0;
        let start = Instant::now();
        for windows in steps(&pass) {
            if state.steps >= planned {
                break;
            }
            if done > 0 && done % REFRESH == 0 {
                described = describe_concepts(&encoder, &texts)?.1;
            }
            let seen: Vec<f32> = (0..count).map(|_| if random.f32() < TEXTS_ALONE { 0.0 } else { 1.0 }).collect();
            let seen = Tensor::from_vec(seen, (count, 1), &Device::Cpu)?;
            let work = |windows: &[Example]| -> candle_core::Result<(GradStore, [f64; 3])> {
                let batch = Batch::new(windows, count, &left_out);
                let losses = loss::losses(&encoder, &head, &described, &seen, &batch)?;
                let numbers = [&losses.concepts, &losses.words, &losses.attributes].map(|loss| loss.to_scalar::<f32>().map_or(f64::NAN, f64::from));
                Ok((losses.total()?.backward()?, numbers))
            };
            let (gradients, numbers): (Vec<GradStore>, Vec<[f64; 3]>) = workers.each(&halves(windows), |windows| work(windows))?.into_iter().unzip();
            adam.step(&gradients, share(state.steps, planned))?;
            for (i, sum) in sums.iter_mut().enumerate() {
                *sum += numbers.iter().map(|n| n[i]).sum::<f64>() / numbers.len() as f64;
            }
            state.steps += 1;
            done += 1;
            bar.inc(1);
            if done % 20 == 0 {
                let line = format!("loss {:.2} {:.2} {:.2}", sums[0] / done as f64, sums[1] / done as f64, sums[2] / done as f64);
                if bar.is_hidden() && done % 100 == 0 {
                    report(&format!("step {} of {planned}, {:.0} s left, {line}", state.steps, bar.eta().as_secs_f32()));
                }
                bar.set_message(line);
            }
        }
        let described = describe_concepts(&encoder, &texts)?.1;
        let seen = look::look(&encoder, &head, &described, &pieces, &material.validate, lexicon)?;
        let losses = sums.map(|sum| sum / done.max(1) as f64);
        state.passes += 1;
        let line = format!("pass {}: loss {losses:.3?}; validate {seen}", state.passes);
        bar.suspend(|| report(&format!("{line} ({:.0} s)", start.elapsed().as_secs_f32())));
        state.curve.push(line);
        state::save(&settings.output, &state, &variables, &adam)?;
    }
    bar.finish();
    let (common, described) = describe_concepts(&encoder, &texts)?;
    let mut tensors = variables.tensors();
    tensors.insert("concepts.texts".into(), described);
    tensors.insert("concepts.common".into(), common);
    let manifest = Manifest {
        name: settings.output.file_name().map_or_else(|| "model".to_owned(), |name| name.to_string_lossy().into_owned()),
        base: base::NAME.to_owned(),
        licence: base::LICENCE.to_owned(),
        shape: SHAPE,
        longest: LONGEST,
        // What was left out is as if the model had never heard of it.
        concepts: lexicon.concepts.iter().map(|c| if left_out.contains(&c.id.0) { String::new() } else { concept_key(lexicon, c.id) }).collect(),
        schemes,
        trained_on: material.hashes,
        settings: settings.told(),
        curve: state.curve,
        files: BTreeMap::new(),
    };
    Ok(artefact::write(&settings.output, manifest, &tensors, &words, &base.tokenizer)?)
}

/// What all concepts have in common, and each apart from it.
fn describe_concepts(encoder: &Encoder, texts: &[Text]) -> candle_core::Result<(Tensor, Tensor)> {
    let described = describe(encoder, texts)?;
    let common = described.mean_keepdim(0)?;
    let apart = apart(&described, &common)?;
    Ok((common, apart))
}

impl Settings {
    /// The settings that change what is learnt.
    fn told(&self) -> BTreeMap<String, String> {
        let left_out = if self.left_out.is_empty() { "nothing".to_owned() } else { self.left_out.join(" ") };
        [("passes", self.passes.to_string()), ("seed", self.seed.to_string()), ("rate", self.rate.to_string()), ("left out", left_out)]
            .map(|(name, value)| (name.to_owned(), value))
            .into()
    }

    /// A short name for what a run was told and what it learns from.
    fn run(&self, hashes: &BTreeMap<String, String>, schemes: &BTreeMap<String, String>) -> String {
        artefact::hash(format!("{:?} {:?} {hashes:?} {schemes:?}", self.told(), self.steps).as_bytes())[..12].to_owned()
    }
}
