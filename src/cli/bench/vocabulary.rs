//! What there is to ask for, by the service's own word: who is quoted most, in which outlets, about whom, and a sample of quotes, whose words
//! are as frequent as they are in all quotes. Start at [`Vocabulary::ask`].

use crate::cli::CliError;
use crate::cli::client::Connection;
use crate::transport::wire::{
    AggregateQuotesRequest, Facet, FacetBucket, FacetBy, FacetField, FacetResult, QuoteResult, SearchOrder,
    SearchQuotesRequest,
};
use fastrand::Rng;

/// Quotes in the sample.
const SAMPLE: i32 = 500;

/// Values of each field.
const VALUES: i32 = 100;

/// Words that are shorter are in every second quote.
const SHORTEST_WORD: usize = 4;

/// The most of a quote that a claim repeats: what a claim may hold at most, and some room.
const LONGEST_CLAIM: usize = 4096;

/// Somebody who is quoted or mentioned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// What they are called.
    pub name: String,
    /// `collections/{c}/entities/{e}`.
    pub resource: String,
}

/// A quote of the sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// `collections/{c}/documents/{d}/quotes/{q}`.
    pub resource: String,
    /// `collections/{c}/documents/{d}`.
    pub document: String,
    /// Its words.
    pub text: String,
    /// Who speaks; empty where nobody knows.
    pub speaker: String,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Vocabulary {
    /// `collections/{c}`.
    pub parent: String,
    /// Those of most quotes first.
    pub speakers: Vec<Known>,
    /// Those that most quotes mention first.
    pub mentioned: Vec<Known>,
    /// Outlets, those of most quotes first.
    pub sources: Vec<String>,
    /// Quotes, each with words to search for.
    pub quotes: Vec<Said>,
}

impl Vocabulary {
    /// Asks the service for what it has in a collection, as of a write at least.
    ///
    /// # Errors
    /// Where the service does not answer.
    pub async fn ask(
        connection: &Connection,
        parent: &str,
        consistency_token: &str,
    ) -> Result<Self, CliError> {
        let fields = [FacetField::Speaker, FacetField::Mention, FacetField::Source];
        let facet = |field: FacetField| Facet {
            by: Some(FacetBy { field: field.into(), ..FacetBy::default() }),
            limit: VALUES,
            ..Facet::default()
        };
        let request = AggregateQuotesRequest {
            parent: parent.to_owned(),
            facets: fields.map(facet).to_vec(),
            consistency_token: consistency_token.to_owned(),
            ..AggregateQuotesRequest::default()
        };
        let answer = connection.quotes().aggregate_quotes(request).await;
        let mut counted =
            answer.map_err(|status| connection.explain(&status))?.into_inner().results.into_iter();
        let (speakers, mentioned) = (known(counted.next()), known(counted.next()));
        let sources = buckets(counted.next()).map(|bucket| bucket.value).collect();
        let request = SearchQuotesRequest {
            parent: parent.to_owned(),
            order: SearchOrder::NewestFirst.into(),
            page_size: SAMPLE,
            ..SearchQuotesRequest::default()
        };
        let answer = connection.quotes().search_quotes(request).await;
        let results = answer.map_err(|status| connection.explain(&status))?.into_inner().results;
        let quotes = results.into_iter().filter_map(said).collect();
        Ok(Self { parent: parent.to_owned(), speakers, mentioned, sources, quotes })
    }

    /// Whether there is nothing to ask for.
    pub fn is_empty(&self) -> bool {
        self.quotes.is_empty()
    }

    /// A word of some quote, so that frequent ones come often.
    pub fn word(&self, random: &mut Rng) -> Option<String> {
        let quote = random.choice(&self.quotes)?;
        random.choice(words(&quote.text).collect::<Vec<_>>()).map(str::to_lowercase)
    }
}

fn buckets(counted: Option<FacetResult>) -> impl Iterator<Item = FacetBucket> {
    counted.unwrap_or_default().buckets.into_iter().filter(|bucket| !bucket.value.is_empty())
}

fn known(counted: Option<FacetResult>) -> Vec<Known> {
    buckets(counted).map(|bucket| Known { name: bucket.value, resource: bucket.entity }).collect()
}

/// The quote, where it has a word.
fn said(result: QuoteResult) -> Option<Said> {
    let quote = result.quote?;
    let contents: Vec<&str> = quote.contents.iter().map(|span| span.text.as_str()).collect();
    let mut text = contents.join(" … ");
    text.truncate(text.floor_char_boundary(LONGEST_CLAIM));
    words(&text).next()?;
    Some(Said {
        resource: result.name,
        document: result.document.map(|document| document.name).unwrap_or_default(),
        text,
        speaker: quote.speaker.map(|speaker| speaker.name).unwrap_or_default(),
    })
}

/// Words that tell something.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|character: char| !character.is_alphabetic());
    words.filter(|word| word.chars().count() >= SHORTEST_WORD)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::wire::{Quote, Span};

    fn result(text: &str) -> QuoteResult {
        let span = Span { text: text.into(), ..Span::default() };
        let quote = Quote { contents: vec![span], ..Quote::default() };
        QuoteResult { quote: Some(quote), ..QuoteResult::default() }
    }

    #[test]
    fn words_are_those_of_quotes_and_quotes_without_any_are_left_out() {
        let quotes: Vec<Said> = ["“Oh, no!”", "“The harbour AND the sea”"]
            .into_iter()
            .filter_map(|text| said(result(text)))
            .collect();
        assert_eq!(quotes.len(), 1);
        let vocabulary = Vocabulary { quotes, ..Vocabulary::default() };
        // Capital letters would make an operator of a word.
        assert_eq!(vocabulary.word(&mut Rng::with_seed(1)), Some("harbour".into()));
        assert_eq!(Vocabulary::default().word(&mut Rng::with_seed(1)), None);
    }

    #[test]
    fn a_claim_is_no_longer_than_one_may_be() {
        let long = said(result(&"ä".repeat(5_000))).unwrap();
        assert!(long.text.len() <= LONGEST_CLAIM && long.text.starts_with("ää"));
    }
}
