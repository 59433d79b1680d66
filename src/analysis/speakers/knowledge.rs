//! What a first walk through a text has learned for a second one: by which pronouns each entity goes anywhere in the text, and
//! whose words each quotation holds. Of the first walk's answers only; it decides nothing.

use super::super::quotes::DraftQuote;
use super::verdict::Verdict;
use crate::analysis::entities::lexicon::Gender;
use crate::domain::span::ByteSpan;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Knowledge {
    /// By entity: the confidence of pronouns that mean it, feminine and masculine.
    pronouns: Vec<[f32; 2]>,
    /// Single pronouns with their share in that: begin, entity, gender, confidence; in text order.
    met: Vec<(u32, usize, Gender, f32)>,
    /// Contents with who says them, by their begins; a content inside of another comes behind it.
    voices: Vec<(ByteSpan, usize)>,
}

impl Knowledge {
    /// From the answers of a walk. `meant` is in text order.
    pub fn new<'v>(
        entities: usize,
        drafts: &[DraftQuote],
        verdicts: &[Verdict],
        meant: impl Iterator<Item = (ByteSpan, &'v Verdict, Gender)>,
    ) -> Self {
        let mut knowledge = Self { pronouns: vec![[0.0; 2]; entities], ..Self::default() };
        for (span, verdict, gender) in meant {
            let Some(entity) = verdict.entity else { continue };
            knowledge.pronouns[entity][gender as usize] += verdict.confidence;
            knowledge.met.push((span.begin, entity, gender, verdict.confidence));
        }
        for (draft, verdict) in drafts.iter().zip(verdicts) {
            let Some(entity) = verdict.entity else { continue };
            knowledge.voices.extend(draft.contents.iter().map(|content| (*content, entity)));
        }
        knowledge.voices.sort_by_key(|(content, _)| (content.begin, std::cmp::Reverse(content.end)));
        knowledge
    }

    /// The shares of pronouns elsewhere that agree with a gender, and that do not, of those that mean an entity: 0 for
    /// none, near 1 for several.
    pub fn pronouns(&self, entity: usize, wanted: Gender, at: ByteSpan) -> [f32; 2] {
        let Some(mut counted) = self.pronouns.get(entity).copied() else { return [0.0; 2] };
        // A pronoun's own answer proves nothing.
        let from = self.met.partition_point(|(begin, ..)| *begin < at.begin);
        if let Some((begin, of, gender, confidence)) = self.met.get(from).copied()
            && begin == at.begin
            && of == entity
        {
            counted[gender as usize] -= confidence;
        }
        let other = if wanted == Gender::Feminine { Gender::Masculine } else { Gender::Feminine };
        let total = counted[0] + counted[1] + 0.5;
        [counted[wanted as usize].max(0.0) / total, counted[other as usize].max(0.0) / total]
    }

    /// Who says the innermost content that holds a span.
    pub fn voice(&self, span: ByteSpan) -> Option<usize> {
        let after = self.voices.partition_point(|(content, _)| content.begin <= span.begin);
        let mut near = self.voices[..after].iter().rev().take(4);
        near.find(|(content, _)| content.contains(span)).map(|(_, entity)| *entity)
    }
}
