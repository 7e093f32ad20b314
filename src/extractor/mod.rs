//! The pipeline, wired once. Read this file to know the system.
//!
//! ```text
//! note → Page → mentions → judged candidates → groups → score → confidence → suggestions
//!        text   dictionary  context             fusion          calibration
//! ```

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::assertion::{Assertion, Presence, Subject, Time};
use crate::calibration::{CalibrationError, Calibrator};
use crate::context::{Context, Judgement};
use crate::dictionary::Dictionary;
use crate::fusion::{self, Candidate, Features, Group, Surroundings};
use crate::lexicon::{Lexicon, LexiconError, Patterns, Strength};
use crate::mention::{Fit, LabelId, Mention, SetAside};
use crate::provenance::Provenance;
use crate::scheme::ConceptId;
use crate::span::Span;
use crate::suggestion::{Band, Evidence, Extraction, ModelUse, Outcome, Reason, Score, Source, Suggestion, Suppressed};
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
}

/// Reads notes and suggests concepts. Immutable, shared by all threads.
pub struct Extractor {
    lexicon: Lexicon,
    dictionary: Dictionary,
    context: Context,
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
        Ok(Self::new(lexicon, calibrator))
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
        Self { dictionary, context, lexicon, calibrator, provenance }
    }

    /// The lists.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// The calibration.
    pub fn calibrator(&self) -> &Calibrator {
        &self.calibrator
    }

    /// The versions of everything.
    pub fn provenance(&self) -> &Arc<Provenance> {
        &self.provenance
    }

    /// Reads a note. Every text gets an answer; size is limited at the door only.
    pub fn suggest(&self, note: &str, request: &Request) -> Extraction {
        let page = Page::read(note, &self.lexicon.language);
        let (proposals, mut suppressed) = self.proposals(&page);
        let wanted = |id: ConceptId| request.schemes.is_empty() || request.schemes.contains(&self.lexicon.get(id).scheme);
        suppressed.retain(|s| wanted(s.concept));
        let mut suggestions: Vec<Suggestion> = Vec::new();
        for proposal in proposals {
            if !wanted(proposal.group.concept) {
                continue;
            }
            match self.judge(proposal, request) {
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
        Extraction { outcome, model: ModelUse::NotLoaded, suggestions, suppressed, provenance: self.provenance.clone() }
    }

    /// Every group of evidence on the page, and what was set aside before it became evidence.
    fn proposals(&self, page: &Page<'_>) -> (Vec<Proposal>, Vec<Suppressed>) {
        let readings = self.dictionary.read(page, &self.lexicon);
        if readings.mentions.is_empty() && readings.set_aside.is_empty() {
            return (Vec::new(), Vec::new());
        }
        let survey = self.context.survey(page, &self.lexicon);
        let judge = |mention: &Mention| survey.assertion(mention, self.lexicon.get(mention.concept));
        let mut suppressed: BTreeMap<(ConceptId, Reason), Suppressed> = BTreeMap::new();
        let mut set_aside = |judgement: Judgement, mention: &Mention, reason: Reason| {
            let entry = suppressed.entry((judgement.concept, reason)).or_insert_with(|| Suppressed {
                concept: judgement.concept,
                reason,
                assertion: judgement.assertion,
                evidence: Vec::new(),
            });
            entry.evidence.push(self.evidence(mention));
        };
        let mut candidates = Vec::new();
        let mut rivals: Vec<(ConceptId, (u32, u32))> = Vec::new();
        for mention in &readings.mentions {
            let judgement = judge(mention);
            if judgement.boilerplate {
                set_aside(judgement, mention, Reason::Filtered);
                continue;
            }
            rivals.push((judgement.concept, mention.tokens));
            let Judgement { concept, assertion, heading, .. } = judgement;
            candidates.push(Candidate { concept, assertion, evidence: self.evidence(mention), fit: mention.fit, heading });
        }
        for (mention, why) in &readings.set_aside {
            let reason = match why {
                SetAside::AmbiguousLabel => Reason::AmbiguousLabel,
                SetAside::Filtered => Reason::Filtered,
            };
            set_aside(judge(mention), mention, reason);
        }
        let found: Vec<ConceptId> = candidates.iter().map(|c| c.concept).collect();
        let suppressed = suppressed.into_values().filter(|s| !found.contains(&s.concept)).collect();
        let proposals = fusion::groups(candidates)
            .into_iter()
            .map(|group| {
                let features = fusion::features(&group, &self.lexicon, self.calibrator.records(), self.surroundings(&group, &rivals));
                Proposal { group, features }
            })
            .collect();
        (proposals, suppressed)
    }

    /// The proposals for a note, for calibration and evaluation.
    pub fn propose(&self, note: &str) -> Vec<Proposal> {
        self.proposals(&Page::read(note, &self.lexicon.language)).0
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

    fn evidence(&self, mention: &Mention) -> Evidence {
        let strength = self.lexicon.label(mention.label).strength;
        // The curator's estimate as log-odds: nine, seven and four in ten.
        let score = Score(match strength {
            Strength::Strong => 2.2,
            Strength::Fair => 0.85,
            Strength::Weak => -0.4,
        });
        Evidence { span: mention.span, source: Source::Dictionary, label: Some(mention.label), score }
    }

    /// What else of the scheme was found in the note.
    fn surroundings(&self, group: &Group, found: &[(ConceptId, (u32, u32))]) -> Surroundings {
        let concept = self.lexicon.get(group.concept);
        let own: Vec<(u32, u32)> = found.iter().filter(|(id, _)| *id == group.concept).map(|(_, tokens)| *tokens).collect();
        let overlaps = |tokens: &(u32, u32)| own.iter().any(|o| o.0 < tokens.1 && tokens.0 < o.1);
        let count = |wanted: &dyn Fn(ConceptId, &(u32, u32)) -> bool| {
            let mut others: Vec<ConceptId> = found.iter().filter(|(id, tokens)| *id != group.concept && wanted(*id, tokens)).map(|(id, _)| *id).collect();
            others.sort();
            others.dedup();
            others.len()
        };
        Surroundings {
            rivals: count(&|id, tokens| self.lexicon.get(id).scheme == concept.scheme && self.lexicon.get(id).leaf && overlaps(tokens)),
            company: count(&|id, tokens| self.lexicon.get(id).broader == concept.broader && concept.broader.is_some() && !overlaps(tokens)),
        }
    }

    /// A suggestion, or the reason why there is none.
    fn judge(&self, proposal: Proposal, request: &Request) -> Result<Suggestion, Suppressed> {
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
        let confidence = self.calibrator.confidence(self.calibrator.score(&features), group.concept);
        let least = request.min_confidence.unwrap_or(self.calibrator.thresholds(group.concept).review);
        if confidence.get() < least {
            return refuse(Reason::BelowThreshold, evidence);
        }
        let band: Band = self.calibrator.band(confidence, group.concept);
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
