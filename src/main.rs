//! The `casecoder` command: parse, dispatch, exit status; nothing else.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    casecoder::cli::run(std::env::args_os())
}
