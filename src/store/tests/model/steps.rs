//! What may happen to a store, by chance.

use super::*;

#[derive(Debug, Clone)]
pub(super) enum Step {
    Put { collection: usize, document: usize, sketch: Sketch, analysed: bool, expected: Option<u32> },
    Retitle { collection: usize, document: usize, title: u8 },
    Reanalyze { collection: usize, document: usize, overlooked: usize, revision: Option<u32> },
    Delete { collection: usize, document: usize, expected: Option<u32> },
    CreateCollection(usize),
    DeleteCollection(usize),
    Tidy,
    Reopen,
}

pub(super) const COLLECTIONS: [&str; 3] = ["default", "news", "sport"];
pub(super) const NAMES: [&str; 9] = [
    "Ann Lee",
    "Dr. Ann Lee",
    "Bob Lee",
    "Lee",
    "Ms. Lee",
    "Cy Fox",
    "Fox",
    "Alexander Van der Bellen",
    "Van der Bellen",
];
const ROLES: [&str; 3] = ["mayor", "spokesperson", "judge"];

fn figures() -> impl Strategy<Value = Figure> {
    let entity_type = prop_oneof![
        6 => Just(EntityType::Person),
        1 => Just(EntityType::Organization),
        1 => Just(EntityType::Date),
    ];
    let roles = prop::sample::subsequence(ROLES.to_vec(), 0..3);
    (entity_type, prop::sample::select(NAMES.to_vec()), roles, 0..4usize)
        .prop_map(|(entity_type, name, roles, quotes)| Figure { entity_type, ..person(name, &roles, quotes) })
}

pub(super) fn steps() -> impl Strategy<Value = Step> {
    let sketch = (prop::collection::vec(figures(), 0..4), prop::option::of(-3..3i64), 0..2usize).prop_map(
        |(figures, published, overlooked)| Sketch {
            published_at: published.map(at),
            overlooked,
            ..Sketch::of(&figures)
        },
    );
    let place = || (0..3usize, 0..5usize);
    let expected = || prop_oneof![4 => Just(None), 1 => (0..4u32).prop_map(Some)];
    prop_oneof![
        12 => (place(), sketch, prop::bool::weighted(0.9), expected()).prop_map(
            |((collection, document), sketch, analysed, expected)| Step::Put { collection, document, sketch, analysed, expected }
        ),
        4 => (place(), 0..3u8).prop_map(|((collection, document), title)| Step::Retitle { collection, document, title }),
        4 => (place(), 0..3usize, expected()).prop_map(|((collection, document), overlooked, revision)| Step::Reanalyze { collection, document, overlooked, revision }),
        4 => (place(), expected()).prop_map(|((collection, document), expected)| Step::Delete { collection, document, expected }),
        2 => (0..3usize).prop_map(Step::CreateCollection),
        1 => (0..3usize).prop_map(Step::DeleteCollection),
        2 => Just(Step::Tidy),
        1 => Just(Step::Reopen),
    ]
}
