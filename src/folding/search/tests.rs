//! What the folding brings together, and what it leaves apart.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

fn fold(word: &str) -> String {
    let mut out = String::new();
    fold_into(word, &mut out);
    out
}

fn terms(text: &str) -> Vec<String> {
    let folded = words(text).map(|(_, word)| fold(without_possessive(word)));
    folded.filter(|word| !word.is_empty()).collect()
}

#[test]
fn spellings_of_one_word_fold_together() {
    let groups: [&[&str]; 34] = [
        &["walesa", "Wałęsa", "WAŁĘSA", "Wa\u{142}e\u{328}sa"],
        &["odegaard", "Ødegaard", "ØDEGAARD"],
        &["strauss", "Strauß", "STRAUẞ", "STRAUSS", "Strauſs"],
        &["thordur", "Þórður"],
        &["dokovic", "Đoković", "Doković"],
        &["aegis", "ægis", "Ægis"],
        &["oeuvre", "œuvre", "ŒUVRE"],
        &["hamrun", "Ħamrun"],
        &["tatar", "ŧatar"],
        &["aliyev", "Əliyev", "ƏLİYEV"],
        &["istanbul", "İstanbul", "ISTANBUL", "ıstanbul", "İSTANBUL"],
        &["diyarbakir", "Diyarbakır", "DİYARBAKIR"],
        &["zoe", "Zoë", "Zoe\u{308}"],
        &["nguyen", "Nguyễn"],
        &["еще", "ещё", "ЕЩЁ"],
        &["замок", "за\u{301}мок"],
        &["αθηνα", "Αθήνα", "ΑΘΗΝΑ", "Ἀθῆνα"],
        &["οδοσ", "οδός", "ΟΔΟΣ"],
        &["προιον", "προϊόν"],
        &["محمد", "مُحَمَّد", "محـــمد", "ﻣﺤﻤﺪ"],
        &["احمد", "أحمد", "آحمد", "إحمد", "ٱحمد"],
        &["مصطفي", "مصطفى"],
        &["القاهره", "القاهرة"],
        &["كريم", "کریم"],
        &["2024", "٢٠٢٤", "۲۰۲۴", "２０２４"],
        &["شلوم", "شلوم"],
        &["שלום", "שָׁלוֹם"],
        &["צהל", "צה״ל", "צה\"ל"],
        &["opec", "ＯＰＥＣ"],
        &["office", "oﬃce", "of\u{ad}fice", "of\u{200b}fice", "\u{202a}of\u{200d}\u{2060}fice\u{202c}"],
        &["us", "U.S.", "US", "U\u{2024}S", "us's", "US’s"],
        &["obrien", "O’Brien", "O'Brien", "OʼBrien"],
        &["hawaii", "Hawaiʻi", "Hawai'i"],
        &["collega", "col·lega", "coŀlega"],
    ];
    for group in groups {
        for spelling in group {
            assert_eq!(terms(spelling), [group[0]], "{spelling}");
        }
    }
}

#[test]
fn different_words_stay_apart() {
    let pairs = [
        ("か", "が"),
        ("ハ", "パ"),
        ("мои", "мой"),
        ("іх", "їх"),
        ("سؤال", "سوال"),
        ("कि", "कु"),
        ("3.5", "35"),
        ("½", "12"),
        ("한", "하"),
    ];
    for (one, other) in pairs {
        assert_ne!(terms(one), terms(other), "{one}");
    }
}

#[test]
fn text_falls_into_words_as_users_of_search_expect() {
    let cases: [(&str, &[&str]); 17] = [
        ("The U.S. president’s", &["the", "us", "president"]),
        ("Orbán O’Brien don't", &["orban", "obrien", "dont"]),
        ("3.5 1,000 ３．５ well-known", &["3.5", "1,000", "3.5", "well", "known"]),
        ("Breaking:news snake_case", &["breaking", "news", "snake", "case"]),
        ("«\u{202f}oui\u{202f}» 10\u{202f}000", &["oui", "10", "000"]),
        ("東京タワー", &["東", "京", "タ", "ワ", "ー"]),
        ("ﾄﾞｲﾂ", &["ド", "イ", "ツ"]),
        ("대통령이", &["대", "통", "령", "이"]),
        ("\u{1103}\u{1162}\u{1110}\u{1169}\u{11bc}", &["대", "통"]),
        ("iPhoneを2台", &["iphone", "を", "2", "台"]),
        ("ドナルド・トランプ", &["ド", "ナ", "ル", "ド", "ト", "ラ", "ン", "プ"]),
        ("ราชการ", &["ร", "า", "ช", "ก", "า", "ร"]),
        ("می\u{200c}خواهم", &["ميخواهم"]),
        ("Apple™ 5½ m²", &["apple", "5½", "m2"]),
        ("a\u{200b}b\u{200b} \u{200b}c", &["ab", "c"]),
        ("… “” 👩‍🚀 ’", &[]),
        ("1\u{fe0f}\u{20e3}", &["1"]),
    ];
    for (text, expected) in cases {
        assert_eq!(terms(text), expected, "{text}");
    }
}

#[test]
fn words_slice_without_what_does_not_show_around_them() {
    let text = "\u{200f}«\u{200f}שלום\u{200f}» co\u{ad}op\u{200e}, U.S.";
    let found: Vec<&str> = words(text).map(|(_, word)| word).collect();
    assert_eq!(found, ["שלום", "co\u{ad}op", "U.S"]);
    assert!(words(text).all(|(at, word)| text[at..].starts_with(word)));
}

#[test]
fn every_character_folds_as_its_variants_and_once_for_all() {
    // What is left out is ideographs and syllables, and what Unicode has not assigned.
    let first = ('\0'..='\u{33ff}').chain('\u{4db0}'..='\u{4eff}').chain('\u{9f00}'..='\u{acff}');
    let second = ('\u{d700}'..='\u{16fff}').chain('\u{1aff0}'..='\u{1ffff}');
    for c in first.chain(second).chain('\u{2f800}'..='\u{2fa1f}').chain('\u{e0000}'..='\u{e01ff}') {
        let text = format!("a{c}b");
        let folded = terms(&text);
        let again: Vec<String> = folded.iter().flat_map(|word| terms(word)).collect();
        assert_eq!(again, folded, "{c:?} {:x}", c as u32);
        assert!(!folded.iter().any(|word| word.contains(is_ignorable)), "{c:?}");
        let forms =
            [text.nfc().collect::<String>(), text.nfd().collect(), text.to_uppercase(), text.to_lowercase()];
        for other in forms.iter().filter(|form| **form != text) {
            assert_eq!(terms(other), folded, "{c:?} {:x}", c as u32);
        }
    }
}

/// Letters of a script that has rules of its own, among marks and what may stand inside words.
fn text() -> impl Strategy<Value = String> {
    let scripts = [
        "Latin",
        "Greek",
        "Cyrillic",
        "Arabic",
        "Hebrew",
        "Hangul",
        "Katakana",
        "Hiragana",
        "Han",
        "Devanagari",
        "Thai",
    ];
    let texts = scripts.map(|script| {
        let letters =
            format!("(\\p{{{script}}}|[a-zA-Z0-9’.,· \u{ad}\u{200b}\u{200f}]|[\u{300}-\u{344}]){{1,10}}");
        proptest::string::string_regex(&letters).unwrap()
    });
    proptest::strategy::Union::new(texts)
}

proptest! {
    #[test]
    fn words_that_are_cut_quickly_are_those_of_unicode(chunks in vec("[a-z0-9.,'_:/()-]{1,8}", 1..6)) {
        let found = |chunks: &[String]| {
            let text = chunks.join(" ");
            words(&text).map(|(at, word)| (text[at..][..word.len()].to_owned(), word.to_owned())).collect::<Vec<_>>()
        };
        // A chunk that begins with another mark is cut by Unicode's boundaries.
        let marked: Vec<String> = chunks.iter().map(|chunk| format!("“{chunk}")).collect();
        let (quickly, slowly) = (found(&chunks), found(&marked));
        prop_assert!(quickly.iter().all(|(there, word)| there == word));
        prop_assert_eq!(quickly, slowly);
    }

    #[test]
    fn folding_twice_changes_nothing(text in text()) {
        let once = terms(&text);
        let twice: Vec<String> = once.iter().flat_map(|word| terms(word)).collect();
        prop_assert_eq!(twice, once);
    }

    #[test]
    fn the_forms_of_unicode_fold_together(text in text()) {
        // A Greek iota below its vowel moves past other marks where it becomes a letter.
        prop_assume!(!text.nfd().any(|c| c == '\u{345}'));
        let folded = terms(&text);
        for form in [text.nfc().collect::<String>(), text.nfd().collect(), text.to_uppercase(), text.to_lowercase()] {
            prop_assert_eq!(terms(&form), folded.clone(), "{}", form);
        }
    }

    #[test]
    fn nothing_that_does_not_show_is_left(text in "\\PC{0,40}") {
        for (at, word) in words(&text) {
            prop_assert_eq!(&text[at..at + word.len()], word);
            prop_assert!(!fold(word).contains(is_ignorable));
        }
    }

    #[test]
    fn what_does_not_show_may_stand_anywhere_in_a_word(word in "[a-zà-ÿа-я]{2,10}", at in 1usize..9, n in 0usize..6) {
        let hidden = ['\u{ad}', '\u{200b}', '\u{200d}', '\u{2060}', '\u{200f}', '\u{feff}'][n];
        let mut letters: Vec<char> = word.chars().collect();
        letters.insert(at.min(letters.len() - 1), hidden);
        prop_assert_eq!(terms(&String::from_iter(letters)), terms(&word));
    }
}
