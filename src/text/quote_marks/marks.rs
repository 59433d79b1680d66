//! Quotation-mark characters, and what the characters beside one allow it to be. A mark's shape is a hint, its
//! neighbours decide: texts are full of marks that were typed or converted the wrong way round.

use crate::domain::span::ByteSpan;
use crate::text::paragraphs::is_blank;

/// Marks that can open and close each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// `"`, curly and low double marks, two single marks in a row.
    Double,
    /// `'`, curly and low single marks, backtick.
    Single,
    /// Guillemets.
    Angle,
    /// Corner brackets of East Asian text.
    Corner,
}

impl Family {
    pub(super) const COUNT: usize = 4;
}

/// What a mark does, as far as its shape and neighbours tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Opens,
    Closes,
    /// Whatever the marks before it leave to do.
    Either,
}

/// One mark in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// Where; two bytes or more for `''` and characters outside ASCII.
    pub(super) span: ByteSpan,
    /// Its character, the first one of `''`.
    pub(super) c: char,
    pub(super) family: Family,
    pub(super) direction: Direction,
    /// A closing single mark that reads as well as an apostrophe: "the workers’ rights", "the good ol’ days".
    pub(super) doubtful: bool,
}

/// What the shape alone says.
fn shape(c: char) -> Option<(Family, Direction)> {
    Some(match c {
        '"' | '\u{ff02}' => (Family::Double, Direction::Either),
        '“' | '„' | '‟' | '〝' => (Family::Double, Direction::Opens),
        '”' | '〞' | '〟' => (Family::Double, Direction::Closes),
        '\'' | '\u{ff07}' => (Family::Single, Direction::Either),
        '‘' | '‚' | '‛' | '`' => (Family::Single, Direction::Opens),
        '’' | '´' => (Family::Single, Direction::Closes),
        '«' | '‹' => (Family::Angle, Direction::Opens),
        '»' | '›' => (Family::Angle, Direction::Closes),
        '「' | '『' => (Family::Corner, Direction::Opens),
        '」' | '』' => (Family::Corner, Direction::Closes),
        _ => return None,
    })
}

/// The marks of one paragraph that are not apostrophes, in order.
pub(super) fn marks(text: &str, paragraph: ByteSpan) -> Vec<Mark> {
    let part = paragraph.slice(text);
    let mut found = Vec::new();
    let mut before = None;
    let mut rest = part.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let previous = before.replace(c);
        let Some((mut family, mut hint)) = shape(c) else { continue };
        let mut end = at + c.len_utf8();
        if family == Family::Single && rest.peek().is_some_and(|&(_, next)| next == c && c != '‚') {
            // Two single marks in a row stand for a double one in wire copy and in tokenised text.
            (family, end) = (Family::Double, end + c.len_utf8());
            hint = if c == '\'' { Direction::Either } else { hint };
            rest.next();
        }
        let sides = Sides { before: previous, after: &part[end..], previous: &part[..at] };
        let span = ByteSpan::at(paragraph.begin as usize + at, paragraph.begin as usize + end);
        let read = if c == '‘' && family == Family::Single && sides.is_end() {
            Some((Direction::Closes, false))
        } else {
            sides.read(family, hint)
        };
        found.extend(read.map(|(direction, doubtful)| Mark { span, c, family, direction, doubtful }));
    }
    found
}

/// The family of the opening mark that a paragraph begins with, if it begins with one.
pub(super) fn leading(text: &str, paragraph: ByteSpan) -> Option<Family> {
    let part = paragraph.slice(text);
    let c = part.chars().next()?;
    let (family, hint) = shape(c)?;
    let after = &part[c.len_utf8()..];
    if family == Family::Single && after.starts_with(c) {
        return Some(Family::Double);
    }
    let sides = Sides { before: None, after, previous: "" };
    sides.read(family, hint).and_then(|(direction, _)| (direction != Direction::Closes).then_some(family))
}

/// The neighbours of a mark.
struct Sides<'t> {
    before: Option<char>,
    after: &'t str,
    previous: &'t str,
}

impl Sides<'_> {
    /// Where the sign that opens a single quotation in English can but close one, as it does in German: ‚so‘.
    fn is_end(&self) -> bool {
        self.before.is_some_and(|c| !c.is_whitespace()) && self.can_close() && !self.can_open()
    }

    /// What the mark does and whether it may be an apostrophe; nothing where it is one, or a measure.
    fn read(&self, family: Family, hint: Direction) -> Option<(Direction, bool)> {
        match family {
            Family::Single => self.read_single(hint),
            Family::Double => (!self.is_measure()).then(|| (self.read_double(hint), false)),
            Family::Angle | Family::Corner => Some((self.read_double(hint), false)),
        }
    }

    fn read_double(&self, hint: Direction) -> Direction {
        match (self.can_open(), self.can_close()) {
            (true, false) => Direction::Opens,
            (false, true) => Direction::Closes,
            _ => hint,
        }
    }

    /// Apostrophes are by far the most frequent single marks, so one opens only at a word's begin, by shape or by
    /// straightness, and closes only at a word's end.
    fn read_single(&self, hint: Direction) -> Option<(Direction, bool)> {
        let inside_word =
            self.before.is_some_and(char::is_alphanumeric) && self.next().is_some_and(char::is_alphanumeric);
        if inside_word || self.is_measure() {
            return None;
        }
        match (self.can_open(), self.can_close()) {
            (true, false) if hint != Direction::Closes && !self.is_elision() => {
                Some((Direction::Opens, false))
            }
            (false, true) if hint != Direction::Opens && !self.ends_elision() => {
                Some((Direction::Closes, self.is_possessive() || self.ends_clipped()))
            }
            _ => None,
        }
    }

    fn next(&self) -> Option<char> {
        self.after.chars().next()
    }

    /// Something opens here: nothing, a space, a bracket, a dash or a mark before, something to read after.
    fn can_open(&self) -> bool {
        let before = self.before.is_none_or(|c| {
            is_blank(c)
                || shape(c).is_some()
                || matches!(
                    c,
                    '(' | '[' | '{' | '<' | '-' | '–' | '—' | '/' | '|' | '…' | ':' | '*' | '_' | '¿' | '¡'
                )
        });
        before
            && self
                .next()
                .is_some_and(|c| !is_blank(c) && !matches!(c, ',' | ';' | ':' | '!' | '?' | ')' | ']' | '}'))
            && !self.stops_after()
    }

    /// A full stop after the mark belongs to the sentence around, unless it starts an ellipsis.
    fn stops_after(&self) -> bool {
        self.after.starts_with('.') && !self.after.starts_with("..")
    }

    /// Something closes here: something to read before, then an end, a space, punctuation or a mark.
    fn can_close(&self) -> bool {
        let after = self.next().is_none_or(|c| {
            is_blank(c)
                || shape(c).is_some()
                || matches!(
                    c,
                    '.' | ','
                        | ';'
                        | ':'
                        | '!'
                        | '?'
                        | ')'
                        | ']'
                        | '}'
                        | '>'
                        | '-'
                        | '–'
                        | '—'
                        | '/'
                        | '|'
                        | '…'
                        | '*'
                        | '_'
                )
        });
        after && self.before.is_some_and(|c| !is_blank(c) && !matches!(c, '(' | '[' | '{'))
    }

    /// Feet and inches: 6'2", 5'.
    fn is_measure(&self) -> bool {
        let before = self.previous.trim_end_matches(|c: char| c.is_ascii_digit());
        before.len() < self.previous.len()
            && before.ends_with(['\'', '’', '′'])
            && before.trim_end_matches(['\'', '’', '′']).ends_with(|c: char| c.is_ascii_digit())
    }

    /// A letter or digit left out at the begin of a word: ’90s, ’em, ’til, rock ’n’ roll.
    fn is_elision(&self) -> bool {
        const CLIPPED: [&str; 14] = [
            "n", "em", "til", "tis", "twas", "cause", "cos", "coz", "bout", "round", "im", "er", "twill",
            "neath",
        ];
        let word: &str = self.after.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let decade = word.len() <= 3
            && word.starts_with(|c: char| c.is_ascii_digit())
            && word.trim_end_matches('s').len() == 2;
        decade || CLIPPED.iter().any(|clipped| word.eq_ignore_ascii_case(clipped))
    }

    /// The second mark of ’n’.
    fn ends_elision(&self) -> bool {
        let before = self.previous.strip_suffix(['n', 'N']).unwrap_or_default();
        before
            .strip_suffix(['’', '\'', '‘'])
            .is_some_and(|before| before.is_empty() || before.ends_with(is_blank))
    }

    /// After s, before another word.
    fn is_possessive(&self) -> bool {
        matches!(self.before, Some('s' | 'S' | 'z' | 'x')) && self.goes_on(char::is_alphanumeric)
    }

    /// A letter left out at the end of a word: ol’ days, nothin’ else.
    fn ends_clipped(&self) -> bool {
        const CLIPPED: [&str; 8] = ["an", "lil", "mo", "o", "ol", "th", "wi", "yo"];
        let is_letter = |c: char| c.is_alphabetic();
        let word = &self.previous[self.previous.trim_end_matches(is_letter).len()..];
        let listed = CLIPPED.iter().any(|clipped| word.eq_ignore_ascii_case(clipped));
        self.goes_on(char::is_lowercase) && (listed || word.len() > 4 && word.ends_with("in"))
    }

    /// Whether a blank and such a character follow.
    fn goes_on(&self, with: impl Fn(char) -> bool) -> bool {
        let mut after = self.after.chars();
        after.next().is_some_and(is_blank) && after.next().is_some_and(with)
    }
}
