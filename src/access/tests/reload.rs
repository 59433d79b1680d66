//! Files that change while the service runs.

use super::*;
use serde_json::json;

#[test]
fn a_changed_file_is_noticed_and_counts_after_a_reload() {
    let (house, reader) = House::new();
    let guard = house.guard();
    assert!(!guard.changed());
    let next = house.make(new_key("next", &["*"]));
    assert!(guard.changed());
    assert!(show(&guard, &next).is_err());
    assert_eq!(guard.reload().unwrap(), Loaded { keys: 2, public_keys: 4 });
    assert!(!guard.changed());
    assert!(show(&guard, &next).is_ok() && show(&guard, &reader).is_ok());
}

#[test]
fn a_broken_file_leaves_all_as_it_was_and_is_tried_once() {
    let (house, reader) = House::new();
    let guard = house.guard();
    let good = std::fs::read(house.keys()).unwrap();
    let set = std::fs::read(house.jwks()).unwrap();
    house.book().revoke("reader", house.clock.now()).unwrap();
    std::fs::write(house.jwks(), "{").unwrap();
    assert!(matches!(guard.reload(), Err(LoadError::Jwks { .. })));
    assert!(show(&guard, &reader).is_ok(), "half of a reload came into force");
    std::fs::write(house.jwks(), &set).unwrap();
    for broken in [&b"version = 1\n[[key]]"[..], b"\xff", b""] {
        std::fs::write(house.keys(), broken).unwrap();
        assert!(guard.changed());
        assert!(guard.reload().is_err());
        assert!(!guard.changed());
        assert!(show(&guard, &reader).is_ok());
    }
    std::fs::remove_file(house.keys()).unwrap();
    assert!(guard.changed());
    assert!(matches!(guard.reload(), Err(LoadError::Read { .. })));
    assert!(show(&guard, &reader).is_ok());
    std::fs::write(house.keys(), good).unwrap();
    assert!(guard.changed());
    assert!(guard.reload().is_ok());
}

#[test]
fn a_call_that_lasts_sees_that_its_key_is_revoked_or_changed() {
    let (house, reader) = House::new();
    let guard = house.guard();
    let principal = show(&guard, &reader).unwrap();
    assert_eq!(guard.again(&principal).unwrap(), principal);
    let text = std::fs::read_to_string(house.keys()).unwrap();
    std::fs::write(house.keys(), text.replace("news-*", "open")).unwrap();
    guard.reload().unwrap();
    let now = guard.again(&principal).unwrap();
    assert!(now.reach.allows("open") && !now.reach.allows("news-uk"));
    house.book().revoke("reader", house.clock.now()).unwrap();
    guard.reload().unwrap();
    assert_eq!(guard.again(&principal).unwrap_err().cause, "the key is revoked");
    std::fs::write(house.keys(), "version = 1").unwrap();
    guard.reload().unwrap();
    assert_eq!(guard.again(&principal).unwrap_err().answer, Unauthenticated::Refused);
}

#[test]
fn what_was_used_stays_used_unless_the_limits_change() {
    let (house, _) = House::new();
    let quotas = Limits { requests_per_second: Some(1), ..Limits::default() };
    let key = house.make(NewKey { quotas, ..new_key("slow", &["*"]) });
    let guard = house.guard();
    let call = || guard.meter(&show(&guard, &key).unwrap()).request();
    assert!(call().is_ok() && call().is_err());
    house.make(new_key("another", &["*"]));
    guard.reload().unwrap();
    assert!(call().is_err());
    let text = std::fs::read_to_string(house.keys()).unwrap();
    std::fs::write(house.keys(), text.replace("requests_per_second = 1", "requests_per_second = 2")).unwrap();
    guard.reload().unwrap();
    assert!(call().is_ok() && call().is_ok() && call().is_err());
}

#[test]
fn keys_of_an_issuer_turn_over() {
    let (house, _) = House::new();
    let guard = house.guard();
    let next = Issuer::new();
    let exp = START.parse::<jiff::Timestamp>().unwrap().as_second() + 60;
    let claims = json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "exp": exp });
    let (old, new) = (house.issuer.token("ES256", &claims), next.token("ES256", &claims));
    assert!(show(&guard, &old).is_ok() && show(&guard, &new).is_err());
    std::fs::write(house.jwks(), next.jwks().to_string()).unwrap();
    guard.reload().unwrap();
    assert!(show(&guard, &old).is_err() && show(&guard, &new).is_ok());
}
