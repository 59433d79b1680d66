//! Entries that all members of a conjunction hold, or of choices may hold, with what their scores are made of. They are gathered first and
//! asked about then, column by column: what is read for one does not depend on another, so that the processor need not wait for each in
//! turn, and which kind of member it is is asked once for all of them.

use super::error::IndexError;
use super::member::{Basis, Member};
use super::pool::Seam;
use tantivy::{DocId, Score, TERMINATED};

/// Steps between two looks at the caller; some ten microseconds.
pub(super) const STEPS: usize = 512;

/// See the module.
pub(super) struct Batch {
    docs: Vec<DocId>,
    /// What scores are made of: of each member as many as there may be entries.
    bases: Vec<Basis>,
    /// Which of the entries are kept.
    held: Vec<bool>,
    /// Entries that it takes at once.
    most: usize,
    /// Steps since somebody looked whether anybody waits.
    steps: usize,
}

impl Batch {
    /// Empty, for so many entries of so many members.
    pub(super) fn new(most: usize, members: usize) -> Self {
        let (docs, bases, held) = (Vec::with_capacity(most), vec![0; most * members], vec![true; most]);
        Self { docs, bases, held, most, steps: 0 }
    }

    pub(super) fn docs(&self) -> &[DocId] {
        &self.docs
    }

    /// Takes the next entries from `doc` on, at which the first member stands. The last entry that it went to: that of the batch where the
    /// batch is full.
    pub(super) fn gather(
        &mut self,
        members: &mut [Member<'_>],
        mut doc: DocId,
        seam: &Seam<'_>,
    ) -> Result<DocId, IndexError> {
        self.docs.clear();
        let (leader, others) = match members {
            [] => return Ok(TERMINATED),
            [alone] => {
                self.step(self.most, seam)?;
                return Ok(alone.drain(&mut self.docs, &mut self.bases));
            }
            [leader, others @ ..] => (leader, others),
        };
        while doc != TERMINATED {
            self.step(1, seam)?;
            if let Some(next) = others.iter_mut().find_map(|other| other.miss(doc)) {
                doc = leader.seek(next);
                continue;
            }
            let at = self.docs.len();
            self.docs.push(doc);
            let bases = self.bases.iter_mut().skip(at).step_by(self.most);
            let all = std::iter::once(&*leader).chain(&*others);
            bases.zip(all).for_each(|(basis, member)| *basis = member.basis());
            if self.docs.len() == self.most {
                return Ok(doc);
            }
            doc = leader.advance();
        }
        Ok(TERMINATED)
    }

    /// Looks at the caller now and then.
    fn step(&mut self, steps: usize, seam: &Seam<'_>) -> Result<(), IndexError> {
        self.steps += steps;
        if self.steps >= STEPS {
            self.steps = 0;
            seam.check()?;
        }
        Ok(())
    }

    /// Keeps the entries that are held: `which` says it of each.
    pub(super) fn keep(&mut self, which: impl FnOnce(&[DocId], &mut [bool])) {
        let held = &mut self.held[..self.docs.len()];
        which(&self.docs, held);
        if held.iter().all(|held| *held) {
            return;
        }
        let mut kept = 0;
        for (at, held) in held.iter().enumerate() {
            self.docs[kept] = self.docs[at];
            for bases in self.bases.chunks_exact_mut(self.most) {
                bases[kept] = bases[at];
            }
            kept += usize::from(*held);
        }
        self.docs.truncate(kept);
    }

    /// The scores of its entries, of which these are the members.
    pub(super) fn scores<'b, 's>(&'b self, members: &'b [Member<'s>]) -> Scores<'b, 's> {
        Scores::Of(self, members)
    }
}

/// Scores of entries, worked out for whoever asks.
pub(super) enum Scores<'b, 's> {
    /// Of the entries of a batch.
    Of(&'b Batch, &'b [Member<'s>]),
    /// Of a single entry.
    One(Score),
}

impl Scores<'_, '_> {
    /// That of the entry at this place.
    pub(super) fn of(&self, at: usize) -> Score {
        match self {
            Self::Of(batch, members) => {
                let bases = batch.bases.iter().skip(at).step_by(batch.most);
                members.iter().zip(bases).map(|(member, basis)| member.score(batch.docs[at], *basis)).sum()
            }
            Self::One(score) => *score,
        }
    }

    /// Those of all entries.
    pub(super) fn all(&self, scores: &mut Vec<Score>) {
        scores.clear();
        match self {
            Self::Of(batch, members) => {
                scores.resize(batch.docs.len(), 0.0);
                for (member, bases) in members.iter().zip(batch.bases.chunks_exact(batch.most)) {
                    member.add_scores(&batch.docs, bases, scores);
                }
            }
            Self::One(score) => scores.push(*score),
        }
    }
}
