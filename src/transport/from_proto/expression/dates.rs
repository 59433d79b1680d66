//! Dates in filters: a year, a month or a day in UTC, each a range of time, or an instant with its offset, to the
//! microsecond: times are told apart no finer.

use crate::domain::time::Timestamp;
use jiff::civil::{Date, date};
use jiff::fmt::temporal::Pieces;

const DAY: i64 = 86_400;

/// What was written, as the range of time that it covers; an instant covers its microsecond.
pub(super) fn range(text: &str) -> Option<(Timestamp, Timestamp)> {
    let number = |text: &str, digits: usize| {
        (text.len() == digits && text.bytes().all(|b| b.is_ascii_digit()))
            .then(|| text.parse::<i16>().ok())
            .flatten()
    };
    let parts: Vec<&str> = text.split('-').collect();
    let (first, last) = match parts.as_slice() {
        [year] => {
            let first = civil(number(year, 4)?, 1, 1)?;
            (first, first.last_of_year())
        }
        [year, month] => {
            let first = civil(number(year, 4)?, number(month, 2)?, 1)?;
            (first, first.last_of_month())
        }
        [year, month, day] if day.len() == 2 => {
            let day = civil(number(year, 4)?, number(month, 2)?, number(day, 2)?)?;
            (day, day)
        }
        _ => return instant(text),
    };
    let start = |day: i64| Timestamp { seconds: day * DAY, nanos: 0 };
    Some((start(number_of(first)), start(number_of(last) + 1)))
}

/// A time with its offset; the last hours of the year 9999 too, which a library's instant does not reach.
fn instant(text: &str) -> Option<(Timestamp, Timestamp)> {
    let pieces = Pieces::parse(text).ok()?;
    let (time, offset) = (pieces.time()?, pieces.to_numeric_offset()?);
    if pieces.date().year() < 1 || i64::from(offset.seconds().abs()) >= DAY {
        return None;
    }
    let of_day = time.duration_since(jiff::civil::Time::midnight()).as_secs();
    let seconds = number_of(pieces.date()) * DAY + of_day - i64::from(offset.seconds());
    let micros = seconds * 1_000_000 + i64::from(time.subsec_nanosecond() / 1000);
    Some((of_micros(micros), of_micros(micros + 1)))
}

fn of_micros(micros: i64) -> Timestamp {
    // Floor, since nanoseconds count forward from the second; below a second they fit.
    let nanos = micros.rem_euclid(1_000_000) * 1000;
    Timestamp { seconds: micros.div_euclid(1_000_000), nanos: nanos as u32 }
}

/// Days since 1970 began.
fn number_of(day: Date) -> i64 {
    day.duration_since(date(1970, 1, 1)).as_hours() / 24
}

fn civil(year: i16, month: i16, day: i16) -> Option<Date> {
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    let is_real =
        year > 0 && (1..=12).contains(&month) && (1..=date(year, month, 1).days_in_month()).contains(&day);
    is_real.then(|| date(year, month, day))
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
        assert_eq!(range("1970-01-01T00:00:00.5Z").unwrap().1.nanos, 500_001_000);
        let (from, after) = range("1969-12-31T23:59:59.999999999Z").unwrap();
        assert_eq!((from.seconds, from.nanos, after.seconds, after.nanos), (-1, 999_999_000, 0, 0));
        let end = 253_402_300_800;
        assert_eq!(seconds("9999"), Some((end - 365 * day, end)));
        assert_eq!(seconds("9999-12"), Some((end - 31 * day, end)));
        assert_eq!(seconds("9999-12-31T23:59:59Z"), Some((end - 1, end - 1)));
        assert_eq!(seconds("0001-01-01T00:00:00Z"), Some((-62_135_596_800, -62_135_596_800)));
        for wrong in [
            "",
            "x",
            "70",
            "1970-13",
            "1970-02-30",
            "1970-1-1",
            "1970-01-01T00:00:00",
            "-1970",
            "0000",
            "1970-01-01T00:00:00+24:00",
        ] {
            assert_eq!(range(wrong), None, "{wrong}");
        }
    }
}
