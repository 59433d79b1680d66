//! Interviews by letters: who answers behind "A:" is the one person whom the text names before the first question; who
//! asks behind "Q:" is nobody whom the text names. Reads the scene; refuses to know other sources.

use super::scene::Scene;
use super::verdict::{Verdict, step};
use crate::analysis::quotes::DraftQuote;
use crate::domain::annotation::{AbstainReason, EntityType};

/// How sure it is that the one person named is the one who answers.
const INTERVIEWEE: f32 = 0.8;

/// Who answers, if the text is an interview.
pub(super) struct Interview {
    answerer: Verdict,
}

impl Interview {
    /// Looks for the person before the first question. Linear in the text.
    pub fn new(scene: &Scene<'_, '_>) -> Self {
        let question = first_question(scene).unwrap_or(0);
        let named = scene.names.iter().take_while(|name| name.span.begin < question);
        let mut people = named.filter(|name| scene.kind_of(name.entity) == EntityType::Person);
        let answerer = match people.next() {
            None => Verdict::open(AbstainReason::NoCandidate),
            Some(first) if people.any(|name| name.entity != first.entity) => {
                Verdict::open(AbstainReason::Ambiguous)
            }
            Some(first) => {
                let evidence = step("interviewee", INTERVIEWEE, vec![first.span]);
                Verdict::certain(first.entity, INTERVIEWEE, evidence)
            }
        };
        Self { answerer }
    }

    /// The speaker of a turn that begins with a letter; nothing for any other quote.
    pub fn turn(&self, scene: &Scene<'_, '_>, draft: &DraftQuote) -> Option<Verdict> {
        let (source, cue) = (draft.source?, draft.cue?);
        if !matches!(cue.slice(scene.layout.text), ":" | ".") {
            return None;
        }
        match source.slice(scene.layout.text) {
            "Q" => Some(Verdict::open(AbstainReason::NoCandidate)),
            "A" => Some(self.answerer.clone()),
            _ => None,
        }
    }
}

/// Where the first line begins that opens with "Q:".
fn first_question(scene: &Scene<'_, '_>) -> Option<u32> {
    let question = |begin: &u32| {
        let word = scene.layout.words.partition_point(|word| word.span.begin < *begin);
        scene.layout.word(word) == "Q" && matches!(scene.layout.word(word + 1), ":" | ".")
    };
    scene.layout.paragraphs.iter().map(|paragraph| paragraph.begin).find(question)
}
