//! Quotations that no content span claims: the second half of `"…," she said. "…"`, whole paragraphs in quotation
//! marks, and the quotation after "said:". One that follows a quotation belongs to that quote; one that stands alone
//! is a quote without cue and source, whose speaker the discourse has to tell.

use super::Attribution;
use super::place::{Place, is_titled, said};
use crate::analysis::signals::{Layout, Role, RoleSpan};
use crate::domain::span::ByteSpan;
use crate::text::quote_marks::QuotedRegion;

/// Greatest share of a quotation that contents may cover for it to count as unclaimed.
const CLAIMED: f32 = 0.3;
/// Confidence of what marks alone have told.
const BY_MARKS: f32 = 0.5;

/// Adds every quotation that no attribution claims to the quote it continues, to a cue that still lacks its content,
/// or as a quote of its own. `roles` are those that a detector saw.
pub(super) fn attach(layout: &Layout<'_>, roles: &[RoleSpan], attributions: &mut Vec<Attribution>) {
    let claims = claims(attributions);
    // What is added behind these has no cue.
    let ordered = attributions.len();
    let mut next_claim = 0;
    let mut last: Option<Claim> = None;
    for region in &layout.quoted {
        while let Some(claim) = claims.get(next_claim).filter(|claim| claim.span.begin < region.span.begin) {
            last = Some(*claim);
            next_claim += 1;
        }
        if claimed_share(&claims[next_claim.saturating_sub(1)..], region.span) > CLAIMED {
            continue;
        }
        let place = Place::of(layout, region);
        let at = open_cue(layout, &attributions[..ordered], region)
            .or_else(|| {
                last.filter(|last| place.continues(layout, attributions, *last)).map(|last| last.attribution)
            })
            .or_else(|| {
                let spoken = place.stands_alone(layout, last) || place.is_told(layout, roles);
                spoken.then_some(attributions.len())
            });
        let Some(at) = at else { continue };
        if at == attributions.len() {
            attributions.push(Attribution {
                contents: Vec::new(),
                cue: None,
                source: None,
                verbatim: false,
                confidence: BY_MARKS,
            });
        }
        attributions[at].contents.extend(&region.pieces);
        last = Some(Claim { span: region.span, attribution: at });
    }
}

/// A content and the attribution that has it.
#[derive(Clone, Copy)]
struct Claim {
    span: ByteSpan,
    attribution: usize,
}

/// Every content, in text order.
fn claims(attributions: &[Attribution]) -> Vec<Claim> {
    let mut claims = Vec::new();
    for (attribution, parts) in attributions.iter().enumerate() {
        claims.extend(parts.contents.iter().map(|span| Claim { span: *span, attribution }));
    }
    claims.sort_unstable_by_key(|claim| (claim.span, claim.attribution));
    claims
}

/// How much of the region the contents from `claims` on cover.
fn claimed_share(claims: &[Claim], region: ByteSpan) -> f32 {
    let near = claims.iter().take_while(|claim| claim.span.begin < region.end);
    let shared = near.filter(|claim| claim.span.overlaps(region));
    let bytes: u32 = shared.map(|c| c.span.end.min(region.end) - c.span.begin.max(region.begin)).sum();
    bytes as f32 / region.len() as f32
}

/// A cue without content just before the region: `said: "…"`, also when a paragraph break follows the colon. The
/// attributions are in order of their cues, those without one first.
fn open_cue(layout: &Layout<'_>, attributions: &[Attribution], region: &QuotedRegion) -> Option<usize> {
    let first = layout.words_of(region.span).start;
    let at = attributions
        .partition_point(|a| a.cue.as_ref().is_none_or(|cue| cue.start < first))
        .checked_sub(1)?;
    let attribution = &attributions[at];
    let cue = attribution.cue.as_ref().filter(|_| attribution.contents.is_empty())?;
    // None where the cue runs into the quotation.
    let between = layout.text.get(layout.span_of(cue).end as usize..region.span.begin as usize)?;
    let led_in = between.trim_end().ends_with(':') || between.trim_end().ends_with(',');
    (first - cue.end <= 2 || (led_in && first - cue.end <= 25)).then_some(at)
}

/// Some words of what follows, set over a part of the text in the capitals of a title: 'Coal Pays the Bills'.
fn is_heading(layout: &Layout<'_>, region: ByteSpan) -> bool {
    is_titled(layout, region) && !said(layout, region).ends_with(['!', '?', ','])
}

impl Place {
    /// Whether the region goes on with the quotation of `last`: in its paragraph, or at the begin of the next one.
    fn continues(&self, layout: &Layout<'_>, attributions: &[Attribution], last: Claim) -> bool {
        let end = last.span.end.saturating_sub(1);
        if !self.is_sentence || layout.quoted_at(end).is_none() {
            return false;
        }
        let cue =
            attributions[last.attribution].cue.as_ref().map(|cue| layout.span_of(cue).end.saturating_sub(1));
        let from = cue.map_or(end, |cue| if cue < self.region.begin { cue.max(end) } else { end });
        let sentences = layout.sentence_at(self.region.begin).saturating_sub(layout.sentence_at(from));
        let paragraphs = self.paragraph.saturating_sub(layout.paragraph_at(from));
        sentences <= 1
            && (paragraphs == 0 || (paragraphs == 1 && self.begins_paragraph && self.fills_paragraph))
    }

    /// Whether the region is a quote by itself: a paragraph, or a sentence right behind an attribution.
    fn stands_alone(&self, layout: &Layout<'_>, last: Option<Claim>) -> bool {
        let beside = last.is_some_and(|last| layout.paragraph_at(last.span.begin) == self.paragraph);
        self.is_sentence && (self.fills_paragraph || beside) && !is_heading(layout, self.region)
    }

    /// Whether the region is all of its sentence and a detector saw that somebody says it: narration may go on around it.
    fn is_told(&self, layout: &Layout<'_>, roles: &[RoleSpan]) -> bool {
        let sentence = layout.sentences.get(layout.sentence_at(self.region.begin));
        let whole = sentence.is_some_and(|sentence| *sentence == self.region);
        let words = layout.words_of(self.region);
        let first = roles.partition_point(|role| role.words.start < words.start);
        let mut seen = roles[first..].iter().take_while(|role| role.words.start == words.start);
        let spoken = seen.any(|role| role.role == Role::Content && role.words.end == words.end);
        self.is_sentence && whole && spoken && !is_heading(layout, self.region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cue_that_runs_into_a_quotation_is_no_open_cue() {
        let layout = Layout::new("She speaks \u{2018}directly to people\u{2019} again.");
        let cue = Some(layout.words_of(ByteSpan::at(4, 22)));
        let mut attributions =
            [Attribution { contents: Vec::new(), cue, source: None, verbatim: false, confidence: 0.5 }]
                .to_vec();
        attach(&layout, &[], &mut attributions);
        assert!(attributions[0].contents.is_empty());
    }

    #[test]
    fn a_cue_before_a_quotation_is_found_behind_attributions_without_one() {
        let layout = Layout::new("Ada Lund said:\n\n“The bridge holds, and so does the road.”");
        let attribution =
            |cue| Attribution { contents: Vec::new(), cue, source: None, verbatim: false, confidence: 0.9 };
        let mut attributions = vec![attribution(None); 3];
        attributions.push(attribution(Some(2..3)));
        attach(&layout, &[], &mut attributions);
        assert_eq!(attributions.len(), 4);
        assert_eq!(attributions[3].contents.len(), 1);
    }
}
