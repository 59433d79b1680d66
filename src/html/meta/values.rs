//! What counts as a value: of a date, of a language, of an address, of names. Pages are written by hand and by many
//! programs, and a value that is not understood is worth less than none. Knows no source.

use super::super::paragraphs::tidy;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::{rfc2822, strtime};
use jiff::tz::TimeZone;

/// Characters of the longest name or title.
const LONGEST: usize = 1000;

/// Authors of one article.
const AUTHORS: usize = 100;

/// Forms of times that are no ISO 8601, those with a zone first. Days before months only where months have names or
/// points part them, since 05/09 is September in London and May in New York.
#[rustfmt::skip]
const FORMS: [&str; 20] = [
    "%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M %z", "%Y/%m/%d %H:%M:%S %z", "%B %d, %Y %H:%M %z",
    "%B %d, %Y %I:%M %p %z", "%B %d, %Y, %I:%M %p %z",
    "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%B %d, %Y %I:%M %p",
    "%B %d, %Y, %I:%M %p", "%B %d, %Y %H:%M", "%B %d, %Y", "%A, %B %d, %Y", "%d %B %Y %H:%M", "%d %B %Y",
    "%d. %B %Y", "%Y.%m.%d",
];

/// Names of zones that mail has (RFC 5322, 4.3), with what they stand for.
#[rustfmt::skip]
const ZONES: [(&str, &str); 10] = [
    (" GMT", " +0000"), (" UTC", " +0000"), (" EST", " -0500"), (" EDT", " -0400"), (" CST", " -0600"),
    (" CDT", " -0500"), (" MST", " -0700"), (" MDT", " -0600"), (" PST", " -0800"), (" PDT", " -0700"),
];

/// What stands between a headline and a site.
const SEPARATORS: [&str; 8] = [" | ", " - ", " – ", " — ", " · ", " • ", " » ", ": "];

/// Before this year nothing was published that has a page: programs write year 1 for "not set".
const FIRST_YEAR: i16 = 1600;

/// A text in one line, if there is anything in it.
pub(super) fn text(text: &str) -> Option<String> {
    let text = tidy(&text[..text.floor_char_boundary(4 * LONGEST)]);
    (text.chars().any(char::is_alphanumeric) && text.chars().count() <= LONGEST).then_some(text)
}

/// The same, of a text that may have character references left in it, as values in scripts do.
pub(super) fn escaped(escaped: &str) -> Option<String> {
    text(&html_escape::decode_html_entities(&escaped[..escaped.floor_char_boundary(4 * LONGEST)]))
}

/// A time; in UTC where it has no zone, at midnight where it is a date.
pub(super) fn time(time: &str) -> Option<Timestamp> {
    let time = time.trim();
    let is_number = !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit());
    let read = match time.len() {
        10 if is_number => Timestamp::from_second(time.parse().ok()?).ok(),
        13 if is_number => Timestamp::from_millisecond(time.parse().ok()?).ok(),
        1..=64 => iso(time).or_else(|| in_words(time)),
        _ => None,
    };
    read.filter(|read| *read != Timestamp::UNIX_EPOCH && read.to_zoned(TimeZone::UTC).year() >= FIRST_YEAR)
}

fn iso(time: &str) -> Option<Timestamp> {
    let at = |time: DateTime| time.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    time.parse::<Timestamp>().ok().or_else(|| at(time.parse::<DateTime>().ok()?))
}

fn in_words(time: &str) -> Option<Timestamp> {
    let zoned = rfc2822::parse(time).ok().map(|zoned| zoned.timestamp());
    let named = ZONES.iter().find_map(|(zone, offset)| Some(time.strip_suffix(zone)?.to_owned() + offset));
    let time = named.as_deref().unwrap_or(time);
    let short = |form: &str| form.contains("%B").then(|| form.replace("%B", "%b"));
    let of = |form: &&str| of_form(form, time).or_else(|| of_form(&short(form)?, time));
    zoned.or_else(|| FORMS.iter().find_map(of))
}

fn of_form(form: &str, time: &str) -> Option<Timestamp> {
    let parsed = strtime::parse(form, time).ok()?;
    let civil = || parsed.to_datetime().or_else(|_| parsed.to_date().map(|date: Date| date.at(0, 0, 0, 0)));
    let at = |time: DateTime| time.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp());
    if parsed.offset().is_some() { parsed.to_timestamp().ok() } else { at(civil().ok()?).ok() }
}

/// A tag of a language in its usual case, also of a locale ("de_AT").
pub(super) fn language(tag: &str) -> Option<String> {
    let tag = tag.split(',').next()?.split('.').next()?.trim();
    let parts: Vec<&str> = tag.split(['-', '_']).collect();
    let is_word =
        |part: &&str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let (first, rest) = parts.split_first()?;
    if !(2..=3).contains(&first.len())
        || !first.bytes().all(|byte| byte.is_ascii_alphabetic())
        || !rest.iter().all(is_word)
    {
        return None;
    }
    let cased = rest.iter().map(|part| match part.len() {
        2 => part.to_ascii_uppercase(),
        4 => part[..1].to_ascii_uppercase() + &part[1..].to_ascii_lowercase(),
        _ => part.to_ascii_lowercase(),
    });
    Some(std::iter::once(first.to_ascii_lowercase()).chain(cased).collect::<Vec<_>>().join("-"))
}

/// An absolute address on the web.
pub(super) fn url(address: &str) -> Option<String> {
    let address = address.trim();
    let begin = address.get(..8)?.to_ascii_lowercase();
    let is_web = begin == "https://" || begin.starts_with("http://");
    let is_plain = !address.chars().any(|c| c.is_whitespace() || c.is_control());
    (is_web && is_plain).then(|| address.to_owned())
}

/// The names in a line of authors ("By Ada Quinn and Tom Reed").
pub(super) fn authors(line: &str) -> Vec<String> {
    let Some(line) = text(line).filter(|line| !line.contains("://") && !line.contains('@')) else {
        return Vec::new();
    };
    let parts = line.replace(" and ", ";").replace(" und ", ";").replace(" & ", ";").replace(" et ", ";");
    let mut names = Vec::new();
    for part in parts.split(';') {
        let by_comma: Vec<&str> = part.split(',').filter(|name| !name.trim().is_empty()).collect();
        // "Quinn, Ada" is one name.
        let is_list = by_comma.iter().all(|name| without_by(name).contains(' '));
        names.extend(if is_list { by_comma } else { vec![part] }.into_iter().filter_map(author));
    }
    distinct(names)
}

/// One name, as it is.
pub(super) fn author(name: &str) -> Option<String> {
    text(without_by(name)).filter(|name| name.chars().count() <= 100 && !name.contains("://"))
}

/// Each name once, in order, as many as an article has.
pub(super) fn distinct(names: Vec<String>) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    for name in names.into_iter().take(AUTHORS) {
        if !distinct.contains(&name) {
            distinct.push(name);
        }
    }
    distinct
}

fn without_by(name: &str) -> &str {
    let name = name.trim();
    let prefixes = ["By ", "by ", "BY ", "Von ", "von ", "Par ", "par ", "Por ", "por "];
    // "von Ahn" in small letters begins a name as well; a line of authors has nothing before it.
    prefixes.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name).trim()
}

/// A title without the name of the site behind or before it.
pub(super) fn without_site<'t>(title: &'t str, site: Option<&str>) -> &'t str {
    let Some(site) = site.map(str::to_lowercase) else { return title };
    let is_site = |part: &str| part.trim().to_lowercase() == site;
    let is_left = |part: &&str| !part.trim().is_empty();
    let after = SEPARATORS.iter().filter_map(|mark| title.rsplit_once(mark));
    let before = SEPARATORS.iter().filter_map(|mark| title.split_once(mark));
    let headline = after.filter(|(_, last)| is_site(last)).map(|(headline, _)| headline);
    let other = before.filter(|(first, _)| is_site(first)).map(|(_, headline)| headline);
    headline.chain(other).find(is_left).map_or(title, str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_common_forms_are_read() {
        let noon = "2025-09-05T12:00:00Z";
        let cases = [
            noon,
            "2025-09-05T14:00:00+02:00",
            "2025-09-05T14:00:00.000+0200",
            "2025-09-05 12:00:00",
            "2025-09-05T12:00",
            "2025-09-05T14:00+02:00[Europe/Berlin]",
            "Fri, 05 Sep 2025 12:00:00 GMT",
            "2025-09-05 14:00:00 +0200",
            "September 5, 2025 12:00 PM",
            "05.09.2025 12:00",
            "2025-09-05 12:00:00 UTC",
            "September 5, 2025, 08:00 AM EDT",
            "1757073600",
            "1757073600000",
            " 2025/09/05 12:00 ",
        ];
        for case in cases {
            assert_eq!(time(case).map(|time| time.to_string()).as_deref(), Some(noon), "{case}");
        }
        for case in ["2025-09-05", "20250905", "Sep 5, 2025", "5 September 2025", "Friday, September 5, 2025"]
        {
            assert_eq!(
                time(case).map(|time| time.to_string()).as_deref(),
                Some("2025-09-05T00:00:00Z"),
                "{case}"
            );
        }
        for case in
            ["", "0001-01-01T00:00:00", "1970-01-01T00:00:00Z", "05/09/2025", "yesterday", "2025-13-01"]
        {
            assert_eq!(time(case), None, "{case}");
        }
    }

    #[test]
    fn languages_have_their_usual_case() {
        let cases = [
            ("EN_us", Some("en-US")),
            ("zh-hans-CN", Some("zh-Hans-CN")),
            ("de", Some("de")),
            ("English", None),
        ];
        for (tag, expected) in cases {
            assert_eq!(language(tag).as_deref(), expected);
        }
    }

    #[test]
    fn lines_of_authors_are_taken_apart() {
        assert_eq!(authors("By Ada Quinn, Tom Reed and Lu Wei"), ["Ada Quinn", "Tom Reed", "Lu Wei"]);
        assert_eq!(authors("Quinn, Ada"), ["Quinn, Ada"]);
        assert_eq!(authors("https://example.org/ada"), [""; 0]);
    }

    #[test]
    fn the_site_goes_from_the_title_where_it_is_known() {
        assert_eq!(without_site("Rain - at last | The Wire", Some("the wire")), "Rain - at last");
        assert_eq!(without_site("Rain - at last", Some("The Wire")), "Rain - at last");
        assert_eq!(without_site("The Wire: Rain - at last", Some("The Wire")), "Rain - at last");
        assert_eq!(without_site("Rain | The Wire", None), "Rain | The Wire");
    }
}
