//! Whom a pronoun, a description or a quotation without a source may mean, and what speaks for and against each: entities
//! recent in the discourse, holders of a fitting role wherever they stand, people named just after, and nobody at all.

use super::discourse::{Discourse, Recent};
use super::features::{Feature, Features};
use super::knowledge::Knowledge;
use super::nouns::{self, NounKind};
use super::phrase::{Determiner, Phrase};
use super::profile::{self, Profiles};
use super::pronouns::Pronoun;
use super::scene::Scene;
use crate::analysis::entities::lexicon::{Gender, places};
use crate::analysis::references::{Form, References, log_sum};
use crate::domain::annotation::EntityType;
use crate::domain::span::ByteSpan;
use std::ops::Range;

/// Names looked at after the phrase.
const AHEAD: usize = 6;
/// Role holders looked at.
const HOLDERS: usize = 24;
/// Mentions of an entity that the encoder compares a phrase with: so many before it, so many behind, and the first.
const COMPARED: [usize; 2] = [8, 2];
/// The share of a given name's bearers under which a gender clashes with it.
const RARE: f32 = 0.03;
/// The faintest logarithm of probability that counts.
const FAINTEST: f32 = -8.0;

/// One reading of a phrase; `entity` is absent for "nobody who is named".
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub entity: Option<usize>,
    pub features: Features,
    /// Where the entity was last met, or its role stands.
    pub spans: Vec<ByteSpan>,
}

/// Where the question is asked.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub span: ByteSpan,
    pub words: Range<usize>,
    pub sentence: usize,
    pub paragraph: usize,
    pub quoted: bool,
    /// Heads a clause, as far as words tell.
    pub subject: bool,
    /// A quote's source.
    pub source: bool,
    /// Object of a verb: "him", or "her" before no noun.
    pub object: bool,
}

/// Everything that candidates are drawn from.
pub(super) struct Context<'c, 'a, 't> {
    pub scene: &'c Scene<'a, 't>,
    pub profiles: &'c Profiles,
    pub discourse: &'c Discourse,
    pub references: &'c References,
    pub knowledge: &'c Knowledge,
}

impl Context<'_, '_, '_> {
    /// The readings of a third-person pronoun.
    pub fn of_pronoun(&self, pronoun: Pronoun, place: &Place) -> Vec<Candidate> {
        let person = matches!(pronoun, Pronoun::Singular(_));
        let fits = |entity: &usize| match self.scene.kind_of(*entity) {
            EntityType::Person => person,
            EntityType::Organization | EntityType::Gpe | EntityType::Facility | EntityType::Norp => !person,
            _ => false,
        };
        let wanted = if let Pronoun::Singular(gender) = pronoun { Some(gender) } else { None };
        let mut found = self.recent(&fits, place, wanted);
        found.extend(self.ahead(&fits, place, wanted, &found));
        found.push(self.nobody(place, wanted, found.is_empty(), |_| {}));
        let form = match pronoun {
            Pronoun::Singular(Gender::Masculine) => Form::He,
            Pronoun::Singular(Gender::Feminine) => Form::She,
            Pronoun::Plural => Form::They,
            _ => Form::It,
        };
        self.compare(&mut found, &place.words, form);
        found
    }

    /// The readings of a description. `owners` are whom it belongs to: "Lund's lawyer" is not Lund.
    pub fn of_description(&self, phrase: &Phrase, place: &Place, owners: &[usize]) -> Vec<Candidate> {
        let holders = self.profiles.holders(&phrase.head);
        let fits = |entity: &usize| match (phrase.kind, self.scene.kind_of(*entity)) {
            _ if owners.contains(entity) => false,
            (NounKind::Person, EntityType::Person) => true,
            // Where no table knows the noun, only the document itself can say whom it describes.
            (NounKind::Other, EntityType::Person) => {
                profile::fit(self.profiles.of(*entity), phrase).is_some()
            }
            (NounKind::Other, EntityType::Organization) => {
                phrase.determiner == Determiner::Definite || self.named_for(*entity, phrase) > 0.0
            }
            (NounKind::Organization | NounKind::Group, EntityType::Organization | EntityType::Facility) => {
                true
            }
            (NounKind::Place, EntityType::Gpe | EntityType::Organization) => true,
            (NounKind::Document, EntityType::Work) => phrase.determiner == Determiner::Definite,
            _ => false,
        };
        let wanted = phrase.gender();
        let mut found = self.recent(&fits, place, wanted);
        for entity in holders.iter().copied().filter(fits).take(HOLDERS) {
            if !found.iter().any(|known| known.entity == Some(entity)) {
                found.push(self.far(entity, place, wanted));
            }
        }
        // No weight makes a man of "the first lady".
        found.retain(|candidate| candidate.features.get(Feature::GenderClash) == 0.0);
        for candidate in &mut found {
            self.describe(candidate, phrase);
        }
        mark_best_role(&mut found);
        let matched = found.iter().any(|known| known.features.get(Feature::RoleNoun) > 0.0);
        found.push(self.nobody(place, wanted, found.is_empty(), |features| {
            features.hold(Feature::NobodyIndefinite, phrase.determiner == Determiner::Indefinite);
            features.hold(Feature::NobodyBare, phrase.determiner == Determiner::Bare);
            features.hold(Feature::NobodyOwned, phrase.determiner == Determiner::Owner);
            features.hold(Feature::NobodyNarrowed, phrase.complement);
            features.hold(Feature::NobodyUnmatched, !matched);
            features.hold(Feature::NobodyUnknownNoun, phrase.kind == NounKind::Other);
        }));
        self.compare(&mut found, &place.words, Form::Description);
        found
    }

    /// Who may say a quotation that no source claims.
    pub fn of_quotation(&self, place: &Place) -> Vec<Candidate> {
        let fits = |entity: &usize| {
            matches!(self.scene.kind_of(*entity), EntityType::Person | EntityType::Organization)
        };
        let mut found = self.recent(&fits, place, None);
        found.push(self.nobody(place, None, found.is_empty(), |_| {}));
        let first = place.words.start..(place.words.start + 1).min(place.words.end);
        self.compare(&mut found, &first, Form::NoSource);
        found
    }

    fn recent(
        &self,
        fits: &impl Fn(&usize) -> bool,
        place: &Place,
        wanted: Option<Gender>,
    ) -> Vec<Candidate> {
        let fitting: Vec<&Recent> = self.discourse.recent().filter(|recent| fits(&recent.entity)).collect();
        let agreeing = |recent: &Recent| !clashes(wanted, self.profiles.of(recent.entity).gender);
        let mut rank = 0;
        let near = |recent: &&Recent| {
            let candidate = self.near(recent, rank, place, wanted);
            rank += usize::from(agreeing(recent));
            candidate
        };
        fitting.iter().map(near).collect()
    }

    fn near(&self, recent: &Recent, rank: usize, place: &Place, wanted: Option<Gender>) -> Candidate {
        let mut features = Features::none();
        let back = place.sentence.saturating_sub(recent.sentence);
        features.hold(Feature::SameSentence, back == 0);
        features.hold(Feature::PreviousSentence, back == 1);
        features.hold(Feature::Nearby, (2..=3).contains(&back));
        features.set(Feature::Distance, (back as f32 / 10.0).min(1.0));
        features.hold(Feature::MostRecent, rank == 0);
        features.hold(Feature::SecondRecent, rank == 1);
        features.hold(Feature::Subject, recent.subject);
        features.hold(Feature::SubjectAgain, recent.subject && place.subject && back == 1);
        features.hold(Feature::Bound, recent.subject && place.object && back == 0 && rank == 0);
        features.hold(Feature::Pronoun, recent.pronoun);
        features.hold(Feature::Possessive, recent.possessive);
        features.hold(Feature::InsideQuote, recent.quoted);
        features.hold(Feature::SameVoice, recent.quoted == place.quoted);
        self.general(&mut features, recent.entity, place, wanted);
        let span = ByteSpan { begin: recent.begin, end: recent.begin };
        let at = self.scene.names.partition_point(|name| name.span.begin < span.begin);
        let spans =
            self.scene.names.get(at).filter(|name| name.entity == recent.entity).map(|name| name.span);
        Candidate { entity: Some(recent.entity), features, spans: spans.into_iter().collect() }
    }

    /// A candidate out of the discourse's sight, or still to be named.
    fn far(&self, entity: usize, place: &Place, wanted: Option<Gender>) -> Candidate {
        let mut features = Features::none();
        let first = self.scene.entities[entity].mentions.first().map(|mention| mention.span);
        let ahead = first.is_some_and(|span| span.begin > place.span.begin);
        features.hold(Feature::Ahead, ahead);
        let here = first.is_some_and(|span| self.scene.layout.sentence_at(span.begin) == place.sentence);
        features.hold(Feature::AheadHere, ahead && here);
        features.set(Feature::Distance, if ahead { 0.0 } else { 1.0 });
        self.general(&mut features, entity, place, wanted);
        Candidate { entity: Some(entity), features, spans: first.into_iter().collect() }
    }

    /// People named soon after: in the same sentence, or in the next ones where nobody came before.
    fn ahead(
        &self,
        fits: &impl Fn(&usize) -> bool,
        place: &Place,
        wanted: Option<Gender>,
        known: &[Candidate],
    ) -> Vec<Candidate> {
        let from = self.scene.names.partition_point(|name| name.span.begin < place.span.end);
        let reach = place.sentence + if known.is_empty() { 3 } else { 0 };
        let near = self.scene.names[from..].iter().take(AHEAD).filter(|name| name.sentence <= reach);
        let fresh = near.filter(|name| {
            fits(&name.entity) && !known.iter().any(|known| known.entity == Some(name.entity))
        });
        let mut found: Vec<Candidate> = Vec::new();
        for name in fresh {
            if !found.iter().any(|known| known.entity == Some(name.entity)) {
                found.push(self.far(name.entity, place, wanted));
            }
        }
        found
    }

    fn general(&self, features: &mut Features, entity: usize, place: &Place, wanted: Option<Gender>) {
        let profile = self.profiles.of(entity);
        features.set(Feature::Somebody, 1.0);
        if let Some(wanted) = wanted {
            features.hold(Feature::GenderAgrees, profile.gender == Some(wanted));
            features.hold(Feature::GenderUnknown, profile.gender.is_none());
            let given =
                profile.feminine.map(|share| if wanted == Gender::Feminine { share } else { 1.0 - share });
            let rare = profile.gender.is_none() && given.is_some_and(|share| share < RARE);
            features.hold(Feature::GenderClash, rare || clashes(Some(wanted), profile.gender));
            features.set(Feature::GivenName, given.unwrap_or(0.5));
            let [agree, clash] = self.knowledge.pronouns(entity, wanted, place.span);
            features.set(Feature::PronounsAgree, agree);
            features.set(Feature::PronounsClash, clash);
        }
        let people = self.scene.names.len().max(1) as f32;
        features.set(Feature::Dominant, (3.0 * profile.mentions as f32 / people).min(1.0));
        features.hold(Feature::Organization, self.scene.kind_of(entity) == EntityType::Organization);
        features.hold(Feature::Place, self.scene.kind_of(entity) == EntityType::Gpe);
        features.hold(Feature::OwnWords, self.knowledge.voice(place.span) == Some(entity));
        features.hold(Feature::OpensParagraph, self.scene.opener(place.paragraph) == Some(entity));
        let last = self.discourse.last_spoke();
        let spoke = last.filter(|spoke| spoke.entity == Some(entity));
        features.hold(Feature::PreviousSpeaker, spoke.is_some());
        features.hold(Feature::SpeaksAgain, spoke.is_some() && place.source);
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

    /// How well the name itself holds the noun, 0 to 1: "the ministry" for the Ministry of Trade, "the agency" for the Bureau.
    fn named_for(&self, entity: usize, phrase: &Phrase) -> f32 {
        if phrase.kind == NounKind::Person {
            return 0.0;
        }
        let name = crate::folding::names::fold(&self.scene.entities[entity].name);
        name.split(' ').map(|word| nouns::likeness(&phrase.head, word)).fold(0.0, f32::max)
    }

    fn nobody(
        &self,
        place: &Place,
        wanted: Option<Gender>,
        alone: bool,
        fill: impl FnOnce(&mut Features),
    ) -> Candidate {
        let mut features = Features::none();
        features.set(Feature::Nobody, 1.0);
        features.hold(Feature::NobodyAlone, alone);
        features.hold(Feature::NobodySpeaks, place.source);
        features.hold(
            Feature::NobodyBefore,
            self.discourse.last_spoke().is_some_and(|spoke| spoke.entity.is_none()),
        );
        let chain = wanted.is_some_and(|gender| self.discourse.last_is_nobody(gender, place.sentence));
        features.hold(Feature::NobodyChain, chain);
        fill(&mut features);
        Candidate { entity: None, features, spans: Vec::new() }
    }

    /// What the encoder thinks, as probabilities among the candidates and outcomes that there are.
    fn compare(&self, candidates: &mut [Candidate], words: &Range<usize>, form: Form) {
        let Some(phrase) = self.references.referring(words, form) else {
            candidates.iter_mut().for_each(|candidate| candidate.features.set(Feature::EncoderSilent, 1.0));
            return;
        };
        let outcomes = phrase.outcomes();
        let of_entity = |candidate: &Candidate| {
            let places = self.scene.places(candidate.entity?, words.start, COMPARED);
            log_sum(places.filter_map(|name| self.references.score(&phrase, &name.words)))
        };
        let scores: Vec<Option<f32>> = candidates.iter().map(of_entity).collect();
        let Some(total) = log_sum(scores.iter().flatten().chain(&outcomes).copied()) else { return };
        let scaled = |score: f32| 1.0 - (score - total).max(FAINTEST) / FAINTEST;
        let best = scores.iter().flatten().copied().fold(f32::NEG_INFINITY, f32::max);
        for (candidate, score) in candidates.iter_mut().zip(&scores) {
            match (candidate.entity, score) {
                (Some(_), Some(score)) => {
                    candidate.features.set(Feature::Encoder, scaled(*score));
                    candidate
                        .features
                        .hold(Feature::EncoderFirst, *score == best && *score > outcomes[0].max(outcomes[1]));
                }
                (Some(_), None) => {}
                (None, _) => {
                    candidate.features.set(Feature::NobodyUnnamed, scaled(outcomes[0]));
                    candidate.features.set(Feature::NobodyGeneric, scaled(outcomes[1]));
                }
            }
        }
    }
}

/// Marks whose role fits best, where one fits better than all others.
fn mark_best_role(candidates: &mut [Candidate]) {
    let fit = |candidate: &Candidate| {
        candidate.features.get(Feature::RoleNoun) + candidate.features.get(Feature::RoleWords)
            - candidate.features.get(Feature::RoleForeign)
    };
    let best = candidates.iter().map(fit).fold(0.0, f32::max);
    let holders = candidates.iter().filter(|candidate| fit(candidate) >= best).count();
    for candidate in
        candidates.iter_mut().filter(|candidate| best > 0.0 && holders == 1 && fit(candidate) >= best)
    {
        candidate.features.set(Feature::RoleBest, 1.0);
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
