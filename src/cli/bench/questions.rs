//! The made mix of questions: how often each is asked, and how one of its sort is put from what the service has. Questions that name a
//! document, a quote or an entity are left out where these may be deleted meanwhile. Start at [`Mix`]; `put` has how each
//! is put.

mod put;

use super::send::Prepared;
use super::vocabulary::{Known, Said, Vocabulary};
use crate::transport::wire::{QuoteFilter, SearchQuotesRequest};
use fastrand::Rng;

/// Results in a page, as a list on a screen has them.
const PAGE: i32 = 10;

/// A sort of questions.
#[derive(Debug)]
struct Kind {
    /// "QuoteService/SearchQuotes".
    method: &'static str,
    /// Which sort of the method's; empty where there is one.
    variant: &'static str,
    /// Of how many questions it is one, as a share.
    weight: u32,
    /// Whether it asks for something by its resource name.
    by_name: bool,
    /// Puts one, where there is what it asks for.
    put: Put,
}

type Put = fn(&Asking<'_>, &mut Rng) -> Option<Prepared>;

/// What a question is put from.
struct Asking<'a> {
    vocabulary: &'a Vocabulary,
    method: &'static str,
    variant: &'static str,
}

#[rustfmt::skip]
static KINDS: [Kind; 20] = [
    Kind { method: "QuoteService/SearchQuotes", variant: "word", weight: 20, by_name: false, put: put::word },
    Kind { method: "QuoteService/SearchQuotes", variant: "speaker", weight: 10, by_name: false, put: put::speaker },
    Kind { method: "QuoteService/SearchQuotes", variant: "expression", weight: 10, by_name: false, put: put::expression },
    Kind { method: "QuoteService/SearchQuotes", variant: "fold", weight: 5, by_name: false, put: put::fold },
    Kind { method: "QuoteService/SearchQuotes", variant: "newest", weight: 3, by_name: false, put: put::newest },
    Kind { method: "QuoteService/AggregateQuotes", variant: "", weight: 6, by_name: false, put: put::count_quotes },
    Kind { method: "QuoteService/GetSpeakerTimeline", variant: "", weight: 4, by_name: false, put: put::timeline },
    Kind { method: "QuoteService/CompareOutlets", variant: "", weight: 2, by_name: false, put: put::outlets },
    Kind { method: "QuoteService/GetQuote", variant: "", weight: 4, by_name: true, put: put::quote },
    Kind { method: "QuoteService/GetQuoteCluster", variant: "", weight: 3, by_name: true, put: put::cluster },
    Kind { method: "VerifyService/VerifyQuote", variant: "", weight: 8, by_name: false, put: put::verify },
    Kind { method: "DocumentService/SearchDocuments", variant: "", weight: 6, by_name: false, put: put::documents },
    Kind { method: "DocumentService/AggregateDocuments", variant: "", weight: 2, by_name: false, put: put::count_documents },
    Kind { method: "DocumentService/GetDocument", variant: "", weight: 4, by_name: true, put: put::document },
    Kind { method: "EntityService/SuggestEntities", variant: "", weight: 10, by_name: false, put: put::suggest },
    Kind { method: "EntityService/SearchEntities", variant: "", weight: 4, by_name: false, put: put::entities },
    Kind { method: "EntityService/GetEntity", variant: "", weight: 2, by_name: true, put: put::entity },
    Kind { method: "EntityService/GetEntity", variant: "full", weight: 2, by_name: true, put: put::profile },
    Kind { method: "EntityService/ListRelatedEntities", variant: "", weight: 2, by_name: true, put: put::related },
    Kind { method: "EntityService/ListMentions", variant: "", weight: 2, by_name: true, put: put::mentions },
];

/// Which sorts of questions are asked.
#[derive(Debug)]
pub struct Sorts(Vec<&'static Kind>);

impl Sorts {
    /// Those of these methods (by their last name), or of all where there are none. `changing` says that documents are deleted meanwhile.
    ///
    /// # Errors
    /// The methods that could be asked, where a name is none of them.
    pub fn new(methods: &[String], changing: bool) -> Result<Self, String> {
        let usable = || KINDS.iter().filter(|kind| !(changing && kind.by_name));
        if let Some(unknown) = methods.iter().find(|name| usable().all(|kind| last(kind) != **name)) {
            let mut names: Vec<&str> = usable().map(last).collect();
            names.dedup();
            return Err(format!("--method {unknown}: is none of {}", names.join(", ")));
        }
        let wanted = |kind: &Kind| methods.is_empty() || methods.iter().any(|name| name == last(kind));
        Ok(Self(usable().filter(|kind| wanted(kind)).collect()))
    }
}

/// Questions about what is in a vocabulary.
#[derive(Debug)]
pub struct Mix {
    vocabulary: Vocabulary,
    sorts: Sorts,
}

impl Mix {
    /// Questions of these sorts.
    pub fn new(vocabulary: Vocabulary, sorts: Sorts) -> Self {
        Self { vocabulary, sorts }
    }

    /// A question by chance. What there is nothing to ask for is asked as a search for all.
    pub fn question(&self, random: &mut Rng) -> Prepared {
        let total: u32 = self.sorts.0.iter().map(|kind| kind.weight).sum();
        let mut left = random.u32(..total.max(1));
        let chosen = self.sorts.0.iter().find(|kind| {
            let hit = left < kind.weight;
            left = left.saturating_sub(kind.weight);
            hit
        });
        let put = chosen.and_then(|kind| {
            let Kind { method, variant, .. } = **kind;
            (kind.put)(&Asking { vocabulary: &self.vocabulary, method, variant }, random)
        });
        put.unwrap_or_else(|| self.everything())
    }

    fn everything(&self) -> Prepared {
        let request = SearchQuotesRequest {
            parent: self.vocabulary.parent.clone(),
            page_size: PAGE,
            ..SearchQuotesRequest::default()
        };
        Prepared::new("QuoteService/SearchQuotes", "all", &request)
    }
}

fn last(kind: &Kind) -> &'static str {
    kind.method.rsplit('/').next().unwrap_or(kind.method)
}

impl Asking<'_> {
    fn parent(&self) -> String {
        self.vocabulary.parent.clone()
    }

    fn speaker(&self, random: &mut Rng) -> Option<&Known> {
        random.choice(&self.vocabulary.speakers)
    }

    fn quote(&self, random: &mut Rng) -> Option<&Said> {
        random.choice(&self.vocabulary.quotes)
    }

    fn put<M: prost::Name>(&self, request: &M) -> Option<Prepared> {
        Some(Prepared::new(self.method, self.variant, request))
    }

    /// A page of quotes that a filter finds.
    fn search(&self, filter: QuoteFilter) -> SearchQuotesRequest {
        SearchQuotesRequest {
            parent: self.parent(),
            filter: Some(filter),
            page_size: PAGE,
            ..SearchQuotesRequest::default()
        }
    }
}

#[cfg(test)]
mod tests;
