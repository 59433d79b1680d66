//! Any text, analysed: every span slices, what is said of it is in the promised order, and the analysis as clients get it is one that
//! they could hand in again. With rules in the place of the network, and with the faster network.

use super::{Target, by_rules, chosen, text};
use dictum::analysis::{Analyzer, Input, Options, quote_ids};
use dictum::domain::annotation::{Analysis, AnalyzerName};
use dictum::domain::span::{ByteSpan, OffsetMap};
use dictum::domain::time::Timestamp;
use dictum::transport::from_proto::imported;
use dictum::transport::to_proto::analysis::{Renderer, Rendering};
use std::collections::HashSet;

#[rustfmt::skip]
const WORDS: &[&str] = &[
    "“", "”", "‘", "’", "\"", "'", "«", "»", "„", "``", "''", "—", "…", "\n\n", "\r\n", "\u{2028}", "\u{feff}", "\0", "\u{202e}",
    "e\u{301}", "👩‍🚀", "東京", "&quot;", "&#8220;", "â€œ", "=\n", "> ", "said ", " told Bo Bell that ", "according to ", "he added ",
    "Ann Ames", "Mr. ", "U.S. ", "Acme Inc. (AI) ", "$5 million ", "on Sept. 5 ", "last Tuesday ", "Q: ", "A: ", "who ", ": ", ". ",
];

/// Rules find roles and names.
pub const BY_RULES: Target = Target {
    name: "analysis",
    sample: 400,
    words: WORDS,
    seeds: super::none,
    begin: || {
        let analyzer = by_rules::analyzer();
        Box::new(move |data| run(&analyzer, data))
    },
};

/// The faster of the networks finds them, with the seeds of [`BY_RULES`].
pub const BY_NETWORK: Target = Target {
    name: "network",
    sample: 25,
    words: WORDS,
    seeds: || BY_RULES.seeds(),
    begin: || {
        let analyzer = Analyzer::embedded(AnalyzerName::Fast);
        Box::new(move |data| run(&analyzer, data))
    },
};

fn run(analyzer: &Analyzer, data: &[u8]) {
    let (choice, rest) = chosen(data);
    let text = text(rest);
    let language = [None, Some("en"), Some("de"), Some("x")][usize::from(choice & 3)];
    let published_at = (choice & 4 != 0).then_some(Timestamp { seconds: 1_700_000_000, nanos: 0 });
    let input = Input { text: &text, published_at, language };
    let mut analysis = analyzer.analyze(&input, &Options::default());
    slices(&text, &mut analysis);
    is_in_order(&analysis);
    let ids: Vec<_> = quote_ids(&text, &analysis.quotes).iter().map(|id| id.as_str().to_owned()).collect();
    assert_eq!(ids, analysis.quotes.iter().map(|quote| quote.id.clone()).collect::<Vec<_>>());
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "a quote's id is its own");
    comes_back(&text, &analysis);
    if choice & 8 != 0 {
        assert_eq!(analyzer.analyze(&input, &Options::default()), analysis, "the same text gives the same");
    }
}

/// Every span stands on characters and says the same in every unit.
fn slices(text: &str, analysis: &mut Analysis) {
    let map = OffsetMap::new(text);
    let analyzed = analysis.coverage.analyzed.clone();
    for span in analysis.spans_mut().map(|span| *span).chain(analyzed) {
        let again = ByteSpan::new(text, span.begin as usize, span.end as usize);
        assert!(again == Some(span) && !span.is_empty(), "{span:?}");
        for byte in [span.begin, span.end] {
            let position = map.position(byte);
            assert_eq!(map.byte_of_utf16(position.utf16), Some(byte));
            assert_eq!(map.byte_of_code_point(position.code_points), Some(byte));
        }
    }
}

fn is_in_order(analysis: &Analysis) {
    assert!(analysis.coverage.analyzed.is_sorted_by(|a, b| a.end <= b.begin), "coverage is disjoint");
    let first =
        analysis.entities.iter().map(|entity| entity.mentions.first().map(|mention| mention.span.begin));
    assert!(first.is_sorted(), "entities stand in the order of their first mentions");
    assert!(analysis.quotes.is_sorted_by_key(|quote| quote.contents.first().map(|span| span.begin)));
    let known: HashSet<_> = analysis.entities.iter().map(|entity| &entity.id).collect();
    for quote in &analysis.quotes {
        assert!(
            !quote.contents.is_empty() && quote.contents.is_sorted_by(|a, b| a.end <= b.begin),
            "{quote:?}"
        );
        assert!((0.0..=1.0).contains(&quote.confidence), "{quote:?}");
        assert!(quote.about.iter().chain(&quote.speaker.entity).all(|id| known.contains(id)), "{quote:?}");
    }
}

/// What a client gets, it may give back.
fn comes_back(text: &str, analysis: &Analysis) {
    let everything = Rendering { utf16: true, code_points: true, evidence: true };
    let rendered = Renderer::new(text, everything).analysis(analysis);
    let contents = rendered.quotes.iter().flat_map(|quote| &quote.contents);
    for span in contents {
        assert_eq!(span.text, text[span.begin as usize..span.end as usize]);
    }
    match imported::analysis(text, rendered) {
        Ok(read) => assert_eq!(&read, analysis),
        Err(failure) => panic!("refused as an import: {failure:?}"),
    }
}
