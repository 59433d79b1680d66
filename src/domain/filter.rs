//! Conditions on quotes and documents, joined by AND, OR and NOT to any depth. This is the one form that everything takes which a
//! client can ask for beyond the plain lists of [`super::query`]: the further fields of a filter, and filters written as text.
//!
//! `E` is how an entity is given: as a client does ([`EntityRef`]), or by the ids that it stands for.

use super::annotation::{QuoteKind, QuoteType, SpeakerKind};
use super::ids::{CollectionId, DocumentId, EntityId, QuoteName};
use super::query::EntityRef;
use super::time::TimeRange;
use serde::{Deserialize, Serialize};

/// Conditions joined to one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Expression<E = EntityRef> {
    /// All of them; of none, everything satisfies that.
    All(Vec<Self>),
    /// Any of them; of none, nothing satisfies that.
    Any(Vec<Self>),
    /// What does not satisfy it.
    Not(Box<Self>),
    /// One condition.
    Is(Condition<E>),
}

/// An expression whose entities are resolved: for each reference the ids that it stands for, none where nobody has the name.
pub type ResolvedExpression = Expression<Vec<EntityId>>;

/// What one entry must satisfy. Of a document, `Speaker` and `About` hold where they hold for any of its quotes or mentions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Condition<E = EntityRef> {
    /// Free text.
    Words(TextField, String),
    /// Who speaks.
    Speaker(E),
    /// Whom or what the content mentions; of a document, the text.
    About(E),
    /// The document.
    Document(DocumentId),
    /// The outlet.
    Source(String),
    /// The language, in full or its first part.
    Language(String),
    /// A label: with this value, or with any.
    Label(String, Option<String>),
    /// Publication time; what is undated is in no range.
    Published(TimeRange),
    /// How much of the content stands in quotation marks.
    Type(QuoteType),
    /// Speech or thought.
    Kind(QuoteKind),
    /// Confidence of the quote, at least this.
    Confidence(f32),
    /// What kind of thing speaks.
    SpeakerKind(SpeakerKind),
    /// Whether the speaker has a name.
    Named,
    /// Whether the speaker was left open though there was one to be found.
    Abstained,
    /// Name of the analyzer that made the analysis.
    Analyzer(String),
    /// The same words as this quote has, or nearly: what is in one cluster with it. Quotes alone.
    SameWords(QuoteName),
    /// A copy of this document, or nearly; of a quote, it stands in one.
    CopyOf(DocumentId),
    /// The collection, of several that are looked in.
    Collection(CollectionId),
}

/// Where words are looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TextField {
    /// In a quote's content. Documents have none: there it is the same as `Article`.
    #[default]
    Content,
    /// In the sentences in which source, cue and content stand, and in the document's title.
    Context,
    /// In the document's text and title.
    Article,
}

impl<E> Expression<E> {
    /// The conditions, in their order.
    pub fn conditions(&self) -> Box<dyn Iterator<Item = &Condition<E>> + '_> {
        match self {
            Self::All(parts) | Self::Any(parts) => Box::new(parts.iter().flat_map(Self::conditions)),
            Self::Not(part) => part.conditions(),
            Self::Is(condition) => Box::new(std::iter::once(condition)),
        }
    }

    /// The conditions that are not denied: those of what satisfies it, it satisfies some of.
    pub fn wanted(&self) -> Box<dyn Iterator<Item = &Condition<E>> + '_> {
        match self {
            Self::All(parts) | Self::Any(parts) => Box::new(parts.iter().flat_map(Self::wanted)),
            Self::Not(_) => Box::new(std::iter::empty()),
            Self::Is(condition) => Box::new(std::iter::once(condition)),
        }
    }

    /// The entities of the conditions, in their order.
    pub fn entities(&self) -> impl Iterator<Item = &E> + '_ {
        self.conditions().filter_map(|condition| match condition {
            Condition::Speaker(entity) | Condition::About(entity) => Some(entity),
            _ => None,
        })
    }

    /// The same with other entities: `with` is called for each of [`Self::entities`], in that order.
    pub fn with_entities<F>(self, with: &mut impl FnMut(E) -> F) -> Expression<F> {
        match self {
            Self::All(parts) => {
                Expression::All(parts.into_iter().map(|part| part.with_entities(with)).collect())
            }
            Self::Any(parts) => {
                Expression::Any(parts.into_iter().map(|part| part.with_entities(with)).collect())
            }
            Self::Not(part) => Expression::Not(Box::new(part.with_entities(with))),
            Self::Is(condition) => Expression::Is(condition.with_entity(with)),
        }
    }

    /// Whether it asks for what says the same as something.
    pub fn names_a_cluster(&self) -> bool {
        self.conditions().any(|condition| matches!(condition, Condition::SameWords(_) | Condition::CopyOf(_)))
    }

    /// Whether it says anything about the kinds of quotes. If not, statements alone are meant.
    pub fn names_a_kind(&self) -> bool {
        self.conditions().any(|condition| matches!(condition, Condition::Kind(_)))
    }
}

impl<E> Condition<E> {
    fn with_entity<F>(self, with: &mut impl FnMut(E) -> F) -> Condition<F> {
        match self {
            Self::Speaker(entity) => Condition::Speaker(with(entity)),
            Self::About(entity) => Condition::About(with(entity)),
            Self::Words(field, words) => Condition::Words(field, words),
            Self::Document(document) => Condition::Document(document),
            Self::Source(source) => Condition::Source(source),
            Self::Language(language) => Condition::Language(language),
            Self::Label(key, value) => Condition::Label(key, value),
            Self::Published(range) => Condition::Published(range),
            Self::Type(quote_type) => Condition::Type(quote_type),
            Self::Kind(kind) => Condition::Kind(kind),
            Self::Confidence(least) => Condition::Confidence(least),
            Self::SpeakerKind(kind) => Condition::SpeakerKind(kind),
            Self::Named => Condition::Named,
            Self::Abstained => Condition::Abstained,
            Self::Analyzer(name) => Condition::Analyzer(name),
            Self::SameWords(quote) => Condition::SameWords(quote),
            Self::CopyOf(document) => Condition::CopyOf(document),
            Self::Collection(collection) => Condition::Collection(collection),
        }
    }
}
