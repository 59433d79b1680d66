//! The fields, and the only place that knows how a value becomes a term or a number. One index holds three kinds of
//! entry (documents, quotes, entities) so that one commit moves all of them to the same position of the log, by one
//! writer with one memory budget. The kinds never meet in a query: each entry has a *scope*, kind and collection in
//! one value, which every query asks for; and their texts are in fields of their own.
//!
//! What orders and ranges read is in columns, one number an entry and none missing, so that a look-up is an array
//! access. What names things is in postings.

use super::analyzer;
use crate::domain::annotation::{EntityType, QuoteKind, QuoteType};
use crate::domain::document::Seq;
use crate::domain::ids::CollectionId;
use crate::domain::time::Timestamp;
use tantivy::schema::{
    FAST, Field, IndexRecordOption, NumericOptions, STORED, STRING, Schema, SchemaBuilder, TextFieldIndexing,
    TextOptions,
};

/// Version of the schema, of the rows, and of everything that turns values and text into terms. Raise it with any
/// change of them: an index of another version is made anew.
pub(super) const VERSION: u32 = 4;

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct Fields {
    pub(super) schema: Schema,
    /// Kind and collection, as posting and as column.
    pub(super) scope: Field,
    /// Resource name of the document or entity that the entry goes with when that is put again or deleted.
    pub(super) owner: Field,
    /// What an answer shows of the entry; see `row.rs`. Stored, not searched.
    pub(super) row: Field,
    /// Content of a quote, stemmed; `quote_words` the same unstemmed, for prefixes.
    pub(super) quote_text: Field,
    pub(super) quote_words: Field,
    /// Words and pairs of words of a quote by which claims find it, as numbers; see `wording::runs`.
    pub(super) quote_runs: Field,
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
    /// Columns, see the names below.
    pub(super) place: Field,
    pub(super) published: Field,
    pub(super) category: Field,
    pub(super) confidence: Field,
    pub(super) documents: Field,
    pub(super) entity: Field,
}

/// Columns by name.
pub(super) mod column {
    /// Kind and collection.
    pub(in super::super) const SCOPE: &str = "scope";
    /// Last criterion of the orders of documents and quotes; see [`super::place`].
    pub(in super::super) const PLACE: &str = "place";
    /// Publication time in microseconds; [`super::UNDATED`] where there is none.
    pub(in super::super) const PUBLISHED: &str = "published";
    /// Type of a quote or of an entity, by number.
    pub(in super::super) const CATEGORY: &str = "category";
    /// Of a quote, in hundredths.
    pub(in super::super) const CONFIDENCE: &str = "confidence";
    /// Of an entity.
    pub(in super::super) const DOCUMENTS: &str = "documents";
    /// Id of an entity, the last criterion of their order; the one column that most entries lack.
    pub(in super::super) const ENTITY: &str = "entity";
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
        let number = |builder: &mut SchemaBuilder, name| builder.add_u64_field(name, FAST);
        Self {
            scope: builder.add_text_field(column::SCOPE, STRING | FAST),
            owner: builder.add_text_field("owner", STRING),
            row: builder.add_bytes_field("row", STORED),
            quote_text: builder.add_text_field("quote_text", stems.clone()),
            quote_words: builder.add_text_field("quote_words", words.clone()),
            quote_runs: builder.add_u64_field("quote_runs", NumericOptions::default().set_indexed()),
            body_text: builder.add_text_field("body_text", stems),
            body_words: builder.add_text_field("body_words", words),
            name_words: builder.add_text_field("name_words", STRING),
            speaker: builder.add_text_field("speaker", STRING),
            mention: builder.add_text_field("mention", STRING),
            document: builder.add_text_field("document", STRING),
            source: builder.add_text_field("source", STRING),
            language: builder.add_text_field("language", STRING),
            label: builder.add_text_field("label", STRING),
            place: number(&mut builder, column::PLACE),
            published: builder.add_i64_field(column::PUBLISHED, FAST),
            category: number(&mut builder, column::CATEGORY),
            confidence: number(&mut builder, column::CONFIDENCE),
            documents: number(&mut builder, column::DOCUMENTS),
            entity: builder.add_text_field(column::ENTITY, TextOptions::from(FAST)),
            schema: builder.build(),
        }
    }
}

/// What an entry is. Quotes of the two kinds are told apart here, since nearly every query asks for one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Document,
    Quote(QuoteKind),
    Entity,
}

impl Kind {
    pub(super) const ALL: [Self; 4] =
        [Self::Document, Self::Quote(QuoteKind::Statement), Self::Quote(QuoteKind::Thought), Self::Entity];
}

/// Kind and collection as one value; a collection's id has no space.
pub(super) fn scope(kind: Kind, collection: &CollectionId) -> String {
    let kind = match kind {
        Kind::Document => "document",
        Kind::Quote(QuoteKind::Statement) => "statement",
        Kind::Quote(QuoteKind::Thought) => "thought",
        Kind::Entity => "entity",
    };
    format!("{kind} {collection}")
}

/// Bits of a place that count the quotes of a document.
const POSITION_BITS: u32 = 24;

/// Where an entry stands among those that tie with it: by the change that put its document there, then by the
/// quote's number in the text, from 1; a document itself has 0. Distinct for every document and quote as long as the
/// log has fewer than 10^12 changes and a document fewer than 16 million quotes.
pub(super) fn place(seq: Seq, position: usize) -> u64 {
    let last = (1 << POSITION_BITS) - 1;
    (seq << POSITION_BITS) | (position as u64).min(last)
}

/// Stands for the time of an entry that has none; before all others.
pub(super) const UNDATED: i64 = i64::MIN;

/// Microseconds since 1970, the resolution of time in the index; clamped to ± 292,000 years.
pub(super) fn micros(time: Timestamp) -> i64 {
    let micros = time.seconds.saturating_mul(1_000_000).saturating_add(i64::from(time.nanos / 1000));
    micros.max(UNDATED + 1)
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

/// The number of a quote's type, below 64.
pub(super) fn quote_type(quote_type: QuoteType) -> u64 {
    match quote_type {
        QuoteType::Direct => 0,
        QuoteType::Indirect => 1,
        QuoteType::Mixed => 2,
    }
}

/// The number of an entity's type, below 64.
pub(super) fn entity_type(entity_type: EntityType) -> u64 {
    EntityType::ALL.iter().position(|known| *known == entity_type).unwrap_or_default() as u64
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
