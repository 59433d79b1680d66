//! Articles out of saved web pages: the text that somebody wrote to be read, without what stands around it, and what the
//! page says of it (title, outlet, date, language, address, authors). Everything comes from the page alone: nothing is
//! fetched, no script runs, no style sheet is applied. The same page gives the same article, byte for byte, because
//! offsets are counted in its text. Time and memory are linear in the page, whatever is in it.
//!
//! A page goes through [`tokens`] (a tokenizer by the HTML standard) into the flat [`tree`]; [`boilerplate`] says which
//! parts are no article, [`body`] where the article is, [`article`] which of its [`blocks`] are kept and whether they
//! make an article at all, [`paragraphs`] how they read. [`meta`] reads what is said about the article. Knows nothing of
//! quotes, documents or files. Start at [`extract`].

mod article;
mod attributes;
mod blocks;
mod body;
mod boilerplate;
mod builder;
mod hints;
mod meta;
mod paragraphs;
mod tags;
mod tokens;
mod tree;

use jiff::Timestamp;

/// Bytes of the longest page that is read.
pub const PAGE_BYTES: usize = 128 * 1024 * 1024;

/// What a page holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// Paragraphs, headings, items of lists and cells of tables, a blank line between two; single line breaks are those
    /// of the page (`<br>`). Neither empty nor with blanks at its ends; no control characters but `\n`, no two spaces in
    /// a row. The headline is not in it.
    pub text: String,
    /// Headline, without the site's name where the page says what that is.
    pub title: Option<String>,
    /// Name of the site or publisher.
    pub outlet: Option<String>,
    /// When it was published first. A time without a zone is taken as UTC, a date without a time as its midnight.
    pub published: Option<Timestamp>,
    /// BCP 47 tag in its usual case ("de", "en-GB"), as the page has it; not checked against the text.
    pub language: Option<String>,
    /// Absolute http(s) address that the page gives as its own.
    pub url: Option<String>,
    /// Names of those who wrote it, each once, in the page's order.
    pub authors: Vec<String>,
}

/// Why a page gives no article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoArticle {
    /// Too little of the page reads like prose: an error page, a form, a page that scripts fill in the browser.
    #[error("the page holds no article: too little of it is running text")]
    NoProse,
    /// The page leads to articles, and is none itself: a home page, a section, results of a search.
    #[error("the page holds no article: it is a list of links to articles")]
    List,
    /// More than [`PAGE_BYTES`], or more elements and pieces of text than are kept.
    #[error("the page is too large: at most {} bytes and {} elements are read", PAGE_BYTES, tree::NODES)]
    TooLarge,
}

/// The article of a page. Takes any text at all, and time linear in it.
///
/// # Errors
///
/// See [`NoArticle`]. A page behind a paywall is none of them: what is visible of the article is the article, as long as
/// there is a paragraph of it.
pub fn extract(page: &str) -> Result<Article, NoArticle> {
    let tree = tokens::read(page)?;
    let meta = meta::read(&tree);
    let text = article::text(&tree, &meta)?;
    Ok(Article {
        text,
        title: meta.title,
        outlet: meta.outlet,
        published: meta.published,
        language: meta.language,
        url: meta.url,
        authors: meta.authors,
    })
}
