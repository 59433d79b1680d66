//! From filters to the search engine's queries. Filters only decide; scores come from the text alone.

use super::query_text::Clause;
use super::schema::{self, Fields, Kind};
use super::{IndexError, Resolved, query_text};
use crate::domain::annotation::QuoteKind;
use crate::domain::ids::{CollectionId, EntityId};
use crate::domain::query::{DocumentFilter, EntityFilter, QuoteFilter};
use crate::domain::time::TimeRange;
use crate::folding::names;
use std::ops::Bound;
use tantivy::Term;
use tantivy::query::{
    BooleanQuery, ConstScoreQuery, EmptyQuery, PhraseQuery, Query, RangeQuery, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

/// A query and whether it gives scores.
pub(super) struct Compiled {
    pub(super) query: Box<dyn Query>,
    pub(super) scored: bool,
}

/// Quotes of the collection.
pub(super) fn quotes(
    fields: &Fields,
    collection: &CollectionId,
    filter: &QuoteFilter,
    entities: &Resolved,
) -> Result<Compiled, IndexError> {
    let mut all = Conjunction::new(fields, Kind::Quote, collection);
    all.text(filter.text.as_deref(), fields.quote_text, fields.quote_words)?;
    all.entities(fields, entities);
    if let Some(document) = &filter.document {
        all.any(fields.document, [document.as_str()]);
    }
    if !filter.types.is_empty() {
        all.any(fields.category, filter.types.iter().map(|quote_type| schema::quote_type(*quote_type)));
    }
    let kinds: &[QuoteKind] = if filter.kinds.is_empty() { &[QuoteKind::Statement] } else { &filter.kinds };
    all.any(fields.kind, kinds.iter().map(|kind| schema::quote_kind(*kind)));
    if filter.min_confidence > 0.0 {
        let least = Term::from_field_u64(fields.confidence, schema::hundredths(filter.min_confidence));
        all.filter(RangeQuery::new(Bound::Included(least), Bound::Unbounded));
    }
    all.provenance(fields, &filter.sources, filter.published, (&filter.labels, &filter.languages));
    Ok(all.compiled())
}

/// Documents of the collection.
pub(super) fn documents(
    fields: &Fields,
    collection: &CollectionId,
    filter: &DocumentFilter,
    entities: &Resolved,
) -> Result<Compiled, IndexError> {
    let mut all = Conjunction::new(fields, Kind::Document, collection);
    all.text(filter.text.as_deref(), fields.body_text, fields.body_words)?;
    all.entities(fields, entities);
    all.provenance(fields, &filter.sources, filter.published, (&filter.labels, &filter.languages));
    Ok(all.compiled())
}

/// Entities of the collection. Of several words in the prefix each begins a word of the names.
pub(super) fn entities(fields: &Fields, collection: &CollectionId, filter: &EntityFilter) -> Compiled {
    let mut all = Conjunction::new(fields, Kind::Entity, collection);
    if let Some(prefix) = filter.name_prefix.as_deref().filter(|prefix| !prefix.trim().is_empty()) {
        let folded = names::fold(prefix);
        match folded.is_empty() {
            true => all.filter(EmptyQuery),
            false => folded.split(' ').for_each(|word| all.filter(begins(fields.name_words, word))),
        }
    }
    if !filter.types.is_empty() {
        all.any(fields.category, filter.types.iter().map(|entity_type| schema::entity_type(*entity_type)));
    }
    all.compiled()
}

/// Queries that must all match.
struct Conjunction {
    filters: Vec<Box<dyn Query>>,
    text: Vec<Box<dyn Query>>,
}

impl Conjunction {
    fn new(fields: &Fields, kind: Kind, collection: &CollectionId) -> Self {
        let scope = term_query(fields.scope, &schema::scope(kind, collection));
        Self { filters: vec![Box::new(scope)], text: Vec::new() }
    }

    fn filter(&mut self, query: impl Query) {
        self.filters.push(Box::new(query));
    }

    fn any<'v>(&mut self, field: Field, values: impl IntoIterator<Item = &'v str>) {
        let mut terms: Vec<Term> =
            values.into_iter().map(|value| Term::from_field_text(field, value)).collect();
        match terms.len() {
            1 => {
                self.filters.extend(terms.pop().map(|term| -> Box<dyn Query> {
                    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
                }))
            }
            _ => self.filter(TermSetQuery::new(terms)),
        }
    }

    /// Blank text asks for nothing; text without a word finds nothing.
    fn text(&mut self, text: Option<&str>, stems: Field, words: Field) -> Result<(), IndexError> {
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return Ok(()) };
        let clauses = query_text::parse(text)?;
        if clauses.is_empty() {
            self.filter(EmptyQuery);
        }
        self.text.extend(clauses.into_iter().map(|clause| -> Box<dyn Query> {
            let term = |stem: &String| Term::from_field_text(stems, stem);
            match clause {
                Clause::Term(stem) => Box::new(TermQuery::new(term(&stem), IndexRecordOption::WithFreqs)),
                Clause::Phrase(phrase) => Box::new(PhraseQuery::new(phrase.iter().map(term).collect())),
                Clause::Prefix(prefix) => Box::new(begins(words, &prefix)),
            }
        }));
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
        published: TimeRange,
        (labels, languages): (&[(String, String)], &[String]),
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
        if published != TimeRange::default() {
            let micros = |time| Term::from_field_i64(fields.published, schema::micros(time));
            let from = published.from.map_or(Bound::Unbounded, |time| Bound::Included(micros(time)));
            let until = published.until.map_or(Bound::Unbounded, |time| Bound::Excluded(micros(time)));
            self.filter(RangeQuery::new(from, until));
        }
    }

    fn compiled(self) -> Compiled {
        let scored = !self.text.is_empty();
        let filters: Box<dyn Query> = Box::new(BooleanQuery::intersection(self.filters));
        if !scored {
            return Compiled { query: filters, scored };
        }
        let mut all = self.text;
        all.push(Box::new(ConstScoreQuery::new(filters, 0.0)));
        Compiled { query: Box::new(BooleanQuery::intersection(all)), scored }
    }
}

fn term_query(field: Field, value: &str) -> TermQuery {
    TermQuery::new(Term::from_field_text(field, value), IndexRecordOption::Basic)
}

/// Terms that begin with `prefix`: those from it to it with the last character appended, which no word has.
fn begins(field: Field, prefix: &str) -> RangeQuery {
    let end = format!("{prefix}{}", char::MAX);
    RangeQuery::new(
        Bound::Included(Term::from_field_text(field, prefix)),
        Bound::Excluded(Term::from_field_text(field, &end)),
    )
}
