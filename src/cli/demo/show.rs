//! The demonstration's page: what happened, who said what about whom, and how to go on.

use crate::cli::layout::{self, DIRECT, FAINT, INDIRECT, SPEAKER, STRONG, count, wrap};
use crate::cli::query::last_segment;
use crate::cli::quotes::{said, speaker_label};
use crate::transport::wire::{CollectionEntity, EntityType, IngestReceipt, Quote, QuoteResult, QuoteType};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::Duration;

/// Most roles shown beside a speaker's name.
const MOST_ROLES: usize = 2;

/// Columns for cues, and before what is said.
const CUE: usize = 11;
const INDENT: usize = 4 + CUE + 2;

/// Everything that is shown.
pub struct Shown {
    pub address: SocketAddr,
    /// From sending the article to finding it.
    pub took: Duration,
    pub receipt: IngestReceipt,
    /// In text order.
    pub quotes: Vec<QuoteResult>,
    pub entities: Vec<CollectionEntity>,
    /// Whether the service goes on running.
    pub keep: bool,
}

/// Where a quote begins in its document.
pub fn begin(result: &QuoteResult) -> u32 {
    result.quote.as_ref().and_then(|quote| quote.contents.first()).map_or(u32::MAX, |span| span.begin)
}

/// Prints the page.
pub fn print(out: &mut impl Write, shown: &Shown) -> io::Result<()> {
    print_head(out, shown)?;
    for (speaker, quotes) in by_speaker(&shown.quotes) {
        print_speaker(out, shown, speaker, &quotes)?;
    }
    print_entities(out, &shown.entities)?;
    print_next(out, shown)
}

fn print_head(out: &mut impl Write, shown: &Shown) -> io::Result<()> {
    let title =
        shown.quotes.first().and_then(|result| result.document.as_ref()).map(|document| &*document.title);
    writeln!(out)?;
    writeln!(out, "  {STRONG}Dictum{STRONG:#} {} on {}", env!("CARGO_PKG_VERSION"), shown.address)?;
    writeln!(out, "  {}", title.unwrap_or_default())?;
    let quotes = count(shown.receipt.quote_count.into(), "quote", "quotes");
    let entities = count(shown.receipt.entity_count.into(), "entity", "entities");
    let took = shown.took.as_millis();
    writeln!(
        out,
        "  {FAINT}sent over gRPC, analysed, synced to disk and searchable after {took} ms: {quotes}, {entities}{FAINT:#}"
    )?;
    heading(out, "Who said what about whom")
}

fn heading(out: &mut impl Write, text: &str) -> io::Result<()> {
    let rule = "─".repeat(layout::width().saturating_sub(text.chars().count() + 6));
    writeln!(out, "\n{FAINT}──{FAINT:#} {STRONG}{text}{STRONG:#} {FAINT}{rule}{FAINT:#}\n")
}

/// Speakers in the order in which they first speak, each with all they say.
fn by_speaker(quotes: &[QuoteResult]) -> Vec<(&str, Vec<&QuoteResult>)> {
    let mut groups: Vec<(&str, Vec<&QuoteResult>)> = Vec::new();
    for result in quotes {
        let speaker = speaker_label(result.quote.as_ref().and_then(|quote| quote.speaker.as_ref()));
        match groups.iter_mut().find(|(name, _)| *name == speaker) {
            Some((_, group)) => group.push(result),
            None => groups.push((speaker, vec![result])),
        }
    }
    groups
}

fn print_speaker(
    out: &mut impl Write,
    shown: &Shown,
    speaker: &str,
    quotes: &[&QuoteResult],
) -> io::Result<()> {
    let entity = quotes.first().and_then(|result| entity(shown, &result.speaker_entity));
    let roles = entity.map(|entity| &*entity.roles).unwrap_or_default();
    let roles: Vec<_> = roles.iter().take(MOST_ROLES).map(|role| &*role.text).collect();
    writeln!(out, "  {SPEAKER}{speaker}{SPEAKER:#}  {FAINT}{}{FAINT:#}", roles.join(", "))?;
    for result in quotes {
        if let Some(quote) = &result.quote {
            print_quote(out, shown, result, quote)?;
        }
    }
    writeln!(out)
}

fn print_quote(out: &mut impl Write, shown: &Shown, result: &QuoteResult, quote: &Quote) -> io::Result<()> {
    let style = if quote.r#type() == QuoteType::Direct { DIRECT } else { INDIRECT };
    let cue = quote.cue.as_ref().map(|cue| &*cue.text).unwrap_or_default();
    let (cues, lines) = (wrap(cue, CUE), wrap(&said(quote), layout::width() - INDENT - 1));
    for at in 0..cues.len().max(lines.len()) {
        let [cue, line] = [&cues, &lines].map(|side| side.get(at).map_or("", String::as_str));
        writeln!(out, "    {FAINT}{cue:>CUE$}{FAINT:#}  {style}{line}{style:#}")?;
    }
    let about = result.about_entities.iter().filter_map(|name| entity(shown, name));
    let about: Vec<_> = about.map(|entity| &*entity.display_name).collect();
    if !about.is_empty() {
        for line in wrap(&format!("about {}", about.join(", ")), layout::width() - INDENT - 1) {
            writeln!(out, "{:INDENT$}{FAINT}{line}{FAINT:#}", "")?;
        }
    }
    Ok(())
}

fn entity<'a>(shown: &'a Shown, name: &str) -> Option<&'a CollectionEntity> {
    shown.entities.iter().find(|entity| entity.name == name)
}

/// Names by type, so that one sees what was found.
fn print_entities(out: &mut impl Write, entities: &[CollectionEntity]) -> io::Result<()> {
    heading(out, "Whom and what it mentions")?;
    let types = [
        ("people", EntityType::Person),
        ("organizations", EntityType::Organization),
        ("countries, cities", EntityType::Gpe),
        ("other places", EntityType::Location),
        ("groups", EntityType::Norp),
        ("events", EntityType::Event),
        ("works", EntityType::Work),
        ("products", EntityType::Product),
        ("buildings", EntityType::Facility),
    ];
    for (label, kind) in types {
        let names = entities.iter().filter(|entity| entity.r#type() == kind);
        let names: Vec<_> = names.map(|entity| &*entity.display_name).collect();
        for (at, line) in wrap(&names.join(", "), layout::width() - 22).iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            writeln!(out, "  {FAINT}{label:>17}{FAINT:#}  {line}")?;
        }
    }
    Ok(())
}

fn print_next(out: &mut impl Write, shown: &Shown) -> io::Result<()> {
    heading(out, "Go on")?;
    let speakers = by_speaker(&shown.quotes);
    let name = speakers.iter().max_by_key(|(_, quotes)| quotes.len()).map_or("Putin", |(name, _)| *name);
    if shown.keep {
        let (server, id) = (shown.address, last_segment(&shown.receipt.name));
        writeln!(out, "  dictum quotes --server {server} --speaker \"{name}\"")?;
        writeln!(out, "  dictum quotes --server {server} --document {id} --json")?;
        writeln!(out, "  dictum entities --server {server} Put")?;
        return writeln!(out, "\n  {FAINT}The service runs until Ctrl-C.{FAINT:#}\n");
    }
    let steps = [
        ("dictum serve".to_owned(), "run the service, data in ./data"),
        ("dictum ingest seeds/".to_owned(), "files, folders, JSONL, standard input"),
        (format!("dictum quotes --speaker \"{name}\""), "who said what; --json for scripts"),
        ("dictum entities Put".to_owned(), "whom the documents speak of"),
        ("dictum analyze article.txt".to_owned(), "one text, without a service"),
    ];
    for (command, what) in steps {
        writeln!(out, "  {command:<42} {FAINT}{what}{FAINT:#}")?;
    }
    writeln!(out)
}
