//! Who is who across the documents of a collection. Two documents' entities are one where type and folded name are
//! equal; people of one full name whose documents give them callings that hardly anyone combines stay apart. Pure
//! rules, no tables: [`super::ledger`] asks them about rows.

use crate::domain::annotation::EntityType;
use crate::domain::ids::EntityId;
use crate::folding::names;

/// What a person does for a living, as far as it tells namesakes apart. Few and far from each other on purpose:
/// actors become presidents and generals become lawmakers, but no goalkeeper is minister in the same season.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Calling {
    Athlete,
    Official,
}

/// The callings that roles speak for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Callings {
    athlete: bool,
    official: bool,
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
pub(super) fn entity_id(entity_type: EntityType, folded: &str, apart: Option<Calling>) -> EntityId {
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

/// The one full name that a bare surname is taken for: the only one of the collection, or one with at least
/// [`DOMINANCE`] times the documents of the next. `None` where there is none, or no clear one.
pub(super) fn dominant<E>(full_names: impl IntoIterator<Item = (E, u64)>) -> Option<E> {
    let mut first: Option<(E, u64)> = None;
    let mut second = 0;
    for (entity, documents) in full_names {
        match &mut first {
            Some((_, most)) if *most >= documents => second = second.max(documents),
            _ => second = first.replace((entity, documents)).map_or(0, |(_, documents)| documents),
        }
    }
    first.filter(|(_, most)| *most >= second * DOMINANCE).map(|(entity, _)| entity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_surname_means_the_only_or_the_far_more_frequent_full_name() {
        type Case<'a> = (&'a [(&'a str, u64)], Option<&'a str>);
        let cases: [Case<'_>; 6] = [
            (&[], None),
            (&[("ann", 1)], Some("ann")),
            (&[("ann", 5), ("bob", 1)], Some("ann")),
            (&[("ann", 1), ("bob", 5)], Some("bob")),
            (&[("ann", 4), ("bob", 1)], None),
            (&[("ann", 10), ("bob", 1), ("cid", 3)], None),
        ];
        for (full_names, expected) in cases {
            assert_eq!(dominant(full_names.iter().copied()), expected, "{full_names:?}");
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
