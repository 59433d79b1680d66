//! The tokens of a filter: words, quoted strings, signs. Every character of the text belongs to one, to white space between them, or
//! to an error that says where it stands.

use super::Fault;
use std::ops::Range;
use winnow::ascii::multispace0;
use winnow::combinator::{alt, delimited, preceded, repeat};
use winnow::error::{ContextError, ErrMode};
use winnow::prelude::*;
use winnow::stream::LocatingSlice;
use winnow::token::{any, none_of, take_while};

/// One token and the bytes that it covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) at: Range<usize>,
}

/// See [`Token`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Without quotation marks.
    Word(String),
    /// Without its marks, escapes undone.
    Quoted(String),
    Open,
    Close,
    /// `-` before a term.
    Minus,
    Compare(Compare),
}

/// Comparators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compare {
    Has,
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Compare {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Has => ":",
            Self::Equal => "=",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::More => ">",
            Self::AtLeast => ">=",
        }
    }
}

type Input<'t> = LocatingSlice<&'t str>;
type Parsed<T> = Result<T, ErrMode<ContextError>>;

/// The tokens of `text`, in order.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let mut input = LocatingSlice::new(text);
    let all: Parsed<Vec<Token>> = repeat(0.., preceded(multispace0, token)).parse_next(&mut input);
    let mut rest = input;
    let done: Parsed<&str> = multispace0.parse_next(&mut rest);
    let left: &str = &rest;
    match (all, done) {
        (Ok(tokens), Ok(_)) if left.is_empty() => Ok(tokens),
        _ => {
            let at = text.len() - left.len();
            let what = match left.chars().next() {
                Some('"' | '\'') => "a closing quotation mark".to_owned(),
                _ => "a word, a quoted string, a comparison or a parenthesis".to_owned(),
            };
            Err(Fault { at, expected: what })
        }
    }
}

fn token(input: &mut Input<'_>) -> Parsed<Token> {
    let kind = alt((
        quoted('"').map(Kind::Quoted),
        quoted('\'').map(Kind::Quoted),
        '('.value(Kind::Open),
        ')'.value(Kind::Close),
        '-'.value(Kind::Minus),
        compare.map(Kind::Compare),
        take_while(1.., is_word).map(|word: &str| Kind::Word(word.to_owned())),
    ));
    kind.with_span().map(|(kind, at)| Token { kind, at }).parse_next(input)
}

fn compare(input: &mut Input<'_>) -> Parsed<Compare> {
    alt((
        "<=".value(Compare::AtMost),
        ">=".value(Compare::AtLeast),
        "!=".value(Compare::Unequal),
        "<".value(Compare::Less),
        ">".value(Compare::More),
        "=".value(Compare::Equal),
        ":".value(Compare::Has),
    ))
    .parse_next(input)
}

/// What a word is made of: all but white space and the signs of the language. A `-` within it is its own.
fn is_word(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '"' | '\'' | '(' | ')' | '<' | '>' | '=' | '!' | ':' | ',')
}

fn quoted<'t>(mark: char) -> impl Parser<Input<'t>, String, ErrMode<ContextError>> {
    let escaped = preceded('\\', any);
    let character = alt((escaped, none_of([mark, '\\'])));
    delimited(mark, repeat(0.., character), mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_cover_the_text() {
        let kinds = |text: &str| tokens(text).map(|all| all.into_iter().map(|t| t.kind).collect::<Vec<_>>());
        let word = |text: &str| Kind::Word(text.to_owned());
        assert_eq!(
            kinds(r#"a>=-b.c:"d\" e" ('f') wait-list*"#).unwrap(),
            [
                word("a"),
                Kind::Compare(Compare::AtLeast),
                Kind::Minus,
                word("b.c"),
                Kind::Compare(Compare::Has),
                Kind::Quoted("d\" e".into()),
                Kind::Open,
                Kind::Quoted("f".into()),
                Kind::Close,
                word("wait-list*"),
            ]
        );
        assert_eq!(kinds(" \n").unwrap(), []);
        for (text, at) in [("a \"b", 2), ("a ! b", 2), ("'", 0), ("a,b", 1)] {
            assert_eq!(tokens(text).unwrap_err().at, at, "{text}");
        }
    }
}
