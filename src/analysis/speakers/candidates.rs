//! Whom a pronoun or a description may mean, and what speaks for and against each: entities recent in the discourse,
//! holders of a fitting role wherever they stand, people named just after, and nobody at all.

use super::discourse::{Discourse, Recent};
use super::features::{Feature, Features};
use super::nouns::NounKind;
use super::phrase::{Determiner, Phrase};
use super::profile::{self, Profiles};
use super::pronouns::Pronoun;
use super::scene::Scene;
use crate::analysis::entities::lexicon::{Gender, places};
use crate::domain::annotation::EntityType;
use crate::domain::span::ByteSpan;

/// Names looked at after the source.
const AHEAD: usize = 6;

/// Role holders looked at.
const HOLDERS: usize = 24;

/// One reading of a source; `entity` is absent for "nobody who is named".
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub entity: Option<usize>,
    pub features: Features,
    /// Where the entity was last met, or its role stands.
    pub spans: Vec<ByteSpan>,
}

/// Where the question is asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub span: ByteSpan,
    pub sentence: usize,
    pub paragraph: usize,
}

/// Everything that candidates are drawn from.
pub(super) struct Context<'c, 'a, 't> {
    pub scene: &'c Scene<'a, 't>,
    pub profiles: &'c Profiles,
    pub discourse: &'c Discourse,
}

impl Context<'_, '_, '_> {
    /// The readings of a third-person pronoun.
    pub fn of_pronoun(&self, pronoun: Pronoun, place: Place) -> Vec<Candidate> {
        let person = matches!(pronoun, Pronoun::Singular(_));
        let fits = |entity: &usize| match self.scene.kind_of(*entity) {
            EntityType::Person => person,
            EntityType::Organization | EntityType::Gpe => !person,
            _ => false,
        };
        let wanted = if let Pronoun::Singular(gender) = pronoun { Some(gender) } else { None };
        let mut found = self.recent(&fits, place, wanted);
        found.extend(self.ahead(&fits, place, wanted, &found));
        found.push(Self::nobody(|features| {
            let plural = self.discourse.last_spoke().is_some_and(|spoke| spoke.entity.is_none());
            features.hold(Feature::NobodyBefore, plural);
        }));
        found
    }

    /// The readings of a description. `owners` are whom it belongs to: "Lund's lawyer" is not Lund.
    pub fn of_description(&self, phrase: &Phrase, place: Place, owners: &[usize]) -> Vec<Candidate> {
        let holders = self.profiles.holders(&phrase.head);
        let fits = |entity: &usize| match (phrase.kind, self.scene.kind_of(*entity)) {
            _ if owners.contains(entity) => false,
            (NounKind::Person, EntityType::Person) => true,
            // Where no table knows the noun, only the document itself can say whom it describes.
            (NounKind::Other, EntityType::Person) => holders.contains(entity),
            (NounKind::Organization, EntityType::Organization | EntityType::Facility) => true,
            (NounKind::Place, EntityType::Gpe) => true,
            _ => false,
        };
        let wanted = phrase.gender();
        let mut found = self.recent(&fits, place, wanted);
        for entity in holders.iter().copied().filter(fits).take(HOLDERS) {
            if !found.iter().any(|known| known.entity == Some(entity)) {
                let clash = clashes(wanted, self.profiles.of(entity).gender);
                found.extend((!clash).then(|| self.far(entity, place, wanted)));
            }
        }
        for candidate in &mut found {
            self.describe(candidate, phrase);
        }
        let matched = found.iter().any(|known| known.features.0[Feature::RoleNoun as usize] > 0.0);
        found.push(Self::nobody(|features| {
            features.hold(Feature::NobodyIndefinite, phrase.determiner == Determiner::Indefinite);
            features.hold(Feature::NobodyBare, phrase.determiner == Determiner::Bare);
            features.hold(Feature::NobodyOwned, phrase.determiner == Determiner::Owner);
            features.hold(Feature::NobodyNarrowed, phrase.complement);
            features.hold(Feature::NobodyUnmatched, !matched);
            features.hold(Feature::NobodyUnknownNoun, phrase.kind == NounKind::Other);
        }));
        found
    }

    fn recent(&self, fits: &impl Fn(&usize) -> bool, place: Place, wanted: Option<Gender>) -> Vec<Candidate> {
        let agreeing = |recent: &&Recent| {
            fits(&recent.entity) && !clashes(wanted, self.profiles.of(recent.entity).gender)
        };
        let recent: Vec<&Recent> = self.discourse.recent().filter(agreeing).collect();
        recent.iter().enumerate().map(|(rank, recent)| self.near(recent, rank, place, wanted)).collect()
    }

    fn near(&self, recent: &Recent, rank: usize, place: Place, wanted: Option<Gender>) -> Candidate {
        let mut features = Features::none();
        let back = place.sentence.saturating_sub(recent.sentence);
        features.hold(Feature::SameSentence, back == 0);
        features.hold(Feature::PreviousSentence, back == 1);
        features.hold(Feature::Nearby, (2..=3).contains(&back));
        features.set(Feature::Distance, (back as f32 / 10.0).min(1.0));
        features.hold(Feature::MostRecent, rank == 0);
        features.hold(Feature::Subject, recent.subject);
        features.hold(Feature::Pronoun, recent.pronoun);
        features.hold(Feature::Possessive, recent.possessive);
        features.hold(Feature::InsideQuote, recent.quoted);
        self.general(&mut features, recent.entity, place, wanted);
        let span = ByteSpan { begin: recent.begin, end: recent.begin };
        let at = self.scene.names.partition_point(|name| name.span.begin < span.begin);
        let spans =
            self.scene.names.get(at).filter(|name| name.entity == recent.entity).map(|name| name.span);
        Candidate { entity: Some(recent.entity), features, spans: spans.into_iter().collect() }
    }

    /// A candidate out of the discourse's sight, or still to be named.
    fn far(&self, entity: usize, place: Place, wanted: Option<Gender>) -> Candidate {
        let mut features = Features::none();
        let first = self.scene.entities[entity].mentions.first().map(|mention| mention.span);
        let ahead = first.is_some_and(|span| span.begin > place.span.begin);
        features.hold(Feature::Ahead, ahead);
        features.set(Feature::Distance, if ahead { 0.0 } else { 1.0 });
        self.general(&mut features, entity, place, wanted);
        Candidate { entity: Some(entity), features, spans: first.into_iter().collect() }
    }

    /// People named soon after: in the same sentence, or in the next ones where nobody came before.
    fn ahead(
        &self,
        fits: &impl Fn(&usize) -> bool,
        place: Place,
        wanted: Option<Gender>,
        known: &[Candidate],
    ) -> Vec<Candidate> {
        let from = self.scene.names.partition_point(|name| name.span.begin < place.span.end);
        let reach = place.sentence + if known.is_empty() { 3 } else { 0 };
        let near = self.scene.names[from..].iter().take(AHEAD).filter(|name| name.sentence <= reach);
        let fresh = near.filter(|name| {
            fits(&name.entity)
                && !name.quoted
                && !known.iter().any(|known| known.entity == Some(name.entity))
                && !clashes(wanted, self.profiles.of(name.entity).gender)
        });
        let mut found: Vec<Candidate> = Vec::new();
        for name in fresh {
            if !found.iter().any(|known| known.entity == Some(name.entity)) {
                found.push(self.far(name.entity, place, wanted));
            }
        }
        found
    }

    fn general(&self, features: &mut Features, entity: usize, place: Place, wanted: Option<Gender>) {
        let profile = self.profiles.of(entity);
        features.hold(Feature::GenderAgrees, wanted.is_some() && profile.gender == wanted);
        features.hold(Feature::GenderUnknown, wanted.is_some() && profile.gender.is_none());
        let people = self.scene.names.len().max(1) as f32;
        features.set(Feature::Dominant, (3.0 * profile.mentions as f32 / people).min(1.0));
        features.hold(Feature::Organization, self.scene.kind_of(entity) == EntityType::Organization);
        features.hold(Feature::Place, self.scene.kind_of(entity) == EntityType::Gpe);
        let last = self.discourse.last_spoke();
        let spoke = last.filter(|spoke| spoke.entity == Some(entity));
        features.hold(Feature::PreviousSpeaker, spoke.is_some());
        let now = spoke
            .is_some_and(|spoke| place.sentence <= spoke.sentence + 1 || place.paragraph <= spoke.paragraph);
        features.hold(Feature::SpokeJustNow, now);
        let before = self.discourse.spoke_before().is_some_and(|spoke| spoke.entity == Some(entity));
        features.hold(Feature::SpokeBefore, before);
    }

    fn describe(&self, candidate: &mut Candidate, phrase: &Phrase) {
        let Some(entity) = candidate.entity else { return };
        let profile = self.profiles.of(entity);
        let named = self.named_for(entity, phrase);
        match profile::fit(profile, phrase) {
            Some((noun, words, role)) => {
                candidate.features.set(Feature::RoleNoun, noun.max(named));
                candidate.features.set(Feature::RoleWords, words);
                candidate.features.hold(Feature::RoleForeign, foreign(role, phrase));
                candidate.spans.push(self.scene.layout.span_of(&role.words));
            }
            None if named > 0.0 => candidate.features.set(Feature::RoleNoun, named),
            None => candidate.features.hold(Feature::RoleUnlike, !profile.roles.is_empty()),
        }
        candidate.spans.sort();
    }

    /// Whether the name itself holds the noun: "the ministry" for the Ministry of Trade.
    fn named_for(&self, entity: usize, phrase: &Phrase) -> f32 {
        let name = crate::folding::names::fold(&self.scene.entities[entity].name);
        let word = phrase.kind == NounKind::Organization && name.split(' ').any(|word| word == phrase.head);
        f32::from(u8::from(word))
    }

    fn nobody(fill: impl FnOnce(&mut Features)) -> Candidate {
        let mut features = Features::none();
        features.set(Feature::Nobody, 1.0);
        fill(&mut features);
        Candidate { entity: None, features, spans: Vec::new() }
    }
}

/// Whether the role belongs to a country that the description does not speak of: "the president" is hardly "the
/// French president".
fn foreign(role: &Phrase, description: &Phrase) -> bool {
    let mut countries = role.modifiers.iter().filter(|word| places::is_adjective(word));
    countries.any(|country| !description.modifiers.iter().any(|word| places::same_country(word, country)))
}

fn clashes(wanted: Option<Gender>, known: Option<Gender>) -> bool {
    matches!((wanted, known), (Some(wanted), Some(known)) if wanted != known)
}
