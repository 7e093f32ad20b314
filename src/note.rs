//! [`Note`]: one free-text record. The only type that holds note text.

use std::fmt;

/// The text of a note. Printing it prints its length, never its words.
///
/// ```
/// use casecoder::NoteText;
/// let text = NoteText::from("Mum denies any drug use.");
/// assert_eq!(format!("{text:?}"), "NoteText(24 bytes)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct NoteText(String);

impl NoteText {
    /// The words. Whoever calls this keeps them out of logs, errors, metrics and files.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for NoteText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for NoteText {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for NoteText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoteText({} bytes)", self.0.len())
    }
}

impl<'de> serde::Deserialize<'de> for NoteText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

/// One record: its text and what the caller calls it.
#[derive(Clone, Debug)]
pub struct Note {
    /// The caller's identifier, given back unchanged.
    pub id: Option<String>,
    /// What the caller reads (never shown by `Debug`).
    pub text: NoteText,
}

impl Note {
    /// A note without an identifier.
    pub fn new(text: impl Into<NoteText>) -> Self {
        Self { id: None, text: text.into() }
    }
}
