//! The only place that prints.

use std::fmt;
use std::io::{self, BufWriter, StdoutLock, Write};

/// stdout for data, stderr for talk.
pub(super) struct Output {
    data: BufWriter<StdoutLock<'static>>,
}

impl Output {
    pub(super) fn new() -> Self {
        Self { data: BufWriter::with_capacity(64 * 1024, io::stdout().lock()) }
    }

    /// Writes data, without a line end.
    pub(super) fn write(&mut self, text: &str) -> io::Result<()> {
        self.data.write_all(text.as_bytes())
    }

    /// Writes a value as one line of JSON.
    pub(super) fn json_line(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.data, value)?;
        self.data.write_all(b"\n")
    }

    /// Writes a value as JSON for people.
    pub(super) fn json(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut self.data, value)?;
        self.data.write_all(b"\n")
    }

    /// Tells the person at the terminal something; never part of the data.
    #[expect(clippy::print_stderr, reason = "stderr is for talk, and this is the one place that talks")]
    pub(super) fn talk(&mut self, message: fmt::Arguments<'_>) {
        eprintln!("{message}");
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.data.flush()
    }
}

/// Whether the reader of our output went away, which is success (`casecoder … | head`).
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json = cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        io.or(json) == Some(io::ErrorKind::BrokenPipe)
    })
}
