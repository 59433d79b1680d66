//! Who may do what.

use super::*;

fn principal(scopes: &[Scope], collections: &[&str]) -> Principal {
    Principal {
        scopes: scopes.iter().copied().collect(),
        reach: Reach::parse(collections).unwrap(),
        expires: Some("2026-06-01T00:01:00Z".parse().unwrap()),
        ..Principal::local()
    }
}

#[test]
fn a_call_takes_the_scope_and_the_collection_and_what_is_out_of_reach_is_hidden_first() {
    let now = START.parse().unwrap();
    let reader = principal(&[Scope::Read], &["news-*", "open"]);
    let writer = principal(&[Scope::Write], &["*"]);
    let nobody = principal(&[], &[]);
    let lacks = |scope| Decision::Denied(Lack::Scope(scope));
    use Decision::{Allowed, Hidden};
    use Scope::{Admin, Read, Write};
    for (who, need, decision) in [
        (&reader, Need::of(Read, "news-uk"), Allowed),
        (&reader, Need::of(Read, "open"), Allowed),
        (&reader, Need::of(Read, "default"), Hidden),
        (&reader, Need::of(Write, "default"), Hidden),
        (&reader, Need::of(Admin, "default"), Hidden),
        (&reader, Need::of(Write, "news-uk"), lacks(Write)),
        (&reader, Need::of(Admin, "open"), lacks(Admin)),
        (&reader, Need::known(Read), Allowed),
        (&reader, Need::known(Write), lacks(Write)),
        (&reader, Need::all(Read), Decision::Denied(Lack::AllCollections)),
        (&writer, Need::of(Write, "anything"), Allowed),
        (&writer, Need::of(Read, "anything"), lacks(Read)),
        (&writer, Need::all(Write), Allowed),
        (&writer, Need::all(Admin), lacks(Admin)),
        (&nobody, Need::of(Read, "open"), Hidden),
        (&nobody, Need::known(Read), lacks(Read)),
    ] {
        assert_eq!(who.decide(need, now), decision, "{need:?}");
        assert_eq!(who.decide(need, "2026-06-01T00:00:59.9Z".parse().unwrap()), decision);
        assert_eq!(who.decide(need, "2026-06-01T00:01:00Z".parse().unwrap()), Decision::Expired);
        assert_eq!(Principal::local().decide(need, jiff::Timestamp::MAX), Allowed);
    }
}

#[test]
fn of_many_collections_those_are_left_that_may_be_read() {
    let all = ["default", "news-uk", "open", "news-us"];
    let readable = |who: &Principal| who.readable(all).collect::<Vec<_>>();
    assert_eq!(readable(&principal(&[Scope::Read], &["news-*"])), ["news-uk", "news-us"]);
    assert_eq!(readable(&Principal::local()), all);
    assert!(readable(&principal(&[Scope::Write, Scope::Admin], &["*"])).is_empty());
}
