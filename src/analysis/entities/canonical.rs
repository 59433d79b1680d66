//! What an entity is called: its longest proper form in the document, without title.

use super::super::signals::Layout;
use super::lexicon::{given_names, places};
use super::name::Name;
use crate::domain::annotation::EntityType;

/// The form with the most words, then the most letters, then not in capitals throughout, then the first.
pub(super) fn name(layout: &Layout<'_>, entity_type: EntityType, members: &[&Name]) -> String {
    let best = members
        .iter()
        .copied()
        .reduce(|best, name| if rank(layout, name) > rank(layout, best) { name } else { best });
    let best = best.map(|best| without_style(layout, members, best));
    // A country goes by its usual name, however long its official one is.
    let usual = |name: &&&Name| places::country(&name.key()).is_some_and(|country| country == name.key());
    let best = members.iter().find(usual).copied().or(best);
    best.map(|name| written(layout, entity_type, name)).unwrap_or_default()
}

/// "Hun Lund" where the longest form is "Samdech Hun Lund": what stands before a full name that the text has as well, and is no
/// given name, is a style.
fn without_style<'n>(layout: &Layout<'_>, members: &[&'n Name], best: &'n Name) -> &'n Name {
    if !best.is_person() || given_names::feminine(&best.tokens[0]).is_some() {
        return best;
    }
    let inner = members.iter().filter(|name| {
        let full = name.span.slice(layout.text).contains(char::is_whitespace);
        full && name.tokens.len() < best.tokens.len() && best.tokens.ends_with(&name.tokens)
    });
    inner.max_by_key(|name| name.tokens.len()).copied().unwrap_or(best)
}

fn rank(layout: &Layout<'_>, name: &Name) -> (usize, bool, usize) {
    let raw = name.span.slice(layout.text);
    let shouted = !name.acronym && !raw.chars().any(char::is_lowercase);
    let words = if name.acronym { 1 } else { name.tokens.len() };
    (words, !shouted && !name.acronym, raw.chars().count())
}

/// One line, and "John Doe" for "Doe, John".
fn written(layout: &Layout<'_>, entity_type: EntityType, name: &Name) -> String {
    let raw = name.span.slice(layout.text).split_whitespace().collect::<Vec<_>>().join(" ");
    match raw.split_once(", ") {
        Some((family, given)) if entity_type == EntityType::Person => format!("{given} {family}"),
        _ => raw,
    }
}
