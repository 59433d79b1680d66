//! `dictum restore`: a data directory out of a backup, without a service.

use super::layout::{FAINT, STRONG, bytes, count, grouped};
use super::{CliError, CommandResult};
use crate::engine::offline::{DataDir, OfflineError, Restore, Restored, Unpacking};
use anyhow::{Context, anyhow};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// How a backup's name ends that a service has written.
const END: &str = "dictum";

/// Flags of `dictum restore`.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The backup; or a folder in which there is one
    from: PathBuf,
    /// Where store and index will live; the service must be stopped
    #[arg(long, value_name = "DIR", env = "DICTUM_DATA_DIR")]
    data_dir: PathBuf,
    /// Take the place of the store that is there, which is moved to DIR/store.before-restore-TIME
    #[arg(long)]
    replace: bool,
    /// Restore although some rows of the backup cannot be read, since the store was damaged when it was made
    #[arg(long)]
    accept_damage: bool,
}

/// Puts it back.
pub fn run(args: &RestoreArgs) -> CommandResult {
    let from = backup_in(&args.from)?;
    let started = Instant::now();
    let aside = args.data_dir.join(format!("store.before-restore-{}", label()));
    let dir = DataDir::take(&args.data_dir)?;
    let bar = bar();
    let restored = dir.restore(&Restore {
        from: &from,
        aside: args.replace.then_some(&*aside),
        accept_damage: args.accept_damage,
        watch: &|at| tell(&bar, at),
    });
    bar.finish_and_clear();
    let restored = restored.map_err(|error| match error {
        OfflineError::NotEmpty { .. } => {
            CliError::usage(anyhow!("{error}; --replace moves what is there aside"))
        }
        OfflineError::Backup(error @ crate::engine::offline::BackupFault::Unreadable { .. }) => {
            anyhow!("{error}\n--accept-damage restores the rest").into()
        }
        error => error.into(),
    })?;
    show(args, &restored, started)?;
    Ok(ExitCode::SUCCESS)
}

fn show(args: &RestoreArgs, restored: &Restored, started: Instant) -> Result<(), CliError> {
    let Restored { backup, report, moved } = restored;
    let mut out = anstream::stdout().lock();
    let documents = count(report.documents, "document", "documents");
    let quotes = count(report.quotes, "quote", "quotes");
    let seconds = started.elapsed().as_secs_f64();
    writeln!(
        out,
        "{STRONG}{}{STRONG:#}: {documents}, {quotes} {FAINT}({seconds:.1} s){FAINT:#}",
        args.data_dir.display()
    )?;
    if let Some(moved) = moved {
        writeln!(out, "what was there is in {}", moved.display())?;
    }
    if report.finding_count > 0 {
        let findings = count(report.finding_count, "thing", "things");
        writeln!(out, "{findings} are not as they should be; `dictum check` names them")?;
    }
    writeln!(
        out,
        "{FAINT}The index is made anew when the service starts. Change {} is the last of the backup.{FAINT:#}",
        grouped(backup.seq)
    )?;
    Ok(())
}

/// The backup itself, where a folder was named that holds one.
fn backup_in(path: &Path) -> Result<PathBuf, CliError> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let entries = std::fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    let mut found: Vec<_> =
        paths.into_iter().filter(|path| path.extension().is_some_and(|end| end == END)).collect();
    found.sort();
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(CliError::usage(anyhow!("{} holds no file *.{END}", path.display()))),
        many => {
            let names: Vec<_> = many.iter().map(|path| path.display().to_string()).collect();
            Err(CliError::usage(anyhow!("which one? {}", names.join(", "))))
        }
    }
}

/// A time for a file's name: `2026-11-27T03-00-05Z`.
fn label() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H-%M-%SZ").to_string()
}

fn tell(bar: &ProgressBar, at: Unpacking) {
    match at {
        Unpacking::Bytes { done, of } => {
            bar.set_message(format!("{} of {}", bytes(done), bytes(of)));
            bar.set_length(of);
            bar.set_position(done);
        }
        Unpacking::Documents { done, of } => {
            bar.set_message(format!("{} of {} read", grouped(done), count(of, "document", "documents")));
            bar.set_length(of);
            bar.set_position(done);
        }
    }
}

/// A bar where standard error is a terminal; otherwise nothing moves.
fn bar() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:32.cyan/dim} {msg} ({elapsed})") {
        bar.set_style(style);
    }
    bar
}
