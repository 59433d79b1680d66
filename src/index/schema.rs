//! The fields, and the only place that knows how a value becomes a term or a number. One index holds three kinds of
//! entry (documents, quotes, entities) so that one commit moves all of them to the same position of the log, by one
//! writer with one memory budget. The kinds never meet in a query: each entry has a *scope*, kind and collection in
//! one value, which every query asks for; and their texts are in fields of their own.
//!
//! What orders and ranges read is in columns, one number an entry and none missing, so that a look-up is an array
//! access. What names things is in postings.

use super::analyzer;
use crate::domain::annotation::{EntityType, QuoteKind, QuoteType, Speaker, SpeakerKind};
use crate::domain::document::Seq;
use crate::domain::ids::{CollectionId, EntityId};
use crate::domain::query::Within;
use crate::domain::time::{TimeRange, Timestamp};
use tantivy::schema::{
    FAST, Field, IndexRecordOption, NumericOptions, STORED, STRING, Schema, SchemaBuilder, TextFieldIndexing,
    TextOptions,
};

/// Version of the schema, of the rows, and of everything that turns values and text into terms. Raise it with any
/// change of them: an index of another version is made anew.
pub(super) const VERSION: u32 = 6;

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
    /// The sentences around a quote, and the title of its document.
    pub(super) context_text: Field,
    pub(super) context_words: Field,
    /// Words and pairs of words of a quote by which claims find it, as numbers; see `wording::runs`.
    pub(super) quote_runs: Field,
    /// The words of a quote, or a sample of a document's, as numbers in their order: what tells which of them say the same.
    pub(super) tokens: Field,
    /// Title and text of a document.
    pub(super) body_text: Field,
    pub(super) body_words: Field,
    /// Folded words of an entity's names.
    pub(super) name_words: Field,
    /// Ids of entities: who speaks, who is mentioned. Postings to find by, columns to count by, like the three below.
    pub(super) speaker: Field,
    pub(super) mention: Field,
    /// Of documents, also on their quotes.
    pub(super) document: Field,
    pub(super) source: Field,
    pub(super) language: Field,
    pub(super) label: Field,
    /// Name of the analyzer.
    pub(super) analyzer: Field,
    /// Columns, see the names below.
    pub(super) place: Field,
    pub(super) published: Field,
    pub(super) category: Field,
    pub(super) traits: Field,
    pub(super) confidence: Field,
    pub(super) documents: Field,
    pub(super) entity: Field,
    pub(super) taken_for: Field,
    pub(super) role: Field,
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
    /// Of a quote's speaker; see [`super::traits`].
    pub(in super::super) const TRAITS: &str = "traits";
    /// Of a quote, in hundredths.
    pub(in super::super) const CONFIDENCE: &str = "confidence";
    /// Of an entity.
    pub(in super::super) const DOCUMENTS: &str = "documents";
    /// Id of an entity, the last criterion of their order; the one column that most entries lack.
    pub(in super::super) const ENTITY: &str = "entity";
    /// Id of the entity that a bare surname is taken for.
    pub(in super::super) const TAKEN_FOR: &str = "taken_for";
    /// What can be counted by, with any number of values an entry.
    pub(in super::super) const SPEAKER: &str = "speaker";
    /// See [`SPEAKER`]; the words of the content, as often as they stand there.
    pub(in super::super) const QUOTE_WORDS: &str = "quote_words";
    /// See [`Fields::tokens`](super::Fields).
    pub(in super::super) const TOKENS: &str = "tokens";
    /// See [`SPEAKER`].
    pub(in super::super) const MENTION: &str = "mention";
    /// See [`SPEAKER`].
    pub(in super::super) const SOURCE: &str = "source";
    /// See [`SPEAKER`].
    pub(in super::super) const LANGUAGE: &str = "language";
    /// See [`SPEAKER`].
    pub(in super::super) const LABEL: &str = "label";
    /// See [`SPEAKER`]; what a document calls its entities, by [`super::role`].
    pub(in super::super) const ROLE: &str = "role";
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
        let counted = words.clone().set_fast(analyzer::WORDS);
        let number = |builder: &mut SchemaBuilder, name| builder.add_u64_field(name, FAST);
        Self {
            scope: builder.add_text_field(column::SCOPE, STRING | FAST),
            owner: builder.add_text_field("owner", STRING),
            row: builder.add_bytes_field("row", STORED),
            quote_text: builder.add_text_field("quote_text", stems.clone()),
            quote_words: builder.add_text_field(column::QUOTE_WORDS, counted),
            context_text: builder.add_text_field("context_text", stems.clone()),
            context_words: builder.add_text_field("context_words", words.clone()),
            quote_runs: builder.add_u64_field("quote_runs", NumericOptions::default().set_indexed()),
            tokens: number(&mut builder, column::TOKENS),
            body_text: builder.add_text_field("body_text", stems),
            body_words: builder.add_text_field("body_words", words),
            name_words: builder.add_text_field("name_words", STRING),
            speaker: builder.add_text_field(column::SPEAKER, STRING | FAST),
            mention: builder.add_text_field(column::MENTION, STRING | FAST),
            document: builder.add_text_field("document", STRING),
            source: builder.add_text_field(column::SOURCE, STRING | FAST),
            language: builder.add_text_field(column::LANGUAGE, STRING | FAST),
            label: builder.add_text_field(column::LABEL, STRING | FAST),
            analyzer: builder.add_text_field("analyzer", STRING),
            place: number(&mut builder, column::PLACE),
            published: builder.add_i64_field(column::PUBLISHED, FAST),
            category: number(&mut builder, column::CATEGORY),
            traits: number(&mut builder, column::TRAITS),
            confidence: number(&mut builder, column::CONFIDENCE),
            documents: number(&mut builder, column::DOCUMENTS),
            entity: builder.add_text_field(column::ENTITY, TextOptions::from(FAST)),
            taken_for: builder.add_text_field(column::TAKEN_FOR, TextOptions::from(FAST)),
            role: builder.add_text_field(column::ROLE, TextOptions::from(FAST)),
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

/// The scopes of a kind, one for each collection.
pub(super) fn scopes(kind: Kind, within: &Within) -> impl Iterator<Item = String> + '_ {
    within.all().iter().map(move |collection| scope(kind, collection))
}

/// The collection of a scope.
pub(super) fn collection_of(scope: &str) -> Option<CollectionId> {
    CollectionId::new(scope.split_once(' ')?.1).ok()
}

/// An entity's role as one value, behind [`role_of`]; an entity's id has no space.
pub(super) fn role(entity: &EntityId, role: &str) -> String {
    format!("{}{role}", role_of(entity))
}

/// How the roles of an entity begin.
pub(super) fn role_of(entity: &EntityId) -> String {
    format!("{entity} ")
}

/// What a scope holds.
pub(super) fn kind_of(scope: &str) -> Option<Kind> {
    match scope.split_once(' ')?.0 {
        "document" => Some(Kind::Document),
        "statement" => Some(Kind::Quote(QuoteKind::Statement)),
        "thought" => Some(Kind::Quote(QuoteKind::Thought)),
        "entity" => Some(Kind::Entity),
        _ => None,
    }
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

/// The change that put an entry with this place there.
pub(super) fn change_of(place: u64) -> Seq {
    place >> POSITION_BITS
}

/// Whether the entry with this place, of those that have one, is a document and no quote.
pub(super) fn is_document(place: u64) -> bool {
    place & ((1 << POSITION_BITS) - 1) == 0
}

/// Stands for the time of an entry that has none; before all others.
pub(super) const UNDATED: i64 = i64::MIN;

/// Microseconds since 1970, the resolution of time in the index; clamped to ± 292,000 years.
pub(super) fn micros(time: Timestamp) -> i64 {
    let micros = time.seconds.saturating_mul(1_000_000).saturating_add(i64::from(time.nanos / 1000));
    micros.max(UNDATED + 1)
}

/// The first microsecond of a range and the first after it, if it ends: those that it begins and ends in are in it as a whole.
pub(super) fn micros_of(range: TimeRange) -> (i64, Option<i64>) {
    let after = |end: Timestamp| micros(end).saturating_add(i64::from(!end.nanos.is_multiple_of(1000)));
    (range.from.map_or(UNDATED + 1, micros), range.until.map(after))
}

/// A confidence in hundredths, the resolution at which analyses give it: from 0 to 100, and more for a bound that none reaches.
pub(super) fn hundredths(confidence: f32) -> u64 {
    (confidence.max(0.0) * 100.0).round() as u64
}

/// A label as one term, such that no two labels have the same: the key's length says where it ends.
pub(super) fn label(key: &str, value: &str) -> String {
    format!("{}{value}", label_key(key))
}

/// What the terms of all labels with this key begin with, and those of no other.
pub(super) fn label_key(key: &str) -> String {
    format!("{}:{key}", key.len())
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

/// What the columns know of a quote's speaker: one of the lower bits for the kind, and a bit each for the two that follow.
pub(super) fn traits(speaker: &Speaker) -> u64 {
    let named = if speaker.name.is_some() { NAMED } else { 0 };
    let abstained = if speaker.abstained.is_some() { ABSTAINED } else { 0 };
    speaker_kind(speaker.kind) | named | abstained
}

/// The bit of a speaker that has a name.
pub(super) const NAMED: u64 = 1 << 16;

/// The bit of a speaker that was left open.
pub(super) const ABSTAINED: u64 = 1 << 17;

/// The bit of a kind of speaker.
pub(super) fn speaker_kind(kind: SpeakerKind) -> u64 {
    1 << SpeakerKind::ALL.iter().position(|known| *known == kind).unwrap_or_default()
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
