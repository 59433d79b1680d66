//! Countries under their several names, and the adjectives made of them.

/// Names of one country, the usual one first; all folded.
const COUNTRIES: [&str; 10] = [
    "united states|us|usa|united states of america|america",
    "united kingdom|uk|britain|great britain",
    "united arab emirates|uae|emirates",
    "north korea|dprk|democratic peoples republic of korea",
    "south korea|republic of korea",
    "china|prc|peoples republic of china",
    "russia|russian federation",
    "european union|eu",
    "democratic republic of the congo|drc|dr congo|congo",
    "czech republic|czechia",
];

/// Adjectives that no rule derives, with their countries.
const IRREGULAR: [(&str, &str); 52] = [
    ("american", "united states"),
    ("us", "united states"),
    ("british", "united kingdom"),
    ("english", "england"),
    ("scottish", "scotland"),
    ("welsh", "wales"),
    ("irish", "ireland"),
    ("french", "france"),
    ("german", "germany"),
    ("spanish", "spain"),
    ("dutch", "netherlands"),
    ("danish", "denmark"),
    ("swedish", "sweden"),
    ("finnish", "finland"),
    ("polish", "poland"),
    ("turkish", "turkey"),
    ("greek", "greece"),
    ("swiss", "switzerland"),
    ("norwegian", "norway"),
    ("belgian", "belgium"),
    ("italian", "italy"),
    ("portuguese", "portugal"),
    ("czech", "czech republic"),
    ("slovak", "slovakia"),
    ("hungarian", "hungary"),
    ("ukrainian", "ukraine"),
    ("chinese", "china"),
    ("japanese", "japan"),
    ("taiwanese", "taiwan"),
    ("vietnamese", "vietnam"),
    ("burmese", "myanmar"),
    ("thai", "thailand"),
    ("filipino", "philippines"),
    ("philippine", "philippines"),
    ("afghan", "afghanistan"),
    ("pakistani", "pakistan"),
    ("iraqi", "iraq"),
    ("israeli", "israel"),
    ("saudi", "saudi arabia"),
    ("emirati", "united arab emirates"),
    ("qatari", "qatar"),
    ("kuwaiti", "kuwait"),
    ("yemeni", "yemen"),
    ("omani", "oman"),
    ("lebanese", "lebanon"),
    ("somali", "somalia"),
    ("kenyan", "kenya"),
    ("congolese", "democratic republic of the congo"),
    ("egyptian", "egypt"),
    ("argentine", "argentina"),
    ("peruvian", "peru"),
    ("brazilian", "brazil"),
];

/// Capitals that stand for their countries in role descriptions ("the Kremlin spokesman").
const SEATS: [(&str, &str); 12] = [
    ("kremlin", "russia"),
    ("moscow", "russia"),
    ("white house", "united states"),
    ("washington", "united states"),
    ("beijing", "china"),
    ("downing street", "united kingdom"),
    ("london", "united kingdom"),
    ("paris", "france"),
    ("berlin", "germany"),
    ("kyiv", "ukraine"),
    ("kiev", "ukraine"),
    ("tehran", "iran"),
];

/// The usual name of a country known under several.
pub(in crate::analysis) fn country(name: &str) -> Option<&'static str> {
    COUNTRIES
        .iter()
        .find(|line| line.split('|').any(|other| other == name))
        .and_then(|line| line.split('|').next())
}

/// Whether a folded word is a country's adjective.
pub(in crate::analysis) fn is_adjective(word: &str) -> bool {
    IRREGULAR.iter().any(|(adjective, _)| *adjective == word)
        || word.len() > 5
            && (word.ends_with("ian") || word.ends_with("ese"))
            && !matches!(
                word,
                "civilian" | "librarian" | "politician" | "guardian" | "veterinarian" | "christian"
            )
}

/// Whether two modifiers speak of one country ("kremlin" and "russian").
pub(in crate::analysis) fn same_country(a: &str, b: &str) -> bool {
    let home = |word: &str| {
        let found = IRREGULAR.iter().chain(&SEATS).find(|(key, _)| *key == word);
        found.map(|(_, place)| *place).or_else(|| country(word))
    };
    match (home(a), home(b)) {
        (Some(a), Some(b)) => a == b,
        (Some(home), None) => derived(b, home) || b == home,
        (None, Some(home)) => derived(a, home) || a == home,
        (None, None) => derived(a, b) || derived(b, a),
    }
}

/// "russian" from "russia", "nepalese" from "nepal", "jordanian" from "jordan".
fn derived(word: &str, place: &str) -> bool {
    let stem = place.strip_suffix(['a', 'o', 'y', 'e']).unwrap_or(place);
    stem.len() >= 3
        && word.strip_prefix(stem).is_some_and(|ending| {
            matches!(ending, "n" | "an" | "ian" | "ean" | "nian" | "ese" | "lese" | "i" | "ish" | "er" | "ic")
        })
}
