//! Names folded for comparison: without accents, case, titles, punctuation and possessive 's.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

const TITLES: &str = "the mr mrs ms miss dr sir dame lord lady president minister sen senator rep gov governor king \
    queen prince princess pope gen general col capt sgt judge justice rev prof professor chancellor secretary";

/// The folded name; `None` where nothing is left.
pub fn folded(name: &str) -> Option<String> {
    let plain: String = name.nfkd().filter(|c| canonical_combining_class(*c) == 0).collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = without_titles(without_possessive(&plain));
    let kept = name.chars().filter(|c| c.is_alphanumeric() || matches!(c, '_' | ' '));
    let folded = kept.collect::<String>().to_lowercase().trim().to_owned();
    (!folded.is_empty()).then_some(folded)
}

fn without_possessive(name: &str) -> &str {
    let bare = name.strip_suffix('s').filter(|bare| bare.ends_with(['’', '\''])).unwrap_or(name);
    bare.strip_suffix(['’', '\'']).unwrap_or(bare)
}

fn without_titles(mut name: &str) -> &str {
    while let Some((first, rest)) = name.split_once(' ') {
        let word = first.strip_suffix('.').unwrap_or(first).to_lowercase();
        let prime =
            word == "prime" && rest.get(..8).is_some_and(|next| next.eq_ignore_ascii_case("minister"));
        if !(prime || TITLES.split(' ').any(|title| title == word)) {
            break;
        }
        name = rest;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fold_to_their_letters() {
        for (name, expected) in [
            ("President Volodymyr  Zelensky’s", Some("volodymyr zelensky")),
            ("Dr. Zoë Škvorecký", Some("zoe skvorecky")),
            ("the Prime Minister Modi", Some("modi")),
            ("James'", Some("james")),
            ("J. K. O'Neil", Some("j k oneil")),
            ("Mr.", Some("mr")),
            ("“”", None),
            ("", None),
        ] {
            assert_eq!(folded(name).as_deref(), expected, "{name}");
        }
    }
}
