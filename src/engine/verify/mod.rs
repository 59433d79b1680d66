//! Claims that somebody said certain words. The index finds quotes that resemble the claim: first those that could support it, by
//! the speaker and in the time that it names, then any. Each is compared word by word, on a thread that may block; what no single
//! quote has is looked for in parts. [`judge`] then says what all of it comes to. Where verdicts part, `wording::rules` decides.

mod judge;
mod spread;
mod standing;

use super::Engine;
use super::api::{Verified, VerifyRequest};
use super::error::{EngineError, Fault};
use super::search::within;
use crate::domain::hit::{Alike, QuoteHit};
use crate::domain::ids::{EntityId, QuoteName};
use crate::domain::query::{PageRequest, References, WordingQuery};
use crate::domain::time::TimeRange;
use crate::domain::verdict::Claim;
use crate::ports::{Caller, Over, SearchView};
use crate::wording::{Comparison, Effort, Wording, compare, stitch};
use judge::{Compared, Judge};
use std::collections::BTreeSet;
use std::ops::Range;

/// Quotes that are compared with a claim, of each of the searches for it.
const MOST_QUOTES: usize = 256;

/// Stretches of a claim, in no quote so far, for which quotes are looked for by themselves; and how many quotes for each.
const MOST_GAPS: usize = 8;
const GAP_QUOTES: usize = 16;

/// One claim on its way to a verdict.
struct Case {
    claim: Claim,
    wording: Wording,
    /// Entities that the claim's speaker stands for.
    group: Vec<EntityId>,
    compared: Vec<Compared>,
    known: BTreeSet<QuoteName>,
    effort: Effort,
    bounded: bool,
    caller: Caller,
}

impl Engine {
    /// Says whether somebody said certain words.
    pub async fn verify_quote(
        &self,
        caller: &Caller,
        request: VerifyRequest,
    ) -> Result<Verified, EngineError> {
        let VerifyRequest { collection, claim, kinds, most, at_least } = request;
        let page = PageRequest { size: most.max(1), bytes: 0, after: None };
        let view = self.view(caller, &page, at_least).await?.view;
        let asked = References { speakers: claim.speaker.as_slice(), ..References::default() };
        let within = within(caller, &*view, collection).await?;
        let group = self.resolved(&within, asked).await?.speakers.pop().unwrap_or_default();
        let wording = Wording::of_claim(&claim.text);
        let query = WordingQuery {
            within,
            words: wording.folded(),
            speakers: group.clone(),
            published: claim.published,
            kinds,
            most: MOST_QUOTES,
        };
        let mut case = Case::new(claim, wording, group, caller);
        let all = WordingQuery { speakers: Vec::new(), published: TimeRange::default(), ..query.clone() };
        if query != all {
            case = self.ask(&*view, &query, case).await?;
        }
        case = self.ask(&*view, &all, case).await?;
        if case.known.is_empty() {
            self.existing(&all.within).await?;
        }
        case = self.in_parts(&*view, &all, case).await?;
        let verification = blocking(case, move |case| Ok(Judge::of(case, most).verification())).await?;
        Ok(Verified { verification, freshness: self.freshness(&*view) })
    }

    /// Compares the claim with what the index finds.
    async fn ask(
        &self,
        view: &dyn SearchView,
        query: &WordingQuery,
        mut case: Case,
    ) -> Result<Case, EngineError> {
        let Alike { mut hits, bounded } = view.alike(query, &case.caller).await?;
        case.bounded |= bounded;
        hits.retain(|hit| !case.known.contains(&hit.name));
        let living = self.living_of(view, &hits.iter().collect::<Vec<_>>()).await?;
        let hits: Vec<QuoteHit> =
            hits.into_iter().zip(living).filter(|(_, lives)| *lives).map(|(hit, _)| hit).collect();
        blocking(case, move |mut case| {
            case.compare(hits)?;
            Ok(case)
        })
        .await
    }

    /// Looks for quotes that have what no quote has so far, where the claim may be put together of parts.
    async fn in_parts(
        &self,
        view: &dyn SearchView,
        query: &WordingQuery,
        mut case: Case,
    ) -> Result<Case, EngineError> {
        let gaps: Vec<Range<usize>>;
        (case, gaps) = blocking(case, |mut case| {
            let gaps = case.gaps();
            Ok((case, gaps))
        })
        .await?;
        for gap in gaps {
            let words = query.words.get(gap).unwrap_or_default().to_vec();
            let mut narrow = WordingQuery { words, most: GAP_QUOTES, ..query.clone() };
            if !case.group.is_empty() {
                narrow.speakers.clone_from(&case.group);
                case = self.ask(view, &narrow, case).await?;
                narrow.speakers.clear();
            }
            case = self.ask(view, &narrow, case).await?;
        }
        Ok(case)
    }
}

impl Case {
    fn new(claim: Claim, wording: Wording, group: Vec<EntityId>, caller: &Caller) -> Self {
        let (compared, known, effort) = (Vec::new(), BTreeSet::new(), Effort::default());
        Self { claim, wording, group, compared, known, effort, bounded: false, caller: caller.clone() }
    }

    fn compare(&mut self, hits: Vec<QuoteHit>) -> Result<(), Over> {
        for hit in hits {
            self.caller.check()?;
            let contents = hit.quote.contents.iter().map(|content| hit.excerpts.slice(*content));
            let wording = Wording::of_quote(contents, hit.quote.quote_type);
            self.known.insert(hit.name.clone());
            match compare::compare(&self.wording, &wording, &mut self.effort) {
                Some(comparison) => self.add(hit, wording, comparison),
                None => self.bounded = true,
            }
        }
        Ok(())
    }

    fn add(&mut self, hit: QuoteHit, wording: Wording, comparison: Comparison) {
        let standing = standing::of(&hit, self.claim.speaker.as_ref(), &self.group);
        let in_range = standing::in_range(&hit, self.claim.published);
        self.compared.push(Compared { hit, wording, comparison, standing, in_range });
    }

    /// Stretches of the claim that are worth a search of their own: those that no part covers, unless one quote has it all.
    fn gaps(&mut self) -> Vec<Range<usize>> {
        let whole = |compared: &Compared| compared.supports() && compared.comparison.differences == 0;
        if self.compared.iter().any(|compared| compared.comparison.fit.holds() && whole(compared)) {
            return Vec::new();
        }
        let wordings: Vec<&Wording> = self.compared.iter().map(|compared| &compared.wording).collect();
        let parts = stitch::parts(&self.wording, &wordings, &mut self.effort);
        let mut gaps = stitch::uncovered(&self.wording, &parts);
        gaps.truncate(MOST_GAPS);
        gaps
    }
}

/// Does what computes where it holds up no async worker.
async fn blocking<T: Send + 'static>(
    case: Case,
    work: impl FnOnce(Case) -> Result<T, Over> + Send + 'static,
) -> Result<T, EngineError> {
    let done = tokio::task::spawn_blocking(move || work(case)).await;
    Ok(done.map_err(|_| Fault::Panicked)??)
}
