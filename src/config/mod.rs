//! [`Settings`] of the service, resolved and checked.
//!
//! A value comes from a flag, else from the environment, else from a file, else from the
//! defaults here. `config.example.toml` names all of them.

mod options;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

pub use options::{LogFormat, LogLevel, Options, ServeArgs};

/// A setting cannot be used; the message names the place, the value and the limit.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("failed to read settings `{path}`: {reason}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: std::io::Error,
    },
    /// The file holds something unknown or of the wrong type.
    #[error("failed to read settings `{path}`: line {line}: {message}")]
    File {
        /// The file.
        path: PathBuf,
        /// Where.
        line: usize,
        /// Why.
        message: String,
    },
    /// A variable of the environment has a value that cannot be read.
    #[error("environment variable {name}: {message}")]
    Variable {
        /// The variable.
        name: &'static str,
        /// Why.
        message: String,
    },
    /// A value is outside its limits.
    #[error("setting `{name}`: {message}")]
    Value {
        /// The setting, as the file spells it.
        name: &'static str,
        /// Why.
        message: String,
    },
}

/// Everything that the service may be told, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The folder of the controlled lists.
    pub lexicons: PathBuf,
    /// The folder of the calibration.
    pub models: PathBuf,
    /// Longest request body.
    pub max_body_bytes: usize,
    /// Longest note, in bytes of UTF-8.
    pub max_note_bytes: usize,
    /// Most notes in one batch.
    pub max_batch: usize,
    /// How many notes are read at once.
    pub concurrency: usize,
    /// How many more requests may wait for their turn.
    pub queue: usize,
    /// A request that takes longer is given up.
    pub request_timeout_ms: u64,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// Least severity that is logged.
    pub log_level: LogLevel,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            lexicons: PathBuf::from("lexicons"),
            models: PathBuf::from("models"),
            max_body_bytes: 2 << 20,
            max_note_bytes: 1 << 20,
            max_batch: 100,
            concurrency: std::thread::available_parallelism().map_or(1, usize::from),
            queue: 64,
            request_timeout_ms: 10_000,
            log_format: LogFormat::Text,
            log_level: LogLevel::Info,
        }
    }
}

impl Settings {
    /// Resolves the flags with this process's environment and the file that either names.
    ///
    /// # Errors
    /// [`ConfigError`] for a file that cannot be read, an unknown key, or a bad value.
    pub fn load(args: &ServeArgs) -> Result<Self, ConfigError> {
        Self::resolve(args, |name| std::env::var(name).ok())
    }

    /// As [`Settings::load`], with an environment of the caller's.
    ///
    /// # Errors
    /// As [`Settings::load`].
    ///
    /// ```
    /// use casecoder::config::{ServeArgs, Settings};
    /// let settings = Settings::resolve(&ServeArgs::default(), |name| (name == "CASECODER_QUEUE").then(|| "8".to_owned()))?;
    /// assert_eq!(settings.queue, 8);
    /// # Ok::<(), casecoder::config::ConfigError>(())
    /// ```
    pub fn resolve(args: &ServeArgs, environment: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let file = args.config.clone().or_else(|| environment("CASECODER_CONFIG").map(PathBuf::from));
        let from_file = file.map(|path| read(&path)).transpose()?.unwrap_or_default();
        let from_environment = Options::from_environment(environment)?;
        Self::from_options(args.options.clone().or(from_environment).or(from_file))
    }

    fn from_options(options: Options) -> Result<Self, ConfigError> {
        let d = Self::default();
        let settings = Self {
            listen: options.listen.unwrap_or(d.listen),
            lexicons: options.lexicons.unwrap_or(d.lexicons),
            models: options.models.unwrap_or(d.models),
            max_body_bytes: options.max_body_bytes.unwrap_or(d.max_body_bytes),
            max_note_bytes: options.max_note_bytes.unwrap_or(d.max_note_bytes),
            max_batch: options.max_batch.unwrap_or(d.max_batch),
            concurrency: options.concurrency.unwrap_or(d.concurrency),
            queue: options.queue.unwrap_or(d.queue),
            request_timeout_ms: options.request_timeout_ms.unwrap_or(d.request_timeout_ms),
            log_format: options.log_format.unwrap_or(d.log_format),
            log_level: options.log_level.unwrap_or(d.log_level),
        };
        settings.check()
    }

    fn check(self) -> Result<Self, ConfigError> {
        // Spans count bytes in 32 bits, so a note has to stay well under 4 GiB.
        within("max-body-bytes", self.max_body_bytes as u64, 1, 1 << 30)?;
        within("max-note-bytes", self.max_note_bytes as u64, 1, 1 << 30)?;
        within("max-batch", self.max_batch as u64, 1, 10_000)?;
        within("concurrency", self.concurrency as u64, 1, 1024)?;
        within("queue", self.queue as u64, 0, 100_000)?;
        within("request-timeout-ms", self.request_timeout_ms, 1, 600_000)?;
        if self.max_note_bytes > self.max_body_bytes {
            let message = format!("{} is more than max-body-bytes, {}: no request could hold such a note", self.max_note_bytes, self.max_body_bytes);
            return Err(ConfigError::Value { name: "max-note-bytes", message });
        }
        Ok(self)
    }
}

fn within(name: &'static str, value: u64, least: u64, most: u64) -> Result<(), ConfigError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(ConfigError::Value { name, message: format!("expected {least} to {most}, but found {value}") })
}

fn read(path: &Path) -> Result<Options, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|reason| ConfigError::Read { path: path.into(), reason })?;
    toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count());
        ConfigError::File { path: path.into(), line, message: options::readable(error.message()) }
    })
}

/// Variables that look like ours and that nothing reads: a slip of the pen, or an
/// orchestrator's own (Kubernetes sets `CASECODER_PORT` for a service of this name), so
/// they are worth a warning and no reason to refuse the start.
pub fn unknown_variables(names: impl Iterator<Item = String>) -> Vec<String> {
    let known = |name: &str| name == "CASECODER_CONFIG" || Options::VARIABLES.contains(&name);
    let mut unknown: Vec<String> = names.filter(|name| name.starts_with("CASECODER_") && !known(name)).collect();
    unknown.sort();
    unknown
}
