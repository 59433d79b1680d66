//! The names of a document in text order, with what the words around each say about its part in the sentence. Made
//! once; everything in `speakers` reads it. It knows entities by index and refuses to know quotes.

use super::super::signals::Layout;
use crate::domain::annotation::{Entity, EntityType, MentionForm};
use crate::domain::span::ByteSpan;
use crate::folding::names::fold;
use std::collections::BTreeMap;
use std::ops::Range;

/// A name where it stands.
#[derive(Debug, Clone)]
pub(super) struct NameAt {
    pub span: ByteSpan,
    pub words: Range<usize>,
    /// Index of the entity.
    pub entity: usize,
    pub sentence: usize,
    /// Inside quotation marks.
    pub quoted: bool,
    /// Followed by a possessive 's.
    pub possessive: bool,
    /// The first name of its sentence, outside of quotation marks, after no preposition.
    pub subject: bool,
}

/// A laid-out text with its entities.
#[derive(Debug)]
pub(super) struct Scene<'a, 't> {
    pub layout: &'a Layout<'t>,
    pub entities: &'a [Entity],
    /// In text order.
    pub names: Vec<NameAt>,
    /// Entities by folded name, and people by each word of their names: the most mentioned one.
    bearers: BTreeMap<String, usize>,
}

impl<'a, 't> Scene<'a, 't> {
    /// Reads every name mention of the entities that can speak or own.
    pub fn new(layout: &'a Layout<'t>, entities: &'a [Entity]) -> Self {
        let mut names = Vec::new();
        for (entity, found) in entities.iter().enumerate().filter(|(_, e)| e.entity_type.is_nameable()) {
            let forms = found.mentions.iter().filter(|mention| mention.form == MentionForm::Name);
            names.extend(forms.map(|mention| name_at(layout, entity, mention.span)));
        }
        names.sort_by_key(|name| name.span);
        let mut last = None;
        for name in names.iter_mut().filter(|name| !name.quoted) {
            let governed = name.words.start.checked_sub(1).map(|at| layout.word(at));
            let governed = governed.is_some_and(super::pronouns::is_preposition);
            name.subject = last != Some(name.sentence) && !governed && !name.possessive;
            last = Some(name.sentence);
        }
        let bearers = bearers(layout, entities, &names);
        Self { layout, entities, names, bearers }
    }

    /// The names that lie inside a span, in text order.
    pub fn names_in(&self, span: ByteSpan) -> &[NameAt] {
        let from = self.names.partition_point(|name| name.span.begin < span.begin);
        let to = from + self.names[from..].partition_point(|name| name.span.begin < span.end);
        &self.names[from..to]
    }

    /// The entity that bears a folded name or word of a name.
    pub fn bearer(&self, name: &str) -> Option<usize> {
        self.bearers.get(name).copied()
    }

    /// What the entity is.
    pub fn kind_of(&self, entity: usize) -> EntityType {
        self.entities[entity].entity_type
    }

    /// The folded word at an index; empty past the last.
    pub fn folded(&self, at: usize) -> String {
        fold(self.layout.word(at))
    }

    /// The first word of the sentence that holds the word.
    pub fn sentence_start(&self, at: usize) -> usize {
        let Some(word) = self.layout.words.get(at) else { return at };
        let sentence = self.layout.sentence_at(word.span.begin);
        let begin = self.layout.sentences.get(sentence).map_or(0, |span| span.begin);
        self.layout.words.partition_point(|word| word.span.begin < begin).min(at)
    }

    /// One past the last word of the sentence that holds the word.
    pub fn sentence_end(&self, at: usize) -> usize {
        let Some(word) = self.layout.words.get(at) else { return at };
        let sentence = self.layout.sentence_at(word.span.begin);
        let end = self.layout.sentences.get(sentence).map_or(u32::MAX, |span| span.end);
        self.layout.words.partition_point(|word| word.span.begin < end).max(at)
    }
}

fn bearers(layout: &Layout<'_>, entities: &[Entity], names: &[NameAt]) -> BTreeMap<String, usize> {
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for name in names {
        let folded = fold(name.span.slice(layout.text));
        let person = entities[name.entity].entity_type == EntityType::Person;
        let words = folded.split(' ').filter(|word| person && word.chars().count() > 2);
        for word in words.chain([folded.as_str()]) {
            let holder = found.entry(word.to_owned()).or_insert(name.entity);
            if entities[name.entity].mentions.len() > entities[*holder].mentions.len() {
                *holder = name.entity;
            }
        }
    }
    found
}

fn name_at(layout: &Layout<'_>, entity: usize, span: ByteSpan) -> NameAt {
    let words = layout.words_of(span);
    let mark = matches!(layout.word(words.end), "'" | "’");
    let possessive =
        mark && (matches!(layout.word(words.end + 1), "s" | "S") || span_ends_in_s(layout, span));
    NameAt {
        span,
        entity,
        sentence: layout.sentence_at(span.begin),
        quoted: layout.quoted_at(span.begin).is_some(),
        possessive,
        subject: false,
        words,
    }
}

fn span_ends_in_s(layout: &Layout<'_>, span: ByteSpan) -> bool {
    span.slice(layout.text).ends_with(['s', 'S', 'z', 'x'])
}
