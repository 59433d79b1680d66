//! The mix, from a vocabulary that is made up.

use super::*;
use crate::cli::bench::vocabulary::{Known, Said};
use crate::transport::wire::VerifyQuoteRequest;
use prost::Message;
use std::collections::BTreeSet;

fn vocabulary() -> Vocabulary {
    let known = |name: &str| Known { name: name.into(), resource: format!("collections/c/entities/{name}") };
    Vocabulary {
        parent: "collections/c".into(),
        speakers: vec![known("Ada \"the\" Quinn"), known("Bram Marlow")],
        mentioned: vec![known("Oslo")],
        sources: vec!["Wire".into(), "Gazette".into()],
        quotes: vec![Said {
            resource: "collections/c/documents/d/quotes/q".into(),
            document: "collections/c/documents/d".into(),
            text: "“We will wait for the harbour”".into(),
            speaker: "Ada Quinn".into(),
        }],
    }
}

fn asked(mix: &Mix, seed: u64) -> Vec<Prepared> {
    let mut random = Rng::with_seed(seed);
    (0..2_000).map(|_| mix.question(&mut random)).collect()
}

#[test]
fn every_kind_is_asked_and_follows_from_the_seed() {
    let mix = Mix::new(vocabulary(), Sorts::new(&[], false).unwrap());
    let calls = |seed| asked(&mix, seed).into_iter().map(|one| one.call).collect::<Vec<_>>();
    let seen: BTreeSet<_> = calls(1).into_iter().collect();
    assert_eq!(seen.len(), KINDS.len());
    assert_eq!(calls(5), calls(5));
    let words = calls(1).iter().filter(|call| call.variant == "word").count();
    let total: u32 = KINDS.iter().map(|kind| kind.weight).sum();
    let share = 2_000.0 * 20.0 / f64::from(total);
    assert!((words as f64 - share).abs() < share / 4.0, "{words} of {share}");
}

#[test]
fn nothing_is_asked_for_by_name_where_it_may_have_gone() {
    let mix = Mix::new(vocabulary(), Sorts::new(&[], true).unwrap());
    for one in asked(&mix, 2) {
        assert!(!KINDS.iter().any(|kind| kind.by_name && one.call.method.ends_with(kind.method)), "{one:?}");
    }
}

#[test]
fn one_method_can_be_asked_alone_and_another_name_is_refused_with_those_that_are() {
    let mix = Mix::new(vocabulary(), Sorts::new(&["VerifyQuote".into()], false).unwrap());
    for one in asked(&mix, 3) {
        assert_eq!(&*one.call.method, "dictum.v1.VerifyService/VerifyQuote");
        let request = VerifyQuoteRequest::decode(one.message).unwrap();
        assert!(!request.text.is_empty());
    }
    let error = Sorts::new(&["GetQuote".into()], true).unwrap_err();
    assert!(error.starts_with("--method GetQuote: is none of SearchQuotes, "), "{error}");
}

#[test]
fn names_cannot_break_out_of_an_expression() {
    assert_eq!(put::quoted("Ada \"the\" \\ Quinn"), "\"Ada  the    Quinn\"");
}

#[test]
fn a_service_without_speakers_is_still_asked() {
    let sorts = Sorts::new(&["GetSpeakerTimeline".into()], false).unwrap();
    let mix = Mix::new(Vocabulary { speakers: Vec::new(), ..vocabulary() }, sorts);
    assert_eq!(mix.question(&mut Rng::with_seed(1)).call.variant, "all");
}
