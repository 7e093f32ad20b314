//! A request body, whatever it is, is refused or answered; an answer's offsets slice to its words.
#![no_main]

use std::sync::LazyLock;

use casecoder::wire::SuggestRequest;
use casecoder::{Extractor, OffsetUnit};
use libfuzzer_sys::fuzz_target;

static EXTRACTOR: LazyLock<Extractor> = LazyLock::new(|| {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    Extractor::open(format!("{root}/lexicons").as_ref(), format!("{root}/models").as_ref()).expect("lists and calibration can be loaded")
});

/// What stands from `start` to `end`, counted in `unit`.
fn slice(text: &str, unit: OffsetUnit, start: u32, end: u32) -> Option<String> {
    let (start, end) = (start as usize, end as usize);
    match unit {
        OffsetUnit::CodePoint => Some(text.chars().skip(start).take(end.checked_sub(start)?).collect()),
        OffsetUnit::Utf16 => String::from_utf16(text.encode_utf16().collect::<Vec<_>>().get(start..end)?).ok(),
        OffsetUnit::Utf8Byte => text.get(start..end).map(str::to_owned),
    }
}

fuzz_target!(
    // Loading counts as no input's time.
    init: {
        LazyLock::force(&EXTRACTOR);
    },
    |data: &[u8]| {
        let Ok(request) = serde_json::from_slice::<SuggestRequest>(data) else { return };
        let Ok(answer) = request.answer(&EXTRACTOR) else { return };
        let text = |field: &Option<String>| match field {
            None => request.text.as_ref(),
            Some(name) => request.fields.as_ref().and_then(|fields| fields.get(name)),
        };
        let check = |field: &Option<String>, start: u32, end: u32, words: &str| {
            let text = text(field).expect("offsets are in a field of the request");
            assert_eq!(slice(text.as_str(), answer.offset_unit, start, end).as_deref(), Some(words));
        };
        let evidence = answer.suggestions.iter().flat_map(|s| &s.evidence).chain(answer.suppressed.iter().flatten().flat_map(|s| &s.evidence));
        evidence.for_each(|e| check(&e.field, e.start, e.end, &e.text));
        let assertions = answer.suggestions.iter().map(|s| &s.assertion).chain(answer.suppressed.iter().flatten().map(|s| &s.assertion));
        assertions.flat_map(|a| &a.cues).for_each(|cue| check(&cue.field, cue.start, cue.end, &cue.text));
        assert!(answer.suggestions.iter().all(|s| !s.evidence.is_empty()), "no suggestion without words");
        assert!(serde_json::to_vec(&answer).is_ok());
    }
);
