//! Reading spreadsheets: a header that is checked, rows with their line numbers, findings that name both.

use std::fmt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The lists cannot be used.
    Error,
    /// The lists work, and a curator should look.
    Warning,
}

/// Something wrong in the lists, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad.
    pub severity: Severity,
    /// The file, from the folder of the lists.
    pub file: PathBuf,
    /// The line, from 1; 0 where the file as a whole is meant.
    pub line: u64,
    /// What is wrong, in lower case, without a full stop.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.severity == Severity::Error { "error" } else { "warning" };
        if self.line == 0 {
            write!(f, "{kind}: {}: {}", self.file.display(), self.message)
        } else {
            write!(f, "{kind}: {}: line {}: {}", self.file.display(), self.line, self.message)
        }
    }
}

/// Reads the files of a folder, gathers findings and a content hash on the way.
pub(super) struct Reader<'a> {
    pub(super) root: &'a Path,
    pub(super) findings: Vec<Finding>,
    hasher: Sha256,
}

/// One row of a table.
pub(super) struct Row {
    pub(super) line: u64,
    fields: Vec<String>,
    columns: &'static [&'static str],
}

impl Row {
    /// The field of a column, without surrounding space.
    pub(super) fn get(&self, column: &str) -> &str {
        let index = self.columns.iter().position(|c| *c == column);
        index.and_then(|i| self.fields.get(i)).map_or("", |field| field.trim())
    }

    /// The parts of a field that holds a list.
    pub(super) fn list<'r>(&'r self, column: &str) -> impl Iterator<Item = &'r str> {
        self.get(column).split('|').map(str::trim).filter(|part| !part.is_empty())
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(root: &'a Path) -> Self {
        Self { root, findings: Vec::new(), hasher: Sha256::new() }
    }

    /// Takes the hash of everything read since the last call: twelve hexadecimal digits.
    pub(super) fn take_digest(&mut self) -> String {
        let digest = std::mem::replace(&mut self.hasher, Sha256::new()).finalize();
        let hex: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        format!("sha256:{hex}")
    }

    pub(super) fn error(&mut self, file: &str, line: u64, message: impl Into<String>) {
        self.findings.push(Finding { severity: Severity::Error, file: file.into(), line, message: message.into() });
    }

    pub(super) fn warning(&mut self, file: &str, line: u64, message: impl Into<String>) {
        self.findings.push(Finding { severity: Severity::Warning, file: file.into(), line, message: message.into() });
    }

    /// The text of a file; an unreadable one is a finding.
    pub(super) fn text(&mut self, file: &str) -> Option<String> {
        match std::fs::read(self.root.join(file)) {
            Ok(bytes) => {
                self.hasher.update(file.as_bytes());
                self.hasher.update(&bytes);
                match String::from_utf8(bytes) {
                    Ok(text) => Some(text.strip_prefix('\u{FEFF}').map(str::to_owned).unwrap_or(text)),
                    Err(error) => {
                        let line = 1 + error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|&&b| b == b'\n').count();
                        self.error(file, line as u64, "not UTF-8 (in Excel choose \"CSV UTF-8\" when saving)");
                        None
                    }
                }
            }
            Err(error) => {
                self.error(file, 0, format!("cannot be read: {error}"));
                None
            }
        }
    }

    /// The rows of a CSV file with exactly these columns, in any order; unknown columns are refused.
    pub(super) fn table(&mut self, file: &str, columns: &'static [&'static str]) -> Vec<Row> {
        let Some(text) = self.text(file) else { return Vec::new() };
        let mut reader = csv::ReaderBuilder::new().has_headers(true).flexible(true).from_reader(text.as_bytes());
        let header = match reader.headers() {
            Ok(header) => header.clone(),
            Err(error) => {
                self.error(file, 1, format!("not a CSV file: {error}"));
                return Vec::new();
            }
        };
        let mut places = Vec::new();
        for name in &header {
            match columns.iter().position(|c| *c == name.trim()) {
                Some(place) => places.push(place),
                None => {
                    self.error(file, 1, format!("unknown column `{name}`; allowed are {}", columns.join(", ")));
                    return Vec::new();
                }
            }
        }
        if let Some(missing) = columns.iter().enumerate().find(|(i, _)| !places.contains(i)) {
            self.error(file, 1, format!("column `{}` is missing", missing.1));
            return Vec::new();
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            match record {
                Ok(record) => {
                    let line = record.position().map_or(0, csv::Position::line);
                    if record.len() != places.len() {
                        self.error(file, line, format!("{} fields where the header has {}", record.len(), places.len()));
                        continue;
                    }
                    let mut fields = vec![String::new(); columns.len()];
                    for (place, field) in places.iter().zip(&record) {
                        fields[*place] = field.to_owned();
                    }
                    if fields.iter().any(|field| !field.trim().is_empty()) {
                        rows.push(Row { line, fields, columns });
                    }
                }
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    self.error(file, line, format!("not a CSV row: {error}"));
                }
            }
        }
        rows
    }
}
