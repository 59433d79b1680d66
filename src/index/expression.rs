//! From a filter's expression to what a question asks: what must hold in any case joins the question's clauses and conditions, which
//! are quick; what is joined by OR and NOT stays a tree, but for words joined by OR, so that they score.

use super::compile::{Clause, Question};
use super::conditions::Conditions;
use super::query_text;
use super::schema::{self, Fields, Kind};
use crate::domain::filter::{Condition, Expression, ResolvedExpression, TextField};
use crate::domain::ids::{CollectionId, DocumentId, DocumentName, EntityId, QuoteName};
use crate::domain::query::Within;
use crate::ports::QueryFault;
use tantivy::Term;
use tantivy::schema::Field;

/// What of an expression is no clause and no condition.
#[derive(Debug)]
pub(super) enum Node {
    /// Entries that satisfy the clauses.
    Clauses(Box<Question>),
    /// Quotes of the documents that satisfy the clauses.
    Articles(Box<Question>),
    Columns(Conditions),
    /// See [`Condition::SameWords`].
    SameWords(QuoteName),
    /// See [`Condition::CopyOf`].
    CopyOf(DocumentName),
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
}

impl Node {
    /// Words that are looked up.
    pub(super) fn terms(&self) -> usize {
        match self {
            Self::Clauses(question) | Self::Articles(question) => question.terms(),
            Self::Columns(_) | Self::SameWords(_) | Self::CopyOf(_) => 0,
            Self::All(nodes) | Self::Any(nodes) => nodes.iter().map(Self::terms).sum(),
            Self::Not(node) => node.terms(),
        }
    }
}

/// Adds an expression to what a question asks.
pub(super) struct Compiler<'f> {
    pub(super) fields: &'f Fields,
    pub(super) within: &'f Within,
    /// Whether quotes are asked for, not documents.
    pub(super) quotes: bool,
}

impl Compiler<'_> {
    pub(super) fn add(
        &self,
        question: &mut Question,
        expression: &ResolvedExpression,
    ) -> Result<(), QueryFault> {
        if let Expression::All(parts) = expression {
            return parts.iter().try_for_each(|part| self.add(question, part));
        }
        let of_words = matches!(expression, Expression::Any(parts) if parts.iter().all(is_words));
        match self.node(expression)? {
            Node::Clauses(more) => {
                question.hopeless |= more.hopeless;
                question.scored |= is_words(expression);
                more.clauses.into_iter().for_each(|clause| question.clause(clause));
            }
            Node::Columns(conditions) if question.conditions.join(&conditions) => {}
            Node::Any(nodes) if of_words && nodes.iter().all(|node| matches!(node, Node::Clauses(_))) => {
                question.choice(nodes);
            }
            node => question.nodes.push(node),
        }
        query_text::check(question.terms())
    }

    fn node(&self, expression: &ResolvedExpression) -> Result<Node, QueryFault> {
        let all =
            |parts: &[ResolvedExpression]| parts.iter().map(|part| self.node(part)).collect::<Result<_, _>>();
        Ok(match expression {
            Expression::All(parts) => Node::All(all(parts)?),
            Expression::Any(parts) => Node::Any(all(parts)?),
            Expression::Not(part) => Node::Not(Box::new(self.node(part)?)),
            Expression::Is(condition) => self.condition(condition)?,
        })
    }

    fn condition(&self, condition: &Condition<Vec<EntityId>>) -> Result<Node, QueryFault> {
        let fields = self.fields;
        let ids = |field, ids: &[EntityId]| any(field, ids.iter().map(EntityId::as_str));
        let columns = |conditions| Ok(Node::Columns(conditions));
        let traits = |bits| columns(Conditions { traits: Some(bits), ..Conditions::default() });
        Ok(match condition {
            Condition::Words(field, words) => return self.words(*field, words),
            Condition::Speaker(speakers) => ids(fields.speaker, speakers),
            Condition::About(entities) => ids(fields.mention, entities),
            Condition::Document(document) => any(fields.document, [document.as_str()]),
            Condition::Source(source) => any(fields.source, [source.as_str()]),
            Condition::Language(tag) => any(fields.language, [tag.to_ascii_lowercase().as_str()]),
            Condition::Label(key, Some(value)) => any(fields.label, [schema::label(key, value).as_str()]),
            Condition::Label(key, None) => {
                clauses([Clause::AnyPrefixed(fields.label, schema::label_key(key))])
            }
            Condition::Analyzer(name) => any(fields.analyzer, [name.as_str()]),
            Condition::Kind(kind) => {
                return Ok(of_scopes(fields, schema::scopes(Kind::Quote(*kind), self.within)));
            }
            Condition::Published(range) => {
                let published = Some(schema::micros_of(*range));
                return columns(Conditions { published, ..Conditions::default() });
            }
            Condition::Type(quote_type) => {
                let categories = Some(1 << schema::quote_type(*quote_type));
                return columns(Conditions { categories, ..Conditions::default() });
            }
            Condition::Confidence(least) => {
                let confidence = Some(schema::hundredths(*least));
                return columns(Conditions { confidence, ..Conditions::default() });
            }
            Condition::SpeakerKind(kind) => return traits(schema::speaker_kind(*kind)),
            Condition::Named if self.quotes => return traits(schema::NAMED),
            // A document is found by those who speak in it.
            Condition::Named => clauses([Clause::AnyPrefixed(fields.speaker, String::new())]),
            Condition::Abstained => return traits(schema::ABSTAINED),
            Condition::SameWords(quote) => return Ok(Node::SameWords(quote.clone())),
            Condition::CopyOf(document) => return Ok(self.copies(document)),
            Condition::Collection(collection) => {
                let kinds = Kind::ALL.iter().map(|kind| schema::scope(*kind, collection));
                return Ok(of_scopes(fields, kinds));
            }
        })
    }

    /// Of several collections each may have such a document; whoever means one of them says so besides.
    fn copies(&self, document: &DocumentId) -> Node {
        let name = |collection: &CollectionId| DocumentName {
            collection: collection.clone(),
            document: document.clone(),
        };
        let mut nodes: Vec<Node> = self.within.all().iter().map(|one| Node::CopyOf(name(one))).collect();
        match nodes.pop() {
            Some(one) if nodes.is_empty() => one,
            last => Node::Any(nodes.into_iter().chain(last).collect()),
        }
    }

    fn words(&self, field: TextField, words: &str) -> Result<Node, QueryFault> {
        let fields = self.fields;
        let mut question = Question::default();
        let in_articles = !self.quotes || field == TextField::Article;
        let (stems, plain) = match field {
            _ if in_articles => (fields.body_text, fields.body_words),
            TextField::Context => (fields.context_text, fields.context_words),
            _ => (fields.quote_text, fields.quote_words),
        };
        question.text(words, stems, plain)?;
        if !(in_articles && self.quotes) {
            return Ok(Node::Clauses(Box::new(question)));
        }
        question.scopes = schema::scopes(Kind::Document, self.within).collect();
        Ok(Node::Articles(Box::new(question)))
    }
}

impl Question {
    /// Words of which an entry must have some: the clauses of any of the nodes.
    fn choice(&mut self, nodes: Vec<Node>) {
        let alternatives = nodes.into_iter().filter_map(|node| match node {
            Node::Clauses(question) if !question.hopeless => Some(question.clauses),
            _ => None,
        });
        let alternatives: Vec<_> = alternatives.collect();
        self.hopeless |= alternatives.is_empty();
        self.scored = true;
        self.clause(Clause::Choice(alternatives));
    }
}

fn is_words<E>(expression: &Expression<E>) -> bool {
    matches!(expression, Expression::Is(Condition::Words(..)))
}

/// Entries of any of the scopes.
fn of_scopes(fields: &Fields, scopes: impl Iterator<Item = String>) -> Node {
    let scopes: Vec<String> = scopes.collect();
    any(fields.scope, scopes.iter().map(String::as_str))
}

/// Entries that have any of the values.
fn any<'v>(field: Field, values: impl IntoIterator<Item = &'v str>) -> Node {
    let terms: Vec<Term> = values.into_iter().map(|value| Term::from_field_text(field, value)).collect();
    clauses([Clause::Any(terms)])
}

fn clauses(clauses: impl IntoIterator<Item = Clause>) -> Node {
    let clauses: Vec<Clause> = clauses.into_iter().collect();
    let hopeless = clauses.iter().any(|clause| matches!(clause, Clause::Any(terms) if terms.is_empty()));
    Node::Clauses(Box::new(Question { clauses, hopeless, ..Question::default() }))
}
