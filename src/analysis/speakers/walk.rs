//! The walk through the text in order: names and phrases as they come, each changing who is in the reader's mind. First
//! persons, who refer to another quote, are settled at the end.

use super::super::quotes::DraftQuote;
use super::candidates::{Candidate, Context, Place};
use super::discourse::{Discourse, Recent, Spoke};
use super::features::Features;
use super::interview::Interview;
use super::knowledge::Knowledge;
use super::mentions::Asked;
use super::nouns::NounKind;
use super::phrase::Phrase;
use super::profile::Profiles;
use super::pronouns::Pronoun;
use super::scene::{NameAt, Scene};
use super::scorer::{Kind, Scorer};
use super::source::Reading;
use super::verdict::{Verdict, step};
use crate::analysis::entities::lexicon::Gender;
use crate::analysis::references::References;
use crate::domain::annotation::{AbstainReason, EntityType, MentionForm, QuoteType, SpeakerKind};
use crate::domain::span::ByteSpan;

/// Reliability of each reading that is not scored, measured on annotated articles.
const SEVERAL: f32 = 0.98;
const PLURAL: f32 = 0.9;
const FIRST_PERSON: f32 = 0.85;
const RELATIVE: f32 = 0.7;

/// Drafts on either side of one that may hold it.
const AROUND: usize = 8;

/// Words of a description before a relative pronoun, at most.
const REACH: usize = 8;

/// What the scorer saw at one phrase.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The phrase, or the first content of a quotation without a source.
    pub span: ByteSpan,
    /// Which weights apply.
    pub kind: Kind,
    /// Entity indices, the absent one being nobody, with their features.
    pub candidates: Vec<(Option<usize>, Features)>,
}

/// Whether a walk keeps what the scorer saw. An analysis has no use for it, and a long text no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Observed {
    Kept,
    Dropped,
}

/// A pronoun or description with what it means.
#[derive(Debug)]
pub(super) struct Meant {
    pub span: ByteSpan,
    pub verdict: Verdict,
    pub form: MentionForm,
    /// Of a pronoun for one person.
    pub gender: Option<Gender>,
}

/// What the walk found.
#[derive(Debug)]
pub(super) struct Walked {
    /// One for each draft.
    pub verdicts: Vec<Verdict>,
    /// In text order.
    pub meant: Vec<Meant>,
    pub observations: Vec<Observation>,
}

/// What a walk reads.
#[derive(Clone, Copy)]
pub(super) struct Sight<'w, 'a, 't> {
    pub scene: &'w Scene<'a, 't>,
    pub profiles: &'w Profiles,
    pub drafts: &'w [DraftQuote],
    pub references: &'w References,
    pub scorer: &'w Scorer,
    pub knowledge: &'w Knowledge,
}

/// Walks through all phrases.
pub(super) fn walk(sight: Sight<'_, '_, '_>, asked: &[Asked], observed: Observed) -> Walked {
    let mut walk = Walk {
        sight,
        interview: Interview::new(sight.scene, sight.drafts),
        discourse: Discourse::default(),
        next_name: 0,
        verdicts: vec![None; sight.drafts.len()],
        meant: Vec::new(),
        observed,
        observations: Vec::new(),
    };
    for phrase in asked {
        walk.advance(phrase.span.begin);
        let verdict = walk.decide(phrase);
        for &draft in &phrase.drafts {
            // Who is quoted by somebody who speaks has no turn.
            if !is_inner(sight.drafts, draft) {
                walk.spoke(draft, &verdict);
            }
            walk.verdicts[draft] = Some(verdict.clone());
        }
    }
    walk.settle_first_persons(asked);
    let verdicts = walk.verdicts.into_iter();
    let verdicts = verdicts.map(|verdict| verdict.unwrap_or(Verdict::open(AbstainReason::NoCandidate)));
    walk.meant.sort_by_key(|meant| meant.span);
    Walked { verdicts: verdicts.collect(), meant: walk.meant, observations: walk.observations }
}

struct Walk<'w, 'a, 't> {
    sight: Sight<'w, 'a, 't>,
    interview: Interview,
    discourse: Discourse,
    /// The next name to come into mind.
    next_name: usize,
    verdicts: Vec<Option<Verdict>>,
    meant: Vec<Meant>,
    observed: Observed,
    observations: Vec<Observation>,
}

impl<'w> Walk<'w, '_, '_> {
    /// Takes in every name that begins before a byte.
    fn advance(&mut self, to: u32) {
        while let Some(name) = self.sight.scene.names.get(self.next_name).filter(|name| name.span.begin < to)
        {
            self.discourse.mention(recent(name));
            self.next_name += 1;
        }
    }

    fn decide(&mut self, asked: &Asked) -> Verdict {
        let span = asked.span;
        let draft = asked.drafts.first().map(|draft| &self.sight.drafts[*draft]);
        if let Some(verdict) = draft.and_then(|draft| self.interview.turn(self.sight.scene, draft)) {
            return verdict;
        }
        match &asked.reading {
            Reading::Name { entity, span: name } => self.named(*entity, span, *name),
            Reading::Pronoun(pronoun) => self.pronoun(*pronoun, span, !asked.drafts.is_empty()),
            Reading::Description(phrase) => {
                let others = draft.map_or(Vec::new(), |draft| self.labelled(draft, phrase));
                self.described(phrase, span, !asked.drafts.is_empty(), &others)
            }
            Reading::Several => {
                Verdict::unnamed(SpeakerKind::Group, SEVERAL, step("several-heads", SEVERAL, vec![span]))
            }
            Reading::Quotation => self.continued(asked),
            Reading::Nothing => Verdict::open(AbstainReason::NoSource),
        }
    }

    fn named(&mut self, entity: usize, span: ByteSpan, name: ByteSpan) -> Verdict {
        let full = self.sight.profiles.of(entity).full;
        let rule = if full.is_some_and(|full| full.len() > name.len()) { "short-name" } else { "name" };
        self.advance(span.end);
        self.meet(entity, name, true);
        let namesakes = self.sight.scene.namesakes(entity);
        if namesakes.len() > 1 {
            return Verdict::ambiguous(namesakes);
        }
        let reliability = reliability(self.sight.scene.kind_of(entity), rule);
        Verdict::certain(
            entity,
            reliability,
            step(rule, reliability, full.into_iter().chain([name]).collect()),
        )
    }

    fn pronoun(&mut self, pronoun: Pronoun, span: ByteSpan, source: bool) -> Verdict {
        match pronoun {
            Pronoun::Singular(gender) => {
                let (candidates, place) = self.ask_pronoun(pronoun, span, source);
                let verdict = self.ranked(Kind::PersonPronoun, span, &candidates, SpeakerKind::Person);
                self.discourse.refer(gender, place.sentence, verdict.entity.is_none());
                self.mean(span, &verdict, MentionForm::Pronoun, Some(gender), place.subject);
                verdict
            }
            Pronoun::Neuter | Pronoun::Plural => {
                let kind = match pronoun {
                    Pronoun::Plural => SpeakerKind::Group,
                    _ => self.discourse.unnamed_kind().unwrap_or(SpeakerKind::Unknown),
                };
                let (candidates, place) = self.ask_pronoun(pronoun, span, source);
                let verdict = self.ranked(Kind::ThingPronoun, span, &candidates, kind);
                self.mean(span, &verdict, MentionForm::Pronoun, None, place.subject);
                verdict
            }
            Pronoun::Relative => self.relative(span),
            // Settled once every quote around it has its speaker.
            Pronoun::First => {
                Verdict::unnamed(SpeakerKind::Person, FIRST_PERSON, step("writer", FIRST_PERSON, vec![span]))
            }
            Pronoun::Second => {
                Verdict::unnamed(SpeakerKind::Person, FIRST_PERSON, step("reader", FIRST_PERSON, vec![span]))
            }
        }
    }

    fn ask_pronoun(&self, pronoun: Pronoun, span: ByteSpan, source: bool) -> (Vec<Candidate>, Place) {
        let mut place = self.place(span);
        let word = self.sight.scene.layout.word(place.words.start).to_lowercase();
        place.source = source;
        place.subject = source || matches!(word.as_str(), "he" | "she" | "it" | "they");
        place.object = !source
            && match word.as_str() {
                "him" | "them" => true,
                "her" => !self.sight.scene.opens_noun(place.words.end),
                _ => false,
            };
        (self.context().of_pronoun(pronoun, &place), place)
    }

    /// A description that means none of `others`.
    fn described(&mut self, phrase: &Phrase, span: ByteSpan, source: bool, others: &[usize]) -> Verdict {
        let kind = kind_of(phrase);
        if phrase.plural {
            let several = if kind == SpeakerKind::Document { kind } else { SpeakerKind::Group };
            return Verdict::unnamed(several, PLURAL, step("plural-noun", PLURAL, vec![span]));
        }
        let mut owners = self.owners(span);
        owners.extend(others);
        let place = Place { source, ..self.place(span) };
        let candidates = self.context().of_description(phrase, &place, &owners);
        let of = if phrase.kind == NounKind::Person { Kind::Description } else { Kind::ThingDescription };
        let verdict = self.ranked(of, span, &candidates, kind);
        self.mean(span, &verdict, MentionForm::Nominal, None, true);
        verdict
    }

    /// Who has a label of their own, where a description is one, unless the text says that they are what it describes.
    fn labelled(&self, draft: &DraftQuote, phrase: &Phrase) -> Vec<usize> {
        let holders = self.sight.profiles.holders(&phrase.head);
        let others = self.interview.others(self.sight.scene, draft).iter().copied();
        others.filter(|other| !holders.contains(other)).collect()
    }

    /// Whom a description belongs to, and so does not mean: names inside it, and whoever its "his" or "her" means.
    fn owners(&self, span: ByteSpan) -> Vec<usize> {
        let names = self.sight.scene.names_in(span).iter().map(|name| name.entity);
        let inside = self.meant.iter().rev().take_while(|meant| meant.span.begin >= span.begin);
        names.chain(inside.filter_map(|meant| meant.verdict.entity)).collect()
    }

    /// "who", "which": what stands right before.
    fn relative(&mut self, span: ByteSpan) -> Verdict {
        let Some(name) = self.antecedent(span) else {
            if let Some(phrase) = self.described_before(span) {
                return self.described(&phrase, span, true, &[]);
            }
            let step = step("relative-clause", RELATIVE, vec![span]);
            return Verdict::unnamed(SpeakerKind::Unknown, RELATIVE, step);
        };
        let (entity, at) = (name.entity, name.span);
        let verdict = Verdict::certain(entity, RELATIVE, step("relative-clause", RELATIVE, vec![at, span]));
        self.mean(span, &verdict, MentionForm::Pronoun, None, true);
        verdict
    }

    /// "the senator who": the description right before a relative pronoun.
    fn described_before(&self, span: ByteSpan) -> Option<Phrase> {
        let scene = self.sight.scene;
        let end = scene.layout.words_of(span).start;
        let floor = scene.sentence_start(end).max(end.saturating_sub(REACH));
        let start = (floor..end).rev().find(|&at| matches!(scene.layout.word(at), "the" | "The"))?;
        Phrase::read(scene, start..end).filter(|phrase| phrase.kind == NounKind::Person && !phrase.plural)
    }

    /// The name right before a relative pronoun, or before the apposition that it follows.
    fn antecedent(&self, span: ByteSpan) -> Option<&'w NameAt> {
        let scene = self.sight.scene;
        let start = scene.layout.words_of(span).start;
        let before = scene.names.partition_point(|name| name.span.begin < span.begin);
        let sentence = scene.layout.sentence_at(span.begin);
        let names = scene.names[..before].iter().rev().take_while(|name| name.sentence == sentence);
        let mut near = names.filter(|name| name.words.end <= start && !name.possessive);
        near.find(|name| {
            let comma = |at: usize| scene.layout.word(at) == ",";
            let person = scene.kind_of(name.entity) == EntityType::Person;
            let gap = start - name.words.end;
            gap == 0 || gap == 1 && comma(start - 1) || person && gap <= 14 && comma(name.words.end)
        })
    }

    /// A quotation without a source. A clause without one is something else: its cue has a source, which the text leaves
    /// out or the detector missed.
    fn continued(&mut self, asked: &Asked) -> Verdict {
        let is_clause = asked.drafts.iter().any(|&draft| {
            let draft = &self.sight.drafts[draft];
            draft.cue.is_some() && draft.quote_type == QuoteType::Indirect
        });
        if is_clause {
            return Verdict::open(AbstainReason::NoSource);
        }
        let candidates = self.context().of_quotation(&self.place(asked.span));
        let verdict = self.ranked(Kind::NoSource, asked.span, &candidates, SpeakerKind::Unknown);
        if verdict.entity.is_some() {
            verdict
        } else {
            Verdict { abstained: Some(AbstainReason::NoSource), ..verdict }
        }
    }

    /// First persons inside a quote mean its speaker.
    fn settle_first_persons(&mut self, asked: &[Asked]) {
        let writer = self.sight.scene.writer();
        for phrase in asked {
            if !matches!(phrase.reading, Reading::Pronoun(Pronoun::First)) {
                continue;
            }
            for &at in &phrase.drafts {
                self.settle_first_person(at, phrase.span, writer);
            }
        }
    }

    fn settle_first_person(&mut self, at: usize, span: ByteSpan, writer: Option<usize>) {
        let drafts = self.sight.drafts;
        let around = |other: &usize| {
            *other != at && drafts[*other].contents.iter().any(|content| content.contains(span))
        };
        let near = at.saturating_sub(AROUND)..(at + AROUND).min(drafts.len());
        let quoted = self.sight.scene.layout.quoted_at(span.begin).is_some();
        let outer = near.clone().filter(around).find_map(|other| self.verdicts[other].clone());
        let before = near.take_while(|other| *other < at).filter_map(|other| self.verdicts[other].clone());
        let speaker = outer.or_else(|| if quoted { before.last() } else { None });
        let speaker = speaker.and_then(|verdict| verdict.entity);
        let Some(entity) = speaker.or(writer.filter(|_| !quoted)) else { return };
        let rule = if speaker.is_some() { "first-person" } else { "writer" };
        let verdict = Verdict::certain(entity, FIRST_PERSON, step(rule, FIRST_PERSON, vec![span]));
        self.mean(span, &verdict, MentionForm::Pronoun, None, true);
        self.verdicts[at] = Some(verdict);
    }

    fn ranked(
        &mut self,
        kind: Kind,
        span: ByteSpan,
        candidates: &[Candidate],
        of_nobody: SpeakerKind,
    ) -> Verdict {
        if self.observed == Observed::Kept {
            let seen = candidates.iter().map(|candidate| (candidate.entity, candidate.features)).collect();
            self.observations.push(Observation { span, kind, candidates: seen });
        }
        Verdict::ranked(self.sight.scorer, kind, candidates, of_nobody)
    }

    /// Remembers what a phrase means, for the mentions and for what follows.
    fn mean(
        &mut self,
        span: ByteSpan,
        verdict: &Verdict,
        form: MentionForm,
        gender: Option<Gender>,
        subject: bool,
    ) {
        if let Some(entity) = verdict.entity {
            self.meet(entity, span, subject);
            self.meant.push(Meant { span, verdict: verdict.clone(), form, gender });
        }
    }

    fn meet(&mut self, entity: usize, span: ByteSpan, subject: bool) {
        let layout = self.sight.scene.layout;
        self.discourse.mention(Recent {
            entity,
            begin: span.begin,
            sentence: layout.sentence_at(span.begin),
            subject,
            quoted: layout.quoted_at(span.begin).is_some(),
            possessive: false,
            pronoun: true,
        });
    }

    fn spoke(&mut self, at: usize, verdict: &Verdict) {
        let draft = &self.sight.drafts[at];
        let spans = draft.contents.iter().chain(&draft.source).chain(&draft.cue);
        let end = spans.map(|span| span.end.saturating_sub(1)).max().unwrap_or(0);
        self.discourse.speak(Spoke {
            entity: verdict.entity,
            kind: verdict.kind,
            sentence: self.sight.scene.layout.sentence_at(end),
            paragraph: self.sight.scene.layout.paragraph_at(end),
        });
    }

    fn context(&self) -> Context<'_, '_, '_> {
        let Sight { scene, profiles, references, knowledge, .. } = self.sight;
        Context { scene, profiles, discourse: &self.discourse, references, knowledge }
    }

    fn place(&self, span: ByteSpan) -> Place {
        let layout = self.sight.scene.layout;
        Place {
            span,
            words: layout.words_of(span),
            sentence: layout.sentence_at(span.begin),
            paragraph: layout.paragraph_at(span.begin),
            quoted: layout.quoted_at(span.begin).is_some(),
            subject: true,
            source: false,
            object: false,
        }
    }
}

/// Whether a draft is a part of what another quotes. Drafts are in the order of their contents.
fn is_inner(drafts: &[DraftQuote], at: usize) -> bool {
    let draft = &drafts[at];
    let holds = |outer: &DraftQuote| {
        outer.contents != draft.contents
            && draft
                .contents
                .iter()
                .all(|inner| outer.contents.iter().any(|content| content.contains(*inner)))
    };
    let near = at.saturating_sub(AROUND)..(at + AROUND).min(drafts.len());
    near.filter(|other| *other != at).any(|other| holds(&drafts[other]))
}

/// How often a source that is a name means the entity that bears it: short forms of people are the surest, since a full
/// name was found elsewhere.
fn reliability(entity_type: EntityType, rule: &str) -> f32 {
    match (entity_type, rule) {
        (EntityType::Person, "short-name") => 0.98,
        (EntityType::Person, _) => 0.95,
        (EntityType::Gpe | EntityType::Location, _) => 0.97,
        (EntityType::Organization | EntityType::Facility, _) => 0.89,
        _ => 0.5,
    }
}

fn recent(name: &NameAt) -> Recent {
    Recent {
        entity: name.entity,
        begin: name.span.begin,
        sentence: name.sentence,
        subject: name.subject,
        quoted: name.quoted,
        possessive: name.possessive,
        pronoun: false,
    }
}

fn kind_of(phrase: &Phrase) -> SpeakerKind {
    match phrase.kind {
        NounKind::Person => SpeakerKind::Person,
        NounKind::Group => SpeakerKind::Group,
        NounKind::Organization => SpeakerKind::Organization,
        NounKind::Place => SpeakerKind::Place,
        NounKind::Document => SpeakerKind::Document,
        NounKind::Other => SpeakerKind::Unknown,
    }
}
