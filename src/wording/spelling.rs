//! British and American spelling: each British word that Americans write otherwise, and how. The table is `varcon`'s, packed when
//! the binary is built; a word that is American in any sense ("check", "tire") is left as it is.

use fst::Map;
use std::sync::LazyLock;

static PLACES: LazyLock<Map<&'static [u8]>> = LazyLock::new(|| {
    let bytes: &'static [u8] = include_bytes!(concat!(env!("OUT_DIR"), "/spellings.fst"));
    Map::new(bytes).expect("`build.rs` has just made it")
});

static WORDS: &str = include_str!(concat!(env!("OUT_DIR"), "/spellings.txt"));

/// The American spelling of a folded word that the British spell otherwise.
pub(super) fn american(word: &str) -> Option<&'static str> {
    let place = usize::try_from(PLACES.get(word)?).ok()?;
    WORDS.get(place..)?.split('\n').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spellings_of_both_sides_of_the_ocean_meet() {
        let pairs = [
            ("colour", "color"),
            ("organise", "organize"),
            ("organisations", "organizations"),
            ("travelled", "traveled"),
            ("centre", "center"),
            ("defence", "defense"),
            ("programme", "program"),
            ("grey", "gray"),
            ("tyre", "tire"),
            ("cheque", "check"),
            ("analysed", "analyzed"),
            ("ageing", "aging"),
            ("sceptical", "skeptical"),
        ];
        for (british, ours) in pairs {
            assert_eq!(american(british), Some(ours));
            assert_eq!(american(ours), None, "it is nobody's other spelling");
        }
        for same in ["four", "advertise", "surprise", "wise", "our", "the", "", "日本"] {
            assert_eq!(american(same), None, "{same}");
        }
    }

    #[test]
    fn an_american_spelling_is_spelled_as_it_is() {
        assert!(WORDS.lines().count() > 1000);
        for word in WORDS.lines() {
            assert_eq!(american(word), None, "{word}");
        }
    }
}
