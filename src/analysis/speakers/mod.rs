//! From the source of a quote to the entity that speaks. Reads the entities' names and the words around them; refuses
//! to know how names, quotes and sources were found. Start at [`resolve`]: [`scene`] lays out the names, [`profile`]
//! gathers roles and genders, [`mentions`] what is asked about. A walk through the text in order ([`walk`]) asks [`candidates`]
//! and [`scorer`] whom each phrase means; a second walk knows what the first has learned ([`knowledge`]). [`verdict`] puts the
//! answer into words.

pub mod calibration;
mod candidates;
mod discourse;
mod features;
mod interview;
mod knowledge;
mod mentions;
mod phrase;
mod profile;
mod roles;
mod scene;
mod scorer;
mod source;
mod verdict;
mod walk;

use super::Options;
use super::entities::lexicon::{nouns, pronouns};
use super::quotes::DraftQuote;
use super::references::References;
use super::signals::Layout;
use crate::domain::annotation::{Entity, Mention, MentionForm, Speaker};
use crate::domain::span::ByteSpan;
pub use features::{Feature, Features};
use knowledge::Knowledge;
use profile::Profiles;
use scene::Scene;
pub use scorer::{Kind, Scorer, ScorerError};
use std::collections::BTreeSet;
pub use walk::Observation;
use walk::{Observed, Sight, Walked, walk};

/// A resolved pronoun or description becomes a mention of its entity from this confidence on.
const MENTION: f32 = 0.5;

/// Roles told of one entity.
const ROLES: usize = 6;

/// One speaker for each draft, in the same order. Pronouns and descriptions that were resolved with confidence join
/// the mentions of their entities, roles that the document states join their roles.
pub fn resolve(
    layout: &Layout<'_>,
    entities: &mut [Entity],
    drafts: &[DraftQuote],
    references: &References,
    scorer: &Scorer,
    options: &Options,
) -> Vec<Speaker> {
    let scene = Scene::new(layout, entities);
    let profiles = Profiles::new(&scene);
    let walked = walk_twice(&scene, &profiles, drafts, references, scorer, Observed::Dropped);
    let roles: Vec<Vec<String>> = (0..entities.len()).map(|at| told_roles(&scene, &profiles, at)).collect();
    let mut seen = BTreeSet::new();
    for meant in &walked.meant {
        let confidence = meant.verdict.confidence;
        if let Some(entity) =
            meant.verdict.entity.filter(|_| confidence >= MENTION.max(options.speaker_threshold))
            && seen.insert(meant.span)
        {
            add_mention(&mut entities[entity], meant.span, meant.form, confidence);
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

/// What the scorer saw at every phrase, in text order: for fitting its weights.
pub fn observe(
    layout: &Layout<'_>,
    entities: &[Entity],
    drafts: &[DraftQuote],
    references: &References,
    scorer: &Scorer,
) -> Vec<Observation> {
    let scene = Scene::new(layout, entities);
    let profiles = Profiles::new(&scene);
    walk_twice(&scene, &profiles, drafts, references, scorer, Observed::Kept).observations
}

fn walk_twice(
    scene: &Scene<'_, '_>,
    profiles: &Profiles,
    drafts: &[DraftQuote],
    references: &References,
    scorer: &Scorer,
    observed: Observed,
) -> Walked {
    let asked = mentions::asked(scene, drafts);
    let knowledge = {
        let nothing = Knowledge::default();
        let sight = Sight { scene, profiles, drafts, references, scorer, knowledge: &nothing };
        let first = walk(sight, &asked, Observed::Dropped);
        let meant = first.meant.iter().filter_map(|meant| Some((meant.span, &meant.verdict, meant.gender?)));
        Knowledge::new(scene.entities.len(), drafts, &first.verdicts, meant)
    };
    walk(Sight { scene, profiles, drafts, references, scorer, knowledge: &knowledge }, &asked, observed)
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
