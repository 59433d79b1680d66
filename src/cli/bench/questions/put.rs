//! How a question of each sort is put from what the service has; none where it has nothing of the kind.

use super::{Asking, PAGE};
use crate::cli::bench::send::Prepared;
use crate::transport::wire::{
    AggregateDocumentsRequest, AggregateQuotesRequest, CompareOutletsRequest, DocumentFilter, DocumentView,
    EntityFilter, EntityView, Facet, FacetBy, FacetField, Fold, GetDocumentRequest, GetEntityRequest,
    GetQuoteClusterRequest, GetQuoteRequest, GetSpeakerTimelineRequest, ListMentionsRequest,
    ListRelatedEntitiesRequest, QuoteFilter, SearchDocumentsRequest, SearchEntitiesRequest, SearchOrder,
    SearchQuotesRequest, SuggestEntitiesRequest, TimeInterval, VerifyQuoteRequest,
};
use fastrand::Rng;

/// A string of an expression.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace(['\\', '"'], " "))
}

fn text_of(text: String) -> QuoteFilter {
    QuoteFilter { text, ..QuoteFilter::default() }
}

fn by(field: FacetField) -> Option<FacetBy> {
    Some(FacetBy { field: field.into(), ..FacetBy::default() })
}

fn monthly() -> Option<FacetBy> {
    let (field, interval) = (FacetField::Published.into(), TimeInterval::Month.into());
    Some(FacetBy { field, interval, ..FacetBy::default() })
}

pub fn word(asking: &Asking<'_>, random: &mut Rng) -> Option<Prepared> {
    asking.put(&asking.search(text_of(asking.vocabulary.word(random)?)))
}

pub fn speaker(asking: &Asking<'_>, random: &mut Rng) -> Option<Prepared> {
    let speakers = vec![asking.speaker(random)?.name.clone()];
    asking.put(&asking.search(QuoteFilter { speakers, ..QuoteFilter::default() }))
}

pub fn expression(asking: &Asking<'_>, random: &mut Rng) -> Option<Prepared> {
    let (who, word) = (quoted(&asking.speaker(random)?.name), asking.vocabulary.word(random)?);
    let about = random.choice(&asking.vocabulary.mentioned).map(|known| quoted(&known.name));
    let expression = match about.filter(|_| random.bool()) {
        Some(about) => format!("(about : {about} OR text : {word}) AND NOT speaker = {who}"),
        None => format!("speaker = {who} AND (text : {word} OR published > 2000)"),
    };
    asking.put(&asking.search(QuoteFilter { expression, ..QuoteFilter::default() }))
}

pub fn fold(asking: &Asking<'_>, random: &mut Rng) -> Option<Prepared> {
    let request = asking.search(text_of(asking.vocabulary.word(random)?));
    asking.put(&SearchQuotesRequest { fold: Fold::Quote.into(), ..request })
}

pub fn newest(asking: &Asking<'_>, random: &mut Rng) -> Option<Prepared> {
    let sources = vec![random.choice(&asking.vocabulary.sources)?.clone()];
    let request = asking.search(QuoteFilter { sources, ..QuoteFilter::default() });
    asking.put(&SearchQuotesRequest { order: SearchOrder::NewestFirst.into(), ..request })
}

pub fn count_quotes(asking: &Asking<'_>, random: &mut Rng) -> Option<Prepared> {
    let text = if random.bool() { asking.vocabulary.word(random)? } else { String::new() };
    let speakers = Facet { by: by(FacetField::Speaker), nested: monthly(), ..Facet::default() };
    let sources = Facet { by: by(FacetField::Source), ..Facet::default() };
    asking.put(&AggregateQuotesRequest {
        parent: asking.parent(),
        filter: Some(text_of(text)),
        facets: vec![speakers, sources],
        ..AggregateQuotesRequest::default()
    })
}

pub fn timeline(asking: &Asking<'_>, random: &mut Rng) -> Option<Prepared> {
    asking.put(&GetSpeakerTimelineRequest {
        parent: asking.parent(),
        speaker: asking.speaker(random)?.name.clone(),
        interval: TimeInterval::Month.into(),
        ..GetSpeakerTimelineRequest::default()
    })
}

pub fn outlets(asking: &Asking<'_>, random: &mut Rng) -> Option<Prepared> {
    let filter = Some(text_of(asking.vocabulary.word(random)?));
    asking.put(&CompareOutletsRequest { parent: asking.parent(), filter, ..CompareOutletsRequest::default() })
}

pub fn quote(asking: &Asking<'_>, random: &mut Rng) -> Option<Prepared> {
    let name = asking.quote(random)?.resource.clone();
    asking.put(&GetQuoteRequest { name, ..GetQuoteRequest::default() })
}

pub fn cluster(asking: &Asking<'_>, random: &mut Rng) -> Option<Prepared> {
    let name = asking.quote(random)?.resource.clone();
    asking.put(&GetQuoteClusterRequest { name, page_size: PAGE, ..GetQuoteClusterRequest::default() })
}

/// Claims of which some are right, some have lost a word, and some are put into another's mouth.
pub fn verify(asking: &Asking<'_>, random: &mut Rng) -> Option<Prepared> {
    let said = asking.quote(random)?;
    let mut words: Vec<&str> = said.text.split_whitespace().collect();
    let mut speaker = said.speaker.clone();
    match random.u8(..4) {
        0 => drop(words.remove(random.usize(..words.len()))),
        1 => speaker.clone_from(&asking.speaker(random)?.name),
        _ => {}
    }
    let text = if words.is_empty() { said.text.clone() } else { words.join(" ") };
    let parent = asking.parent();
    asking.put(&VerifyQuoteRequest { parent, text, speaker, ..VerifyQuoteRequest::default() })
}

pub fn documents(asking: &Asking<'_>, random: &mut Rng) -> Option<Prepared> {
    let filter = DocumentFilter { text: asking.vocabulary.word(random)?, ..DocumentFilter::default() };
    asking.put(&SearchDocumentsRequest {
        parent: asking.parent(),
        filter: Some(filter),
        page_size: PAGE,
        ..SearchDocumentsRequest::default()
    })
}

pub fn count_documents(asking: &Asking<'_>, _: &mut Rng) -> Option<Prepared> {
    asking.put(&AggregateDocumentsRequest {
        parent: asking.parent(),
        facets: vec![Facet { by: by(FacetField::Source), nested: monthly(), ..Facet::default() }],
        ..AggregateDocumentsRequest::default()
    })
}

pub fn document(asking: &Asking<'_>, random: &mut Rng) -> Option<Prepared> {
    let name = asking.quote(random)?.document.clone();
    asking.put(&GetDocumentRequest { name, view: DocumentView::Text.into(), ..GetDocumentRequest::default() })
}

/// Somebody types the beginning of a name.
pub fn suggest(asking: &Asking<'_>, random: &mut Rng) -> Option<Prepared> {
    let (parent, text) = (asking.parent(), typed(asking, random)?);
    asking.put(&SuggestEntitiesRequest { parent, text, ..SuggestEntitiesRequest::default() })
}

pub fn entities(asking: &Asking<'_>, random: &mut Rng) -> Option<Prepared> {
    let filter = EntityFilter { name_prefix: typed(asking, random)?, ..EntityFilter::default() };
    asking.put(&SearchEntitiesRequest {
        parent: asking.parent(),
        filter: Some(filter),
        page_size: PAGE,
        ..SearchEntitiesRequest::default()
    })
}

/// The first letters of a word of a speaker's name.
fn typed(asking: &Asking<'_>, random: &mut Rng) -> Option<String> {
    let name = &asking.speaker(random)?.name;
    let word = random.choice(name.split_whitespace().collect::<Vec<_>>())?;
    Some(word.chars().take(random.usize(2..5)).collect())
}

pub fn entity(asking: &Asking<'_>, random: &mut Rng) -> Option<Prepared> {
    let name = asking.speaker(random)?.resource.clone();
    asking.put(&GetEntityRequest { name, ..GetEntityRequest::default() })
}

pub fn profile(asking: &Asking<'_>, random: &mut Rng) -> Option<Prepared> {
    let name = asking.speaker(random)?.resource.clone();
    asking.put(&GetEntityRequest { name, view: EntityView::Full.into(), ..GetEntityRequest::default() })
}

pub fn related(asking: &Asking<'_>, random: &mut Rng) -> Option<Prepared> {
    let parent = asking.speaker(random)?.resource.clone();
    asking.put(&ListRelatedEntitiesRequest { parent, ..ListRelatedEntitiesRequest::default() })
}

pub fn mentions(asking: &Asking<'_>, random: &mut Rng) -> Option<Prepared> {
    let parent = asking.speaker(random)?.resource.clone();
    asking.put(&ListMentionsRequest { parent, page_size: PAGE, ..ListMentionsRequest::default() })
}
