//! The pipeline, wired once. Read this file to know the system.
//!
//! ```text
//! note → Page → mentions → judged candidates → groups → score → confidence → suggestions
//!        text   dictionary  context             fusion          calibration
//!             → readings ↗  and opinions
//!               model
//! ```

use std::path::{Path, PathBuf};
use std::sync::Arc;

mod reading;

use crate::assertion::{Assertion, Presence, Subject, Time};
use crate::calibration::{CalibrationError, Calibrator};
use crate::context::Context;
use crate::dictionary::Dictionary;
use crate::fusion::{Features, Group};
use crate::lexicon::{Lexicon, LexiconError, Patterns};
use crate::mention::{Fit, LabelId, Mention};
use crate::model::{self, Model, ModelError};
use crate::provenance::Provenance;
use crate::scheme::ConceptId;
use crate::span::Span;
use crate::suggestion::{Band, Evidence, Extraction, ModelUse, Outcome, Reason, Suggestion, Suppressed};
use crate::text::Page;

/// The engine cannot start; the message names the file, and the line where there is one.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The lists are broken.
    #[error(transparent)]
    Lexicon(#[from] LexiconError),
    /// The calibration cannot be used.
    #[error(transparent)]
    Calibration(#[from] CalibrationError),
    /// The model cannot be used.
    #[error(transparent)]
    Model(Box<ModelError>),
    /// The calibration belongs to another model.
    #[error("{}: fitted with {fitted}, but the model is {loaded}: run `casecoder calibrate`", .path.display())]
    Mismatch {
        /// The calibration.
        path: PathBuf,
        /// What it was fitted with.
        fitted: String,
        /// What is loaded.
        loaded: String,
    },
}

impl From<ModelError> for OpenError {
    fn from(error: ModelError) -> Self {
        Self::Model(Box::new(error))
    }
}

/// What a caller may ask of an answer.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Only these schemes, by their place in [`Lexicon::schemes`]; all where empty.
    pub schemes: Vec<usize>,
    /// At most so many suggestions.
    pub limit: Option<usize>,
    /// Only suggestions of at least this confidence, instead of each concept's own threshold.
    pub min_confidence: Option<f32>,
    /// Which signals read the note.
    pub sources: Sources,
}

/// Most words and marks of a note that the model reads, about 30 kB: 40 kB took four seconds on two cores, and a request may take
/// ten with another beside it. A longer note is answered from labels and context, and the answer says so.
const MOST_TOKENS: usize = 6_000;

/// Which signals read a note.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sources {
    /// All that are loaded.
    #[default]
    All,
    /// Labels and context alone, with confidences calibrated for that.
    Dictionary,
    /// The model alone: to measure it.
    Model,
}

/// Reads notes and suggests concepts. Immutable, shared by all threads.
pub struct Extractor {
    lexicon: Lexicon,
    dictionary: Dictionary,
    context: Context,
    calibrator: Calibrator,
    provenance: Arc<Provenance>,
    model: Option<Trained>,
}

/// The model, and what goes with answers that it took part in.
struct Trained {
    model: Model,
    calibrator: Calibrator,
    provenance: Arc<Provenance>,
}

/// A group of evidence with its numbers, before any threshold: what calibration learns from.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The evidence.
    pub group: Group,
    /// The numbers.
    pub features: Features,
}

impl Extractor {
    /// Loads and checks everything.
    ///
    /// # Errors
    /// [`OpenError`] with file and line of what is broken: a half-working engine does not start.
    ///
    /// ```
    /// use casecoder::{Extractor, Request};
    /// let extractor = Extractor::open("lexicons".as_ref(), "models".as_ref())?;
    /// let note = "Neighbour alleges Mr K kicked the door in. Mum denies any drug use.";
    /// let answer = extractor.suggest(note, &Request::default());
    /// for suggestion in &answer.suggestions {
    ///     let concept = extractor.lexicon().get(suggestion.concept);
    ///     let words = suggestion.evidence[0].span.slice(note);
    ///     println!("{} {} {:.2} because of {words:?}", concept.notation, concept.pref_label, suggestion.confidence.get());
    /// }
    /// # Ok::<(), casecoder::OpenError>(())
    /// ```
    pub fn open(lexicons: &Path, models: &Path) -> Result<Self, OpenError> {
        let lexicon = Lexicon::load(lexicons)?;
        let calibrator = Calibrator::load(&models.join("dictionary/calibration.json"), &lexicon)?;
        let Some(folder) = model::find(models)? else { return Ok(Self::new(lexicon, calibrator)) };
        let model = Model::open(&folder, &lexicon)?;
        let path = folder.join("calibration.json");
        let with_model = Calibrator::load(&path, &lexicon)?;
        let fitted = with_model.calibration().fitted_on.model.as_deref();
        if fitted != Some(model.version()) {
            return Err(OpenError::Mismatch { path, fitted: fitted.unwrap_or("no model").to_owned(), loaded: model.version().to_owned() });
        }
        Ok(Self::new(lexicon, calibrator).with_model(model, with_model))
    }

    /// Adds the model, and the calibration of answers that it takes part in.
    pub fn with_model(mut self, model: Model, calibrator: Calibrator) -> Self {
        let mut provenance = (*self.provenance).clone();
        provenance.model = model.version().to_owned();
        provenance.calibration = calibrator.version().to_owned();
        self.model = Some(Trained { model, calibrator, provenance: Arc::new(provenance) });
        self
    }

    /// The model, where one is loaded.
    pub fn model(&self) -> Option<&Model> {
        self.model.as_ref().map(|trained| &trained.model)
    }

    /// The model, where it takes part.
    fn trained(&self, sources: Sources) -> Option<&Trained> {
        self.model.as_ref().filter(|_| sources != Sources::Dictionary)
    }

    /// The calibration for answers of these signals.
    pub fn calibrator_of(&self, sources: Sources) -> &Calibrator {
        self.trained(sources).map_or(&self.calibrator, |trained| &trained.calibrator)
    }

    /// The versions behind answers of these signals.
    pub fn provenance_of(&self, sources: Sources) -> &Arc<Provenance> {
        self.trained(sources).map_or(&self.provenance, |trained| &trained.provenance)
    }

    /// Wires what is already loaded.
    pub fn new(mut lexicon: Lexicon, calibrator: Calibrator) -> Self {
        let provenance = Arc::new(Provenance {
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            schemes: lexicon.schemes.iter().map(|scheme| (scheme.id.clone(), scheme.full_version())).collect(),
            context: lexicon.context_digest.clone(),
            model: "none".to_owned(),
            calibration: calibrator.version().to_owned(),
        });
        let Patterns { labels, hints, cues } = lexicon.take_patterns();
        // Side by side, for a quick start.
        let (dictionary, context) = std::thread::scope(|scope| {
            let dictionary = scope.spawn(|| Dictionary::new(labels, hints, &lexicon));
            let context = Context::new(cues, &lexicon);
            (dictionary.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), context)
        });
        Self { dictionary, context, lexicon, calibrator, provenance, model: None }
    }

    /// The lists.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// The calibration of labels and context alone, with the records of the labels.
    pub fn calibrator(&self) -> &Calibrator {
        &self.calibrator
    }

    /// The versions of everything that is loaded.
    pub fn provenance(&self) -> &Arc<Provenance> {
        self.provenance_of(Sources::All)
    }

    /// Reads a note. Every text gets an answer; size is limited at the door only.
    pub fn suggest(&self, note: &str, request: &Request) -> Extraction {
        let page = Page::read(note, &self.lexicon.language);
        let (sources, model) = self.in_time(&page, request.sources);
        let (proposals, mut suppressed) = self.proposals(&page, sources);
        let calibrator = self.calibrator_of(sources);
        let wanted = |id: ConceptId| request.schemes.is_empty() || request.schemes.contains(&self.lexicon.get(id).scheme);
        suppressed.retain(|s| wanted(s.concept));
        let mut suggestions: Vec<Suggestion> = Vec::new();
        for proposal in proposals {
            if !wanted(proposal.group.concept) {
                continue;
            }
            match self.judge(proposal, request, calibrator) {
                Ok(suggestion) => suggestions.push(suggestion),
                Err(set_aside) => suppressed.push(set_aside),
            }
        }
        self.prefer_leaves(&mut suggestions, &mut suppressed);
        self.margins(&mut suggestions);
        let notation = |s: &Suggestion| self.lexicon.get(s.concept).notation.as_str();
        suggestions.sort_by(|a, b| {
            b.confidence
                .get()
                .total_cmp(&a.confidence.get())
                .then_with(|| notation(a).cmp(notation(b)))
                .then_with(|| a.assertion.subject.cmp(&b.assertion.subject))
        });
        if let Some(limit) = request.limit {
            for cut in suggestions.drain(limit.min(suggestions.len())..) {
                suppressed.push(set_aside(cut, Reason::Filtered));
            }
        }
        suppressed.sort_by(|a, b| {
            let key = |s: &Suppressed| (self.lexicon.get(s.concept).notation.clone(), s.reason, s.assertion.subject, s.evidence.first().map(|e| e.span));
            key(a).cmp(&key(b))
        });
        let outcome = match (suggestions.is_empty(), page.tokens.is_empty()) {
            (false, _) => Outcome::Suggested,
            (true, false) => Outcome::NothingFound,
            (true, true) => Outcome::NoText,
        };
        Extraction { outcome, model, suggestions, suppressed, provenance: self.provenance_of(sources).clone() }
    }

    /// Which signals read a page: the model reads no page that would take it seconds.
    fn in_time(&self, page: &Page<'_>, sources: Sources) -> (Sources, ModelUse) {
        match self.trained(sources) {
            Some(_) if page.tokens.len() <= MOST_TOKENS => (sources, ModelUse::Used),
            Some(_) => (Sources::Dictionary, ModelUse::SkippedDeadline),
            None => (Sources::Dictionary, ModelUse::NotLoaded),
        }
    }

    /// The proposals for a note, for calibration and evaluation.
    pub fn propose(&self, note: &str, sources: Sources) -> Vec<Proposal> {
        self.proposals(&Page::read(note, &self.lexicon.language), sources).0
    }

    /// The five attributes of a concept as if it were read at `span`: what the specifications test.
    pub fn assertion_at(&self, note: &str, span: Span, concept: ConceptId) -> Assertion {
        let page = Page::read(note, &self.lexicon.language);
        let covered = |t: &&crate::text::Token| t.span.overlaps(&span);
        let start = page.tokens.iter().position(|t| covered(&t)).unwrap_or(0) as u32;
        let end = page.tokens.iter().rposition(|t| covered(&t)).map_or(start + 1, |i| i as u32 + 1);
        let sentence = page.sentence_of(start) as u32;
        let mention = Mention { concept, label: LabelId(0), span, tokens: (start, end), sentence, fit: Fit::default() };
        self.context.survey(&page, &self.lexicon).assertion(&mention, self.lexicon.get(concept)).assertion
    }

    /// A suggestion, or the reason why there is none.
    fn judge(&self, proposal: Proposal, request: &Request, calibrator: &Calibrator) -> Result<Suggestion, Suppressed> {
        let Proposal { group, features } = proposal;
        let concept = self.lexicon.get(group.concept);
        let evidence: Vec<Evidence> =
            group.candidates.iter().filter(|c| c.assertion.storable() == group.assertion.storable()).map(|c| c.evidence.clone()).collect();
        let refuse = |reason: Reason, evidence: Vec<Evidence>| Err(Suppressed { concept: group.concept, reason, assertion: group.assertion.clone(), evidence });
        if group.assertion.presence == Presence::Denied {
            return refuse(Reason::Denied, evidence);
        }
        if group.assertion.time == Time::Hypothetical {
            return refuse(Reason::Hypothetical, evidence);
        }
        // A need of a neighbour or a professional is not stored on the family's record (coding guide, end).
        let outsider = matches!(group.assertion.subject, Subject::Neighbour | Subject::Professional);
        if outsider && self.lexicon.schemes[concept.scheme].id == "need" {
            return refuse(Reason::Filtered, evidence);
        }
        let confidence = calibrator.confidence(calibrator.score(&features), group.concept);
        let least = request.min_confidence.unwrap_or(calibrator.thresholds(group.concept).review);
        if confidence.get() < least {
            return refuse(Reason::BelowThreshold, evidence);
        }
        let band: Band = calibrator.band(confidence, group.concept);
        Ok(Suggestion { concept: group.concept, confidence, band, margin: confidence.get(), assertion: group.assertion, evidence })
    }

    /// A group is suggested only where the note supports no leaf of it.
    fn prefer_leaves(&self, suggestions: &mut Vec<Suggestion>, suppressed: &mut Vec<Suppressed>) {
        let wider: Vec<ConceptId> = suggestions.iter().flat_map(|s| self.lexicon.ancestors(s.concept)).collect();
        let (kept, covered): (Vec<_>, Vec<_>) = suggestions.drain(..).partition(|s| !wider.contains(&s.concept));
        *suggestions = kept;
        suppressed.extend(covered.into_iter().map(|s| set_aside(s, Reason::Filtered)));
    }

    fn margins(&self, suggestions: &mut [Suggestion]) {
        let rival = |a: &Suggestion, b: &Suggestion| {
            a.concept != b.concept
                && self.lexicon.get(a.concept).scheme == self.lexicon.get(b.concept).scheme
                && a.evidence.iter().any(|x| b.evidence.iter().any(|y| x.span.overlaps(&y.span)))
        };
        let strongest: Vec<f32> =
            suggestions.iter().map(|a| suggestions.iter().filter(|b| rival(a, b)).map(|b| b.confidence.get()).fold(0.0, f32::max)).collect();
        for (suggestion, rival) in suggestions.iter_mut().zip(strongest) {
            suggestion.margin = suggestion.confidence.get() - rival;
        }
    }
}

fn set_aside(suggestion: Suggestion, reason: Reason) -> Suppressed {
    let Suggestion { concept, assertion, evidence, .. } = suggestion;
    Suppressed { concept, reason, assertion, evidence }
}
