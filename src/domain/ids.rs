//! Identifiers and resource names. An identifier that exists is valid: the constructors are the only door.
//! Names follow the pattern `collections/{c}/documents/{d}/quotes/{q}` and `collections/{c}/entities/{e}`.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest identifier, in bytes.
pub const MAX_ID_BYTES: usize = 128;

/// Why a string is no identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdError {
    /// It is empty.
    Empty,
    /// It is longer than [`MAX_ID_BYTES`].
    TooLong,
    /// It is `.` or `..`, which paths and URLs take for a place.
    Dots,
    /// It is `-`, which stands for every collection.
    Every,
    /// It holds a character outside `A-Z a-z 0-9 . _ ~ -`.
    Character(char),
    /// It begins with a character that only may come later.
    First(char),
    /// The name lacks a segment or has one too many.
    Shape(&'static str),
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "must not be empty"),
            Self::TooLong => write!(f, "must have at most {MAX_ID_BYTES} bytes"),
            Self::Dots => write!(f, "must not be . or .., which paths and URLs take for a place"),
            Self::Every => write!(f, "must not be -, which stands for every collection"),
            Self::Character(c) => write!(f, "holds {c:?}; allowed are letters a-z A-Z, digits and . _ ~ -"),
            Self::First(c) => write!(f, "must begin with a letter or a digit, not with {c:?}"),
            Self::Shape(pattern) => write!(f, "must look like {pattern}"),
        }
    }
}

impl std::error::Error for IdError {}

/// Checks the rules that every identifier of the service obeys.
fn check(id: &str) -> Result<(), IdError> {
    if id.is_empty() {
        return Err(IdError::Empty);
    }
    if id.len() > MAX_ID_BYTES {
        return Err(IdError::TooLong);
    }
    match id.chars().find(|c| !(c.is_ascii_alphanumeric() || ".-_~".contains(*c))) {
        Some(c) => Err(IdError::Character(c)),
        None => Ok(()),
    }
}

/// Checks what the id of something new must obey beside. What an older version took stays within reach.
fn for_new(id: String) -> Result<String, IdError> {
    match id.as_str() {
        "." | ".." => Err(IdError::Dots),
        _ => Ok(id),
    }
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(String);

        impl $name {
            /// Checks length and characters.
            pub fn new(id: impl Into<String>) -> Result<Self, IdError> {
                let id = id.into();
                check(&id)?;
                Ok(Self(id))
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

identifier!(
    /// A collection of documents. `default` always exists.
    CollectionId
);
identifier!(
    /// A document within its collection: chosen by the client or derived from the content hash.
    DocumentId
);
identifier!(
    /// A quote within its document. Made of its words and of how many earlier quotes have the same ones
    /// ([`crate::folding::quote_id`]), so that it holds through revisions and analyzers; its order says nothing.
    QuoteId
);
identifier!(
    /// An entity of a collection, derived from its identity (type, name and, for homonyms, what tells them apart).
    EntityId
);

impl CollectionId {
    /// The collection that is always there.
    pub fn default_collection() -> Self {
        Self("default".into())
    }

    /// Whether it stands for every collection, as `collections/-` does where several can be read at once.
    pub fn is_every(&self) -> bool {
        self.0 == "-"
    }

    /// The id of a collection that is to be made: neither `.` nor `..`, nor what stands for every one.
    pub fn for_new(id: impl Into<String>) -> Result<Self, IdError> {
        let id = Self::new(for_new(id.into())?)?;
        if id.is_every() { Err(IdError::Every) } else { Ok(id) }
    }
}

impl DocumentId {
    /// The id of a document that is to be written: neither `.` nor `..`.
    pub fn for_new(id: impl Into<String>) -> Result<Self, IdError> {
        Self::new(for_new(id.into())?)
    }

    /// The id of a document whose client chose none: half of the content's hash, in hexadecimal digits.
    pub fn of_content(hash: &[u8; 32]) -> Self {
        let half = hash.iter().take(16);
        Self(half.map(|byte| format!("{byte:02x}")).collect())
    }
}

/// `collections/{c}/documents/{d}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DocumentName {
    /// The collection that holds it.
    pub collection: CollectionId,
    /// The document.
    pub document: DocumentId,
}

/// `collections/{c}/documents/{d}/quotes/{q}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct QuoteName {
    /// The document that holds it.
    pub document: DocumentName,
    /// The quote.
    pub quote: QuoteId,
}

/// `collections/{c}/entities/{e}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EntityName {
    /// The collection that holds it.
    pub collection: CollectionId,
    /// The entity.
    pub entity: EntityId,
}

/// Parses `collections/{c}`.
pub fn parse_collection_name(name: &str) -> Result<CollectionId, IdError> {
    match segments(name).as_slice() {
        ["collections", c] => CollectionId::new(*c),
        _ => Err(IdError::Shape("collections/{collection}")),
    }
}

/// Formats `collections/{c}`.
pub fn collection_name(collection: &CollectionId) -> String {
    format!("collections/{collection}")
}

impl DocumentName {
    /// Parses the resource name.
    pub fn parse(name: &str) -> Result<Self, IdError> {
        match segments(name).as_slice() {
            ["collections", c, "documents", d] => {
                Ok(Self { collection: CollectionId::new(*c)?, document: DocumentId::new(*d)? })
            }
            _ => Err(IdError::Shape("collections/{collection}/documents/{document}")),
        }
    }
}

impl QuoteName {
    /// Parses the resource name.
    pub fn parse(name: &str) -> Result<Self, IdError> {
        match segments(name).as_slice() {
            ["collections", c, "documents", d, "quotes", q] => Ok(Self {
                document: DocumentName { collection: CollectionId::new(*c)?, document: DocumentId::new(*d)? },
                quote: QuoteId::new(*q)?,
            }),
            _ => Err(IdError::Shape("collections/{collection}/documents/{document}/quotes/{quote}")),
        }
    }
}

impl EntityName {
    /// Parses the resource name.
    pub fn parse(name: &str) -> Result<Self, IdError> {
        match segments(name).as_slice() {
            ["collections", c, "entities", e] => {
                Ok(Self { collection: CollectionId::new(*c)?, entity: EntityId::new(*e)? })
            }
            _ => Err(IdError::Shape("collections/{collection}/entities/{entity}")),
        }
    }
}

fn segments(name: &str) -> Vec<&str> {
    name.split('/').collect()
}

impl fmt::Display for DocumentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "collections/{}/documents/{}", self.collection, self.document)
    }
}

impl fmt::Display for QuoteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/quotes/{}", self.document, self.quote)
    }
}

impl fmt::Display for EntityName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "collections/{}/entities/{}", self.collection, self.entity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_a_round_trip_and_refuse_other_shapes() {
        let name = "collections/default/documents/a-1/quotes/q12";
        assert_eq!(QuoteName::parse(name).map(|n| n.to_string()), Ok(name.to_owned()));
        assert!(matches!(DocumentName::parse("documents/a"), Err(IdError::Shape(_))));
        assert!(matches!(DocumentName::parse("collections/c/documents/a b"), Err(IdError::Character(' '))));
        assert_eq!(EntityName::parse("collections/c/entities/"), Err(IdError::Empty));
        assert_eq!(CollectionId::new("x".repeat(129)), Err(IdError::TooLong));
        assert_eq!(DocumentId::for_new(".."), Err(IdError::Dots));
        assert!(DocumentId::new("..").is_ok() && CollectionId::for_new("...").is_ok());
    }
}
