//! The `casecoder` command: parse, dispatch, exit status; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    casecoder::cli::run(std::env::args_os())
}
