//! The analyzer on text that nobody writes: it must neither panic nor give a span that does not slice, and the same
//! text must give the same analysis on any thread.

use crate::by_rules;
use dictum::analysis::{Analyzer, Input, Options};
use dictum::domain::annotation::Analysis;
use dictum::domain::span::{ByteSpan, OffsetMap};
use proptest::prelude::*;
use std::sync::LazyLock;

static ANALYZER: LazyLock<Analyzer> = LazyLock::new(by_rules::analyzer);

fn analyze(text: &str) -> Analysis {
    ANALYZER.analyze(&Input { text, published_at: None, language: Some("en") }, &Options::default())
}

/// Every span of an analysis.
fn spans(analysis: &Analysis) -> Vec<ByteSpan> {
    let quotes = analysis.quotes.iter().flat_map(|quote| {
        quote.contents.iter().copied().chain(quote.cue).chain(quote.speaker.mention).collect::<Vec<_>>()
    });
    let mentions =
        analysis.entities.iter().flat_map(|entity| entity.mentions.iter().map(|mention| mention.span));
    quotes.chain(mentions).chain(analysis.coverage.analyzed.iter().copied()).collect()
}

/// Scraps of news between scraps of nothing.
fn odd_text() -> impl Strategy<Value = String> {
    let scraps = vec![
        "“We won,” said Ann Ames. ",
        "Ann Ames told Bo Bell that ",
        "\"",
        "“",
        "”",
        "‘",
        "’",
        "'",
        "according to ",
        "said: ",
        "👩‍🚀",
        "e\u{301}",
        "\r\n",
        "\n\n",
        "\0",
        "\u{feff}",
        "\u{2028}",
        ", ",
        ". ",
        "Mr. ",
        "U.S. ",
        "who ",
        "he added ",
        ": ",
        "—",
        "((",
        "»",
        "東京",
        "\u{202e}",
        "’n’ ",
        "Acme Inc. (AI) ",
        "$5 million ",
        "on Sept. 5 ",
    ];
    let part = prop_oneof![
        6 => prop::sample::select(scraps).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(part, 0..50).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn spans_slice_in_every_encoding(text in odd_text()) {
        let map = OffsetMap::new(&text);
        let utf16: Vec<u16> = text.encode_utf16().collect();
        for span in spans(&analyze(&text)) {
            prop_assert!(!span.is_empty() && ByteSpan::new(&text, span.begin as usize, span.end as usize).is_some());
            let [begin, end] = [map.position(span.begin), map.position(span.end)];
            let slice = span.slice(&text);
            prop_assert_eq!(String::from_utf16_lossy(&utf16[begin.utf16 as usize..end.utf16 as usize]), slice);
            let points = text.chars().skip(begin.code_points as usize);
            prop_assert_eq!(points.take((end.code_points - begin.code_points) as usize).collect::<String>(), slice);
        }
    }

    #[test]
    fn contents_ascend_and_stay_apart(text in odd_text()) {
        for quote in analyze(&text).quotes {
            prop_assert!(!quote.contents.is_empty());
            prop_assert!(quote.contents.is_sorted_by(|a, b| a.end <= b.begin));
        }
    }

    #[test]
    fn threads_agree(text in odd_text()) {
        let (one, two) = std::thread::scope(|scope| {
            let [one, two] = [scope.spawn(|| analyze(&text)), scope.spawn(|| analyze(&text))];
            (one.join(), two.join())
        });
        prop_assert_eq!(one.ok(), two.ok());
    }
}
