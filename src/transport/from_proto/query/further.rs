//! What a filter says beyond the plain lists of the vocabulary: conditions, joined to one expression.

use super::super::Violations;
use super::super::expression::{self, Target};
use super::super::names;
use super::{
    ELSEWHERE, MAX_LIST, MAX_STRING_BYTES, bounded, document, documents, entity_refs, enums, listed,
    speaker_kind, strings,
};
use crate::domain::filter::{Condition, Expression};
use crate::domain::ids::{CollectionId, DocumentId, DocumentName, QuoteName, parse_collection_name};
use crate::domain::query::EntityRef;
use crate::transport::wire;

/// Gathers what a filter says beyond the plain lists of the vocabulary.
pub(super) struct Further<'v> {
    pub(super) violations: &'v mut Violations,
    pub(super) collection: &'v CollectionId,
    pub(super) parts: Vec<Expression>,
}

impl Further<'_> {
    pub(super) fn mentions(&mut self, some: Vec<String>, none: Vec<String>) {
        self.entities("filter.mentions_any", some, Condition::About, false);
        self.entities("filter.mentions_none", none, Condition::About, true);
    }

    pub(super) fn speakers(
        &mut self,
        none: Vec<String>,
        kinds: &[i32],
        named: Option<bool>,
        abstained: Option<bool>,
    ) {
        self.entities("filter.speakers_none", none, Condition::Speaker, true);
        let kinds = enums(self.violations, "filter.speaker_kinds", kinds, speaker_kind);
        self.any(kinds.into_iter().map(Condition::SpeakerKind));
        self.whether(named, Condition::Named);
        self.whether(abstained, Condition::Abstained);
    }

    pub(super) fn provenance(&mut self, labels: Vec<wire::LabelMatch>, analyzers: Vec<String>) {
        let field = "filter.label_matches";
        listed(self.violations, field, labels.len());
        for (at, wire::LabelMatch { key, values }) in labels.into_iter().take(MAX_LIST).enumerate() {
            self.violations.require(!key.is_empty(), &format!("{field}[{at}].key"), "must not be empty");
            bounded(self.violations, &format!("{field}[{at}].key"), &key);
            if values.is_empty() {
                self.parts.push(Expression::Is(Condition::Label(key, None)));
                continue;
            }
            let field = format!("{field}[{at}].values");
            listed(self.violations, &field, values.len());
            self.any(
                values.into_iter().take(MAX_LIST).map(|value| Condition::Label(key.clone(), Some(value))),
            );
        }
        let analyzers = strings(self.violations, "filter.analyzers", analyzers);
        self.any(analyzers.into_iter().map(Condition::Analyzer));
    }

    pub(super) fn same_words(&mut self, quote: &str) {
        if quote.is_empty() {
            return;
        }
        let field = "filter.same_words_as";
        let Some(name) = self.violations.keep(field, QuoteName::parse(quote)) else { return };
        let ours = names::is_within(&name.document.collection, self.collection);
        self.violations.require(ours, field, ELSEWHERE);
        self.parts.push(Expression::Is(Condition::SameWords(name)));
    }

    pub(super) fn copies(&mut self, name: &str) {
        let document = document(self.violations, self.collection, "filter.copy_of", name);
        self.parts.extend(document.map(|name| self.of_document(name, Condition::CopyOf)));
    }

    /// The collections, of several that are searched.
    pub(super) fn collections(&mut self, names: &[String]) {
        let field = "filter.collections";
        listed(self.violations, field, names.len());
        let mut all = Vec::new();
        for (at, name) in names.iter().take(MAX_LIST).enumerate() {
            let field = format!("{field}[{at}]");
            if let Some(name) = self.violations.keep(&field, parse_collection_name(name)) {
                self.violations.require(names::is_within(&name, self.collection), &field, ELSEWHERE);
                all.push(Condition::Collection(name));
            }
        }
        self.any(all.into_iter());
    }

    /// The one document; where every collection is searched, as a condition.
    pub(super) fn document(&mut self, name: &str) -> Option<DocumentId> {
        let name = document(self.violations, self.collection, "filter.document", name)?;
        if self.collection.is_every() {
            self.parts.push(self.of_document(name, Condition::Document));
            return None;
        }
        Some(name.document)
    }

    /// Any of the documents; where every collection is searched, as a condition.
    pub(super) fn documents(&mut self, names: &[String]) -> Vec<DocumentId> {
        let names = documents(self.violations, self.collection, names);
        if self.collection.is_every() && !names.is_empty() {
            let any = names.into_iter().map(|name| self.of_document(name, Condition::Document)).collect();
            self.parts.push(Expression::Any(any));
            return Vec::new();
        }
        names.into_iter().map(|name| name.document).collect()
    }

    /// A condition on a document. Where every collection is searched, ids alone do not tell which one is meant.
    fn of_document(&self, name: DocumentName, condition: fn(DocumentId) -> Condition) -> Expression {
        let is = Expression::Is(condition(name.document));
        if !self.collection.is_every() {
            return is;
        }
        Expression::All(vec![Expression::Is(Condition::Collection(name.collection)), is])
    }

    pub(super) fn text(&mut self, text: &str, target: Target) {
        bounded(self.violations, "filter.expression", text);
        if text.len() > MAX_STRING_BYTES {
            return;
        }
        match expression::parse(text, target, self.collection) {
            Ok(expression) => self.parts.extend(expression),
            Err(what) => self.violations.add("filter.expression", what),
        }
    }

    fn entities(
        &mut self,
        field: &str,
        values: Vec<String>,
        condition: fn(EntityRef) -> Condition,
        none: bool,
    ) {
        let entities = entity_refs(self.violations, self.collection, field, values);
        let conditions = entities.into_iter().map(condition);
        if none {
            self.parts.extend(conditions.map(|one| Expression::Not(Box::new(Expression::Is(one)))));
        } else {
            self.any(conditions);
        }
    }

    /// Any of the conditions; nothing where there are none.
    fn any(&mut self, conditions: impl Iterator<Item = Condition>) {
        let any: Vec<Expression> = conditions.map(Expression::Is).collect();
        match any.len() {
            0 => {}
            1 => self.parts.extend(any),
            _ => self.parts.push(Expression::Any(any)),
        }
    }

    fn whether(&mut self, wanted: Option<bool>, condition: Condition) {
        let is = Expression::Is(condition);
        match wanted {
            None => {}
            Some(true) => self.parts.push(is),
            Some(false) => self.parts.push(Expression::Not(Box::new(is))),
        }
    }

    pub(super) fn finish(self) -> Option<Expression> {
        (!self.parts.is_empty()).then_some(Expression::All(self.parts))
    }
}
