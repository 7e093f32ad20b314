//! `schemes/<scheme>/`: one controlled list, its concepts, labels and mappings.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::Lexicon;
use super::labels::{Hint, Hints, Label, LabelKind, Strength};
use super::table::Reader;
use super::words::WrittenWords;
use crate::assertion::{Role, Subject};
use crate::scheme::{Concept, ConceptId, Mapping, Person, Scheme};
use crate::text::{Matching, Pattern};

/// `scheme.toml`: what the list says of itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    title: String,
    version: String,
    language: String,
    licence: String,
    source: String,
}

const CONCEPTS: &[&str] = &["notation", "pref_label", "broader", "scope_note", "subject", "role", "counterpart", "status", "attributes"];
const LABELS: &[&str] = &["notation", "label", "kind", "strength", "match", "near", "not_near", "note"];
const MAPPINGS: &[&str] = &["notation", "scheme", "code", "relation"];
const RELATIONS: &[&str] = &["exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch"];

/// Reads one scheme's folder into the lexicon.
pub(super) fn read(reader: &mut Reader<'_>, folder: &str, words: &mut WrittenWords, lexicon: &mut Lexicon) {
    let file = format!("schemes/{folder}/scheme.toml");
    let Some(text) = reader.text(&file) else { return };
    let header: File = match toml::from_str(&text) {
        Ok(header) => header,
        Err(error) => {
            let line = error.span().map_or(0, |span| 1 + text[..span.start].matches('\n').count() as u64);
            reader.error(&file, line, error.message().to_owned());
            return;
        }
    };
    if header.id != folder {
        reader.error(&file, 0, format!("id `{}` is not the name of the folder, `{folder}`", header.id));
    }
    let scheme = lexicon.schemes.len();
    let notations = concepts(reader, folder, scheme, words, lexicon);
    labels(reader, folder, &notations, words, lexicon);
    mappings(reader, folder, &notations, lexicon);
    let File { id, title, version, language, licence, source } = header;
    let mut concepts: Vec<ConceptId> = notations.values().copied().collect();
    concepts.sort();
    lexicon.schemes.push(Scheme { id, title, version, digest: reader.take_digest(), language, licence, source, concepts });
}

fn concepts(reader: &mut Reader<'_>, folder: &str, scheme: usize, words: &mut WrittenWords, lexicon: &mut Lexicon) -> FxHashMap<String, ConceptId> {
    let file = format!("schemes/{folder}/concepts.csv");
    let rows = reader.table(&file, CONCEPTS);
    let mut notations: FxHashMap<String, ConceptId> = FxHashMap::default();
    let mut lines = FxHashMap::default();
    for row in &rows {
        let notation = row.get("notation").to_owned();
        let id = ConceptId((lexicon.concepts.len() + notations.len()) as u32);
        if notation.is_empty() {
            reader.error(&file, row.line, "no notation");
        } else if let Some(first) = lines.insert(notation.clone(), row.line) {
            reader.error(&file, row.line, format!("notation `{notation}` stands on line {first} too"));
        }
        notations.entry(notation).or_insert(id);
    }
    let mut known = FxHashMap::default();
    for row in &rows {
        let notation = row.get("notation");
        if known.insert(notation.to_owned(), ()).is_some() {
            continue;
        }
        let id = notations[notation];
        let mut other = |column: &str| match row.get(column) {
            "" => None,
            name => {
                let found = notations.get(name).copied();
                if found.is_none_or(|found| found == id) {
                    reader.error(&file, row.line, format!("{column} `{name}` of `{notation}` is not another concept of this scheme"));
                }
                found
            }
        };
        let (broader, counterpart) = (other("broader"), other("counterpart"));
        let attributes: BTreeMap<String, String> =
            row.get("attributes").split(';').filter_map(|pair| pair.split_once('=')).map(|(k, v)| (k.trim().to_owned(), v.trim().to_owned())).collect();
        let mut choose = |column: &str, allowed: &str| reader.error(&file, row.line, format!("{column} `{}`: expected {allowed}", row.get(column)));
        let default_subject = Subject::parse(row.get("subject")).unwrap_or_else(|| {
            choose("subject", &Subject::ALL.iter().map(|s| s.as_str()).collect::<Vec<_>>().join(", "));
            Subject::Unclear
        });
        let default_role = Role::parse(row.get("role")).unwrap_or_else(|| {
            choose("role", &Role::ALL.iter().map(|s| s.as_str()).collect::<Vec<_>>().join(", "));
            Role::None
        });
        let retired = match row.get("status") {
            "" | "active" => false,
            "retired" => true,
            _ => {
                choose("status", "active or retired");
                false
            }
        };
        let person = match attributes.get("person").or_else(|| attributes.get("target")).map(String::as_str) {
            Some("child") => Person::Child,
            Some("adult" | "parent") => Person::Adult,
            _ => Person::Any,
        };
        let pref_label = row.get("pref_label").to_owned();
        if pref_label.is_empty() {
            reader.error(&file, row.line, format!("`{notation}` has no pref_label"));
        } else if !retired {
            let plain = pref_label.replace(['(', ')', '[', ']', '|', '#', '@'], " ");
            if let Ok(pattern) = Pattern::parse(&plain, Matching::Forms, words) {
                lexicon.labels.push(label(id, &plain, LabelKind::Pref, Strength::Strong, pattern, row.line));
            }
        }
        lexicon.concepts.push(Concept {
            id,
            scheme,
            notation: notation.to_owned(),
            pref_label,
            scope_note: row.get("scope_note").to_owned(),
            broader,
            leaf: true,
            retired,
            default_subject,
            default_role,
            person,
            counterpart,
            alt_labels: Vec::new(),
            mappings: Vec::new(),
            attributes,
        });
    }
    let broaders: Vec<ConceptId> = lexicon.concepts.iter().filter_map(|concept| concept.broader).collect();
    for broader in broaders {
        lexicon.concepts[broader.index()].leaf = false;
    }
    notations
}

fn label(concept: ConceptId, text: &str, kind: LabelKind, strength: Strength, pattern: Pattern, line: u64) -> Label {
    let capitals = {
        let mut letters = text.chars().filter(|ch| ch.is_alphabetic()).peekable();
        letters.peek().is_some() && letters.all(char::is_uppercase)
    };
    let words = pattern.least_words();
    Label { concept, text: text.to_owned(), kind, strength, capitals, words, breadth: pattern.breadth(), pattern, near: Vec::new(), not_near: Vec::new(), line }
}

fn labels(reader: &mut Reader<'_>, folder: &str, notations: &FxHashMap<String, ConceptId>, words: &mut WrittenWords, lexicon: &mut Lexicon) {
    let file = format!("schemes/{folder}/labels.csv");
    for row in reader.table(&file, LABELS) {
        let text = row.get("label");
        let Some(&concept) = notations.get(row.get("notation")) else {
            reader.error(&file, row.line, format!("label `{text}`: no concept `{}` in this scheme", row.get("notation")));
            continue;
        };
        let kind = match row.get("kind") {
            "alt" => LabelKind::Alt,
            "hidden" => LabelKind::Hidden,
            other => {
                reader.error(&file, row.line, format!("kind `{other}`: expected alt or hidden"));
                continue;
            }
        };
        let Some(strength) = Strength::parse(row.get("strength")) else {
            reader.error(&file, row.line, format!("strength `{}`: expected strong, fair, weak or nothing", row.get("strength")));
            continue;
        };
        let matching = match row.get("match") {
            "" => Matching::Forms,
            "exact" => Matching::Exact,
            "case" => Matching::Case,
            other => {
                reader.error(&file, row.line, format!("match `{other}`: expected exact, case or nothing"));
                continue;
            }
        };
        let pattern = match Pattern::parse(text, matching, words) {
            Ok(pattern) => pattern,
            Err(error) => {
                reader.error(&file, row.line, format!("label `{text}` can never match: {error}"));
                continue;
            }
        };
        let mut read = label(concept, text, kind, strength, pattern, row.line);
        let hinted = !row.get("near").is_empty() || !row.get("not_near").is_empty();
        let own = if hinted { Hints::own_ways(&read.pattern, words) } else { Vec::new() };
        for column in ["near", "not_near"] {
            // Alternatives in brackets hold bars too, so a hint is split at the bars outside brackets only.
            for part in split_outside_brackets(row.get(column)) {
                match lexicon.hints.read(part, &own, words) {
                    Ok(hint) if column == "near" => read.near.push(hint),
                    Ok(Hint::Pattern { covers: true, .. }) if same_words(part, text) => {
                        reader.error(&file, row.line, format!("label `{text}` can never match: its not_near `{part}` is the label itself"));
                    }
                    Ok(hint) => read.not_near.push(hint),
                    Err(error) => reader.error(&file, row.line, format!("{column} `{part}`: {error}")),
                }
            }
        }
        if kind == LabelKind::Alt {
            lexicon.concepts[concept.index()].alt_labels.push(text.to_owned());
        }
        if !lexicon.concepts[concept.index()].retired {
            lexicon.labels.push(read);
        }
    }
}

fn same_words(a: &str, b: &str) -> bool {
    let words = |text: &str| crate::text::plain_words(text).into_iter().map(|(folded, _)| folded).collect::<Vec<_>>();
    words(a) == words(b)
}

fn split_outside_brackets(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0i32, 0);
    for (at, ch) in text.char_indices() {
        match ch {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '|' if depth <= 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts.retain(|part| !part.is_empty());
    parts
}

fn mappings(reader: &mut Reader<'_>, folder: &str, notations: &FxHashMap<String, ConceptId>, lexicon: &mut Lexicon) {
    let file = format!("schemes/{folder}/mappings.csv");
    for row in reader.table(&file, MAPPINGS) {
        let Some(&concept) = notations.get(row.get("notation")) else {
            reader.error(&file, row.line, format!("no concept `{}` in this scheme", row.get("notation")));
            continue;
        };
        let (scheme, code, relation) = (row.get("scheme"), row.get("code"), row.get("relation"));
        if !RELATIONS.contains(&relation) {
            reader.error(&file, row.line, format!("relation `{relation}`: expected {}", RELATIONS.join(", ")));
        }
        let label = match lexicon.targets.get(scheme) {
            None => {
                reader.error(&file, row.line, format!("no list `{scheme}` in targets/targets.toml"));
                None
            }
            Some(list) => match list.codes.get(code) {
                None => {
                    reader.error(&file, row.line, format!("code `{code}` is not in the list `{scheme}`"));
                    None
                }
                Some(label) => Some(label.clone()).filter(|label| !label.is_empty()),
            },
        };
        lexicon.concepts[concept.index()].mappings.push(Mapping { scheme: scheme.to_owned(), code: code.to_owned(), relation: relation.to_owned(), label });
    }
}
