//! The fields, and the only place that knows how a value becomes a term. One index holds three kinds of entry
//! (documents, quotes, entities) so that one commit moves all of them to the same position of the store's changes,
//! by one writer with one memory budget. The kinds never meet in a query: each entry has a *scope*, kind and
//! collection in one term, which every query asks for; and their texts are in fields of their own, so that BM25's
//! statistics are those of quotes among quotes and of documents among documents.

use super::analyzer;
use crate::domain::annotation::{EntityType, QuoteKind, QuoteType};
use crate::domain::ids::{CollectionId, DocumentId, QuoteId};
use crate::domain::time::Timestamp;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions,
};

/// Version of the schema and of everything that turns values and text into terms. Raise it with any change of
/// either: an index of another version is made anew.
pub(super) const VERSION: u32 = 2;

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    pub(super) schema: Schema,
    /// Kind and collection.
    pub(super) scope: Field,
    /// The collection, for deleting it.
    pub(super) collection: Field,
    /// Resource name of the document or entity that the entry goes with when that is put again or deleted.
    pub(super) owner: Field,
    /// Last criterion of every order, and identifier within the scope; see [`quote_key`].
    pub(super) key: Field,
    /// Content of a quote, stemmed; `quote_words` the same unstemmed, for prefixes.
    pub(super) quote_text: Field,
    pub(super) quote_words: Field,
    /// Title and text of a document.
    pub(super) body_text: Field,
    pub(super) body_words: Field,
    /// Folded words of an entity's names.
    pub(super) name_words: Field,
    /// Ids of entities: who speaks, who is mentioned.
    pub(super) speaker: Field,
    pub(super) mention: Field,
    /// Of documents, also on their quotes.
    pub(super) document: Field,
    pub(super) source: Field,
    pub(super) language: Field,
    pub(super) label: Field,
    pub(super) published: Field,
    /// Type of a quote or of an entity.
    pub(super) category: Field,
    /// Speech or thought.
    pub(super) kind: Field,
    /// Of a quote, in hundredths.
    pub(super) confidence: Field,
    /// Of an entity.
    pub(super) documents: Field,
}

impl Fields {
    pub(super) fn new() -> Self {
        let mut builder = Schema::builder();
        let prose = |tokenizer, record| {
            let indexing = TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(record);
            TextOptions::default().set_indexing_options(indexing)
        };
        let stems = prose(analyzer::STEMS, IndexRecordOption::WithFreqsAndPositions);
        let words = prose(analyzer::WORDS, IndexRecordOption::Basic);
        let sortable = TextOptions::from(FAST);
        Self {
            scope: builder.add_text_field("scope", STRING),
            collection: builder.add_text_field("collection", STRING),
            owner: builder.add_text_field("owner", STRING),
            key: builder.add_text_field(KEY, sortable),
            quote_text: builder.add_text_field("quote_text", stems.clone()),
            quote_words: builder.add_text_field("quote_words", words.clone()),
            body_text: builder.add_text_field("body_text", stems),
            body_words: builder.add_text_field("body_words", words),
            name_words: builder.add_text_field("name_words", STRING),
            speaker: builder.add_text_field("speaker", STRING),
            mention: builder.add_text_field("mention", STRING),
            document: builder.add_text_field("document", STRING),
            source: builder.add_text_field("source", STRING),
            language: builder.add_text_field("language", STRING),
            label: builder.add_text_field("label", STRING),
            published: builder.add_i64_field(PUBLISHED, INDEXED | FAST),
            category: builder.add_text_field("category", STRING),
            kind: builder.add_text_field("kind", STRING),
            confidence: builder.add_u64_field("confidence", INDEXED | FAST),
            documents: builder.add_u64_field(DOCUMENTS, FAST),
            schema: builder.build(),
        }
    }
}

/// Columns that orders read.
pub(super) const KEY: &str = "key";
pub(super) const PUBLISHED: &str = "published";
pub(super) const DOCUMENTS: &str = "documents";

/// What an entry is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Document,
    Quote,
    Entity,
}

/// Kind and collection as one term; a collection's id has no space.
pub(super) fn scope(kind: Kind, collection: &CollectionId) -> String {
    let kind = match kind {
        Kind::Document => "document",
        Kind::Quote => "quote",
        Kind::Entity => "entity",
    };
    format!("{kind} {collection}")
}

/// Width to which a quote's id is filled up.
const QUOTE_WIDTH: usize = 8;

/// A quote's key: document and quote, such that keys sort as the quotes stand: by document id, and within one `q2`
/// before `q10`. Space and `!` sort before every character of an identifier and are none.
pub(super) fn quote_key(document: &DocumentId, quote: &str) -> String {
    format!("{document} {quote:!>QUOTE_WIDTH$}")
}

/// The document and the quote of a key.
pub(super) fn quote_of_key(key: &str) -> Option<(DocumentId, QuoteId)> {
    let (document, quote) = key.split_once(' ')?;
    Some((DocumentId::new(document).ok()?, QuoteId::new(quote.trim_start_matches('!')).ok()?))
}

/// Microseconds since 1970, the resolution of time in the index; clamped to ± 292,000 years.
pub(super) fn micros(time: Timestamp) -> i64 {
    time.seconds.saturating_mul(1_000_000).saturating_add(i64::from(time.nanos / 1000))
}

/// A confidence from 0 to 1 in hundredths, the resolution at which analyses give it.
pub(super) fn hundredths(confidence: f32) -> u64 {
    (confidence.clamp(0.0, 1.0) * 100.0).round() as u64
}

/// A label as one term, such that no two labels have the same: the key's length says where it ends.
pub(super) fn label(key: &str, value: &str) -> String {
    format!("{}:{key}{value}", key.len())
}

/// A language tag in full and its first part: "en-GB" is found by "en" too.
pub(super) fn language_terms(tag: &str) -> Vec<String> {
    let tag = tag.to_ascii_lowercase();
    match tag.split_once('-') {
        Some((primary, _)) => vec![primary.to_owned(), tag],
        None => vec![tag],
    }
}

pub(super) fn quote_type(quote_type: QuoteType) -> &'static str {
    match quote_type {
        QuoteType::Direct => "direct",
        QuoteType::Indirect => "indirect",
        QuoteType::Mixed => "mixed",
    }
}

pub(super) fn quote_kind(kind: QuoteKind) -> &'static str {
    match kind {
        QuoteKind::Statement => "statement",
        QuoteKind::Thought => "thought",
    }
}

pub(super) fn entity_type(entity_type: EntityType) -> &'static str {
    entity_type.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_labels_are_one_term() {
        let labels = [
            ("a", "b"),
            ("ab", ""),
            ("", "ab"),
            ("a", "b\u{1f}c"),
            ("a\u{1f}b", "c"),
            ("1:a", "b"),
            ("a", "1:b"),
        ];
        let terms: std::collections::BTreeSet<String> =
            labels.iter().map(|(key, value)| label(key, value)).collect();
        assert_eq!(terms.len(), labels.len());
    }
}
