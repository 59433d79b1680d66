//! Whatever comes: pieces of pages in any order.

use super::{assert_is_normal, page};
use dictum::html::extract;
use proptest::prelude::*;

/// Tag soup.
fn soup() -> impl Strategy<Value = String> {
    #[rustfmt::skip]
    let pieces = prop::sample::select(vec![
        "<p>", "</p>", "<div class='share'>", "<div>", "</div>", "<b>", "</b>", "<a href=/x>", "</a>", "<table>", "<tr>", "<td>",
        "</table>", "<li>", "<ul>", "</ul>", "<br>", "<article>", "</article>", "<h1>", "</h1>", "<h2>Heading", "</h2>", "<pre>a\n b\n\nc",
        "</pre>", "<blockquote>", "</blockquote>", "<svg>", "</svg>", "<nav>", "</nav>", "<time datetime=2025-01-01>", "</time>",
        "<script>", "</script>", "<style>", "</style>", "<!--", "-->", "<title>", "</title>", "<template>", "</template>", "<form>",
        "&lt;script>", "&nbsp;", "&#0;", "&#x85;", "\u{85}", "\u{b}", "\0", "\u{2028}", "\u{ad}", " \n ", "&", "<", "<body>", "</body>",
        "<html>", "<head>", "<meta property=og:type content=article>", "<figure>", "<span itemprop=articleBody>", "</span>", "<plaintext>",
        "“We will not wait for the river,” the mayor of the lower town said on Monday.", "Eine Zeile, die für sich steht, sagte er.",
        "大臣は月曜日、川の水位が二メートル上がったと述べた。", "word",
    ]);
    let pieces = prop_oneof![4 => pieces.prop_map(str::to_owned), 1 => any::<String>()];
    prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_page_gives_a_normal_text_or_none(soup in soup()) {
        let page = page(&soup);
        let got = extract(&page);
        prop_assert_eq!(&got, &extract(&page));
        if let Ok(article) = got {
            assert_is_normal(&article.text);
            // What is written as text stays text; what is written as a tag never shows.
            if !page.contains("&lt;") && !page.contains("<plaintext") {
                prop_assert!(!article.text.to_lowercase().contains("<script"));
            }
        }
    }

    #[test]
    fn an_article_made_a_page_again_gains_nothing(soup in soup()) {
        let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
        if let Ok(article) = extract(&page(&soup)) {
            let paragraphs = article.text.split("\n\n").map(|text| format!("<p>{}</p>", escaped(text).replace('\n', "<br>")));
            let again = extract(&page(&paragraphs.collect::<String>()));
            let again = again.map(|again| again.text).unwrap_or_default();
            let known: Vec<_> = article.text.split("\n\n").collect();
            prop_assert!(again.is_empty() || again.split("\n\n").all(|paragraph| known.contains(&paragraph)), "{}", again);
        }
    }
}
