//! What a filter's fields mean, and what each can be compared with.

use super::super::names::is_within;
use super::grammar::{Node, Value};
use super::token::Compare;
use super::{Fault, Target, dates};
use crate::domain::annotation::{QuoteKind, QuoteType, SpeakerKind};
use crate::domain::filter::{Condition, Expression, TextField};
use crate::domain::ids::{CollectionId, DocumentId, DocumentName, EntityName, QuoteName};
use crate::domain::query::EntityRef;
use crate::domain::time::TimeRange;

/// The expression that a tree means.
pub(super) fn of(node: Node, target: Target, collection: &CollectionId) -> Result<Expression, Fault> {
    let meaning = Meaning { target, collection };
    meaning.node(node)
}

struct Meaning<'c> {
    target: Target,
    collection: &'c CollectionId,
}

/// Fields that both targets know; `label.KEY` beside them.
const COMMON: &[&str] = &[
    "text",
    "article",
    "speaker",
    "about",
    "source",
    "published",
    "language",
    "labels",
    "document",
    "analyzer",
    "copy_of",
    "collection",
];
/// Fields of quotes alone.
const OF_QUOTES: &[&str] =
    &["sentence", "type", "kind", "confidence", "speaker_kind", "abstained", "same_words_as"];

/// A resolution of confidence.
const HUNDREDTH: f32 = 0.01;

impl Meaning<'_> {
    fn node(&self, node: Node) -> Result<Expression, Fault> {
        let all =
            |nodes: Vec<Node>| nodes.into_iter().map(|node| self.node(node)).collect::<Result<Vec<_>, _>>();
        Ok(match node {
            Node::And(nodes) => Expression::All(all(nodes)?),
            Node::Or(nodes) => Expression::Any(all(nodes)?),
            Node::Not(node) => Expression::Not(Box::new(self.node(*node)?)),
            Node::Bare(value) if is_any(&value) => return Err(no_value(&value)),
            // A quoted string alone is a phrase, as in the text of a search.
            Node::Bare(value) => Expression::Is(words(TextField::Content, &value, value.quoted)),
            Node::Restriction { field, compare, values } => self.restriction(&field, compare, &values)?,
        })
    }

    fn restriction(&self, field: &Value, compare: Compare, values: &[Value]) -> Result<Expression, Fault> {
        match &*field.text {
            "published" => return one(values, |value| published(compare, value)),
            "confidence" if self.target == Target::Quotes => {
                return one(values, |value| confidence(compare, value));
            }
            _ => {}
        }
        if !self.knows(&field.text) {
            return Err(Fault { at: field.at.start, expected: self.fields() });
        }
        // What has an order is done; the rest is or is not.
        let allowed = matches!(compare, Compare::Has | Compare::Equal | Compare::Unequal);
        if !allowed {
            let expected = format!("one of : = != behind {}, not {}", field.text, compare.as_str());
            return Err(Fault { at: field.at.end, expected });
        }
        let conditions = values.iter().map(|value| self.condition(field, compare, value));
        let mut any = conditions.collect::<Result<Vec<_>, _>>()?;
        let any = if any.len() == 1 { any.remove(0) } else { Expression::Any(any) };
        Ok(if compare == Compare::Unequal { Expression::Not(Box::new(any)) } else { any })
    }

    fn condition(&self, field: &Value, compare: Compare, value: &Value) -> Result<Expression, Fault> {
        let whole = compare != Compare::Has;
        let presence = is_any(value);
        if let Some(key) = field.text.strip_prefix("label.").filter(|key| !key.is_empty()) {
            let value = (!presence).then(|| value.text.clone());
            return Ok(Expression::Is(Condition::Label(key.to_owned(), value)));
        }
        let quotes = self.target == Target::Quotes;
        let condition = match &*field.text {
            "speaker" if presence => Condition::Named,
            // It would find nothing, and all where it is negated.
            _ if presence => return Err(no_value(value)),
            "text" => words(TextField::Content, value, whole),
            "article" => words(TextField::Article, value, whole),
            "sentence" if quotes => words(TextField::Context, value, whole),
            "speaker" => Condition::Speaker(self.entity(value)?),
            "about" => Condition::About(self.entity(value)?),
            "source" => Condition::Source(value.text.clone()),
            "language" => Condition::Language(value.text.clone()),
            "labels" => Condition::Label(value.text.clone(), None),
            "document" => return self.document(value, Condition::Document),
            "analyzer" => Condition::Analyzer(value.text.clone()),
            "copy_of" => return self.document(value, Condition::CopyOf),
            "collection" => Condition::Collection(self.a_collection(value)?),
            "same_words_as" if quotes => Condition::SameWords(self.quote(value)?),
            "type" if quotes => Condition::Type(constant(value, QUOTE_TYPES)?),
            "kind" if quotes => Condition::Kind(constant(value, QUOTE_KINDS)?),
            "speaker_kind" if quotes => Condition::SpeakerKind(constant(value, SPEAKER_KINDS)?),
            "abstained" if quotes => {
                let abstained = Expression::Is(Condition::Abstained);
                let yes = constant(value, &[("TRUE", true), ("FALSE", false)])?;
                return Ok(if yes { abstained } else { Expression::Not(Box::new(abstained)) });
            }
            _ => return Err(Fault { at: field.at.start, expected: self.fields() }),
        };
        Ok(Expression::Is(condition))
    }

    /// The fields that the target has, but for `label.KEY`.
    fn all(&self) -> impl Iterator<Item = &'static str> {
        let own: &[&str] = if self.target == Target::Quotes { OF_QUOTES } else { &[] };
        COMMON.iter().chain(own).copied()
    }

    fn knows(&self, field: &str) -> bool {
        let label = field.strip_prefix("label.").is_some_and(|key| !key.is_empty());
        label || self.all().any(|known| known == field)
    }

    fn fields(&self) -> String {
        let all: Vec<&str> = self.all().collect();
        format!("one of the fields {}, label.KEY", all.join(", "))
    }

    fn entity(&self, value: &Value) -> Result<EntityRef, Fault> {
        if !value.text.starts_with("collections/") {
            return Ok(EntityRef::Name(value.text.clone()));
        }
        match EntityName::parse(&value.text) {
            Ok(name) if self.finds(&name.collection) || name.collection == *self.collection => {
                Ok(EntityRef::Id(name.entity))
            }
            _ => Err(Fault { at: value.at.start, expected: self.resource("entities/{entity}") }),
        }
    }

    /// A document by its name, or by its id in whichever collection that is.
    fn document(&self, value: &Value, is: fn(DocumentId) -> Condition) -> Result<Expression, Fault> {
        let expected = || Fault { at: value.at.start, expected: self.resource("documents/{document}") };
        if !value.text.starts_with("collections/") {
            return DocumentId::new(value.text.as_str())
                .map(|id| Expression::Is(is(id)))
                .map_err(|_| expected());
        }
        let name = DocumentName::parse(&value.text).ok().filter(|name| self.finds(&name.collection));
        let name = name.ok_or_else(expected)?;
        let of = self.collection.is_every().then_some(Expression::Is(Condition::Collection(name.collection)));
        let parts: Vec<Expression> = of.into_iter().chain([Expression::Is(is(name.document))]).collect();
        Ok(Expression::All(parts))
    }

    /// A collection by its name or id.
    fn a_collection(&self, value: &Value) -> Result<CollectionId, Fault> {
        let id = value.text.strip_prefix("collections/").unwrap_or(&value.text);
        let id = CollectionId::new(id).ok().filter(|id| self.finds(id));
        id.ok_or_else(|| Fault {
            at: value.at.start,
            expected: "a collection that is searched, by id or name".to_owned(),
        })
    }

    fn finds(&self, collection: &CollectionId) -> bool {
        is_within(collection, self.collection)
    }

    fn quote(&self, value: &Value) -> Result<QuoteName, Fault> {
        let name = QuoteName::parse(&value.text).ok();
        let ours = name.filter(|name| self.finds(&name.document.collection));
        let expected = || self.resource("documents/{document}/quotes/{quote}");
        ours.ok_or_else(|| Fault { at: value.at.start, expected: expected() })
    }

    fn resource(&self, rest: &str) -> String {
        format!("a resource name of the searched collection, collections/{}/{rest}", self.collection)
    }
}

/// Whether any value is asked for.
fn is_any(value: &Value) -> bool {
    value.text == "*" && !value.quoted
}

fn no_value(value: &Value) -> Fault {
    let expected = "a value: only speaker, published and label.KEY are asked for any by *";
    Fault { at: value.at.start, expected: expected.to_owned() }
}

/// Words to be found; as a phrase where `whole`.
fn words(field: TextField, value: &Value, whole: bool) -> Condition {
    let text = if whole { format!("\"{}\"", value.text.replace('"', " ")) } else { value.text.clone() };
    Condition::Words(field, text)
}

/// The only value, read by `read`; nothing else can be compared by size.
fn one(values: &[Value], read: impl Fn(&Value) -> Result<Expression, Fault>) -> Result<Expression, Fault> {
    match values {
        [value] => read(value),
        _ => Err(Fault {
            at: values.get(1).map_or(0, |value| value.at.start),
            expected: "one value, not several".to_owned(),
        }),
    }
}

fn published(compare: Compare, value: &Value) -> Result<Expression, Fault> {
    let within = |from, until| Expression::Is(Condition::Published(TimeRange { from, until }));
    // What is undated is in no range, be it without ends.
    let dated = within(None, None);
    match compare {
        Compare::Has | Compare::Equal if is_any(value) => return Ok(dated),
        Compare::Unequal if is_any(value) => return Ok(Expression::Not(Box::new(dated))),
        _ => {}
    }
    let expected = "a date (2019, 2019-07, 2019-07-31, in UTC) or a time (2019-07-31T12:00:00Z)";
    let range = dates::range(&value.text);
    let (from, until) = range.ok_or_else(|| Fault { at: value.at.start, expected: expected.to_owned() })?;
    Ok(match compare {
        Compare::Has | Compare::Equal => within(Some(from), Some(until)),
        Compare::Unequal => Expression::Not(Box::new(within(Some(from), Some(until)))),
        Compare::Less => within(None, Some(from)),
        Compare::AtMost => within(None, Some(until)),
        Compare::More => within(Some(until), None),
        Compare::AtLeast => within(Some(from), None),
    })
}

fn confidence(compare: Compare, value: &Value) -> Result<Expression, Fault> {
    let number = value.text.parse::<f32>().ok().filter(|number| (0.0..=1.0).contains(number));
    let number =
        number.ok_or_else(|| Fault { at: value.at.start, expected: "a number from 0 to 1".to_owned() })?;
    let least = |least: f32| Expression::Is(Condition::Confidence(least));
    let not = |inner| Expression::Not(Box::new(inner));
    let above = number + HUNDREDTH;
    let equal = || Expression::All(vec![least(number), not(least(above))]);
    Ok(match compare {
        Compare::Has | Compare::Equal => equal(),
        Compare::Unequal => not(equal()),
        Compare::AtLeast => least(number),
        Compare::More => least(above),
        Compare::Less => not(least(number)),
        Compare::AtMost => not(least(above)),
    })
}

const QUOTE_TYPES: &[(&str, QuoteType)] =
    &[("DIRECT", QuoteType::Direct), ("INDIRECT", QuoteType::Indirect), ("MIXED", QuoteType::Mixed)];

const QUOTE_KINDS: &[(&str, QuoteKind)] =
    &[("STATEMENT", QuoteKind::Statement), ("THOUGHT", QuoteKind::Thought)];

const SPEAKER_KINDS: &[(&str, SpeakerKind)] = &[
    ("PERSON", SpeakerKind::Person),
    ("ORGANIZATION", SpeakerKind::Organization),
    ("PLACE", SpeakerKind::Place),
    ("GROUP", SpeakerKind::Group),
    ("DOCUMENT", SpeakerKind::Document),
    ("UNKNOWN", SpeakerKind::Unknown),
];

/// One of a few names, in any case.
fn constant<T: Copy>(value: &Value, all: &[(&str, T)]) -> Result<T, Fault> {
    let found = all.iter().find(|(name, _)| name.eq_ignore_ascii_case(&value.text));
    found.map(|(_, constant)| *constant).ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        Fault { at: value.at.start, expected: format!("one of {}", names.join(", ")) }
    })
}
