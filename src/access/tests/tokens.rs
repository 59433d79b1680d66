//! Which tokens count.

use super::*;
use data_encoding::BASE64URL_NOPAD;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::OnceLock;

/// Claims that count, with changes; a change to `null` takes a claim away.
fn claims(changes: Value) -> Value {
    let start = START.parse::<jiff::Timestamp>().unwrap().as_second();
    let mut claims =
        json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "exp": start + 60, "scope": "read" });
    let Value::Object(changes) = changes else { unreachable!() };
    for (claim, value) in changes {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(&claim),
            value => claims.as_object_mut().unwrap().insert(claim, value),
        };
    }
    claims
}

#[test]
fn every_asymmetric_algorithm_counts_with_its_own_key_and_no_other() {
    let (house, _) = House::new();
    let guard = house.guard();
    for algorithm in ["EdDSA", "ES256", "ES384", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] {
        let token = house.issuer.token(algorithm, &claims(json!({})));
        let principal = show(&guard, &token).unwrap();
        assert_eq!((&*principal.id, &*principal.name), ("token:https://login.example#ada", "ada"));
        let (message, signature) = token.rsplit_once('.').unwrap();
        let mut bytes = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
        bytes[7] ^= 1;
        let forged = format!("{message}.{}", BASE64URL_NOPAD.encode(&bytes));
        assert_eq!(refusal(&guard, forged), (Unauthenticated::Refused, "the token's signature is wrong"));
        for kid in ["ed", "p256", "p384", "rsa", "other use", "other kind"] {
            let token =
                house.issuer.signed(algorithm, &json!({ "alg": algorithm, "kid": kid }), &claims(json!({})));
            let own = show(&guard, &token).is_ok();
            assert_eq!(own, algorithm_fits(algorithm, kid), "{algorithm} by {kid}");
        }
    }
}

fn algorithm_fits(algorithm: &str, kid: &str) -> bool {
    matches!((&algorithm[..2], kid), ("Ed", "ed") | ("RS" | "PS", "rsa"))
        || matches!((algorithm, kid), ("ES256", "p256") | ("ES384", "p384"))
}

#[test]
fn a_key_that_says_its_algorithm_is_for_that_one_alone() {
    let (house, _) = House::new();
    let mut set = house.issuer.jwks();
    set["keys"][3]["alg"] = json!("PS256");
    std::fs::write(house.jwks(), set.to_string()).unwrap();
    let guard = house.guard();
    assert!(show(&guard, house.issuer.token("PS256", &claims(json!({})))).is_ok());
    for other in ["RS256", "PS384"] {
        let token = house.issuer.token(other, &claims(json!({})));
        assert_eq!(refusal(&guard, token).1, "the token's algorithm is none of its key");
    }
}

#[test]
fn headers_that_try_to_choose_how_they_are_checked_are_refused() {
    let (house, _) = House::new();
    let guard = house.guard();
    let sign = |algorithm, header| house.issuer.signed(algorithm, &header, &claims(json!({})));
    for (token, answer, cause) in [
        (
            sign("none", json!({ "alg": "none" })),
            Unauthenticated::Malformed,
            "the token's header cannot be read",
        ),
        (
            sign("none", json!({ "alg": "EdDSA", "kid": "ed" })),
            Unauthenticated::Refused,
            "the token's signature is wrong",
        ),
        (
            sign("HS256", json!({ "alg": "HS256", "kid": "ed" })),
            Unauthenticated::Refused,
            "the token's algorithm is none of its key",
        ),
        (
            sign("HS256", json!({ "alg": "EdDSA", "kid": "ed" })),
            Unauthenticated::Refused,
            "the token's signature is wrong",
        ),
        (
            sign("EdDSA", json!({ "alg": "EdDSA", "kid": "old" })),
            Unauthenticated::Refused,
            "the token names a key that is not here",
        ),
        (
            sign("EdDSA", json!({ "alg": "EdDSA" })),
            Unauthenticated::Refused,
            "the token names no key, and there are several",
        ),
        (
            sign("EdDSA", json!({ "kid": "ed" })),
            Unauthenticated::Malformed,
            "the token's header cannot be read",
        ),
        (
            sign("EdDSA", json!({ "alg": "EdDSA", "kid": "ed", "crit": ["b64"], "b64": false })),
            Unauthenticated::Refused,
            "the token has critical extensions",
        ),
    ] {
        assert_eq!(refusal(&guard, &token), (answer, cause), "{token}");
    }
}

#[test]
fn a_token_without_a_kid_counts_where_there_is_one_key() {
    let (house, _) = House::new();
    let mut set = house.issuer.jwks();
    set["keys"].as_array_mut().unwrap().truncate(1);
    std::fs::write(house.jwks(), set.to_string()).unwrap();
    let token = house.issuer.signed("EdDSA", &json!({ "alg": "EdDSA" }), &claims(json!({})));
    assert!(show(&house.guard(), token).is_ok());
}

#[test]
fn claims_must_all_be_there_and_fit() {
    let (house, _) = House::new();
    let guard = house.guard();
    let start = START.parse::<jiff::Timestamp>().unwrap().as_second();
    use Unauthenticated::{Expired, Refused};
    for (changes, answer, cause) in [
        (json!({ "iss": "https://other.example" }), Refused, "the token is of another issuer"),
        (json!({ "iss": null }), Refused, "the token's claims cannot be read"),
        (json!({ "iss": [ISSUER] }), Refused, "the token's claims cannot be read"),
        (json!({ "aud": "others" }), Refused, "the token is for another audience"),
        (json!({ "aud": [] }), Refused, "the token is for another audience"),
        (json!({ "aud": null }), Refused, "the token lacks exp, iss, aud or sub"),
        (json!({ "aud": 7 }), Refused, "the token lacks exp, iss, aud or sub"),
        (json!({ "exp": null }), Refused, "the token's claims cannot be read"),
        (json!({ "exp": "tomorrow" }), Refused, "the token's claims cannot be read"),
        (json!({ "exp": 1e18 }), Refused, "the token's exp or nbf is no time"),
        (json!({ "exp": start - 30 }), Expired, "the token has expired"),
        (json!({ "nbf": start + 31 }), Refused, "the token does not count yet"),
        (json!({ "nbf": "now" }), Refused, "the token's claims cannot be read"),
        (json!({ "sub": null }), Refused, "the token's claims cannot be read"),
        (json!({ "sub": "" }), Refused, "the token's sub is empty, too long or no line of text"),
        (json!({ "sub": "a\nb" }), Refused, "the token's sub is empty, too long or no line of text"),
        (json!({ "scope": 7 }), Refused, "the token's scopes are neither text nor a list of it"),
        (json!({ "scope": ["read", 7] }), Refused, "the token's scopes are neither text nor a list of it"),
        (
            json!({ "dictum_collections": true }),
            Refused,
            "the token's collections are neither text nor a list of it",
        ),
        (json!({ "dictum_collections": ["a/b"] }), Refused, "the token names what can be no collection"),
    ] {
        let token = house.issuer.token("EdDSA", &claims(changes.clone()));
        assert_eq!(refusal(&guard, token), (answer, cause), "{changes}");
    }
    for changes in [
        json!({ "exp": start - 29 }),
        json!({ "exp": f64::from(u32::try_from(start).unwrap()) + 0.5 }),
        json!({ "nbf": start + 30 }),
        json!({ "aud": ["others", AUDIENCE] }),
    ] {
        let token = house.issuer.token("EdDSA", &claims(changes.clone()));
        assert!(show(&guard, token).is_ok(), "{changes}");
    }
}

#[test]
fn scopes_and_collections_are_read_from_text_and_lists_and_from_where_the_settings_say() {
    let (house, _) = House::new();
    let plain = house.tokens();
    let elsewhere = TokenSettings {
        scope_claim: "/realm/roles".into(),
        scope_prefix: "dictum.".into(),
        collections_claim: "https://example/collections".into(),
        default_collections: Reach::parse(&["open"]).unwrap(),
        ..plain.clone()
    };
    for (settings, changes, scopes, collections) in [
        (&plain, json!({ "scope": "openid read  write" }), &[Scope::Read, Scope::Write][..], &[][..]),
        (&plain, json!({ "scope": ["admin", "Read"] }), &[Scope::Admin], &[]),
        (&plain, json!({ "scope": null, "dictum_collections": "news-* open" }), &[], &["news-*", "open"]),
        (&plain, json!({ "dictum_collections": ["*"] }), &[Scope::Read], &["*"]),
        (&plain, json!({ "dictum_collections": [] }), &[Scope::Read], &[]),
        (&elsewhere, json!({ "realm": { "roles": ["dictum.write", "read"] } }), &[Scope::Write], &["open"]),
        (&elsewhere, json!({ "https://example/collections": [] }), &[], &[]),
    ] {
        let guard = house.guard_with(settings.clone());
        let principal = show(&guard, house.issuer.token("ES256", &claims(changes.clone()))).unwrap();
        assert_eq!(principal.scopes, scopes.iter().copied().collect(), "{changes}");
        assert_eq!(principal.reach.patterns().collect::<Vec<_>>(), collections, "{changes}");
    }
}

#[test]
fn a_token_stands_until_it_expires() {
    let (house, _) = House::new();
    let guard = house.guard();
    let principal = show(&guard, house.issuer.token("EdDSA", &claims(json!({})))).unwrap();
    house.clock.advance(Duration::from_secs(89));
    assert!(guard.again(&principal).is_ok());
    house.clock.advance(Duration::from_secs(1));
    assert_eq!(guard.again(&principal).unwrap_err().answer, Unauthenticated::Expired);
}

/// For as many calls as there are.
fn shared() -> &'static (Guard, Issuer) {
    static SHARED: OnceLock<(Guard, Issuer)> = OnceLock::new();
    SHARED.get_or_init(|| {
        let (house, _) = House::new();
        (house.guard(), house.issuer)
    })
}

proptest! {
    #[test]
    fn no_text_makes_the_guard_panic_or_lets_anybody_in(
        text in "(?s)(dictum_)?.{0,60}",
        parts in "[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}",
        header: Vec<u8>,
    ) {
        let (guard, _) = shared();
        prop_assert!(show(guard, text).is_err());
        prop_assert!(show(guard, parts).is_err());
        prop_assert!(guard.authenticate([&header[..]]).is_err());
    }

    #[test]
    fn no_claims_make_the_guard_panic(
        exp: f64, nbf: i64, sub: String, scope in "(?s).{0,30}", list: Vec<u8>,
    ) {
        let (guard, issuer) = shared();
        let changes = json!({ "exp": exp, "nbf": nbf, "sub": sub, "scope": scope, "dictum_collections": list });
        let _ = show(guard, issuer.token("EdDSA", &claims(changes)));
    }
}
