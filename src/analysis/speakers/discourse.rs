//! Who is in the reader's mind at a point of the text: the entities named or meant most recently, and who spoke last.
//! Fed in text order; bounded, so that each question costs the same in a long text as in a short one.

use crate::analysis::entities::lexicon::Gender;
use crate::domain::annotation::SpeakerKind;

/// Entities kept in mind.
const KEPT: usize = 24;
/// Sentences within which one pronoun goes on with another.
const CHAIN: usize = 2;

/// The last time that an entity was named or meant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recent {
    pub entity: usize,
    pub begin: u32,
    pub sentence: usize,
    pub subject: bool,
    pub quoted: bool,
    pub possessive: bool,
    /// Meant by a pronoun.
    pub pronoun: bool,
}

/// The speaker of an earlier quote.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spoke {
    /// Absent where the source was left unnamed.
    pub entity: Option<usize>,
    pub kind: SpeakerKind,
    pub sentence: usize,
    pub paragraph: usize,
}

/// The state of the discourse.
#[derive(Debug, Default)]
pub(super) struct Discourse {
    /// Most recent last; one entry for each entity.
    recent: Vec<Recent>,
    /// The last two quotes' speakers, the last one last.
    spoke: Vec<Spoke>,
    /// The last pronoun of each gender: its sentence, and whether it meant nobody by name.
    referred: [Option<(usize, bool)>; 2],
}

impl Discourse {
    /// An entity was named or meant.
    pub fn mention(&mut self, recent: Recent) {
        // A name inside quotation marks does not hide that its bearer was the subject just before.
        if recent.quoted
            && let Some(known) = self.recent.iter().find(|known| known.entity == recent.entity)
            && !known.quoted
            && recent.sentence - known.sentence.min(recent.sentence) <= 2
        {
            return;
        }
        self.recent.retain(|known| known.entity != recent.entity);
        if self.recent.len() == KEPT {
            self.recent.remove(0);
        }
        self.recent.push(recent);
    }

    /// A quote ended whose speaker is known or known to be unnamed.
    pub fn speak(&mut self, spoke: Spoke) {
        if self.spoke.len() == 2 {
            self.spoke.remove(0);
        }
        self.spoke.push(spoke);
    }

    /// A pronoun for one person was read.
    pub fn refer(&mut self, gender: Gender, sentence: usize, nobody: bool) {
        self.referred[gender as usize] = Some((sentence, nobody));
    }

    /// Whether the last pronoun of a gender, not long ago, meant nobody by name.
    pub fn last_is_nobody(&self, gender: Gender, sentence: usize) -> bool {
        self.referred[gender as usize].is_some_and(|(last, nobody)| nobody && sentence <= last + CHAIN)
    }

    /// What the last speaker is, where it has no name.
    pub fn unnamed_kind(&self) -> Option<SpeakerKind> {
        self.last_spoke().filter(|spoke| spoke.entity.is_none()).map(|spoke| spoke.kind)
    }

    /// Most recent first.
    pub fn recent(&self) -> impl Iterator<Item = &Recent> {
        self.recent.iter().rev()
    }

    /// The speaker of the quote before.
    pub fn last_spoke(&self) -> Option<&Spoke> {
        self.spoke.last()
    }

    /// The speaker of the quote before that.
    pub fn spoke_before(&self) -> Option<&Spoke> {
        self.spoke.len().checked_sub(2).map(|at| &self.spoke[at])
    }
}
