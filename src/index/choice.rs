//! Words joined by OR that must hold in any case: an entry has at least one alternative, and scores as the best of those that it has.
//! Like a phrase a choice is asked about one entry at a time, since an alternative may hold phrases.

use super::gather::Asked;
use super::member::{Member, Phrase};
use super::union::Union;
use tantivy::{DocId, Score, TERMINATED, TantivyError};

/// Clauses of which an entry must have all.
pub(super) struct Alternative<'s> {
    /// The first leads. Never empty.
    members: Vec<Member<'s>>,
    phrases: Vec<Phrase<'s>>,
}

impl<'s> Alternative<'s> {
    pub(super) fn of(asked: Asked<'s>) -> Self {
        let Asked { mut members, phrases, .. } = asked;
        members.sort_by_key(Member::cost);
        Self { members, phrases }
    }

    /// What the clauses add to the score of `doc`; nothing where it lacks one. Asked about ascending entries.
    pub(super) fn score(&mut self, doc: DocId) -> Result<Option<Score>, TantivyError> {
        let mut score = 0.0;
        for member in &mut self.members {
            if member.miss(doc).is_some() || !member.holds(doc)? {
                return Ok(None);
            }
            score += member.score(doc, member.basis());
        }
        for phrase in &mut self.phrases {
            if phrase.miss(doc)?.is_some() {
                return Ok(None);
            }
            score += phrase.score();
        }
        Ok(Some(score))
    }

    fn leader(&self) -> Option<&Member<'s>> {
        self.members.first()
    }

    /// Whether its one clause tells of an entry by its postings alone.
    fn is_plain(&self) -> bool {
        let [member] = self.members.as_slice() else { return false };
        self.phrases.is_empty() && !matches!(member, Member::Choice(_))
    }
}

/// See the module.
pub(super) struct Choice<'s> {
    alternatives: Vec<Alternative<'s>>,
    /// The score of the entry that it was last asked about and had.
    pub(super) best: Score,
}

impl<'s> From<Vec<Alternative<'s>>> for Choice<'s> {
    fn from(alternatives: Vec<Alternative<'s>>) -> Self {
        Self { alternatives, best: 0.0 }
    }
}

impl<'s> Choice<'s> {
    fn leaders(&mut self) -> impl Iterator<Item = &mut Member<'s>> {
        self.alternatives.iter_mut().filter_map(|alternative| alternative.members.first_mut())
    }

    /// The same, to be walked, where all alternatives are such that they can be brought together; it is of no use then.
    pub(super) fn union(&mut self) -> Option<Union<'s>> {
        let are_plain = self.alternatives.iter().all(Alternative::is_plain);
        are_plain.then(|| Union::of(self.alternatives.drain(..).flat_map(|one| one.members).collect()))
    }

    /// Entries to walk, about.
    pub(super) fn cost(&self) -> u64 {
        self.alternatives.iter().filter_map(Alternative::leader).map(Member::cost).sum()
    }

    /// The first entry that may have an alternative.
    pub(super) fn doc(&self) -> DocId {
        self.alternatives.iter().filter_map(Alternative::leader).map(Member::doc).min().unwrap_or(TERMINATED)
    }

    /// Goes to `target` or to the first entry behind it that may have an alternative.
    pub(super) fn seek(&mut self, target: DocId) -> DocId {
        self.leaders().map(|leader| leader.seek(target)).min().unwrap_or(TERMINATED)
    }

    /// Whether `doc`, at which it stands, has an alternative. Asked about ascending entries.
    pub(super) fn holds(&mut self, doc: DocId) -> Result<bool, TantivyError> {
        let mut best: Option<Score> = None;
        for alternative in &mut self.alternatives {
            if let Some(score) = alternative.score(doc)? {
                best = Some(best.map_or(score, |best| best.max(score)));
            }
        }
        self.best = best.unwrap_or_default();
        Ok(best.is_some())
    }
}
