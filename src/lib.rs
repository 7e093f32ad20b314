//! wip
#![allow(missing_docs, unused)]
pub mod assertion;
pub mod calibration;
pub mod cli;
pub mod context;
pub mod dictionary;
pub mod eval;
pub mod extractor;
pub mod fusion;
pub mod lexicon;
pub mod mention;
pub mod note;
pub mod provenance;
pub mod scheme;
pub mod span;
pub mod suggestion;
pub mod text;
pub mod wire;
pub use assertion::*;
pub use extractor::*;
pub use lexicon::*;
pub use note::*;
pub use span::*;
pub use provenance::*;
pub use suggestion::*;
