//! Reading JSON bodies, and saying what is wrong with one without quoting it.
//!
//! The messages of `serde_json` quote the document ("unknown variant `…`"), which is note
//! text. So only the kind and the place of its errors are used, and a document of the
//! wrong shape is looked at once more, by hand, to name each field that is wrong.

use axum::http::{HeaderMap, header};
use serde_json::Value;

use super::problem::{Code, Problem};
use crate::wire::{Invalid, SuggestRequest};

/// Refuses bodies that are not JSON in UTF-8 as they are.
///
/// # Errors
/// [`Code::UnsupportedMediaType`].
pub(super) fn expect_json(headers: &HeaderMap) -> Result<(), Problem> {
    expect_plain(headers)?;
    let (kind, parameters) = content_type(headers);
    let json = kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"));
    let charset = parameters.split(';').filter_map(|p| p.trim().strip_prefix("charset=").map(|c| c.trim_matches('"').to_owned())).next();
    if json && charset.is_none_or(|charset| charset == "utf-8" || charset == "utf8") { Ok(()) } else { Err(Problem::new(Code::UnsupportedMediaType)) }
}

/// Refuses bodies that are not a form.
///
/// # Errors
/// [`Code::UnsupportedMediaType`].
pub(super) fn expect_form(headers: &HeaderMap) -> Result<(), Problem> {
    expect_plain(headers)?;
    let detail = "send the form as application/x-www-form-urlencoded";
    if content_type(headers).0 == "application/x-www-form-urlencoded" { Ok(()) } else { Err(Problem::because(Code::UnsupportedMediaType, detail)) }
}

/// Compressed bodies are not read: a small one can unfold to a very large one.
fn expect_plain(headers: &HeaderMap) -> Result<(), Problem> {
    let plain = headers.get(header::CONTENT_ENCODING).is_none_or(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    if plain { Ok(()) } else { Err(Problem::new(Code::UnsupportedMediaType)) }
}

fn content_type(headers: &HeaderMap) -> (String, String) {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("").to_ascii_lowercase();
    let (kind, parameters) = text.split_once(';').unwrap_or((&text, ""));
    (kind.trim().to_owned(), parameters.to_owned())
}

/// The body as text.
///
/// # Errors
/// [`Code::InvalidUtf8`], with the place.
pub(super) fn text(bytes: &[u8]) -> Result<&str, Problem> {
    std::str::from_utf8(bytes).map_err(|error| Problem::because(Code::InvalidUtf8, format!("the body is not UTF-8 from byte {} on", error.valid_up_to())))
}

/// One request of a suggestion.
///
/// # Errors
/// [`Code::MalformedJson`], or [`Code::InvalidValue`] with a pointer to each wrong field.
pub(super) fn suggest_request(text: &str) -> Result<SuggestRequest, Problem> {
    // The reader's own category of an error is no guide: a number for an enum counts as syntax there.
    serde_json::from_str(text).map_err(|_| wrong_fields(text).map_or_else(|error| malformed(&error), Problem::invalid))
}

/// The notes of a batch, each as it was written, so that one broken note spoils no other.
///
/// # Errors
/// As [`suggest_request`], for what surrounds the notes.
pub(super) fn batch(text: &str) -> Result<Vec<&serde_json::value::RawValue>, Problem> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Batch<'t> {
        #[serde(borrow)]
        notes: Vec<&'t serde_json::value::RawValue>,
    }
    let read: Result<Batch<'_>, _> = serde_json::from_str(text);
    read.map(|batch| batch.notes).map_err(|_| match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => Problem::invalid(vec![Invalid { pointer: String::new(), detail: "must be an object with `notes`, a list, and nothing else".to_owned() }]),
        Err(error) => malformed(&error),
    })
}

/// The caller's identifier in a request that is otherwise wrong.
pub(super) fn id_of(text: &str) -> Option<String> {
    let value: Value = serde_json::from_str(text).ok()?;
    value.get("id").and_then(Value::as_str).filter(|id| id.chars().count() <= 200).map(str::to_owned)
}

fn malformed(error: &serde_json::Error) -> Problem {
    let what = if error.is_eof() { "the document ends early" } else { "the document is not JSON" };
    Problem::because(Code::MalformedJson, format!("{what}, at line {} column {}", error.line(), error.column()))
}

/// Each field of a request that has the wrong type or is unknown.
fn wrong_fields(text: &str) -> Result<Vec<Invalid>, serde_json::Error> {
    let invalid = |pointer: &str, detail: String| Invalid { pointer: pointer.to_owned(), detail };
    let object = match serde_json::from_str(text)? {
        Value::Object(object) => object,
        other => return Ok(vec![invalid("", format!("must be an object, not {}", kind(&other)))]),
    };
    let mut wrong = Vec::new();
    let known = FIELDS.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    // An unknown field's name is the caller's text: it is not repeated.
    if object.keys().any(|name| !FIELDS.iter().any(|(field, _)| field == name)) {
        wrong.push(invalid("", format!("has an unknown field; known are {known}")));
    }
    for (name, shape) in FIELDS {
        if let Some(value) = object.get(*name) {
            shape.check(&format!("/{name}"), value, &mut wrong);
        }
    }
    if wrong.is_empty() {
        wrong.push(invalid("", "has a field twice".to_owned()));
    }
    Ok(wrong)
}

/// What a field may hold.
enum Shape {
    /// A string, or null.
    Text,
    /// An object of strings, or null.
    Texts,
    /// A list of strings, or null.
    List,
    /// A whole number that is not negative, or null.
    Count,
    /// A number, or null.
    Number,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list of these words.
    Words(&'static [&'static str]),
}

/// The fields of a request; a test compares them with the schema.
const FIELDS: &[(&str, Shape)] = &[
    ("id", Shape::Text),
    ("text", Shape::Text),
    ("fields", Shape::Texts),
    ("kind", Shape::Text),
    ("schemes", Shape::List),
    ("limit", Shape::Count),
    ("min_confidence", Shape::Number),
    ("offset_unit", Shape::Word(&["code_point", "utf16", "utf8_byte"])),
    ("include", Shape::Words(&["suppressed"])),
    ("deadline_ms", Shape::Count),
];

impl Shape {
    fn check(&self, pointer: &str, value: &Value, wrong: &mut Vec<Invalid>) {
        let mut refuse = |pointer: String, what: &str, value: &Value| wrong.push(Invalid { pointer, detail: format!("must be {what}, not {}", kind(value)) });
        let here = || pointer.to_owned();
        match self {
            Shape::Word(words) | Shape::Words(words) if !matches!((self, value), (Shape::Words(_), Value::Array(_))) => {
                let list = matches!(self, Shape::Words(_));
                if list || !value.as_str().is_some_and(|word| words.contains(&word)) {
                    let what = if list { "a list of ".to_owned() } else { String::new() };
                    wrong.push(Invalid { pointer: here(), detail: format!("must be {what}{}", words.join(", ")) });
                }
            }
            Shape::Words(words) => {
                for (index, _) in items(value).filter(|(_, item)| !item.as_str().is_some_and(|word| words.contains(&word))) {
                    wrong.push(Invalid { pointer: format!("{pointer}/{index}"), detail: format!("must be {}", words.join(", ")) });
                }
            }
            _ if value.is_null() => {}
            Shape::Text if !value.is_string() => refuse(here(), "a string", value),
            Shape::Count if !value.is_u64() => refuse(here(), "a whole number from 0 up", value),
            // It is a whole number, and too large for its type.
            Shape::Count if value.as_u64().is_some_and(|n| n > u64::from(u32::MAX)) => {
                wrong.push(Invalid { pointer: here(), detail: "is too large".to_owned() })
            }
            Shape::Number if !value.is_number() => refuse(here(), "a number", value),
            Shape::Texts if !value.is_object() => refuse(here(), "an object of strings", value),
            // The fields' names are the caller's text too.
            Shape::Texts if value.as_object().is_some_and(|o| o.values().any(|text| !text.is_string())) => {
                wrong.push(Invalid { pointer: here(), detail: "must hold only strings".to_owned() });
            }
            Shape::List if !value.is_array() => refuse(here(), "a list of strings", value),
            Shape::List => {
                for (index, item) in items(value).filter(|(_, item)| !item.is_string()) {
                    refuse(format!("{pointer}/{index}"), "a string", item);
                }
            }
            _ => {}
        }
    }
}

fn items(value: &Value) -> impl Iterator<Item = (usize, &Value)> {
    value.as_array().into_iter().flatten().enumerate()
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(number) if number.is_f64() => "a number with a point",
        Value::Number(number) if !number.is_u64() => "a negative number",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> Vec<(String, String)> {
        let problem = suggest_request(text).unwrap_err();
        assert_eq!(problem.code, Code::InvalidValue, "{text}");
        problem.errors.into_iter().map(|e| (e.pointer, e.detail)).collect()
    }

    #[test]
    fn every_wrong_field_is_named_and_nothing_is_quoted() {
        let found = wrong(
            r#"{"text":5,"secret":1,"schemes":["need",7],"limit":-1,"min_confidence":"a","offset_unit":"secret","include":["secret"],"deadline_ms":99999999999,"fields":{"secret":1}}"#,
        );
        let pointers: Vec<&str> = found.iter().map(|(pointer, _)| pointer.as_str()).collect();
        assert_eq!(pointers, ["", "/text", "/fields", "/schemes/1", "/limit", "/min_confidence", "/offset_unit", "/include/0", "/deadline_ms"]);
        assert!(found.iter().all(|(_, detail)| !detail.contains("secret")));
        assert_eq!(found[1].1, "must be a string, not a number");
        assert_eq!(wrong("[1]")[0].1, "must be an object, not a list");
        assert_eq!(wrong(r#"{"text":"a","text":"b"}"#)[0].1, "has a field twice");
        assert_eq!(wrong(r#"{"text":"a","offset_unit":null}"#)[0].0, "/offset_unit");
    }

    #[test]
    fn the_fields_are_those_of_the_schema() {
        let schema = serde_json::to_value(<SuggestRequest as utoipa::PartialSchema>::schema()).unwrap();
        let mut documented: Vec<&str> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        let mut known: Vec<&str> = FIELDS.iter().map(|(name, _)| *name).collect();
        documented.sort_unstable();
        known.sort_unstable();
        assert_eq!(documented, known);
    }

    #[test]
    fn a_place_is_told_and_no_text() {
        assert_eq!(suggest_request("{\"text\":\n \"secret").unwrap_err().detail, "the document ends early, at line 2 column 8");
        assert_eq!(suggest_request("{secret}").unwrap_err().detail, "the document is not JSON, at line 1 column 2");
        assert_eq!(text(b"ab\xff").unwrap_err().detail, "the body is not UTF-8 from byte 2 on");
    }
}
