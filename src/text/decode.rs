//! From the caller's text to plain characters, each with its place in the original.
//!
//! Left-overs of HTML, entities, mojibake, typographic quotes and spaces are read as
//! what they stand for. The original is never changed: only the reading of it is.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// One character as read: folded to a plain form, with its bytes in the original.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Glyph {
    /// The plain character; capitals are kept.
    pub(super) ch: char,
    /// First byte in the original.
    pub(super) start: u32,
    /// One past the last byte.
    pub(super) end: u32,
}

/// Tags that end a line when they are read as text.
const BLOCK_TAGS: &[&str] =
    &["br", "p", "div", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "blockquote", "section", "tbody", "thead"];
/// Tags that mean nothing but a space.
const INLINE_TAGS: &[&str] = &[
    "a", "b", "i", "u", "s", "em", "strong", "span", "font", "td", "th", "sup", "sub", "small", "big", "html", "body", "head", "meta", "img", "style",
    "script", "title", "link", "pre", "code", "center", "o", "st1", "col", "colgroup", "input", "label", "form", "button",
];
/// Longest tag that is looked for, so that a stray `<` costs little.
const MAX_TAG: usize = 2000;

/// Longest comment, style or script that is skipped as a whole: past this it is read as text, so that no
/// note makes the reading look through its whole rest again and again.
const MAX_HIDDEN: usize = 4000;

/// Reads the whole text.
pub(super) fn decode(text: &str) -> Vec<Glyph> {
    let bytes = text.as_bytes();
    let mut glyphs = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        match byte {
            b'&' => at = entity(text, at, &mut glyphs),
            b'<' => at = tag(text, at, &mut glyphs),
            0x80.. => at = wide(text, at, &mut glyphs),
            0 => at += 1,
            _ => {
                glyphs.push(Glyph { ch: byte as char, start: at as u32, end: at as u32 + 1 });
                at += 1;
            }
        }
    }
    glyphs
}

/// `&amp;`, `&#39;`, `&nbsp;`: one glyph with the span of the whole entity.
fn entity(text: &str, at: usize, glyphs: &mut Vec<Glyph>) -> usize {
    let window_end = text.len().min(at + 12);
    if let Some(length) = text.as_bytes()[at..window_end].iter().position(|&b| b == b';') {
        let end = at + length + 1;
        if let Some(source) = text.get(at..end) {
            let decoded = html_escape::decode_html_entities(source);
            if decoded != source {
                for ch in decoded.chars() {
                    fold_into(ch, at as u32, end as u32, glyphs);
                }
                return end;
            }
        }
    }
    glyphs.push(Glyph { ch: '&', start: at as u32, end: at as u32 + 1 });
    at + 1
}

/// A known HTML tag becomes a line end or a space; any other `<` stays a character.
fn tag(text: &str, at: usize, glyphs: &mut Vec<Glyph>) -> usize {
    let bytes = text.as_bytes();
    let plain = |glyphs: &mut Vec<Glyph>| {
        glyphs.push(Glyph { ch: '<', start: at as u32, end: at as u32 + 1 });
        at + 1
    };
    if bytes[at..].starts_with(b"<!--") {
        let window = text.len().min(at + MAX_HIDDEN);
        return match bytes[at..window].windows(3).position(|end| end == b"-->") {
            Some(length) => at + length + 3,
            None => plain(glyphs),
        };
    }
    let name_start = at + 1 + usize::from(bytes.get(at + 1) == Some(&b'/'));
    let name_end = (name_start..bytes.len().min(name_start + 11)).find(|&i| !bytes[i].is_ascii_alphanumeric()).unwrap_or(name_start);
    let name = text.get(name_start..name_end).unwrap_or("").to_ascii_lowercase();
    let block = BLOCK_TAGS.contains(&name.as_str());
    if !block && !INLINE_TAGS.contains(&name.as_str()) {
        return plain(glyphs);
    }
    let window_end = bytes.len().min(name_end + MAX_TAG);
    let Some(close) = (name_end..window_end).find(|&i| bytes[i] == b'>') else { return plain(glyphs) };
    let mut end = close + 1;
    if (name == "style" || name == "script") && bytes[at + 1] != b'/' {
        // What stands inside is no note text; without an end tag only the tag itself is dropped.
        let closing = format!("</{name}>");
        let window = &bytes[end..bytes.len().min(end + MAX_HIDDEN)];
        if let Some(found) = window.windows(closing.len()).position(|tail| tail.eq_ignore_ascii_case(closing.as_bytes())) {
            end += found + closing.len();
        }
    }
    glyphs.push(Glyph { ch: if block { '\n' } else { ' ' }, start: at as u32, end: end as u32 });
    end
}

/// A character outside ASCII: mojibake is put right first, then the character is folded.
fn wide(text: &str, at: usize, glyphs: &mut Vec<Glyph>) -> usize {
    let Some(ch) = text[at..].chars().next() else { return at + 1 };
    if matches!(ch, 'Â' | 'Ã' | 'â' | 'ð')
        && let Some((original, length)) = mojibake(&text[at..])
    {
        fold_into(original, at as u32, (at + length) as u32, glyphs);
        return at + length;
    }
    let end = at + ch.len_utf8();
    fold_into(ch, at as u32, end as u32, glyphs);
    end
}

/// UTF-8 that was once read as Windows-1252, such as `â€™` for `’`: the character meant and the bytes it takes here.
fn mojibake(text: &str) -> Option<(char, usize)> {
    let mut bytes = [0u8; 4];
    let mut length = 0;
    for (count, ch) in text.chars().take(4).enumerate() {
        let mut buffer = [0u8; 4];
        let (encoded, _, unmappable) = encoding_rs::WINDOWS_1252.encode(ch.encode_utf8(&mut buffer));
        if unmappable || encoded.len() != 1 {
            return None;
        }
        bytes[count] = encoded[0];
        length += ch.len_utf8();
        if count > 0
            && let Ok(decoded) = std::str::from_utf8(&bytes[..=count])
        {
            return decoded.chars().next().map(|original| (original, length));
        }
    }
    None
}

/// Adds the plain form of `ch`.
fn fold_into(ch: char, start: u32, end: u32, glyphs: &mut Vec<Glyph>) {
    let plain = match ch {
        '\u{2018}' | '\u{2019}' | '\u{201A}' | '\u{201B}' | '\u{2032}' | '\u{0060}' | '\u{00B4}' | '\u{FF07}' => '\'',
        '\u{201C}' | '\u{201D}' | '\u{201E}' | '\u{201F}' | '\u{2033}' | '«' | '»' => '"',
        '\u{2010}' | '\u{2011}' => '-',
        // Dashes between words part clauses; '\u{2013}' is kept apart from the hyphen of compounds.
        '\u{2012}'..='\u{2015}' | '\u{2212}' => '\u{2013}',
        '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{FE0E}' | '\u{FE0F}' => return,
        '\u{0085}' | '\u{2028}' | '\u{2029}' => '\n',
        '\u{2022}' | '\u{2023}' | '\u{25AA}' | '\u{25CF}' | '\u{25E6}' | '\u{00B7}' | '\u{F0B7}' | '\u{2043}' | '\u{27A2}' | '\u{25BA}' => '•',
        '\u{2610}' | '\u{25A1}' | '\u{2B1C}' | '\u{F0A8}' => '☐',
        '\u{2611}' | '\u{2612}' | '\u{2713}' | '\u{2714}' | '\u{2705}' | '\u{F0FE}' => '☑',
        '\u{2026}' => '…',
        ch if ch.is_whitespace() => ' ',
        ch if ch.is_ascii() => ch,
        ch => {
            for part in std::iter::once(ch).nfkd().filter(|&part| !is_combining_mark(part)) {
                glyphs.push(Glyph { ch: part, start, end });
            }
            return;
        }
    };
    glyphs.push(Glyph { ch: plain, start, end });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        decode(text).iter().map(|g| g.ch).collect()
    }

    #[test]
    fn left_overs_are_read_as_what_they_stand_for() {
        assert_eq!(read("Mum&#39;s A&amp;E visit&nbsp;today"), "Mum's A&E visit today");
        assert_eq!(read("mumâ€™s flat â€“ Â£40"), "mum's flat \u{2013} £40");
        assert_eq!(read("one<br/>two</p><b>three</b>"), "one\ntwo\n three ");
        assert_eq!(read("attendance <90% & falling"), "attendance <90% & falling");
        assert_eq!(read("<style>p{color:red}</style>text"), " text");
        assert_eq!(read("caf\u{e9} na\u{ef}ve \u{fb01}ne"), "cafe naive fine");
        assert_eq!(read("“quoted” self\u{ad}harm"), "\"quoted\" selfharm");
    }

    #[test]
    fn spans_cover_the_original_bytes() {
        let text = "a&amp;b — caf\u{e9}";
        for glyph in decode(text) {
            assert!(text.is_char_boundary(glyph.start as usize) && text.is_char_boundary(glyph.end as usize));
        }
    }
}
