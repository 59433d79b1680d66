//! Articles out of saved web pages. The pages in this folder are of all kinds, each with what it must give; [`hostile`]
//! has pages that are meant to hurt, [`soup`] whatever comes.

mod hostile;
mod soup;

use crate::server::{TestServer, assert_error, assert_violations};
use dictum::html::{Article, NoArticle, extract};
use dictum::transport::wire::{
    AnalyzeRequest, AnalyzeStreamRequest, Document, DocumentView, GetDocumentRequest, IngestDocumentRequest,
    IngestOutcome, analyze_stream_response,
};
use std::fmt::Write;
use std::path::Path;
use tonic::Code;

/// What a page gives, as the files of expectations have it.
fn shown(page: &str) -> String {
    let Article { text, title, outlet, published, language, url, authors } = match extract(page) {
        Ok(article) => article,
        Err(error) => return format!("no article: {error:?}\n"),
    };
    let mut shown = String::new();
    let published = published.map(|time| time.to_string());
    let fields = [
        ("title", title),
        ("outlet", outlet),
        ("published", published),
        ("language", language),
        ("url", url),
    ];
    for (name, value) in fields.into_iter().chain([("authors", Some(authors.join("; ")))]) {
        writeln!(shown, "{name}: {}", value.unwrap_or_default()).unwrap();
    }
    writeln!(shown, "\n{text}").unwrap();
    shown
}

#[test]
fn pages_of_all_kinds_give_their_articles() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/pages/saved");
    let mut pages: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "html"));
    pages.sort();
    assert!(pages.len() >= 12);
    for path in pages {
        let page = std::fs::read_to_string(&path).unwrap();
        let expected = std::fs::read_to_string(path.with_extension("txt")).unwrap();
        assert_eq!(shown(&page), expected, "{}", path.display());
    }
}

/// What holds of every article.
fn assert_is_normal(text: &str) {
    assert!(!text.is_empty() && text.trim() == text, "{text:?}");
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
    for doubled in ["  ", " \n", "\n ", "\n\n\n"] {
        assert!(!text.contains(doubled), "{text:?}");
    }
    assert!(!text.contains(|c: char| c.is_whitespace() && c != ' ' && c != '\n'), "{text:?}");
}

/// A page around paragraphs, as simple as can be.
fn page(body: &str) -> String {
    format!("<html><head><meta property=og:type content=article></head><body>{body}</body></html>")
}

const PROSE: &str =
    "The river rose by two metres overnight, and nobody in the lower town had been told, its mayor said.";

#[track_caller]
fn check(body: &str, expected: &str) {
    assert_eq!(extract(&page(body)).map(|article| article.text).as_deref(), Ok(expected));
}

#[test]
fn paragraphs_are_those_of_the_page() {
    check(
        &format!("<p>{PROSE}<br>A line.<br/><br>A\tparagraph,\r\n &amp; more.</p>"),
        &format!("{PROSE}\nA line.\n\nA paragraph, & more."),
    );
    check(
        &format!("<div>{PROSE}<div>It did, he said.</div>And it did not.<hr>It was so.</div>"),
        &format!("{PROSE}\n\nIt did, he said.\n\nAnd it did not.\n\nIt was so."),
    );
    check(
        &format!("<p>{PROSE} <b>Bold<p>It was so bold</b> that it went on.</p>"),
        &format!("{PROSE} Bold\n\nIt was so bold that it went on."),
    );
    check(
        &format!(
            "<ul><li>{PROSE}<li>Two.<ul><li>Three.</ul></ul><dl><dt>Four<dd>Five is the last of them all, and no more will come.</dl>"
        ),
        &format!("{PROSE}\n\nTwo.\n\nThree.\n\nFour\n\nFive is the last of them all, and no more will come."),
    );
}

#[test]
fn what_shows_nothing_is_left_out() {
    check(
        &format!("<p>{PROSE} Straf&shy;recht\u{200b} &#0;&#x1F;a\0b&nbsp;\u{2003}&#8239;c.</p><p>&nbsp;</p>"),
        &format!("{PROSE} Strafrecht \u{fffd}ab c."),
    );
    check(
        &format!(
            "<p>{PROSE}<script>no()</script><style>no</style><svg><title>no</title><text>no</text></svg></p>"
        ),
        PROSE,
    );
    check(
        &format!("<p>{PROSE}<template><p>no</p></template><noscript><p>no</p></noscript><!-- no --></p>"),
        PROSE,
    );
    check(
        &format!("<p>{PROSE}</p><svg><title/><style/><path/></svg><p>It goes on after the picture.</p>"),
        &format!("{PROSE}\n\nIt goes on after the picture."),
    );
    check(
        &format!(
            "<p>{PROSE}</p><p style='color:red; display : none'>{PROSE}</p><p aria-hidden=true>{PROSE}</p>"
        ),
        PROSE,
    );
}

#[test]
fn quotation_marks_that_browsers_add_are_there() {
    let body =
        format!("<p>{PROSE} <q>We will wait,</q> he said. <q>Not for ever.</p><p>It did not last.</q></p>");
    check(&body, &format!("{PROSE} “We will wait,” he said. “Not for ever.”\n\nIt did not last."));
}

#[test]
fn a_form_or_a_name_around_everything_hides_nothing() {
    check(&format!("<form id=aspnetForm><div class=share><p>{PROSE}</p></div></form>"), PROSE);
    check(&format!("<div class='content-sidebar-wrap no-comments'><p>{PROSE}</p></div>"), PROSE);
}

#[test]
fn headings_without_anything_below_go() {
    check(
        &format!(
            "<h1>The flood</h1><p>{PROSE}</p><h2>Related</h2><ul><li><a href=/1>Another</a></ul><h2>Later</h2><p>{PROSE}</p><h2>More</h2>"
        ),
        &format!("{PROSE}\n\nLater\n\n{PROSE}"),
    );
}

#[test]
fn a_page_without_an_article_says_so() {
    let cards =
        format!("<div><h3><a href=/1>A title that leads elsewhere</a></h3><p>{PROSE}</p></div>").repeat(5);
    let cases = [
        ("", NoArticle::NoProse),
        (
            "<h1>404</h1><p>The page that you asked for could not be found. It may have been moved.</p>",
            NoArticle::NoProse,
        ),
        ("<div id=root></div><script>start()</script>", NoArticle::NoProse),
        (
            "<nav><p>All the news that there is, in one place, every day of the week and on Sundays.</p></nav>",
            NoArticle::NoProse,
        ),
        (&format!("<h1>Results for “flood”</h1>{cards}"), NoArticle::List),
    ];
    for (page, expected) in cases {
        assert_eq!(extract(page), Err(expected), "{page}");
    }
}

#[test]
fn metadata_come_from_the_surest_source() {
    let article = extract(&format!(
        r#"<html lang=fr><title>T | S</title><meta property="og:title" content="O"><meta property="og:locale" content="en_GB">
        <meta name=author content="Meta Author"><link rel="canonical" href="/relative"><meta property="og:url" content="https://a.example/1">
        <script type="application/ld+json">{{"@type":"NewsArticle","headline":"J &#8217; &lt;","author":{{"name":"Jay Son"}},
        "datePublished":"not a date"}}</script><script type="application/ld+json">{{broken</script>
        <article><time datetime="2024-02-29">then</time><p>{PROSE}</p></article>"#
    ))
    .unwrap();
    assert_eq!(article.title.as_deref(), Some("J ’ <"));
    assert_eq!(article.authors, ["Jay Son"]);
    assert_eq!(article.language.as_deref(), Some("en-GB"));
    assert_eq!(article.url.as_deref(), Some("https://a.example/1"));
    assert_eq!(article.published.unwrap().to_string(), "2024-02-29T00:00:00Z");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_is_stored_as_its_article() {
    let server = TestServer::start().await;
    let page = include_str!("saved/news.html");
    let article = extract(page).unwrap();
    let document = Document {
        text: page.to_owned(),
        content_type: "text/html; charset=utf-8".into(),
        ..Document::default()
    };
    let receipt = server.ingest_document("page", document.clone()).await;
    assert_eq!(receipt.outcome(), IngestOutcome::Created);
    let get = GetDocumentRequest {
        name: receipt.name.clone(),
        view: DocumentView::Full.into(),
        ..GetDocumentRequest::default()
    };
    let mut documents = server.documents().await;
    let stored = documents.get_document(get.clone()).await.unwrap().into_inner().document.unwrap();
    assert_eq!(stored.text, article.text);
    assert_eq!(Some(stored.title), article.title);
    assert_eq!(Some(stored.source), article.outlet);
    assert_eq!(stored.publish_time.unwrap().seconds, article.published.unwrap().as_second());
    assert_eq!(stored.content_type, "");
    for quote in &stored.analysis.unwrap().quotes {
        for content in &quote.contents {
            assert_eq!(&stored.text[content.begin as usize..content.end as usize], content.text);
        }
    }
    // The same page is the same content, and a changed one is another, though its article reads alike.
    let again = server.ingest_document("page", document.clone()).await;
    assert_eq!((again.outcome(), again.revision), (IngestOutcome::AlreadyCurrent, 1));
    let changed = Document { text: page.replacen("<body", "<!-- new --><body", 1), ..document.clone() };
    let revised = server.ingest_document("page", changed).await;
    assert_eq!((revised.outcome(), revised.revision), (IngestOutcome::Revised, 2));
    // What the client says stands.
    let said = Document { title: "Mine".into(), source: "My wire".into(), ..document };
    server.ingest_document("said", said).await;
    let name = "collections/default/documents/said".into();
    let stored = documents.get_document(GetDocumentRequest { name, ..get }).await.unwrap().into_inner();
    let stored = stored.document.unwrap();
    assert_eq!((stored.title.as_str(), stored.source.as_str()), ("Mine", "My wire"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_without_an_article_and_other_media_are_refused() {
    let server = TestServer::start().await;
    let mut documents = server.documents().await;
    let request = |text: &str, content_type: &str| IngestDocumentRequest {
        document_id: "p".into(),
        document: Some(Document {
            text: text.into(),
            content_type: content_type.into(),
            ..Document::default()
        }),
        ..IngestDocumentRequest::default()
    };
    let home = request(include_str!("saved/home.html"), "text/html");
    let status = documents.ingest_document(home).await.unwrap_err();
    assert_violations(&status, &["document.text"]);
    assert_error(&status, Code::InvalidArgument, "NO_ARTICLE");
    let other = request("%PDF-1.7", "application/pdf");
    assert_violations(&documents.ingest_document(other).await.unwrap_err(), &["document.content_type"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_is_analysed_without_being_stored_and_its_article_comes_back() {
    let server = TestServer::start().await;
    let mut client = server.analysis().await;
    let page = include_str!("saved/blog.html");
    let request =
        AnalyzeRequest { text: page.into(), content_type: "text/html".into(), ..Default::default() };
    let analysis = client.analyze(request.clone()).await.unwrap().into_inner().analysis.unwrap();
    let article = analysis.article.unwrap();
    let expected = extract(page).unwrap();
    assert_eq!(article.text, expected.text);
    assert_eq!(article.title, expected.title.unwrap());
    assert_eq!(
        article.publish_time.map(|time| time.seconds),
        expected.published.map(|time| time.as_second())
    );
    assert_eq!(article.authors, expected.authors);
    assert!(!analysis.quotes.is_empty());
    for content in analysis.quotes.iter().flat_map(|quote| &quote.contents) {
        assert_eq!(&article.text[content.begin as usize..content.end as usize], content.text);
    }
    let stream =
        tokio_stream::iter([AnalyzeStreamRequest { id: "1".into(), request: Some(request.clone()) }]);
    let mut answers = client.analyze_stream(stream).await.unwrap().into_inner();
    let answer = answers.message().await.unwrap().unwrap();
    assert!(
        matches!(answer.result, Some(analyze_stream_response::Result::Analysis(of)) if of.article.is_some())
    );
    let home = AnalyzeRequest { text: include_str!("saved/home.html").into(), ..request.clone() };
    let status = client.analyze(home).await.unwrap_err();
    assert_violations(&status, &["text"]);
    assert_error(&status, Code::InvalidArgument, "NO_ARTICLE");
    let other = AnalyzeRequest { content_type: "application/pdf".into(), ..request };
    assert_violations(&client.analyze(other).await.unwrap_err(), &["content_type"]);
    let plain = AnalyzeRequest { text: "Yes.".into(), ..Default::default() };
    assert!(client.analyze(plain).await.unwrap().into_inner().analysis.unwrap().article.is_none());
    server.stop().await;
}
