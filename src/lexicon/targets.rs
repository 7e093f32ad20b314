//! `targets/`: the official lists that mappings point at.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::table::Reader;

/// An official list that mappings point at.
#[derive(Clone, Debug)]
pub struct TargetList {
    /// Its short name in mappings, for example `police-uk`.
    pub id: String,
    /// Its display name.
    pub title: String,
    /// The licence of its content.
    pub licence: String,
    /// The words of acknowledgement that the licence asks for.
    pub attribution: String,
    /// Where it was found.
    pub source: String,
    /// Code → label. An empty label: the code is known, its name may not be published.
    pub codes: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    list: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    title: String,
    file: String,
    licence: String,
    #[serde(default)]
    attribution: String,
    source: String,
}

pub(super) fn read(reader: &mut Reader<'_>) -> BTreeMap<String, TargetList> {
    let index = "targets/targets.toml";
    let Some(text) = reader.text(index) else { return BTreeMap::new() };
    let parsed: File = match toml::from_str(&text) {
        Ok(parsed) => parsed,
        Err(error) => {
            let line = error.span().map_or(0, |span| 1 + text[..span.start].matches('\n').count() as u64);
            reader.error(index, line, error.message().to_owned());
            return BTreeMap::new();
        }
    };
    let mut lists = BTreeMap::new();
    for entry in parsed.list {
        let file = format!("targets/{}", entry.file);
        let mut codes = BTreeMap::new();
        for row in reader.table(&file, &["code", "label"]) {
            let code = row.get("code").to_owned();
            if codes.insert(code.clone(), row.get("label").to_owned()).is_some() {
                reader.error(&file, row.line, format!("code `{code}` stands twice"));
            }
        }
        let Entry { id, title, licence, attribution, source, .. } = entry;
        if lists.insert(id.clone(), TargetList { id: id.clone(), title, licence, attribution, source, codes }).is_some() {
            reader.error(index, 0, format!("list `{id}` stands twice"));
        }
    }
    lists
}
