use super::*;
use crate::text::paragraphs::paragraphs;

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let regions = quoted_regions(text, &paragraphs(text));
    let found: Vec<_> = regions.iter().map(|region| region.span.slice(text)).collect();
    assert_eq!(found, expected);
}

#[test]
fn every_style_of_mark() {
    check("He said “yes” and \"no\" and ‘maybe’ and 'never'.", &["“yes”", "\"no\"", "‘maybe’", "'never'"]);
    check("Il dit «oui» puis «  non ».", &["«oui»", "«  non »"]);
    check("Er sagte „ja“ und „nein”.", &["„ja“", "„nein”"]);
    check("``Yes,'' she said, ''no.''", &["``Yes,''", "''no.''"]);
}
