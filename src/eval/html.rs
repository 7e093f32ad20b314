//! A report as one self-contained page: for a manager the first screen, for an engineer the rest.
//!
//! It quotes the notes in its list of errors, so it is as sensitive as they are.

use askama::Template;

use super::answers::Answer;
use super::charts;
use super::gold::Gold;
use super::measures::{Bin, Cut, Measure, title};
use super::metrics::ratio;
use super::report::{ConceptRow, Report};
use crate::assertion::Axis;
use crate::highlight::{self, Block, Marked, Tag};
use crate::lexicon::Lexicon;
use crate::records::{concept_key, keyed};

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    css: &'static str,
    report: &'a Report,
    found: u32,
    right: u32,
    not_so: String,
    measures: Vec<Line>,
    reliability: String,
    bins: &'a [Bin],
    coverage: String,
    cuts: Vec<CutRow>,
    concepts: &'a [ConceptRow],
    axes: Vec<Confusions>,
    notes: Vec<Erring>,
}

/// A measure as people read it.
struct Line {
    title: String,
    value: String,
    interval: String,
    counts: String,
}

struct CutRow {
    confidence: String,
    precision: String,
    coverage: String,
    count: usize,
}

/// How the values of one axis were taken for each other.
struct Confusions {
    axis: &'static str,
    values: Vec<&'static str>,
    /// The gold value, then the count of each suggested value; the diagonal is right.
    rows: Vec<(&'static str, Vec<usize>)>,
}

/// A note with at least one wrong or missed code.
struct Erring {
    id: String,
    kind: String,
    voice: String,
    wrong: Vec<String>,
    missed: Vec<String>,
    blocks: Vec<Block>,
}

/// Draws the page. `gold` and `answers` are what the report was made of.
///
/// # Errors
/// [`askama::Error`] if the page cannot be written, which does not happen into memory.
pub fn page(report: &Report, lexicon: &Lexicon, gold: &[Gold], answers: &[Answer]) -> Result<String, askama::Error> {
    let hundred = |key: &str| report.measure(key).map_or(0, |m| (m.value * 100.0).round() as u32);
    let not_so = report.measure("leak").map_or(String::new(), |m| format!("{} of {}", m.part, m.whole));
    let codes = report.measure("recall").map_or(0, |m| m.whole);
    Page {
        css: include_str!("../../templates/casecoder.css"),
        report,
        found: hundred("recall"),
        right: hundred("precision"),
        not_so,
        measures: report.measures.iter().map(line).collect(),
        reliability: charts::reliability(&report.reliability),
        bins: &report.reliability,
        coverage: charts::coverage(&report.curve, codes),
        cuts: cuts(&report.curve, codes),
        concepts: &report.concepts,
        axes: Axis::ALL.into_iter().map(|axis| confusions(report, axis)).filter(|axis| !axis.rows.is_empty()).collect(),
        notes: gold.iter().zip(answers).zip(&report.notes).filter_map(|((gold, answer), result)| erring(lexicon, gold, answer, result)).collect(),
    }
    .render()
}

fn line(measure: &Measure) -> Line {
    let counts = match (measure.part, measure.whole) {
        (0, all) if measure.key == "macro_f1" => format!("{all} concepts"),
        (0, all) if measure.key == "calibration_error" => format!("{all} suggestions"),
        (part, whole) => format!("{part} of {whole}"),
    };
    Line { title: title(&measure.key), value: format!("{:.3}", measure.value), interval: format!("{:.3} to {:.3}", measure.low, measure.high), counts }
}

/// The curve at every twentieth of confidence.
fn cuts(curve: &[Cut], gold: usize) -> Vec<CutRow> {
    let at = |least: f32| curve.iter().rfind(|cut| cut.confidence >= least);
    let row = |step: u8| {
        let least = f32::from(step) / 20.0;
        let cut = at(least)?;
        Some(CutRow {
            confidence: format!("{least:.2}"),
            precision: format!("{:.3}", cut.precision()),
            coverage: format!("{:.3}", ratio(cut.right, gold)),
            count: cut.count,
        })
    };
    (1..20).rev().filter_map(row).collect()
}

fn confusions(report: &Report, axis: Axis) -> Confusions {
    let pairs = report.confusions.get(axis.as_str()).map_or(&[][..], Vec::as_slice);
    let values: Vec<&'static str> = axis.values().into_iter().filter(|value| pairs.iter().any(|pair| pair.gold == *value || pair.given == *value)).collect();
    let count = |gold: &str, given: &str| pairs.iter().find(|pair| pair.gold == gold && pair.given == given).map_or(0, |pair| pair.count);
    let rows = values.iter().map(|&gold| (gold, values.iter().map(|given| count(gold, given)).collect())).collect();
    Confusions { axis: axis.as_str(), values, rows }
}

fn erring(lexicon: &Lexicon, gold: &Gold, answer: &Answer, result: &super::metrics::NoteResult) -> Option<Erring> {
    if result.wrong.is_empty() && result.missed.is_empty() {
        return None;
    }
    let named = |code: &str| keyed(lexicon, code).map_or(code.to_owned(), |concept| format!("{} {}", concept.notation, concept.pref_label));
    let text = gold.note.text.as_str();
    let mark = |span: crate::span::Span, concept: crate::scheme::ConceptId, kind: &str| {
        let concept = lexicon.get(concept);
        let tag = Tag { notation: concept.notation.clone(), label: concept.pref_label.clone(), anchor: kind.to_owned() };
        Marked { start: span.start as usize, end: span.end as usize, tag }
    };
    let is = |list: &dyn Fn(&str) -> bool, concept| list(&concept_key(lexicon, concept));
    let wrong = |code: &str| result.wrong.iter().any(|w| w.code == code);
    let missed = |code: &str| result.missed.iter().any(|m| m == code);
    let mut marked = Vec::new();
    for answered in answer.iter().filter(|a| a.shown) {
        let kind = if is(&wrong, answered.concept) { "wrong" } else { "right" };
        marked.extend(answered.evidence.iter().map(|&span| mark(span, answered.concept, kind)));
    }
    for (code, &concept) in gold.note.codes.iter().zip(&gold.concepts).filter(|(code, c)| code.storable() && is(&missed, **c)) {
        marked.extend(code.spans(text).map(|span| mark(span, concept, "missed")));
    }
    Some(Erring {
        id: gold.note.id.clone(),
        kind: gold.note.kind.clone(),
        voice: gold.note.voice.clone(),
        wrong: result.wrong.iter().map(|w| named(&w.code)).collect(),
        missed: result.missed.iter().map(|code| named(code)).collect(),
        blocks: highlight::blocks(text, marked),
    })
}
