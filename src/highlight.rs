//! A note cut into pieces, so that a page can mark the words behind each code, also where
//! they overlap.

/// Words to mark.
#[derive(Clone, Debug)]
pub struct Marked {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The code to show after them.
    pub tag: Tag,
}

/// A code shown after marked words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag {
    /// The code.
    pub notation: String,
    /// Its name, for those who hear the page.
    pub label: String,
    /// The suggestion on the page.
    pub anchor: String,
}

/// A stretch of the note: plain, or marked words that hang together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// True for marked words.
    pub marked: bool,
    /// Its text in order; plain blocks have one piece.
    pub pieces: Vec<Piece>,
}

/// A stretch within which the same words are marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// True where words of several codes overlap.
    pub shared: bool,
    /// The codes whose words end here.
    pub tags: Vec<Tag>,
}

/// Cuts `note`; the texts of all pieces together are the note.
pub fn blocks(note: &str, mut marked: Vec<Marked>) -> Vec<Block> {
    marked.retain(|m| m.start < m.end && note.get(m.start..m.end).is_some());
    marked.sort_by(|a, b| (a.start, a.end, &a.tag).cmp(&(b.start, b.end, &b.tag)));
    // One code twice for the same words (of two people) needs one tag only.
    marked.dedup_by(|a, b| (a.start, a.end, &a.tag.notation) == (b.start, b.end, &b.tag.notation));
    let mut blocks = Vec::new();
    let mut done = 0;
    let mut rest = marked.as_slice();
    while let Some(first) = rest.first() {
        let mut end = first.end;
        let together = 1 + rest[1..]
            .iter()
            .take_while(|m| {
                m.start < end && {
                    end = end.max(m.end);
                    true
                }
            })
            .count();
        let (group, others) = rest.split_at(together);
        plain(&note[done..first.start], &mut blocks);
        blocks.push(Block { marked: true, pieces: pieces(note, group) });
        (done, rest) = (end, others);
    }
    plain(&note[done..], &mut blocks);
    blocks
}

fn plain(text: &str, blocks: &mut Vec<Block>) {
    if !text.is_empty() {
        blocks.push(Block { marked: false, pieces: vec![Piece { text: text.to_owned(), shared: false, tags: Vec::new() }] });
    }
}

fn pieces(note: &str, group: &[Marked]) -> Vec<Piece> {
    let mut cuts: Vec<usize> = group.iter().flat_map(|m| [m.start, m.end]).collect();
    cuts.sort_unstable();
    cuts.dedup();
    cuts.windows(2)
        .map(|cut| {
            let (start, end) = (cut[0], cut[1]);
            let covering = group.iter().filter(|m| m.start <= start && end <= m.end).count();
            let mut tags: Vec<Tag> = group.iter().filter(|m| m.end == end).map(|m| m.tag.clone()).collect();
            tags.sort();
            tags.dedup_by(|a, b| a.notation == b.notation);
            Piece { text: note[start..end].to_owned(), shared: covering > 1, tags }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(start: usize, end: usize, notation: &str) -> Marked {
        Marked { start, end, tag: Tag { notation: notation.to_owned(), label: String::new(), anchor: String::new() } }
    }

    /// `[words|CODE …]` for marked words, `*` before words of several codes.
    fn shown(note: &str, list: Vec<Marked>) -> String {
        let blocks = blocks(note, list);
        let all: String = blocks.iter().flat_map(|b| &b.pieces).map(|p| p.text.as_str()).collect();
        assert_eq!(all, note);
        let piece =
            |p: &Piece| format!("{}{}{}", if p.shared { "*" } else { "" }, p.text, p.tags.iter().map(|t| format!("|{}", t.notation)).collect::<String>());
        let block = |b: &Block| {
            let text: Vec<String> = b.pieces.iter().map(piece).collect();
            if b.marked { format!("[{}]", text.join(";")) } else { text.concat() }
        };
        blocks.iter().map(block).collect()
    }

    #[test]
    fn words_are_marked_apart_and_together() {
        let note = "a bb ccc dddd";
        assert_eq!(shown(note, vec![]), note);
        assert_eq!(shown(note, vec![marked(2, 4, "X"), marked(9, 13, "Y")]), "a [bb|X] ccc [dddd|Y]");
        assert_eq!(shown(note, vec![marked(0, 8, "X"), marked(5, 13, "Y")]), "[a bb ;*ccc|X; dddd|Y]");
        assert_eq!(shown(note, vec![marked(0, 13, "X"), marked(2, 4, "Y"), marked(2, 4, "Y")]), "[a ;*bb|Y; ccc dddd|X]");
        assert_eq!(shown(note, vec![marked(0, 2, "X"), marked(2, 4, "Y")]), "[a |X][bb|Y] ccc dddd");
        assert_eq!(shown("", vec![marked(0, 3, "X")]), "");
    }
}
