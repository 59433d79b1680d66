//! Stretches of a calendar in a time zone: to which one a time belongs. Summer time makes days of 23 and 25 hours; midnights that a
//! zone skips begin at the first instant of their day. Only what is met is worked out, so dates far apart cost nothing.

use super::super::schema;
use super::tally::Key;
use crate::domain::facet::{FacetValue, Interval};
use crate::domain::time::Timestamp;
use crate::ports::QueryFault;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp as Instant, ToSpan};
use std::collections::BTreeMap;

/// The first microsecond that no document can have been published at.
const YEAR_10000: i64 = 253_402_300_800_000_000;

/// See the module.
pub(super) struct Periods {
    interval: Interval,
    zone: TimeZone,
    /// By first microsecond: the first one after it, and the slot.
    met: BTreeMap<i64, (i64, u32)>,
    /// By slot.
    bounds: Vec<(i64, i64)>,
    last: (i64, i64, u32),
}

impl Periods {
    pub(super) fn new(interval: Interval, zone: &str) -> Result<Self, QueryFault> {
        let zone = TimeZone::get(zone).map_err(|_| QueryFault::TimeZone)?;
        Ok(Self { interval, zone, met: BTreeMap::new(), bounds: Vec::new(), last: (0, 0, 0) })
    }

    /// The slot of the stretch that holds the time, in microseconds.
    pub(super) fn slot(&mut self, time: i64) -> u32 {
        let (from, until, slot) = self.last;
        if (from..until).contains(&time) {
            return slot;
        }
        let known = self.met.range(..=time).next_back().filter(|(_, (until, _))| time < *until);
        let (from, until, slot) = match known {
            Some((from, (until, slot))) => (*from, *until, *slot),
            None => {
                let (from, until) = self.around(time);
                let slot = self.bounds.len() as u32;
                self.bounds.push((from, until));
                self.met.insert(from, (until, slot));
                (from, until, slot)
            }
        };
        self.last = (from, until, slot);
        slot
    }

    /// The key of a slot; later stretches have greater ones.
    pub(super) fn key(&self, slot: u32) -> Key {
        let (from, _) = self.bounds.get(slot as usize).copied().unwrap_or_default();
        // Moves the least number to 0, so that the order of signed numbers is kept.
        Key::from((from as u64) ^ (1 << 63))
    }

    /// The stretch of a slot.
    pub(super) fn value(&self, slot: u32) -> FacetValue {
        let (from, until) = self.bounds.get(slot as usize).copied().unwrap_or_default();
        FacetValue::Period(timestamp(from), timestamp(until))
    }

    fn around(&self, time: i64) -> (i64, i64) {
        // Times lie in the years 1 to 9999; of the last one, the calendar lacks the last day.
        let instant = Instant::from_microsecond(time).unwrap_or(Instant::MAX);
        let day = instant.to_zoned(self.zone.clone()).date();
        let first = self.first(day);
        let next = match self.interval {
            Interval::Day => first.checked_add(1.day()),
            Interval::Week => first.checked_add(1.week()),
            Interval::Month => first.checked_add(1.month()),
            Interval::Quarter => first.checked_add(3.months()),
            Interval::Year => first.checked_add(1.year()),
        };
        let micros =
            |day: Date| day.to_zoned(self.zone.clone()).map(|start| start.timestamp().as_microsecond());
        let from = micros(first).unwrap_or(schema::UNDATED + 1);
        let until = next.and_then(micros).unwrap_or(YEAR_10000);
        (from, until)
    }

    fn first(&self, day: Date) -> Date {
        let of_month = |month: i8| Date::new(day.year(), month, 1).unwrap_or(day);
        match self.interval {
            Interval::Day => day,
            Interval::Week => {
                day.checked_sub(i64::from(day.weekday().to_monday_zero_offset()).days()).unwrap_or(day)
            }
            Interval::Month => of_month(day.month()),
            Interval::Quarter => of_month((day.month() - 1) / 3 * 3 + 1),
            Interval::Year => of_month(1),
        }
    }
}

fn timestamp(micros: i64) -> Timestamp {
    Timestamp { seconds: micros.div_euclid(1_000_000), nanos: (micros.rem_euclid(1_000_000) * 1000) as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn periods(interval: Interval, zone: &str, times: &[&str]) -> Vec<(String, String)> {
        let mut periods = Periods::new(interval, zone).unwrap();
        let slots: Vec<u32> = times
            .iter()
            .map(|time| periods.slot(time.parse::<Instant>().unwrap().as_microsecond()))
            .collect();
        let show = |micros| Instant::from_microsecond(micros).unwrap().to_string();
        slots.iter().map(|slot| periods.bounds[*slot as usize]).map(|(a, b)| (show(a), show(b))).collect()
    }

    #[test]
    fn a_stretch_begins_where_the_calendar_of_the_zone_says() {
        let time = ["2024-05-16T22:30:00Z"];
        let cases = [
            (Interval::Day, "UTC", "2024-05-16T00:00:00Z", "2024-05-17T00:00:00Z"),
            (Interval::Day, "Europe/Berlin", "2024-05-16T22:00:00Z", "2024-05-17T22:00:00Z"),
            (Interval::Week, "UTC", "2024-05-13T00:00:00Z", "2024-05-20T00:00:00Z"),
            (Interval::Month, "America/New_York", "2024-05-01T04:00:00Z", "2024-06-01T04:00:00Z"),
            (Interval::Quarter, "UTC", "2024-04-01T00:00:00Z", "2024-07-01T00:00:00Z"),
            (Interval::Year, "Asia/Tokyo", "2023-12-31T15:00:00Z", "2024-12-31T15:00:00Z"),
        ];
        for (interval, zone, from, until) in cases {
            assert_eq!(periods(interval, zone, &time), [(from.into(), until.into())], "{interval:?} {zone}");
        }
    }

    #[test]
    fn days_of_summer_time_have_23_and_25_hours() {
        let found =
            periods(Interval::Day, "Europe/Berlin", &["2024-03-31T10:00:00Z", "2024-10-27T10:00:00Z"]);
        let expected = [
            ("2024-03-30T23:00:00Z", "2024-03-31T22:00:00Z"),
            ("2024-10-26T22:00:00Z", "2024-10-27T23:00:00Z"),
        ];
        assert_eq!(found, expected.map(|(from, until)| (from.to_owned(), until.to_owned())));
        // Midnight does not exist on the day on which summer time begins.
        let skipped = periods(Interval::Day, "America/Asuncion", &["2023-10-01T12:00:00Z"]);
        assert_eq!(skipped[0].0, "2023-10-01T04:00:00Z");
    }

    #[test]
    fn every_time_belongs_to_the_stretch_around_it() {
        for interval in [Interval::Day, Interval::Week, Interval::Month, Interval::Quarter, Interval::Year] {
            let mut periods = Periods::new(interval, "Europe/London").unwrap();
            for step in 0..4000_i64 {
                // Back and forth over some years, in odd steps.
                let time = (step * 7_919 % 4001) * 3_600_000_000 * 13 + 1_577_000_000_000_000;
                let slot = periods.slot(time) as usize;
                let (from, until) = periods.bounds[slot];
                assert!((from..until).contains(&time));
            }
            let mut bounds = periods.bounds.clone();
            bounds.sort_unstable();
            assert!(bounds.windows(2).all(|pair| pair[0].1 <= pair[1].0), "they are disjoint");
        }
        assert!(matches!(Periods::new(Interval::Day, "Nowhere/Land"), Err(QueryFault::TimeZone)));
    }

    #[test]
    fn the_first_and_the_last_time_belong_to_stretches_too() {
        const YEAR_1: i64 = -62_135_596_800_000_000;
        for interval in [Interval::Day, Interval::Week, Interval::Month, Interval::Quarter, Interval::Year] {
            for zone in ["UTC", "Pacific/Kiritimati", "Pacific/Midway"] {
                let mut periods = Periods::new(interval, zone).unwrap();
                for time in [YEAR_1, YEAR_10000 - 1] {
                    let slot = periods.slot(time) as usize;
                    let (from, until) = periods.bounds[slot];
                    assert!((from..until).contains(&time), "{interval:?} {zone} {time} {from} {until}");
                }
            }
        }
    }
}
