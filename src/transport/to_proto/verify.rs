//! What becomes of claims.

use super::analysis::Rendering;
use super::documents::freshness;
use super::quotes;
use super::time::timestamp;
use crate::domain::ids::{CollectionId, EntityName};
use crate::domain::verdict::{
    Cut, CutPlace, Fit, Match, Outlet, SaidBy, Segment, Side, Spread, Standing, Verdict,
};
use crate::engine::Verified;
use crate::transport::wire;

/// The whole answer, however long.
pub fn response(
    collection: &CollectionId,
    verified: Verified,
    rendering: Rendering,
) -> wire::VerifyQuoteResponse {
    let found = verified.verification;
    wire::VerifyQuoteResponse {
        verdict: verdict(found.verdict).into(),
        speaker_standing: standing(found.standing).into(),
        matches: found.matches.iter().map(|found| matched(found, rendering)).collect(),
        said_by: found.said_by.into_iter().map(|said| said_by(collection, said)).collect(),
        found_outside_range: found.outside_range,
        spread: Some(spread(found.spread)),
        incomplete: found.bounded,
        omitted_matches: 0,
        freshness: Some(freshness(verified.freshness)),
    }
}

/// Leaves of a match what fits into any answer.
pub fn shorten(shown: &mut wire::QuoteMatch) {
    shown.result.iter_mut().for_each(quotes::shorten);
    shown.diff.clear();
    shown.cuts.clear();
}

fn matched(found: &Match, rendering: Rendering) -> wire::QuoteMatch {
    wire::QuoteMatch {
        result: Some(quotes::result(&found.hit, rendering)),
        fit: fit(found.fit).into(),
        speaker_standing: standing(found.standing).into(),
        outside_range: !found.in_range,
        coverage: found.coverage,
        diff: found.diff.iter().map(segment).collect(),
        cuts: found.cuts.iter().map(cut).collect(),
        part: found.part.map(|part| wire::Range { begin: part.begin, end: part.end }),
    }
}

fn segment(segment: &Segment) -> wire::DiffSegment {
    let side = match segment.side {
        Side::Both => wire::DiffSide::Equal,
        Side::Claim => wire::DiffSide::Claim,
        Side::Quote => wire::DiffSide::Quote,
    };
    wire::DiffSegment { side: side.into(), text: segment.text.clone() }
}

fn cut(cut: &Cut) -> wire::QuoteCut {
    let place = match cut.place {
        CutPlace::Before => wire::CutPlace::Before,
        CutPlace::Inside => wire::CutPlace::Inside,
        CutPlace::After => wire::CutPlace::After,
    };
    wire::QuoteCut { place: place.into(), text: cut.text.clone() }
}

fn said_by(collection: &CollectionId, said: SaidBy) -> wire::Attribution {
    let name = |entity| EntityName { collection: collection.clone(), entity }.to_string();
    wire::Attribution {
        speaker: said.speaker,
        speaker_entity: said.entity.map(name).unwrap_or_default(),
        quote_count: said.quotes,
    }
}

fn spread(spread: Spread) -> wire::QuoteSpread {
    let (first_quote, first_time) = spread.first.unzip();
    let outlet = |outlet: Outlet| wire::OutletSpread {
        source: outlet.source,
        quote_count: outlet.quotes,
        first_time: outlet.first.map(timestamp),
    };
    wire::QuoteSpread {
        quote_count: spread.quotes,
        outlets: spread.outlets.into_iter().map(outlet).collect(),
        first_quote: first_quote.map(|name| name.to_string()).unwrap_or_default(),
        first_time: first_time.map(timestamp),
        last_time: spread.last.map(timestamp),
    }
}

fn verdict(verdict: Verdict) -> wire::Verdict {
    match verdict {
        Verdict::Exact => wire::Verdict::Exact,
        Verdict::Near => wire::Verdict::Near,
        Verdict::Partial => wire::Verdict::Partial,
        Verdict::Stitched => wire::Verdict::Stitched,
        Verdict::Misattributed => wire::Verdict::Misattributed,
        Verdict::NotFound => wire::Verdict::NotFound,
    }
}

fn fit(fit: Fit) -> wire::QuoteFit {
    match fit {
        Fit::Exact => wire::QuoteFit::Exact,
        Fit::Near => wire::QuoteFit::Near,
        Fit::Partial => wire::QuoteFit::Partial,
        Fit::Part => wire::QuoteFit::Part,
        Fit::Far => wire::QuoteFit::Closest,
    }
}

fn standing(standing: Standing) -> wire::SpeakerStanding {
    match standing {
        Standing::NotAsked => wire::SpeakerStanding::NotAsked,
        Standing::Same => wire::SpeakerStanding::Same,
        Standing::Other => wire::SpeakerStanding::Other,
        Standing::Unknown => wire::SpeakerStanding::Unknown,
    }
}
