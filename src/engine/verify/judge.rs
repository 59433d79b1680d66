//! What the compared quotes come to. Only what was published in the claim's time counts for the verdict; quotes by the claim's
//! speaker count before those by others.

use super::Case;
use super::spread::{said_by, spread};
use crate::domain::hit::QuoteHit;
use crate::domain::span::ByteSpan;
use crate::domain::time::Timestamp;
use crate::domain::verdict::{Fit, Match, Segment, Side, Standing, Verdict, Verification};
use crate::wording::stitch::{self, Part};
use crate::wording::{Comparison, Wording, rules};
use std::collections::BTreeSet;

/// Quotes that come closest to a claim that none has.
const CLOSEST: usize = 5;

/// Least share of the claim's words that a quote has which is shown for that.
const CLOSE: f32 = 0.25;

/// A quote with all that was found out about it.
pub(super) struct Compared {
    pub(super) hit: QuoteHit,
    pub(super) wording: Wording,
    pub(super) comparison: Comparison,
    pub(super) standing: Standing,
    pub(super) in_range: bool,
}

impl Compared {
    /// Whether it could support the claim, if it has the words.
    pub(super) fn supports(&self) -> bool {
        self.in_range && self.standing != Standing::Other
    }

    fn fit(&self) -> Fit {
        self.comparison.fit
    }
}

/// A case whose quotes are in the order in which they count.
pub(super) struct Judge {
    case: Case,
    /// Most quotes to show.
    most: usize,
}

impl Judge {
    pub(super) fn of(mut case: Case, most: usize) -> Self {
        case.compared.sort_by_cached_key(|compared| {
            let outside = (!compared.in_range, rank_of_standing(compared.standing));
            let differences = compared.comparison.differences;
            (
                !compared.fit().holds(),
                outside,
                rank(compared.fit()),
                differences,
                age(&compared.hit),
                compared.hit.name.clone(),
            )
        });
        Self { case, most }
    }

    pub(super) fn verification(mut self) -> Verification {
        let (same, other, unknown) = (
            self.best(&[Standing::NotAsked, Standing::Same]),
            self.best(&[Standing::Other]),
            self.best(&[Standing::Unknown]),
        );
        let parts = match same {
            Some(Fit::Exact | Fit::Partial) => None,
            near => self.parts(near.is_some()),
        };
        let leads = |fit: Fit| unknown.is_none_or(|unknown| rank(fit) <= rank(unknown));
        match (same, other, unknown) {
            (Some(_), ..) if parts.is_some() => self.stitched(parts.unwrap_or_default()),
            (Some(fit), ..) => {
                let asked = self.case.claim.speaker.is_some();
                self.held(verdict(fit), if asked { Standing::Same } else { Standing::NotAsked })
            }
            (None, Some(fit), _) if leads(fit) => self.held(Verdict::Misattributed, Standing::Other),
            (None, _, Some(fit)) => self.held(verdict(fit), Standing::Unknown),
            (None, ..) => match parts {
                Some(parts) => self.stitched(parts),
                None => self.not_found(),
            },
        }
    }

    /// The best fit of a quote that has the words, by such a speaker and in time.
    fn best(&self, standings: &[Standing]) -> Option<Fit> {
        let all = self.case.compared.iter().filter(|compared| compared.in_range && compared.fit().holds());
        let fits = all.filter(|compared| standings.contains(&compared.standing)).map(Compared::fit);
        fits.min_by_key(|fit| rank(*fit))
    }

    /// The parts that the claim is put together of, if it is. One that is near to a quote is so only where another quote has what
    /// that one has not.
    fn parts(&mut self, is_near: bool) -> Option<Vec<Part>> {
        let Case { wording, compared, effort, .. } = &mut self.case;
        // Quotes in order of who speaks them; numbers stay those of the whole list.
        let mut order: Vec<usize> = (0..compared.len()).filter(|n| compared[*n].in_range).collect();
        order.sort_by_key(|n| rank_of_standing(compared[*n].standing));
        let wordings: Vec<&Wording> = order.iter().map(|n| &compared[*n].wording).collect();
        let mut parts = stitch::parts(wording, &wordings, effort);
        parts.iter_mut().for_each(|part| part.source = order[part.source]);
        let sources: BTreeSet<usize> = parts.iter().map(|part| part.source).collect();
        let covered = stitch::covered(wording, &parts);
        let words = wording.counted();
        let rather = || {
            let near = compared.iter().filter(|compared| compared.supports() && compared.fit() == Fit::Near);
            let differences = near.map(|near| near.comparison.differences).min().unwrap_or_default();
            sources.len() > 1 && rules::is_rather_stitched(differences, words.saturating_sub(covered))
        };
        let is_stitched = rules::is_stitched(words, covered, parts.len()) && (!is_near || rather());
        is_stitched.then_some(parts)
    }

    fn held(self, verdict: Verdict, standing: Standing) -> Verification {
        let holding = self.case.compared.partition_point(|compared| compared.fit().holds());
        let holding = &self.case.compared[..holding];
        let matches = holding.iter().take(self.most).map(|compared| self.matched(compared)).collect();
        self.answer(verdict, standing, matches, holding)
    }

    fn not_found(self) -> Verification {
        let holding = self.case.compared.partition_point(|compared| compared.fit().holds());
        let (holding, far) = self.case.compared.split_at(holding);
        let mut closest: Vec<&Compared> =
            far.iter().filter(|compared| compared.comparison.share() >= CLOSE).collect();
        closest.sort_by(|one, other| other.comparison.share().total_cmp(&one.comparison.share()));
        let shown = holding.iter().chain(closest.into_iter().take(CLOSEST)).take(self.most);
        let matches = shown.map(|compared| self.matched(compared)).collect();
        let asked = self.case.claim.speaker.is_some();
        let standing = if asked { Standing::Unknown } else { Standing::NotAsked };
        self.answer(Verdict::NotFound, standing, matches, holding)
    }

    fn stitched(self, parts: Vec<Part>) -> Verification {
        let sources: BTreeSet<usize> = parts.iter().map(|part| part.source).collect();
        let used: Vec<&Compared> = sources.iter().map(|n| &self.case.compared[*n]).collect();
        let standing =
            used.iter().map(|compared| compared.standing).max_by_key(|standing| rank_of_standing(*standing));
        let matches = parts.iter().map(|part| self.part(part)).collect();
        self.answer(Verdict::Stitched, standing.unwrap_or(Standing::NotAsked), matches, used)
    }

    fn answer<'c>(
        &'c self,
        verdict: Verdict,
        standing: Standing,
        matches: Vec<Match>,
        with: impl IntoIterator<Item = &'c Compared>,
    ) -> Verification {
        let with: Vec<&Compared> = with.into_iter().collect();
        Verification {
            verdict,
            standing,
            matches,
            said_by: said_by(&with),
            outside_range: with.iter().any(|compared| !compared.in_range),
            spread: spread(&with),
            bounded: self.case.bounded,
        }
    }

    fn matched(&self, compared: &Compared) -> Match {
        let Compared { hit, wording, comparison, standing, in_range } = compared;
        let diff = comparison.diff(&self.case.wording, wording);
        let fit = comparison.fit;
        Match {
            hit: hit.clone(),
            fit,
            standing: *standing,
            in_range: *in_range,
            coverage: diff.coverage(&self.case.wording),
            diff: diff.segments(&self.case.wording, wording),
            cuts: if fit.holds() { comparison.cuts(wording) } else { Vec::new() },
            part: None,
        }
    }

    fn part(&self, part: &Part) -> Match {
        let compared = &self.case.compared[part.source];
        let (claim, quote) = (&self.case.wording, &compared.wording);
        let words = claim.words.get(part.claim.clone()).unwrap_or_default();
        let span = |one: ByteSpan, other: ByteSpan| one.cover(other);
        let spans = words.iter().map(|word| word.span);
        let segment = |side, text: &str| (!text.is_empty()).then(|| Segment { side, text: text.to_owned() });
        let diff = [
            segment(Side::Claim, claim.slice(0..part.claim.start)),
            segment(Side::Quote, quote.slice(0..part.quote.start)),
            segment(Side::Both, quote.slice(part.quote.clone())),
            segment(Side::Claim, claim.slice(part.claim.end..claim.words.len())),
            segment(Side::Quote, quote.slice(part.quote.end..quote.words.len())),
        ];
        let counted = stitch::covered(claim, std::slice::from_ref(part));
        Match {
            hit: compared.hit.clone(),
            fit: Fit::Part,
            standing: compared.standing,
            in_range: compared.in_range,
            coverage: counted as f32 / claim.counted().max(1) as f32,
            diff: diff.into_iter().flatten().collect(),
            cuts: Vec::new(),
            part: spans.reduce(span),
        }
    }
}

fn verdict(fit: Fit) -> Verdict {
    match fit {
        Fit::Exact => Verdict::Exact,
        Fit::Partial => Verdict::Partial,
        Fit::Near => Verdict::Near,
        Fit::Part | Fit::Far => Verdict::NotFound,
    }
}

fn rank(fit: Fit) -> u8 {
    match fit {
        Fit::Exact => 0,
        Fit::Partial => 1,
        Fit::Near => 2,
        Fit::Part => 3,
        Fit::Far => 4,
    }
}

fn rank_of_standing(standing: Standing) -> u8 {
    match standing {
        Standing::NotAsked | Standing::Same => 0,
        Standing::Unknown => 1,
        Standing::Other => 2,
    }
}

/// Eldest first, undated last.
fn age(hit: &QuoteHit) -> (bool, Option<Timestamp>) {
    (hit.document.published_at.is_none(), hit.document.published_at)
}
