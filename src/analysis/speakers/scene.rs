//! The names of a document in text order, with what the words around each say about its part in the sentence. Made
//! once; everything in `speakers` reads it. It knows entities by index and refuses to know quotes.

use super::super::signals::Layout;
use crate::analysis::grammar::words::{Class, class};
use crate::domain::annotation::{Entity, EntityType, MentionForm};
use crate::domain::span::ByteSpan;
use crate::folding::names::fold;
use std::collections::BTreeMap;
use std::ops::Range;

/// Bytes from the begin of a paragraph within which a name opens it.
const OPENING: u32 = 60;

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
    /// Of each entity, its names by index, in text order.
    of_entity: Vec<Vec<usize>>,
    /// Of each paragraph, whom it begins with.
    openers: Vec<Option<usize>>,
    /// Entities by folded name, and people by each word of their names: the most mentioned one.
    bearers: BTreeMap<String, usize>,
    /// People by the last words of their full names.
    families: BTreeMap<String, Vec<usize>>,
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
        let mut of_entity = vec![Vec::new(); entities.len()];
        for (at, name) in names.iter().enumerate() {
            of_entity[name.entity].push(at);
        }
        let openers = openers(layout, entities, &names);
        Self { layout, entities, names, of_entity, openers, bearers, families: families(entities) }
    }

    /// The names of an entity around a word: so many before it, so many behind, and the first of all.
    pub fn places(
        &self,
        entity: usize,
        word: usize,
        [before, behind]: [usize; 2],
    ) -> impl Iterator<Item = &NameAt> {
        let all = &self.of_entity[entity];
        let at = all.partition_point(|&name| self.names[name].words.start < word);
        let near = at.saturating_sub(before)..all.len().min(at + behind);
        let first = (near.start > 0).then_some(0);
        first.into_iter().chain(near).map(|index| &self.names[all[index]])
    }

    /// Whom a paragraph begins with.
    pub fn opener(&self, paragraph: usize) -> Option<usize> {
        self.openers.get(paragraph).copied().flatten()
    }

    /// Whether the word at an index begins a noun phrase, as far as words tell: behind "her", a thing that is hers.
    pub fn opens_noun(&self, at: usize) -> bool {
        class(self.layout, at) == Class::Word
    }

    /// Who signs the text: "By Ada Lund" at its head, or "Ada Lund is a novelist in …" at its end.
    pub fn writer(&self) -> Option<usize> {
        let person = |name: &&NameAt| self.kind_of(name.entity) == EntityType::Person;
        let mut signed = self.names.iter().take(6).filter(person).filter(|name| {
            let before = name.words.start.checked_sub(1).map(|at| self.layout.word(at));
            matches!(before, Some("By" | "BY"))
        });
        let last = self.layout.paragraphs.last().map_or(u32::MAX, |paragraph| paragraph.begin);
        let opens = |name: &&NameAt| name.span.begin == last && self.layout.word(name.words.end) == "is";
        let closing = || self.names.iter().rev().take(24).filter(person).find(opens);
        signed.next().or_else(closing).map(|name| name.entity)
    }

    /// The names that lie inside a span, in text order.
    pub fn names_in(&self, span: ByteSpan) -> &[NameAt] {
        let from = self.names.partition_point(|name| name.span.begin < span.begin);
        let to = from + self.names[from..].partition_point(|name| name.span.begin < span.end);
        &self.names[from..to]
    }

    /// The name that a word belongs to.
    pub fn name_around(&self, at: usize) -> Option<&NameAt> {
        let span = self.layout.words.get(at)?.span;
        let after = self.names.partition_point(|name| name.span.begin <= span.begin);
        after.checked_sub(1).map(|last| &self.names[last]).filter(|name| name.span.contains(span))
    }

    /// The entity that bears a folded name or word of a name.
    pub fn bearer(&self, name: &str) -> Option<usize> {
        self.bearers.get(name).copied()
    }

    /// The people whose full names end in the one word that an entity of its own is called by.
    pub fn namesakes(&self, entity: usize) -> &[usize] {
        if self.kind_of(entity) != EntityType::Person {
            return &[];
        }
        self.families.get(&fold(&self.entities[entity].name)).map_or(&[], Vec::as_slice)
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

fn families(entities: &[Entity]) -> BTreeMap<String, Vec<usize>> {
    let mut families: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, entity) in entities.iter().enumerate().filter(|(_, e)| e.entity_type == EntityType::Person) {
        if let Some((_, surname)) = fold(&entity.name).rsplit_once(' ') {
            families.entry(surname.to_owned()).or_default().push(at);
        }
    }
    families
}

/// Of each paragraph, the person named among its first words, outside of quotation marks.
fn openers(layout: &Layout<'_>, entities: &[Entity], names: &[NameAt]) -> Vec<Option<usize>> {
    let mut openers = vec![None; layout.paragraphs.len()];
    for name in names.iter().filter(|name| name.subject) {
        let paragraph = layout.paragraph_at(name.span.begin);
        let near = layout.paragraphs.get(paragraph).is_some_and(|p| name.span.begin - p.begin < OPENING);
        if near && entities[name.entity].entity_type == EntityType::Person {
            openers[paragraph].get_or_insert(name.entity);
        }
    }
    openers
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
