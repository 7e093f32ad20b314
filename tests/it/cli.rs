//! The command line: what it prints, and its exit status.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

fn casecoder(args: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_casecoder"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("CASECODER_LEXICONS")
        .env_remove("CASECODER_MODELS")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut stdin = child.stdin.take().expect("piped");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // A command that refuses its arguments closes the pipe early.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().expect("the binary ends");
    writer.join().expect("written");
    output
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

const NOTE: &str = "Neighbour alleges dad kicked the door in last night. Mum denies any drug use.";

#[test]
fn a_note_becomes_a_table() {
    let output = casecoder(&["suggest"], NOTE.as_bytes());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let table = stdout(&output);
    assert!(table.contains("IN1001") && table.contains("because of \"kicked the door in\""), "{table}");
    assert!(table.contains("alleged") && !table.contains("ND0402"), "{table}");
}

#[test]
fn jsonl_is_answered_in_order_and_a_bad_line_in_its_place() {
    let input = format!(
        "{}\n\nnot json\n{}\n{}\n",
        serde_json::json!({"id": "a", "text": NOTE}),
        serde_json::json!({"id": 7, "text": "", "other": 1}),
        serde_json::json!({"id": "c"})
    );
    let output = casecoder(&["suggest", "--input-format", "jsonl"], input.as_bytes());
    assert_eq!(output.status.code(), Some(1), "some lines failed");
    let lines: Vec<serde_json::Value> = stdout(&output).lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0]["id"], "a");
    assert_eq!(lines[0]["suggestions"][0]["notation"], "IN1001");
    assert_eq!((lines[1]["line"].as_u64(), lines[1]["code"].as_str()), (Some(3), Some("malformed_json")));
    assert_eq!((lines[2]["id"].as_str(), lines[2]["outcome"].as_str()), (Some("7"), Some("no_text")));
    assert_eq!(lines[3]["line"], 5);
    assert!(stderr(&output).contains("2 of 5 lines"), "{}", stderr(&output));
}

#[test]
fn the_library_and_the_command_line_give_the_same_answer() {
    let note = "Mum’s drinking is up again 🍺 and Jay (14) was excluded. No DV. She has been referred to talking therapies.";
    let output = casecoder(&["suggest", "--format", "json", "--offset-unit", "utf16", "--suppressed"], note.as_bytes());
    let mut request = casecoder::wire::SuggestRequest::of_text(None, note);
    request.offset_unit = casecoder::OffsetUnit::Utf16;
    request.include = vec![casecoder::wire::Include::Suppressed];
    let answer = request.answer(crate::with_model()).expect("valid");
    let through_library: serde_json::Value = serde_json::from_str(&serde_json::to_string(&answer).expect("JSON")).expect("JSON");
    let through_command: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(through_library, through_command);
    assert!(!answer.suggestions.is_empty());
}

#[test]
fn old_encodings_are_read() {
    let mut latin = b"Mum\x92s rent arrears are \xA3340.".to_vec();
    let output = casecoder(&["suggest"], &latin);
    assert!(stdout(&output).contains("ND0903"), "{}", stdout(&output));
    assert!(stderr(&output).contains("Windows-1252"));
    latin.clear();
    latin.extend([0xFF, 0xFE]);
    latin.extend("Mum is in rent arrears".encode_utf16().flat_map(u16::to_le_bytes));
    assert!(stdout(&casecoder(&["suggest"], &latin)).contains("ND0903"), "UTF-16 with a byte order mark");
}

#[test]
fn what_cannot_be_done_is_said_with_status_2() {
    let missing = casecoder(&["suggest", "no-such-file.txt"], b"");
    assert_eq!(missing.status.code(), Some(2));
    assert!(stderr(&missing).starts_with("error: no-such-file.txt: cannot be read"), "{}", stderr(&missing));
    let scheme = casecoder(&["suggest", "--scheme", "needs"], b"x");
    assert_eq!(scheme.status.code(), Some(2));
    assert!(stderr(&scheme).contains("unknown scheme; known are incident, intervention, need"), "{}", stderr(&scheme));
    let lists = casecoder(&["--lexicons", "tests", "suggest"], b"x");
    assert_eq!(lists.status.code(), Some(2));
    assert!(stderr(&lists).contains("hint:"), "{}", stderr(&lists));
    assert_eq!(casecoder(&["no-such-command"], b"").status.code(), Some(2));
}

#[test]
fn help_and_version_are_data() {
    let help = casecoder(&["--help"], b"");
    assert_eq!(help.status.code(), Some(0));
    insta::assert_snapshot!("help", stdout(&help));
    assert_eq!(stdout(&casecoder(&["--version"], b"")), format!("casecoder {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_committed_lists_have_no_errors() {
    let check = casecoder(&["lexicon", "check"], b"");
    assert_eq!(check.status.code(), Some(0), "{}", stdout(&check));
    let doctor = casecoder(&["doctor"], b"");
    assert_eq!(doctor.status.code(), Some(0), "{}{}", stdout(&doctor), stderr(&doctor));
}

#[test]
fn no_word_of_a_note_reaches_stderr() {
    let canary = "zyxcanaryword";
    let inputs = [
        (vec!["suggest"], format!("Mum {canary} rent arrears").into_bytes()),
        (
            vec!["suggest", "--input-format", "jsonl"],
            format!("{{\"id\":1,\"text\":\"{canary}\"}}\n{{\"text\": {canary}}}\n{{\"text\":[\"{canary}\"]}}\n").into_bytes(),
        ),
        (vec!["suggest"], [canary.as_bytes(), &[0xFF, 0x80]].concat()),
    ];
    for (args, input) in inputs {
        let output = casecoder(&args, &input);
        assert!(!stderr(&output).contains(canary), "{args:?}");
        // A malformed line is answered on stdout with its place, never with its words.
        for line in stdout(&output).lines().filter(|l| l.contains("malformed_json")) {
            assert!(!line.contains(canary));
        }
    }
}

#[test]
fn the_committed_corpus_is_in_order() {
    let output = casecoder(&["eval", "check"], b"");
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("0 findings"));
}

#[test]
fn a_corpus_that_leaks_between_splits_is_refused_by_identifier() {
    let folder = tempfile::tempdir().expect("a folder");
    let note = |id: &str, voice: &str, text: &str| serde_json::json!({"id": id, "kind": "case_note", "voice": voice, "text": text, "codes": []}).to_string();
    let long = "The plum tree in the yard was pruned by two men with one ladder on a cold and very windy Tuesday";
    let write = |split: &str, lines: &[String]| std::fs::write(folder.path().join(format!("{split}.jsonl")), lines.join("\n")).expect("written");
    write("train", &[note("a", "one", long)]);
    write("sentences", &[note("b", "one", "Another line.")]);
    write("validate", &[note("c", "one", "A third line.")]);
    write("test", &[note("a", "two", "A fourth line."), note("d", "two", &long.replace("cold", "hot"))]);
    let output = casecoder(&["eval", "check", folder.path().to_str().expect("a path")], b"");
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let told = stdout(&output);
    assert!(told.contains("validate: the voice `one` stands in train too"), "{told}");
    assert!(told.contains("test: `a` stands in train too"), "{told}");
    assert!(told.contains("test: `d` is too much like `a` of another split"), "{told}");
    assert!(told.contains("test: no text for"), "every leaf is asked for: {told}");
    assert!(!told.contains("plum"), "never the text");
}

#[test]
fn notes_that_counted_labels_cannot_be_fitted_on() {
    let output = casecoder(&["calibrate", "--dry-run", "eval/gold/train.jsonl"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("labels must be counted on other texts"), "{}", stderr(&output));
}
