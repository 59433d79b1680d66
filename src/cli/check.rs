//! `dictum check`: whether a data directory is sound, without a service.

use super::layout::{FAINT, STRONG, bytes, count, grouped};
use super::{CliError, CommandResult};
use crate::engine::offline::{CheckReport, DataDir, FindingKind, IndexReport, StoreReport};
use clap::Args;
use indicatif::ProgressBar;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Flags of `dictum check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Where store and index live; the service must be stopped
    #[arg(long, value_name = "DIR", env = "DICTUM_DATA_DIR")]
    data_dir: PathBuf,
    /// The report as a JSON object, for scripts
    #[arg(long)]
    json: bool,
}

/// Checks, and says what was found. The exit code is 0 where nothing is wrong.
pub fn run(args: &CheckArgs) -> CommandResult {
    let dir = DataDir::existing(&args.data_dir)?;
    let bar = if io::stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
    bar.enable_steady_tick(Duration::from_millis(200));
    let report = dir.check(&|done| bar.set_message(count(done, "document", "documents")));
    bar.finish_and_clear();
    let report = report?;
    match args.json {
        true => writeln!(anstream::stdout(), "{}", json(&report))?,
        false => show(&report)?,
    }
    Ok(if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn json(CheckReport { store, index }: &CheckReport) -> serde_json::Value {
    let kind = |kind| match kind {
        FindingKind::Unreadable => "unreadable",
        FindingKind::Disagreement => "disagreement",
    };
    let findings = store.findings.iter().map(|finding| {
        serde_json::json!({ "kind": kind(finding.kind), "place": finding.place, "what": finding.what })
    });
    serde_json::json!({
        "sound": store.is_sound() && index.finding_count == 0,
        "store": {
            "bytes": store.bytes,
            "lastChange": store.seq,
            "collections": store.collections,
            "documents": store.documents,
            "earlierRevisions": store.revisions,
            "quotes": store.quotes,
            "entities": store.entities,
            "textBytes": store.text_bytes,
            "findingCount": store.finding_count,
            "unreadableCount": store.unreadable_count,
            "findings": findings.collect::<Vec<_>>(),
        },
        "index": {
            "madeAnew": index.made_anew,
            "lastChange": index.applied,
            "documents": index.documents,
            "documentsBehind": index.behind,
            "findingCount": index.finding_count,
            "findings": index.findings,
        },
    })
}

fn show(report: &CheckReport) -> Result<(), CliError> {
    let mut out = anstream::stdout().lock();
    let StoreReport { collections, documents, revisions, quotes, entities, .. } = report.store;
    writeln!(
        out,
        "{STRONG}store{STRONG:#}  {}, {}, {}, {}, {} {FAINT}({}, change {}){FAINT:#}",
        count(collections, "collection", "collections"),
        count(documents, "document", "documents"),
        count(revisions, "earlier revision", "earlier revisions"),
        count(quotes, "quote", "quotes"),
        count(entities, "entity", "entities"),
        bytes(report.store.bytes),
        grouped(report.store.seq),
    )?;
    for finding in &report.store.findings {
        let how = if finding.kind == FindingKind::Unreadable { "LOST" } else { "differs" };
        writeln!(out, "  {how}: {}: {}", finding.place, finding.what)?;
    }
    more(&mut out, report.store.finding_count, report.store.findings.len())?;
    show_index(&mut out, &report.index)?;
    let all = report.store.finding_count + report.index.finding_count;
    match all {
        0 => writeln!(out, "all is well")?,
        _ => writeln!(out, "{STRONG}{}{STRONG:#}", count(all, "thing is wrong", "things are wrong"))?,
    }
    Ok(())
}

fn show_index(out: &mut impl Write, index: &IndexReport) -> Result<(), CliError> {
    if let Some(reason) = &index.made_anew {
        writeln!(out, "{STRONG}index{STRONG:#}  is made anew when the service starts: {reason}")?;
        return Ok(());
    }
    let documents = count(index.documents, "document", "documents");
    writeln!(
        out,
        "{STRONG}index{STRONG:#}  {documents} {FAINT}(change {}){FAINT:#}",
        grouped(index.applied)
    )?;
    if index.behind > 0 {
        let behind = count(index.behind, "document is", "documents are");
        writeln!(out, "  {behind} newer in the store; the service brings the index up to date")?;
    }
    for finding in &index.findings {
        writeln!(out, "  differs: {finding}")?;
    }
    more(out, index.finding_count, index.findings.len())?;
    if index.finding_count > 0 {
        writeln!(out, "  removing the folder index/ has it made anew")?;
    }
    Ok(())
}

fn more(out: &mut impl Write, all: u64, told: usize) -> Result<(), CliError> {
    match all.saturating_sub(told as u64) {
        0 => Ok(()),
        rest => Ok(writeln!(out, "  and {} more", grouped(rest))?),
    }
}
