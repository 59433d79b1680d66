//! Web pages on their way in: the article that a page holds becomes the document, once and for all. What the client says of it stands; what
//! the page says fills the gaps.

use super::error::{EngineError, Fault};
use crate::domain::document::Document;
use crate::domain::time::Timestamp;
use crate::html::{self, Article};
use crate::ports::content_hash;

/// Longest outlet that is taken from a page, and longest title and address, in bytes: what clients may send.
const MOST_SOURCE: usize = 1024;
const MOST_LINE: usize = 8192;
/// Longest tag of a language.
const MOST_TAG: usize = 64;

/// Reads the article out of the page that is the document's text, where that holds up no async worker.
pub(super) async fn read(document: Document) -> Result<Document, EngineError> {
    let read = tokio::task::spawn_blocking(move || match html::extract(&document.text) {
        Ok(article) => Ok(filled(document, article)),
        Err(none) => Err(EngineError::NoArticle(none)),
    });
    read.await.map_err(|_| Fault::Panicked)?
}

fn filled(document: Document, article: Article) -> Document {
    let page = Some(content_hash(&document));
    let Document { name, title, published_at, source, url, language, labels, .. } = document;
    let within = |most: usize| move |text: &String| text.len() <= most;
    Document {
        name,
        text: article.text,
        title: title.or(article.title.filter(within(MOST_LINE))),
        published_at: published_at.or(article.published.map(|time| Timestamp {
            seconds: time.as_second(),
            // Whole seconds are all that pages say of times before 1970.
            nanos: u32::try_from(time.subsec_nanosecond()).unwrap_or_default(),
        })),
        source: source.or(article.outlet.filter(within(MOST_SOURCE))),
        url: url.or(article.url.filter(within(MOST_LINE))),
        language: language.or(article.language.filter(|tag| is_tag(tag))),
        labels,
        page,
    }
}

/// Whether a page's language has the shape of a BCP 47 tag.
fn is_tag(tag: &str) -> bool {
    let subtag =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    tag.len() <= MOST_TAG && tag.split('-').all(subtag)
}
