//! `dictum analyze`: what the analyzer finds, without a service and without keeping anything. One text comes out
//! painted for people or as JSON; with `--jsonl`, one document a line goes in and one analysis a line comes out.
//! Start at [`run`]; `parallel` keeps the lines in order, `paint` draws.

mod paint;
mod parallel;

use super::record::{Record, parse_time};
use super::{CliError, CommandResult};
use crate::analysis::{Analyzer, Input, Options};
use crate::domain::annotation::Analysis;
use crate::domain::time::Timestamp;
use crate::transport::json::{JsonError, to_json_string};
use crate::transport::to_proto::analysis::{Renderer, Rendering};
use anyhow::{Context, anyhow};
use clap::{Args, ValueEnum};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Flags of `dictum analyze`.
#[derive(Debug, Args)]
#[command(
    after_help = "With --jsonl, each input line is {\"id\", \"text\", \"published_at\"?, \"language\"?} and gives one \
                        output line {\"id\", …the Analysis in the proto3 JSON mapping} in the same order. A line that \
                        cannot be read is reported on standard error, and the exit code is 1 in the end."
)]
pub struct AnalyzeArgs {
    /// The text, or the lines; standard input where absent or `-`
    file: Option<PathBuf>,
    /// Read and write one JSON object a line, on all cores
    #[arg(long, conflicts_with_all = ["format", "published_at", "language"])]
    jsonl: bool,
    /// Form of the output for a single text
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// When the text was published: 2025-09-05 or RFC 3339; dates in it are normalised against this
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    published_at: Option<Timestamp>,
    /// Language of the text (BCP-47), detected where absent
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
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
    let input = open(args.file.as_deref())?;
    let session = Session::new(args);
    if args.jsonl { session.lines(input, args.threads) } else { session.text(input, args) }
}

fn open(file: Option<&Path>) -> Result<Box<dyn BufRead + Send>, CliError> {
    match file {
        None => Ok(Box::new(BufReader::new(io::stdin()))),
        Some(path) if path == Path::new("-") => Ok(Box::new(BufReader::new(io::stdin()))),
        Some(path) => {
            let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
            Ok(Box::new(BufReader::with_capacity(1 << 16, file)))
        }
    }
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
        Self { analyzer: Analyzer::new(), options, rendering }
    }

    fn text(&self, mut input: Box<dyn BufRead + Send>, args: &AnalyzeArgs) -> CommandResult {
        let mut bytes = Vec::new();
        input.read_to_end(&mut bytes).context("reading the text")?;
        let text = String::from_utf8(bytes)
            .map_err(|error| anyhow!("the text is no UTF-8 ({}); convert it first", error.utf8_error()))?;
        let input =
            Input { text: &text, published_at: args.published_at, language: args.language.as_deref() };
        let analysis = self.analyzer.analyze(&input, &self.options);
        let mut out = anstream::stdout().lock();
        match args.format {
            Format::Text => paint::print(&mut out, &text, &analysis)?,
            Format::Json => writeln!(out, "{}", self.json(&text, &analysis)?)?,
        }
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }

    fn lines(&self, input: Box<dyn BufRead + Send>, threads: usize) -> CommandResult {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = if threads == 0 { cores } else { threads };
        let mut out = io::BufWriter::new(io::stdout().lock());
        let mut failed = false;
        let emit = |number: u64, outcome: Result<String, String>| match outcome {
            Ok(line) => {
                out.write_all(line.as_bytes())?;
                out.write_all(b"\n")
            }
            Err(reason) => {
                failed = true;
                writeln!(anstream::stderr(), "line {number}: {reason}")
            }
        };
        parallel::map_lines(input, threads, |line| self.line(line), emit).context("analysing lines")?;
        out.flush()?;
        Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    /// One input line to one output line.
    fn line(&self, line: &str) -> Result<String, String> {
        let record = Record::parse(line)?;
        let language = record.language.as_deref();
        let input = Input { text: &record.text, published_at: record.published()?, language };
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
