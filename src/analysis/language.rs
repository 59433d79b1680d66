//! Which language a text is in, as far as it matters here: English, which the analyzer knows, or another. English is
//! told by its function words, which survive foreign names, headlines and quotations; other languages by whatlang's
//! trigrams, and only where these are sure. Knows nothing of documents. Start at [`detect`].

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

/// Fewer words than this say little: they are taken for another language only in another script.
const FEW_WORDS: usize = 25;

const FUNCTION_WORDS: &str = "the of and to that with for was were from have has had his they this which their would \
    been not are is it as by on said he she but who will its be at an more than or after about into when we you";

/// The language of a text; what the client says of it (a BCP-47 tag) goes first.
pub fn detect(text: &str, tag: Option<&str>) -> Language {
    if let Some(code) = tag.and_then(primary_subtag) {
        return Language { is_known: code == "en", code };
    }
    let sample = sample(text);
    let words: Vec<String> = latin_words(sample).collect();
    let english = words.iter().filter(|word| FUNCTION_WORDS.split(' ').any(|known| known == *word)).count();
    let share = english as f32 / words.len().max(1) as f32;
    let mostly_latin = is_mostly_latin(sample);
    if mostly_latin && share >= ENGLISH_SHARE && english > 1 {
        return Language { code: "en".into(), is_known: true };
    }
    match whatlang::detect(sample) {
        Some(info) if mostly_latin && words.len() < FEW_WORDS => of_short(&info),
        Some(info) if info.is_reliable() || !mostly_latin => of(&info),
        _ => undetermined(),
    }
}

fn of(info: &Info) -> Language {
    let code = two_letters(info.lang().code());
    Language { is_known: code == "en", code: code.into() }
}

/// A few words in Latin script: English only where it is sure.
fn of_short(info: &Info) -> Language {
    if info.is_reliable() && info.lang() == whatlang::Lang::Eng { of(info) } else { undetermined() }
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

fn two_letters(code: &str) -> &str {
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
            ("Putin warns Macron over Ukraine", "und", true),
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
    }
}
