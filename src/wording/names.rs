//! Whether two names are those of one speaker, where no entity of the collection says so.

use crate::folding::names;

/// Whether the names are equal as they fold, or one is the bare surname of the other.
pub fn same_name(one: &str, other: &str) -> bool {
    let (folded, others) = (names::fold(one), names::fold(other));
    if folded.is_empty() || others.is_empty() {
        return false;
    }
    let surname =
        |name: &str, bare: &str| !bare.contains(' ') && names::surname_of(name).as_deref() == Some(bare);
    folded == others || surname(one, &others) || surname(other, &folded)
}

/// Words that stand for a speaker and say nothing of who it is.
const PRONOUNS: [&str; 14] =
    ["he", "her", "him", "i", "it", "one", "she", "somebody", "someone", "them", "they", "we", "who", "you"];

/// Whether the words name or describe anybody.
pub fn tells_who(label: &str) -> bool {
    let folded = names::fold(label);
    !folded.is_empty() && PRONOUNS.binary_search(&folded.as_str()).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pronoun_tells_of_nobody() {
        assert!(PRONOUNS.is_sorted());
        assert!(!tells_who("He") && !tells_who("they") && !tells_who("…"));
        assert!(tells_who("a senior official") && tells_who("He Jintao"));
    }

    #[test]
    fn a_bare_surname_is_the_name_of_whoever_has_it() {
        for (one, other) in
            [("Ada Quinn", "Dr. ada QUINN"), ("Quinn", "Ada Quinn"), ("Mr Quinn", "Ada Quinn")]
        {
            assert!(same_name(one, other) && same_name(other, one), "{one}, {other}");
        }
        for (one, other) in [("Ada Quinn", "Tom Quinn"), ("Ada", "Ada Quinn"), ("", ""), ("…", "…")] {
            assert!(!same_name(one, other), "{one}, {other}");
        }
    }
}
