//! Which collections a caller may know of: all, some by their ids, some by how their ids begin. Whether a collection
//! exists is unknown here, so one that is made later is within reach where its id fits.

use std::fmt;

/// Most patterns of one reach.
const MAX_PATTERNS: usize = 1024;
/// Longest id of a collection, in bytes.
const MAX_ID_BYTES: usize = 128;

/// A set of collections, by patterns of their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach(Vec<Pattern>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    Exact(Box<str>),
    /// `*` alone is the empty prefix.
    Prefix(Box<str>),
}

/// What is no set of collections.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReachFault {
    /// A pattern that no id could fit.
    #[error(
        "{0:?} is no collection; write \"*\" for all, an id (letters, digits and . _ ~ -), or its beginning and a \
         star, \"news-*\""
    )]
    Pattern(String),
    /// Too many to go through at each call.
    #[error("{0} collections are named; at most {MAX_PATTERNS} may be")]
    TooMany(usize),
}

impl Reach {
    /// All collections, those to come included.
    pub fn everything() -> Self {
        Self(vec![Pattern::Prefix("".into())])
    }

    /// No collection.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Reads `*`, `id` and `prefix*`.
    pub fn parse<T: AsRef<str>>(patterns: &[T]) -> Result<Self, ReachFault> {
        if patterns.len() > MAX_PATTERNS {
            return Err(ReachFault::TooMany(patterns.len()));
        }
        patterns.iter().map(|text| Pattern::parse(text.as_ref())).collect::<Result<_, _>>().map(Self)
    }

    /// Whether the collection is within reach.
    pub fn allows(&self, collection: &str) -> bool {
        self.0.iter().any(|pattern| match pattern {
            Pattern::Exact(id) => **id == *collection,
            Pattern::Prefix(prefix) => collection.starts_with(&**prefix),
        })
    }

    /// Whether every collection is, whatever its id.
    pub fn is_everything(&self) -> bool {
        self.0.iter().any(|pattern| matches!(pattern, Pattern::Prefix(prefix) if prefix.is_empty()))
    }

    /// The patterns as they are written.
    pub fn patterns(&self) -> impl Iterator<Item = String> + '_ {
        self.0.iter().map(Pattern::to_string)
    }
}

impl Pattern {
    fn parse(text: &str) -> Result<Self, ReachFault> {
        let (stem, is_prefix) = match text.strip_suffix('*') {
            Some(stem) => (stem, true),
            None => (text, false),
        };
        let fits = stem.len() <= MAX_ID_BYTES
            && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_~".contains(&byte));
        match (fits, is_prefix) {
            (true, true) => Ok(Self::Prefix(stem.into())),
            (true, false) if !stem.is_empty() => Ok(Self::Exact(stem.into())),
            _ => Err(ReachFault::Pattern(text.to_owned())),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(id) => f.write_str(id),
            Self::Prefix(prefix) => write!(f, "{prefix}*"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_reach_what_they_say_and_nothing_else() {
        for (patterns, inside, outside) in [
            (&["*"][..], &["default", "x", ""][..], &[][..]),
            (&["news"], &["news"], &["news-uk", "new", "News", ""]),
            (&["news-*"], &["news-", "news-uk"], &["news", "xnews-uk"]),
            (&["a", "b*"], &["a", "b", "bc"], &["c", "ab"]),
            (&[], &[], &["default"]),
        ] {
            let reach = Reach::parse(patterns).unwrap();
            assert!(inside.iter().all(|id| reach.allows(id)), "{patterns:?}");
            assert!(!outside.iter().any(|id| reach.allows(id)), "{patterns:?}");
            assert_eq!(reach.patterns().collect::<Vec<_>>(), patterns);
            assert_eq!(reach.is_everything(), patterns.contains(&"*"));
        }
    }

    #[test]
    fn what_no_id_could_fit_is_refused() {
        for text in ["", "a*b", "**", "a b", "ä", "a/b", &"x".repeat(129)] {
            assert!(matches!(Reach::parse(&[text]), Err(ReachFault::Pattern(_))), "{text}");
        }
        assert_eq!(Reach::parse(&vec!["a"; 1025]), Err(ReachFault::TooMany(1025)));
    }
}
