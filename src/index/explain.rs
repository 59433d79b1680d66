//! What scores are made of: each clause is asked once more, by itself, about the entries that a page shows.

use super::choice::Alternative;
use super::compile::Clause;
use super::error::IndexError;
use super::gather::{Asked, Weights};
use super::page::Chosen;
use super::pool::Seam;
use super::prepare::Prepared;
use super::segment::Segment;
use crate::domain::hit::ScorePart;
use tantivy::{DocId, Score, TantivyError, Term};

/// Says of each entry that was chosen what its score is made of.
pub(super) fn explain(
    prepared: &Prepared<'_>,
    segments: &[Segment],
    chosen: &mut [Chosen],
    seam: &Seam<'_>,
) -> Result<(), IndexError> {
    for (ordinal, segment) in segments.iter().enumerate() {
        let here = chosen.iter_mut().filter(|one| one.address.segment_ord as usize == ordinal);
        let mut here: Vec<&mut Chosen> = here.collect();
        if here.is_empty() {
            continue;
        }
        // Postings go forward only.
        here.sort_unstable_by_key(|one| one.address.doc_id);
        let mut parts = Vec::new();
        for (clause, weights) in prepared.clauses() {
            seam.check()?;
            parts.extend(Part::of(clause, weights, (segment, ordinal), seam)?);
        }
        for one in here {
            seam.check()?;
            for part in &mut parts {
                one.explanation.extend(part.explain(one.address.doc_id)?.unwrap_or_default());
            }
        }
    }
    Ok(())
}

/// A clause that scores, in one segment.
enum Part<'s> {
    Words(String, Alternative<'s>),
    /// All parts of the best of these.
    Choice(Vec<Vec<Self>>),
}

impl<'s> Part<'s> {
    /// Nothing where the clause does not score, or the segment has nothing for it.
    fn of(
        clause: &Clause,
        weights: &'s Weights,
        (segment, ordinal): (&'s Segment, usize),
        seam: &Seam<'_>,
    ) -> Result<Option<Self>, IndexError> {
        if let (Clause::Choice(alternatives), Weights::Choice(weights)) = (clause, weights) {
            let mut there = Vec::with_capacity(alternatives.len());
            for (clauses, weights) in alternatives.iter().zip(weights) {
                let part = |one: (&Clause, &'s Weights)| Self::of(one.0, one.1, (segment, ordinal), seam);
                let parts = clauses.iter().zip(weights).map(part);
                there.extend(parts.collect::<Result<Option<Vec<_>>, _>>()?);
            }
            return Ok(Some(Self::Choice(there)));
        }
        let Some(words) = written(clause) else { return Ok(None) };
        let mut asked = Asked::of(&segment.reader, ordinal);
        let found = asked.clause(clause, weights, seam)?;
        Ok(found.then(|| Self::Words(words, Alternative::of(asked))))
    }

    /// What it adds to the score of an entry; nothing where the entry lacks it. Asked about ascending entries.
    fn explain(&mut self, doc: DocId) -> Result<Option<Vec<ScorePart>>, TantivyError> {
        let alternatives = match self {
            Self::Words(words, asked) => {
                let part = |score| vec![ScorePart { words: words.clone(), score }];
                return Ok(asked.score(doc)?.map(part));
            }
            Self::Choice(alternatives) => alternatives,
        };
        let mut best: Option<Vec<ScorePart>> = None;
        for alternative in alternatives {
            let parts = alternative.iter_mut().map(|part| part.explain(doc));
            let Some(parts) = parts.collect::<Result<Option<Vec<_>>, _>>()? else { continue };
            let parts = parts.concat();
            if best.as_ref().is_none_or(|best| total(best) < total(&parts)) {
                best = Some(parts);
            }
        }
        Ok(best)
    }
}

fn total(parts: &[ScorePart]) -> Score {
    parts.iter().map(|part| part.score).sum()
}

/// A clause as a query would have it; nothing where it does not score.
fn written(clause: &Clause) -> Option<String> {
    Some(match clause {
        Clause::Word(term) => text(term),
        Clause::Phrase(terms, slop) => {
            let words = terms.iter().map(text).collect::<Vec<_>>().join(" ");
            match slop {
                0 => format!("\"{words}\""),
                slop => format!("\"{words}\"~{slop}"),
            }
        }
        Clause::Prefix(_, prefix) => format!("{prefix}*"),
        Clause::Fuzzy(term, edits) | Clause::FuzzyPrefix(term, edits) => format!("{}~{edits}", text(term)),
        Clause::Any(_) | Clause::AnyPrefixed(..) | Clause::Choice(_) => return None,
    })
}

fn text(term: &Term) -> String {
    term.value().as_str().unwrap_or_default().to_owned()
}
