//! What must hold for every text: spans slice, nothing panics, the same answer every time and alone or in company.

use casecoder::text::Page;
use casecoder::wire::SuggestRequest;
use casecoder::{NoteText, OffsetUnit, Request};
use proptest::prelude::*;

/// Texts as they come out of old systems: words of the trade, marks, left-overs of HTML, broken encodings, emoji.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "mum", "denies", "any", "drug use", "no", "DV", "rent arrears", "CAMHS", "kicked the door in", "Jay (14)", "self-harm", "police", "and", "but", "neighbour says", "if",
            "referred to", "school", "attendance 54%", "years ago", "SEND", "hit", "her", "they", "Any concerns? No", "Plan:", "n/a", "will", "?ADHD",
        ]).prop_map(str::to_owned),
        2 => prop::sample::select(vec![
            ". ", ", ", "; ", "\n", "\r\n", "\n\n", ": ", " - ", "• ", "- ", "☐ ", "☑ ", "[x] ", "( ", ") ", "? ", "… ", "\t", "/", "&", "'", "’s ", "“", "”", "–",
        ]).prop_map(str::to_owned),
        1 => prop::sample::select(vec![
            "&amp;", "&nbsp;", "&#39;", "&#x1F600;", "&bogus;", "<br/>", "<p class='x'>", "</div>", "<", "<!-- x -->", "<script>x</script>", "mumâ€™s", "Â£40", "Ã©", "😀", "👨‍👩‍👧", "\u{0}",
            "\u{ad}", "\u{feff}", "\u{202e}", "e\u{301}", "ﬁne", "\u{85}", "Ⅷ", "١٢٣",
        ]).prop_map(str::to_owned),
        1 => ".{0,12}",
    ];
    prop::collection::vec((piece, prop::bool::weighted(0.7)), 0..40)
        .prop_map(|pieces| pieces.into_iter().map(|(text, space)| if space { text + " " } else { text }).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn every_token_and_sentence_slices_the_original(text in texts()) {
        let page = Page::read(&text, &crate::extractor().lexicon().language);
        let mut last = 0;
        for token in &page.tokens {
            prop_assert!(text.get(token.span.range()).is_some_and(|words| !words.is_empty()), "a token lies on character boundaries");
            prop_assert!(token.span.start >= last, "tokens are in order");
            last = token.span.start;
        }
        for sentence in &page.sentences {
            prop_assert!(text.get(sentence.span.range()).is_some());
        }
        // Every letter and digit of the text is in some token: nothing is cut.
        let covered = |at: usize| page.tokens.iter().any(|t| t.span.range().contains(&at));
        if !text.contains(['<', '&', '\u{0}', 'Ã', 'â', 'Â', 'ð']) {
            for (at, ch) in text.char_indices().filter(|(_, ch)| ch.is_ascii_alphanumeric()) {
                prop_assert!(covered(at), "{ch:?} at {at} is in no token");
            }
        }
    }

    #[test]
    fn spans_quote_the_note_in_every_unit(text in texts()) {
        for unit in [OffsetUnit::CodePoint, OffsetUnit::Utf16, OffsetUnit::Utf8Byte] {
            let mut request = SuggestRequest::of_text(None, NoteText::from(text.as_str()));
            request.offset_unit = unit;
            request.min_confidence = Some(0.0);
            request.include = vec![casecoder::wire::Include::Suppressed];
            let answer = request.answer(crate::extractor()).expect("a valid request");
            let units: Vec<u16> = text.encode_utf16().collect();
            let points: Vec<char> = text.chars().collect();
            let slice = |start: u32, end: u32| -> String {
                let range = start as usize..end as usize;
                match unit {
                    OffsetUnit::CodePoint => points[range].iter().collect(),
                    OffsetUnit::Utf16 => String::from_utf16(&units[range]).expect("whole characters"),
                    OffsetUnit::Utf8Byte => text[range].to_owned(),
                }
            };
            let suggested = answer.suggestions.iter().map(|s| (&s.evidence, &s.assertion));
            let suppressed = answer.suppressed.iter().flatten().map(|s| (&s.evidence, &s.assertion));
            for (evidence, assertion) in suggested.chain(suppressed) {
                prop_assert!(!evidence.is_empty(), "no suggestion without words");
                for e in evidence {
                    prop_assert_eq!(&slice(e.start, e.end), &e.text);
                }
                for cue in &assertion.cues {
                    prop_assert_eq!(&slice(cue.start, cue.end), &cue.text);
                }
            }
        }
    }

    #[test]
    fn the_same_note_gets_the_same_answer(text in texts()) {
        let extractor = crate::extractor();
        let request = Request::default();
        prop_assert_eq!(extractor.suggest(&text, &request), extractor.suggest(&text, &request));
    }

    #[test]
    fn a_value_that_is_not_the_default_names_its_cue(text in texts()) {
        let extractor = crate::extractor();
        let answer = extractor.suggest(&text, &Request { min_confidence: Some(0.0), ..Request::default() });
        for s in &answer.suggestions {
            let concept = extractor.lexicon().get(s.concept);
            let has = |axis| s.assertion.cues.iter().any(|cue| cue.axis == axis);
            use casecoder::assertion::{Axis, Presence, Time};
            prop_assert!(s.assertion.presence == Presence::Affirmed || has(Axis::Presence));
            prop_assert!(s.assertion.time == Time::Current || has(Axis::Time));
            // A grown-up in a note without family words is a household: there is no word to name for that.
            let household = s.assertion.subject == casecoder::Subject::Household;
            prop_assert!(s.assertion.subject == concept.default_subject || has(Axis::Subject) || household);
            prop_assert!(s.assertion.role == concept.default_role || has(Axis::Role));
        }
    }
}

#[test]
fn nothing_is_cut_from_a_long_note() {
    let filler = "Routine visit, all well. ".repeat(40_000);
    let note = format!("{filler}Mum is in rent arrears.");
    let answer = crate::extractor().suggest(&note, &Request { min_confidence: Some(0.0), ..Request::default() });
    let found = answer.suggestions.iter().any(|s| s.evidence.iter().any(|e| e.span.slice(&note).contains("rent arrears")));
    assert!(found, "the last words of a megabyte are read");
}
