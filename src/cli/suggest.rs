//! `casecoder suggest`: a note in, a table or JSON out; or one note a line, streaming.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use serde::Deserialize;

use super::output::Output;
use super::{Ended, Resources};
use crate::extractor::Extractor;
use crate::note::NoteText;
use crate::span::OffsetUnit;
use crate::suggestion::{Band, Outcome, Reason};
use crate::wire::{Include, SuggestAnswer, SuggestRequest, WireAssertion, WireEvidence};

/// Longest line of JSONL, so that a broken file cannot fill the memory.
const MAX_LINE: u64 = 64 * 1024 * 1024;

/// Suggest codes for a note, or for one note a line.
#[derive(Debug, Args)]
pub(super) struct SuggestArgs {
    /// The file to read; standard input where absent or `-`
    file: Option<PathBuf>,
    /// How to read it
    #[arg(long, value_enum, default_value_t = InputFormat::Text)]
    input_format: InputFormat,
    /// How to answer; JSONL input is always answered as JSONL
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Only these schemes (repeat, or part with commas)
    #[arg(long, value_delimiter = ',', value_name = "SCHEME")]
    scheme: Vec<String>,
    /// At most so many suggestions a note
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Only suggestions of at least this confidence, instead of each concept's own threshold
    #[arg(long, value_name = "0..1")]
    min_confidence: Option<f32>,
    /// The unit of offsets in JSON
    #[arg(long, value_enum, default_value_t = Unit::CodePoint)]
    offset_unit: Unit,
    /// Also what was found and set aside, with the reason
    #[arg(long)]
    suppressed: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum InputFormat {
    /// One note
    Text,
    /// One JSON object a line: {"id", "text", "kind"?}
    Jsonl,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table for people
    Table,
    /// The answer of the API
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Unit {
    CodePoint,
    Utf16,
    Utf8Byte,
}

/// A line of JSONL. Other fields of a record are allowed and left alone.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: Option<serde_json::Value>,
    text: NoteText,
    #[serde(default)]
    kind: Option<String>,
}

impl SuggestArgs {
    fn request(&self, text: NoteText) -> SuggestRequest {
        let mut request = SuggestRequest::of_text(None, text);
        request.schemes = (!self.scheme.is_empty()).then(|| self.scheme.clone());
        request.limit = self.limit;
        request.min_confidence = self.min_confidence;
        request.offset_unit = match self.offset_unit {
            Unit::CodePoint => OffsetUnit::CodePoint,
            Unit::Utf16 => OffsetUnit::Utf16,
            Unit::Utf8Byte => OffsetUnit::Utf8Byte,
        };
        if self.suppressed {
            request.include.push(Include::Suppressed);
        }
        request
    }
}

pub(super) fn run(args: &SuggestArgs, resources: &Resources, output: &mut Output) -> anyhow::Result<Ended> {
    let extractor = resources.open()?;
    // A wrong option is told before any note is read.
    answer(&args.request(NoteText::from("")), &extractor)?;
    match args.input_format {
        InputFormat::Text => one(args, &extractor, output),
        InputFormat::Jsonl => lines(args, &extractor, output),
    }
}

fn answer(request: &SuggestRequest, extractor: &Extractor) -> anyhow::Result<SuggestAnswer> {
    request.answer(extractor).map_err(|invalid| {
        let told: Vec<String> = invalid.iter().map(|i| format!("{} {}", i.pointer.trim_start_matches('/'), i.detail)).collect();
        anyhow::anyhow!("{}", told.join("; "))
    })
}

fn open(file: Option<&Path>) -> anyhow::Result<Box<dyn Read>> {
    match file {
        Some(path) if path != Path::new("-") => Ok(Box::new(File::open(path).with_context(|| format!("{}: cannot be read", path.display()))?)),
        _ => Ok(Box::new(io::stdin())),
    }
}

fn one(args: &SuggestArgs, extractor: &Extractor, output: &mut Output) -> anyhow::Result<Ended> {
    let mut bytes = Vec::new();
    open(args.file.as_deref())?.read_to_end(&mut bytes).context("the note cannot be read")?;
    let text = decode(&bytes, output);
    let answer = answer(&args.request(NoteText::from(text)), extractor)?;
    match args.format.unwrap_or(Format::Table) {
        Format::Json => output.json(&answer)?,
        Format::Table => output.write(&table(&answer))?,
    }
    Ok(Ended::Done)
}

/// Old files are often Windows-1252 or UTF-16; a byte order mark decides, then valid UTF-8, then Windows-1252.
fn decode(bytes: &[u8], output: &mut Output) -> String {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => {
            output.talk(format_args!("note: the file is not UTF-8, read as Windows-1252"));
            encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned()
        }
    }
}

/// One answer a line, in order, in constant memory. A line that is no note is answered with its error, and the rest goes on.
fn lines(args: &SuggestArgs, extractor: &Extractor, output: &mut Output) -> anyhow::Result<Ended> {
    let mut reader = BufReader::with_capacity(256 * 1024, open(args.file.as_deref())?);
    let mut line = Vec::new();
    let (mut number, mut bad) = (0u64, 0u64);
    loop {
        line.clear();
        let read = reader.by_ref().take(MAX_LINE + 1).read_until(b'\n', &mut line).context("the input cannot be read")?;
        if read == 0 {
            break;
        }
        number += 1;
        if read as u64 > MAX_LINE && line.last() != Some(&b'\n') {
            skip_line(&mut reader)?;
            line.clear();
            line.extend_from_slice(b"{");
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match serde_json::from_slice::<Line>(&line) {
            Ok(Line { id, text, kind }) => {
                let mut request = args.request(text);
                request.id = id.map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
                request.kind = kind;
                match request.answer(extractor) {
                    Ok(answer) => output.json_line(&answer)?,
                    Err(invalid) => {
                        bad += 1;
                        output.json_line(&serde_json::json!({"line": number, "code": "invalid_value", "errors": invalid}))?;
                    }
                }
            }
            Err(error) => {
                bad += 1;
                // serde's message can quote the note, so only the place and the sort of error are told.
                let detail = format!("not a JSON object with a text ({:?} error, column {})", error.classify(), error.column());
                output.json_line(&serde_json::json!({"line": number, "code": "malformed_json", "detail": detail}))?;
            }
        }
    }
    if bad > 0 {
        output.talk(format_args!("{bad} of {number} lines could not be read as a note; each has its error in its place"));
        return Ok(Ended::No);
    }
    Ok(Ended::Done)
}

/// Reads on to the end of a line that is too long, without keeping it.
fn skip_line(reader: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let end = buffer.iter().position(|&b| b == b'\n');
        let used = end.map_or(buffer.len(), |at| at + 1);
        reader.consume(used);
        if end.is_some() {
            return Ok(());
        }
    }
}

/// The answer as a tired data officer wants to read it.
fn table(answer: &SuggestAnswer) -> String {
    let mut out = String::new();
    let _ = match answer.outcome {
        Outcome::NoText => writeln!(out, "There are no words to read."),
        Outcome::NothingFound => writeln!(out, "Nothing to suggest."),
        Outcome::Suggested => writeln!(out, "{} suggested, surest first. A person decides.\n", answer.suggestions.len()),
    };
    for s in &answer.suggestions {
        let band = match s.band {
            Band::High => "high",
            Band::Review => "review",
            Band::Low => "low",
        };
        let _ = writeln!(out, "  {:<7} {:.2} {band:<6}  {}", s.notation, s.confidence, s.label);
        let _ = writeln!(out, "          {}", attributes(&s.assertion));
        let _ = writeln!(out, "          because of {}", quotes(&s.evidence));
        if let Some(top) = s.broader.last() {
            let _ = writeln!(out, "          rolls up to {} {}", top.notation, top.label);
        }
        out.push('\n');
    }
    if let Some(suppressed) = answer.suppressed.as_ref().filter(|s| !s.is_empty()) {
        let _ = writeln!(out, "Found and not suggested:");
        for s in suppressed {
            let reason = match s.reason {
                Reason::Denied => "the note says it is not so",
                Reason::Hypothetical => "advice or a condition, not an event",
                Reason::BelowThreshold => "not sure enough",
                Reason::AmbiguousLabel => "the words mean something else here, or may",
                Reason::Filtered => "a closer code took its place, or it is not the family's",
            };
            let _ = writeln!(out, "  {:<7} {}: {reason}; {}", s.notation, s.label, quotes(&s.evidence));
        }
    }
    out
}

fn attributes(assertion: &WireAssertion) -> String {
    let mut parts = vec![assertion.presence.as_str(), assertion.time.as_str()];
    parts.push(assertion.subject.as_str());
    if assertion.role != crate::assertion::Role::None {
        parts.push(assertion.role.as_str());
    }
    parts.extend(assertion.stage.map(|stage| stage.as_str()));
    let mut cues: Vec<String> = assertion.cues.iter().map(|cue| format!("{} from \"{}\"", cue.axis.as_str(), one_line(&cue.text))).collect();
    cues.dedup();
    let told = parts.join(", ");
    if cues.is_empty() { told } else { format!("{told}  ({})", cues.join("; ")) }
}

fn quotes(evidence: &[WireEvidence]) -> String {
    let mut words: Vec<String> = evidence.iter().map(|e| format!("\"{}\"", one_line(&e.text))).collect();
    words.dedup();
    words.join(", ")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
