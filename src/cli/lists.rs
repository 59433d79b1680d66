//! Labelled lists for people: what was counted in a few lines, the largest first, and what was left out as a number.

use super::CliError;
use super::layout::{self, FAINT, grouped, wrap};
use crate::transport::json::to_json_string;
use crate::transport::wire::{FacetBucket, FacetResult};
use prost::Name;
use std::io::{self, Write};

/// Columns of the labels.
const LABEL: usize = 22;
const INDENT: &str = "  ";

/// Prints an answer: as JSON for scripts, or as `show` does for people.
pub fn print<M: Name>(
    json: bool,
    answer: &M,
    show: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), CliError> {
    let mut out = io::BufWriter::new(anstream::stdout().lock());
    match json {
        true => writeln!(out, "{}", to_json_string(answer)?)?,
        false => show(&mut out)?,
    }
    Ok(out.flush()?)
}

/// A label and what belongs to it, in lines that fit; nothing where nothing does.
pub fn labelled(out: &mut dyn Write, label: &str, text: &str) -> io::Result<()> {
    let lines = wrap(text, layout::width().saturating_sub(INDENT.len() + LABEL));
    for (label, line) in [label].into_iter().chain(std::iter::repeat("")).zip(lines) {
        writeln!(out, "{INDENT}{FAINT}{label:<LABEL$}{FAINT:#}{line}")?;
    }
    Ok(())
}

/// The values on one line: `The Wire 12, Times 3, and 4 others`.
pub fn line(counted: Option<&FacetResult>) -> String {
    let Some(counted) = counted else { return String::new() };
    let mut parts: Vec<String> = counted.buckets.iter().map(value).collect();
    let others = counted.distinct_count.saturating_sub(counted.buckets.len() as u64);
    if others > 0 {
        parts.push(format!("and {}", layout::count(others, "other", "others")));
    }
    parts.join(", ")
}

/// What is said in few enough values to need no count of others: `direct 12, mixed 3`.
pub fn lower_line(counted: Option<&FacetResult>) -> String {
    line(counted).to_lowercase()
}

/// Values with their first and last stretch of time: `mayor 12 (2014-01-01 to 2016-01-01)`.
pub fn spans(counted: Option<&FacetResult>) -> String {
    let span = |bucket: &FacetBucket| {
        let periods = bucket.nested.iter().flat_map(|nested| &nested.buckets);
        let mut days = periods.map(|period| period.value.as_str());
        let (first, last) = (days.next(), days.next_back());
        let span = first.into_iter().chain(last).collect::<Vec<_>>().join(" to ");
        if span.is_empty() { value(bucket) } else { format!("{} ({span})", value(bucket)) }
    };
    let buckets = counted.iter().flat_map(|counted| &counted.buckets);
    buckets.map(span).collect::<Vec<_>>().join(", ")
}

fn value(bucket: &FacetBucket) -> String {
    let name = if bucket.value.is_empty() { &bucket.entity } else { &bucket.value };
    format!("{name} {}", grouped(bucket.count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_values_and_says_how_many_it_leaves_out() {
        let bucket = |value: &str, count| FacetBucket { value: value.into(), count, ..Default::default() };
        let buckets = vec![bucket("The Wire", 1200), bucket("Times", 3)];
        let counted = FacetResult { buckets, distinct_count: 6, ..Default::default() };
        assert_eq!(line(Some(&counted)), "The Wire 1,200, Times 3, and 4 others");
        assert_eq!(line(None), "");
    }

    #[test]
    fn a_value_over_time_has_its_first_and_its_last_stretch() {
        let bucket = |value: &str, count| FacetBucket { value: value.into(), count, ..Default::default() };
        let over = |value: &str, count, days: &[&str]| {
            let buckets = days.iter().map(|day| bucket(day, 1)).collect();
            let nested = Some(FacetResult { buckets, ..Default::default() });
            FacetBucket { nested, ..bucket(value, count) }
        };
        let days = ["2014-01-01", "2015-01-01", "2016-01-01"];
        let buckets = vec![over("mayor", 12, &days), over("senator", 2, &days[..1]), over("critic", 1, &[])];
        let counted = FacetResult { buckets, ..Default::default() };
        let line = "mayor 12 (2014-01-01 to 2016-01-01), senator 2 (2014-01-01), critic 1";
        assert_eq!(spans(Some(&counted)), line);
    }

    #[test]
    fn a_label_stands_before_the_first_of_its_lines() {
        let mut out = anstream::StripStream::new(Vec::new());
        labelled(&mut out, "outlets", &"The Wire 12, ".repeat(12)).unwrap();
        labelled(&mut out, "nothing", "").unwrap();
        let out = String::from_utf8(out.into_inner()).unwrap();
        assert!(out.starts_with("  outlets               The Wire 12,"), "{out}");
        assert!(
            out.lines().count() > 1 && out.lines().skip(1).all(|line| line.starts_with("      ")),
            "{out}"
        );
        assert!(!out.contains("nothing"));
    }
}
