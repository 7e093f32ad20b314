//! A regression pack: sentences for which a code must, or must not, be suggested.
//!
//! A curator keeps it in a spreadsheet saved as CSV with the columns `expect` (`must` or `must_not`), `scheme`,
//! `notation`, `text` and `why`.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::extractor::{Extractor, Request};
use crate::note::NoteText;
use crate::scheme::ConceptId;

/// What a line asks for.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    /// The code is suggested.
    Must,
    /// The code is not suggested.
    MustNot,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    expect: Expect,
    scheme: String,
    notation: String,
    text: NoteText,
    why: String,
}

/// A line of a pack that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The line, from 1.
    pub line: u64,
    /// What was asked.
    pub expect: Expect,
    /// `scheme/notation`.
    pub code: String,
    /// Why the curator asks for it.
    pub why: String,
}

/// What became of a pack.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Lines run.
    pub lines: usize,
    /// Those that do not hold.
    pub failures: Vec<Failure>,
}

/// The pack cannot be read; the message names file and line and never the text.
#[derive(Debug, thiserror::Error)]
#[error("{}: {}{message}", .path.display(), super::gold::place(*.line))]
pub struct PackError {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1; 0 where it is the whole file.
    pub line: u64,
    /// What is wrong.
    pub message: String,
}

/// Runs every line of the pack at `path`.
///
/// # Errors
/// [`PackError`] where the file is no pack or names a code that is not in the lists: nothing is run then.
pub fn run(extractor: &Extractor, path: &Path) -> Result<Outcome, PackError> {
    let mut outcome = Outcome::default();
    for (line, row, concept) in read(extractor, path)? {
        let answer = extractor.suggest(row.text.as_str(), &Request::default());
        let suggested = answer.suggestions.iter().any(|suggestion| suggestion.concept == concept);
        outcome.lines += 1;
        if suggested != (row.expect == Expect::Must) {
            outcome.failures.push(Failure { line, expect: row.expect, code: format!("{}/{}", row.scheme, row.notation), why: row.why });
        }
    }
    Ok(outcome)
}

fn read(extractor: &Extractor, path: &Path) -> Result<Vec<(u64, Row, ConceptId)>, PackError> {
    let error = |line: u64, message: String| PackError { path: path.into(), line, message };
    let file = std::fs::read(path).map_err(|e| error(0, format!("cannot be read: {e}")))?;
    // Spreadsheet programs write a byte order mark.
    let content = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&file);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(content);
    let headers = reader.headers().map_err(|_| error(1, "not a CSV file in UTF-8".to_owned()))?.clone();
    if headers.iter().collect::<std::collections::BTreeSet<_>>() != ["expect", "notation", "scheme", "text", "why"].into() {
        return Err(error(1, "the columns are `expect`, `scheme`, `notation`, `text` and `why`".to_owned()));
    }
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    loop {
        let line = reader.position().line();
        // The errors of csv and serde can quote the row, so they are not passed on.
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(rows),
            Ok(true) => {}
            Err(_) => return Err(error(line, "the row does not have five columns of UTF-8".to_owned())),
        }
        let line = record.position().map_or(line, csv::Position::line);
        let row: Row = record.deserialize(Some(&headers)).map_err(|_| error(line, "`expect` is `must` or `must_not`".to_owned()))?;
        let concept = extractor.lexicon().concept(&row.scheme, &row.notation);
        let concept = concept.ok_or_else(|| error(line, format!("no concept `{}` in the scheme `{}`", row.notation, row.scheme)))?.id;
        if row.text.as_str().is_empty() {
            return Err(error(line, "there is no text".to_owned()));
        }
        rows.push((line, row, concept));
    }
}
