//! How good are we: the only reader of `eval/`.

pub mod agreement;
pub mod answers;
pub mod baseline;
mod charts;
pub mod corpus;
pub mod fit;
pub mod gold;
pub mod html;
pub mod measures;
pub mod metrics;
pub mod pack;
pub mod report;
pub mod stability;
pub mod text;
