//! Training the transformer: coded texts in, an artefact under `models/` out.

mod adam;
mod base;
mod concepts;
mod examples;
mod look;
mod loss;
mod state;
mod trainer;
mod variables;
mod workers;

pub use base::BaseError;
pub use trainer::{Settings, TrainError, train};
