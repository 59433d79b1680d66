//! `dictum analyze`: what the analyzer finds, without a service and without keeping anything. One text comes out
//! painted for people or as JSON; with `--jsonl`, one document a line goes in and one analysis a line comes out.
//! Start at [`run`]; `parallel` keeps the lines in order, `paint` draws.

mod paint;
mod parallel;

use super::input::{EncodingArgs, Input, Piece, Raw, Records, STDIN, Shape, TableArgs, of_name, say, settle};
use super::record::parse_time;
use super::{CliError, CommandResult};
use crate::analysis::{self, Analyzer, Options};
use crate::domain::annotation::{Analysis, AnalyzerName};
use crate::domain::time::Timestamp;
use crate::html;
use crate::transport::json::{JsonError, to_json_string};
use crate::transport::to_proto::analysis::{Renderer, Rendering};
use anyhow::{Context, anyhow};
use clap::{Args, ValueEnum};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Flags of `dictum analyze`.
#[derive(Debug, Args)]
#[command(
    after_help = "With --jsonl, each input line is {\"id\", \"text\", \"published_at\"?, \"language\"?} and gives one \
                        output line {\"id\", …the Analysis in the proto3 JSON mapping} in the same order. So does each row \
                        of a CSV file, whose first line names the fields. What cannot be read is reported on standard \
                        error with its line, and the exit code is 1 in the end."
)]
pub struct AnalyzeArgs {
    /// The text, or the lines; standard input where absent or `-`
    file: Option<PathBuf>,
    /// Read many documents, and write one JSON object a line, on all cores
    #[arg(long, conflicts_with_all = ["format", "published_at", "language"])]
    jsonl: bool,
    /// What the input holds, whatever it is called
    #[arg(long, value_enum)]
    input_format: Option<Shape>,
    #[command(flatten)]
    encoding: EncodingArgs,
    #[command(flatten)]
    tables: TableArgs,
    /// Form of the output for a single text
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// When the text was published: 2025-09-05 or RFC 3339; dates in it are normalised against this
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    published_at: Option<Timestamp>,
    /// Language of the text (BCP-47), detected where absent
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// Analyzer, dictum-en or dictum-en-fast
    #[arg(long, value_name = "NAME", default_value = AnalyzerName::Accurate.as_str())]
    analyzer: AnalyzerName,
    /// Least probability at which a speaker is named rather than left open
    #[arg(long, value_name = "0..1", value_parser = parse_probability)]
    speaker_threshold: Option<f32>,
    /// JSON says why each speaker was chosen, and who else might be
    #[arg(long)]
    evidence: bool,
    /// Offsets in JSON beside UTF-8 bytes
    #[arg(long, value_enum, value_delimiter = ',')]
    offsets: Vec<Offsets>,
    /// Threads for --jsonl, 0 for one a core
    #[arg(long, value_name = "N", default_value_t = 0)]
    threads: usize,
}

/// Form of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The text with quotes and speakers marked, then a list of who said what
    Text,
    /// The Analysis in the proto3 JSON mapping
    Json,
}

/// Units of offsets beside bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Offsets {
    /// UTF-16 code units (JavaScript, Java, C#)
    Utf16,
    /// Unicode code points (Python)
    CodePoints,
}

/// Reads a number from 0 to 1.
pub fn parse_probability(text: &str) -> Result<f32, String> {
    text.parse::<f32>()
        .ok()
        .filter(|p| (0.0..=1.0).contains(p))
        .ok_or_else(|| "must lie between 0 and 1".into())
}

/// Analyses what the arguments name.
pub fn run(args: &AnalyzeArgs) -> CommandResult {
    let file = args.file.as_deref().filter(|path| *path != Path::new("-"));
    let place = file.map_or_else(|| STDIN.to_owned(), |path| path.display().to_string());
    let opened = file.map_or_else(|| Input::stdin(args.encoding), |path| Input::file(path, args.encoding));
    let input = opened.with_context(|| place.clone())?;
    let named = args.input_format.or_else(|| of_name(file?));
    if !args.jsonl {
        let text = one_text(input, &place, named, args.input_format.is_some())?;
        return Session::new(args).text(&text, args);
    }
    match named {
        Some(shape @ (Shape::Text | Shape::Html)) if args.input_format.is_some() => {
            let shape = if shape == Shape::Html { "html" } else { "text" };
            Err(CliError::usage(anyhow!("--jsonl reads many documents, --input-format {shape} is one")))
        }
        Some(Shape::Csv) => Session::new(args).records(input.rows(args.tables), &place, args.threads),
        _ => Session::new(args).records(input.lines(), &place, args.threads),
    }
}

/// The whole input, where it is one text. Records that are analysed as one would only look like an answer.
fn one_text(mut input: Input, place: &str, named: Option<Shape>, is_said: bool) -> Result<String, CliError> {
    let begin = input.begin().with_context(|| place.to_owned())?;
    let mut is_page = false;
    match settle(named.or(Some(Shape::Text)), begin) {
        Ok(Shape::Text) => {}
        Ok(Shape::Html) => is_page = true,
        _ if is_said && named == Some(Shape::Text) => {}
        _ => {
            let advice = "--jsonl reads those, and --input-format text takes it as it is";
            return Err(CliError::usage(anyhow!("{place} holds records and not one text; {advice}")));
        }
    }
    let (text, note) = input.text().with_context(|| place.to_owned())?;
    note.inspect(|note| say(place, note));
    if is_page {
        // Offsets are those of the article's text, which the answer has too.
        return Ok(html::extract(&text).with_context(|| place.to_owned())?.text);
    }
    Ok(text)
}

/// The analyzer with what the command line asks of it.
struct Session {
    analyzer: Analyzer,
    options: Options,
    rendering: Rendering,
}

impl Session {
    fn new(args: &AnalyzeArgs) -> Self {
        let mut options = Options::default();
        if let Some(threshold) = args.speaker_threshold {
            options.speaker_threshold = threshold;
        }
        let rendering = Rendering {
            utf16: args.offsets.contains(&Offsets::Utf16),
            code_points: args.offsets.contains(&Offsets::CodePoints),
            evidence: args.evidence,
        };
        Self { analyzer: Analyzer::embedded(args.analyzer), options, rendering }
    }

    fn text(&self, text: &str, args: &AnalyzeArgs) -> CommandResult {
        let input =
            analysis::Input { text, published_at: args.published_at, language: args.language.as_deref() };
        let analysis = self.analyzer.analyze(&input, &self.options);
        let mut out = anstream::stdout().lock();
        match args.format {
            Format::Text => paint::print(&mut out, text, &analysis)?,
            Format::Json => writeln!(out, "{}", self.json(text, &analysis)?)?,
        }
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }

    fn records(&self, records: Records<impl Read + Send>, place: &str, threads: usize) -> CommandResult {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if threads == 0 { cores } else { threads };
        let mut out = io::BufWriter::new(io::stdout().lock());
        let mut failed = false;
        let emit = |line: u64, outcome: Result<String, String>| match outcome {
            Ok(line) => {
                out.write_all(line.as_bytes())?;
                out.write_all(b"\n")
            }
            Err(reason) => {
                failed = true;
                writeln!(anstream::stderr(), "line {line}: {reason}")
            }
        };
        let records = records.filter_map(|piece| match piece {
            Piece::Record(raw) => Some((raw.line, Ok(raw))),
            Piece::Failed { line, reason } => Some((line, Err(reason))),
            Piece::Note(note) => {
                say(place, &note);
                None
            }
        });
        parallel::map(records, threads, |raw| self.record(&raw), emit).context("writing analyses")?;
        out.flush()?;
        Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    /// One record to one output line.
    fn record(&self, raw: &Raw) -> Result<String, String> {
        let record = raw.parse()?;
        let language = record.language.as_deref();
        let input = analysis::Input { text: &record.text, published_at: record.published()?, language };
        let analysis = self.analyzer.analyze(&input, &self.options);
        let json = self.json(&record.text, &analysis).map_err(|error| error.to_string())?;
        let id = record.id.unwrap_or_default();
        // An Analysis has fields in every case, so its object never opens with `{}`.
        Ok(format!("{{\"id\":{id},{}", &json[1..]))
    }

    fn json(&self, text: &str, analysis: &Analysis) -> Result<String, JsonError> {
        to_json_string(&Renderer::new(text, self.rendering).analysis(analysis))
    }
}
