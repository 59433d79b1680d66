//! The walk through the text in order: names, narrative pronouns and sources as they come, each changing who is in the
//! reader's mind. First persons and sources that refer to another quote are settled at the end.

use super::super::quotes::DraftQuote;
use super::candidates::{Context, Place};
use super::discourse::{Discourse, Recent, Spoke};
use super::documents::{self, Polls};
use super::features::Features;
use super::interview::Interview;
use super::nouns::NounKind;
use super::phrase::Phrase;
use super::profile::Profiles;
use super::pronouns::{self, Pronoun};
use super::rank::Model;
use super::scene::{NameAt, Scene};
use super::source::{self, Reading};
use super::verdict::{Verdict, step};
use crate::domain::annotation::{AbstainReason, EntityType, MentionForm, QuoteType, SpeakerKind};
use crate::domain::span::ByteSpan;

/// Reliability of each reading that is not ranked, measured on annotated articles.
const SEVERAL: f32 = 0.98;
const PLURAL: f32 = 0.9;
const DOCUMENT: f32 = 0.85;
const POLL: f32 = 0.85;
const STATEMENT: f32 = 0.8;
const CONTINUED: f32 = 0.88;
const FIRST_PERSON: f32 = 0.85;
const RELATIVE: f32 = 0.7;

/// Paragraphs between an unattributed quotation and the quote that it continues.
const CONTINUES: usize = 2;

/// What the ranker saw at one source.
#[derive(Debug, Clone)]
pub struct Observation {
    /// Index of the draft.
    pub draft: usize,
    /// Which weights apply.
    pub model: Model,
    /// Entity indices, the absent one being nobody, with their features.
    pub candidates: Vec<(Option<usize>, Features)>,
}

/// What the walk found.
#[derive(Debug)]
pub(super) struct Walked {
    /// One for each draft.
    pub verdicts: Vec<Verdict>,
    /// Pronouns and descriptions with what they mean, in text order.
    pub meant: Vec<(ByteSpan, Verdict, MentionForm)>,
    pub observations: Vec<Observation>,
}

pub(super) struct Walk<'w, 'a, 't> {
    scene: &'w Scene<'a, 't>,
    profiles: &'w Profiles,
    drafts: &'w [DraftQuote],
    polls: Polls,
    interview: Interview,
    discourse: Discourse,
    /// The next name to come into mind.
    next_name: usize,
    /// The next word to look at for pronouns.
    next_word: usize,
    verdicts: Vec<Option<Verdict>>,
    meant: Vec<(ByteSpan, Verdict, MentionForm)>,
    observations: Vec<Observation>,
}

impl<'w, 'a, 't> Walk<'w, 'a, 't> {
    pub fn new(scene: &'w Scene<'a, 't>, profiles: &'w Profiles, drafts: &'w [DraftQuote]) -> Self {
        Self {
            scene,
            profiles,
            drafts,
            polls: Polls::new(scene),
            interview: Interview::new(scene),
            discourse: Discourse::default(),
            next_name: 0,
            next_word: 0,
            verdicts: vec![None; drafts.len()],
            meant: Vec::new(),
            observations: Vec::new(),
        }
    }

    pub fn run(mut self) -> Walked {
        let mut order: Vec<usize> = (0..self.drafts.len()).collect();
        order.sort_by_key(|&at| (anchor(&self.drafts[at]), at));
        let mut same: Option<(ByteSpan, usize)> = None;
        for at in order {
            let draft = &self.drafts[at];
            // Two quotes of one source mean one speaker.
            if let Some((_, first)) = same.filter(|(span, _)| Some(*span) == draft.source) {
                self.verdicts[at] = self.verdicts[first].clone();
                continue;
            }
            same = draft.source.map(|span| (span, at));
            self.advance(anchor(draft));
            let verdict = self.decide(at);
            self.spoke(at, &verdict);
            self.verdicts[at] = Some(verdict);
        }
        self.settle_first_persons();
        let verdicts = self.verdicts.into_iter();
        let verdicts = verdicts.map(|verdict| verdict.unwrap_or(Verdict::open(AbstainReason::NoCandidate)));
        Walked { verdicts: verdicts.collect(), meant: self.meant, observations: self.observations }
    }

    /// Takes in every name and narrative pronoun that begins before a byte.
    fn advance(&mut self, to: u32) {
        loop {
            let name = self.scene.names.get(self.next_name).filter(|name| name.span.begin < to);
            let limit = name.map_or(to, |name| name.span.begin);
            self.take_pronouns(limit);
            let Some(name) = name else { return };
            self.discourse.mention(recent(name));
            self.next_name += 1;
        }
    }

    /// Resolves "he" and "she" in the narrative, so that they keep their antecedents in mind.
    fn take_pronouns(&mut self, to: u32) {
        while let Some(word) = self.scene.layout.words.get(self.next_word).filter(|word| word.span.begin < to)
        {
            self.next_word += 1;
            let text = word.span.slice(self.scene.layout.text);
            if !matches!(text, "he" | "He" | "she" | "She" | "his" | "His" | "her" | "Her" | "him") {
                continue;
            }
            let Some(pronoun) = pronouns::read(&text.to_lowercase()) else { continue };
            if self.scene.layout.quoted_at(word.span.begin).is_some() {
                continue;
            }
            let place = self.place(word.span);
            let candidates = self.context().of_pronoun(pronoun, place);
            let verdict = Verdict::ranked(Model::PersonPronoun, &candidates, SpeakerKind::Person);
            if let Some(entity) = verdict.entity {
                let subject = matches!(text, "he" | "He" | "she" | "She");
                self.meet(entity, word.span, subject);
                self.meant.push((word.span, verdict, MentionForm::Pronoun));
            }
        }
    }

    fn decide(&mut self, at: usize) -> Verdict {
        let Some(span) = self.drafts[at].source else { return self.continued(at) };
        if let Some(verdict) = self.interview.turn(self.scene, &self.drafts[at]) {
            return verdict;
        }
        match source::read(self.scene, span) {
            Reading::Name { entity, span: name } => self.named(entity, span, name),
            Reading::Pronoun(pronoun) => self.pronoun(at, pronoun, span),
            Reading::Description(phrase) => self.described(at, &phrase, span),
            Reading::Several => {
                Verdict::unnamed(SpeakerKind::Group, SEVERAL, step("several-heads", SEVERAL, vec![span]))
            }
            Reading::Nothing => Verdict::open(AbstainReason::NoSource),
        }
    }

    fn named(&mut self, entity: usize, span: ByteSpan, name: ByteSpan) -> Verdict {
        let found = &self.scene.entities[entity];
        let full =
            found.mentions.iter().map(|m| m.span).max_by_key(|m| (m.len(), std::cmp::Reverse(m.begin)));
        let rule = if full.is_some_and(|full| full.len() > name.len()) { "short-name" } else { "name" };
        self.advance(span.end);
        self.meet(entity, name, true);
        let reliability = reliability(found.entity_type, rule);
        Verdict::certain(
            entity,
            reliability,
            step(rule, reliability, full.into_iter().chain([name]).collect()),
        )
    }

    fn pronoun(&mut self, at: usize, pronoun: Pronoun, span: ByteSpan) -> Verdict {
        match pronoun {
            Pronoun::Singular(_) => {
                self.rank_pronoun(at, Model::PersonPronoun, pronoun, span, SpeakerKind::Person)
            }
            Pronoun::Neuter => {
                self.rank_pronoun(at, Model::ThingPronoun, pronoun, span, SpeakerKind::Unknown)
            }
            Pronoun::Plural => self.rank_pronoun(at, Model::ThingPronoun, pronoun, span, SpeakerKind::Group),
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

    fn rank_pronoun(
        &mut self,
        at: usize,
        model: Model,
        pronoun: Pronoun,
        span: ByteSpan,
        kind: SpeakerKind,
    ) -> Verdict {
        let candidates = self.context().of_pronoun(pronoun, self.place(span));
        self.note(at, model, &candidates);
        let verdict = Verdict::ranked(model, &candidates, kind);
        self.pass_over(span);
        self.mean(span, &verdict, MentionForm::Pronoun);
        verdict
    }

    fn described(&mut self, at: usize, phrase: &Phrase, span: ByteSpan) -> Verdict {
        let kind = kind_of(phrase);
        if phrase.plural || phrase.kind == NounKind::Group {
            return Verdict::unnamed(SpeakerKind::Group, PLURAL, step("plural-noun", PLURAL, vec![span]));
        }
        if let Some((poll, named)) = self.polls.meant(phrase, span) {
            return Verdict::certain(poll, POLL, step("poll", POLL, vec![named, span]));
        }
        if let Some(giver) = documents::giver(self.scene, phrase, span) {
            return Verdict::certain(
                giver.entity,
                STATEMENT,
                step("words-of", STATEMENT, vec![giver.span, span]),
            );
        }
        if phrase.kind == NounKind::Document {
            return Verdict::unnamed(kind, DOCUMENT, step("document-noun", DOCUMENT, vec![span]));
        }
        let owners = self.owners(phrase, span);
        let candidates = self.context().of_description(phrase, self.place(span), &owners);
        self.note(at, Model::Description, &candidates);
        let verdict = Verdict::ranked(Model::Description, &candidates, kind);
        self.mean(span, &verdict, MentionForm::Nominal);
        verdict
    }

    /// Whom a description belongs to, and so does not mean: names inside it, and whoever its "his" or "her" means.
    fn owners(&self, phrase: &Phrase, span: ByteSpan) -> Vec<usize> {
        let mut owners: Vec<usize> = self.scene.names_in(span).iter().map(|name| name.entity).collect();
        let first = pronouns::read(&self.scene.folded(phrase.words.start));
        if let Some(pronoun @ Pronoun::Singular(_)) = first {
            let candidates = self.context().of_pronoun(pronoun, self.place(span));
            owners.extend(Verdict::ranked(Model::PersonPronoun, &candidates, SpeakerKind::Person).entity);
        }
        owners
    }

    /// "who", "which": what stands right before.
    fn relative(&mut self, span: ByteSpan) -> Verdict {
        match self.antecedent(span) {
            Some(name) => {
                let (entity, at) = (name.entity, name.span);
                let verdict =
                    Verdict::certain(entity, RELATIVE, step("relative-clause", RELATIVE, vec![at, span]));
                self.mean(span, &verdict, MentionForm::Pronoun);
                verdict
            }
            None => Verdict::unnamed(
                SpeakerKind::Unknown,
                RELATIVE,
                step("relative-clause", RELATIVE, vec![span]),
            ),
        }
    }

    /// The name right before a relative pronoun, or before the apposition that it follows.
    fn antecedent(&self, span: ByteSpan) -> Option<&'w NameAt> {
        let start = self.scene.layout.words_of(span).start;
        let before = self.scene.names.partition_point(|name| name.span.begin < span.begin);
        let names = self.scene.names[..before].iter().rev().take(4);
        let mut near = names.filter(|name| name.words.end <= start && !name.possessive);
        near.find(|name| {
            let comma = |at: usize| self.scene.layout.word(at) == ",";
            let person = self.scene.kind_of(name.entity) == EntityType::Person;
            let gap = start - name.words.end;
            gap == 0
                || gap == 1 && comma(start - 1)
                || person && gap <= 14 && comma(name.words.end) && comma(start - 1)
        })
    }

    /// A quotation without a source goes on where the last speaker stopped. A clause does not: its cue has a source,
    /// which the text leaves out or the detector missed.
    fn continued(&mut self, at: usize) -> Verdict {
        if self.drafts[at].cue.is_some() && self.drafts[at].quote_type == QuoteType::Indirect {
            return Verdict::open(AbstainReason::NoSource);
        }
        let begin = self.drafts[at].contents.first().map_or(0, |content| content.begin);
        let paragraph = self.scene.layout.paragraph_at(begin);
        let near = |spoke: &&Spoke| spoke.entity.is_some() && paragraph <= spoke.paragraph + CONTINUES;
        let last =
            [self.discourse.last_spoke(), self.discourse.spoke_before()].into_iter().flatten().find(near);
        match last.copied() {
            Some(Spoke { entity: Some(entity), .. }) => {
                let content = self.drafts[at].contents.first().copied();
                Verdict::certain(
                    entity,
                    CONTINUED,
                    step("continuation", CONTINUED, content.into_iter().collect()),
                )
            }
            _ => Verdict::open(AbstainReason::NoSource),
        }
    }

    /// First persons inside a quote mean its speaker.
    fn settle_first_persons(&mut self) {
        let writer = self.writer();
        for at in 0..self.drafts.len() {
            let Some(span) = self.drafts[at].source else { continue };
            let Reading::Pronoun(Pronoun::First) = source::read(self.scene, span) else { continue };
            let around = |other: &usize| {
                *other != at && self.drafts[*other].contents.iter().any(|content| content.contains(span))
            };
            let near = at.saturating_sub(8)..(at + 8).min(self.drafts.len());
            let outer = near.clone().filter(around).find_map(|other| self.verdicts[other].clone());
            let quoted = self.scene.layout.quoted_at(span.begin).is_some();
            let before = || {
                near.clone()
                    .take_while(|other| *other < at)
                    .filter_map(|other| self.verdicts[other].clone())
                    .last()
            };
            let speaker = outer.or_else(|| if quoted { before() } else { None });
            let speaker = speaker.and_then(|verdict| verdict.entity);
            if let Some(entity) = speaker.or(writer.filter(|_| !quoted)) {
                let rule = if speaker.is_some() { "first-person" } else { "writer" };
                let verdict = Verdict::certain(entity, FIRST_PERSON, step(rule, FIRST_PERSON, vec![span]));
                self.mean(span, &verdict, MentionForm::Pronoun);
                self.verdicts[at] = Some(verdict);
            }
        }
    }

    /// Who signs the text: "By Ada Lund" at its head, or "Ada Lund is a novelist in …" at its end.
    fn writer(&self) -> Option<usize> {
        let layout = self.scene.layout;
        let person = |name: &&NameAt| self.scene.kind_of(name.entity) == EntityType::Person;
        let mut signed = self.scene.names.iter().take(6).filter(person).filter(|name| {
            let before = name.words.start.checked_sub(1).map(|at| layout.word(at));
            matches!(before, Some("By" | "BY"))
        });
        let last = layout.paragraphs.last().map_or(u32::MAX, |paragraph| paragraph.begin);
        let opens = |name: &&NameAt| name.span.begin == last && layout.word(name.words.end) == "is";
        let closing = || self.scene.names.iter().rev().take(24).filter(person).find(opens);
        signed.next().or_else(closing).map(|name| name.entity)
    }

    /// Remembers what a source means, for the mentions and for what follows.
    fn mean(&mut self, span: ByteSpan, verdict: &Verdict, form: MentionForm) {
        if let Some(entity) = verdict.entity {
            self.meet(entity, span, true);
            self.meant.push((span, verdict.clone(), form));
        }
    }

    fn meet(&mut self, entity: usize, span: ByteSpan, subject: bool) {
        self.discourse.mention(Recent {
            entity,
            begin: span.begin,
            sentence: self.scene.layout.sentence_at(span.begin),
            subject,
            quoted: false,
            possessive: false,
            pronoun: true,
        });
    }

    fn spoke(&mut self, at: usize, verdict: &Verdict) {
        let draft = &self.drafts[at];
        let spans = draft.contents.iter().chain(&draft.source).chain(&draft.cue);
        let end = spans.map(|span| span.end.saturating_sub(1)).max().unwrap_or(0);
        self.discourse.speak(Spoke {
            entity: verdict.entity,
            sentence: self.scene.layout.sentence_at(end),
            paragraph: self.scene.layout.paragraph_at(end),
        });
    }

    /// A source's own pronoun is not met again as one of the narrative.
    fn pass_over(&mut self, span: ByteSpan) {
        self.next_word = self.next_word.max(self.scene.layout.words_of(span).end);
    }

    fn note(&mut self, draft: usize, model: Model, candidates: &[super::candidates::Candidate]) {
        let candidates = candidates.iter().map(|candidate| (candidate.entity, candidate.features)).collect();
        self.observations.push(Observation { draft, model, candidates });
    }

    fn context(&self) -> Context<'_, 'a, 't> {
        Context { scene: self.scene, profiles: self.profiles, discourse: &self.discourse }
    }

    fn place(&self, span: ByteSpan) -> Place {
        Place {
            span,
            sentence: self.scene.layout.sentence_at(span.begin),
            paragraph: self.scene.layout.paragraph_at(span.begin),
        }
    }
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

/// Where a draft takes its turn: at its source, or where it begins.
fn anchor(draft: &DraftQuote) -> u32 {
    draft.source.or(draft.contents.first().copied()).map_or(0, |span| span.begin)
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
