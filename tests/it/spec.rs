//! The readable specifications in `tests/spec/*.md`, run row by row.
//!
//! Every row must hold, except those in `tests/spec/gaps.md`, which list what we know we
//! get wrong: a row there that begins to hold must be moved to its own file.

use std::fmt::Write as _;
use std::path::Path;

use casecoder::assertion::{Assertion, Axis};
use casecoder::{Extractor, Span};

/// A row: the sentence, the marked words with the concept, and what is expected.
pub(crate) struct Case {
    pub(crate) place: String,
    pub(crate) text: String,
    marks: Vec<(Span, String)>,
    expect: Vec<(Axis, String)>,
}

/// Reads the table rows of a specification.
pub(crate) fn cases(path: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(path).expect("the specification can be read");
    let mut cases = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let place = format!("{}:{}", path.file_name().unwrap_or_default().to_string_lossy(), number + 1);
        let escaped = line.replace("\\|", "\u{1}");
        let cells: Vec<String> = escaped.trim().trim_matches('|').split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect();
        if !line.starts_with('|') || cells.len() != 3 || cells[0] == "text" || cells[0].starts_with("---") {
            continue;
        }
        let (text, marks) = marked(&cells[0].replace(" ⏎ ", "\n").replace('⏎', "\n"));
        let expect = cells[1]
            .split(',')
            .map(|pair| {
                let (axis, value) = pair.trim().split_once('=').unwrap_or_else(|| panic!("{place}: `{pair}` is not axis=value"));
                let axis = Axis::ALL.into_iter().find(|a| a.as_str() == axis).unwrap_or_else(|| panic!("{place}: no axis `{axis}`"));
                (axis, value.to_owned())
            })
            .collect();
        assert!(!marks.is_empty(), "{place}: no [words](NOTATION) in the text");
        cases.push(Case { place, text, marks, expect });
    }
    cases
}

/// Takes `[words](NOTATION)` out of a text: the plain text, and where the words stand.
fn marked(source: &str) -> (String, Vec<(Span, String)>) {
    let (mut text, mut marks, mut rest) = (String::new(), Vec::new(), source);
    while let Some(open) = rest.find('[') {
        let mark = rest[open..].find("](").and_then(|middle| {
            let after = open + middle + 2;
            let close = rest[after..].find(')')?;
            let notation = &rest[after..after + close];
            let valid = notation.len() >= 4 && notation.chars().all(|ch| ch.is_ascii_uppercase() || ch.is_ascii_digit());
            valid.then(|| (&rest[open + 1..open + middle], notation, after + close + 1))
        });
        match mark {
            Some((words, notation, end)) if !words.contains('[') => {
                text.push_str(&rest[..open]);
                let start = text.len() as u32;
                text.push_str(words);
                marks.push((Span::new(start, text.len() as u32), notation.to_owned()));
                rest = &rest[end..];
            }
            _ => {
                text.push_str(&rest[..=open]);
                rest = &rest[open + 1..];
            }
        }
    }
    text.push_str(rest);
    (text, marks)
}

fn scheme_of(notation: &str) -> &'static str {
    match &notation[..2] {
        "ND" => "need",
        "IN" => "incident",
        _ => "intervention",
    }
}

/// What is wrong with a case; empty where it holds.
pub(crate) fn wrong(extractor: &Extractor, case: &Case) -> String {
    let mut wrong = String::new();
    for (span, notation) in &case.marks {
        let concept = extractor.lexicon().concept(scheme_of(notation), notation).unwrap_or_else(|| panic!("{}: no concept {notation}", case.place));
        let assertion: Assertion = extractor.assertion_at(&case.text, *span, concept.id);
        for (axis, expected) in &case.expect {
            let got = assertion.value(*axis).unwrap_or("-");
            if got != expected {
                let _ = write!(wrong, " [{}] {}: expected {expected}, got {got};", span.slice(&case.text), axis.as_str());
            }
        }
    }
    wrong
}

fn specification(name: &str) -> Vec<Case> {
    cases(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec").join(name))
}

#[test]
fn every_row_of_the_specifications_holds() {
    let extractor = crate::extractor();
    let mut count = 0;
    let mut failures = String::new();
    for name in ["presence.md", "time.md", "subject.md", "role.md", "stage.md"] {
        for case in specification(name) {
            count += 1;
            let wrong = wrong(extractor, &case);
            if !wrong.is_empty() {
                let _ = writeln!(failures, "{}: {}\n   {wrong}", case.place, case.text.replace('\n', " ⏎ "));
            }
        }
    }
    assert!(failures.is_empty(), "{} of {count} rows fail:\n{failures}", failures.lines().count() / 2);
    assert!(count >= 400, "only {count} rows");
}

#[test]
fn every_known_gap_is_still_one() {
    let extractor = crate::extractor();
    let cases = specification("gaps.md");
    let mended: Vec<String> = cases.iter().filter(|case| wrong(extractor, case).is_empty()).map(|case| format!("{}: {}", case.place, case.text)).collect();
    assert!(mended.is_empty(), "these rows hold now: move them to their own file\n{}", mended.join("\n"));
}
