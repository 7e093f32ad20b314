//! The transformer in use: tied to its lists and files, open to new concepts, the same for the same note.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use std::path::Path;

use casecoder::model::{self, Model};
use casecoder::text::Page;
use casecoder::{Extractor, Lexicon, ModelUse, Request, Source, Sources};

const NOTE: &str =
    "Gas on emergency credit again, mum skips meals so the kids eat. Dad shouted at her until she cried and K hid under the bed. No sign of drugs.";

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(path, target).unwrap();
        }
    }
}

fn folder() -> std::path::PathBuf {
    model::find("models".as_ref()).unwrap().expect("a model is committed")
}

#[test]
fn every_suggestion_of_the_model_rests_on_words_of_the_note() {
    let extractor = crate::with_model();
    let answer = extractor.suggest(NOTE, &Request { min_confidence: Some(0.1), ..Request::default() });
    assert_eq!(answer.model, ModelUse::Used);
    assert_eq!(answer.provenance.model, extractor.model().unwrap().version());
    let read: Vec<_> = answer.suggestions.iter().flat_map(|s| &s.evidence).filter(|e| e.source == Source::Model).collect();
    assert!(!read.is_empty(), "the model reads something in a note full of codes");
    for evidence in read {
        let words = evidence.span.slice(NOTE);
        assert!(words.chars().any(char::is_alphanumeric) && words.trim() == words, "{words:?}");
    }
    let without = extractor.suggest(NOTE, &Request { sources: Sources::Dictionary, ..Request::default() });
    assert_eq!(without.model, ModelUse::NotLoaded);
    assert!(without.suggestions.iter().flat_map(|s| &s.evidence).all(|e| e.source == Source::Dictionary));
    assert_ne!(without.provenance.calibration, answer.provenance.calibration, "each path has its own calibration");
}

#[test]
fn the_same_note_gives_the_same_answer_and_no_note_is_too_long_or_too_odd() {
    let extractor = crate::with_model();
    assert_eq!(extractor.suggest(NOTE, &Request::default()), extractor.suggest(NOTE, &Request::default()));
    let long = NOTE.repeat(60);
    let odd = ["", " \n\n", "😀😀", "x".repeat(3_000).as_str(), "a.\u{0}b\u{202e}", long.as_str()].map(str::to_owned);
    for note in &odd {
        for suggestion in extractor.suggest(note, &Request::default()).suggestions {
            assert!(suggestion.evidence.iter().all(|e| !e.span.slice(note).is_empty()));
        }
    }
}

#[test]
fn windows_leave_nothing_out() {
    let extractor = crate::with_model();
    let model = extractor.model().unwrap();
    for note in [NOTE.to_owned(), NOTE.repeat(9), "word ".repeat(700), format!("{} {NOTE}", "y".repeat(900))] {
        let page = Page::read(&note, &extractor.lexicon().language);
        let windows = model.windows(&page);
        let mut read = vec![false; page.tokens.len()];
        for window in &windows {
            assert!(window.pieces.len() <= model.manifest().longest && window.pieces.len() == window.tokens.len());
            window.tokens.iter().filter(|token| **token != model::windows::NO_TOKEN).for_each(|token| read[*token as usize] = true);
        }
        assert!(read.iter().all(|read| *read), "a token is in no window");
    }
}

#[test]
fn a_concept_that_training_never_saw_is_scored_by_its_texts() {
    let scratch = tempfile::tempdir().unwrap();
    copy("lexicons".as_ref(), scratch.path());
    let list = scratch.path().join("schemes/need/concepts.csv");
    let row = "ND1099,No internet or device at home,ND10,\"The family has no broadband, laptop, tablet or computer at home, so children cannot do homework online and parents cannot apply or sign on.\",household,none,,active,person=family;sf_outcome=10\n";
    std::fs::write(&list, std::fs::read_to_string(&list).unwrap() + row).unwrap();
    let lexicon = Lexicon::load(scratch.path()).unwrap();
    let model = Model::open(&folder(), &lexicon).unwrap();
    let new = lexicon.concept("need", "ND1099").unwrap().id;
    let rank = |text: &str| {
        let page = Page::read(text, &lexicon.language);
        let survey = model.survey(&page).unwrap();
        lexicon.concepts.iter().filter(|c| survey.log_odds(c.id) > survey.log_odds(new)).count()
    };
    assert!(rank("There is no broadband in the flat and the children share one broken tablet for homework.") < 10);
    assert!(rank("He was arrested for theft from a shop.") > 10, "and only where it is said");
}

#[test]
fn a_file_that_is_not_the_one_in_the_manifest_stops_the_start() {
    let scratch = tempfile::tempdir().unwrap();
    copy("models/dictionary".as_ref(), &scratch.path().join("dictionary"));
    let own = scratch.path().join("own");
    copy(&folder(), &own);
    let tokenizer = own.join("tokenizer.json");
    let written = std::fs::read_to_string(&tokenizer).unwrap();
    std::fs::write(&tokenizer, written + "\n").unwrap();
    let refused = |models: &Path| Extractor::open("lexicons".as_ref(), models).err().expect("a start that fails").to_string();
    let message = refused(scratch.path());
    assert!(message.contains("tokenizer.json") && message.contains("the manifest says") && message.contains("train anew"), "{message}");
    std::fs::write(own.join("manifest.json"), "{\"name\":1}").unwrap();
    assert!(refused(scratch.path()).contains("manifest.json: no manifest of a model: line 1"));
    copy(&own, &scratch.path().join("second"));
    assert!(refused(scratch.path()).contains("one model at a time"));
    std::fs::remove_dir_all(scratch.path().join("second")).unwrap();
    std::fs::remove_dir_all(own).unwrap();
    assert!(Extractor::open("lexicons".as_ref(), scratch.path()).unwrap().model().is_none(), "without a model the lists answer");
}
