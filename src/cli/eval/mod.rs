//! `dictum eval`: how well the analyzer does on annotated text of one's own. It reads gold annotations, analyses
//! their texts here and now, and prints precision, recall and F1; `docs/evaluation.md` describes the formats and what
//! is counted. Start at [`run`]; `gold` reads, `span` makes spans comparable, and each kind of annotation has a file.

mod conll;
mod entities;
mod gold;
mod quotes;
mod roles;
mod span;
mod tally;

use super::input::EncodingArgs;
use super::{CliError, CommandResult};
use crate::analysis::{Analyzer, Input, Options};
use crate::domain::annotation::{Analysis, AnalyzerName};
use anyhow::Context;
use clap::{Args, ValueEnum};
use gold::Document;
use serde::Serialize;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Flags of `dictum eval`.
#[derive(Debug, Args)]
pub struct EvalArgs {
    /// What the gold file annotates
    #[arg(value_enum)]
    what: What,
    /// Annotated documents: JSON lines, or for entities also CoNLL columns (*.conll)
    gold: PathBuf,
    /// Texts by id, where the gold file has none: JSON lines with "id" and "text"
    #[arg(long, value_name = "FILE")]
    text: Option<PathBuf>,
    #[command(flatten)]
    encoding: EncodingArgs,
    /// Analyzer, dictum-en or dictum-en-fast
    #[arg(long, value_name = "NAME", default_value = AnalyzerName::Accurate.as_str())]
    analyzer: AnalyzerName,
    /// Count attributed thoughts as quotes too
    #[arg(long)]
    all_kinds: bool,
    /// One JSON object instead of a line for each figure
    #[arg(long)]
    json: bool,
}

/// What a gold file annotates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Names, by strict span and type
    Entities,
    /// Source, cue and content spans of attributions
    Roles,
    /// Whole quotes with their speakers
    Quotes,
}

/// Scores what the arguments name.
///
/// # Errors
/// Where a file cannot be read or is not in its format.
pub fn run(args: &EvalArgs) -> CommandResult {
    let is_conll = args.gold.extension().is_some_and(|extension| extension == "conll");
    match args.what {
        What::Entities if is_conll => {
            let documents = conll::read(&args.gold, args.encoding)?;
            if conll::has_own_types(&documents) {
                print(args, &entities::score_given(&documents, &conll::found(&documents, args.analyzer)?))
            } else {
                print(args, &entities::score(&documents, &analyses(&documents, args.analyzer)))
            }
        }
        What::Entities => {
            let documents = gold::read(&args.gold, args.text.as_deref(), args.encoding)?;
            print(args, &entities::score(&documents, &analyses(&documents, args.analyzer)))
        }
        What::Roles => {
            let documents = gold::read(&args.gold, args.text.as_deref(), args.encoding)?;
            print(args, &roles::score(&documents, &analyses(&documents, args.analyzer)))
        }
        What::Quotes => {
            let documents = gold::read(&args.gold, args.text.as_deref(), args.encoding)?;
            print(args, &quotes::score(&documents, &analyses(&documents, args.analyzer), args.all_kinds))
        }
    }
}

/// One analysis for each document, on all cores.
fn analyses(documents: &[Document], analyzer: AnalyzerName) -> Vec<Analysis> {
    let analyzer = Analyzer::embedded(analyzer);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(documents.len()));
    std::thread::scope(|scope| {
        for _ in 0..threads.min(documents.len()) {
            scope.spawn(|| {
                while let Some((at, document)) = pick(documents, &next) {
                    let input = Input { text: &document.text, published_at: None, language: None };
                    let analysis = analyzer.analyze(&input, &Options::default());
                    lock(&done).push((at, analysis));
                }
            });
        }
    });
    let mut done = std::mem::take(&mut *lock(&done));
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, analysis)| analysis).collect()
}

fn pick<'d>(documents: &'d [Document], next: &AtomicUsize) -> Option<(usize, &'d Document)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    documents.get(at).map(|document| (at, document))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Prints figures as one object, or one line for each of the object's fields.
fn print(args: &EvalArgs, figures: &impl Serialize) -> CommandResult {
    let mut out = anstream::stdout().lock();
    let value = serde_json::to_value(figures).context("writing figures")?;
    match value.as_object() {
        Some(fields) if !args.json => {
            for (name, figure) in fields {
                writeln!(out, "{name}: {figure}")?;
            }
        }
        _ => writeln!(out, "{value}")?,
    }
    out.flush().map_err(CliError::from)?;
    Ok(ExitCode::SUCCESS)
}
