//! An analysis for people: the text with quotes, cues and speakers in colour, then the list of who said what. The
//! list alone says everything where colours are off.

use crate::cli::layout::{self, CUE, DIRECT, FAINT, INDIRECT, SPEAKER, STRONG, count, wrap};
use crate::domain::annotation::{Analysis, CoverageMethod, Quote, QuoteKind, QuoteType, Speaker};
use crate::domain::span::ByteSpan;
use anstyle::Style;
use std::io::{self, Write};

/// Prints text and list.
pub fn print(out: &mut impl Write, text: &str, analysis: &Analysis) -> io::Result<()> {
    print_text(out, text, analysis)?;
    writeln!(out)?;
    for quote in &analysis.quotes {
        print_quote(out, text, analysis, quote)?;
    }
    print_summary(out, analysis)
}

/// The text with every byte in the style of the innermost thing that covers it.
fn print_text(out: &mut impl Write, text: &str, analysis: &Analysis) -> io::Result<()> {
    let styles = [Style::new(), DIRECT, INDIRECT, CUE, SPEAKER];
    let mut paint = vec![0u8; text.len()];
    let mut cover = |span: ByteSpan, style: u8| {
        if let Some(bytes) = paint.get_mut(span.range()) {
            bytes.fill(style);
        }
    };
    for quote in &analysis.quotes {
        let style = if quote.quote_type == QuoteType::Direct { 1 } else { 2 };
        quote.contents.iter().for_each(|&span| cover(span, style));
    }
    // Over the contents, since a quote within a quote has its cue and speaker there.
    for quote in &analysis.quotes {
        quote.cue.iter().for_each(|&span| cover(span, 3));
        quote.speaker.mention.iter().for_each(|&span| cover(span, 4));
    }
    let mut from = 0;
    for run in paint.chunk_by(|a, b| a == b) {
        let style = styles[run[0] as usize];
        // Spans end on character boundaries, and so do the runs between them.
        let piece = text.get(from..from + run.len()).unwrap_or_default();
        write!(out, "{style}{piece}{style:#}")?;
        from += run.len();
    }
    if !text.ends_with('\n') {
        writeln!(out)?;
    }
    Ok(())
}

fn print_quote(out: &mut impl Write, text: &str, analysis: &Analysis, quote: &Quote) -> io::Result<()> {
    let (speaker, style) = speaker(&quote.speaker);
    let kind = match quote.kind {
        QuoteKind::Statement => "",
        QuoteKind::Thought => ", thought",
    };
    let form = match quote.quote_type {
        QuoteType::Direct => "direct",
        QuoteType::Indirect => "indirect",
        QuoteType::Mixed => "mixed",
    };
    let id = &quote.id;
    writeln!(out, "{FAINT}{id:>4}{FAINT:#}  {style}{speaker}{style:#}  {FAINT}{form}{kind}{FAINT:#}")?;
    let said: Vec<&str> = quote.contents.iter().map(|span| span.slice(text)).collect();
    for line in wrap(&said.join(" … "), layout::width() - 6) {
        writeln!(out, "      {line}")?;
    }
    let about: Vec<&str> = quote
        .about
        .iter()
        .filter_map(|id| analysis.entities.iter().find(|entity| entity.id == *id))
        .map(|entity| &*entity.name)
        .collect();
    if !about.is_empty() {
        for line in wrap(&format!("about {}", about.join(", ")), layout::width() - 6) {
            writeln!(out, "      {FAINT}{line}{FAINT:#}")?;
        }
    }
    writeln!(out)
}

/// What to call the speaker, and whether that is a name.
fn speaker(speaker: &Speaker) -> (&str, Style) {
    match (&speaker.name, &speaker.description) {
        (Some(name), _) => (name, SPEAKER),
        (None, Some(description)) => (description, STRONG),
        (None, None) => ("somebody", FAINT),
    }
}

fn print_summary(out: &mut impl Write, analysis: &Analysis) -> io::Result<()> {
    let quotes = count(analysis.quotes.len() as u64, "quote", "quotes");
    let entities = count(analysis.entities.len() as u64, "entity", "entities");
    let stamp = &analysis.analyzer;
    writeln!(out, "{FAINT}{quotes}, {entities} · {} {}{FAINT:#}", stamp.name, stamp.version)?;
    if analysis.coverage.method == CoverageMethod::QuotationMarks {
        let language = &analysis.language;
        writeln!(
            out,
            "The language ({language}) is not one that the analyzer knows: quotation marks alone were used."
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Analyzer, Input, Options};

    #[test]
    fn without_colours_the_text_is_unchanged_and_the_list_names_the_speaker() {
        let text = "“We will 🚀 wait,” Ada Quinn said. She left.";
        let input = Input { text, published_at: None, language: Some("en") };
        let analysis = Analyzer::new().analyze(&input, &Options::default());
        let mut out = anstream::StripStream::new(Vec::new());
        print(&mut out, text, &analysis).unwrap();
        let out = String::from_utf8(out.into_inner()).unwrap();
        assert!(out.starts_with(text), "{out}");
        assert!(out.contains("We will 🚀 wait"), "{out}");
    }
}
