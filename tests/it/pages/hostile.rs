//! Pages that are meant to hurt: deep, wide, never closed.

use super::{PROSE, assert_is_normal};
use dictum::html::{NoArticle, extract};
use std::time::{Duration, Instant};

/// Pages that are meant to hurt, of about so many bytes.
fn hostile(bytes: usize) -> Vec<(&'static str, String)> {
    let fill = |piece: &str| piece.repeat(bytes / piece.len() + 1);
    let numbered = |piece: &str| {
        let mut text = String::new();
        for number in 0.. {
            if text.len() >= bytes {
                break;
            }
            text.push_str(&piece.replace('#', &number.to_string()));
        }
        text
    };
    vec![
        ("deep", fill("<div>")),
        ("deep inline", fill("<b>")),
        ("deep formatting", fill("<b><i><p>")),
        ("deep links", fill("<a href=x><b>")),
        ("deep tables", fill("<table><tr><td>")),
        ("deep figures", fill("<figure>x")),
        ("deep svg", fill("<svg><g>")),
        ("deep, then shallow", format!("{}{}", "<div>".repeat(510), fill("<header></header>"))),
        ("deep, then closed", format!("{}{}", "<div>".repeat(510), fill("</span></b>x"))),
        ("deep, then text", format!("{}{}", "<b>".repeat(600), fill("<p>word word word.</p>"))),
        ("paragraphs", fill("<p>A sentence of a few words, with a stop.</p>\n")),
        ("unclosed paragraphs", fill("<p>A sentence of a few words, with a stop.")),
        ("headings", fill("<h2>Heading</h2>")),
        ("headings and links", fill("<h2>A</h2><p><a href=x>b</a></p>")),
        ("end tags", fill("</div></p></x></table></body>")),
        ("attributes", format!("<div {}>", numbered("a#=b "))),
        ("same attribute", format!("<div {}>", fill("class=share "))),
        ("classes", format!("<div class='{}'>x</div>", fill("share ad "))),
        ("many classes", fill("<i class='a-b-c-d-e-f-g-h'>x</i>")),
        ("attribute never closed", format!("<p title=\"{}", fill("x >"))),
        ("names", numbered("<x#>")),
        ("long name", format!("<{}", fill("x"))),
        ("entities", fill("&amp;&notin;&#x1F600;&CounterClockwiseContourIntegral;")),
        ("entities that are none", fill("&ampampamp&#99999999999;&")),
        ("comment never closed", format!("<p>x<!--{}", fill("--! -"))),
        ("comments", fill("<!---->")),
        ("script never closed", format!("<script>{}", fill("<!--<script></scrip"))),
        ("title never closed", format!("<title>{}", fill("x</titl"))),
        ("cdata", format!("<svg>{}", fill("<![CDATA[x]]"))),
        ("zeros", fill("\0")),
        ("angles", fill("<")),
        ("spaces", format!("<p>x{}", fill(" \n"))),
        ("breaks", format!("<p>x{}x", fill("<br>"))),
        ("one word", format!("<p>{}", fill("word"))),
        ("metas", fill("<meta name=author content='A, B'>")),
        (
            "authors",
            format!(
                "{}{}",
                "<meta name=author content='Ada Quinn, Tom Reed, Lu Wei'>".repeat(1000),
                fill("<p>Ada</p>")
            ),
        ),
        ("times", fill("<time datetime=2025-01-01>x</time>")),
        ("deep items", format!("{}{}", "<b itemprop=author>".repeat(500), fill("<i itemprop=x></i>"))),
        ("wrong times", fill("<time datetime='no time at all'>x</time>")),
        ("long classes", fill(&format!("<i class={}></i>", "a-".repeat(300)))),
        ("items", fill("<b itemprop='author articleBody headline'>Ada Quinn</b>")),
        ("json", format!("<script type=application/ld+json>{}</script>", fill("["))),
        ("wide json", format!("<script type=application/ld+json>[{}0]</script>", fill("[],"))),
        ("jsons", fill("<script type=application/ld+json>{\"@type\":\"Article\"}</script>")),
    ]
}

#[test]
fn hostile_pages_are_read_in_linear_time() {
    // Threads have 2 MiB of stack, and this is a debug build: nothing may recurse.
    for (name, page) in hostile(100_000) {
        let start = Instant::now();
        let first = extract(&page);
        assert!(start.elapsed() < Duration::from_secs(10), "{name} took {:?}", start.elapsed());
        assert_eq!(first, extract(&page), "{name}");
        if let Ok(article) = first {
            assert_is_normal(&article.text);
        }
    }
}

#[test]
fn elements_may_be_as_deep_as_they_like() {
    for (begin, end) in
        [("<div>", "</div>"), ("<b>", "</b>"), ("<ul><li>", "</ul>"), ("<table><tr><td>", "</table>")]
    {
        let page = begin.repeat(100_000) + "<p>" + PROSE + "</p>" + &end.repeat(100_000);
        let text = extract(&super::page(&page)).map(|article| article.text);
        assert_eq!(text.as_deref(), Ok(PROSE), "{begin}");
    }
}

#[test]
fn a_page_that_is_too_large_is_refused() {
    assert_eq!(extract(&"<p>x".repeat(1 << 19)), Err(NoArticle::TooLarge));
}
