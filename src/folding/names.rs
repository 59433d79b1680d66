//! How names compare: one folded form per name, blind to what [`super::search`] folds together and to titles,
//! punctuation and possessive 's; and the surname within a folded name. Identity across documents and queries by name
//! both rest on this file: a name that folds otherwise than before is another entity. It knows words, never documents:
//! which of two people a surname means is decided elsewhere. Start at [`fold`].

use super::search;

/// Words that stand before a person's name without being part of it, in folded form. Words that also begin names of
/// institutions ("General", "Major", "Judge") are left out.
#[rustfmt::skip]
const TITLES: [&str; 47] = [
    "amb", "ambassador", "archbishop", "bishop", "brig", "capt", "captain", "chancellor", "chief", "cmdr",
    "col", "colonel", "dame", "dr", "gen", "gov", "governor", "justice", "king", "lady", "lieutenant",
    "lord", "lt", "madam", "maj", "mayor", "miss", "mme", "mr", "mrs", "ms", "pope", "president", "prince",
    "princess", "prof", "professor", "queen", "rep", "rev", "reverend", "sen", "senator", "sgt", "sheikh",
    "sir", "sultan",
];

/// Titles of two words.
const LONG_TITLES: [[&str; 2]; 6] = [
    ["prime", "minister"],
    ["foreign", "minister"],
    ["vice", "president"],
    ["attorney", "general"],
    ["secretary", "general"],
    ["crown", "prince"],
];

/// Words that belong to the surname after them.
#[rustfmt::skip]
const PARTICLES: [&str; 24] = [
    "abu", "al", "bani", "ben", "bin", "bint", "da", "dal", "de", "del", "della", "den", "der", "di", "do",
    "dos", "du", "el", "ibn", "la", "le", "st", "van", "von",
];

/// Words after a surname that are not one.
const SUFFIXES: [&str; 7] = ["jr", "sr", "ii", "iii", "iv", "phd", "md"];

/// The form under which two spellings of one name are equal: the words of the name as [`search`] folds them, separated
/// by one space, without leading articles and titles and possessive 's. "President Zelenskyy’s" gives "zelenskyy",
/// "U.S." gives "us". A name that is nothing but a title keeps it. Empty only where the name has no letter or digit.
pub fn fold(name: &str) -> String {
    let around = |c: char| c.is_whitespace() || search::is_ignorable(c);
    let plain = plain(without_possessive(name.trim_matches(around)));
    if !plain.contains(' ') {
        return plain;
    }
    let words: Vec<&str> = plain.split(' ').collect();
    words[leading(&words)..].join(" ")
}

/// The surname of a person's name, folded, with its particles ("van der bellen", "al hashemi"); `None` where the
/// name has one word only. Names written family name first are known by their hyphen alone ("Ban Ki-moon").
pub fn surname_of(name: &str) -> Option<String> {
    let folded = fold(name);
    let mut words: Vec<&str> = folded.split(' ').collect();
    while words.len() > 2 && words.last().is_some_and(|word| SUFFIXES.contains(word)) {
        words.pop();
    }
    if words.len() < 2 {
        return None;
    }
    if words.len() == 3 && family_name_first(name) {
        return Some(words[0].to_owned());
    }
    // "Van Jones" has a given name, "Van der Bellen" has none.
    let bare = PARTICLES.contains(&words[0]) && PARTICLES.contains(&words[1]);
    if bare && words.len() > 2 {
        return Some(words.join(" "));
    }
    let particles =
        words[1..words.len() - 1].iter().rev().take_while(|word| PARTICLES.contains(word)).count();
    Some(words[words.len() - 1 - particles..].join(" "))
}

/// Whether `word`, folded, is a title that stands before a person's name.
pub fn is_title(word: &str) -> bool {
    TITLES.binary_search(&word).is_ok()
}

/// Whether `word`, folded, belongs to the surname after it.
pub fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word)
}

/// The name without a possessive at its end.
pub fn without_possessive(name: &str) -> &str {
    let stem = search::without_possessive(name);
    if stem.len() < name.len() {
        return stem;
    }
    match name.strip_suffix(search::is_apostrophe) {
        Some(stem) if stem.ends_with(['s', 'S', 'z', 'x']) => stem,
        _ => name,
    }
}

/// How many words at the front are article or title, never all of them.
fn leading(words: &[&str]) -> usize {
    let mut at = 0;
    while at + 1 < words.len() {
        let pair = [words[at], words[at + 1]];
        at += if at + 2 < words.len() && LONG_TITLES.contains(&pair) {
            2
        } else if words[at] == "the" || is_title(words[at]) {
            1
        } else {
            break;
        };
    }
    at
}

/// "Ban Ki-moon", "Park Geun-hye": a short name, then a hyphenated one whose second half is in lower case.
fn family_name_first(name: &str) -> bool {
    name.rsplit(' ').next().and_then(|last| last.split_once(['-', '‑'])).is_some_and(|(first, second)| {
        first.chars().count() <= 6 && second.starts_with(|c: char| c.is_lowercase())
    })
}

/// The folded words. Those of a run in a script without spaces stay together.
fn plain(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut end = 0;
    for (at, word) in search::words(name) {
        let before = out.len();
        if before > 0 && at > end {
            out.push(' ');
        }
        let begin = out.len();
        search::fold_into(word, &mut out);
        match out.len() == begin {
            true => out.truncate(before),
            false => end = at + word.len(),
        }
    }
    out
}

/// Longest name form or role that is kept, in bytes. Few are longer than a line; what is cut is one with its like.
const MAX_FORM_BYTES: usize = 160;

/// A name form or a role as it is kept: one that the text breaks over two lines is the same, and a very long one ends early.
pub fn form(words: &str) -> String {
    let mut form = String::new();
    for word in words.split_whitespace() {
        if !form.is_empty() {
            form.push(' ');
        }
        form.push_str(word);
        if form.len() > MAX_FORM_BYTES {
            form.truncate(form.floor_char_boundary(MAX_FORM_BYTES));
            form.truncate(form.trim_end().len());
            break;
        }
    }
    form
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_name_fold_together() {
        let cases = [
            ("President Volodymyr Zelenskyy’s", "volodymyr zelenskyy"),
            ("the U.S.", "us"),
            ("José  MUJICA", "jose mujica"),
            ("Łukasz Ørsted", "lukasz orsted"),
            ("Ban Ki-moon", "ban ki moon"),
            ("Prime Minister Modi", "modi"),
            ("Vice President Mike Pence", "mike pence"),
            ("The President", "president"),
            ("General Motors", "general motors"),
            ("Reuters'", "reuters"),
            ("O’Brien", "obrien"),
            ("İstanbul", "istanbul"),
            ("Lech Wałęsa", "lech walesa"),
            ("Martin Ødegaard's", "martin odegaard"),
            ("Franz Josef Strauß", "franz josef strauss"),
            ("İlham Əliyev", "ilham aliyev"),
            ("Pu\u{ad}tin\u{200f}", "putin"),
            ("\u{202b}אחמד טיבי\u{202c}", "אחמד טיבי"),
            ("ドナルド・トランプ", "ドナルド トランプ"),
            ("日本銀行", "日本銀行"),
            ("Macy’s Inc.", "macys inc"),
            ("AT&T", "at t"),
            ("", ""),
            ("…", ""),
        ];
        for (name, folded) in cases {
            assert_eq!(fold(name), folded, "{name}");
        }
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for name in
            ["President Putin", "Dr. Sir John's", "Mr. The King", "a'b.c-d", "Prime Minister", "ſtraße"]
        {
            assert_eq!(fold(&fold(name)), fold(name), "{name}");
        }
    }

    proptest! {
        #[test]
        fn folding_twice_changes_no_name(name in "(\\PC|[a-zA-Z'’ .,-]){0,24}") {
            prop_assert_eq!(fold(&fold(&name)), fold(&name));
        }

        #[test]
        fn a_folded_name_is_words_with_single_spaces(name in "(\\PC|[a-z \u{200b}\u{ad}:_]){0,24}") {
            let folded = fold(&name);
            prop_assert!(!folded.starts_with(' ') && !folded.ends_with(' ') && !folded.contains("  "), "{:?}", folded);
            prop_assert!(!folded.chars().any(search::is_ignorable), "{:?}", folded);
        }
    }

    #[test]
    fn surnames_keep_their_particles() {
        let cases = [
            ("Vladimir Putin", Some("putin")),
            ("Putin", None),
            ("President Putin", None),
            ("Alexander Van der Bellen", Some("van der bellen")),
            ("Van der Bellen", Some("van der bellen")),
            ("Van Jones", Some("jones")),
            ("Ahmed Al Hashemi", Some("al hashemi")),
            ("Martin Luther King Jr.", Some("king")),
            ("Park Geun-hye", Some("park")),
            ("Koo Bon-moo", Some("koo")),
        ];
        for (name, surname) in cases {
            assert_eq!(surname_of(name).as_deref(), surname, "{name}");
        }
    }

    #[test]
    fn the_title_table_is_sorted() {
        assert!(TITLES.is_sorted());
    }

    #[test]
    fn forms_are_one_line_of_bounded_length_in_whole_characters() {
        assert_eq!(form("  Ann\n Lee "), "Ann Lee");
        let long = form(&"é".repeat(500));
        assert_eq!((long.len(), long.chars().count()), (MAX_FORM_BYTES, MAX_FORM_BYTES / 2));
        assert_eq!(form(&"ab ".repeat(500)).len(), MAX_FORM_BYTES);
    }
}
