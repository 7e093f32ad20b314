//! Every text can be read, and every span that the reading gives slices the original.
#![no_main]

use std::sync::LazyLock;

use casecoder::text::Page;
use casecoder::Lexicon;
use libfuzzer_sys::fuzz_target;

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../lexicons");
    Lexicon::load(folder.as_ref()).expect("the lists can be loaded")
});

fuzz_target!(
    // Loading counts as no input's time.
    init: {
        LazyLock::force(&LEXICON);
    },
    |data: &[u8]| {
        let note = String::from_utf8_lossy(data);
        let page = Page::read(&note, &LEXICON.language);
        let count = page.tokens.len() as u32;
        assert_eq!(page.classes.len(), page.tokens.len());
        let mut last = 0;
        for token in &page.tokens {
            assert!(note.get(token.span.range()).is_some_and(|words| !words.is_empty()), "a token slices the note");
            assert!(token.span.start >= last, "tokens are in the order of the note");
            last = token.span.start;
        }
        let mut end = 0;
        for sentence in &page.sentences {
            assert!(end <= sentence.start && sentence.start < sentence.end && sentence.end <= count, "sentences follow one another");
            assert!(note.get(sentence.span.range()).is_some_and(|words| !words.is_empty()), "a sentence slices the note");
            end = sentence.end;
        }
        for form in &page.forms {
            for (start, end) in [form.question, form.answer] {
                assert!(start <= end && end <= count, "a form line is a run of tokens");
            }
        }
    }
);
