//! [`Provenance`]: the versions of everything that shaped an answer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The versions behind an answer. The same note and the same provenance give the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Provenance {
    /// The program.
    pub engine: String,
    /// Each scheme's version and content hash.
    pub schemes: BTreeMap<String, String>,
    /// Content hash of the cues and word files.
    pub context: String,
    /// The transformer, or `none`.
    pub model: String,
    /// The calibration's name and hash; says so where it was fitted on other lists.
    pub calibration: String,
}
