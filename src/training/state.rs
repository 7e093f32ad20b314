//! A run that was interrupted goes on from its last whole pass.

use std::path::{Path, PathBuf};

use candle_core::Device;
use serde::{Deserialize, Serialize};

use super::TrainError;
use super::adam::Adam;
use super::variables::Variables;
use crate::model::encoder::Tensors;

/// Where a run stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    /// What it was told and what it learns from: another run must not go on with it.
    pub(super) run: String,
    /// Whole passes.
    pub(super) passes: usize,
    /// Steps.
    pub(super) steps: usize,
    /// A line about each pass.
    pub(super) curve: Vec<String>,
}

fn paths(folder: &Path) -> (PathBuf, PathBuf) {
    (folder.join("training.json"), folder.join("training.safetensors"))
}

/// Prefixes of the moments' names.
const MOMENTS: [&str; 2] = ["moment.first.", "moment.second."];

/// Saves a run after a pass.
pub(super) fn save(folder: &Path, state: &State, variables: &Variables, adam: &Adam) -> Result<(), TrainError> {
    let (json, tensors) = paths(folder);
    let write = |path: &Path, source| TrainError::Write { path: path.into(), source };
    std::fs::create_dir_all(folder).map_err(|source| write(folder, source))?;
    // Without it the tensors are no saved run: one that ends while they are written begins anew and does not go on from a mixture.
    if json.exists() {
        std::fs::remove_file(&json).map_err(|source| write(&json, source))?;
    }
    let mut all = variables.tensors();
    for (name, moments) in adam.moments()? {
        for (prefix, moment) in MOMENTS.iter().zip(moments) {
            all.insert(format!("{prefix}{name}"), moment);
        }
    }
    candle_core::safetensors::save(&all, tensors)?;
    std::fs::write(&json, serde_json::to_vec_pretty(state).unwrap_or_default()).map_err(|source| write(&json, source))
}

/// Takes a saved run up again.
pub(super) fn load(folder: &Path, run: &str, rate: f32) -> Result<(State, Variables, Adam), TrainError> {
    let (json, tensors) = paths(folder);
    let bytes = std::fs::read(&json).map_err(|source| TrainError::Resume { path: json.clone(), message: source.to_string() })?;
    let state: State = serde_json::from_slice(&bytes).map_err(|error| TrainError::Resume { path: json.clone(), message: error.to_string() })?;
    if state.run != run {
        let message = format!("it is another run ({}), this one is {run}: leave out --resume to begin anew", state.run);
        return Err(TrainError::Resume { path: json, message });
    }
    let (mut moments, values): (Tensors, Tensors) =
        candle_core::safetensors::load(tensors, &Device::Cpu)?.into_iter().partition(|(name, _)| MOMENTS.iter().any(|prefix| name.starts_with(prefix)));
    let variables = Variables::from_tensors(&values)?;
    let mut adam = variables.adam(rate);
    adam.restore(state.steps, |name| MOMENTS.map(|prefix| moments.remove(&format!("{prefix}{name}"))))?;
    Ok((state, variables, adam))
}
