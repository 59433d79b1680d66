//! The encoder over a network that is no network: what it makes of scores.

use super::*;
use crate::analysis::references::Form;
use crate::analysis::signals::RoleSpan;
use crate::domain::annotation::EntityType;

const VOCABULARY: &str = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nanna\nberg\nsaid\nyes\n";

/// Tags pieces by their ids alone, and links by nothing.
struct ById;

impl Network for ById {
    fn run(&self, ids: &[i32], _: &[i32]) -> Scores {
        let mut scores = Scores::default();
        for id in ids {
            // Columns: worldwide, conll, source, cue, content, the same of statements and inner contents; O, B and I of each.
            let tagged: &[usize] = match id {
                4 => &[1, 7, 16],
                5 => &[2, 8, 17],
                6 => &[10, 19],
                7 => &[13, 22],
                _ => &[],
            };
            let score = |column| match (tagged.contains(&column), column % 3) {
                (true, _) => 9.0,
                (false, 0) => 5.0,
                (false, _) => 0.0,
            };
            scores.tags.extend((0..27).map(score));
            scores.queries.extend([0.0; 3]);
            scores.keys.push(0.0);
            scores.reference_queries.push(1.0);
            scores.reference_keys.push(*id as f32);
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
        ("stated_source", "source"),
        ("stated_cue", "cue"),
        ("stated_content", "content"),
        ("stated_inner", "content"),
    ];
    let heads: Vec<String> = heads.into_iter().enumerate().map(head).collect();
    let seven = |row: &str| [row; 7].join(",");
    let header = format!(
        r#"{{"tags_width": 27, "heads": [{}],
             "link": {{"roles": ["source", "cue", "content"], "dims": 1, "scale": 1, "null": [-9, -9, -9],
                       "distance_edges": [1, 3], "distance": [[0, 1, 2, 3, 0], [0, 1, 2, 3, 0], [0, 3, 2, 1, 0]]}},
             "reference": {{"forms": ["he", "she", "it", "they", "description", "short_name", "no_source"],
                            "outcomes": ["unnamed", "none"], "dims": 1, "scale": 1, "outcome_keys": [[0], [0]],
                            "outcome": [{}], "distance_edges": [1], "distance": [{}]}},
             "window": {{"pieces": 12, "context": 2, "longest": 16}}}}"#,
        heads.join(","),
        seven("[0, 0]"),
        seven("[0, 0, 0]")
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
    assert_eq!(signals.attributed.roles, signals.roles);
}

#[test]
fn words_that_refer_and_words_that_name_keep_their_vectors() {
    let layout = Layout::new("Anna Berg said yes\nShe said yes");
    let references = encoder().detect(&layout).references;
    let she = references.referring(&(4..5), Form::She).unwrap();
    let expected = (4.0f32.exp() + 5.0f32.exp()).ln();
    assert!((references.score(&she, &(0..2)).unwrap() - expected).abs() < 1e-4);
    assert!(references.referring(&(2..3), Form::She).is_none());
}

#[test]
fn a_long_text_is_answered_whole() {
    let signals = encoder().detect(&Layout::new(&"Anna Berg said yes. ".repeat(100)));
    assert_eq!((signals.names.len(), signals.roles.len()), (100, 300));
    assert!(signals.names.iter().enumerate().all(|(at, name)| name.words == (5 * at..5 * at + 2)));
    assert_eq!(encoder().detect(&Layout::new("")).roles, []);
}

/// Sees of "anna said anna berg said yes yes" one content behind the first cue, and doubts the second; what is less than the
/// whole it tags by ids.
struct Outermost;

impl Network for Outermost {
    fn run(&self, ids: &[i32], cases: &[i32]) -> Scores {
        let mut scores = ById.run(ids, cases);
        if ids.len() < 9 {
            return scores;
        }
        for (at, row) in scores.tags.chunks_exact_mut(27).enumerate() {
            row[15..].copy_from_slice(&[5.0, 0.0, 0.0].repeat(4));
            match at {
                1 => row[16] = 9.0,
                2 => row[19] = 9.0,
                3 => row[22] = 9.0,
                4..=7 => row[23] = 9.0,
                _ => {}
            }
            if at == 5 {
                row[19] = 4.7;
            }
        }
        scores
    }
}

#[test]
fn a_content_that_seems_to_hold_a_cue_is_read_again() {
    let mut encoder = encoder();
    encoder.network = Box::new(Outermost);
    let signals = encoder.detect(&Layout::new("Anna said anna berg said yes yes"));
    let of = |roles: &[RoleSpan]| roles.iter().map(|r| (r.role, r.words.clone())).collect::<Vec<_>>();
    assert_eq!(of(&signals.roles), [(Role::Source, 0..1), (Role::Cue, 1..2), (Role::Content, 2..7)]);
    let inner = of(&signals.inner.roles);
    assert!(
        inner.starts_with(&[(Role::Source, 2..4), (Role::Cue, 4..5), (Role::Content, 5..6)]),
        "{inner:?}"
    );
    let cue = |role, from| {
        let of_piece = signals.inner.links.iter().filter(|link| link.role == role && link.from == from);
        of_piece.max_by(|a, b| a.score.total_cmp(&b.score)).and_then(|link| link.cue)
    };
    assert_eq!((cue(Role::Source, 2), cue(Role::Content, 5)), (Some(4), Some(4)));
}
