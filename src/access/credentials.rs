//! From the header `authorization` to a credential: its form alone, since whether it counts is for `keys` and `tokens`.
//! There is this one header and one scheme, `Bearer`; a second way in would be a second thing to forget in proxies and
//! logs. Several headers are refused, as a proxy may have looked at another one than this service would.

use super::keys::PREFIX;
use super::{Rejection, Unauthenticated};

/// Longest credential, in bytes; tokens of large groups have some 4 KiB.
const MAX_BYTES: usize = 16 << 10;

/// A credential by its form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Credential<'a> {
    /// Begins like a key of this service.
    Key(&'a str),
    /// Three parts between dots, as signed tokens have.
    Token(&'a str),
}

impl<'a> Credential<'a> {
    /// Reads the values of all `authorization` headers of a call, as they came.
    pub fn parse(headers: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, Rejection> {
        let mut headers = headers.into_iter();
        let first =
            headers.next().ok_or(Rejection::new(Unauthenticated::Missing, "no authorization header"))?;
        if headers.next().is_some() {
            return Err(Rejection::new(Unauthenticated::Ambiguous, "several authorization headers"));
        }
        Self::of(first).ok_or(Rejection::new(Unauthenticated::Malformed, "no Bearer key or token"))
    }

    fn of(header: &'a [u8]) -> Option<Self> {
        let (scheme, text) = std::str::from_utf8(header).ok()?.trim_matches(' ').split_once(' ')?;
        let text = text.trim_start_matches(' ');
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        if !scheme.eq_ignore_ascii_case("bearer") || text.len() > MAX_BYTES || !text.bytes().all(plain) {
            return None;
        }
        match (text.starts_with(PREFIX), text.matches('.').count()) {
            (true, _) => Some(Self::Key(text)),
            (false, 2) => Some(Self::Token(text)),
            _ => None,
        }
    }
}

impl std::fmt::Debug for Credential<'_> {
    /// A credential in a log is a credential lost.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Key(_) => "Key(…)",
            Self::Token(_) => "Token(…)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse<'a>(headers: &'a [&'a str]) -> Result<Credential<'a>, Unauthenticated> {
        Credential::parse(headers.iter().map(|header| header.as_bytes()))
            .map_err(|rejection| rejection.answer)
    }

    #[test]
    fn one_bearer_header_is_a_credential_by_its_form() {
        assert_eq!(parse(&["Bearer dictum_a_b"]), Ok(Credential::Key("dictum_a_b")));
        assert_eq!(parse(&["bEARER   a.b.c "]), Ok(Credential::Token("a.b.c")));
        assert_eq!(parse(&[]), Err(Unauthenticated::Missing));
        assert_eq!(parse(&["Bearer a.b.c", "Bearer a.b.c"]), Err(Unauthenticated::Ambiguous));
        let long = format!("Bearer dictum_{}", "a".repeat(MAX_BYTES));
        for header in [
            "",
            "Bearer",
            "Bearer ",
            "Basic a.b.c",
            "a.b.c",
            "Bearer a.b",
            "Bearer a b.c.d",
            "Bearer ä.b.c",
            &long,
        ] {
            assert_eq!(parse(&[header]), Err(Unauthenticated::Malformed), "{header}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_credential_or_malformed(header: Vec<u8>, text in "(?s)[Bb]earer +.{0,40}") {
            for header in [&header[..], text.as_bytes()] {
                match Credential::parse([header]) {
                    Ok(Credential::Key(text) | Credential::Token(text)) => prop_assert!(text.is_ascii()),
                    Err(rejection) => prop_assert_eq!(rejection.answer, Unauthenticated::Malformed),
                }
            }
        }
    }
}
