//! What ids of quotes promise.

use super::quote_ids;
use proptest::prelude::*;
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;

fn id(content: &str) -> String {
    ids(&[&[content]]).remove(0)
}

fn ids(quotes: &[&[&str]]) -> Vec<String> {
    let ids = quote_ids(quotes.iter().map(|contents| contents.iter().copied()));
    ids.into_iter().map(|id| id.to_string()).collect()
}

#[test]
fn ids_are_pinned_for_ever() {
    let pinned = [
        ("“The harbour stays open,”", "q5r8v39bkrb9fss7k"),
        ("", "qttkrg4cci012dseo"),
        ("3.5 Millionen, sagt Straßburg", "qnnpli4c5s9f04k8b"),
        ("港は開いたままです", "q87mkbrgnsdk7ggvt"),
        ("المَرفأ يَبقى مفتوحًا", "qb1hhhnne5q49d8pq"),
    ];
    for (content, expected) in pinned {
        assert_eq!(id(content), expected, "{content}");
    }
    let twice = ids(&[&["Yes."], &["No."], &["Yes"]]);
    assert_eq!(twice[2], "q76dj19l17oh6thl9");
}

/// The scheme's word of each character that there is. Where this fails, a table of Unicode has changed under the
/// scheme: keep the old answers for the characters concerned.
#[test]
fn the_scheme_is_pinned_for_every_character() {
    let mut hasher = blake3::Hasher::new();
    let mut folded = super::Folded::default();
    for c in '\0'..=char::MAX {
        hasher.update(folded.of(vec![c.encode_utf8(&mut [0; 4])]).as_bytes()).update(b"\n");
    }
    assert_eq!(
        hasher.finalize().to_hex().as_str(),
        "3682c31d63c3e33739b0e1ed535a93f6fb8e9d7b49f675119a5a1f33b14fe905"
    );
}

#[test]
fn what_spellings_differ_in_leaves_the_id() {
    let same = [
        ("“We won’t wait,”", "\"we won't   wait\""),
        ("the harbour\nstays open", "The Harbour stays open."),
        ("café à Genève", "cafe\u{301} a geneve"),
        ("har\u{ad}bour", "harbour"),
        ("ＯＰＥＣ ２", "OPEC 2"),
        ("STRASSE ΟΔΟΣ ISTANBUL", "straße οδος ıstanbul"),
        ("港は開いた\nままです。", "「港は開いたままです」"),
        ("‘open’ — or closed", "open, or closed"),
        ("שָׁלוֹם", "שלום"),
    ];
    for (one, other) in same {
        assert_eq!(id(one), id(other), "{one}");
    }
    assert_eq!(ids(&[&["“We will", "wait”"]]), ids(&[&["we", "will wait"]]), "parts are not told apart");
}

#[test]
fn other_words_are_another_quote() {
    let texts = [
        "",
        "open",
        "opens",
        "o pens",
        "open open",
        "openopen",
        "not open",
        "3.5",
        "35",
        "か",
        "が",
        "कि",
        "कु",
        "한",
        "하",
        "\u{e123}",
        "\u{378}",
        "łodz",
        "lodz",
    ];
    let distinct: BTreeSet<String> = texts.iter().map(|text| id(text)).collect();
    assert_eq!(distinct.len(), texts.len());
}

#[test]
fn quotes_of_the_same_words_are_counted() {
    let all = ids(&[&["Yes"], &["Yes!"], &["No"], &["“yes”"]]);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 4);
    assert_eq!(ids(&[&["yes"], &["no"], &["yes"], &["yes"]])[2..], [all[1].clone(), all[3].clone()]);
}

proptest! {
    #[test]
    fn ids_are_valid_and_hold_through_what_spellings_differ_in(text in "\\PC{0,40}") {
        let one = id(&text);
        prop_assert_eq!(one.len(), 17);
        prop_assert!(one[1..].bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase()));
        // A Greek iota below its vowel moves past marks of other scripts where it becomes a letter.
        prop_assume!(!text.nfd().any(|c| c == super::IOTA_BELOW));
        for other in [text.nfc().collect(), text.nfd().collect(), text.to_uppercase(), format!("“ {text}\n”")] {
            prop_assert_eq!(&one, &id(&other), "{}", other);
        }
    }

    #[test]
    fn a_later_quote_changes_no_id_before_it(texts in prop::collection::vec("[ab ]{0,3}", 1..12)) {
        let quotes = |n: usize| quote_ids(texts[..n].iter().map(|text| [text.as_str()]));
        let all = quotes(texts.len());
        prop_assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        for n in 0..texts.len() {
            prop_assert_eq!(&quotes(n), &all[..n]);
        }
    }
}
