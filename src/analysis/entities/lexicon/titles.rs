//! Titles and offices that stand before a person's name, and the gender that some of them give.

use super::{Gender, WordList};

static FEMININE: WordList = WordList::new(
    "mrs ms miss mme madam lady dame queen princess congresswoman chairwoman spokeswoman \
    businesswoman councilwoman assemblywoman policewoman noblewoman sister mother aunt duchess empress baroness \
    actress heiress hostess waitress countess daughter wife widow girlfriend grandmother niece woman girl nun \
    stateswoman alderwoman sportswoman mayoress mum mom ex-wife housewife bride mistress",
);

static MASCULINE: WordList = WordList::new(
    "mr sir lord king prince pope congressman chairman spokesman businessman councilman \
    assemblyman policeman nobleman brother father uncle duke emperor baron actor count son husband widower \
    boyfriend grandfather nephew man boy priest statesman alderman sportsman archbishop bishop cardinal imam rabbi \
    dad sheikh sultan monsignor ayatollah fisherman fireman clergyman frontman ombudsman groom gentleman",
);

/// Offices that the general table of titles leaves out, since they also begin names of institutions.
static OFFICES: WordList = WordList::new(
    "minister secretary judge general major admiral commissioner inspector deputy detective \
    sergeant corporal officer spokesman spokeswoman spokesperson chairman chairwoman congressman congresswoman \
    representative councilman councilwoman premier chief director attorney sheriff pastor rabbi imam ayatollah \
    cardinal father brother sister principal coach del delegate superintendent constable cllr councillor comrade \
    mp undersecretary ceo vice lawmaker speaker",
);

/// Honorifics of many languages that stand before a name and are none themselves.
static HONORIFICS: WordList = WordList::new(
    "alhaja alhaji ato begum dato datin datuk dona fraulein frau giani haji hajjah hajji hajj herr \
    hibakusha imamu janab kumari lalla madame maulana maulvi monsieur mullah mufti oom pandit puan samdech senhor \
    senhora senor senora seri shri shrimati signor signora smt sri swami techo togbe tun ustad ustaz weyzero",
);

/// The first word of honorifics of two words.
const BEFORE_SRI: [&str; 3] = ["tan", "toh", "puan"];

/// Whether the word is an honorific, given the one behind it: "Tan Sri".
pub(in crate::analysis) fn is_honorific(word: &str, next: &str) -> bool {
    HONORIFICS.holds(word) || BEFORE_SRI.contains(&word) && matches!(next, "sri" | "puan")
}

/// Titles that are no part of any usual name, wherever they stand.
static ALONE: WordList = WordList::new(
    "president minister secretary senator governor congressman congresswoman chairman chairwoman \
    spokesman spokeswoman spokesperson councilman councilwoman",
);

/// Whether the word is a title even in the middle of a person's span.
pub(in crate::analysis) fn stands_alone(word: &str) -> bool {
    ALONE.holds(word)
}

/// The gender of a title or head noun.
pub(in crate::analysis) fn gender(word: &str) -> Option<Gender> {
    if FEMININE.holds(word) {
        Some(Gender::Feminine)
    } else if MASCULINE.holds(word) {
        Some(Gender::Masculine)
    } else {
        None
    }
}

/// Every word that is an office or tells a gender.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    FEMININE.all().chain(MASCULINE.all()).chain(OFFICES.all())
}

/// Whether the word is an office that stands before names.
pub(in crate::analysis) fn is_office(word: &str) -> bool {
    OFFICES.holds(word)
}
