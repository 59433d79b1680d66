//! schema.org as JSON in scripts. A page may describe its article, its site, its publisher and other articles in any
//! nesting; what counts is the one article that is the page's own. Start at [`read`].

use super::super::tags::Tag;
use super::super::tree::Tree;
use super::{Meta, values};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};

/// Bytes of scripts that are read; a tree of values takes some twenty times as many.
const BYTES: usize = 2 * 1024 * 1024;

/// Values that are looked through for articles.
const VALUES: usize = 10_000;

/// What the page's article is said to be. `canonical` tells it from others.
pub(super) fn read(tree: &Tree, canonical: Option<&str>) -> Meta {
    let documents = documents(tree);
    let graph = Graph::of(&documents);
    let site = graph.objects.iter().find(|object| kinds(object).any(|kind| kind == "WebSite"));
    let site = site.and_then(|site| graph.name(site));
    let articles: Vec<&Value> = graph.objects.iter().copied().filter(|object| is_article(object)).collect();
    let Some(article) = own(&articles, canonical) else { return Meta { outlet: site, ..Meta::default() } };
    let string = |key: &str| article.get(key).and_then(Value::as_str);
    Meta {
        is_article: true,
        title: string("headline").or_else(|| string("name")).and_then(values::escaped),
        outlet: article.get("publisher").and_then(|publisher| graph.name(publisher)).or(site),
        published: string("datePublished").or_else(|| string("dateCreated")).and_then(values::time),
        language: article.get("inLanguage").and_then(language),
        url: addresses(article).find_map(values::url),
        authors: values::distinct(article.get("author").map_or_else(Vec::new, |author| graph.names(author))),
    }
}

/// The scripts that can be read.
fn documents(tree: &Tree) -> Vec<Value> {
    let mut left = BYTES;
    let scripts = (0..tree.len()).filter(|&node| tree.tag(node) == Tag::Script);
    let texts =
        scripts.map(|script| script + 1).filter(|&text| text < tree.len()).map(|text| tree.text(text));
    let within = texts.take_while(|text| {
        let has_room = text.len() <= left;
        left = left.saturating_sub(text.len());
        has_room
    });
    within.filter_map(document).collect()
}

/// Programs wrap JSON in comments for browsers long gone, and leave line breaks in strings.
fn document(script: &str) -> Option<Value> {
    let begin = script.find(['{', '['])?;
    let end = script.rfind(['}', ']'])?;
    let json = script.get(begin..=end)?;
    let mended = || json.replace(|c: char| c.is_control(), " ");
    serde_json::from_str(json).or_else(|_| serde_json::from_str(&mended())).ok()
}

/// All objects that stand by themselves, and those that others refer to.
struct Graph<'v> {
    objects: Vec<&'v Value>,
    by_id: BTreeMap<&'v str, &'v Value>,
}

impl<'v> Graph<'v> {
    fn of(documents: &'v [Value]) -> Self {
        let mut waiting: VecDeque<&Value> = documents.iter().collect();
        let mut graph = Self { objects: Vec::new(), by_id: BTreeMap::new() };
        while let (Some(value), true) = (waiting.pop_front(), graph.objects.len() < VALUES) {
            match value {
                Value::Array(items) => waiting.extend(items.iter().take(VALUES)),
                Value::Object(_) => {
                    waiting.extend(value.get("@graph"));
                    waiting.extend(value.get("mainEntity"));
                    graph.add(value);
                }
                _ => {}
            }
        }
        graph
    }

    fn add(&mut self, object: &'v Value) {
        self.objects.push(object);
        if let Some(id) = object.get("@id").and_then(Value::as_str) {
            self.by_id.entry(id).or_insert(object);
        }
    }

    /// The name of somebody: a string, an object, a reference to one, or the first of several.
    fn name(&self, value: &Value) -> Option<String> {
        self.names(value).into_iter().next()
    }

    fn names(&self, value: &Value) -> Vec<String> {
        let each = match value {
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        each.iter().flat_map(|one| self.names_of_one(one)).collect()
    }

    fn names_of_one(&self, value: &Value) -> Vec<String> {
        let own = value.get("name").or_else(|| {
            let referred = value.get("@id").and_then(Value::as_str)?;
            self.by_id.get(referred)?.get("name")
        });
        match (value, own) {
            (Value::String(line), _) => {
                values::escaped(line).map_or_else(Vec::new, |line| values::authors(&line))
            }
            (_, Some(Value::String(name))) => {
                values::escaped(name).and_then(|name| values::author(&name)).into_iter().collect()
            }
            (_, Some(Value::Array(names))) => {
                names.iter().filter_map(Value::as_str).filter_map(values::escaped).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn kinds(object: &Value) -> impl Iterator<Item = &str> {
    let kind = object.get("@type");
    let several = kind.and_then(Value::as_array).into_iter().flatten();
    kind.into_iter().chain(several).filter_map(Value::as_str)
}

/// Kinds of articles: NewsArticle, ReportageNewsArticle, Article, BlogPosting, LiveBlogPosting and their like; also a page
/// that has what articles have.
fn is_article(object: &Value) -> bool {
    let is_dated = object.get("headline").is_some() && object.get("datePublished").is_some();
    kinds(object).any(|kind| {
        let is_page = kind.ends_with("WebPage") && is_dated;
        kind.ends_with("Article") || kind.ends_with("BlogPosting") || kind == "Report" || is_page
    })
}

/// The page's own article: the one at its address, or the only one there is. Lists of articles have none.
fn own<'v>(articles: &[&'v Value], canonical: Option<&str>) -> Option<&'v Value> {
    let is_here = |article: &&&Value| {
        canonical.is_some_and(|url| {
            addresses(article).any(|one| one.trim_end_matches('/') == url.trim_end_matches('/'))
        })
    };
    let first = articles.first().copied()?;
    let is_same = |article: &&Value| article.get("headline") == first.get("headline");
    articles.iter().find(is_here).copied().or_else(|| articles.iter().all(is_same).then_some(first))
}

/// Where an article says that it is.
fn addresses(article: &Value) -> impl Iterator<Item = &str> {
    let page = article.get("mainEntityOfPage");
    [article.get("url"), page, page.and_then(|page| page.get("@id")), article.get("@id")]
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

fn language(value: &Value) -> Option<String> {
    match value {
        Value::String(tag) => values::language(tag),
        Value::Array(tags) => tags.iter().filter_map(Value::as_str).find_map(values::language),
        object => object.get("alternateName").and_then(Value::as_str).and_then(values::language),
    }
}
