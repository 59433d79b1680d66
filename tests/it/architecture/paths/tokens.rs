//! Paths among tokens that are not parsed: what is handed to macros, bodies of macros, lists in attributes.

use super::{Reader, name};
use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

impl Reader {
    /// Notes every path of two names or more, imports, and macros called by their bare names. In attributes, string
    /// literals may be paths too.
    pub(super) fn tokens(&mut self, stream: TokenStream, is_attribute: bool) {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => self.tokens(group.stream(), is_attribute),
                TokenTree::Literal(literal) if is_attribute => self.literal(&literal.to_string()),
                TokenTree::Punct(dollar) if dollar.as_char() == '$' && is_variable(&tokens, at + 1) => {
                    at = names(&tokens, at + 1).1;
                    continue;
                }
                TokenTree::Ident(_) => {
                    at = self.path_at(&tokens, at);
                    continue;
                }
                TokenTree::Punct(_) if is_colons(&tokens, at) => {
                    // After a type in angle brackets comes the name of something of that type.
                    let of_type = at > 0 && is_punct(&tokens[at - 1], '>');
                    at = if of_type { at + 3 } else { self.path_at(&tokens, at) };
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// Reads the path at `at` and what follows it; returns where to go on.
    fn path_at(&mut self, tokens: &[TokenTree], begin: usize) -> usize {
        let is_import = begin > 0 && is_ident(&tokens[begin - 1], "use");
        let (path, at) = names(tokens, begin);
        match tokens.get(at) {
            Some(TokenTree::Group(group))
                if is_after_colons(tokens, at) && group.delimiter() == Delimiter::Brace =>
            {
                self.group(&path, group.stream());
                return at + 1;
            }
            Some(star) if is_after_colons(tokens, at) && is_punct(star, '*') => {
                self.import(&path, true);
                return at + 1;
            }
            Some(next) if is_import => self.import(&path, is_ident(next, "as")),
            Some(bang) if path.len() == 1 && is_punct(bang, '!') => {
                if matches!(tokens.get(at + 1), Some(TokenTree::Group(_))) {
                    self.bare_macro(&path[0]);
                }
            }
            _ if path.len() > 1 => self.path(&path),
            // A macro that is handed the standard library may put anything behind its name.
            _ if path[0] == "std" => self.import(&path, true),
            _ => {}
        }
        at.max(begin + 1)
    }

    /// Reads the group of an import.
    fn group(&mut self, prefix: &[String], stream: TokenStream) {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        for leaf in tokens.split(|token| is_punct(token, ',')) {
            let (rest, at) = names(leaf, 0);
            let path = [prefix, &rest].concat();
            match leaf.get(at) {
                Some(TokenTree::Group(group)) => self.group(&path, group.stream()),
                Some(_) => self.import(&path, true),
                None if !rest.is_empty() => self.import(&path, false),
                None => {}
            }
        }
    }

    /// A literal that holds a path (`#[serde(with = "a::b")]`).
    fn literal(&mut self, literal: &str) {
        if let Ok(tokens) = literal.trim_matches('"').parse::<TokenStream>()
            && literal.contains("::")
        {
            self.tokens(tokens, false);
        }
    }
}

/// The names of the path at `at`, and where it ends. Where more follows its last colons, the end is behind them.
fn names(tokens: &[TokenTree], mut at: usize) -> (Vec<String>, usize) {
    let mut path = Vec::new();
    if is_colons(tokens, at) {
        path.push(String::new());
        at += 2;
    }
    while let Some(TokenTree::Ident(ident)) = tokens.get(at) {
        path.push(name(ident));
        at += 1;
        if !is_colons(tokens, at) {
            break;
        }
        at += 2;
    }
    (path, at)
}

/// Whether a macro's variable stands there: what it means is read where the macro is called.
fn is_variable(tokens: &[TokenTree], at: usize) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Ident(ident)) if ident != "crate")
}

fn is_colons(tokens: &[TokenTree], at: usize) -> bool {
    let first = matches!(tokens.get(at), Some(TokenTree::Punct(colon)) if colon.as_char() == ':' && colon.spacing() == Spacing::Joint);
    first && tokens.get(at + 1).is_some_and(|second| is_punct(second, ':'))
}

fn is_after_colons(tokens: &[TokenTree], at: usize) -> bool {
    at >= 2 && is_colons(tokens, at - 2)
}

fn is_punct(token: &TokenTree, expected: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == expected)
}

fn is_ident(token: &TokenTree, expected: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == expected)
}
