//! [`Span`]: where words stand in the caller's original text.

use std::ops::Range;

/// A half-open range of bytes in the original note.
///
/// This is the only offset type inside the program. Both ends lie on character
/// boundaries, so slicing the note by a span never panics. Other offset units
/// (code points, UTF-16) exist at the door only, see [`OffsetUnit`].
///
/// ```
/// use casecoder::Span;
/// let span = Span::new(4, 10);
/// assert_eq!(span.slice("Mum denies it"), "denies");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from `start` to `end`; an inverted one becomes empty.
    pub fn new(start: u32, end: u32) -> Self {
        Self { start, end: end.max(start) }
    }

    /// The words of `note` that the span covers, or `""` where it does not fit.
    pub fn slice<'t>(&self, note: &'t str) -> &'t str {
        note.get(self.range()).unwrap_or("")
    }

    /// The span as a range of `usize`.
    pub fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Length in bytes.
    pub fn len(&self) -> u32 {
        self.end - self.start
    }

    /// True for a span of no bytes.
    pub fn is_empty(&self) -> bool {
        self.end == self.start
    }

    /// True where the two share at least one byte.
    pub fn overlaps(&self, other: &Span) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The smallest span that holds both.
    pub fn join(&self, other: &Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// The unit in which a caller counts offsets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OffsetUnit {
    /// Unicode code points (Python, Rust `chars`).
    #[default]
    CodePoint,
    /// UTF-16 code units (browsers, .NET, Java).
    Utf16,
    /// Bytes of UTF-8.
    Utf8Byte,
}

impl OffsetUnit {
    /// The byte of `note` where the character at `offset` in this unit starts; past the end, the end.
    ///
    /// ```
    /// use casecoder::OffsetUnit;
    /// assert_eq!(OffsetUnit::CodePoint.byte("café au lait", 5), 6);
    /// assert_eq!(OffsetUnit::Utf16.byte("😀 flat", 3), 5);
    /// ```
    pub fn byte(self, note: &str, offset: u32) -> u32 {
        let mut count = 0;
        let place = note.char_indices().find(|(start, _)| {
            let reached = count >= offset;
            count += match self {
                OffsetUnit::Utf8Byte => note[*start..].chars().next().map_or(0, |c| c.len_utf8() as u32),
                unit => units_of(note.as_bytes()[*start], unit),
            };
            reached
        });
        place.map_or(note.len(), |(start, _)| start) as u32
    }
}

/// Converts byte offsets of one note to another unit, in one pass over the text
/// for offsets asked in any order.
pub struct OffsetTable {
    unit: OffsetUnit,
    /// Running count in `unit` at every 64th byte; empty for ASCII text and bytes.
    marks: Vec<u32>,
}

impl OffsetTable {
    const STEP: usize = 64;

    /// Counts `note` once.
    pub fn new(note: &str, unit: OffsetUnit) -> Self {
        if unit == OffsetUnit::Utf8Byte || note.is_ascii() {
            return Self { unit: OffsetUnit::Utf8Byte, marks: Vec::new() };
        }
        let mut marks = Vec::with_capacity(note.len() / Self::STEP + 1);
        let mut count = 0;
        for (i, &byte) in note.as_bytes().iter().enumerate() {
            if i % Self::STEP == 0 {
                marks.push(count);
            }
            count += units_of(byte, unit);
        }
        Self { unit, marks }
    }

    /// `byte` (an offset in `note`, the text that the table was made of) in the table's unit.
    pub fn convert(&self, note: &str, byte: u32) -> u32 {
        if self.unit == OffsetUnit::Utf8Byte {
            return byte;
        }
        let mark = (byte as usize / Self::STEP).min(self.marks.len().saturating_sub(1));
        let rest = note.as_bytes().get(mark * Self::STEP..byte as usize).unwrap_or(&[]);
        self.marks.get(mark).copied().unwrap_or(0) + rest.iter().map(|&b| units_of(b, self.unit)).sum::<u32>()
    }
}

/// How many units the character that starts at this byte counts; 0 for continuation bytes.
fn units_of(byte: u8, unit: OffsetUnit) -> u32 {
    match byte {
        0x80..=0xBF => 0,
        0xF0..=0xFF if unit == OffsetUnit::Utf16 => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_agree_with_the_definition_in_every_unit() {
        let note = "Mum’s 😀 flat – naïve café ".repeat(9);
        for unit in [OffsetUnit::CodePoint, OffsetUnit::Utf16, OffsetUnit::Utf8Byte] {
            let table = OffsetTable::new(&note, unit);
            for (byte, _) in note.char_indices() {
                let before = &note[..byte];
                let expected = match unit {
                    OffsetUnit::CodePoint => before.chars().count(),
                    OffsetUnit::Utf16 => before.encode_utf16().count(),
                    OffsetUnit::Utf8Byte => before.len(),
                };
                assert_eq!(table.convert(&note, byte as u32) as usize, expected);
            }
        }
    }
}
