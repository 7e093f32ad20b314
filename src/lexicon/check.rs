//! What a single row cannot show: labels shared by leaves, broken roll-ups, cycles.

use rustc_hash::FxHashMap;

use super::table::{Finding, Reader};
use super::{Label, LabelKind, Lexicon};
use crate::text::{MAX_WAYS, Words};

/// Longest way from a leaf to its top.
const MAX_DEPTH: usize = 8;

pub(super) fn check(lexicon: &Lexicon, reader: &mut Reader<'_>, compare_labels: Option<&dyn Words>) {
    if let Some(words) = compare_labels {
        shared_labels(lexicon, words, reader);
    }
    hierarchy(lexicon, reader);
    rollups(lexicon, reader);
}

fn file_of(lexicon: &Lexicon, concept: usize, table: &str) -> String {
    format!("schemes/{}/{table}.csv", lexicon.schemes[lexicon.concepts[concept].scheme].id)
}

/// One way of saying a label must not mean two leaves of a scheme; SKOS wants the kinds of a concept's labels disjoint.
fn shared_labels(lexicon: &Lexicon, words: &dyn Words, reader: &mut Reader<'_>) {
    let mut owners: FxHashMap<(usize, String), &Label> = FxHashMap::default();
    for label in &lexicon.labels {
        let concept = &lexicon.concepts[label.concept.index()];
        let table = if label.kind == LabelKind::Pref { "concepts" } else { "labels" };
        let file = file_of(lexicon, label.concept.index(), table);
        let Some(ways) = label.pattern.plain_ways(MAX_WAYS, words) else {
            reader.warning(
                &file,
                label.line,
                format!("label `{}` has more than {MAX_WAYS} ways to be said; they are not compared with other labels", label.text),
            );
            continue;
        };
        for way in ways {
            // A label in capitals and the same word in small letters are two labels.
            let key = (concept.scheme, if label.capitals { way.to_uppercase() } else { way.clone() });
            let Some(owner) = owners.get(&key) else {
                owners.insert(key, label);
                continue;
            };
            let other = lexicon.get(owner.concept);
            if owner.concept == label.concept {
                if owner.kind != label.kind && owner.kind != LabelKind::Pref && label.near.is_empty() {
                    reader.warning(&file, label.line, format!("label `{way}` stands on line {} too, as another kind", owner.line));
                }
                continue;
            }
            let message = format!("label `{way}` of {} is also a label of {} (line {})", concept.notation, other.notation, owner.line);
            // Two leaves may share words that a `near` hint tells apart; a group and its leaf share theirs by the overlap policy.
            if concept.leaf && other.leaf && label.near.is_empty() && owner.near.is_empty() {
                reader.error(&file, label.line, message);
            } else if concept.leaf == other.leaf {
                reader.warning(&file, label.line, message);
            }
        }
    }
}

fn hierarchy(lexicon: &Lexicon, reader: &mut Reader<'_>) {
    for (index, concept) in lexicon.concepts.iter().enumerate() {
        if lexicon.ancestors(concept.id).take(MAX_DEPTH + 1).count() > MAX_DEPTH {
            reader.error(&file_of(lexicon, index, "concepts"), 0, format!("`{}` is its own broader concept, through others", concept.notation));
        }
    }
}

/// The roll-ups that the attributes promise: incident type → programme group and police.uk category, need → outcome.
fn rollups(lexicon: &Lexicon, reader: &mut Reader<'_>) {
    let known = |list: &str, code: &str| lexicon.targets.get(list).is_some_and(|list| list.codes.contains_key(code));
    for (index, concept) in lexicon.concepts.iter().enumerate() {
        let scheme = &lexicon.schemes[concept.scheme].id;
        let file = file_of(lexicon, index, "concepts");
        let attribute = |name: &str| concept.attributes.get(name).map(String::as_str);
        let mut broken = |message: String| reader.error(&file, 0, format!("roll-up of `{}`: {message}", concept.notation));
        if scheme == "incident" {
            let top = lexicon.ancestors(concept.id).take(MAX_DEPTH).last().map_or(concept.id, |top| top);
            if lexicon.concepts[top.index()].attributes.get("level").map(String::as_str) != Some("programme") {
                broken(format!("`{}` at the top is no programme group (level=programme)", lexicon.concepts[top.index()].notation));
            }
            match attribute("police_uk") {
                None if concept.leaf => broken("no police_uk category".to_owned()),
                Some(code) if code != "none" && !known("police-uk", code) => broken(format!("police_uk `{code}` is not in the list `police-uk`")),
                _ => {}
            }
        }
        if let Some(code) = attribute("sf_outcome").filter(|code| !known("sf-outcome", code)) {
            broken(format!("sf_outcome `{code}` is not in the list `sf-outcome`"));
        }
    }
}

/// The findings, worst first, then by place.
pub(super) fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| (a.severity, &a.file, a.line, &a.message).cmp(&(b.severity, &b.file, b.line, &b.message)));
    findings.dedup();
    findings
}
