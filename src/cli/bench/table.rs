//! A report as people read it: a line that says what was done, a table by method, and what must not be overlooked under it. Start at
//! [`print`].

use super::report::{QUANTILES, Report, millis};
use super::tally::{Call, Row};
use crate::cli::layout::{FAINT, STRONG, count, grouped};
use crate::cli::query::table;
use comfy_table::CellAlignment;
use hdrhistogram::Histogram;
use std::io::{self, Write};
use std::time::Duration;

const WRONG: anstyle::Style = anstyle::AnsiColor::Red.on_default();

/// Columns before the times.
const COUNTS: [&str; 5] = ["method", "sent", "ok", "shed", "errors"];

/// The table and the lines around it.
pub fn print(out: &mut impl Write, report: &Report) -> io::Result<()> {
    writeln!(out, "{}\n", heading(report))?;
    rows(out, report)?;
    writeln!(out)?;
    for line in [rates(report), service(report)] {
        writeln!(out, "{line}")?;
    }
    if report.unsent > 0 {
        let unsent = count(report.unsent, "request was", "requests were");
        let why = "the service did not keep up: all that may be in flight was";
        writeln!(out, "{WRONG}{unsent} due and not sent{WRONG:#}  {why}; the last row counts their waiting")?;
    }
    if report.abandoned > 0 {
        let abandoned = count(report.abandoned, "request was", "requests were");
        writeln!(out, "{abandoned} under way at the end and counted nowhere")?;
    }
    shed(out, report)?;
    failures(out, report)
}

fn heading(report: &Report) -> String {
    let plan = &report.plan;
    let pacing = match &plan.open {
        Some((rate, arrivals)) => {
            format!(
                "open loop, {} a second wanted ({arrivals}), at most {} in flight",
                plain(*rate),
                plan.at_once
            )
        }
        None => format!(
            "closed loop, {}: a slow answer holds up the next request, and latencies do not show it",
            count(plan.at_once as u64, "worker", "workers")
        ),
    };
    let connections = count(plan.connections as u64, "connection", "connections");
    let early = if report.is_early { ", stopped early" } else { "" };
    let warmup = match plan.warmup {
        Duration::ZERO => String::new(),
        warmup => format!(" after {} of warm-up", seconds(warmup)),
    };
    format!(
        "{STRONG}{}{STRONG:#}  {pacing}\n{FAINT}{} measured{warmup}{early}, {connections}, seed {}{FAINT:#}",
        plan.workload,
        seconds(report.measured),
        plan.seed
    )
}

fn rows(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let mut heading = COUNTS.to_vec();
    heading.extend(QUANTILES.iter().map(|(name, _)| *name));
    heading.push("max");
    let mut rows = table(&heading);
    for (call, row) in &report.rows {
        rows.add_row(cells(name(call), row));
    }
    rows.add_row(cells("all".to_owned(), &report.all));
    for column in rows.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    rows.lines().try_for_each(|line| writeln!(out, "{}", line.trim_end()))
}

fn cells(name: String, row: &Row) -> Vec<String> {
    let counts = [row.sent(), row.ok, row.shed, row.failed].map(grouped);
    [vec![name], counts.to_vec(), times(&row.latency)].concat()
}

/// The quantiles and the longest.
fn times(times: &Histogram<u64>) -> Vec<String> {
    let quantiles = QUANTILES.iter().map(|(_, quantile)| times.value_at_quantile(*quantile));
    quantiles.chain([times.max()]).map(|micros| decimal(millis(micros))).collect()
}

/// The method without its service, and which sort.
fn name(call: &Call) -> String {
    let method = call.method.rsplit('/').next().unwrap_or(&call.method);
    format!("{method} {}", call.variant).trim_end().to_owned()
}

/// What was sent and answered a second. Deletions that keep the corpus small come on top of what was wanted.
fn rates(report: &Report) -> String {
    let deletes = report.rows.iter().filter(|(call, _)| call.method.ends_with("/DeleteDocument"));
    let (deleted, deleted_ok) = match report.plan.workload.as_str() {
        // There, they were asked for.
        "file" => (0, 0),
        _ => deletes.fold((0, 0), |(sent, ok), (_, row)| (sent + row.sent(), ok + row.ok)),
    };
    let wanted = report.plan.open.as_ref().map(|(rate, _)| format!("{} wanted, ", plain(*rate)));
    let sent = decimal(report.rate(report.all.sent() - deleted));
    let ok = decimal(report.answered_rate(report.all.ok - deleted_ok));
    let more = match deleted {
        0 => String::new(),
        _ => format!(" and {} deletions", decimal(report.rate(deleted))),
    };
    let time = match report.until_answered.saturating_sub(report.measured) {
        late if late * 100 < report.measured => String::new(),
        _ => format!(" over the {} until the last answer", seconds(report.until_answered)),
    };
    format!("a second: {}{sent} sent{more}, {ok} answered with success{time}", wanted.unwrap_or_default())
}

fn service(report: &Report) -> String {
    if report.plan.open.is_none() {
        return format!("{FAINT}times are milliseconds from when a request was sent{FAINT:#}");
    }
    let parts = named(&report.all.service);
    let due = "times are milliseconds from when a request was due";
    format!("{FAINT}{due}; from when it was sent, of all: {parts}{FAINT:#}")
}

fn shed(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let (shed, told) = (report.all.shed, report.all.shed_with_retry_info);
    match shed {
        0 => Ok(()),
        _ if shed == told => {
            writeln!(out, "{} turned away, all with RetryInfo", count(shed, "request was", "requests were"))?;
            served(out, report)
        }
        _ => {
            let without = grouped(shed - told);
            let shed = count(shed, "request was", "requests were");
            writeln!(out, "{shed} turned away, {WRONG}{without} of them without RetryInfo{WRONG:#}")?;
            served(out, report)
        }
    }
}

/// How long those took that were answered with success, where others were turned away.
fn served(out: &mut impl Write, report: &Report) -> io::Result<()> {
    writeln!(out, "{FAINT}those that were answered with success: {}{FAINT:#}", named(&report.all.served))
}

/// The quantiles of a histogram, each with its name.
fn named(histogram: &Histogram<u64>) -> String {
    let names = QUANTILES.iter().map(|(name, _)| *name).chain(["max"]);
    let parts = names.zip(times(histogram)).map(|(name, time)| format!("{name} {time}"));
    parts.collect::<Vec<_>>().join(", ")
}

/// What was said to those that were not answered with success, by method and code.
fn failures(out: &mut impl Write, report: &Report) -> io::Result<()> {
    for (call, row) in &report.rows {
        for (code, message) in &row.examples {
            let many = grouped(row.codes.get(code).copied().unwrap_or_default());
            let message = message.replace('\n', " ");
            writeln!(out, "  {} {code} {many}  {FAINT}{message}{FAINT:#}", name(call))?;
        }
    }
    Ok(())
}

fn seconds(time: Duration) -> String {
    format!("{} s", plain(time.as_secs_f64()))
}

/// A number that somebody chose: 0.5, 50, 7.25.
fn plain(number: f64) -> String {
    format!("{number:.2}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Three digits that count: 0.412, 7.31, 42.6, 1,203.
fn decimal(number: f64) -> String {
    match number {
        _ if number == 0.0 => "0".to_owned(),
        _ if number < 1.0 => format!("{number:.3}"),
        _ if number < 10.0 => format!("{number:.2}"),
        _ if number < 1000.0 => format!("{number:.1}"),
        // A time or a rate is nowhere near the most that fits.
        _ => grouped(number.round() as u64),
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::tests::report;
    use super::*;

    #[test]
    fn people_see_what_was_wanted_and_what_came_of_it() {
        let mut page = Vec::new();
        print(&mut anstream::StripStream::new(&mut page), &report(true)).unwrap();
        let page = String::from_utf8(page).unwrap();
        for said in [
            "mixed  open loop, 10 a second wanted (even), at most 4 in flight",
            "2 s measured after 0.5 s of warm-up, stopped early, 2 connections, seed 1",
            "SearchQuotes word",
            "a second: 10 wanted, 5.00 sent and 1.00 deletions, 2.00 answered with success over the 4 s until",
            "4 requests were due and not sent",
            "2 requests were turned away, 1 of them without RetryInfo",
            "DeleteDocument INTERNAL 2  INTERNAL was said",
        ] {
            assert!(page.contains(said), "no {said} in {page}");
        }
    }

    #[test]
    fn numbers_have_three_digits_that_count() {
        let shown = [0.0, 0.4123, 7.312, 42.62, 999.9, 1203.4].map(decimal);
        assert_eq!(shown, ["0", "0.412", "7.31", "42.6", "999.9", "1,203"]);
    }
}
