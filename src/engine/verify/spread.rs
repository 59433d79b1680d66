//! Over all quotes that have the words: who said them, in which outlets they are, and since when.

use super::judge::Compared;
use crate::domain::ids::EntityId;
use crate::domain::verdict::{Outlet, SaidBy, Spread};
use std::collections::HashMap;

/// Most speakers and most outlets to name.
const MOST_NAMED: usize = 100;

/// Speakers by number of quotes.
pub(super) fn said_by(quotes: &[&Compared]) -> Vec<SaidBy> {
    let mut all: Vec<SaidBy> = Vec::new();
    let mut places: HashMap<(Option<EntityId>, String), usize> = HashMap::new();
    for compared in quotes {
        let speaker = &compared.hit.quote.speaker;
        let label = speaker.name.as_ref().or(speaker.description.as_ref()).cloned().unwrap_or_default();
        let entity = compared.hit.speaker.clone();
        // One entity has many names.
        let name = if entity.is_some() { String::new() } else { label.clone() };
        let place = *places.entry((entity.clone(), name)).or_insert_with(|| {
            all.push(SaidBy { speaker: label, entity, quotes: 0 });
            all.len() - 1
        });
        all[place].quotes += 1;
    }
    all.sort_by_key(|said| std::cmp::Reverse(said.quotes));
    all.truncate(MOST_NAMED);
    all
}

/// Outlets and dates.
pub(super) fn spread(quotes: &[&Compared]) -> Spread {
    let mut outlets: Vec<Outlet> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for compared in quotes {
        let document = &compared.hit.document;
        let source = document.source.as_deref().unwrap_or_default();
        let place = *places.entry(source).or_insert_with(|| {
            outlets.push(Outlet { source: source.to_owned(), quotes: 0, first: None });
            outlets.len() - 1
        });
        let outlet = &mut outlets[place];
        outlet.quotes += 1;
        outlet.first = outlet.first.into_iter().chain(document.published_at).min();
    }
    outlets.sort_by(|one, other| (other.quotes, &one.source).cmp(&(one.quotes, &other.source)));
    outlets.truncate(MOST_NAMED);
    let dated = || {
        quotes.iter().filter_map(|compared| Some((&compared.hit.name, compared.hit.document.published_at?)))
    };
    Spread {
        quotes: u32::try_from(quotes.len()).unwrap_or(u32::MAX),
        outlets,
        first: dated().min_by_key(|(name, at)| (*at, *name)).map(|(name, at)| (name.clone(), at)),
        last: dated().map(|(_, at)| at).max(),
    }
}
