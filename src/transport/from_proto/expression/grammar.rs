//! The grammar of filters, that of AIP-160: OR binds tighter than AND, terms side by side are joined by AND, `-` and NOT negate the
//! term behind them. Gives a tree of what was written; what fields there are, and what may be compared with what, it does not know.

use super::Fault;
use super::token::{Compare, Kind, Token};
use std::ops::Range;

/// Most terms that stand within one another. Bounds the stack.
const DEEPEST: usize = 32;

/// What was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    /// A value alone.
    Bare(Value),
    /// A field compared with any of some values.
    Restriction {
        field: Value,
        compare: Compare,
        values: Vec<Value>,
    },
}

/// A word or a quoted string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) quoted: bool,
    pub(super) at: Range<usize>,
}

/// Reads all of the tokens; `end` is where the text ends.
pub(super) fn parse(tokens: &[Token], end: usize) -> Result<Node, Fault> {
    let mut reader = Reader { tokens, next: 0, end };
    let node = reader.expression(0)?;
    match reader.peek() {
        None => Ok(node),
        Some(_) => Err(reader.fault("AND, OR, another term or the end")),
    }
}

struct Reader<'t> {
    tokens: &'t [Token],
    next: usize,
    end: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Kind> {
        self.tokens.get(self.next).map(|token| &token.kind)
    }

    fn fault(&self, expected: &str) -> Fault {
        let at = self.tokens.get(self.next).map_or(self.end, |token| token.at.start);
        Fault { at, expected: expected.to_owned() }
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Kind::Word(found)) if found == word)
    }

    fn take(&mut self, kind: &Kind) -> bool {
        let found = self.peek() == Some(kind);
        self.next += usize::from(found);
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.next += usize::from(found);
        found
    }

    /// Factors, joined by AND or by nothing.
    fn expression(&mut self, depth: usize) -> Result<Node, Fault> {
        let mut factors = vec![self.factor(depth)?];
        while self.take_word("AND") || self.begins_term() {
            factors.push(self.factor(depth)?);
        }
        Ok(one_or(factors, Node::And))
    }

    fn begins_term(&self) -> bool {
        match self.peek() {
            Some(Kind::Word(word)) => word != "OR" && word != "AND",
            Some(Kind::Quoted(_) | Kind::Open | Kind::Minus) => true,
            Some(Kind::Close | Kind::Compare(_)) | None => false,
        }
    }

    /// Terms, joined by OR.
    fn factor(&mut self, depth: usize) -> Result<Node, Fault> {
        let mut terms = vec![self.term(depth)?];
        while self.take_word("OR") {
            terms.push(self.term(depth)?);
        }
        Ok(one_or(terms, Node::Or))
    }

    fn term(&mut self, depth: usize) -> Result<Node, Fault> {
        if self.take(&Kind::Minus) || self.take_word("NOT") {
            return Ok(Node::Not(Box::new(self.simple(depth)?)));
        }
        self.simple(depth)
    }

    fn simple(&mut self, depth: usize) -> Result<Node, Fault> {
        if self.peek() != Some(&Kind::Open) {
            return self.restriction();
        }
        if depth == DEEPEST {
            return Err(self.fault(&format!("at most {DEEPEST} parentheses within one another")));
        }
        self.next += 1;
        let node = self.expression(depth + 1)?;
        if !self.take(&Kind::Close) {
            return Err(self.fault("AND, OR, another term or a closing parenthesis"));
        }
        Ok(node)
    }

    fn restriction(&mut self) -> Result<Node, Fault> {
        let field = self.value("a field, a word, a quoted string or an opening parenthesis")?;
        let Some(Kind::Compare(compare)) = self.peek() else { return Ok(Node::Bare(field)) };
        let compare = *compare;
        self.next += 1;
        let values = if self.take(&Kind::Open) { self.values()? } else { vec![self.argument()?] };
        Ok(Node::Restriction { field, compare, values })
    }

    /// Values joined by OR, up to the parenthesis behind them.
    fn values(&mut self) -> Result<Vec<Value>, Fault> {
        let mut values = vec![self.argument()?];
        while self.take_word("OR") {
            values.push(self.argument()?);
        }
        if !self.take(&Kind::Close) {
            return Err(self.fault("OR or a closing parenthesis"));
        }
        Ok(values)
    }

    /// A value on the right side. There a time may stand without quotation marks: its colons and its minus belong to it, as long as
    /// nothing is between them.
    fn argument(&mut self) -> Result<Value, Fault> {
        let minus = self.take(&Kind::Minus);
        let mut value = self.value("a value: a word, a number, a date or a quoted string")?;
        if minus {
            value.text.insert(0, '-');
            value.at.start -= 1;
        }
        while !value.quoted
            && let [
                Token { kind: Kind::Compare(Compare::Has), at },
                Token { kind: Kind::Word(more), at: behind },
                ..,
            ] = &self.tokens[self.next..]
            && at.start == value.at.end
            && behind.start == at.end
        {
            value.text.push(':');
            value.text.push_str(more);
            value.at.end = behind.end;
            self.next += 2;
        }
        Ok(value)
    }

    fn value(&mut self, expected: &str) -> Result<Value, Fault> {
        let Some(token) = self.tokens.get(self.next) else { return Err(self.fault(expected)) };
        let (text, quoted) = match &token.kind {
            Kind::Word(word) if !matches!(&**word, "AND" | "OR" | "NOT") => (word, false),
            Kind::Quoted(text) => (text, true),
            _ => return Err(self.fault(expected)),
        };
        let value = Value { text: text.clone(), quoted, at: token.at.clone() };
        self.next += 1;
        Ok(value)
    }
}

fn one_or(mut nodes: Vec<Node>, join: fn(Vec<Node>) -> Node) -> Node {
    match nodes.len() {
        1 => nodes.remove(0),
        _ => join(nodes),
    }
}
