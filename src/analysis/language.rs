//! Which language a text is in, as far as it matters here: English, which the analyzer knows, or another. A long text
//! is told by its share of English function words, which survive foreign names, headlines and quotations. A short one
//! has few of them, so that two models of letters vote as well: whichlang, which is right on nearly every headline but
//! knows sixteen languages and has no doubts, and whatlang, which knows seventy and says when it is sure. Knows nothing
//! of documents. Start at [`detect`].

use whatlang::Info;

/// A language and whether the analyzer knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// ISO 639-1 where there is one ("en"); "und" where nothing can be said.
    pub code: String,
    /// Whether the whole analysis applies. So it does where nothing can be said.
    pub is_known: bool,
}

/// Letters that are looked at: enough for a sure answer at a bounded cost.
const SAMPLE: usize = 4000;

/// Least share of function words among the words of an English text. News has 0.3 to 0.45, other languages in Latin
/// script under 0.05.
const ENGLISH_SHARE: f32 = 0.12;

/// From how many words on the share says enough by itself.
const MANY_WORDS: usize = 25;

/// Fewer words than this can be of any language.
const FEWEST_WORDS: usize = 4;

/// The same of words without a capital; one letter outside of ASCII does as well.
const FEWEST_PLAIN: usize = 3;

/// Sorted, as all lists here.
#[rustfmt::skip]
const FUNCTION_WORDS: [&str; 46] = [
    "about", "after", "an", "and", "are", "as", "at", "be", "been", "but", "by", "for", "from", "had", "has",
    "have", "he", "his", "into", "is", "it", "its", "more", "not", "of", "on", "or", "said", "she", "than", "that",
    "the", "their", "they", "this", "to", "was", "we", "were", "when", "which", "who", "will", "with", "would",
    "you",
];

/// Words as frequent in the languages that share some of the above with English ("was", "of", "at").
#[rustfmt::skip]
const FOREIGN_WORDS: [&str; 81] = [
    "al", "att", "au", "auf", "aus", "aux", "av", "bei", "che", "com", "con", "da", "dans", "das", "dass", "dat",
    "de", "del", "della", "dem", "den", "der", "des", "det", "di", "die", "dos", "du", "een", "ein", "eine", "el",
    "em", "en", "er", "est", "et", "ett", "für", "het", "ikke", "il", "im", "ist", "la", "las", "le", "les", "los",
    "mit", "na", "naar", "nach", "nicht", "niet", "no", "non", "não", "och", "og", "os", "per", "por", "pour", "på",
    "que", "qui", "sich", "som", "sur", "til", "um", "uma", "una", "und", "une", "van", "von", "voor", "zum", "zur",
];

/// The language of a text; what the client says of it (a BCP-47 tag) goes first.
pub fn detect(text: &str, tag: Option<&str>) -> Language {
    if let Some(code) = tag.and_then(primary_subtag) {
        return Language { is_known: code == "en", code };
    }
    let sample = sample(text);
    if is_mostly_latin(sample) {
        return of_latin(sample);
    }
    whatlang::detect(sample).map_or_else(undetermined, |info| named(code_of(&info)))
}

/// The language of a text in Latin script.
fn of_latin(sample: &str) -> Language {
    let words: Vec<String> = latin_words(sample).collect();
    let count =
        |list: &[&str]| words.iter().filter(|word| list.binary_search(&word.as_str()).is_ok()).count();
    let (english, foreign) = (count(&FUNCTION_WORDS), count(&FOREIGN_WORDS));
    let share = english as f32 / words.len().max(1) as f32;
    if english > 1 && share >= ENGLISH_SHARE && (english > foreign || words.len() >= MANY_WORDS) {
        return named("en");
    }
    if words.len() < FEWEST_WORDS {
        return undetermined();
    }
    let language = by_letters(sample, english, foreign);
    if language.is_known || is_foreign_between_names(sample) { language } else { undetermined() }
}

/// What two models of letters make of a short text with so many words of English and of others.
fn by_letters(sample: &str, english: usize, foreign: usize) -> Language {
    let guess = whatlang::detect(sample);
    let sure = guess.as_ref().filter(|info| info.is_reliable()).map(code_of);
    let likely = likeliest(sample);
    match (likely, sure) {
        ("en", Some(sure)) if sure != "en" && english == 0 => named(sure),
        ("en", _) if english >= foreign => named("en"),
        ("en", _) | (_, Some("en")) => undetermined(),
        (_, Some(sure)) => named(sure),
        // Headlines of nothing but names and nouns look foreign to the one that has no doubts.
        (likely, None) => {
            let seconded = foreign > english
                || guess.as_ref().is_some_and(|info| code_of(info) == likely)
                || sample.chars().any(|c| c.is_lowercase() && !c.is_ascii());
            if seconded { named(likely) } else { undetermined() }
        }
    }
}

/// Whether the words between names look foreign as well. English headlines are full of foreign names.
fn is_foreign_between_names(sample: &str) -> bool {
    let words = sample.split(|c: char| !c.is_alphabetic());
    let plain: Vec<&str> = words.filter(|word| word.starts_with(char::is_lowercase)).collect();
    let shows = plain.len() >= FEWEST_PLAIN || plain.iter().any(|word| !word.is_ascii());
    shows && likeliest(&plain.join(" ")) != "en"
}

/// The language that whichlang holds a text for.
fn likeliest(text: &str) -> &'static str {
    two_letters(whichlang::detect_language(text).three_letter_code())
}

fn code_of(info: &Info) -> &'static str {
    two_letters(info.lang().code())
}

fn named(code: &str) -> Language {
    Language { is_known: code == "en", code: code.into() }
}

fn undetermined() -> Language {
    Language { code: "und".into(), is_known: true }
}

/// "en" of "en-GB"; lower case; `None` for a tag that says nothing.
fn primary_subtag(tag: &str) -> Option<String> {
    let primary = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let is_language = (2..=3).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_lowercase());
    let code = if primary == "eng" { "en".into() } else { primary };
    (is_language && code != "und").then_some(code)
}

/// The head of a text up to [`SAMPLE`] characters.
fn sample(text: &str) -> &str {
    text.char_indices().nth(SAMPLE).map_or(text, |(end, _)| &text[..end])
}

fn latin_words(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    words.filter(|word| word.chars().all(is_latin)).map(str::to_lowercase)
}

fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

fn is_mostly_latin(text: &str) -> bool {
    let (latin, other) = text
        .chars()
        .filter(|c| c.is_alphabetic())
        .fold((0, 0), |(latin, other), c| if is_latin(c) { (latin + 1, other) } else { (latin, other + 1) });
    latin >= other
}

/// ISO 639-3 and 639-1 of the languages that whatlang tells apart.
const CODES: &str = "\
    epo:eo eng:en rus:ru cmn:zh spa:es por:pt ita:it ben:bn fra:fr deu:de ukr:uk kat:ka ara:ar hin:hi \
    jpn:ja heb:he yid:yi pol:pl amh:am jav:jv kor:ko nob:nb dan:da swe:sv fin:fi tur:tr nld:nl hun:hu \
    ces:cs ell:el bul:bg bel:be mar:mr kan:kn ron:ro slv:sl hrv:hr srp:sr mkd:mk lit:lt lav:lv est:et \
    tam:ta vie:vi urd:ur tha:th guj:gu uzb:uz pan:pa aze:az ind:id tel:te pes:fa mal:ml ori:or mya:my \
    nep:ne sin:si khm:km tuk:tk aka:ak zul:zu sna:sn afr:af lat:la slk:sk cat:ca tgl:tl hye:hy cym:cy";

fn two_letters(code: &'static str) -> &'static str {
    let pairs = CODES.split(' ').filter_map(|pair| pair.split_once(':'));
    pairs.into_iter().find(|(three, _)| *three == code).map_or(code, |(_, two)| two)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_apart_without_misjudging_short_and_mixed_text() {
        for (text, code, is_known) in [
            ("The minister said that the talks would go on after the vote.", "en", true),
            (
                "Ndaba kaMhlanga told Uchenna Okonkwo-Adebayo of Ikeja that Szczęsny Przybyszewski was in Łódź with Nguyễn Văn Trỗi.",
                "en",
                true,
            ),
            ("Putin warns Macron over Ukraine", "en", true),
            ("Mon Dieu", "und", true),
            ("", "und", true),
            ("12 34 \u{1f600}", "und", true),
            (
                "Der Minister sagte am Freitag in Berlin, dass die Verhandlungen nach der Abstimmung fortgesetzt werden \
                 sollen, und die Opposition forderte eine schnelle Lösung für alle Beteiligten in dem langen Streit.",
                "de",
                false,
            ),
            (
                "Le ministre a déclaré vendredi que les négociations se poursuivraient après le vote, et l'opposition a \
                 demandé une solution rapide pour toutes les parties concernées par ce long conflit dans la région.",
                "fr",
                false,
            ),
            ("Министр сказал в пятницу, что переговоры продолжатся после голосования.", "ru", false),
            (
                "He said \"мир\" to the reporters, and they were not amused by the answer of the man.",
                "en",
                true,
            ),
        ] {
            let expected = Language { code: code.into(), is_known };
            assert_eq!(detect(text, None), expected, "{text}");
        }
    }

    #[test]
    fn lists_are_sorted() {
        assert!(FUNCTION_WORDS.is_sorted() && FOREIGN_WORDS.is_sorted());
    }

    #[test]
    fn the_clients_word_goes_first() {
        for (tag, code, is_known) in [
            ("en-GB", "en", true),
            ("EN", "en", true),
            ("fr", "fr", false),
            ("pt_BR", "pt", false),
            ("yue", "yue", false),
        ] {
            assert_eq!(
                detect("The end of the war", Some(tag)),
                Language { code: code.into(), is_known },
                "{tag}"
            );
        }
        for nothing in ["", "und", "x-klingon", "12", "english"] {
            assert_eq!(detect("The end of the war was near", Some(nothing)).code, "en", "{nothing}");
        }
    }

    #[test]
    fn every_language_that_is_detected_has_a_code() {
        for language in whatlang::Lang::all() {
            assert_eq!(two_letters(language.code()).len(), 2, "{language}");
        }
        for language in whichlang::LANGUAGES {
            assert_eq!(two_letters(language.three_letter_code()).len(), 2);
        }
    }

    /// A hundred headlines each in English and four other languages, some ten words long.
    const HEADLINES: &str = include_str!("../../tests/gold/headlines.txt");

    #[test]
    fn foreign_names_make_no_foreign_text() {
        for headline in [
            "Renée Müller saw Zoë Görlitz in Rome.",
            "Renée Müller met Zoë Görlitz.",
            "Jürgen Klöckner wins Tour de Suisse",
            "Jürgen Klöckner Wins Tour de Suisse as Orbán Falls",
            "Marine Le Pen meets Viktor Orbán in Budapest",
            "Erdoğan calls Łukasz Żółć a fool",
            "José Pérez beats Iñigo López in Málaga final",
            "Benoît Lefèvre named São Paulo coach",
            "Süddeutsche Zeitung buys Le Monde",
            "Bayern München beat Borussia Mönchengladbach",
        ] {
            assert!(detect(headline, None).is_known, "{headline}");
        }
    }

    #[test]
    fn a_headline_is_enough() {
        for part in HEADLINES.split("=== ").skip(1) {
            let (code, headlines) = part.split_once('\n').unwrap();
            let found: Vec<Language> = headlines.lines().map(|headline| detect(headline, None)).collect();
            let english = found.iter().filter(|language| language.is_known).count();
            let named = found.iter().filter(|language| language.code == code).count();
            assert_eq!((code, found.len()), (code, 100));
            assert!(named >= 95, "{named} of {code}");
            assert!(
                if code == "en" { english >= 99 } else { english <= 1 },
                "{english} of {code} as English"
            );
        }
    }
}
