//! Synonyms at work. Before the index is asked, what a text says of the words that stand for each other is taken out of it, and any of
//! the group is asked for instead, in an expression: the index knows nothing of synonyms. Words compare as in the index, whatever it
//! makes of them. What deletes and renews documents is taken as it is written.

use super::Engine;
use super::synonyms::Synonyms;
use crate::domain::filter::{Condition, Expression, TextField};
use crate::domain::ids::CollectionId;
use crate::domain::query::{DocumentFilter, QuoteFilter, Within};
use crate::folding::free_text::{self, Part};
use crate::ports::SearchIndex;
use std::collections::{BTreeMap, HashMap};

/// The synonyms of one collection, ready to be looked up.
#[derive(Debug, Default)]
pub(super) struct Thesaurus {
    groups: Vec<Vec<String>>,
    /// By the stems of a member, the groups that it is in.
    by_stems: HashMap<Vec<String>, Vec<usize>>,
    /// Stems of the longest member.
    longest: usize,
}

/// A text with synonyms.
#[derive(Debug, PartialEq)]
struct Expanded {
    /// What is left of the text, if it has a word.
    rest: Option<String>,
    /// For each group that it names, all members.
    choices: Vec<Vec<String>>,
}

/// The thesauri of all collections that have synonyms.
pub(super) fn all(
    synonyms: BTreeMap<CollectionId, Synonyms>,
    index: &dyn SearchIndex,
) -> HashMap<CollectionId, Thesaurus> {
    let stems = |text: &str| index.stems(text);
    synonyms.into_iter().map(|(collection, one)| (collection, Thesaurus::of(one, stems))).collect()
}

impl Engine {
    /// The filter with synonyms in its text.
    pub(super) fn quotes_with_synonyms(&self, within: &Within, filter: QuoteFilter) -> QuoteFilter {
        let Some(Expanded { rest, choices }) = self.expanded(within, filter.text.as_deref()) else {
            return filter;
        };
        let expression = with_choices(filter.expression, filter.text_field, choices);
        QuoteFilter { text: rest, expression: Some(expression), ..filter }
    }

    /// The filter with synonyms in its text.
    pub(super) fn documents_with_synonyms(&self, within: &Within, filter: DocumentFilter) -> DocumentFilter {
        let Some(Expanded { rest, choices }) = self.expanded(within, filter.text.as_deref()) else {
            return filter;
        };
        let expression = with_choices(filter.expression, TextField::Article, choices);
        DocumentFilter { text: rest, expression: Some(expression), ..filter }
    }

    /// All words that a text asks for, synonyms too, as a text to be marked.
    pub(super) fn words_with_synonyms(&self, within: &Within, text: &str) -> String {
        let Some(Expanded { rest, choices }) = self.expanded(within, Some(text)) else {
            return text.to_owned();
        };
        let members = choices.iter().flatten().map(|member| phrase(member));
        rest.into_iter().chain(members).collect::<Vec<_>>().join(" ")
    }

    /// Several collections may call different words synonyms: looked in together, they have none.
    fn expanded(&self, within: &Within, text: Option<&str>) -> Option<Expanded> {
        let stems = |text: &str| self.core.index.stems(text);
        self.core.thesauri.get(within.one()?)?.expand(text?, stems)
    }
}

impl Thesaurus {
    fn of(synonyms: Synonyms, stems: impl Fn(&str) -> Vec<String>) -> Self {
        let mut all = Self { groups: synonyms.groups, ..Self::default() };
        for (number, members) in all.groups.iter().enumerate() {
            for member in members {
                let stems = stems(member);
                // Of a word that is too long to be looked up nothing is left.
                if stems.is_empty() {
                    continue;
                }
                all.longest = all.longest.max(stems.len());
                let groups = all.by_stems.entry(stems).or_default();
                if !groups.contains(&number) {
                    groups.push(number);
                }
            }
        }
        all
    }

    /// Nothing where the text, outside of quotation marks, names no member. Of members that overlap the first counts, of those the
    /// longest.
    fn expand(&self, text: &str, stems: impl Fn(&str) -> Vec<String>) -> Option<Expanded> {
        let parts = free_text::parts(text);
        let words: Vec<Option<Vec<String>>> = parts
            .iter()
            .map(|part| match part {
                Part::Word(word) => Some(stems(word)),
                Part::Quoted(..) | Part::Prefix(_) | Part::Fuzzy(..) => None,
            })
            .collect();
        let (mut rest, mut choices, mut at) = (Vec::new(), Vec::new(), 0);
        while let Some(part) = parts.get(at) {
            let Some((taken, groups)) = self.longest(&words[at..]) else {
                rest.push(part.to_string());
                at += 1;
                continue;
            };
            let members = self.members(groups);
            if !choices.contains(&members) {
                choices.push(members);
            }
            at += taken;
        }
        let rest = rest.join(" ");
        let rest = (!stems(&rest).is_empty()).then_some(rest);
        (!choices.is_empty()).then_some(Expanded { rest, choices })
    }

    /// The longest member that begins the words: how many words it takes, and its groups.
    fn longest(&self, words: &[Option<Vec<String>>]) -> Option<(usize, &[usize])> {
        let (mut found, mut stems) = (None, Vec::new());
        for (n, word) in words.iter().enumerate() {
            let Some(word) = word else { break };
            stems.extend(word.iter().cloned());
            if stems.len() > self.longest {
                break;
            }
            if let Some(groups) = self.by_stems.get(&stems) {
                found = Some((n + 1, groups.as_slice()));
            }
        }
        found
    }

    /// The members of the groups, each once.
    fn members(&self, groups: &[usize]) -> Vec<String> {
        let mut members: Vec<String> = groups.iter().flat_map(|group| self.groups[*group].clone()).collect();
        members.sort_unstable();
        members.dedup();
        members
    }
}

/// The expression, and any member of each choice in the field.
fn with_choices(expression: Option<Expression>, field: TextField, choices: Vec<Vec<String>>) -> Expression {
    let any = |members: Vec<String>| {
        let words = members.iter().map(|member| Expression::Is(Condition::Words(field, phrase(member))));
        Expression::Any(words.collect())
    };
    Expression::All(expression.into_iter().chain(choices.into_iter().map(any)).collect())
}

/// The words of a member side by side.
fn phrase(member: &str) -> String {
    Part::Quoted(member, 0).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words in lower case, without an s at the end.
    fn stems(text: &str) -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(|word| word.to_lowercase().trim_end_matches('s').to_owned()).collect()
    }

    fn thesaurus(text: &str) -> Thesaurus {
        Thesaurus::of(Synonyms::parse(text.as_bytes()).unwrap(), stems)
    }

    #[test]
    fn members_are_taken_out_of_a_text_and_their_group_is_asked_for() {
        let known = thesaurus(
            "nhs, national health service\nhealth, wellbeing\ndoctor, gp\nport, harbour\nport, wine",
        );
        let (nhs, doctor) = (vec!["national health service", "nhs"], vec!["doctor", "gp"]);
        type Case<'c> = (&'c str, Option<&'c str>, Vec<Vec<&'c str>>);
        let cases: [Case<'_>; 8] = [
            ("NHS", None, vec![nhs.clone()]),
            ("nhs, \"\" ?", None, vec![nhs.clone()]),
            ("strikes: National Health Service doctors", Some("strikes:"), vec![nhs.clone(), doctor.clone()]),
            ("national-health service nhs", None, vec![nhs]),
            ("national \"health\" doctor* doctors~", None, vec![]),
            (
                "health of doctors \"the nhs\"~2 pay*",
                Some("of \"the nhs\"~2 pay*"),
                vec![vec!["health", "wellbeing"], doctor.clone()],
            ),
            ("port", None, vec![vec!["harbour", "port", "wine"]]),
            ("doctor-patient talks \"gp", Some("doctor-patient talks"), vec![doctor]),
        ];
        for (text, rest, choices) in cases {
            let expanded = known.expand(text, stems);
            assert_eq!(expanded.is_some(), !choices.is_empty(), "{text}");
            let Some(expanded) = expanded else { continue };
            assert_eq!(expanded.rest.as_deref(), rest, "{text}");
            assert_eq!(expanded.choices, choices, "{text}");
        }
    }
}
