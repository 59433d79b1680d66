//! From filters to a question that segments can be asked: clauses, which are words and names to be found in postings
//! and must all hold, conditions, which are read from columns, and what is joined by OR and NOT. Filters only decide; scores come
//! from words alone, those of the text and those that an expression asks for in any case.

use super::conditions::Conditions;
use super::expression::{Compiler, Node};
use super::query_text;
use super::schema::{self, Fields, Kind};
use crate::domain::annotation::QuoteKind;
use crate::domain::filter::{Condition, Expression, TextField};
use crate::domain::ids::EntityId;
use crate::domain::query::{
    DocumentQuery, EntityQuery, Order, QuoteFilter, QuoteQuery, Resolved, Within, WordingQuery,
};
use crate::domain::time::TimeRange;
use crate::folding::{free_text, names};
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
    /// What is joined by OR and NOT.
    pub(super) nodes: Vec<Node>,
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
    /// Words of the text, one after the other, with at most so many others between them.
    Phrase(Vec<Term>, u32),
    /// A word that begins like this.
    Prefix(Field, String),
    /// A word that differs from this one in at most so many letters.
    Fuzzy(Term, u8),
    /// A word that begins like this but for so many letters.
    FuzzyPrefix(Term, u8),
    /// Any of these names; scores nothing.
    Any(Vec<Term>),
    /// Any name that begins like this; scores nothing.
    AnyPrefixed(Field, String),
    /// Words joined by OR: all clauses of any of these.
    Choice(Vec<Vec<Self>>),
}

impl Clause {
    /// Words that are looked up.
    fn terms(&self) -> usize {
        match self {
            Self::Word(_) | Self::Prefix(..) | Self::Fuzzy(..) | Self::FuzzyPrefix(..) => 1,
            Self::Phrase(terms, _) => terms.len(),
            Self::Choice(alternatives) => alternatives.iter().flatten().map(Self::terms).sum(),
            Self::Any(_) | Self::AnyPrefixed(..) => 0,
        }
    }
}

/// Quotes that the query asks for.
pub(super) fn quotes(fields: &Fields, query: &QuoteQuery) -> Result<Question, QueryFault> {
    let filter = &query.filter;
    let mut all = Question::of(kinds(filter).iter().map(|kind| Kind::Quote(*kind)), &query.within);
    let compiler = Compiler { fields, within: &query.within, quotes: true };
    match (filter.text.as_deref().filter(|text| !text.trim().is_empty()), filter.text_field) {
        (None, _) => {}
        (Some(text), TextField::Content) => all.text(text, fields.quote_text, fields.quote_words)?,
        (Some(text), field) => {
            compiler.add(&mut all, &Expression::Is(Condition::Words(field, text.to_owned())))?;
        }
    }
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
    all.stored(query.order);
    // Last, since it joins what is there by then.
    if let Some(expression) = &query.entities.expression {
        compiler.add(&mut all, expression)?;
    }
    Ok(all)
}

/// What narrows the quotes that may resemble a claim; the claim itself is no part of it.
pub(super) fn wording(fields: &Fields, query: &WordingQuery) -> Question {
    let kinds: &[QuoteKind] = if query.kinds.is_empty() { &[QuoteKind::Statement] } else { &query.kinds };
    let mut all = Question::of(kinds.iter().map(|kind| Kind::Quote(*kind)), &query.within);
    if !query.speakers.is_empty() {
        all.any(fields.speaker, query.speakers.iter().map(EntityId::as_str));
    }
    all.published(query.published);
    all
}

/// The texts that a query asks for in quotes, whose words are to be marked.
pub(super) fn marked(query: &QuoteQuery) -> Vec<&str> {
    let filter = &query.filter;
    // The text is marked wherever it is looked for, and so are the synonyms beside it.
    let is_marked = |field: TextField| field != TextField::Article || filter.text_field == field;
    let wanted =
        filter.expression.iter().flat_map(Expression::wanted).filter_map(|condition| match condition {
            Condition::Words(field, words) if is_marked(*field) => Some(words.as_str()),
            _ => None,
        });
    let mut texts: Vec<&str> = filter.text.as_deref().into_iter().chain(wanted).collect();
    texts.sort_unstable();
    texts.dedup();
    texts
}

/// Statements, unless the filter says more.
fn kinds(filter: &QuoteFilter) -> &[QuoteKind] {
    if !filter.kinds.is_empty() {
        return &filter.kinds;
    }
    match &filter.expression {
        Some(expression) if expression.names_a_kind() => &[QuoteKind::Statement, QuoteKind::Thought],
        _ => &[QuoteKind::Statement],
    }
}

/// Documents that the query asks for.
pub(super) fn documents(fields: &Fields, query: &DocumentQuery) -> Result<Question, QueryFault> {
    let filter = &query.filter;
    let mut all = Question::of([Kind::Document], &query.within);
    if let Some(text) = filter.text.as_deref().filter(|text| !text.trim().is_empty()) {
        all.text(text, fields.body_text, fields.body_words)?;
    }
    all.entities(fields, &query.entities);
    if !filter.documents.is_empty() {
        all.any(fields.document, filter.documents.iter().map(|document| document.as_str()));
    }
    all.provenance(fields, &filter.sources, &filter.labels, &filter.languages);
    all.published(filter.published);
    all.stored(query.order);
    // Last, since it joins what is there by then.
    if let Some(expression) = &query.entities.expression {
        Compiler { fields, within: &query.within, quotes: false }.add(&mut all, expression)?;
    }
    Ok(all)
}

/// Entities that the query asks for. Of several words in the prefix each begins a word of the names.
pub(super) fn entities(fields: &Fields, query: &EntityQuery) -> Question {
    let mut all = Question::of([Kind::Entity], &query.within);
    if let Some(prefix) = query.filter.name_prefix.as_deref().filter(|prefix| !prefix.trim().is_empty()) {
        let folded = names::fold(prefix);
        all.hopeless |= folded.is_empty();
        let words = folded.split(' ').filter(|word| !word.is_empty());
        let begins = |word: &str| match allowed_typos(word) {
            typos @ 1.. if query.filter.forgiving => {
                Clause::FuzzyPrefix(Term::from_field_text(fields.name_words, word), typos)
            }
            _ => Clause::Prefix(fields.name_words, word.to_owned()),
        };
        all.clauses.extend(words.take(free_text::MOST_WORDS).map(begins));
    }
    all.categories(query.filter.types.iter().map(|entity_type| schema::entity_type(*entity_type)));
    all
}

/// How many letters of a name's word may be wrong.
fn allowed_typos(word: &str) -> u8 {
    match word.chars().count() {
        0..4 => 0,
        4..8 => 1,
        _ => 2,
    }
}

impl Question {
    /// Whether nothing is asked for but the scopes.
    pub(super) fn is_everything(&self) -> bool {
        let unbound = self.clauses.is_empty() && self.nodes.is_empty();
        unbound && !self.hopeless && self.conditions == Conditions::default()
    }

    fn of(kinds: impl IntoIterator<Item = Kind>, within: &Within) -> Self {
        let scopes = kinds.into_iter().flat_map(|kind| schema::scopes(kind, within));
        let mut scopes: Vec<String> = scopes.collect();
        scopes.sort_unstable();
        scopes.dedup();
        Self { hopeless: scopes.is_empty(), scopes, ..Self::default() }
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

    /// Text without a word finds nothing.
    pub(super) fn text(&mut self, text: &str, stems: Field, words: Field) -> Result<(), QueryFault> {
        let parts = query_text::parse(text)?;
        self.hopeless |= parts.is_empty();
        self.scored = true;
        for part in parts {
            let term = |stem: String| Term::from_field_text(stems, &stem);
            let clause = match part {
                query_text::Clause::Term(stem) => Clause::Word(term(stem)),
                query_text::Clause::Phrase(phrase, slop) => {
                    Clause::Phrase(phrase.into_iter().map(term).collect(), slop)
                }
                query_text::Clause::Prefix(prefix) => Clause::Prefix(words, prefix),
                query_text::Clause::Fuzzy(word, edits) => {
                    Clause::Fuzzy(Term::from_field_text(words, &word), edits)
                }
            };
            self.clause(clause);
        }
        Ok(())
    }

    /// One more clause, unless it is there.
    pub(super) fn clause(&mut self, clause: Clause) {
        if !self.clauses.contains(&clause) {
            self.clauses.push(clause);
        }
    }

    /// Words that are looked up, over all of it.
    pub(super) fn terms(&self) -> usize {
        let clauses = self.clauses.iter().map(Clause::terms).sum::<usize>();
        clauses + self.nodes.iter().map(Node::terms).sum::<usize>()
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
            self.conditions.published = Some(schema::micros_of(range));
        }
    }

    /// The order of changes may end at one.
    fn stored(&mut self, order: Order) {
        if let Order::Stored { up_to } = order {
            self.conditions.before = Some(schema::place(up_to.saturating_add(1), 0));
        }
    }

    fn categories(&mut self, categories: impl Iterator<Item = u64>) {
        let allowed = categories.fold(0, |allowed, category| allowed | 1 << category);
        self.conditions.categories = (allowed != 0).then_some(allowed);
    }
}
