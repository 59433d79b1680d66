//! Text as people have it: through mail, web pages and word processors, in other languages. What comes out must be
//! what the clean English text gives, with spans of the text as it was sent.

use crate::by_rules;
use dictum::analysis::{Analyzer, Input, Options};
use dictum::domain::annotation::{
    AbstainReason, Analysis, CoverageMethod, EntityType, QuoteType, SpeakerKind,
};
use dictum::domain::time::Timestamp;
use std::sync::LazyLock;

static ANALYZER: LazyLock<Analyzer> = LazyLock::new(Analyzer::new);

/// Friday, 5 September 2025, 18:00 UTC.
const PUBLISHED: Timestamp = Timestamp { seconds: 1_757_095_200, nanos: 0 };

fn analyze(text: &str) -> Analysis {
    ANALYZER.analyze(&Input { text, published_at: Some(PUBLISHED), language: None }, &Options::default())
}

/// Speaker and contents of each quote, as sent but for white space and marks of quoting.
fn said(text: &str) -> Vec<(String, String)> {
    let plain = |text: &str| text.replace("\n> ", " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let quotes = analyze(text).quotes.into_iter().map(|quote| {
        let contents: Vec<String> = quote.contents.iter().map(|span| plain(span.slice(text))).collect();
        (quote.speaker.name.or(quote.speaker.description).unwrap_or_default(), contents.join(" // "))
    });
    quotes.collect()
}

fn names(text: &str, entity_type: EntityType) -> Vec<String> {
    let entities = analyze(text).entities.into_iter().filter(|entity| entity.entity_type == entity_type);
    entities.map(|entity| entity.name).collect()
}

const ARTICLE: &str = "\
Party chairman Ivo Castell said the Bank of East Varna would lend the town the money it needs, and that Trade Minister \
Nora Lindt had asked for more from San Marino.

“We have waited for nine years, and the bridge is older than any of us,” Mayor Bonnie Rask told reporters on Thursday. \
“It will not stand for another winter.”

The council will vote on the plan in October, according to a spokesman for the Northern Grain Forum.";

/// Breaks paragraphs at a column, as mail programs do.
fn wrapped(text: &str, column: usize) -> String {
    let mut out = String::new();
    for paragraph in text.split("\n\n") {
        let mut width = 0;
        out += if out.is_empty() { "" } else { "\n\n" };
        for word in paragraph.split(' ') {
            let length = word.chars().count();
            let fits = width > 0 && width + 1 + length <= column;
            out += if width == 0 {
                ""
            } else if fits {
                " "
            } else {
                "\n"
            };
            width = if fits { width + 1 + length } else { length };
            out += word;
        }
    }
    out
}

#[test]
fn lines_broken_at_a_column_change_nothing() {
    let (quotes, people) = (said(ARTICLE), names(ARTICLE, EntityType::Person));
    assert!(
        quotes.len() >= 3 && people == ["Ivo Castell", "Nora Lindt", "Bonnie Rask"],
        "{quotes:?} {people:?}"
    );
    for column in [40, 60, 66, 72, 80] {
        let text = wrapped(ARTICLE, column);
        let mail = format!("> {}", text.replace('\n', "\n> "));
        let indented = format!("    {}", text.replace('\n', "\n    "));
        let first_lines = ARTICLE.split("\n\n").map(|paragraph| wrapped(&format!("__{paragraph}"), column));
        let unparted = first_lines.collect::<Vec<_>>().join("\n").replace("__", "  ");
        for text in [text.replace('\n', "\r\n"), text, mail, indented, unparted] {
            assert_eq!(said(&text), quotes, "{text}");
            assert_eq!(names(&text, EntityType::Person), people, "{text}");
            assert_eq!(names(&text, EntityType::Gpe), names(ARTICLE, EntityType::Gpe), "{text}");
        }
    }
}

#[test]
fn marks_and_letters_are_what_they_were_before_they_were_sent() {
    let clean = "“We didn’t ask,” José Roth said. “They wouldn’t answer,” said Tom Hale of Holt’s union.";
    let expected: Vec<String> = said(clean).into_iter().map(|(speaker, _)| speaker).collect();
    assert_eq!(expected, ["José Roth", "Tom Hale"]);
    let latin = |text: &str| text.replace('“', "\u{93}").replace('”', "\u{94}").replace('’', "\u{92}");
    let entities = |text: &str| {
        let text = text.replace('“', "&ldquo;").replace('”', "&#8221;").replace('’', "&#x2019;");
        text.replace('é', "&eacute;").replace("Tom ", "Tom&nbsp;")
    };
    let twice = |text: &str| {
        let text = text.replace('“', "â€œ").replace('”', "â€\u{9d}").replace('’', "â€™");
        text.replace('é', "Ã©")
    };
    for text in [latin(clean), entities(clean), twice(clean), twice(clean).replace('\u{9d}', "")] {
        let found: Vec<String> = said(&text).into_iter().map(|(speaker, _)| speaker).collect();
        assert_eq!(
            found.iter().map(|name| name.replace('\u{a0}', " ")).collect::<Vec<_>>(),
            expected,
            "{text}"
        );
        assert!(analyze(&text).quotes.iter().all(|quote| quote.quote_type == QuoteType::Direct), "{text}");
    }
}

#[test]
fn what_shows_nothing_parts_no_name() {
    let text = "Spokes\u{ad}woman Ada\u{200b} Quinn said the harb\u{ad}our was full. “Ships must turn back,” Ada Qu\u{ad}inn said. \
        “Today,” Quinn\u{200b} added. \u{feff}Ada Quinn left the o\u{fb03}ce.";
    let analysis = analyze(text);
    let people = analysis.entities.iter().filter(|entity| entity.entity_type == EntityType::Person);
    let people: Vec<_> = people.map(|entity| (entity.name.as_str(), entity.mentions.len())).collect();
    assert_eq!(people, [("Ada Quinn", 4)]);
    assert!(analysis.quotes.iter().all(|quote| quote.speaker.name.as_deref() == Some("Ada Quinn")));
    let slices: Vec<_> =
        analysis.entities[0].mentions.iter().map(|mention| mention.span.slice(text)).collect();
    assert_eq!(slices, ["Ada\u{200b} Quinn", "Ada Qu\u{ad}inn", "Quinn", "Ada Quinn"]);
}

#[test]
fn in_another_language_quotations_have_no_speaker_and_nothing_else_is_claimed() {
    for (text, language, expected) in [
        (
            "Der Bürgermeister sprach am Freitag vor dem Rat. „Wir werden die Brücke im Mai öffnen“, sagte Karl Hofer. \
             Der Film „Der lange Winter“ läuft am Samstag.",
            "de",
            "„Wir werden die Brücke im Mai öffnen“",
        ),
        (
            "„Wir werden die Brücke im Mai öffnen“, sagte Karl Hofer.",
            "de",
            "„Wir werden die Brücke im Mai öffnen“",
        ),
        (
            "Le maire a parlé vendredi. « Nous allons rouvrir le pont au mois de mai », a déclaré Karl Hofer.",
            "fr",
            "« Nous allons rouvrir le pont au mois de mai »",
        ),
        (
            "El alcalde habló el viernes. «Vamos a abrir el puente», dijo Karl Hofer.",
            "es",
            "«Vamos a abrir el puente»",
        ),
        (
            "市長は金曜日に議会で話した。「橋は五月に再び開きます」とホーファー氏は述べた。",
            "ja",
            "「橋は五月に再び開きます」",
        ),
        (
            "Мэр выступил в пятницу. «Мы снова откроем мост в мае», — сказал Карл Хофер.",
            "ru",
            "«Мы снова откроем мост в мае»",
        ),
    ] {
        let analysis = analyze(text);
        assert_eq!(analysis.language, language, "{text}");
        assert_eq!(analysis.coverage.method, CoverageMethod::QuotationMarks);
        assert!(analysis.entities.is_empty());
        let found: Vec<_> = analysis.quotes.iter().map(|quote| quote.contents[0].slice(text)).collect();
        assert_eq!(found, [expected], "{text}");
        let speaker = &analysis.quotes[0].speaker;
        assert_eq!((speaker.kind, &speaker.mention, &speaker.name), (SpeakerKind::Unknown, &None, &None));
        assert_eq!(speaker.abstained, Some(AbstainReason::NoSource));
    }
}

#[test]
fn dates_lie_on_the_side_that_their_verb_tells() {
    for (text, expected) in [
        ("Talks resume on Monday, the mayor said.", vec![("Monday", "2025-09-08")]),
        (
            "The council met on Monday and will meet again on Tuesday.",
            vec![("Monday", "2025-09-01"), ("Tuesday", "2025-09-09")],
        ),
        (
            "The bridge closed yesterday, opens tomorrow and was full last week. It rained last month.",
            vec![
                ("yesterday", "2025-09-04"),
                ("tomorrow", "2025-09-06"),
                ("last week", "2025-W35"),
                ("last month", "2025-08"),
            ],
        ),
        (
            "The council met on Monday in Oslo. It will meet on Monday again.",
            vec![("Monday", "2025-09-01"), ("Monday", "2025-09-08")],
        ),
    ] {
        let dates =
            analyze(text).entities.into_iter().filter(|entity| entity.entity_type == EntityType::Date);
        let found: Vec<_> = dates.map(|date| (date.name, date.normalized.unwrap_or_default())).collect();
        let found: Vec<_> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn who_answers_in_an_interview_is_the_one_it_is_with() {
    let text = "Petra Holm has run the waterworks of Bergen since 2010.\n\nQ: Is the dam safe?\n\nA: It is. We look at it every week.\n\n\
        Q: And the pipes?\n\nA: No, they are old.";
    let speakers: Vec<_> = analyze(text).quotes.into_iter().map(|quote| quote.speaker.name).collect();
    let holm = Some("Petra Holm".to_owned());
    assert_eq!(speakers, [None, holm.clone(), None, holm]);
}

#[test]
fn a_long_text_of_anything_odd_takes_linear_time() {
    let analyzer = by_rules::analyzer();
    for unit in [
        "“We shut it at noon, Ada Lund said.\n\n",
        "“We shut it, said Ada, said Tom, asked ",
        "“Who? Why? she asked? ",
        "“So it is,” “and so it was,” ",
        "\" ",
        "„So ist es“, ",
        "LUND (voice-over): It rained.\n",
        "LUND: It rained.\nHALE: Did it?\n",
        "ADA, MAYOR, ADA, MAYOR, ",
        "Q: Why?\nA: It rained.\n",
        "And from Ada Lund:\n“It rained.”\n",
        "Here is Ada Lund: “It rained.” ",
        "“We lost.” Ben Wirth smiled. ",
        "Who paid? asked Ada Lund. ",
        "Monday ",
        "last week ",
        "Talks resume on Monday. ",
        "> Ada Lund said on Monday that the\n> council will meet.\n",
    ] {
        let text = unit.repeat((1 << 18) / unit.len());
        let input = Input { text: &text, published_at: Some(PUBLISHED), language: Some("en") };
        // A quadratic step would take hours.
        let analysis = analyzer.analyze(&input, &Options::default());
        assert!(analysis.quotes.iter().all(|quote| !quote.contents[0].slice(&text).is_empty()), "{unit:?}");
    }
}
