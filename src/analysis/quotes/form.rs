//! Direct, indirect or mixed: how much of a content stands inside quotation marks.

use crate::analysis::signals::Layout;
use crate::domain::annotation::QuoteType;
use crate::domain::span::ByteSpan;

/// Words outside the marks that do not make a direct quote a mixed one. The "that" of a clause does.
const LOOSE: [&str; 5] = ["and", "but", "or", "so", "because"];

/// The type of a quote with these contents.
pub(super) fn quote_type(layout: &Layout<'_>, contents: &[ByteSpan]) -> QuoteType {
    if let [content] = contents
        && is_part(layout, *content)
    {
        return inner_type(layout, *content);
    }
    let (mut inside, mut outside) = (0usize, 0usize);
    for content in contents {
        for word in &layout.words[layout.words_of(*content)] {
            let text = word.span.slice(layout.text);
            if !text.contains(char::is_alphanumeric) {
                continue;
            }
            match layout.quoted_at(word.span.begin) {
                Some(_) => inside += 1,
                None if LOOSE.contains(&text.to_lowercase().as_str()) => {}
                None => outside += 1,
            }
        }
    }
    match (inside, outside) {
        (0, _) => QuoteType::Indirect,
        (_, 0) => QuoteType::Direct,
        _ => QuoteType::Mixed,
    }
}

/// Whether a content is a part of a quotation that began before it: its marks are somebody else's.
fn is_part(layout: &Layout<'_>, content: ByteSpan) -> bool {
    let region = layout.quoted_at(content.begin);
    region.is_some_and(|region| {
        region.pieces.binary_search_by_key(&content.begin, |piece| piece.begin).is_err()
    })
}

/// The type of what is quoted inside of a quotation, by marks of its own.
fn inner_type(layout: &Layout<'_>, content: ByteSpan) -> QuoteType {
    let opens = |word: &str| matches!(word, "‘" | "“" | "'" | "\"" | "«" | "„");
    let mut words = layout.words_of(content);
    if words.clone().next().is_some_and(|first| opens(layout.word(first))) {
        QuoteType::Direct
    } else if words.any(|at| opens(layout.word(at)) && !layout.word(at + 1).starts_with(['s', 't'])) {
        QuoteType::Mixed
    } else {
        QuoteType::Indirect
    }
}
