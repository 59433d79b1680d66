//! English dates to ISO 8601, as precise as they are: `2025-09-05`, `2025-W36`, `2025-09`, `2025`. What depends on the
//! day of writing ("Friday", "next month") is counted from the publication time, in UTC, to the side that the verb
//! beside it tells ([`tense`]); what stays open (ranges, seasons without a year, 04/05) has no ISO form here rather than
//! a wrong one. Which words are a date is the detector's business, but for those that mean nothing without a publication
//! time ([`relative`]). Start at [`normalized`].

pub mod relative;
pub mod tense;

use crate::analysis::signals::Layout;
use crate::domain::annotation::{Entity, EntityType};
use crate::domain::time::Timestamp;
use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::{Span, ToSpan, tz::TimeZone};
use tense::{Tense, tense};

/// A date without a year is taken to lie at most so many days after the publication, or so many before it. News look
/// back more than ahead; what is left between stays open.
const AHEAD: i32 = 92;
const BACK: i32 = 230;
/// The same where the verb beside it tells the side.
const FAR: i32 = 330;

/// The ISO form of a date's text, where it has one for certain.
pub fn normalized(text: &str, published_at: Option<Timestamp>, tense: Tense) -> Option<String> {
    let tokens = tokens(text)?;
    let today = published_at.and_then(day_of);
    let bare = without_framing(&tokens);
    absolute(bare).or_else(|| relative_to(today?, bare, tense)).map(|when| when.to_string())
}

/// Whether a date's text means another day in another tense: "Monday" does, "yesterday" and "May 2020" do not.
pub(super) fn depends_on_tense(text: &str) -> bool {
    let tokens = tokens(text).unwrap_or_default();
    let named = tokens.iter().any(|token| matches!(token, Day(_) | Month(_)));
    named && absolute(without_framing(&tokens)).is_none()
}

/// A day, a week, a month or a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Day(Date),
    Week(ISOWeekDate),
    Month { year: i16, month: i8 },
    Year(i16),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'t> {
    Number(i16),
    /// Four digits that can be a year.
    Year(i16),
    Month(i8),
    Weekday(Weekday),
    Word(&'t str),
}

use Token::{Month, Number, Weekday as Day, Word, Year};

impl std::fmt::Display for When {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Day(date) => write!(f, "{date}"),
            Self::Week(week) => write!(f, "{:04}-W{:02}", week.year(), week.week()),
            Self::Month { year, month } => write!(f, "{year:04}-{month:02}"),
            Self::Year(year) => write!(f, "{year:04}"),
        }
    }
}

fn day_of(published_at: Timestamp) -> Option<Date> {
    let instant = jiff::Timestamp::new(published_at.seconds, published_at.nanos.try_into().ok()?).ok()?;
    Some(instant.to_zoned(TimeZone::UTC).date())
}

/// The words and numbers of a date in lower case; `None` where a sign stands between them that makes it something
/// else than one date (a range, a fraction).
fn tokens(text: &str) -> Option<Vec<Token<'static>>> {
    let text = text.trim().to_lowercase().replace('’', "'");
    let text = text.strip_suffix("'s").unwrap_or(&text);
    if let Ok(date) = text.parse::<Date>()
        && text.len() == 10
    {
        return Some(vec![Year(date.year()), Month(date.month()), Number(date.day().into())]);
    }
    let separator = |c: char| c.is_whitespace() || matches!(c, ',' | '.');
    text.split(separator).filter(|part| !part.is_empty()).map(token).collect()
}

fn token(part: &str) -> Option<Token<'static>> {
    let digits = part.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let suffix = &part[digits.len()..];
    if !digits.is_empty() {
        let plain =
            digits.bytes().all(|b| b.is_ascii_digit()) && matches!(suffix, "" | "st" | "nd" | "rd" | "th");
        let number: i16 = digits.parse().ok().filter(|_| plain)?;
        return Some(if digits.len() == 4 && suffix.is_empty() { Year(number) } else { Number(number) });
    }
    month(part).map(Month).or_else(|| weekday(part).map(Day)).or_else(|| word(part).map(Word))
}

fn month(name: &str) -> Option<i8> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let is_named = |full: &str| {
        name == full || name.len() == 3 && full.starts_with(name) || name == "sept" && full == "september"
    };
    NAMES.iter().position(|full| is_named(full)).map(|at| at as i8 + 1)
}

fn weekday(name: &str) -> Option<Weekday> {
    let (full, short): (&[&str], &[&str]) = (
        &["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
        &["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    );
    let at = full.iter().position(|day| *day == name);
    let at = at.or_else(|| {
        short.iter().position(|day| {
            *day == name || name == "tues" && *day == "tue" || name == "thurs" && *day == "thu"
        })
    });
    Weekday::from_monday_zero_offset(at? as i8).ok()
}

/// The other words that a date may hold. Anything else makes it no date that is understood.
const WORDS: &str = "a about afternoon after ago around at before beginning by coming day days during earlier early \
    end evening every following from in last late later mid middle midnight month months morning next night noon of on \
    one past since start summer the this three today tomorrow tonight two until week weeks winter year years yesterday \
    autumn fall spring four five six seven eight nine ten";

fn word(name: &str) -> Option<&'static str> {
    WORDS.split_whitespace().find(|known| *known == name)
}

/// A date without what frames it and leaves it as precise as it was ("on", "early", "the end of", "morning").
fn without_framing<'a>(mut tokens: &'a [Token<'static>]) -> &'a [Token<'static>] {
    while let [Word(word), rest @ ..] = tokens {
        let keeps = matches!((*word, rest), ("the", [Word("day"), ..]));
        let season = listed(SEASONS, word) && matches!(rest, [Year(_)] | [Word("of"), Year(_)]);
        if keeps || rest.is_empty() || !(season || listed(FRAMES, word)) {
            break;
        }
        tokens = rest;
    }
    match tokens {
        [rest @ .., Word(part)]
            if listed(DAY_PARTS, part) && matches!(rest.last(), Some(Day(_) | Number(_))) =>
        {
            rest
        }
        _ => tokens,
    }
}

const FRAMES: &str =
    "on in the by of at around about during since until from early late mid end beginning start middle";
const SEASONS: &str = "spring summer autumn fall winter";
const DAY_PARTS: &str = "morning afternoon evening night noon midnight";

fn listed(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|listed| listed == word)
}

/// Dates that carry their year.
fn absolute(tokens: &[Token<'_>]) -> Option<When> {
    match *tokens {
        [Day(_), ref rest @ ..] if rest.len() >= 3 => absolute(rest),
        [Month(month), Number(day), Year(year)]
        | [Number(day), Month(month), Year(year)]
        | [Number(day), Word("of"), Month(month), Year(year)]
        | [Year(year), Month(month), Number(day)] => date(year, month, day).map(When::Day),
        [Month(month), Year(year)] | [Month(month), Word("of"), Year(year)] => {
            Some(When::Month { year, month })
        }
        [Year(year)] if (1000..2200).contains(&year) => Some(When::Year(year)),
        _ => None,
    }
}

/// Dates that count from a day.
fn relative_to(today: Date, tokens: &[Token<'_>], tense: Tense) -> Option<When> {
    match *tokens {
        [Word("today" | "tonight")] | [Word("this"), Word("morning" | "afternoon" | "evening")] => {
            Some(When::Day(today))
        }
        [Word("yesterday")] | [Word("last"), Word("night")] | [Word("yesterday"), Word(_)] => {
            shifted(today, -1)
        }
        [Word("tomorrow")] | [Word("tomorrow"), Word(_)] => shifted(today, 1),
        [Word("the"), Word("day"), Word("before"), Word("yesterday")] => shifted(today, -2),
        [Word("the"), Word("day"), Word("after"), Word("tomorrow")] => shifted(today, 2),
        [Day(weekday)] | [Word("this"), Day(weekday)] if tense == Tense::Future => {
            next(weekday, today).map(When::Day)
        }
        [Day(weekday)]
        | [Word("this" | "past"), Day(weekday)]
        | [Word("this"), Word("past"), Day(weekday)] => last(weekday, today).map(When::Day),
        [Word("last"), Day(weekday)] => last(weekday, today.yesterday().ok()?).map(When::Day),
        [Word("coming"), Day(weekday)] | [Word("this"), Word("coming"), Day(weekday)] => {
            today.nth_weekday(1, weekday).ok().map(When::Day)
        }
        [Day(weekday), Month(month), Number(day)]
        | [Day(weekday), Number(day), Month(month)]
        | [Day(weekday), Number(day), Word("of"), Month(month)] => {
            near_day(month, day, today, tense, |date| date.weekday() == weekday).map(When::Day)
        }
        [Month(month), Number(day)]
        | [Number(day), Month(month)]
        | [Number(day), Word("of"), Month(month)] => {
            near_day(month, day, today, tense, |_| true).map(When::Day)
        }
        [Month(month)] => near_month(month, today, tense),
        [Word("this" | "last" | "next"), Month(_)] => turn_of_month(tokens, today),
        [Word(turn), Word("week")] => shifted_weeks(today, turns(turn)?),
        [Word(turn), Word(unit @ ("month" | "year"))] => shifted_unit(today, turns(turn)?, unit),
        [Word("earlier" | "later"), Word("this"), Word("week")] => shifted_weeks(today, 0),
        [Word("earlier" | "later"), Word("this"), Word(unit @ ("month" | "year"))] => {
            shifted_unit(today, 0, unit)
        }
        [count, Word("day" | "days"), Word("ago")] => shifted(today, -counted(count)?),
        [count, Word("week" | "weeks"), Word("ago")] => shifted_weeks(today, -counted(count)?),
        [count, Word("month" | "months"), Word("ago")] => shifted_unit(today, -counted(count)?, "month"),
        [count, Word("year" | "years"), Word("ago")] => shifted_unit(today, -counted(count)?, "year"),
        _ => None,
    }
}

fn date(year: i16, month: i8, day: i16) -> Option<Date> {
    Date::new(year, month, day.try_into().ok()?).ok()
}

fn shifted(today: Date, days: i64) -> Option<When> {
    today.checked_add(days.days()).ok().map(When::Day)
}

fn shifted_weeks(today: Date, weeks: i64) -> Option<When> {
    today.checked_add(weeks.weeks()).ok().map(|date| When::Week(date.iso_week_date()))
}

fn shifted_unit(today: Date, by: i64, unit: &str) -> Option<When> {
    let span: Span = if unit == "year" { by.years() } else { by.months() };
    let then = today.first_of_month().checked_add(span).ok()?;
    Some(if unit == "year" {
        When::Year(then.year())
    } else {
        When::Month { year: then.year(), month: then.month() }
    })
}

fn turns(word: &str) -> Option<i64> {
    match word {
        "last" | "past" => Some(-1),
        "this" => Some(0),
        "next" | "coming" => Some(1),
        _ => None,
    }
}

fn counted(token: Token<'_>) -> Option<i64> {
    const NUMBERS: [&str; 10] =
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    match token {
        Number(count) => Some(count.into()),
        Word("a") => Some(1),
        Word(word) => NUMBERS.iter().position(|number| *number == word).map(|at| at as i64 + 1),
        _ => None,
    }
}

/// The last such weekday up to and including a day: a report's bare weekday is the one just past.
fn last(weekday: Weekday, until: Date) -> Option<Date> {
    if until.weekday() == weekday { Some(until) } else { until.nth_weekday(-1, weekday).ok() }
}

/// The first such weekday from a day on.
fn next(weekday: Weekday, from: Date) -> Option<Date> {
    if from.weekday() == weekday { Some(from) } else { from.nth_weekday(1, weekday).ok() }
}

/// The day of a month that lies near the publication, on the side that the verb tells.
fn near_day(month: i8, day: i16, today: Date, tense: Tense, fits: impl Fn(Date) -> bool) -> Option<Date> {
    let years = [today.year(), today.year() - 1, today.year() + 1];
    let near = match tense {
        Tense::Past => -FAR..=0,
        Tense::Future => 0..=FAR,
        Tense::Unknown => -BACK..=AHEAD,
    };
    let is_near = |date: &Date| date.since(today).is_ok_and(|away| near.contains(&away.get_days()));
    years.into_iter().filter_map(|year| date(year, month, day)).find(|date| is_near(date) && fits(*date))
}

/// Such a month near the publication, under the same bounds.
fn near_month(month: i8, today: Date, tense: Tense) -> Option<When> {
    match i64::from((month - today.month()).rem_euclid(12)) {
        0 => shifted_unit(today, 0, "month"),
        ahead if tense == Tense::Future => shifted_unit(today, ahead, "month"),
        ahead if tense == Tense::Past => shifted_unit(today, ahead - 12, "month"),
        ahead @ 1..=2 => shifted_unit(today, ahead, "month"),
        ahead @ 5.. => shifted_unit(today, ahead - 12, "month"),
        _ => None,
    }
}

fn turn_of_month(tokens: &[Token<'_>], today: Date) -> Option<When> {
    let [Word(turn), Month(month)] = *tokens else { return None };
    let ahead = i64::from((month - today.month()).rem_euclid(12));
    match turn {
        "this" if month >= today.month() => shifted_unit(today, ahead, "month"),
        "this" => shifted_unit(today, ahead - 12, "month"),
        "last" => shifted_unit(today, ahead - 12, "month"),
        // In March, "next April" may be next month's or the year after's.
        _ => None,
    }
}

/// Gives every date among the entities its ISO form, where it has one.
pub fn normalize(layout: &Layout<'_>, entities: &mut [Entity], published_at: Option<Timestamp>) {
    for date in entities.iter_mut().filter(|entity| entity.entity_type == EntityType::Date) {
        let mut sides = date.mentions.iter().map(|mention| tense(layout, &layout.words_of(mention.span)));
        let side = sides.find(|side| *side != Tense::Unknown).unwrap_or(Tense::Unknown);
        date.normalized = normalized(&date.name, published_at, side);
    }
}

#[cfg(test)]
mod tests;
