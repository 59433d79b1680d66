//! Web pages on their way in: the article that a page holds becomes the document, once and for all. What the client says of it stands; what
//! the page says fills the gaps.

use super::error::{EngineError, Fault};
use crate::domain::document::{Document, MAX_LINE_BYTES, MAX_TERM_BYTES, is_language_tag};
use crate::domain::time::Timestamp;
use crate::html::{self, Article};
use crate::ports::content_hash;

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
        title: title.or(article.title.filter(within(MAX_LINE_BYTES))),
        published_at: published_at.or(article.published.map(|time| Timestamp {
            seconds: time.as_second(),
            // Whole seconds are all that pages say of times before 1970.
            nanos: u32::try_from(time.subsec_nanosecond()).unwrap_or_default(),
        })),
        source: source.or(article.outlet.filter(within(MAX_TERM_BYTES))),
        url: url.or(article.url.filter(within(MAX_LINE_BYTES))),
        language: language.or(article.language.filter(|tag| is_language_tag(tag))),
        labels,
        page,
    }
}
