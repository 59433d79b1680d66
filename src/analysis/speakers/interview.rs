//! Interviews by letters: who answers behind "A:" is the one person whom the text names before the first question; who
//! asks behind "Q:" is nobody whom the text names. And transcripts with labels that name nobody ("HOST:"): who has a label of
//! their own is somebody else. Reads the scene; refuses to know other sources.

use super::scene::Scene;
use super::verdict::{Verdict, step};
use crate::analysis::quotes::DraftQuote;
use crate::domain::annotation::{AbstainReason, EntityType};
use crate::domain::span::ByteSpan;

/// How sure it is that the one person named is the one who answers.
const INTERVIEWEE: f32 = 0.8;

/// Labels with names that are kept in mind.
const LABELS: usize = 64;

/// Who answers, if the text is an interview, and who else is on its labels.
pub(super) struct Interview {
    answerer: Verdict,
    /// The first entities whose names are labels, ascending.
    labelled: Vec<usize>,
}

impl Interview {
    /// Looks for the person before the first question, and for labels. Linear in the text.
    pub fn new(scene: &Scene<'_, '_>, drafts: &[DraftQuote]) -> Self {
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
        let labels = drafts.iter().filter_map(|draft| label(scene, draft));
        let mut labelled: Vec<usize> =
            labels.flat_map(|label| scene.names_in(label)).map(|name| name.entity).collect();
        labelled.sort_unstable();
        labelled.dedup();
        labelled.truncate(LABELS);
        Self { answerer, labelled }
    }

    /// Whom a label without a name does not mean: "HOST" is nobody who has a label of their own.
    pub fn others(&self, scene: &Scene<'_, '_>, draft: &DraftQuote) -> &[usize] {
        if label(scene, draft).is_some() { &self.labelled } else { &[] }
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

/// The source of a turn, where it begins a line and a colon follows.
fn label(scene: &Scene<'_, '_>, draft: &DraftQuote) -> Option<ByteSpan> {
    let (source, cue) = (draft.source?, draft.cue?);
    let line = scene.layout.paragraphs.get(scene.layout.paragraph_at(source.begin))?;
    (line.begin == source.begin && cue.slice(scene.layout.text) == ":").then_some(source)
}

/// Where the first line begins that opens with "Q:".
fn first_question(scene: &Scene<'_, '_>) -> Option<u32> {
    let question = |begin: &u32| {
        let word = scene.layout.words.partition_point(|word| word.span.begin < *begin);
        scene.layout.word(word) == "Q" && matches!(scene.layout.word(word + 1), ":" | ".")
    };
    scene.layout.paragraphs.iter().map(|paragraph| paragraph.begin).find(question)
}
