//! In whatever way a text is written, it says the same words.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// The words, an editor's in square brackets, with "…" for ellipses.
fn read(text: &str) -> String {
    let Wording { words, ellipses, .. } = Wording::of_claim(text);
    let mut shown: Vec<String> = Vec::new();
    for at in 0..=words.len() {
        if ellipses.contains(&at) {
            shown.push("…".into());
        }
        let Some(Word { folded, voice, .. }) = words.get(at) else { continue };
        shown.push(match voice {
            Voice::Speaker => folded.clone(),
            Voice::Mended(kept) => format!("{folded}({kept})"),
            Voice::Editor => format!("[{folded}]"),
            Voice::Joint => format!("<{folded}>"),
        });
    }
    shown.join(" ")
}

#[test]
fn ways_to_write_a_text_say_the_same() {
    let cases = [
        ("“We’ll go,” – he said; «no»!", "well go he said no"),
        ("WE'LL GO HE SAID: NO", "well go he said no"),
        ("The naïve café of Łódź", "the naive cafe of lodz"),
        ("It cost $10,000 — or 5 per cent", "it cost $ 10000 or 5 percent"),
        ("it cost $10 000", "it cost $ 10 000"),
        ("5% & 5 percent, 1.5 and 1,234,567.8", "5 percent and 5 percent 1.5 and 1234567.8"),
        ("£5, €5, 5¢", "£ 5 € 5 5 ¢"),
        (
            "the colour of the organisation’s centre travelled",
            "the color of the organizations center traveled",
        ),
        ("U.S. policy, US policy", "us policy us policy"),
        ("well-known e-mail", "well known e mail"),
        ("We wait … and … go...", "we wait … and … go …"),
        ("… we [...] wait . . . go (…)", "… we … wait … go …"),
        ("we wait.. go. Go.", "we wait go go"),
        ("[He] said [the new mayor] was [sic] right", "[he] said [the] [new] [mayor] was [sic] right"),
        ("“[T]he mayor want[ed] it", "the(he) mayor wanted(want) it"),
        ("a [bracket that is not closed", "a bracket that is not closed"),
        ("closed] here", "closed here"),
        ("[one two three four five six seven eight nine]", "one two three four five six seven eight nine"),
        ("that we wait", "<that> we wait"),
        ("That.", "that"),
        ("日本 לא שלום سلام", "日 本 לא שלום سلام"),
        ("?!… — “”", "…"),
        ("", ""),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn pieces_of_a_content_are_one_text_and_an_indirect_one_is_introduced() {
    let pieces = Wording::of_quote(["“That is it,", "and no more.”"], QuoteType::Direct);
    assert_eq!(pieces.folded(), ["that", "is", "it", "and", "no", "more"]);
    assert_eq!((pieces.counted(), pieces.slice(2..5)), (6, "it, and no"));
    assert_eq!(pieces.slice(4..99), "");
    let indirect = Wording::of_quote(["that it is"], QuoteType::Indirect);
    assert_eq!((indirect.counted(), &indirect.words[0].voice), (2, &Voice::Joint));
}

/// A word as the texts of the property have it, and each way to write it.
const WORDS: [(&str, &[&str]); 12] = [
    ("colour", &["colour", "color", "COLOUR", "Color"]),
    ("organised", &["organised", "organized", "Organised"]),
    ("travelling", &["travelling", "traveling"]),
    ("cafe", &["café", "cafe", "cafe\u{301}", "CAFÉ"]),
    ("dont", &["don’t", "don't", "DON‘T", "dont"]),
    ("us", &["U.S.", "US", "us"]),
    ("10000", &["10,000", "10000"]),
    ("percent", &["per cent", "percent", "%", "Per Cent"]),
    ("and", &["and", "&", "AND"]),
    ("fiance", &["fi\u{ad}ancé", "ﬁance", "fiance\u{200b}"]),
    ("never", &["never", "NEVER", "\u{200f}never", "ｎｅｖｅｒ"]),
    ("strasse", &["Straße", "STRASSE", "strasse"]),
];

const MARKS: [&str; 16] = [
    " ", ", ", " – ", " “", "” ", "… ", " ... ", "; ", " (", ") ", "\n", "\u{a0}", " « ", "?! ", " […] ",
    " — ",
];

/// A word and its ways, which of them each of two texts takes, and the mark behind it in each.
type Twice = ((&'static str, &'static [&'static str]), [usize; 2], [&'static str; 2]);

fn text(words: &[Twice], which: usize) -> String {
    let word = |((_, ways), way, mark): &Twice| format!("{}{}", ways[way[which] % ways.len()], mark[which]);
    words.iter().map(word).collect()
}

prop_compose! {
    fn words_twice()(words in vec(
        (select(&WORDS[..]), [0..9usize, 0..9usize], [select(&MARKS[..]), select(&MARKS[..])]), 0..24,
    )) -> Vec<Twice> {
        words
    }
}

proptest! {
    #[test]
    fn a_claim_varied_in_any_way_says_the_same_words(words in words_twice()) {
        let (one, other) = (text(&words, 0), text(&words, 1));
        prop_assert_eq!(Wording::of_claim(&one).folded(), Wording::of_claim(&other).folded(), "{} | {}", one, other);
    }

    #[test]
    fn words_stand_where_they_say_in_any_text(text in "(\\PC|[a-z \\[\\]….%$&'’]){0,80}") {
        let wording = Wording::of_claim(&text);
        let mut end = 0;
        for (at, word) in wording.words.iter().enumerate() {
            prop_assert!(!word.folded.is_empty());
            prop_assert!(word.span.begin >= end && !word.span.is_empty() && text.get(word.span.range()).is_some());
            prop_assert_eq!(wording.slice(at..at + 1), word.span.slice(&text));
            end = word.span.end;
        }
        prop_assert!(wording.ellipses.is_sorted() && wording.ellipses.iter().all(|at| *at <= wording.words.len()));
    }
}
