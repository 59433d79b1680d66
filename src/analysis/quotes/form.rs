//! Direct, indirect or mixed: how much of a content stands inside quotation marks.

use crate::analysis::signals::Layout;
use crate::domain::annotation::QuoteType;
use crate::domain::span::ByteSpan;
use crate::text::quote_marks::{quoted_regions, region_at};

/// Words outside the marks that do not make a direct quote a mixed one. The "that" of a clause does.
const LOOSE: [&str; 5] = ["and", "but", "or", "so", "because"];

/// The type of a quote with these contents.
pub(super) fn quote_type(layout: &Layout<'_>, contents: &[ByteSpan]) -> QuoteType {
    let own;
    let regions = match contents {
        [content] if is_part(layout, *content) => {
            own = quoted_regions(layout.text, &[*content]);
            &own
        }
        _ => &layout.quoted,
    };
    let (mut inside, mut outside) = (0usize, 0usize);
    for content in contents {
        for word in &layout.words[layout.words_of(*content)] {
            let text = word.span.slice(layout.text);
            if !text.contains(char::is_alphanumeric) {
                continue;
            }
            match region_at(regions, word.span.begin) {
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

/// Whether a content is a part of a quotation that began before it: what counts are marks of its own, not that one's.
fn is_part(layout: &Layout<'_>, content: ByteSpan) -> bool {
    let region = layout.quoted_at(content.begin);
    region.is_some_and(|region| {
        region.pieces.binary_search_by_key(&content.begin, |piece| piece.begin).is_err()
    })
}
