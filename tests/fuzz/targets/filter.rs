//! Any text as a filter: an expression, or an error that points into the text.

use super::{Target, text};
use dictum::domain::ids::CollectionId;
use dictum::transport::from_proto::expression::{self, Target as Of};

#[rustfmt::skip]
const WORDS: &[&str] = &[
    " AND ", " OR ", "NOT ", "-", "(", ")", "((", "\"", "'", "\\", "*", "~", "~2", ":", "=", "!=", "<", "<=", ">", ">=", "speaker", "about",
    "published", "2019-0", "2019-07-31T12:00:00Z", "label.", "labels", "confidence", "0.5", "1e9", "NaN", "type", "kind", "abstained",
    "copy_of", "same_words_as", "collections/default/documents/a", "collection", "é", "😀", "\u{2028}", "text", "document",
];

/// See the module.
pub const TARGET: Target = Target {
    name: "filter",
    sample: 20_000,
    words: WORDS,
    seeds: super::none,
    begin: || {
        let collection = CollectionId::default_collection();
        Box::new(move |data| run(&text(data), &collection))
    },
};

fn run(text: &str, collection: &CollectionId) {
    for target in [Of::Quotes, Of::Documents] {
        if let Err(error) = expression::parse(text, target, collection) {
            let rest = error.strip_prefix("at character ").expect("a place");
            let at: usize = rest.split(':').next().unwrap_or_default().parse().expect("a number");
            assert!((1..=text.chars().count() + 1).contains(&at), "{error}");
        }
    }
}
