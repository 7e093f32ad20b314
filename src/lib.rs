//! **casecoder** reads free text about families and incidents and suggests codes from
//! controlled lists, each with a calibrated confidence and the words that justify it, so
//! that a person can confirm them before they are stored. It decides nothing, predicts
//! nothing and writes nothing of its own: it reads what is written.
//!
//! ```text
//!  Note ─► text: Page ─► dictionary: Mentions ─► context: judged ─► fusion: Score ─► calibration: Confidence
//!                     └► model: Readings, opinions ──────┘
//!                                                                                         │
//!                                            api · cli (through wire) ◄── Extraction ◄── extractor
//! ```
//!
//! # A complete example
//!
//! ```
//! use casecoder::{Extractor, Request};
//!
//! // Lists and calibration are read and checked once; a broken file is named with its line.
//! let extractor = Extractor::open("lexicons".as_ref(), "models".as_ref())?;
//! let note = "Mum is three months behind with the rent. No drug use.";
//! let answer = extractor.suggest(note, &Request::default());
//! for suggestion in &answer.suggestions {
//!     let concept = extractor.lexicon().get(suggestion.concept);
//!     let words: Vec<&str> = suggestion.evidence.iter().map(|evidence| evidence.span.slice(note)).collect();
//!     println!("{} {}: {:.2}, {:?}", concept.notation, concept.pref_label, suggestion.confidence.get(), words);
//! }
//! // What was found and set aside keeps its reason.
//! assert!(answer.suppressed.iter().any(|s| s.reason == casecoder::Reason::Denied));
//! # Ok::<(), casecoder::OpenError>(())
//! ```
//!
//! # Where to read on
//! [`extractor`] is the pipeline, wired once; read that file to know the system. The
//! layers below it: [`text`], [`lexicon`], [`dictionary`] beside [`context`] and [`model`], [`fusion`]
//! and [`calibration`]. Above it: [`eval`], [`wire`], [`config`], [`api`] and [`cli`].

pub mod api;
pub mod assertion;
pub mod calibration;
pub mod cli;
pub mod config;
pub mod context;
pub mod dictionary;
pub mod eval;
pub mod extractor;
pub mod fusion;
pub mod highlight;
pub mod lexicon;
pub mod mention;
pub mod model;
pub mod note;
pub mod provenance;
pub mod records;
pub mod scheme;
pub mod span;
pub mod suggestion;
pub mod telemetry;
pub mod text;
pub mod training;
pub mod wire;

pub use assertion::{Assertion, Axis, Presence, Role, Stage, Subject, Time};
pub use extractor::{Extractor, OpenError, Request, Sources};
pub use lexicon::{Lexicon, LexiconError};
pub use note::{Note, NoteText};
pub use provenance::Provenance;
pub use scheme::{Concept, ConceptId, Scheme};
pub use span::{OffsetUnit, Span};
pub use suggestion::{Band, Confidence, Evidence, Extraction, ModelUse, Outcome, Reason, Score, Source, Suggestion, Suppressed};
