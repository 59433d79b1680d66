//! Dates of news and what they are on a Friday, 5 September 2025.

use super::*;

/// Friday, 5 September 2025, 18:00 UTC.
const PUBLISHED: Timestamp = Timestamp { seconds: 1_757_095_200, nanos: 0 };

#[test]
fn dates_with_a_year_need_no_publication() {
    for (text, expected) in [
        ("February 19, 2025", "2025-02-19"),
        ("Feb. 19, 2025", "2025-02-19"),
        ("Sept. 3 2021", "2021-09-03"),
        ("19 February 2025", "2025-02-19"),
        ("19th of February, 2025", "2025-02-19"),
        ("Tuesday, July 26, 2022", "2022-07-26"),
        ("Tuesday, 26 July 2022", "2022-07-26"),
        ("on 1 October 2019", "2019-10-01"),
        ("2025-02-19", "2025-02-19"),
        ("June 2022", "2022-06"),
        ("early January of 2021", "2021-01"),
        ("2016", "2016"),
        ("the end of 2016", "2016"),
        ("summer of 2016", "2016"),
        ("2022’s", "2022"),
        ("29 February 2024", "2024-02-29"),
    ] {
        assert_eq!(normalized(text, None, Tense::Unknown).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn other_dates_count_from_the_publication() {
    for (text, expected) in [
        ("Friday", "2025-09-05"),
        ("on Thursday", "2025-09-04"),
        ("Saturday night", "2025-08-30"),
        ("Monday’s", "2025-09-01"),
        ("last Friday", "2025-08-29"),
        ("this coming Monday", "2025-09-08"),
        ("today", "2025-09-05"),
        ("this morning", "2025-09-05"),
        ("yesterday", "2025-09-04"),
        ("last night", "2025-09-04"),
        ("tomorrow", "2025-09-06"),
        ("the day before yesterday", "2025-09-03"),
        ("September 5", "2025-09-05"),
        ("5 September", "2025-09-05"),
        ("Nov. 30", "2025-11-30"),
        ("April 30", "2025-04-30"),
        ("February 19", "2025-02-19"),
        ("Sunday, September 7", "2025-09-07"),
        ("September", "2025-09"),
        ("in July", "2025-07"),
        ("last October", "2024-10"),
        ("last September", "2024-09"),
        ("this December", "2025-12"),
        ("last week", "2025-W35"),
        ("this week", "2025-W36"),
        ("next week", "2025-W37"),
        ("two weeks ago", "2025-W34"),
        ("next month", "2025-10"),
        ("last month", "2025-08"),
        ("earlier this year", "2025"),
        ("last year", "2024"),
        ("next year", "2026"),
        ("three days ago", "2025-09-02"),
        ("two months ago", "2025-07"),
        ("10 years ago", "2015"),
        ("a year ago", "2024"),
    ] {
        assert_eq!(normalized(text, Some(PUBLISHED), Tense::Unknown).as_deref(), Some(expected), "{text}");
        if !["2", "0"].iter().any(|year| text.starts_with(year)) {
            assert_eq!(normalized(text, None, Tense::Unknown), None, "{text} without a publication");
        }
    }
}

#[test]
fn what_is_not_certain_stays_open() {
    for text in [
        "",
        "2015-2016",
        "2022/23",
        "04/05/2022",
        "July 24/25",
        "May 15 to 20, 2022",
        "the 1990s",
        "next Friday",
        "next April",
        "February 30, 2025",
        "13 13 2025",
        "Easter",
        "the weekend",
        "a few days ago",
        "fiscal 2016",
        "9999",
        "99999999999999999999",
        "January",
        "Dec. 31",
        "Friday, September 7",
        "🎄",
    ] {
        assert_eq!(normalized(text, Some(PUBLISHED), Tense::Unknown), None, "{text}");
    }
}

#[test]
fn the_verb_tells_the_side() {
    use Tense::{Future, Past};
    for (text, tense, expected) in [
        ("Monday", Future, "2025-09-08"),
        ("Monday", Past, "2025-09-01"),
        ("Friday", Future, "2025-09-05"),
        ("Saturday night", Future, "2025-09-06"),
        ("last Monday", Future, "2025-09-01"),
        ("January", Future, "2026-01"),
        ("January", Past, "2025-01"),
        ("September", Past, "2025-09"),
        ("May 3", Future, "2026-05-03"),
        ("Dec. 31", Future, "2025-12-31"),
        ("Dec. 31", Past, "2024-12-31"),
        ("May 3, 2024", Future, "2024-05-03"),
    ] {
        assert_eq!(normalized(text, Some(PUBLISHED), tense).as_deref(), Some(expected), "{text} {tense:?}");
    }
    assert!(depends_on_tense("on Monday") && depends_on_tense("May 3") && depends_on_tense("January"));
    assert!(!depends_on_tense("yesterday") && !depends_on_tense("May 3, 2024") && !depends_on_tense("2024"));
}

#[test]
fn a_date_before_new_year_may_lie_after_it() {
    // 30 December 2025.
    let published = Some(Timestamp { seconds: 1_767_052_800, nanos: 0 });
    assert_eq!(normalized("January 3", published, Tense::Unknown).as_deref(), Some("2026-01-03"));
    assert_eq!(normalized("next month", published, Tense::Unknown).as_deref(), Some("2026-01"));
    assert_eq!(normalized("last month", published, Tense::Unknown).as_deref(), Some("2025-11"));
    assert_eq!(normalized("Friday", Some(Timestamp { seconds: i64::MAX, nanos: 0 }), Tense::Unknown), None);
}
