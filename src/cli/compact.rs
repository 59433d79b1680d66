//! `dictum compact`: makes the store's file as small as what it holds, without a service.

use super::CommandResult;
use super::layout::{FAINT, bytes};
use crate::engine::offline::DataDir;
use clap::Args;
use indicatif::ProgressBar;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Flags of `dictum compact`.
#[derive(Debug, Args)]
pub struct CompactArgs {
    /// Where store and index live; the service must be stopped
    #[arg(long, value_name = "DIR", env = "DICTUM_DATA_DIR")]
    data_dir: PathBuf,
}

/// Compacts, and says what it has come to.
pub fn run(args: &CompactArgs) -> CommandResult {
    let started = Instant::now();
    let dir = DataDir::existing(&args.data_dir)?;
    let bar = if io::stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
    bar.enable_steady_tick(Duration::from_millis(200));
    let compacted = dir.compact(&|done, most| {
        bar.set_message(format!("{} of at most {}", bytes(done), bytes(most)));
    });
    bar.finish_and_clear();
    let compacted = compacted?;
    let (before, after) = (bytes(compacted.before), bytes(compacted.after));
    let seconds = started.elapsed().as_secs_f64();
    writeln!(anstream::stdout(), "{before} before, {after} now {FAINT}({seconds:.1} s){FAINT:#}")?;
    Ok(ExitCode::SUCCESS)
}
