//! A verdict for people: what it is, then each quote with claim and quote word by word. Words of the claim alone stand in
//! `[-…-]`, those of the quote alone in `{+…+}`, as `wdiff` has it, so that nothing is lost where colours are off.

use crate::cli::layout::{self, FAINT, SPEAKER, STRONG, count, wrap};
use crate::cli::query::{day, last_segment};
use crate::cli::quotes::speaker_label;
use crate::transport::wire::{
    DiffSegment, DiffSide, QuoteFit, QuoteMatch, QuoteResult, QuoteSpread, SpeakerStanding, Verdict,
    VerifyQuoteResponse,
};
use anstyle::{AnsiColor, Style};
use std::io::{self, Write};

const CLAIM: Style = AnsiColor::Red.on_default().strikethrough();
const QUOTE: Style = AnsiColor::Green.on_default().underline();
const INDENT: &str = "    ";

/// Words of the quote alone of which the middle may be overlooked.
const LONG: usize = 12;

/// Prints the verdict and what it rests on.
pub fn print(out: &mut impl Write, answer: &VerifyQuoteResponse) -> io::Result<()> {
    let (style, name, meaning) = verdict(answer.verdict());
    writeln!(out, "{style}{name}{style:#}  {meaning}{}", speaker_note(answer))?;
    if answer.found_outside_range {
        writeln!(out, "The words were found outside of the range of time.")?;
    }
    for found in &answer.matches {
        writeln!(out)?;
        print_match(out, found)?;
    }
    print_spread(out, answer)
}

fn verdict(verdict: Verdict) -> (Style, &'static str, &'static str) {
    let [green, yellow, red] = [AnsiColor::Green, AnsiColor::Yellow, AnsiColor::Red];
    let (colour, name, meaning) = match verdict {
        Verdict::Exact => (green, "EXACT", "these words were said"),
        Verdict::Near => (yellow, "NEAR", "nearly these words were said"),
        Verdict::Partial => (yellow, "PARTIAL", "these words were said, among others"),
        Verdict::Stitched => (red, "STITCHED", "put together of parts that do not stand together"),
        Verdict::Misattributed => (red, "MISATTRIBUTED", "somebody else said these words"),
        Verdict::NotFound => (red, "NOT FOUND", "nobody is known to have said these words"),
        Verdict::Unspecified => (red, "?", "the service gave no verdict"),
    };
    (colour.on_default().bold(), name, meaning)
}

fn speaker_note(answer: &VerifyQuoteResponse) -> String {
    let said_by: Vec<&str> =
        answer.said_by.iter().map(|said| &*said.speaker).filter(|name| !name.is_empty()).take(3).collect();
    match answer.speaker_standing() {
        SpeakerStanding::Unknown if answer.verdict() != Verdict::NotFound => ", by whom is not known".into(),
        _ if said_by.is_empty() => String::new(),
        _ => format!(": {}", said_by.join(", ")),
    }
}

fn print_match(out: &mut impl Write, found: &QuoteMatch) -> io::Result<()> {
    let result = found.result.clone().unwrap_or_default();
    let quote = result.quote.clone().unwrap_or_default();
    let speaker = speaker_label(quote.speaker.as_ref());
    let fit = match found.fit() {
        QuoteFit::Part => "a part, ",
        QuoteFit::Closest => "closest, ",
        _ => "",
    };
    let share = (found.coverage * 100.0).round();
    let range = if found.outside_range { ", outside of the range" } else { "" };
    writeln!(
        out,
        "{SPEAKER}{speaker}{SPEAKER:#}  {}  {FAINT}{fit}{share} % of the words{range}{FAINT:#}",
        place(&result)
    )?;
    for line in lines(&found.diff) {
        writeln!(out, "{INDENT}{line}")?;
    }
    writeln!(out, "{INDENT}{FAINT}{}{FAINT:#}", result.name)
}

fn place(result: &QuoteResult) -> String {
    let document = result.document.clone().unwrap_or_default();
    let outlet = [&*document.source, &document.title].into_iter().find(|text| !text.is_empty());
    let parts = [
        outlet.unwrap_or_else(|| last_segment(&document.name)).to_owned(),
        day(document.publish_time.as_ref()),
    ];
    parts.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// The diff in lines; each word in its style by itself, so that lines may break between any two.
fn lines(diff: &[DiffSegment]) -> Vec<String> {
    let plain: Vec<(DiffSide, String)> =
        diff.iter().map(|segment| (segment.side(), shown(segment))).collect();
    let words: Vec<(DiffSide, &str)> =
        plain.iter().flat_map(|(side, text)| text.split_whitespace().map(|word| (*side, word))).collect();
    let whole: Vec<&str> = words.iter().map(|(_, word)| *word).collect();
    let mut words = words.iter();
    let mut styled = Vec::new();
    for line in wrap(&whole.join(" "), layout::width() - INDENT.len()) {
        let count = line.split_whitespace().count();
        let paint = |(side, word): &(DiffSide, &str)| match side {
            DiffSide::Claim => format!("{CLAIM}{word}{CLAIM:#}"),
            DiffSide::Quote => format!("{QUOTE}{word}{QUOTE:#}"),
            DiffSide::Equal | DiffSide::Unspecified => (*word).to_owned(),
        };
        styled.push(words.by_ref().take(count).map(paint).collect::<Vec<_>>().join(" "));
    }
    styled
}

fn shown(segment: &DiffSegment) -> String {
    let words: Vec<&str> = segment.text.split_whitespace().collect();
    match segment.side() {
        DiffSide::Claim => format!("[-{}-]", words.join(" ")),
        DiffSide::Quote if words.len() > LONG => {
            let half = LONG / 2;
            format!("{{+{} … {}+}}", words[..half].join(" "), words[words.len() - half..].join(" "))
        }
        DiffSide::Quote => format!("{{+{}+}}", words.join(" ")),
        DiffSide::Equal | DiffSide::Unspecified => words.join(" "),
    }
}

fn print_spread(out: &mut impl Write, answer: &VerifyQuoteResponse) -> io::Result<()> {
    let QuoteSpread { quote_count, outlets, first_time, .. } = answer.spread.clone().unwrap_or_default();
    if quote_count == 0 {
        return Ok(());
    }
    let named: Vec<&str> =
        outlets.iter().map(|outlet| &*outlet.source).filter(|source| !source.is_empty()).take(5).collect();
    let mut parts = vec![count(quote_count.into(), "quote", "quotes")];
    if !named.is_empty() {
        parts.push(format!("in {}", named.join(", ")));
    }
    if first_time.is_some() {
        parts.push(format!("first on {}", day(first_time.as_ref())));
    }
    if answer.incomplete {
        parts.push("and maybe more".into());
    }
    writeln!(out, "\n{STRONG}{}{STRONG:#}", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(side: DiffSide, text: &str) -> DiffSegment {
        DiffSegment { side: side.into(), text: text.into() }
    }

    #[test]
    fn without_colours_the_diff_still_tells_who_has_which_words() {
        let diff = [
            segment(DiffSide::Equal, "We will"),
            segment(DiffSide::Claim, "never ever"),
            segment(DiffSide::Quote, "not"),
            segment(DiffSide::Equal, "wait"),
        ];
        let lines: Vec<String> =
            lines(&diff).iter().map(|line| anstream::adapter::strip_str(line).to_string()).collect();
        assert_eq!(lines, ["We will [-never ever-] {+not+} wait"]);
        let long = segment(DiffSide::Quote, &"word ".repeat(40));
        assert_eq!(shown(&long).matches("word").count(), LONG);
    }

    #[test]
    fn a_misattribution_names_who_said_it() {
        let answer = VerifyQuoteResponse {
            verdict: Verdict::Misattributed.into(),
            speaker_standing: SpeakerStanding::Other.into(),
            said_by: vec![crate::transport::wire::Attribution {
                speaker: "Ada Quinn".into(),
                ..Default::default()
            }],
            ..Default::default()
        };
        let mut out = anstream::StripStream::new(Vec::new());
        print(&mut out, &answer).unwrap();
        let out = String::from_utf8(out.into_inner()).unwrap();
        assert_eq!(out, "MISATTRIBUTED  somebody else said these words: Ada Quinn\n");
    }
}
