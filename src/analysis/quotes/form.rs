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

/// The type of what is quoted inside of a quotation, by marks of its own: direct from the first word to the last, mixed in a part.
fn inner_type(layout: &Layout<'_>, content: ByteSpan) -> QuoteType {
    let words = layout.words_of(content);
    let Some(open) = words.clone().find(|at| opens(layout, *at, words.start)) else {
        return QuoteType::Indirect;
    };
    let closing = match layout.word(open) {
        "‘" => "’",
        "“" | "„" => "”",
        "«" => "»",
        straight => straight,
    };
    let is_word = |at: &usize| layout.word(*at).contains(char::is_alphanumeric);
    // An apostrophe has a letter behind it.
    let closes = |at: &usize| layout.word(*at) == closing && !touches(layout, *at);
    let end = (open + 1..words.end).find(closes).unwrap_or(words.end);
    let outside = (words.start..open).chain(end..words.end).any(|at| is_word(&at));
    if outside { QuoteType::Mixed } else { QuoteType::Direct }
}

/// Whether a word is a mark that opens a quotation: one with a blank before it and none behind it.
fn opens(layout: &Layout<'_>, at: usize, first: usize) -> bool {
    match layout.word(at) {
        "‘" | "“" | "«" | "„" => true,
        "'" | "\"" => (at == first || !touches(layout, at - 1)) && touches(layout, at),
        _ => false,
    }
}

/// Whether the next word begins where one ends.
fn touches(layout: &Layout<'_>, at: usize) -> bool {
    layout.words.get(at + 1).is_some_and(|next| next.span.begin == layout.words[at].span.end)
}
