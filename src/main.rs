//! The `dictum` binary: parse, run, exit code.

use clap::Parser;
use dictum::cli::{self, Cli};
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            if !error.is_broken_pipe() {
                cli::report(&error);
            }
            error.exit_code()
        }
    }
}
