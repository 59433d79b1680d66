//! What the index holds of a document, of each of its quotes, and of an entity. Nothing is stored to be read back:
//! results are names, and the store has the rest.

use super::schema::{self, Fields, Kind};
use crate::domain::annotation::Quote;
use crate::domain::document::StoredDocument;
use crate::domain::entity::CollectionEntity;
use crate::domain::ids::{CollectionId, EntityId};
use crate::folding::names;
use std::collections::BTreeSet;
use tantivy::TantivyDocument;
use tantivy::schema::Field;

/// The entry of a document and those of its quotes.
pub(super) fn of_document(fields: &Fields, stored: &StoredDocument) -> Vec<TantivyDocument> {
    let mut entries = vec![document_entry(fields, stored)];
    entries.extend(stored.analysis.quotes.iter().map(|quote| quote_entry(fields, stored, quote)));
    entries
}

/// The entry of an entity.
pub(super) fn of_entity(fields: &Fields, entity: &CollectionEntity) -> TantivyDocument {
    let name = &entity.name;
    let mut entry = entry(fields, (Kind::Entity, &name.collection), &name.to_string());
    entry.add_text(fields.key, name.entity.as_str());
    entry.add_text(fields.category, schema::entity_type(entity.entity_type));
    entry.add_u64(fields.documents, entity.documents);
    let names = entity.aliases.iter().map(|alias| &alias.text).chain([&entity.display_name]);
    let folded: Vec<String> = names.map(|name| names::fold(name)).collect();
    add_all(&mut entry, fields.name_words, folded.iter().flat_map(|name| name.split(' ')));
    entry
}

fn document_entry(fields: &Fields, stored: &StoredDocument) -> TantivyDocument {
    let name = &stored.document.name;
    let mut entry = entry(fields, (Kind::Document, &name.collection), &name.to_string());
    entry.add_text(fields.key, name.document.as_str());
    for text in stored.document.title.iter().chain([&stored.document.text]) {
        entry.add_text(fields.body_text, text);
        entry.add_text(fields.body_words, text);
    }
    let speakers = stored.analysis.quotes.iter().filter_map(|quote| speaker(stored, quote));
    add_all(&mut entry, fields.speaker, speakers.map(EntityId::as_str));
    add_all(&mut entry, fields.mention, stored.links.values().map(EntityId::as_str));
    provenance(fields, &mut entry, stored);
    entry
}

fn quote_entry(fields: &Fields, stored: &StoredDocument, quote: &Quote) -> TantivyDocument {
    let name = &stored.document.name;
    let mut entry = entry(fields, (Kind::Quote, &name.collection), &name.to_string());
    entry.add_text(fields.key, schema::quote_key(&name.document, &quote.id));
    for content in &quote.contents {
        let text = content.slice(&stored.document.text);
        entry.add_text(fields.quote_text, text);
        entry.add_text(fields.quote_words, text);
    }
    add_all(&mut entry, fields.speaker, speaker(stored, quote).map(EntityId::as_str));
    let about = quote.about.iter().filter_map(|entity| stored.links.get(entity));
    add_all(&mut entry, fields.mention, about.map(EntityId::as_str));
    entry.add_text(fields.category, schema::quote_type(quote.quote_type));
    entry.add_text(fields.kind, schema::quote_kind(quote.kind));
    entry.add_u64(fields.confidence, schema::hundredths(quote.confidence));
    provenance(fields, &mut entry, stored);
    entry
}

/// The collection's entity that speaks the quote.
fn speaker<'s>(stored: &'s StoredDocument, quote: &Quote) -> Option<&'s EntityId> {
    stored.links.get(quote.speaker.entity.as_ref()?)
}

fn entry(fields: &Fields, (kind, collection): (Kind, &CollectionId), owner: &str) -> TantivyDocument {
    let mut entry = TantivyDocument::default();
    entry.add_text(fields.scope, schema::scope(kind, collection));
    entry.add_text(fields.collection, collection.as_str());
    entry.add_text(fields.owner, owner);
    entry
}

/// What a quote takes over from its document.
fn provenance(fields: &Fields, entry: &mut TantivyDocument, stored: &StoredDocument) {
    let document = &stored.document;
    entry.add_text(fields.document, document.name.document.as_str());
    if let Some(source) = &document.source {
        entry.add_text(fields.source, source);
    }
    if let Some(time) = document.published_at {
        entry.add_i64(fields.published, schema::micros(time));
    }
    let language = document.language.as_deref().unwrap_or(&stored.analysis.language);
    for tag in schema::language_terms(language) {
        entry.add_text(fields.language, tag);
    }
    for (key, value) in &document.labels {
        entry.add_text(fields.label, schema::label(key, value));
    }
}

fn add_all<'v>(entry: &mut TantivyDocument, field: Field, values: impl IntoIterator<Item = &'v str>) {
    let distinct: BTreeSet<&str> = values.into_iter().filter(|value| !value.is_empty()).collect();
    for value in distinct {
        entry.add_text(field, value);
    }
}
