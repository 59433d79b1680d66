//! Web pages on their way in: the article that a page holds becomes the text, once and for all. What the client says of it stands; what
//! the page says fills the gaps.

use super::error::{EngineError, Fault};
use crate::domain::document::{Document, MAX_LINE_BYTES, MAX_TERM_BYTES, is_language_tag};
use crate::domain::time::Timestamp;
use crate::html::{self, Article};
use crate::ports::content_hash;

/// What a page says of the article that was taken out of it, as far as a document could have it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageFacts {
    /// Headline.
    pub title: Option<String>,
    /// When it was published first.
    pub published_at: Option<Timestamp>,
    /// Outlet.
    pub source: Option<String>,
    /// Where it can be read.
    pub url: Option<String>,
    /// BCP-47 tag.
    pub language: Option<String>,
    /// Names of those who wrote it.
    pub authors: Vec<String>,
}

impl From<Article> for PageFacts {
    fn from(article: Article) -> Self {
        let within = |most: usize| move |text: &String| text.len() <= most;
        Self {
            title: article.title.filter(within(MAX_LINE_BYTES)),
            published_at: article.published.map(|time| Timestamp {
                seconds: time.as_second(),
                // Whole seconds are all that pages say of times before 1970.
                nanos: u32::try_from(time.subsec_nanosecond()).unwrap_or_default(),
            }),
            source: article.outlet.filter(within(MAX_TERM_BYTES)),
            url: article.url.filter(within(MAX_LINE_BYTES)),
            language: article.language.filter(|tag| is_language_tag(tag)),
            authors: article.authors,
        }
    }
}

/// The text of the article in a page, and what the page says of it.
pub(super) async fn article(page: String) -> Result<(String, PageFacts), EngineError> {
    // Where it holds up no async worker.
    let read = tokio::task::spawn_blocking(move || match html::extract(&page) {
        Ok(mut article) => Ok((std::mem::take(&mut article.text), article.into())),
        Err(none) => Err(EngineError::NoArticle(none)),
    });
    read.await.map_err(|_| Fault::Panicked)?
}

/// Reads the article out of the page that is the document's text.
pub(super) async fn read(mut document: Document) -> Result<Document, EngineError> {
    let page = Some(content_hash(&document));
    let (text, facts) = article(std::mem::take(&mut document.text)).await?;
    let Document { name, title, published_at, source, url, language, labels, .. } = document;
    Ok(Document {
        name,
        text,
        title: title.or(facts.title),
        published_at: published_at.or(facts.published_at),
        source: source.or(facts.source),
        url: url.or(facts.url),
        language: language.or(facts.language),
        labels,
        page,
    })
}
