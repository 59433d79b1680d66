//! Filters written as text, for people: `speaker = "Jane Miller" AND published > 2019-01-01`. The form is that of AIP-160; what comes
//! out is an [`Expression`], the same that the other fields of a filter become. An error points at the character where it
//! noticed, and says what could have stood there.
//!
//! `token.rs` finds words and signs, `grammar.rs` what belongs together, `meaning.rs` what it asks for: there is the list of fields.

mod dates;
mod grammar;
mod meaning;
#[cfg(test)]
mod tests;
mod token;

use crate::domain::filter::Expression;
use crate::domain::ids::CollectionId;

/// What is filtered. Both know the outlet of an entry; only quotes know of which type they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Quotes.
    Quotes,
    /// Documents.
    Documents,
}

/// Something else was expected at this byte.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault {
    at: usize,
    expected: String,
}

/// The expression of a filter's text; nothing where it is blank. Otherwise says what is wrong with it, and where.
pub fn parse(text: &str, target: Target, collection: &CollectionId) -> Result<Option<Expression>, String> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let parsed = token::tokens(text).and_then(|tokens| grammar::parse(&tokens, text.len()));
    let expression = parsed.and_then(|node| meaning::of(node, target, collection));
    expression.map(Some).map_err(|fault| {
        let before = text.get(..fault.at).unwrap_or(text);
        format!("at character {}: expected {}", before.chars().count() + 1, fault.expected)
    })
}
