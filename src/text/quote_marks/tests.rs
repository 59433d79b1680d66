//! What the automaton makes of marks that are whole, nested, missing or stray.

use super::*;
use crate::text::paragraphs::paragraphs;
use proptest::prelude::*;

fn regions(text: &str) -> Vec<QuotedRegion> {
    quoted_regions(text, &paragraphs(text))
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let regions = regions(text);
    let found: Vec<_> = regions.iter().map(|region| region.span.slice(text)).collect();
    assert_eq!(found, expected, "in {text:?}");
}

#[test]
fn every_style_of_mark() {
    check("He said “yes” and \"no\" and ‘maybe’ and 'never'.", &["“yes”", "\"no\"", "‘maybe’", "'never'"]);
    check("Il dit «oui» puis « non ».", &["«oui»", "« non »"]);
    check("Er sagte „ja“ und „nein”, dann »doch«.", &["„ja“", "„nein”", "»doch«"]);
    check("``Yes,'' she said, ''no.''", &["``Yes,''", "''no.''"]);
    check("`Yes,' she said.", &["`Yes,'"]);
    check("彼は「はい」と言った。", &["「はい」"]);
    check("They sang ＂together＂.", &["＂together＂"]);
}

#[test]
fn straight_marks_open_and_close_by_their_neighbours() {
    check("\"One,\" she said. \"Two.\"", &["\"One,\"", "\"Two.\""]);
    check("(\"Aside\") and \"more\"—\"still\"", &["\"Aside\"", "\"more\"", "\"still\""]);
    check("\"Dash—\" \"Really?\"", &["\"Dash—\"", "\"Really?\""]);
    check("He said:\"Come.\"", &["\"Come.\""]);
    check("\"[We] know it,\" he said. \"...then\"", &["\"[We] know it,\"", "\"...then\""]);
    check("\" Spaced out, \" he said, \" again . \"", &["\" Spaced out, \"", "\" again . \""]);
}

#[test]
fn marks_typed_the_wrong_way_round_still_pair() {
    check("He said ”yes” and “no“ and ”maybe“.", &["”yes”", "“no“", "”maybe“"]);
    check("\"Straight to curly,” he said.", &["\"Straight to curly,”"]);
}

#[test]
fn apostrophes_are_no_marks() {
    check("It’s the ’90s, rock ’n’ roll, James’ hat; don't tell 'em: 'twas the dogs' dinner.", &[]);
    check("The '90s and the workers' rights were the bosses' fear.", &[]);
    check("O'Brien’s dogs’ bowls, and ‘em all", &[]);
    check("‘It’s the workers’ turn,’ he said.", &["‘It’s the workers’ turn,’"]);
    check("'Don't stop the workers' march,' he said.", &["'Don't stop the workers' march,'"]);
    check("They are ‘legitimate targets’ for ‘destruction’ now", &["‘legitimate targets’", "‘destruction’"]);
    check("Troops 'legitimate targets': Ames", &["'legitimate targets'"]);
    check("“It’s James’ turn in the ’90s,” he said.", &["“It’s James’ turn in the ’90s,”"]);
}

#[test]
fn feet_and_inches_are_no_marks() {
    check("\"He was 6'2\" tall,\" she said.", &["\"He was 6'2\" tall,\""]);
    check("A 5'11\" man, he said \"no\".", &["\"no\""]);
}

#[test]
fn the_outermost_marks_count() {
    check("“He said ‘go’ and ‘run’,” she said.", &["“He said ‘go’ and ‘run’,”"]);
    check("‘He said “go” to me,’ she said.", &["‘He said “go” to me,’"]);
    check("\"I said 'no,'\" he said. 'She said \"yes\"'", &["\"I said 'no,'\"", "'She said \"yes\"'"]);
    check("“‘Go,’ he said, ‘now!’”", &["“‘Go,’ he said, ‘now!’”"]);
    check("“It was “fine” then,” she said.", &["“It was “fine” then,”"]);
}

#[test]
fn a_quotation_over_paragraphs_is_one_region() {
    let text = "“One.\n\n“Two.\n\n“Three,” he said. “Four.”";
    check(text, &["“One.\n\n“Two.\n\n“Three,”", "“Four.”"]);
    let pieces: Vec<_> = regions(text)[0].pieces.iter().map(|piece| piece.slice(text)).collect();
    assert_eq!(pieces, ["“One.", "“Two.", "“Three,”"]);
    check("She said: \"One.\r\n\"Two.\"\r\n\"Three.\"", &["\"One.\r\n\"Two.\"", "\"Three.\""]);
    check("‘One.\n‘Two,’ he said.", &["‘One.\n‘Two,’"]);
}

#[test]
fn a_forgotten_closing_mark_ends_with_its_paragraph() {
    check("“We won, he said.\nNobody “lost” here.", &["“We won, he said.", "“lost”"]);
    assert!(!regions("“We won, he said.\nNobody.")[0].closed);
    check("“We won. “We did,” he said.", &["“We won.", "“We did,”"]);
}

#[test]
fn an_odd_mark_costs_no_other_quotation() {
    check("We won,” he said. “And again.”\n“Yes.”", &["“And again.”", "“Yes.”"]);
    check("A 12\" record. \"Play it,\" he said. \"Now.\"", &["\"Play it,\"", "\"Now.\""]);
    check("He asked \"why.\nShe said \"because\" and \"so\".", &["\"why.", "\"because\"", "\"so\""]);
    check("A \" b.\n\"Yes,\" he said.", &["\"Yes,\""]);
    check("Stray ' here, “one” and ‘ there, “two”.", &["“one”", "“two”"]);
}

#[test]
fn marks_around_nothing_are_no_quotation() {
    check("\"\"= \"\" '' “” ‘’ «» ''''", &[]);
    check("", &[]);
    check("\"", &[]);
}

/// Text with far more marks, breaks and odd characters than any that is written.
fn marked_text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        5 => "[\"“”„‘’'`«»「」]",
        3 => "[a-zA-Z0-9]{1,6}",
        3 => Just(" ".to_owned()),
        1 => prop::sample::select(vec!["\n", "\r\n", "\n\n", "\u{2029}", "\0"]).prop_map(str::to_owned),
        1 => prop::sample::select(vec![",", ".", "—", "👩‍🚀", "e\u{301}", "’90s", "\u{feff}", "6'2\""]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn regions_are_ordered_disjoint_and_made_of_their_pieces(text in marked_text()) {
        let paragraphs = paragraphs(&text);
        let mut end = 0;
        for region in quoted_regions(&text, &paragraphs) {
            prop_assert!(region.span.begin >= end && !region.span.is_empty());
            end = region.span.end;
            prop_assert_eq!(region.pieces.first().map(|piece| piece.begin), Some(region.span.begin));
            prop_assert_eq!(region.pieces.last().map(|piece| piece.end), Some(region.span.end));
            prop_assert!(region.pieces.is_sorted_by(|a, b| a.end <= b.begin));
            for piece in &region.pieces {
                prop_assert!(ByteSpan::new(&text, piece.begin as usize, piece.end as usize).is_some());
                prop_assert!(paragraphs.iter().any(|paragraph| paragraph.contains(*piece)));
            }
        }
    }

    #[test]
    fn a_stray_mark_before_leaves_well_marked_quotations_alone(words in "[a-z]{1,8}( [a-z]{1,8}){0,5}", mark in "[\"”’'»]") {
        let text = format!("Stray{mark} one here.\nHe said “{words}” to us.");
        let found: Vec<_> = regions(&text).iter().map(|r| r.span.slice(&text).to_owned()).collect();
        prop_assert!(found.contains(&format!("“{words}”")), "{:?}", found);
    }
}

#[test]
fn a_megabyte_of_marks_takes_linear_time() {
    let started = std::time::Instant::now();
    for unit in ["\"", "“", "“a ", "‘a ", "\"‘as’ ", "'", "\"\"=", "“a\n", "‘as’ \"", "«“‘\"'"]
    {
        let text = unit.repeat((1 << 20) / unit.len());
        let _ = regions(&text);
    }
    // Ten megabytes: a quadratic step would take hours.
    assert!(started.elapsed() < std::time::Duration::from_secs(60));
}
