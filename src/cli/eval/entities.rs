//! Names, by strict span and type. Gold under the service's own types is compared as it is; gold under the types of a
//! corpus (`Person`, `Location`, `Misc`, …) is compared with the service's types folded into those.

use super::gold::Document;
use super::span::{CodePoints, Span, trimmed, without_article};
use super::tally::{Figures, Tally};
use crate::domain::annotation::{Analysis, EntityType, MentionForm};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A span and its type.
pub type Name = (Span, String);

/// What is printed.
#[derive(Debug, Serialize)]
pub struct Report {
    /// People, organisations, places and groups.
    core: Figures,
    all: Figures,
    by_type: BTreeMap<String, Figures>,
}

/// Scores analyses against the mentions of their documents.
pub fn score(documents: &[Document], analyses: &[Analysis]) -> Report {
    let found: Vec<Vec<Name>> =
        documents.iter().zip(analyses).map(|(document, analysis)| names(document, analysis)).collect();
    score_given(documents, &found)
}

/// Scores names that were found by other means.
pub fn score_given(documents: &[Document], found: &[Vec<Name>]) -> Report {
    let mut by_type: BTreeMap<String, Tally> = BTreeMap::new();
    for (document, found) in documents.iter().zip(found) {
        let comparable = |(span, kind): &Name| {
            let span = trimmed(&document.chars, *span);
            (without_article(&document.chars, span), kind.clone())
        };
        let gold = document.mentions.iter().map(|m| ((m.begin, m.end), m.entity_type.clone()));
        let gold: BTreeSet<Name> = gold.map(|name| comparable(&name)).collect();
        let out: BTreeSet<Name> = found.iter().map(comparable).collect();
        let kinds: BTreeSet<&String> = gold.iter().chain(&out).map(|(_, kind)| kind).collect();
        for kind in kinds {
            let of_kind =
                |names: &BTreeSet<Name>| names.iter().filter(|name| name.1 == *kind).cloned().collect();
            by_type.entry(kind.clone()).or_default().compare(&of_kind(&gold), &of_kind(&out));
        }
    }
    report(by_type)
}

/// Types that the gold never has are the corpus' choice, not errors.
fn report(mut by_type: BTreeMap<String, Tally>) -> Report {
    by_type.retain(|_, tally| tally.gold > 0);
    let core = ["PERSON", "ORGANIZATION", "LOCATION", "GPE", "NORP"];
    let sum = |tallies: &mut dyn Iterator<Item = &Tally>| {
        tallies.fold(Tally::default(), |sum, tally| sum.plus(*tally)).figures()
    };
    let in_core = |kind: &str| core.contains(&kind.to_uppercase().as_str());
    Report {
        core: sum(&mut by_type.iter().filter(|(kind, _)| in_core(kind)).map(|(_, tally)| tally)),
        all: sum(&mut by_type.values()),
        by_type: by_type.iter().map(|(kind, tally)| (kind.clone(), tally.figures())).collect(),
    }
}

fn names(document: &Document, analysis: &Analysis) -> Vec<Name> {
    let own = document.mentions.iter().any(|mention| {
        mention.entity_type != "NORP" && mention.entity_type.chars().all(|c| !c.is_lowercase())
    });
    let at = CodePoints::new(document);
    let mut names = Vec::new();
    for entity in &analysis.entities {
        let Some(kind) = (if own { Some(entity.entity_type.as_str()) } else { folded(entity.entity_type) })
        else {
            continue;
        };
        let mentions = entity.mentions.iter().filter(|mention| mention.form == MentionForm::Name);
        names.extend(mentions.map(|mention| (at.span(mention.span), kind.to_owned())));
    }
    names
}

fn folded(entity_type: EntityType) -> Option<&'static str> {
    Some(match entity_type {
        EntityType::Person => "Person",
        EntityType::Organization => "Organization",
        EntityType::Gpe | EntityType::Location => "Location",
        EntityType::Norp => "NORP",
        EntityType::Date => "Date",
        EntityType::Money => "Money",
        EntityType::Facility => "Facility",
        EntityType::Product => "Product",
        EntityType::Event | EntityType::Work => "Misc",
        EntityType::Percent => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::gold::Mention;
    use super::*;

    #[test]
    fn spans_and_types_must_both_be_right() {
        let mut document = Document::new("The Hague greets Anna, Ben".into());
        let mention = |begin, end, kind: &str| Mention { begin, end, entity_type: kind.into() };
        document.mentions = vec![mention(0, 9, "LOC"), mention(17, 22, "PER"), mention(23, 26, "PER")];
        let found =
            vec![((4, 9), "LOC".to_owned()), ((17, 21), "PER".to_owned()), ((23, 26), "ORG".to_owned())];
        let report = serde_json::to_value(score_given(&[document], &[found])).unwrap();
        assert_eq!(report["by_type"]["LOC"]["f1"], 1.0);
        assert_eq!(report["by_type"]["PER"]["r"], 0.5);
        assert_eq!(report["by_type"]["PER"]["p"], 1.0);
        assert!(report["by_type"].get("ORG").is_none());
    }
}
