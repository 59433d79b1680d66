//! How often the bearer of a given name is a woman, for some 30,000 names of many countries. The table is made by
//! `training/given_names.py` and compiled into a finite-state map.

use super::Gender;
use fst::Map;
use std::sync::LazyLock;

/// From this share on a name tells the gender.
const SURE: f32 = 0.95;

static SHARES: LazyLock<Map<&'static [u8]>> = LazyLock::new(|| {
    let map: &'static [u8] = include_bytes!(concat!(env!("OUT_DIR"), "/given_names.fst"));
    // The build has just made it.
    Map::new(map).expect("a map that the build has written")
});

/// The share of women among the bearers of a folded given name, 0 to 1.
pub(in crate::analysis) fn feminine(name: &str) -> Option<f32> {
    SHARES.get(name).map(|percent| percent as f32 / 100.0)
}

/// The gender of a folded given name, where nearly all of its bearers share one.
pub(in crate::analysis) fn gender(name: &str) -> Option<Gender> {
    match feminine(name)? {
        share if share >= SURE => Some(Gender::Feminine),
        share if share <= 1.0 - SURE => Some(Gender::Masculine),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_many_countries_tell_a_gender_or_do_not() {
        for (name, expected) in [
            ("thandiwe", Some(Gender::Feminine)),
            ("xiomara", Some(Gender::Feminine)),
            ("ebrahim", Some(Gender::Masculine)),
            ("kofi", Some(Gender::Masculine)),
            ("jean", None),
            ("qqq", None),
        ] {
            assert_eq!(gender(name), expected, "{name}");
        }
        assert!(feminine("andrea").is_some_and(|share| share > 0.7));
    }
}
