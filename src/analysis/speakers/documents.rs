//! Documents that speak: a poll by its name or as "the poll", and a statement as the words of whoever gives it ("a
//! ministry statement"). Reads the scene and a description; refuses to know other sources.

use super::phrase::Phrase;
use super::scene::{NameAt, Scene};
use crate::analysis::entities::polls::is_poll;
use crate::domain::annotation::{EntityType, MentionForm};
use crate::domain::span::ByteSpan;

/// Documents whose words are those of who gives them.
const WORDS_OF: [&str; 6] = ["announcement", "communique", "release", "statement", "tweet", "website"];

/// The polls of a document where they stand.
pub(super) struct Polls {
    /// In text order: span and entity.
    mentions: Vec<(ByteSpan, usize)>,
}

impl Polls {
    /// Reads the entities before any description has joined them: what are descriptions by then are polls.
    pub fn new(scene: &Scene<'_, '_>) -> Self {
        let works =
            scene.entities.iter().enumerate().filter(|(_, found)| found.entity_type == EntityType::Work);
        let mentions = works.flat_map(|(entity, found)| {
            let described = found.mentions.iter().filter(|mention| mention.form == MentionForm::Nominal);
            described.map(move |mention| (mention.span, entity))
        });
        let mut mentions: Vec<_> = mentions.collect();
        mentions.sort_unstable();
        Self { mentions }
    }

    /// The poll that a description in a source means: the one it names, else the last one before, else, as headlines
    /// and first sentences do it, the one that is named next.
    pub fn meant(&self, phrase: &Phrase, source: ByteSpan) -> Option<(usize, ByteSpan)> {
        if !is_poll(&phrase.head) || phrase.plural {
            return None;
        }
        let before = self.mentions.partition_point(|(span, _)| span.begin < source.begin);
        let mut inside = self.mentions[before..].iter().take_while(|(span, _)| span.begin < source.end);
        let named = inside.find(|(span, _)| source.contains(*span));
        let last = || before.checked_sub(1).map(|at| &self.mentions[at]);
        let next = || self.mentions.first();
        named.or_else(last).or_else(next).map(|(span, entity)| (*entity, *span))
    }
}

/// The name right before "statement", with or without a possessive 's.
pub(super) fn giver<'s>(scene: &'s Scene<'_, '_>, phrase: &Phrase, source: ByteSpan) -> Option<&'s NameAt> {
    if !WORDS_OF.contains(&phrase.head.as_str()) {
        return None;
    }
    let leads = |name: &&NameAt| {
        let after = if name.possessive { name.words.end + 2 } else { name.words.end };
        scene.folded(after) == phrase.head && scene.kind_of(name.entity) != EntityType::Norp
    };
    scene.names_in(source).iter().find(leads)
}
