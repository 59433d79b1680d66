//! What is asked about: the phrases of a text whose meaning has to be found, in text order. A phrase that is the source of
//! several quotes is asked about once; pronouns and definite descriptions outside of sources are asked about for their own
//! sake, and because what they mean keeps people in the reader's mind. Start at [`asked`].

use super::super::quotes::DraftQuote;
use super::phrase::Phrase;
use super::pronouns::{self, Pronoun};
use super::scene::Scene;
use super::source::{self, Reading};
use crate::analysis::grammar::phrases;
use crate::analysis::references::Form;
use crate::domain::span::ByteSpan;

/// A phrase with what it is.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub span: ByteSpan,
    pub reading: Reading,
    /// The quotes that it is the source of, in text order. Of none: it stands somewhere else.
    pub drafts: Vec<usize>,
}

/// All phrases of a text, in text order; a quotation without a source stands for itself.
pub(super) fn asked(scene: &Scene<'_, '_>, drafts: &[DraftQuote]) -> Vec<Asked> {
    let mut order: Vec<usize> = (0..drafts.len()).collect();
    order.sort_by_key(|&at| (anchor(&drafts[at]), at));
    let mut found: Vec<Asked> = Vec::new();
    for at in order {
        let draft = &drafts[at];
        match (draft.source, found.last_mut()) {
            (Some(span), Some(last)) if last.span == span && !matches!(last.reading, Reading::Quotation) => {
                last.drafts.push(at);
            }
            (Some(span), _) => {
                found.push(Asked { span, reading: source::read(scene, span), drafts: vec![at] });
            }
            (None, _) => {
                let span = draft.contents.first().copied().unwrap_or(ByteSpan::at(0, 0));
                found.push(Asked { span, reading: Reading::Quotation, drafts: vec![at] });
            }
        }
    }
    let others = narrative(scene, &found);
    found.extend(others);
    found.sort_by_key(|asked| (asked.span.begin, asked.drafts.first().copied()));
    found
}

/// Where a draft takes its turn: at its source, or where it begins.
fn anchor(draft: &DraftQuote) -> u32 {
    draft.source.or(draft.contents.first().copied()).map_or(0, |span| span.begin)
}

/// Pronouns for one person and definite descriptions outside of the sources.
fn narrative(scene: &Scene<'_, '_>, sources: &[Asked]) -> Vec<Asked> {
    let sources: Vec<ByteSpan> = sources
        .iter()
        .filter(|asked| !matches!(asked.reading, Reading::Quotation | Reading::Name { .. }))
        .map(|asked| asked.span)
        .collect();
    let layout = scene.layout;
    let phrases = phrases::referring(layout, 0..layout.words.len()).into_iter();
    let free = phrases.filter_map(|phrase| {
        let span = layout.span_of(&phrase.words);
        let after = sources.partition_point(|source| source.begin < span.end);
        let source = after.checked_sub(1).map(|last| sources[last]).filter(|source| source.overlaps(span));
        // "her lawyer" is a source, and "her" somebody else; a description in a source is a part of it.
        if source.is_some_and(|source| source == span || phrase.form == Form::Description) {
            return None;
        }
        let reading = match phrase.form {
            Form::He | Form::She => {
                let word = layout.word(phrase.words.start).to_lowercase();
                Reading::Pronoun(pronouns::read(&word).filter(|p| matches!(p, Pronoun::Singular(_)))?)
            }
            Form::Description => Reading::Description(Phrase::read(scene, phrase.words.clone())?),
            Form::It | Form::They | Form::ShortName | Form::NoSource => return None,
        };
        Some(Asked { span, reading, drafts: Vec::new() })
    });
    free.collect()
}
