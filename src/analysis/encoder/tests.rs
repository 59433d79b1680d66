//! The encoder over a network that is no network: what it makes of scores.

use super::*;
use crate::domain::annotation::EntityType;

const VOCABULARY: &str = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nanna\nberg\nsaid\nyes\n";

/// Tags pieces by their ids alone, and links by nothing.
struct ById;

impl Network for ById {
    fn run(&self, ids: &[i32], _: &[i32]) -> Scores {
        let mut scores = Scores::default();
        for id in ids {
            // Columns: worldwide, conll, source, cue, content; O, B and I of each.
            let tagged: &[usize] = match id {
                4 => &[1, 7],
                5 => &[2, 8],
                6 => &[10],
                7 => &[13],
                _ => &[],
            };
            let score = |column| match (tagged.contains(&column), column % 3) {
                (true, _) => 9.0,
                (false, 0) => 5.0,
                (false, _) => 0.0,
            };
            scores.tags.extend((0..15).map(score));
            scores.queries.extend([0.0; 3]);
            scores.keys.push(0.0);
        }
        scores
    }
}

fn encoder() -> Encoder {
    let head = |(at, (name, kind)): (usize, (&str, &str))| {
        format!(
            r#"{{"name": "{name}", "offset": {}, "tags": ["O", "B-{kind}", "I-{kind}"],
                 "transitions": [[0, 0, null], [0, 0, 0], [0, 0, 0]]}}"#,
            3 * at
        )
    };
    let heads = [
        ("worldwide", "Person"),
        ("conll", "PER"),
        ("source", "source"),
        ("cue", "cue"),
        ("content", "content"),
    ];
    let heads: Vec<String> = heads.into_iter().enumerate().map(head).collect();
    let header = format!(
        r#"{{"tags_width": 15, "heads": [{}],
             "link": {{"roles": ["source", "cue", "content"], "dims": 1, "scale": 1, "null": [-9, -9, -9],
                       "distance_edges": [1, 3], "distance": [[0, 1, 2, 3, 0], [0, 1, 2, 3, 0], [0, 3, 2, 1, 0]]}},
             "window": {{"pieces": 12, "context": 2, "longest": 16}}}}"#,
        heads.join(",")
    );
    Encoder::with_network(Box::new(ById), &header, VOCABULARY).unwrap()
}

#[test]
fn tags_become_names_roles_and_links_by_word() {
    let layout = Layout::new("Anna Berg said yes\nAnna");
    let signals = encoder().detect(&layout);
    let names: Vec<_> = signals.names.iter().map(|n| (n.words.clone(), n.entity_type)).collect();
    assert_eq!(names, [(0..2, EntityType::Person), (4..5, EntityType::Person)]);
    let roles: Vec<_> = signals.roles.iter().map(|r| (r.role, r.words.clone())).collect();
    assert_eq!(roles, [(Role::Source, 0..2), (Role::Cue, 2..3), (Role::Content, 3..4), (Role::Source, 4..5)]);
    let best = |role, from| {
        let of_piece = signals.links.iter().filter(|link| link.role == role && link.from == from);
        of_piece.max_by(|a, b| a.score.total_cmp(&b.score)).and_then(|link| link.cue)
    };
    assert_eq!((best(Role::Source, 0), best(Role::Content, 3)), (Some(2), Some(2)));
    assert_eq!(encoder().conll_names(&layout), []);
}

#[test]
fn a_long_text_is_answered_whole() {
    let signals = encoder().detect(&Layout::new(&"Anna Berg said yes. ".repeat(100)));
    assert_eq!((signals.names.len(), signals.roles.len()), (100, 300));
    assert!(signals.names.iter().enumerate().all(|(at, name)| name.words == (5 * at..5 * at + 2)));
    assert_eq!(encoder().detect(&Layout::new("")), Signals::default());
}
