//! Which keys count.

use super::*;

#[test]
fn unknown_wrong_and_revoked_keys_are_answered_alike_and_expiry_is_told_to_holders_only() {
    let (house, reader) = House::new();
    let expires = "2026-06-01T00:01:00Z".parse().unwrap();
    let brief = house.make(NewKey { expires: Some(expires), ..new_key("brief", &["*"]) });
    let lost = house.make(new_key("lost", &["*"]));
    house.book().revoke("lost", house.clock.now()).unwrap();
    let unknown = KeyText::new(Some("unknown".into())).unwrap();
    let guard = house.guard();
    use Unauthenticated::{Expired, Malformed, Refused};

    assert_eq!(&*show(&guard, &reader).unwrap().id, "key:reader");
    assert_eq!(&*show(&guard, &reader).unwrap().name, "reader of the tests");
    assert!(show(&guard, &brief).is_ok());
    house.clock.advance(Duration::from_secs(60));
    for (text, answer, cause) in [
        (unknown.to_string(), Refused, "no such key"),
        (other_secret(&reader), Refused, "the secret is wrong"),
        (other_secret(&lost), Refused, "the secret is wrong"),
        (other_secret(&brief), Refused, "the secret is wrong"),
        (lost.to_string(), Refused, "the key is revoked"),
        (brief.to_string(), Expired, "the key has expired"),
        (format!("{reader}a"), Malformed, "begins like a key and is none"),
        (reader.to_string().to_uppercase(), Malformed, "no Bearer key or token"),
        ("dictum_reader".into(), Malformed, "begins like a key and is none"),
    ] {
        assert_eq!(refusal(&guard, &text), (answer, cause), "{text}");
    }
    let answers = [unknown.to_string(), other_secret(&reader), lost.to_string()]
        .map(|key| show(&guard, key).unwrap_err().to_string());
    assert!(answers.iter().all(|answer| answer == "the credential is not accepted"), "{answers:?}");
    assert_eq!(show(&guard, &lost).unwrap_err().claimed.as_deref(), Some("lost"));
}

#[test]
fn what_is_not_set_up_does_not_count() {
    let (house, key) = House::new();
    let quotas = QuotaSettings::default();
    let settings = AccessSettings { keys: None, tokens: Some(house.tokens()) };
    let guard = Guard::new(settings, quotas, house.clock.clone()).unwrap();
    assert_eq!(refusal(&guard, key), (Unauthenticated::Refused, "keys are not set up"));
    let settings = AccessSettings { keys: Some(house.keys()), tokens: None };
    let guard = Guard::new(settings, quotas, house.clock.clone()).unwrap();
    assert_eq!(refusal(&guard, "a.b.c"), (Unauthenticated::Refused, "tokens are not set up"));
    let nothing = Guard::new(AccessSettings::default(), quotas, house.clock.clone());
    assert!(matches!(nothing, Err(LoadError::Nothing)));
    let anybodys = TokenSettings { audiences: vec![], ..house.tokens() };
    let settings = AccessSettings { keys: None, tokens: Some(anybodys) };
    let guard = Guard::new(settings, quotas, house.clock.clone());
    assert!(matches!(guard, Err(LoadError::Setting { key: "audiences", .. })));
}

#[test]
fn neither_errors_nor_debug_output_show_a_secret() {
    let (house, key) = House::new();
    let guard = house.guard();
    let secret = key.to_string().rsplit_once('_').unwrap().1.to_owned();
    let wrong = format!("dictum_other_{secret}");
    for text in [format!("{:?}", show(&guard, &wrong)), format!("{guard:?}"), format!("{key:?}")] {
        assert!(!text.contains(&secret), "{text}");
    }
}
