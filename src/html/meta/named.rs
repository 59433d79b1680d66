//! Properties and names in `<meta>`. Vocabularies differ in spelling alone; the order of the tables is that of trust.
//! Start at [`read`].

use super::super::attributes::Attribute;
use super::super::tags::Tag;
use super::super::tree::Tree;
use super::{Meta, values};
use std::collections::BTreeMap;

const TITLES: [&str; 7] =
    ["og:title", "parsely-title", "sailthru.title", "dc.title", "dcterms.title", "twitter:title", "headline"];
const OUTLETS: [&str; 5] =
    ["og:site_name", "dc.publisher", "dcterms.publisher", "application-name", "publisher"];
#[rustfmt::skip]
const TIMES: [&str; 18] = [
    "article:published_time", "og:article:published_time", "og:published_time", "parsely-pub-date", "sailthru.date",
    "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "dc.date.issued", "dcterms.issued", "dc.date.created",
    "dcterms.created", "dcterms.date", "dc.date", "publish-date", "publishdate", "publication_date", "pubdate", "date",
];
const LANGUAGES: [&str; 5] = ["og:locale", "dc.language", "dcterms.language", "content-language", "language"];
const URLS: [&str; 3] = ["og:url", "parsely-link", "cxenseparse:url"];
#[rustfmt::skip]
const AUTHORS: [&str; 9] = [
    "article:author", "og:article:author", "parsely-author", "sailthru.author", "cxenseparse:author", "dc.creator",
    "dcterms.creator", "author", "byl",
];

/// Elements that are read; pages have 50.
const METAS: usize = 2000;

pub(super) fn read(tree: &Tree) -> Meta {
    let said = said(tree);
    let all =
        |names: &[&'static str]| names.iter().filter_map(|name| said.get(*name)).cloned().collect::<Vec<_>>();
    let authors =
        all(&AUTHORS).into_iter().map(|lines| lines.iter().flat_map(|line| values::authors(line)).collect());
    Meta {
        is_article: said.get("og:type").is_some_and(|kinds| kinds[0].trim().eq_ignore_ascii_case("article")),
        title: all(&TITLES).concat().into_iter().find_map(values::text),
        outlet: all(&OUTLETS).concat().into_iter().find_map(values::text),
        published: all(&TIMES).concat().into_iter().find_map(values::time),
        language: all(&LANGUAGES).concat().into_iter().find_map(values::language),
        url: all(&URLS).concat().into_iter().find_map(values::url),
        authors: values::distinct(
            authors.into_iter().find(|names: &Vec<_>| !names.is_empty()).unwrap_or_default(),
        ),
    }
}

/// What is said under each name, in lower case; nothing is under a name that is not said.
fn said(tree: &Tree) -> BTreeMap<String, Vec<&str>> {
    let mut said: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for node in (0..tree.len()).filter(|&node| tree.tag(node) == Tag::Meta).take(METAS) {
        let content = tree.attribute(node, Attribute::Content).unwrap_or_default();
        for key in [Attribute::Property, Attribute::Name, Attribute::HttpEquiv] {
            if let Some(name) = tree.attribute(node, key) {
                said.entry(name.trim().to_ascii_lowercase()).or_default().push(content);
            }
        }
    }
    said
}
