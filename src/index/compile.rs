//! From filters to a question that segments can be asked: clauses, which are words and names to be found in postings
//! and must all hold, and conditions, which are read from columns. Filters only decide; scores come from the text
//! alone.

use super::query_text;
use super::schema::{self, Fields, Kind};
use crate::domain::annotation::QuoteKind;
use crate::domain::ids::{CollectionId, EntityId};
use crate::domain::query::{DocumentQuery, EntityQuery, QuoteQuery, Resolved, WordingQuery};
use crate::domain::time::TimeRange;
use crate::folding::names;
use crate::ports::QueryFault;
use tantivy::Term;
use tantivy::schema::Field;

/// What entries are asked for. All of it must hold.
#[derive(Debug, Default)]
pub(super) struct Question {
    pub(super) clauses: Vec<Clause>,
    /// One of these.
    pub(super) scopes: Vec<String>,
    pub(super) conditions: Conditions,
    /// Whether a word of the text is asked for, so that there are scores.
    pub(super) scored: bool,
    /// Whether nothing can match: a name that nobody has, a text without a word.
    pub(super) hopeless: bool,
}

/// Something to be found in postings.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Clause {
    /// A word of the text.
    Word(Term),
    /// Words of the text, one after the other.
    Phrase(Vec<Term>),
    /// A word that begins like this.
    Prefix(Field, String),
    /// Any of these names; scores nothing.
    Any(Vec<Term>),
}

/// What is read from columns.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Conditions {
    /// Least microsecond of publication and the first after it.
    pub(super) published: Option<(i64, Option<i64>)>,
    /// A bit for each category that is allowed.
    pub(super) categories: Option<u64>,
    /// Least confidence, in hundredths.
    pub(super) confidence: Option<u64>,
}

/// Quotes that the query asks for.
pub(super) fn quotes(fields: &Fields, query: &QuoteQuery) -> Result<Question, QueryFault> {
    let filter = &query.filter;
    let kinds: &[QuoteKind] = if filter.kinds.is_empty() { &[QuoteKind::Statement] } else { &filter.kinds };
    let mut all = Question::of(kinds.iter().map(|kind| Kind::Quote(*kind)), &query.collection);
    all.text(filter.text.as_deref(), fields.quote_text, fields.quote_words)?;
    all.entities(fields, &query.entities);
    if let Some(document) = &filter.document {
        all.any(fields.document, [document.as_str()]);
    }
    all.categories(filter.types.iter().map(|quote_type| schema::quote_type(*quote_type)));
    if filter.min_confidence > 0.0 {
        all.conditions.confidence = Some(schema::hundredths(filter.min_confidence));
    }
    all.provenance(fields, &filter.sources, &filter.labels, &filter.languages);
    all.published(filter.published);
    Ok(all)
}

/// What narrows the quotes that may resemble a claim; the claim itself is no part of it.
pub(super) fn wording(fields: &Fields, query: &WordingQuery) -> Question {
    let kinds: &[QuoteKind] = if query.kinds.is_empty() { &[QuoteKind::Statement] } else { &query.kinds };
    let mut all = Question::of(kinds.iter().map(|kind| Kind::Quote(*kind)), &query.collection);
    if !query.speakers.is_empty() {
        all.any(fields.speaker, query.speakers.iter().map(EntityId::as_str));
    }
    all.published(query.published);
    all
}

/// Documents that the query asks for.
pub(super) fn documents(fields: &Fields, query: &DocumentQuery) -> Result<Question, QueryFault> {
    let filter = &query.filter;
    let mut all = Question::of([Kind::Document], &query.collection);
    all.text(filter.text.as_deref(), fields.body_text, fields.body_words)?;
    all.entities(fields, &query.entities);
    if !filter.documents.is_empty() {
        all.any(fields.document, filter.documents.iter().map(|document| document.as_str()));
    }
    all.provenance(fields, &filter.sources, &filter.labels, &filter.languages);
    all.published(filter.published);
    Ok(all)
}

/// Entities that the query asks for. Of several words in the prefix each begins a word of the names.
pub(super) fn entities(fields: &Fields, query: &EntityQuery) -> Question {
    let mut all = Question::of([Kind::Entity], &query.collection);
    if let Some(prefix) = query.filter.name_prefix.as_deref().filter(|prefix| !prefix.trim().is_empty()) {
        let folded = names::fold(prefix);
        all.hopeless |= folded.is_empty();
        let words = folded.split(' ').filter(|word| !word.is_empty());
        all.clauses.extend(words.map(|word| Clause::Prefix(fields.name_words, word.to_owned())));
    }
    all.categories(query.filter.types.iter().map(|entity_type| schema::entity_type(*entity_type)));
    all
}

impl Question {
    fn of(kinds: impl IntoIterator<Item = Kind>, collection: &CollectionId) -> Self {
        let mut scopes: Vec<String> = kinds.into_iter().map(|kind| schema::scope(kind, collection)).collect();
        scopes.sort_unstable();
        scopes.dedup();
        Self { scopes, ..Self::default() }
    }

    /// One of the values; none holds for no entry.
    fn any<'v>(&mut self, field: Field, values: impl IntoIterator<Item = &'v str>) {
        let mut terms: Vec<Term> =
            values.into_iter().map(|value| Term::from_field_text(field, value)).collect();
        terms.sort_unstable();
        terms.dedup();
        self.hopeless |= terms.is_empty();
        self.clauses.push(Clause::Any(terms));
    }

    /// Blank text asks for nothing; text without a word finds nothing.
    fn text(&mut self, text: Option<&str>, stems: Field, words: Field) -> Result<(), QueryFault> {
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(()) };
        let parts = query_text::parse(text)?;
        self.hopeless |= parts.is_empty();
        self.scored = true;
        for part in parts {
            let term = |stem: String| Term::from_field_text(stems, &stem);
            let clause = match part {
                query_text::Clause::Term(stem) => Clause::Word(term(stem)),
                query_text::Clause::Phrase(phrase) => Clause::Phrase(phrase.into_iter().map(term).collect()),
                query_text::Clause::Prefix(prefix) => Clause::Prefix(words, prefix),
            };
            if !self.clauses.contains(&clause) {
                self.clauses.push(clause);
            }
        }
        Ok(())
    }

    fn entities(&mut self, fields: &Fields, entities: &Resolved) {
        if !entities.speakers.is_empty() {
            self.any(fields.speaker, entities.speakers.iter().flatten().map(EntityId::as_str));
        }
        for mention in &entities.mentions {
            self.any(fields.mention, mention.iter().map(EntityId::as_str));
        }
    }

    fn provenance(
        &mut self,
        fields: &Fields,
        sources: &[String],
        labels: &[(String, String)],
        languages: &[String],
    ) {
        if !sources.is_empty() {
            self.any(fields.source, sources.iter().map(String::as_str));
        }
        for (key, value) in labels {
            self.any(fields.label, [schema::label(key, value).as_str()]);
        }
        if !languages.is_empty() {
            let tags: Vec<String> = languages.iter().map(|tag| tag.to_ascii_lowercase()).collect();
            self.any(fields.language, tags.iter().map(String::as_str));
        }
    }

    /// Entries without a time are in no range.
    fn published(&mut self, range: TimeRange) {
        if range != TimeRange::default() {
            let from = range.from.map_or(schema::UNDATED + 1, schema::micros);
            self.conditions.published = Some((from, range.until.map(schema::micros)));
        }
    }

    fn categories(&mut self, categories: impl Iterator<Item = u64>) {
        let allowed = categories.fold(0, |allowed, category| allowed | 1 << category);
        self.conditions.categories = (allowed != 0).then_some(allowed);
    }
}
