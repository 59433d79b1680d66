//! Who speaks, on invented texts. Names are marked `[PERSON Ada Lund]`, sources `{she}`, contents `<that it rained>`; each
//! content belongs to the last source before it in its sentence, or to none.

use super::super::encoder::embedded;
use super::super::quotes::DraftQuote;
use super::super::signals::{Layout, NameSpan, Signals};
use super::super::{Options, entities};
use crate::domain::annotation::{AbstainReason, Entity, EntityType, MentionForm, QuoteKind, QuoteType};
use crate::domain::annotation::{AnalyzerName, Speaker, SpeakerKind};
use crate::domain::span::ByteSpan;

struct Marked {
    text: String,
    names: Vec<(ByteSpan, EntityType)>,
    drafts: Vec<DraftQuote>,
}

fn marked(source: &str) -> Marked {
    let (mut text, mut names) = (String::new(), Vec::new());
    let (mut sources, mut contents, mut open) = (Vec::new(), Vec::new(), Vec::new());
    let mut rest = source.char_indices();
    while let Some((at, c)) = rest.next() {
        match c {
            '[' => {
                let (label, _) = source[at + 1..].split_once(' ').expect("a type and a name");
                rest.by_ref().nth(label.len()).expect("a name");
                let entity_type = EntityType::ALL.into_iter().find(|known| known.as_str() == label);
                open.push((text.len(), entity_type));
            }
            '{' | '<' => open.push((text.len(), None)),
            ']' | '}' | '>' => {
                let (begin, entity_type) = open.pop().expect("an opening mark");
                let span = ByteSpan::at(begin, text.len());
                match c {
                    ']' => names.push((span, entity_type.expect("a type"))),
                    '}' => sources.push(span),
                    _ => contents.push(span),
                }
            }
            _ => text.push(c),
        }
    }
    let near = |content: &ByteSpan| {
        let before = sources.iter().filter(|source: &&ByteSpan| source.end <= content.begin).max()?;
        let between = &text[before.end as usize..content.begin as usize];
        (!between.contains(['.', '\n'])).then_some(*before)
    };
    let draft = |content: &ByteSpan| DraftQuote {
        contents: vec![*content],
        cue: None,
        source: near(content),
        quote_type: QuoteType::Indirect,
        kind: QuoteKind::Statement,
        confidence: 0.9,
    };
    let drafts = contents.iter().map(draft).collect();
    names.sort();
    Marked { text, names, drafts }
}

fn resolve(source: &str, speaker_threshold: f32) -> (Vec<Speaker>, Vec<Entity>) {
    let marked = marked(source);
    let layout = Layout::new(&marked.text);
    let names = marked.names.iter().map(|(span, entity_type)| NameSpan {
        words: layout.words_of(*span),
        entity_type: *entity_type,
        confidence: 0.9,
    });
    let signals = Signals { names: names.collect(), ..Signals::default() };
    let mut entities = entities::cluster(&layout, &signals);
    let scorer = super::Scorer::parse(embedded::model(AnalyzerName::Accurate).speakers).unwrap();
    let options = Options { speaker_threshold };
    let speakers =
        super::resolve(&layout, &mut entities, &marked.drafts, &signals.references, &scorer, &options);
    check_invariants(&marked.text, &speakers, &entities);
    (speakers, entities)
}

/// Mention, resolution and entity never contradict each other, whatever was resolved.
fn check_invariants(text: &str, speakers: &[Speaker], entities: &[Entity]) {
    for speaker in speakers {
        let entity = speaker.entity.as_ref().map(|id| entities.iter().find(|entity| entity.id == *id));
        let entity = entity.map(|found| found.expect("the entity of a speaker is one of the analysis"));
        assert_eq!(speaker.name.as_ref(), entity.map(|entity| &entity.name));
        assert!(
            entity.is_none() || speaker.abstained.is_none() && speaker.description.is_none(),
            "{speaker:?}"
        );
        assert!(speaker.alternatives.iter().all(|other| Some(&other.entity) != speaker.entity.as_ref()));
        let sum: f32 = speaker.alternatives.iter().map(|other| other.probability).sum();
        assert!(sum + speaker.confidence <= 1.02, "{speaker:?}");
        assert!(speaker.alternatives.is_sorted_by(|a, b| a.probability >= b.probability));
        assert!(speaker.abstained.is_some() || !speaker.evidence.is_empty(), "a verdict without evidence");
        let spans = speaker.evidence.iter().flat_map(|step| &step.spans);
        assert!(spans.into_iter().all(|span| text.get(span.range()).is_some()));
    }
    for entity in entities {
        assert!(entity.mentions.is_sorted_by(|a, b| a.span.end <= b.span.begin), "{entity:?}");
        assert!(entity.mentions.iter().any(|mention| mention.form == MentionForm::Name));
    }
}

/// The speakers' names; `-` for nobody.
fn names(source: &str) -> Vec<String> {
    resolve(source, 0.5).0.into_iter().map(|speaker| speaker.name.unwrap_or_else(|| "-".into())).collect()
}

#[test]
fn sources_are_read_by_their_head() {
    let cases: [(&str, &str); 32] = [
        ("{[PERSON Owen Tarr], a dentist,} said <it hurt>.", "Owen Tarr"),
        ("{[ORGANIZATION Harbour Board] chairman [PERSON Ada Lund]} said <it rained>.", "Ada Lund"),
        ("{A spokesman for [PERSON Ada Lund]} said <it rained>.", "-"),
        ("{A spokesman for Norwegian President [PERSON Ada Lund]} said <it rained>.", "-"),
        ("{[PERSON Lund]'s campaign} said <it rained>. [PERSON Ada Lund] won.", "-"),
        ("{[PERSON Ada Lund] and [PERSON Tom Hale]} said <it rained>.", "-"),
        ("{[PERSON Ada Lund], who leads the [ORGANIZATION Harbour Board],} said <it rained>.", "Ada Lund"),
        ("{The mayor of [GPE Oslo], [PERSON Tom Hale],} said <it rained>.", "Tom Hale"),
        ("{Two officials} said <it rained>. [PERSON Ada Lund] agreed.", "-"),
        ("{A report by the [ORGANIZATION Harbour Board]} said <it rained>.", "-"),
        ("{Head of the Board for Women Workers [PERSON Ada Lund]} said <it rained>.", "Ada Lund"),
        ("{[NORP Democrats]} said <it rained>.", "-"),
        ("{Critics of the plan, like [PERSON Ada Lund],} said <it rained>.", "-"),
        ("{[ORGANIZATION Harbour Board] staff} said <it rained>.", "-"),
        // An office that ends right before its holder.
        ("{The minister of intelligence [PERSON Ada Lund]} said <it rained>.", "Ada Lund"),
        ("{A lawyer for the embattled [PERSON Ada Lund]} said <it rained>.", "-"),
        ("{Stand-in anchor [PERSON Ada Lund]} said <it rained>.", "Ada Lund"),
        // One head, whose apposition holds an "and".
        ("{[PERSON Ada Lund], an advocate and [ORGANIZATION RTE] activist,} said <it rained>.", "Ada Lund"),
        (
            "{[PERSON Ada Lund], [GPE Oslo] and [LOCATION Baltic] director at the board,} said <it rained>.",
            "Ada Lund",
        ),
        ("{The public relations, roads and brand manager [PERSON Ada Lund]} said <it rained>.", "Ada Lund"),
        // Several heads.
        ("{[PERSON Ada Lund] and the ministry} said <it rained>.", "-"),
        ("{Lawyers and [ORGANIZATION Harbour Board]} said <it rained>.", "-"),
        (
            "{Senator [PERSON Ada Lund], Mayor [PERSON Tom Hale] and Rep. [PERSON Ida Moe]} said <it rained>.",
            "-",
        ),
        ("{[ORGANIZATION ABC], [ORGANIZATION CBC], and [ORGANIZATION NBC]} said <it rained>.", "-"),
        // An office that holds an "and" and a plural.
        ("{Former Minister for Women and Equalities [PERSON Ada Lund]} said <it rained>.", "Ada Lund"),
        // A document, whoever wrote it.
        ("{A circular issued by the director, [PERSON Ada Lund],} said <it rained>.", "-"),
        // What stands behind a body's name only says what it is.
        ("{[GPE Norway]'s [ORGANIZATION Courier] newspaper} said <it rained>.", "Courier"),
        ("{The [ORGANIZATION Courier] board} said <it rained>.", "-"),
        // A short form in brackets is no head.
        ("{the election commissioner ([ORGANIZATION CEC])} said <it rained>.", "-"),
        // Who stands before "who".
        ("[PERSON Ada Lund], minister of roads {who} said <it rained>.", "Ada Lund"),
        ("[PERSON Ada Lund], a dentist, came. It was the dentist {who} said <it rained>.", "Ada Lund"),
        ("A man {who} said <it rained> left [PERSON Tom Hale].", "-"),
    ];
    for (source, expected) in cases {
        assert_eq!(names(source), [expected], "{source}");
    }
}

#[test]
fn pronouns_follow_gender_and_the_last_speaker() {
    let cases: [(&str, &[&str]); 4] = [
        (
            "{[PERSON Ada Lund]} told [PERSON Tom Hale] <that it rained>. {She} added <that it was cold>.",
            &["Ada Lund", "Ada Lund"],
        ),
        (
            "{Mr. [PERSON Zorin Vale]} met Mrs [PERSON Ilka Vale] and said <he was glad>.\n\n{He} said <it rained>.\n\n{She} said <it did not>.",
            &["Zorin Vale", "Zorin Vale", "Ilka Vale"],
        ),
        (
            "{[ORGANIZATION Harbour Board]} said <it rained>. {It} added <that boats sank>.",
            &["Harbour Board", "Harbour Board"],
        ),
        (
            "{Several workers} said <it rained>. {They} added <that boats sank>. [ORGANIZATION Acme] is near.",
            &["-", "-"],
        ),
    ];
    for (source, expected) in cases {
        assert_eq!(names(source), expected, "{source}");
    }
}

#[test]
fn descriptions_are_resolved_by_the_roles_that_the_text_gives() {
    let cases: [(&str, &[&str]); 7] = [
        (
            "Norwegian President [PERSON Ada Lund] met French Prime Minister [PERSON Tom Hale] in [GPE Oslo]. {The Norwegian leader} said <it rained>. {The prime minister} said <it was cold>.",
            &["Ada Lund", "Tom Hale"],
        ),
        (
            "[PERSON Ada Lund], a spokeswoman for the [ORGANIZATION Harbour Board], was there. [PERSON Tom Hale] left. {The spokeswoman} said <it rained>.",
            &["Ada Lund"],
        ),
        (
            "The [ORGANIZATION Ministry of Fish] closed the port. [ORGANIZATION Acme] wept. {The ministry} said <it rained>.",
            &["Ministry of Fish"],
        ),
        ("[PERSON Ada Lund] met [PERSON Tom Hale]. {A friend} said <it rained>.", &["-"]),
        (
            "[PERSON Tom Hale]'s lawyer, [PERSON Ida Moe], spoke. [PERSON Tom Hale] sat. {His lawyer} said <it rained>.",
            &["Ida Moe"],
        ),
        (
            // A lady is no Tom, senator or not: of the two she can only be Ada.
            "{[PERSON Ada Lund]} said <it was cold>. Sen. [PERSON Tom Hale] sat. {The former first lady and senator} said <it rained>.",
            &["Ada Lund", "Ada Lund"],
        ),
        (
            "{Retired General} tells of <rain>.\n\nRetired Air Force Gen. [PERSON Tom Hale] spoke out. [PERSON Ada Lund] left.",
            &["Tom Hale"],
        ),
    ];
    for (source, expected) in cases {
        assert_eq!(names(source), expected, "{source}");
    }
}

#[test]
fn a_report_is_not_who_wrote_it_and_may_have_a_name_of_its_own() {
    let cases: [(&str, &[&str]); 4] = [
        ("{The poll} shows <that she leads>.", &["-"]),
        ("{The [ORGANIZATION Harbour Board]'s report} said <it rained>.", &["-"]),
        ("{A report by the [ORGANIZATION Harbour Board]} said <it rained>.", &["-"]),
        ("{The [WORK Harbour Protection Act]} says <that boats pay>.", &["Harbour Protection Act"]),
    ];
    for (source, expected) in cases {
        assert_eq!(names(source), expected, "{source}");
    }
}

/// The speaker is given with an apposition, the quotation follows in the next paragraph or sentence.
#[test]
fn a_speaker_with_apposition_carries_into_the_next_quotation() {
    let text = "{[PERSON Owen Tarr], a dentist,} said <he saw it>.\n\n<“I ran home.”>";
    assert_eq!(names(text), ["Owen Tarr", "Owen Tarr"]);
    let text = "{[PERSON Nadia Rahal], a Green councillor,} said <she was worried>. <“Nobody told us anything at all about the plans for the harbour.”>";
    assert_eq!(names(text), ["Nadia Rahal", "Nadia Rahal"]);
}

#[test]
fn unnamed_sources_keep_their_words_and_stay_two() {
    let text = "[PERSON Ada Lund] left. {A senior official who asked not to be named} said <it rained>. {Another official} said <it was dry>.";
    let (speakers, _) = resolve(text, 0.5);
    let told: Vec<_> = speakers.iter().map(|s| (s.kind, s.description.as_deref(), s.abstained)).collect();
    let expected = [
        (SpeakerKind::Person, Some("A senior official who asked not to be named"), None),
        (SpeakerKind::Person, Some("Another official"), None),
    ];
    assert_eq!(told, expected);
    let (speakers, _) = resolve("{a homeless man who goes by the name \"Shorty\"} said <it rained>.", 0.5);
    assert_eq!(speakers[0].kind, SpeakerKind::Person);
    assert_eq!(speakers[0].name, None);
}

#[test]
fn kinds_come_from_the_head_noun_or_the_entity() {
    let cases = [
        ("{Officials} said <it rained>.", SpeakerKind::Group),
        ("{The report} said <it rained>.", SpeakerKind::Document),
        ("{A local company} said <it rained>.", SpeakerKind::Organization),
        ("{[GPE Oslo]} said <it rained>.", SpeakerKind::Place),
        ("{[ORGANIZATION Acme]} said <it rained>.", SpeakerKind::Organization),
    ];
    for (source, kind) in cases {
        assert_eq!(resolve(source, 0.5).0[0].kind, kind, "{source}");
    }
}

#[test]
fn below_the_threshold_the_speaker_is_left_open_and_says_why() {
    let text = "[PERSON Sam Reed] met [PERSON Kim Poe]. [PERSON Kim Poe] left. [PERSON Sam Reed] sat. {He} said <it rained>.";
    let (speakers, entities) = resolve(text, 0.999);
    assert!(matches!(speakers[0].abstained, Some(AbstainReason::BelowThreshold | AbstainReason::Ambiguous)));
    assert_eq!((&speakers[0].entity, &speakers[0].name), (&None, &None));
    assert!(speakers[0].alternatives.len() == 2);
    assert!(entities.iter().all(|entity| entity.mentions.iter().all(|m| m.form == MentionForm::Name)));
    assert_eq!(resolve("<“Nobody knows.”>", 0.5).0[0].abstained, Some(AbstainReason::NoSource));
}

#[test]
fn resolved_pronouns_and_descriptions_join_the_mentions() {
    let text = "Mayor [PERSON Ada Lund] came. {She} said <it rained>. {The mayor} said <it was cold>.";
    let (_, entities) = resolve(text, 0.5);
    let forms: Vec<_> = entities[0].mentions.iter().map(|mention| mention.form).collect();
    assert_eq!(forms, [MentionForm::Name, MentionForm::Pronoun, MentionForm::Nominal]);
    assert_eq!(entities[0].roles, ["Mayor"]);
}

#[test]
fn first_persons_inside_a_quote_mean_its_speaker() {
    let text = "{[PERSON Ada Lund]} said: <“It rained and {I} said <that it was cold>.”>";
    assert_eq!(names(text), ["Ada Lund", "Ada Lund"]);
}

#[test]
fn the_cost_is_linear_in_the_text() {
    let line = "Mayor [PERSON Ada Lund] came. {She} said <it rained>. {The mayor} said <it was cold>.\n\n";
    let (speakers, _) = resolve(&line.repeat(2000), 0.5);
    assert_eq!(speakers.len(), 4000);
    assert!(speakers.iter().all(|speaker| speaker.name.as_deref() == Some("Ada Lund")));
}

#[test]
fn a_surname_that_several_share_is_ambiguous() {
    let text = "Brothers [PERSON Ivan Moe] and [PERSON Neil Moe] came. {[PERSON Moe]} said <he was late>.";
    let (speakers, _) = resolve(text, 0.5);
    assert_eq!(speakers[0].abstained, Some(AbstainReason::Ambiguous), "{:?}", speakers[0]);
    assert_eq!(speakers[0].name, None);
    let others: Vec<&str> = speakers[0].alternatives.iter().map(|other| other.name.as_str()).collect();
    assert_eq!(others, ["Ivan Moe", "Neil Moe"]);
}

#[test]
fn each_of_a_list_has_the_office_before_the_name() {
    let text = "President [PERSON Ada Lund] and Foreign Minister [PERSON Tom Hale] met Gen. [PERSON Ivo Moe], Col. [PERSON Uma \
                Rask] and Sgt. [PERSON Eva Tarr]. [PERSON Jon Voss], a friend of [PERSON Tom Hale], came.";
    let (_, entities) = resolve(text, 0.5);
    let roles: Vec<String> = entities.iter().map(|entity| entity.roles.join("; ")).collect();
    let expected = ["President", "Foreign Minister", "Gen.", "Col.", "Sgt.", "a friend of Tom Hale"];
    assert_eq!(roles, expected);
}

#[test]
fn several_reports_are_documents() {
    for (source, kind) in [
        ("{Official figures} showed <that it rained>.", SpeakerKind::Document),
        ("{The numbers} showed <that it rained>.", SpeakerKind::Document),
        ("{Two officials} said <that it rained>.", SpeakerKind::Group),
    ] {
        assert_eq!(resolve(source, 0.5).0[0].kind, kind, "{source}");
    }
}
