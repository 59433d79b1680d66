//! What the index holds of a document, of each of its quotes, and of an entity: terms and numbers to find it by, and
//! the row that an answer shows.

use super::clusters;
use super::row::{self, DocumentRow, EntityRow, QuoteRow};
use super::schema::{self, Fields, Kind};
use crate::domain::annotation::Quote;
use crate::domain::document::StoredDocument;
use crate::domain::entity::CollectionEntity;
use crate::domain::hit::{QuoteHit, Summary};
use crate::domain::ids::{CollectionId, EntityId};
use crate::domain::span::OffsetMap;
use crate::folding::names;
use crate::ports::Entry;
use crate::wording::{self, Wording};
use std::collections::BTreeSet;
use tantivy::schema::Field;
use tantivy::{TantivyDocument, TantivyError};

/// The columns of an entry; all of them are always there.
#[derive(Default)]
struct Numbers {
    place: u64,
    published: Option<i64>,
    category: u64,
    traits: u64,
    confidence: u64,
    documents: u64,
}

/// The entry of a document and those of its quotes.
pub(super) fn of_document(fields: &Fields, put: &Entry) -> Result<Vec<TantivyDocument>, TantivyError> {
    let stored = &put.document;
    let summary = Summary::of(&stored.info);
    let mut entries = vec![document_entry(fields, stored, &summary)?];
    let map = OffsetMap::new(&stored.text);
    for (n, quote) in stored.analysis.quotes.iter().enumerate() {
        let sentence = put.sentences.get(n).copied().flatten();
        // A quote whose id is none could be shown to nobody.
        if let Some(hit) = QuoteHit::of(stored, &map, quote, sentence) {
            entries.push(quote_entry(fields, stored, n + 1, &hit.into())?);
        }
    }
    Ok(entries)
}

/// The entry of an entity.
pub(super) fn of_entity(fields: &Fields, entity: &EntityRow) -> Result<TantivyDocument, TantivyError> {
    let CollectionEntity { name, entity_type, documents, .. } = entity;
    let numbers =
        Numbers { category: schema::entity_type(*entity_type), documents: *documents, ..Numbers::default() };
    let mut entry = entry(fields, (Kind::Entity, &name.collection), &name.to_string(), numbers);
    entry.add_text(fields.entity, name.entity.as_str());
    if let Some(other) = &entity.inferred_as {
        entry.add_text(fields.taken_for, other.as_str());
    }
    let names = entity.aliases.iter().map(|alias| &alias.text).chain([&entity.display_name]);
    let folded: Vec<String> = names.map(|name| names::fold(name)).collect();
    add_all(&mut entry, fields.name_words, folded.iter().flat_map(|name| name.split(' ')));
    entry.add_bytes(fields.row, &row::encode(entity)?);
    Ok(entry)
}

fn document_entry(
    fields: &Fields,
    stored: &StoredDocument,
    row: &DocumentRow,
) -> Result<TantivyDocument, TantivyError> {
    let name = &stored.info.name;
    let numbers = Numbers {
        place: schema::place(stored.info.seq, 0),
        published: stored.info.published_at.map(schema::micros),
        ..Numbers::default()
    };
    let mut entry = entry(fields, (Kind::Document, &name.collection), &name.to_string(), numbers);
    for text in stored.info.title.iter().chain([&stored.text]) {
        entry.add_text(fields.body_text, text);
        entry.add_text(fields.body_words, text);
    }
    for token in clusters::of_document(&name.collection, &stored.text) {
        entry.add_u64(fields.tokens, u64::from(token));
    }
    let speakers = stored.analysis.quotes.iter().filter_map(|quote| speaker(stored, quote));
    add_all(&mut entry, fields.speaker, speakers.map(EntityId::as_str));
    add_all(&mut entry, fields.mention, stored.links.values().map(EntityId::as_str));
    let roles: Vec<String> = roles(stored).collect();
    add_all(&mut entry, fields.role, roles.iter().map(String::as_str));
    provenance(fields, &mut entry, stored);
    entry.add_bytes(fields.row, &row::encode(row)?);
    Ok(entry)
}

/// What the text calls its entities.
fn roles(stored: &StoredDocument) -> impl Iterator<Item = String> + '_ {
    stored.analysis.entities.iter().flat_map(|entity| {
        let link = stored.links.get(&entity.id);
        let forms = entity.roles.iter().map(|role| names::form(role)).filter(|role| !role.is_empty());
        forms.filter_map(move |role| Some(schema::role(link?, &role)))
    })
}

fn quote_entry(
    fields: &Fields,
    stored: &StoredDocument,
    position: usize,
    row: &QuoteRow,
) -> Result<TantivyDocument, TantivyError> {
    let (name, quote) = (&stored.info.name, &row.quote);
    let numbers = Numbers {
        place: schema::place(stored.info.seq, position),
        published: stored.info.published_at.map(schema::micros),
        category: schema::quote_type(quote.quote_type),
        traits: schema::traits(&quote.speaker),
        confidence: schema::hundredths(quote.confidence),
        ..Numbers::default()
    };
    let scope = (Kind::Quote(quote.kind), &name.collection);
    let mut entry = entry(fields, scope, &name.to_string(), numbers);
    for content in &quote.contents {
        let text = content.slice(&stored.text);
        entry.add_text(fields.quote_text, text);
        entry.add_text(fields.quote_words, text);
    }
    let sentence = row.sentence.map(|sentence| sentence.slice(&stored.text));
    for text in sentence.into_iter().chain(stored.info.title.as_deref()) {
        entry.add_text(fields.context_text, text);
        entry.add_text(fields.context_words, text);
    }
    let contents = quote.contents.iter().map(|content| content.slice(&stored.text));
    let words = Wording::of_quote(contents, quote.quote_type).folded();
    for run in wording::runs(&words) {
        entry.add_u64(fields.quote_runs, u64::from(run));
    }
    for token in clusters::of_quote(&name.collection, &words, position) {
        entry.add_u64(fields.tokens, u64::from(token));
    }
    add_all(&mut entry, fields.speaker, row.speaker.iter().map(EntityId::as_str));
    add_all(&mut entry, fields.mention, row.about.iter().map(EntityId::as_str));
    provenance(fields, &mut entry, stored);
    entry.add_bytes(fields.row, &row::encode(row)?);
    Ok(entry)
}

/// The collection's entity that speaks the quote.
fn speaker<'s>(stored: &'s StoredDocument, quote: &Quote) -> Option<&'s EntityId> {
    stored.links.get(quote.speaker.entity.as_ref()?)
}

fn entry(
    fields: &Fields,
    (kind, collection): (Kind, &CollectionId),
    owner: &str,
    numbers: Numbers,
) -> TantivyDocument {
    let mut entry = TantivyDocument::default();
    entry.add_text(fields.scope, schema::scope(kind, collection));
    entry.add_text(fields.owner, owner);
    entry.add_u64(fields.place, numbers.place);
    entry.add_i64(fields.published, numbers.published.unwrap_or(schema::UNDATED));
    entry.add_u64(fields.category, numbers.category);
    entry.add_u64(fields.traits, numbers.traits);
    entry.add_u64(fields.confidence, numbers.confidence);
    entry.add_u64(fields.documents, numbers.documents);
    entry
}

/// What a quote takes over from its document.
fn provenance(fields: &Fields, entry: &mut TantivyDocument, stored: &StoredDocument) {
    let info = &stored.info;
    entry.add_text(fields.document, info.name.document.as_str());
    if let Some(source) = &info.source {
        entry.add_text(fields.source, source);
    }
    let language = info.language.as_deref().unwrap_or(&stored.analysis.language);
    for tag in schema::language_terms(language) {
        entry.add_text(fields.language, tag);
    }
    entry.add_text(fields.analyzer, &stored.analysis.analyzer.name);
    for (key, value) in &info.labels {
        entry.add_text(fields.label, schema::label(key, value));
    }
}

fn add_all<'v>(entry: &mut TantivyDocument, field: Field, values: impl IntoIterator<Item = &'v str>) {
    let distinct: BTreeSet<&str> = values.into_iter().filter(|value| !value.is_empty()).collect();
    for value in distinct {
        entry.add_text(field, value);
    }
}
