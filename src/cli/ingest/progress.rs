//! What people see while documents go out: a bar on a terminal, failures as they come, a line at the end.

use super::super::CliError;
use crate::cli::layout::{FAINT, STRONG, count, grouped};
use crate::transport::wire::{IngestOutcome, IngestReceipt};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

const FAILED: anstyle::Style = anstyle::AnsiColor::Red.on_default();

/// The bar and the report under it.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar for `bytes` of input where standard error is a terminal; otherwise nothing moves.
    pub fn new(bytes: u64) -> Self {
        let bar = match bytes {
            _ if !io::stderr().is_terminal() => ProgressBar::hidden(),
            // Standard input alone: nobody knows how much there is.
            0 => ProgressBar::new_spinner(),
            _ => ProgressBar::new(bytes),
        };
        let template = match bytes {
            0 => "{spinner} {bytes} ({bytes_per_sec}) {msg}",
            _ => "{bar:32.cyan/dim} {bytes}/{total_bytes} ({bytes_per_sec}, {eta} left) {msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar }
    }

    /// A document is done, one way or the other.
    pub fn done(&self, bytes: u64, report: &Report) {
        self.bar.inc(bytes);
        let documents = count(report.documents(), "document", "documents");
        self.bar.set_message(match report.failed {
            0 => documents,
            failed => format!("{documents}, {failed} failed"),
        });
    }

    /// Says something above the bar.
    pub fn failed(&self, place: &str, reason: &str) {
        self.say(&format!("{FAILED}failed{FAILED:#}  {place}: {reason}"));
    }

    /// Says something above the bar.
    pub fn say(&self, line: &str) {
        // Where standard error is closed, the exit code still tells.
        self.bar.suspend(|| drop(writeln!(anstream::stderr(), "{line}")));
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// What became of all documents.
#[derive(Debug)]
pub struct Report {
    started: Instant,
    created: u64,
    revised: u64,
    current: u64,
    queued: u64,
    quotes: u64,
    /// Documents that could not be read or were refused.
    pub failed: u64,
}

impl Report {
    /// Nothing yet; time runs from now.
    pub fn new() -> Self {
        Self { started: Instant::now(), created: 0, revised: 0, current: 0, queued: 0, quotes: 0, failed: 0 }
    }

    /// Counts an acknowledged document.
    pub fn acknowledged(&mut self, receipt: &IngestReceipt) {
        let counter = match receipt.outcome() {
            IngestOutcome::Revised => &mut self.revised,
            IngestOutcome::AlreadyCurrent => &mut self.current,
            IngestOutcome::Queued => &mut self.queued,
            IngestOutcome::Created | IngestOutcome::Unspecified => &mut self.created,
        };
        *counter += 1;
        self.quotes += u64::from(receipt.quote_count);
    }

    /// Documents acknowledged.
    pub fn documents(&self) -> u64 {
        self.created + self.revised + self.current + self.queued
    }

    /// The line at the end: on standard output, or out of the way of JSON.
    pub fn print(&self, json: bool) -> Result<(), CliError> {
        let line = self.line();
        match json {
            true => writeln!(anstream::stderr(), "{line}")?,
            false => writeln!(anstream::stdout(), "{line}")?,
        }
        Ok(())
    }

    fn line(&self) -> String {
        let parts = [
            (self.created, "created"),
            (self.revised, "revised"),
            (self.current, "already current"),
            (self.queued, "queued"),
            (self.failed, "failed"),
        ];
        let parts: Vec<_> =
            parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{} {what}", grouped(*n))).collect();
        let seconds = self.started.elapsed().as_secs_f64();
        let rate = self.documents() as f64 / seconds.max(0.001);
        format!(
            "{STRONG}{}{STRONG:#} with {}: {} {FAINT}({seconds:.1} s, {rate:.0} documents a second){FAINT:#}",
            count(self.documents(), "document", "documents"),
            count(self.quotes, "quote", "quotes"),
            if parts.is_empty() { "nothing to do".to_owned() } else { parts.join(", ") },
        )
    }
}
