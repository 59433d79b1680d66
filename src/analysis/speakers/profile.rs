//! What is known of each entity: gender from titles, offices and given names, and the roles that the document gives
//! it. Made once for a document.

use super::nouns;
use super::phrase::Phrase;
use super::roles;
use super::scene::Scene;
use crate::analysis::entities::lexicon::{Gender, given_names, places, titles};
use crate::domain::annotation::{Entity, EntityType};
use crate::domain::span::ByteSpan;
use crate::folding::names::fold;
use std::collections::BTreeMap;

/// Roles kept of one entity: the first that the document gives.
const ROLES: usize = 12;

/// Holders of one noun looked at, the first of the text: what keeps a long text with a thousand presidents linear.
const HOLDERS: usize = 256;

/// One entity's profile.
#[derive(Debug, Default)]
pub(super) struct Profile {
    /// What titles and offices say.
    pub gender: Option<Gender>,
    /// Share of women among those who bear the given name.
    pub feminine: Option<f32>,
    pub roles: Vec<Phrase>,
    /// Name mentions in the document.
    pub mentions: usize,
    /// Its longest mention, the first of several.
    pub full: Option<ByteSpan>,
}

/// The profiles of all entities, and the way from a role's noun back to its holders.
#[derive(Debug)]
pub(super) struct Profiles {
    entries: Vec<Profile>,
    /// Entities by the nouns of their roles.
    holders: BTreeMap<String, Vec<usize>>,
}

impl Profiles {
    /// Reads the words around every name.
    pub fn new(scene: &Scene<'_, '_>) -> Self {
        let mut entries: Vec<Profile> = scene.entities.iter().map(|_| Profile::default()).collect();
        for name in &scene.names {
            let profile = &mut entries[name.entity];
            profile.mentions += 1;
            if scene.kind_of(name.entity) == EntityType::Person {
                profile.gender = profile.gender.or_else(|| title_gender(scene, name.words.start));
            }
            if profile.roles.len() < ROLES {
                profile.roles.extend(roles::around(scene, name));
            }
        }
        let mut holders: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (entity, profile) in entries.iter_mut().enumerate() {
            profile.gender = profile.gender.or_else(|| role_gender(profile));
            profile.feminine = given_name(scene, entity);
            profile.full = longest(&scene.entities[entity]);
            let mut nouns: Vec<&String> = profile.roles.iter().flat_map(|role| &role.nouns).collect();
            nouns.sort();
            nouns.dedup();
            for noun in nouns {
                holders.entry(noun.clone()).or_default().push(entity);
            }
        }
        Self { entries, holders }
    }

    /// One entity's profile.
    pub fn of(&self, entity: usize) -> &Profile {
        &self.entries[entity]
    }

    /// The first entities with a role whose noun fits the description's, in order of the text.
    pub fn holders(&self, noun: &str) -> Vec<usize> {
        let fitting = nouns::fitting(noun).filter_map(|role| self.holders.get(role));
        let mut found: Vec<usize> =
            fitting.flat_map(|holders| holders.iter().take(HOLDERS)).copied().collect();
        found.sort_unstable();
        found.dedup();
        found.truncate(HOLDERS);
        found
    }
}

/// How well an entity's roles fit a description: by noun, and by the words that narrow it down, each 0 to 1; and the
/// role that fits best.
pub(super) fn fit<'p>(profile: &'p Profile, description: &Phrase) -> Option<(f32, f32, &'p Phrase)> {
    let scored = profile.roles.iter().filter_map(|role| {
        let likeness = |noun: &String| nouns::likeness(&description.head, noun);
        let noun = role.nouns.iter().map(likeness).fold(0.0, f32::max);
        (noun > 0.0).then(|| (noun, shared(&description.modifiers, role), role))
    });
    scored.max_by(|a, b| (a.0 + a.1).total_cmp(&(b.0 + b.1)))
}

/// Share of the description's narrowing words that the role has, too.
fn shared(modifiers: &[String], role: &Phrase) -> f32 {
    if modifiers.is_empty() {
        return 0.0;
    }
    let held = |word: &&String| {
        role.modifiers
            .iter()
            .chain(&role.nouns)
            .any(|other| other == *word || places::same_country(other, word))
    };
    modifiers.iter().filter(held).count() as f32 / modifiers.len() as f32
}

fn title_gender(scene: &Scene<'_, '_>, start: usize) -> Option<Gender> {
    let before = (1..=4).map_while(|back| start.checked_sub(back));
    let words = before.map(|at| scene.layout.word(at)).take_while(|word| {
        *word == "." || word.starts_with(char::is_uppercase) || titles::gender(word).is_some()
    });
    words.filter_map(|word| titles::gender(&fold(word))).next()
}

fn role_gender(profile: &Profile) -> Option<Gender> {
    profile.roles.iter().find_map(Phrase::gender)
}

fn longest(entity: &Entity) -> Option<ByteSpan> {
    let spans = entity.mentions.iter().map(|mention| mention.span);
    spans.max_by_key(|span| (span.len(), std::cmp::Reverse(span.begin)))
}

fn given_name(scene: &Scene<'_, '_>, entity: usize) -> Option<f32> {
    let found = &scene.entities[entity];
    if found.entity_type != EntityType::Person {
        return None;
    }
    fold(&found.name).split(' ').next().and_then(given_names::feminine)
}
