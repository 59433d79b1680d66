//! Any text as a web page: an article as it is promised, or none.

use super::{Target, text};
use dictum::html::extract;

#[rustfmt::skip]
const WORDS: &[&str] = &[
    "<p>", "</p>", "<div class=\"article-body\">", "</div>", "<article>", "</article>", "<b>", "</b>", "<table><tr><td>", "<br>", "<a href=x>",
    "<script type=\"application/ld+json\">", "</script>", "{\"@graph\":[", "\"headline\":\"", "\"datePublished\":\"2025-01-02\"", "<!--", "-->",
    "<![CDATA[", "]]>", "<svg>", "<template>", "<meta property=\"og:title\" content=\"", "<title>", "<link rel=canonical href=", "&amp;",
    "&#0;", "&#x110000;", "&nbsp;", "&shy;", "<pre>", "<noscript>", "<li>", "<ul>", "<h1>", "<figure>", "<textarea>", "<plaintext>", "\0",
    "The river rose by two metres overnight, and nobody in the lower town had been told, its mayor said.", "\u{2028}", "<time datetime=",
];

/// See the module.
pub const TARGET: Target =
    Target { name: "html", sample: 4_000, words: WORDS, seeds: super::none, begin: || Box::new(run) };

fn run(data: &[u8]) {
    let page = text(data);
    let Ok(article) = extract(&page) else { return };
    let text = &article.text;
    assert!(!text.is_empty() && text.trim() == text, "{text:?}");
    assert!(
        !text.contains(|c: char| (c.is_control() || c.is_whitespace()) && c != ' ' && c != '\n'),
        "{text:?}"
    );
    for doubled in ["  ", " \n", "\n ", "\n\n\n"] {
        assert!(!text.contains(doubled), "{text:?}");
    }
    assert_eq!(extract(&page).as_ref(), Ok(&article), "the same page gives the same");
}
