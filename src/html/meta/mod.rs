//! What a page says about its article. Five sources say it, and each field is taken from the first that has it:
//!
//! 1. the canonical link, for the address alone;
//! 2. [`json_ld`]: schema.org articles, which publishers keep for search engines;
//! 3. [`named`]: OpenGraph and `article:` properties, then names of other vocabularies (parsely, sailthru, Dublin Core, …);
//! 4. [`microdata`]: schema.org in attributes of what can be seen;
//! 5. [`visible`]: `<title>`, `<h1>`, `<html lang>`, `<time datetime>`, `rel="author"`.
//!
//! [`values`] says what a date, a tag of a language, an address and a list of authors is; whatever is none counts as not
//! said. Start at [`read`].

mod json_ld;
mod microdata;
mod named;
mod values;
mod visible;

use super::tree::Tree;
use jiff::Timestamp;

/// What one source, or all of them, say.
#[derive(Debug, Default)]
pub(super) struct Meta {
    /// Whether the page is said to be an article.
    pub is_article: bool,
    pub title: Option<String>,
    pub outlet: Option<String>,
    pub published: Option<Timestamp>,
    pub language: Option<String>,
    pub url: Option<String>,
    pub authors: Vec<String>,
}

impl Meta {
    /// What this source says, and of the rest what the next one does.
    fn or(self, next: Self) -> Self {
        Self {
            is_article: self.is_article || next.is_article,
            title: self.title.or(next.title),
            outlet: self.outlet.or(next.outlet),
            published: self.published.or(next.published),
            language: self.language.or(next.language),
            url: self.url.or(next.url),
            authors: if self.authors.is_empty() { next.authors } else { self.authors },
        }
    }
}

/// All that is said.
pub(super) fn read(tree: &Tree) -> Meta {
    let canonical = Meta { url: visible::canonical(tree), ..Meta::default() };
    let said = json_ld::read(tree, canonical.url.as_deref());
    let meta = canonical.or(said).or(named::read(tree)).or(microdata::read(tree)).or(visible::read(tree));
    let title = meta.title.map(|title| values::without_site(&title, meta.outlet.as_deref()).to_owned());
    Meta { title, ..meta }
}
