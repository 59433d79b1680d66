//! What belongs together, on invented sentences. Names are marked in the text: `[PERSON Jane Doe]`.

use super::super::signals::{Layout, NameSpan, Signals};
use super::{bodies, cluster};
use crate::domain::annotation::{Entity, EntityType};
use crate::domain::span::ByteSpan;

/// The text without marks, and its names.
fn marked(source: &str) -> (String, Vec<(ByteSpan, EntityType)>) {
    let (mut text, mut names, mut rest) = (String::new(), Vec::new(), source);
    while let Some((before, after)) = rest.split_once('[') {
        let (name, after) = after.split_once(']').expect("a closing bracket");
        let (label, name) = name.split_once(' ').expect("a type and a name");
        let entity_type = EntityType::ALL.into_iter().find(|known| known.as_str() == label).expect("a type");
        text.push_str(before);
        names.push((ByteSpan::at(text.len(), text.len() + name.len()), entity_type));
        text.push_str(name);
        rest = after;
    }
    text.push_str(rest);
    (text, names)
}

fn entities(source: &str) -> Vec<Entity> {
    let (text, names) = marked(source);
    let layout = Layout::new(&text);
    let names = names.into_iter().map(|(span, entity_type)| NameSpan {
        words: layout.words_of(span),
        entity_type,
        confidence: 0.9,
    });
    let signals = Signals { names: names.collect(), ..Signals::default() };
    cluster(&layout, &signals)
}

/// Names with their counts of mentions, in order.
fn summary(source: &str) -> Vec<String> {
    entities(source).iter().map(|entity| format!("{} {}", entity.name, entity.mentions.len())).collect()
}

#[test]
fn forms_of_one_name_fall_together() {
    let cases: [(&str, &[&str]); 20] = [
        ("[PERSON Ada Lund] spoke. [PERSON Lund] left. [PERSON Ada]'s car waited.", &["Ada Lund 3"]),
        // Where people go by their given names, a title stands before these, too.
        ("[PERSON Kraisorn Wattana] spoke. Mr [PERSON Kraisorn] left.", &["Kraisorn Wattana 2"]),
        ("[PERSON Dale Hagen] met Mr [PERSON Hagen]'s cousin Mr [PERSON Dale].", &["Dale Hagen 2", "Dale 1"]),
        // Of brothers who come together, a surname means neither more than the other.
        (
            "Brothers [PERSON Ivan Moe] and [PERSON Neil Moe] came. [PERSON Moe] left.",
            &["Ivan Moe 1", "Neil Moe 1", "Moe 1"],
        ),
        ("[PERSON Betty Walter Moe] spoke. [PERSON Walter Moe] left.", &["Betty Walter Moe 2"]),
        ("President [PERSON Ada Lund] met Mrs. [PERSON Lund’s] aides.", &["Ada Lund 2"]),
        (
            "[PERSON Doe, John] is listed. [PERSON John D. Doe] and [PERSON J. Doe] are he.",
            &["John D. Doe 3"],
        ),
        (
            "The [GPE US] acted. The [GPE U.S.] denied it. The [GPE United States] is big.",
            &["United States 3"],
        ),
        (
            "The [EVENT Northern Trade Forum] ([EVENT NTF]) opened. The [EVENT NTF] closed.",
            &["Northern Trade Forum 3"],
        ),
        (
            "The [ORGANIZATION Harbour Workers Union] struck. [ORGANIZATION HWU] won.",
            &["Harbour Workers Union 2"],
        ),
        (
            "The [ORGANIZATION federal Ships and Docks Commission] sued. The [GPE S.D.C.] won.",
            &["Ships and Docks Commission 2"],
        ),
        (
            "The [ORGANIZATION Lake Valley Courier] said so. The [ORGANIZATION Courier] is old.",
            &["Lake Valley Courier 2"],
        ),
        ("[ORGANIZATION Brightside Inc.] fell. [ORGANIZATION Brightside] rose.", &["Brightside Inc. 2"]),
        ("[PERSON Omar Al Hadid] won. [PERSON Al Hadid] smiled.", &["Omar Al Hadid 2"]),
        ("[PERSON Bill Harker] is [PERSON William Harker].", &["William Harker 2"]),
        // An initial is no person of its own.
        ("Lt. [PERSON R]. [PERSON Quentin Moe] spoke. [PERSON Moe] left.", &["R. Quentin Moe 2"]),
        ("[PERSON KELLER]: Yes. [PERSON Tom Keller] said no.", &["Tom Keller 2"]),
        ("[PERSON Kim Yoon-ah] spoke. [PERSON Kim] bowed.", &["Kim Yoon-ah 2"]),
        (
            "[ORGANIZATION Kremlin] said no. The [GPE Kremlin] and the [ORGANIZATION Kremlin] agree.",
            &["Kremlin 3"],
        ),
        ("“He” is no name: [PERSON he] and [PERSON She] and [ORGANIZATION the].", &[]),
    ];
    for (source, expected) in cases {
        assert_eq!(summary(source), expected, "{source}");
    }
}

#[test]
fn people_who_share_a_surname_stay_apart() {
    let cases: [(&str, &[&str]); 5] = [
        (
            "[PERSON Anna Berg] and [PERSON Paul Berg] came. Mr. [PERSON Berg] sat. Mrs. [PERSON Berg] stood.",
            &["Anna Berg 2", "Paul Berg 2"],
        ),
        (
            "[PERSON Donald Reyes] and [PERSON Donald Reyes Jr.] came.",
            &["Donald Reyes 1", "Donald Reyes Jr. 1"],
        ),
        (
            "[PERSON Tom Hale] spoke. [PERSON Tim Hale] wrote. [PERSON T. Hale] sang.",
            &["Tom Hale 2", "Tim Hale 1"],
        ),
        (
            "[PERSON Ruth Hale] won. She left. It rained. [PERSON Mark Hale] lost. [PERSON Hale] wept.",
            &["Ruth Hale 1", "Mark Hale 2"],
        ),
        (
            "[PERSON Grace Reading] lives in [GPE Reading]. [PERSON Reading] loves [GPE Reading].",
            &["Grace Reading 2", "Reading 2"],
        ),
    ];
    for (source, expected) in cases {
        assert_eq!(summary(source), expected, "{source}");
    }
}

#[test]
fn titles_and_possessives_are_outside_of_mentions() {
    let source = "[PERSON Senator Ada Lund's] plan. [GPE the United States'] plan.";
    let text = marked(source).0;
    let mentions: Vec<_> =
        entities(source).iter().map(|entity| entity.mentions[0].span.slice(&text).to_owned()).collect();
    assert_eq!(mentions, ["Ada Lund", "United States"]);
}

#[test]
fn a_name_is_without_what_only_stands_around_it() {
    let cases: [(&str, &[&str]); 15] = [
        ("[PERSON Tan Sri Omar Lund] spoke. [PERSON Lund] left.", &["Omar Lund 2"]),
        ("[PERSON Begum Nila Sarkar] spoke.", &["Nila Sarkar 1"]),
        ("[PERSON Qwrtz Vlmk Hun Srey] spoke. [PERSON Hun Srey] left.", &["Hun Srey 2"]),
        ("[PERSON Mary Ann Lund] spoke. [PERSON Ann Lund] left.", &["Mary Ann Lund 2"]),
        ("[PERSON Lund administration] staff left. [PERSON Lund] stayed.", &["Lund 2"]),
        ("[PERSON Yeh throwing Chan] was seen. [PERSON Yeh] fell.", &["Yeh 2"]),
        ("[PERSON Ada Lund, D-Ohio] spoke.", &["Ada Lund 1"]),
        ("[PERSON Lund, Anne-Marie] spoke.", &["Anne-Marie Lund 1"]),
        ("[PERSON Jean van der Moe] spoke.", &["Jean van der Moe 1"]),
        ("[PERSON Board for Roads Ada Lund] spoke.", &["Ada Lund 1"]),
        ("[PERSON Can Lund] win? [PERSON Ada Lund] may.", &["Ada Lund 2"]),
        ("Rich [PERSON Lund] spoke. [PERSON Lund] left.", &["Rich Lund 2"]),
        ("In May [PERSON Lund] spoke.", &["Lund 1"]),
        ("The [ORGANIZATION state Department of Roads] closed.", &["Department of Roads 1"]),
        ("The [ORGANIZATION pro-labor Bridge Alliance] met.", &["Bridge Alliance 1"]),
    ];
    for (source, expected) in cases {
        assert_eq!(summary(source), expected, "{source}");
    }
}

#[test]
fn short_forms_find_the_one_they_are_short_for() {
    let cases: [(&str, &[&str]); 6] = [
        ("[PERSON Mona bin Salem] spoke. [PERSON MBS] left.", &["Mona bin Salem 2"]),
        (
            "[PERSON Han Dong-ho] spoke. [PERSON Han] left. [PERSON Han Duck-su] came. It rained. [PERSON Han] sat.",
            &["Han Dong-ho 2", "Han Duck-su 2"],
        ),
        ("[PERSON Roy Cole Jr.] spoke. [PERSON Cole Jr.] left.", &["Roy Cole Jr. 2"]),
        ("[PERSON Jane D.] spoke. [PERSON Jane Doe] left.", &["Jane Doe 2"]),
        (
            "[ORGANIZATION Bridge Action] met. [ORGANIZATION Bridge Action Council] did not.",
            &["Bridge Action 1", "Bridge Action Council 1"],
        ),
        (
            "[ORGANIZATION Harbour Board of the Isles] met. The [ORGANIZATION Harbour Board] left.",
            &["Harbour Board of the Isles 2"],
        ),
    ];
    for (source, expected) in cases {
        assert_eq!(summary(source), expected, "{source}");
    }
}

#[test]
fn mentions_are_in_order_and_disjoint() {
    for entity in entities("[PERSON Lund] met [PERSON Ada Lund]. [PERSON Lund] left [GPE Oslo].") {
        assert!(entity.mentions.is_sorted_by(|a, b| a.span.end <= b.span.begin), "{entity:?}");
    }
}

#[test]
fn a_source_names_a_body_of_which_the_detector_knew_a_part() {
    let cases: [(&str, &str, Option<&str>); 15] = [
        ("the [GPE Netherlands]’ government", "", Some("Netherlands’ government")),
        ("the [NORP Norwegian] army in [GPE Lima]", "", Some("Norwegian army")),
        ("[GPE Norland]’s former government", "", None),
        ("The [GPE Norland] government", "", Some("Norland government")),
        ("the [PERSON Lund] administration", "", Some("Lund administration")),
        ("[GPE Norland]’s embassy in [GPE Lima]", "", Some("Norland’s embassy in Lima")),
        ("the [GPE Oslo] health ministry", "", Some("Oslo health ministry")),
        ("the health ministry in [GPE Oslo]", "", Some("health ministry in Oslo")),
        ("[GPE Oslo] police", "", Some("Oslo police")),
        // Descriptions of somebody, or of one among several.
        ("the [NORP Norwegian] police", "", None),
        ("a ministry in [GPE Oslo]", "", None),
        ("[PERSON Lund]’s campaign", "", None),
        ("the [NORP Norwegian] company", "", None),
        ("the [PERSON Lund] campaign manager", "", None),
        ("the government", " of [GPE Norland]", None),
    ];
    for (source, rest, expected) in cases {
        let (text, names) = marked(&format!("{source}{rest} said so."));
        let layout = Layout::new(&text);
        let names = names.into_iter().map(|(span, entity_type)| NameSpan {
            words: layout.words_of(span),
            entity_type,
            confidence: 0.9,
        });
        let mut names: Vec<NameSpan> = names.collect();
        let before = names.clone();
        let source = ByteSpan::at(0, marked(source).0.len());
        bodies::complete(&layout, std::iter::once(source), &mut names);
        let found = (names != before).then(|| layout.span_of(&names[0].words).slice(&text));
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn an_acronym_is_declared_behind_a_possessive_too() {
    assert_eq!(
        summary("The [ORGANIZATION Harbour Protection Agency]’s ([ORGANIZATION HPX]) view is narrow."),
        ["Harbour Protection Agency 2"]
    );
}
