//! Who is who across the documents of a collection. Two documents' entities are one where type and folded name are
//! equal; people of one full name whose documents give them callings that hardly anyone combines stay apart. Pure
//! rules, no tables: [`super::ledger`] asks them about rows.

use crate::domain::annotation::EntityType;
use crate::domain::ids::EntityId;
use crate::folding::names;

/// What a person does for a living, as far as it tells namesakes apart. Few and far from each other on purpose:
/// actors become presidents and generals become lawmakers, but no goalkeeper is minister in the same season.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Calling {
    Athlete,
    Official,
}

/// The callings that roles speak for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Callings {
    pub(super) athlete: bool,
    pub(super) official: bool,
}

#[rustfmt::skip]
const ATHLETES: [&str; 24] = [
    "batsman", "batter", "boxer", "cricketer", "cyclist", "defender", "footballer", "forward", "goalkeeper",
    "golfer", "gymnast", "linebacker", "midfielder", "pitcher", "quarterback", "receiver", "shortstop", "skier",
    "sprinter", "striker", "swimmer", "winger", "wrestler", "jockey",
];

#[rustfmt::skip]
const OFFICIALS: [&str; 18] = [
    "ambassador", "chancellor", "commissioner", "congressman", "congresswoman", "councillor", "diplomat", "governor",
    "judge", "lawmaker", "legislator", "mayor", "minister", "mp", "premier", "prosecutor", "senator", "magistrate",
];

impl Callings {
    /// What the roles say; each is read word by word.
    pub(super) fn of<'r>(roles: impl IntoIterator<Item = &'r String>) -> Self {
        let mut found = Self::default();
        for role in roles {
            for word in names::fold(role).split(' ') {
                found.athlete |= ATHLETES.contains(&word);
                found.official |= OFFICIALS.contains(&word);
            }
        }
        found
    }

    /// The calling, where there is exactly one.
    pub(super) fn only(self) -> Option<Calling> {
        match (self.athlete, self.official) {
            (true, false) => Some(Calling::Athlete),
            (false, true) => Some(Calling::Official),
            _ => None,
        }
    }

    /// Whether both sides have one calling, and not the same.
    pub(super) fn conflict(self, other: Self) -> bool {
        matches!((self.only(), other.only()), (Some(a), Some(b)) if a != b)
    }
}

/// The id of an identity. `apart` is set for the second of two namesakes. 80 bits of a hash: among ten million
/// entities two meet by chance with a probability of 1 in 24 billion.
pub(in crate::store) fn entity_id(entity_type: EntityType, folded: &str, apart: Option<Calling>) -> EntityId {
    let mut hasher = blake3::Hasher::new_derive_key("dictum collection entity v1");
    hasher.update(entity_type.as_str().as_bytes()).update(&[0]).update(folded.as_bytes());
    match apart {
        None => {}
        Some(Calling::Athlete) => drop(hasher.update(&[0]).update(b"athlete")),
        Some(Calling::Official) => drop(hasher.update(&[0]).update(b"official")),
    }
    let digest = data_encoding::BASE32_DNSSEC.encode(&hasher.finalize().as_bytes()[..10]);
    EntityId::new(digest).expect("sixteen letters and digits are an identifier")
}

/// How much more often than the next one a full name must occur for its bare surname to mean it.
const DOMINANCE: u64 = 5;

/// Whether the most frequent full name of a surname is the one that the bare surname is taken for: the only one of the
/// collection, or one with at least [`DOMINANCE`] times the documents of the next.
pub(super) fn dominates(most: u64, next: Option<u64>) -> bool {
    next.is_none_or(|next| most >= next * DOMINANCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_surname_means_the_only_or_the_far_more_frequent_full_name() {
        let cases = [
            (1, None, true),
            (5, Some(1), true),
            (4, Some(1), false),
            (10, Some(3), false),
            (15, Some(3), true),
        ];
        for (most, next, expected) in cases {
            assert_eq!(dominates(most, next), expected, "{most} {next:?}");
        }
    }

    #[test]
    fn only_callings_that_hardly_anyone_combines_conflict() {
        let callings =
            |roles: &[&str]| Callings::of(&roles.iter().map(|r| r.to_string()).collect::<Vec<_>>());
        let cases: [(&[&str], &[&str], bool); 5] = [
            (&["Arsenal striker"], &["Foreign Minister"], true),
            (&["Arsenal striker"], &["the goalkeeper"], false),
            (&["striker"], &["actor"], false),
            (&["striker"], &[], false),
            (&["senator", "former quarterback"], &["striker"], false),
        ];
        for (one, other, expected) in cases {
            assert_eq!(callings(one).conflict(callings(other)), expected, "{one:?} {other:?}");
            assert_eq!(callings(other).conflict(callings(one)), expected, "{other:?} {one:?}");
        }
    }

    #[test]
    fn ids_depend_on_type_name_and_namesake() {
        let ids = [
            entity_id(EntityType::Person, "ann lee", None),
            entity_id(EntityType::Organization, "ann lee", None),
            entity_id(EntityType::Person, "ann leee", None),
            entity_id(EntityType::Person, "ann lee", Some(Calling::Athlete)),
            entity_id(EntityType::Person, "ann lee", Some(Calling::Official)),
        ];
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
        assert_eq!(ids[0].as_str().len(), 16);
    }
}
