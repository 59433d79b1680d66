//! From the source of a quote to the entity that speaks. Reads the entities' names and the words around them; refuses
//! to know how names, quotes and sources were found. Start at [`resolve`]: [`scene`] lays out the names, [`profile`]
//! gathers roles and genders, then one walk through the text in order ([`walk`]) reads each source ([`source`]), asks
//! [`candidates`] and [`rank`] whom it means, and [`verdict`] puts the answer into words.

pub mod calibration;
mod candidates;
mod discourse;
mod documents;
mod features;
mod interview;
mod phrase;
mod profile;
mod rank;
mod roles;
mod scene;
mod source;
mod verdict;
mod walk;

use super::Options;
use super::entities::lexicon::{nouns, pronouns};
use super::quotes::DraftQuote;
use super::signals::Layout;
use crate::domain::annotation::{Entity, Mention, MentionForm, Speaker};
use crate::domain::span::ByteSpan;
pub use features::{Feature, Features};
use profile::Profiles;
pub use rank::Model;
use scene::Scene;
use std::collections::BTreeSet;
pub use walk::Observation;
use walk::Walk;

/// A resolved pronoun or description becomes a mention of its entity from this confidence on.
const MENTION: f32 = 0.6;

/// Roles told of one entity.
const ROLES: usize = 6;

/// One speaker for each draft, in the same order. Pronouns and descriptions that were resolved with confidence join
/// the mentions of their entities, roles that the document states join their roles.
pub fn resolve(
    layout: &Layout<'_>,
    entities: &mut [Entity],
    drafts: &[DraftQuote],
    options: &Options,
) -> Vec<Speaker> {
    let scene = Scene::new(layout, entities);
    let profiles = Profiles::new(&scene);
    let walked = Walk::new(&scene, &profiles, drafts).run();
    let roles: Vec<Vec<String>> = (0..entities.len()).map(|at| told_roles(&scene, &profiles, at)).collect();
    let mut seen = BTreeSet::new();
    for (span, verdict, form) in &walked.meant {
        if let Some(entity) =
            verdict.entity.filter(|_| verdict.confidence >= MENTION.max(options.speaker_threshold))
            && seen.insert(*span)
        {
            add_mention(&mut entities[entity], *span, *form, verdict.confidence);
        }
    }
    for (entity, roles) in entities.iter_mut().zip(roles) {
        entity.roles = roles;
    }
    let speakers = drafts.iter().zip(walked.verdicts).map(|(draft, verdict)| {
        verdict.speaker(layout.text, draft.source, entities, options.speaker_threshold)
    });
    speakers.collect()
}

/// What the ranker saw at every source that it ranked, in text order: for fitting its weights.
pub fn observe(layout: &Layout<'_>, entities: &[Entity], drafts: &[DraftQuote]) -> Vec<Observation> {
    let scene = Scene::new(layout, entities);
    let profiles = Profiles::new(&scene);
    Walk::new(&scene, &profiles, drafts).run().observations
}

fn told_roles(scene: &Scene<'_, '_>, profiles: &Profiles, entity: usize) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for role in &profiles.of(entity).roles {
        let words = scene.layout.span_of(&role.words).slice(scene.layout.text);
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        if told.len() < ROLES && !words.is_empty() && !told.contains(&words) {
            told.push(words);
        }
    }
    told
}

/// Inserts a mention in text order, unless the entity has one there. None comes before the first name, so that entities
/// stay in order of their first mentions.
fn add_mention(entity: &mut Entity, span: ByteSpan, form: MentionForm, confidence: f32) {
    let at = entity.mentions.partition_point(|mention| mention.span.begin < span.begin);
    let taken = |mention: &Mention| mention.span.overlaps(span);
    if at == 0 || taken(&entity.mentions[at - 1]) || entity.mentions.get(at).is_some_and(taken) {
        return;
    }
    entity.mentions.insert(at, Mention { span, form, confidence: super::rounded(confidence) });
}

#[cfg(test)]
mod tests;
