//! [`Options`]: what a user may write in a file, in the environment or as flags. Every
//! setting stands here once, so that the three ways cannot drift apart.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use serde::Deserialize;

use super::ConfigError;

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Least severity that is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Only what went wrong.
    Error,
    /// What may go wrong soon.
    Warn,
    /// One line for every request.
    Info,
    /// More than is needed in service.
    Debug,
    /// Everything.
    Trace,
}

/// The flags of `casecoder serve`.
#[derive(Clone, Debug, Default, PartialEq, Args)]
pub struct ServeArgs {
    /// Read settings from this TOML file (CASECODER_CONFIG)
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The settings given as flags.
    #[command(flatten)]
    pub options: Options,
}

macro_rules! options {
    ($($(#[doc = $doc:literal])+ $(#[arg($($arg:tt)*)])* $field:ident: $type:ty, $variable:literal;)+) => {
        /// Settings as written, all optional.
        #[derive(Clone, Debug, Default, PartialEq, Args, Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "kebab-case")]
        pub struct Options {
            $($(#[doc = $doc])+ $(#[arg($($arg)*)])* pub $field: Option<$type>,)+
        }

        impl Options {
            /// The variables of the environment that are read.
            pub const VARIABLES: &'static [&'static str] = &[$($variable),+];

            /// What the environment says.
            pub(super) fn from_environment(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
                Ok(Self { $($field: variable($variable, &lookup)?,)+ })
            }

            /// These, and where they say nothing, the others.
            #[must_use]
            pub fn or(self, others: Self) -> Self {
                Self { $($field: self.$field.or(others.$field),)+ }
            }
        }
    };
}

// The folders have no flag here: `--lexicons` and `--models` are flags of every command.
options! {
    /// Where to listen [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: SocketAddr, "CASECODER_LISTEN";
    /// The folder of the controlled lists [default: lexicons]
    #[arg(skip)]
    lexicons: PathBuf, "CASECODER_LEXICONS";
    /// The folder of calibration and models [default: models]
    #[arg(skip)]
    models: PathBuf, "CASECODER_MODELS";
    /// Longest request body in bytes [default: 2097152]
    #[arg(long, value_name = "BYTES")]
    max_body_bytes: usize, "CASECODER_MAX_BODY_BYTES";
    /// Longest note in bytes of UTF-8 [default: 1048576]
    #[arg(long, value_name = "BYTES")]
    max_note_bytes: usize, "CASECODER_MAX_NOTE_BYTES";
    /// Most notes in one batch [default: 100]
    #[arg(long, value_name = "NOTES")]
    max_batch: usize, "CASECODER_MAX_BATCH";
    /// How many notes are read at once [default: the number of cores]
    #[arg(long, value_name = "NOTES")]
    concurrency: usize, "CASECODER_CONCURRENCY";
    /// How many more requests may wait for their turn [default: 64]
    #[arg(long, value_name = "REQUESTS")]
    queue: usize, "CASECODER_QUEUE";
    /// Give a request up after so many milliseconds [default: 10000]
    #[arg(long, value_name = "MS")]
    request_timeout_ms: u64, "CASECODER_REQUEST_TIMEOUT_MS";
    /// How log lines are written [default: text]
    #[arg(long, value_enum, value_name = "FORMAT")]
    log_format: LogFormat, "CASECODER_LOG_FORMAT";
    /// Least severity that is logged [default: info]
    #[arg(long, value_enum, value_name = "LEVEL")]
    log_level: LogLevel, "CASECODER_LOG_LEVEL";
}

/// A type of setting that can be written as text.
trait Setting: FromStr {
    /// What a user should write.
    const EXPECTED: &'static str;
}

impl Setting for SocketAddr {
    const EXPECTED: &'static str = "expected an address and a port, for example 127.0.0.1:8080";
}

impl Setting for PathBuf {
    const EXPECTED: &'static str = "expected a folder";
}

impl Setting for usize {
    const EXPECTED: &'static str = "expected a whole number";
}

impl Setting for u64 {
    const EXPECTED: &'static str = "expected a whole number";
}

impl Setting for LogFormat {
    const EXPECTED: &'static str = "expected text or json";
}

impl Setting for LogLevel {
    const EXPECTED: &'static str = "expected error, warn, info, debug or trace";
}

fn variable<T: Setting>(name: &'static str, lookup: impl Fn(&str) -> Option<String>) -> Result<Option<T>, ConfigError> {
    // An empty variable is how scripts say "not set".
    let Some(text) = lookup(name).filter(|text| !text.is_empty()) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| ConfigError::Variable { name, message: format!("{}, but found `{text}`", T::EXPECTED) })
}

/// The words of the TOML reader, where they speak of types of this program.
pub(super) fn readable(message: &str) -> String {
    let message = message.trim_end().replace('\n', ", ");
    let message = message.replace("expected usize", usize::EXPECTED).replace("expected u64", u64::EXPECTED);
    message.replace("invalid socket address syntax", SocketAddr::EXPECTED)
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        ValueEnum::from_str(text, false)
    }
}

impl FromStr for LogLevel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        ValueEnum::from_str(text, false)
    }
}
