//! Whether a quote could support a claim, beside its words: whether its speaker is the claim's, and its time.

use crate::domain::annotation::Speaker;
use crate::domain::hit::QuoteHit;
use crate::domain::ids::EntityId;
use crate::domain::query::EntityRef;
use crate::domain::time::TimeRange;
use crate::domain::verdict::Standing;
use crate::wording::{same_name, tells_who};

/// How the speaker of the quote and the claim's compare: by the collection's entities, and by their names where the claim's is none of
/// them, or the quote's. Somebody without a name is somebody else only if the document says no more; what the analysis leaves open
/// stays open.
pub(super) fn of(hit: &QuoteHit, asked: Option<&EntityRef>, group: &[EntityId]) -> Standing {
    let Some(asked) = asked else { return Standing::NotAsked };
    let speaker = &hit.quote.speaker;
    if hit.speaker.as_ref().is_some_and(|entity| group.contains(entity)) {
        return Standing::Same;
    }
    let resolved = hit.speaker.is_some() && !group.is_empty();
    if let (EntityRef::Name(name), false) = (asked, resolved)
        && labels(speaker).any(|label| same_name(name, label))
    {
        return Standing::Same;
    }
    match labels(speaker).next() {
        Some(_) if hit.speaker.is_some() || speaker.abstained.is_none() => Standing::Other,
        _ => Standing::Unknown,
    }
}

fn labels(speaker: &Speaker) -> impl Iterator<Item = &String> {
    speaker.name.iter().chain(&speaker.description).filter(|label| tells_who(label))
}

/// Whether the quote's document was published in the range. One without a time is in no range.
pub(super) fn in_range(hit: &QuoteHit, range: TimeRange) -> bool {
    range == TimeRange::default()
        || hit.document.published_at.is_some_and(|at| {
            range.from.is_none_or(|from| from <= at) && range.until.is_none_or(|until| at < until)
        })
}
