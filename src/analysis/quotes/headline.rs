//! Headline forms: "Ames: no new taxes", "No new taxes: Ames", "'No new taxes': Ames". A colon between a name and a
//! clause, in a paragraph that is one line without a final mark, attributes the one to the other. For lines of which the
//! detector had nothing to say: there are few headlines to learn from.

use super::Attribution;
use crate::analysis::signals::{Layout, NameSpan, Role, RoleSpan};
use crate::domain::annotation::EntityType;
use std::collections::HashSet;
use std::ops::Range;

/// Confidence of an attribution that the form alone has told.
const BY_FORM: f32 = 0.6;
/// Longest headline, in words.
const LONGEST: usize = 32;
/// Shortest content, in words: "Ames: biography" is no quote.
const SHORTEST: usize = 3;

/// The attributions of the lines that have the form and hold none yet, in text order. `roles` are those that a detector saw.
pub(super) fn headlines(layout: &Layout<'_>, names: &[NameSpan], roles: &[RoleSpan]) -> Vec<Attribution> {
    let sources = sources(layout, roles);
    let mut found = Vec::new();
    let (mut next_name, mut next_role) = (0, 0);
    for paragraph in &layout.paragraphs {
        let words = layout.words_of(*paragraph);
        next_name += names[next_name..].iter().take_while(|name| name.words.start < words.start).count();
        next_role += roles[next_role..].iter().take_while(|role| role.words.start < words.start).count();
        let here = roles[next_role..].iter().take_while(|role| role.words.start < words.end);
        if words.len() > LONGEST
            || ends_sentence(paragraph.slice(layout.text))
            || here.clone().any(|role| role.role == Role::Cue)
        {
            continue;
        }
        found.extend(headline(layout, &names[next_name..], &sources, words));
    }
    found
}

/// What speaks elsewhere in the text, without an article.
fn sources<'t>(layout: &Layout<'t>, roles: &[RoleSpan]) -> HashSet<&'t str> {
    let sources = roles.iter().filter(|role| role.role == Role::Source);
    let bare = sources.map(|source| {
        let text = layout.span_of(&source.words).slice(layout.text);
        text.strip_prefix("the ").or(text.strip_prefix("The ")).unwrap_or(text)
    });
    bare.filter(|source| source.starts_with(char::is_uppercase)).collect()
}

fn ends_sentence(paragraph: &str) -> bool {
    paragraph.trim_end_matches(['"', '”', '’', '\'', '»']).ends_with(['.', '…', ':'])
}

/// The attribution of one line, if it has a colon with a speaker on one side.
fn headline(
    layout: &Layout<'_>,
    names: &[NameSpan],
    sources: &HashSet<&str>,
    words: Range<usize>,
) -> Option<Attribution> {
    let is_colon = |at: &usize| {
        let spaced =
            layout.words.get(at + 1).is_some_and(|next| next.span.begin > layout.words[*at].span.end);
        layout.word(*at) == ":" && spaced && layout.quoted_at(layout.words[*at].span.begin).is_none()
    };
    let colon = words.clone().find(is_colon)?;
    let (before, after) = (words.start..colon, colon + 1..words.end);
    let is_source = |side: &Range<usize>| sources.contains(layout.span_of(side).slice(layout.text));
    let (source, content) =
        if after.len() >= SHORTEST && (speaks(names, &before, false) || is_source(&before)) {
            (before, after)
        } else if before.len() >= SHORTEST && (speaks(names, &after, true) || is_source(&after)) {
            (after, before)
        } else {
            return None;
        };
    let span = |words: &Range<usize>| layout.span_of(words);
    let opens = span(&content).slice(layout.text).chars().find(|c| c.is_alphanumeric())?;
    (opens.is_uppercase() || opens.is_numeric() || layout.quoted_at(span(&content).begin).is_some()).then(
        || Attribution {
            contents: vec![span(&content)],
            cue: Some(colon..colon + 1),
            source: Some(span(&source)),
            verbatim: false,
            confidence: BY_FORM,
        },
    )
}

/// Whether a side of the colon is a name that can speak, with nothing but a title before it. A place speaks behind
/// its words; before the colon it is where the news comes from.
fn speaks(names: &[NameSpan], side: &Range<usize>, behind: bool) -> bool {
    let ends_here = |name: &&NameSpan| name.words.end == side.end && name.words.start >= side.start;
    let name = names.iter().take_while(|name| name.words.start < side.end).find(ends_here);
    name.is_some_and(|name| {
        let can = matches!(name.entity_type, EntityType::Person | EntityType::Organization);
        (can || (behind && name.entity_type == EntityType::Gpe)) && name.words.start - side.start <= 3
    })
}
