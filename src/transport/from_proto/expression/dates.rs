//! Dates in filters: a year, a month or a day in UTC, each a range of time, or an instant with its offset.

use crate::domain::time::Timestamp;
use jiff::civil::{Date, date};
use jiff::{Timestamp as Instant, ToSpan};

/// What was written, as the range of time that it covers; an instant covers its nanosecond.
pub(super) fn range(text: &str) -> Option<(Timestamp, Timestamp)> {
    let number = |text: &str, digits: usize| {
        (text.len() == digits && text.bytes().all(|b| b.is_ascii_digit()))
            .then(|| text.parse::<i16>().ok())
            .flatten()
    };
    let parts: Vec<&str> = text.split('-').collect();
    let (from, until) = match parts.as_slice() {
        [year] => {
            let first = civil(number(year, 4)?, 1, 1)?;
            (first, first.checked_add(1.year()).ok()?)
        }
        [year, month] => {
            let first = civil(number(year, 4)?, number(month, 2)?, 1)?;
            (first, first.checked_add(1.month()).ok()?)
        }
        [year, month, day] if day.len() == 2 => {
            let first = civil(number(year, 4)?, number(month, 2)?, number(day, 2)?)?;
            (first, first.tomorrow().ok()?)
        }
        _ => {
            let instant: Instant = text.parse().ok()?;
            let after = instant.checked_add(1.nanosecond()).ok()?;
            return Some((timestamp(instant), timestamp(after)));
        }
    };
    let start = |day: Date| day.in_tz("UTC").ok().map(|zoned| timestamp(zoned.timestamp()));
    Some((start(from)?, start(until)?))
}

fn civil(year: i16, month: i16, day: i16) -> Option<Date> {
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    let is_real = (1..=12).contains(&month) && (1..=date(year, month, 1).days_in_month()).contains(&day);
    is_real.then(|| date(year, month, day))
}

fn timestamp(instant: Instant) -> Timestamp {
    // Floor, since nanoseconds count forward from the second.
    let nanos = instant.as_nanosecond();
    let seconds = nanos.div_euclid(1_000_000_000);
    Timestamp { seconds: seconds as i64, nanos: nanos.rem_euclid(1_000_000_000) as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_months_and_days_are_ranges() {
        let seconds = |text: &str| range(text).map(|(from, until)| (from.seconds, until.seconds));
        let day = 86_400;
        assert_eq!(seconds("1970"), Some((0, 365 * day)));
        assert_eq!(seconds("1970-02"), Some((31 * day, 59 * day)));
        assert_eq!(seconds("1970-01-02"), Some((day, 2 * day)));
        assert_eq!(seconds("1970-01-02T01:00:00+01:00"), Some((day, day)));
        assert_eq!(range("1970-01-01T00:00:00.5Z").unwrap().1.nanos, 500_000_001);
        for wrong in ["", "x", "70", "1970-13", "1970-02-30", "1970-1-1", "1970-01-01T00:00:00", "-1970"] {
            assert_eq!(range(wrong), None, "{wrong}");
        }
    }
}
