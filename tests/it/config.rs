//! Settings: where they come from, which wins, and what is refused.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use std::path::PathBuf;

use casecoder::config::{LogFormat, LogLevel, Options, ServeArgs, Settings, unknown_variables};
use clap::Parser;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    serve: ServeArgs,
}

fn flags(flags: &[&str]) -> ServeArgs {
    Cli::try_parse_from(std::iter::once("serve").chain(flags.iter().copied())).unwrap().serve
}

/// Settings from a file's text, an environment and flags.
fn resolve(file: Option<&str>, environment: &[(&str, &str)], args: &[&str]) -> Result<Settings, String> {
    let folder = tempfile::tempdir().unwrap();
    let mut args = flags(args);
    if let Some(text) = file {
        let path = folder.path().join("casecoder.toml");
        std::fs::write(&path, text).unwrap();
        args.config = Some(path);
    }
    let lookup = |name: &str| environment.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
    Settings::resolve(&args, lookup).map_err(|error| error.to_string().replace(&*folder.path().to_string_lossy(), "DIR"))
}

#[test]
fn the_example_says_exactly_the_defaults_and_names_every_setting() {
    let example = std::fs::read_to_string("config.example.toml").unwrap();
    assert_eq!(resolve(Some(&example), &[], &[]).unwrap(), Settings::default());
    for variable in Options::VARIABLES {
        let key = variable.trim_start_matches("CASECODER_").to_lowercase().replace('_', "-");
        assert!(example.lines().any(|line| line.trim_start_matches("# ").starts_with(&format!("{key} = "))), "{key}");
    }
    // Values that depend on the machine stand in a comment; all others are set, so the first check means something.
    let set: toml::Table = toml::from_str(&example).unwrap();
    assert_eq!(set.len() + 1, Options::VARIABLES.len());
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let file = "queue = 1\nmax-batch = 11\nlog-level = \"warn\"\nlexicons = \"from-file\"";
    let environment = [("CASECODER_QUEUE", "2"), ("CASECODER_MAX_BATCH", "12"), ("CASECODER_LOG_FORMAT", "json"), ("CASECODER_MODELS", "")];
    let settings = resolve(Some(file), &environment, &["--queue", "3", "--listen", "[::1]:9"]).unwrap();
    assert_eq!((settings.queue, settings.max_batch), (3, 12));
    assert_eq!((settings.log_level, settings.log_format), (LogLevel::Warn, LogFormat::Json));
    assert_eq!((settings.lexicons, settings.models), (PathBuf::from("from-file"), PathBuf::from("models")));
    assert_eq!(settings.listen.port(), 9);
}

#[test]
fn the_environment_may_name_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.toml");
    std::fs::write(&path, "queue = 5").unwrap();
    let settings = Settings::resolve(&ServeArgs::default(), |name| (name == "CASECODER_CONFIG").then(|| path.to_string_lossy().into_owned())).unwrap();
    assert_eq!(settings.queue, 5);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let wrong = |file: &str| resolve(Some(file), &[], &[]).unwrap_err();
    insta::assert_snapshot!(wrong("queue = 1\nqueues = 2"), @"failed to read settings `DIR/casecoder.toml`: line 2: unknown field `queues`, expected one of `listen`, `lexicons`, `models`, `max-body-bytes`, `max-note-bytes`, `max-batch`, `concurrency`, `queue`, `request-timeout-ms`, `log-format`, `log-level`");
    insta::assert_snapshot!(wrong("\nqueue = \"many\""), @r#"failed to read settings `DIR/casecoder.toml`: line 2: invalid type: string "many", expected a whole number"#);
    insta::assert_snapshot!(wrong("listen = \"localhost\""), @"failed to read settings `DIR/casecoder.toml`: line 1: expected an address and a port, for example 127.0.0.1:8080");
    insta::assert_snapshot!(wrong("queue = "), @"failed to read settings `DIR/casecoder.toml`: line 1: string values must be quoted, expected literal string");
    insta::assert_snapshot!(wrong("log-level = \"loud\""), @"failed to read settings `DIR/casecoder.toml`: line 1: unknown variant `loud`, expected one of `error`, `warn`, `info`, `debug`, `trace`");
    insta::assert_snapshot!(wrong("concurrency = 0"), @"setting `concurrency`: expected 1 to 1024, but found 0");
    insta::assert_snapshot!(wrong("max-body-bytes = 1000"), @"setting `max-note-bytes`: 1048576 is more than max-body-bytes, 1000: no request could hold such a note");
    insta::assert_snapshot!(resolve(None, &[("CASECODER_QUEUE", "-1")], &[]).unwrap_err(), @"environment variable CASECODER_QUEUE: expected a whole number, but found `-1`");
    insta::assert_snapshot!(resolve(None, &[("CASECODER_LISTEN", "8080")], &[]).unwrap_err(), @"environment variable CASECODER_LISTEN: expected an address and a port, for example 127.0.0.1:8080, but found `8080`");
    insta::assert_snapshot!(resolve(None, &[("CASECODER_LOG_FORMAT", "xml")], &[]).unwrap_err(), @"environment variable CASECODER_LOG_FORMAT: expected text or json, but found `xml`");
    let missing = Settings::resolve(&flags(&["--config", "no-such-file.toml"]), |_| None).unwrap_err().to_string();
    insta::assert_snapshot!(missing, @"failed to read settings `no-such-file.toml`: No such file or directory (os error 2)");
}

#[test]
fn variables_that_nothing_reads_are_noticed() {
    let names = ["CASECODER_QUEUE", "CASECODER_QUEU", "CASECODER_CONFIG", "PATH", "CASECODER_PORT"].map(str::to_owned);
    assert_eq!(unknown_variables(names.into_iter()), ["CASECODER_PORT", "CASECODER_QUEU"]);
}
