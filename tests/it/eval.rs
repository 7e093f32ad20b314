//! `casecoder eval`: other tools' answers, baselines, stability, packs, the page.

use std::path::{Path, PathBuf};

use casecoder::eval::answers::{self, Part};
use casecoder::eval::baseline::{self, Verdict};
use casecoder::eval::gold::{self, Gold};
use casecoder::eval::report::Report;
use casecoder::eval::{html, pack, stability};
use casecoder::{Extractor, Request, Sources};

fn validate(extractor: &Extractor, count: usize) -> Vec<Gold> {
    let mut gold = gold::read("eval/gold/validate.jsonl".as_ref(), extractor.lexicon()).expect("the committed notes");
    gold.truncate(count);
    gold
}

fn report(extractor: &Extractor, gold: &[Gold], part: Part) -> Report {
    let answers: Vec<_> = gold.iter().map(|coded| answers::answer(extractor, part, coded.note.text.as_str())).collect();
    Report::new(extractor.lexicon(), vec!["validate".to_owned()], gold, &answers, "dictionary")
}

fn file(folder: &Path, name: &str, content: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, content).expect("written");
    path
}

#[test]
fn answers_from_a_file_score_as_our_own_do() {
    let extractor = crate::extractor();
    let gold = validate(extractor, 40);
    let own = report(extractor, &gold, Part::Engine(Sources::Dictionary));
    // The answers as another program would write them, with offsets in UTF-16 and what is below the threshold as `low`.
    let lines: Vec<String> = gold
        .iter()
        .map(|coded| {
            let request: casecoder::wire::SuggestRequest = serde_json::from_value(
                serde_json::json!({"id": coded.note.id, "text": coded.note.text.as_str(), "offset_unit": "utf16", "min_confidence": 0.05}),
            )
            .expect("a request");
            let mut answer = serde_json::to_value(request.answer(extractor).expect("an answer")).expect("JSON");
            let shown = extractor.suggest(coded.note.text.as_str(), &Request::default()).suggestions;
            for suggestion in answer["suggestions"].as_array_mut().expect("a list") {
                let is_shown = shown.iter().any(|s| extractor.lexicon().get(s.concept).notation == suggestion["notation"]);
                suggestion["band"] = if is_shown { "review" } else { "low" }.into();
            }
            answer.to_string()
        })
        .collect();
    let folder = tempfile::tempdir().expect("a folder");
    let read = answers::read(&file(folder.path(), "a.jsonl", &lines.join("\n")), &gold, extractor.lexicon()).expect("the answers");
    let other = Report::new(extractor.lexicon(), vec!["validate".to_owned()], &gold, &read, "dictionary");
    for key in ["precision", "recall", "time", "subject", "leak", "evidence", "top_ten"] {
        let (a, b) = (own.measure(key).expect("own"), other.measure(key).expect("other"));
        assert_eq!((a.part, a.whole), (b.part, b.whole), "{key}");
    }
    assert!(own.measure("precision").is_some_and(|m| m.whole > 40));
}

#[test]
fn a_bad_file_of_answers_is_refused_with_its_line_and_without_its_words() {
    let extractor = crate::extractor();
    let gold = validate(extractor, 2);
    let folder = tempfile::tempdir().expect("a folder");
    let id = |i: usize| gold[i].note.id.clone();
    let line = |id: &str, suggestions: serde_json::Value| serde_json::json!({"id": id, "suggestions": suggestions}).to_string();
    let none = serde_json::json!([]);
    let code = |notation: &str, confidence: f32| serde_json::json!([{"scheme": "need", "notation": notation, "confidence": confidence}]);
    for (content, wanted) in [
        ("zanzibar".to_owned(), "line 1: not an answer"),
        (line("zanzibar", none.clone()), "line 1: the `id` is not among"),
        (format!("{}\n{}", line(&id(0), none.clone()), line(&id(0), none.clone())), "line 2: the `id` has an answer already"),
        (line(&id(0), none.clone()), "1 of 2 notes have no answer"),
        (line(&id(0), code("ND9999", 0.5)), "line 1: no concept `ND9999`"),
        (line(&id(0), code("ND0101", 1.5)), "between 0 and 1"),
    ] {
        let error = answers::read(&file(folder.path(), "a.jsonl", &content), &gold, extractor.lexicon()).expect_err("refused").to_string();
        assert!(error.contains(wanted) && !error.contains("zanzibar"), "{error}");
    }
}

#[test]
fn a_loss_beyond_noise_is_told_and_a_report_survives_its_file() {
    let extractor = crate::extractor();
    let gold = validate(extractor, 120);
    let (good, bad) = (report(extractor, &gold, Part::Engine(Sources::Dictionary)), report(extractor, &gold, Part::Labels));
    let kept: Report = serde_json::from_value(serde_json::to_value(&good).expect("JSON")).expect("the same");
    assert!(baseline::compare(&kept, &good).expect("the same notes").iter().all(|change| change.verdict == Verdict::Same));
    let verdict = |changes: &[baseline::Change], key: &str| changes.iter().find(|change| change.key == key).map(|change| change.verdict);
    let loss = baseline::compare(&kept, &bad).expect("the same notes");
    assert_eq!((verdict(&loss, "precision"), verdict(&loss, "leak")), (Some(Verdict::Worse), Some(Verdict::Worse)), "{loss:?}");
    let gain = baseline::compare(&bad, &good).expect("the same notes");
    assert_eq!((verdict(&gain, "precision"), verdict(&gain, "leak")), (Some(Verdict::Better), Some(Verdict::Better)));
    let fewer = report(extractor, &gold[1..], Part::Engine(Sources::Dictionary));
    assert!(baseline::compare(&kept, &fewer).is_err(), "other notes do not compare");
}

#[test]
fn the_page_marks_notes_and_escapes_them() {
    let extractor = crate::extractor();
    let folder = tempfile::tempdir().expect("a folder");
    let note = serde_json::json!({"id": "x", "kind": "case_note", "voice": "v", "text": "<b>Mum</b> is behind with the rent & he has warts", "codes": [
        {"scheme": "need", "notation": "ND0101", "evidence": ["warts"], "presence": "affirmed", "time": "current", "subject": "child", "role": "none", "stage": null}]});
    let gold = gold::read(&file(folder.path(), "g.jsonl", &note.to_string()), extractor.lexicon()).expect("gold");
    let answers: Vec<_> = gold.iter().map(|coded| answers::answer(extractor, Part::Engine(Sources::Dictionary), coded.note.text.as_str())).collect();
    let report = Report::new(extractor.lexicon(), vec!["g".to_owned()], &gold, &answers, "dictionary");
    let page = html::page(&report, extractor.lexicon(), &gold, &answers).expect("a page");
    assert!(page.contains("1 wrong, 1 missed") && page.contains("✗ ND0903") && page.contains("○ ND0101"), "{page}");
    assert!(!page.contains("<b>Mum"), "a note is text, not markup");
    let (outside, styled) = (page.matches("http").count(), page.contains("<style>"));
    assert!(outside == 0 && styled, "self-contained");
}

#[test]
fn no_suggestion_hangs_on_a_name_or_a_place() {
    let extractor = crate::extractor();
    let swaps = stability::swaps("eval/swaps.csv".as_ref()).expect("the swaps");
    let effects = stability::run(extractor, &validate(extractor, usize::MAX), &swaps);
    for effect in &effects {
        let least = match effect.change.as_str() {
            "name" | "typo" => 0.99,
            "capitals" | "order" | "ethnicity" | "place" => 0.97,
            _ => 0.95,
        };
        let kept = effect.kept as f64 / effect.before.max(1) as f64;
        assert!(effect.notes > 0 && kept >= least, "{}: {} of {} kept, moved {:?}", effect.change, effect.kept, effect.before, effect.moved);
    }
    assert_eq!(effects.len(), 7);
}

#[test]
fn the_committed_pack_holds_and_a_false_line_is_named() {
    let extractor = crate::extractor();
    let outcome = pack::run(extractor, "eval/pack.csv".as_ref()).expect("the pack");
    assert!(outcome.failures.is_empty() && outcome.lines >= 40, "{:?}", outcome.failures);
    let folder = tempfile::tempdir().expect("a folder");
    let head = "expect,scheme,notation,text,why\n";
    let run = |rows: &str| pack::run(extractor, &file(folder.path(), "p.csv", &format!("{head}{rows}")));
    let failing = run("must,need,ND0903,\"They owe rent, three months\",arrears\nmust_not,need,ND0903,Mum is behind with the rent,test\n").expect("runs");
    assert_eq!(failing.failures.iter().map(|f| (f.line, f.code.as_str())).collect::<Vec<_>>().last(), Some(&(3, "need/ND0903")));
    for (rows, wanted) in [
        ("perhaps,need,ND0903,zanzibar,x\n", "line 2: `expect`"),
        ("must,need,ND9999,zanzibar,x\n", "line 2: no concept"),
        ("must,need,ND0903,,x\n", "line 2: there is no text"),
        ("must,need,ND0903\n", "line 2: the row does not have"),
    ] {
        let error = run(rows).expect_err("refused").to_string();
        assert!(error.contains(wanted) && !error.contains("zanzibar"), "{error}");
    }
    assert!(pack::run(extractor, &file(folder.path(), "q.csv", "a,b\n1,2\n")).is_err());
    let missing = pack::run(extractor, "no/such.csv".as_ref()).expect_err("refused").to_string();
    assert!(missing.starts_with("no/such.csv: cannot be read"), "{missing}");
}
