//! Characters put right: HTML entities (`&rsquo;`), UTF-8 that was read as Windows-1252 and written as UTF-8 again
//! (`â€œ`, `Ã©`), bytes of Windows-1252 that were read as Latin-1 (U+0091 to U+0097), ligatures of typesetters (`ﬁ`),
//! and characters that show nothing. Each may hide behind another, so that a character is read in layers; each layer
//! looks at a few characters, whatever the text. Start at [`rewrite`].

use super::alignment::Rewrite;
use super::invisible::{is_invisible, is_joiner};

/// How often a text may have been encoded once too often.
const TIMES: usize = 2;

/// How often the ampersand of an entity may itself be one: `&amp;amp;rsquo;`.
const NESTED: usize = 3;

/// Longest entity, in bytes: its ampersand to its semicolon.
const LONGEST_ENTITY: usize = 34;

/// What the bytes 0x80 to 0x9F mean in Windows-1252; those that mean nothing stand for themselves.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// What stands behind a word more often than it is half of a letter.
const MARKS: [char; 15] = ['‘', '’', '“', '”', '…', '–', '—', '«', '»', '‹', '›', '™', '®', '©', '\u{a0}'];

/// Replaces every character that has to be put right.
pub(super) fn rewrite(text: &str) -> Rewrite<'_> {
    let mut rewrite = Rewrite::new(text);
    let mut reader = Reader { text, previous: ' ', windows: None };
    let mut at = 0;
    while let Some(plain) = text.as_bytes()[at..].iter().position(|byte| needs_a_look(*byte)) {
        reader.previous = text[..at + plain].chars().next_back().unwrap_or(' ');
        at += plain;
        let (c, end) = reader.decoded(at, TIMES);
        let (c, end) = reader.settled(c, end);
        let mut buffer = [0; 4];
        let written = match c {
            Some(c) => ligature(c).unwrap_or_else(|| c.encode_utf8(&mut buffer)),
            None => "",
        };
        if written != &text[at..end] {
            rewrite.replace(at..end, written);
        }
        at = end;
    }
    rewrite
}

/// Whether anything but itself can begin with the byte: all but printable ASCII and white space.
fn needs_a_look(byte: u8) -> bool {
    !matches!(byte, b' '..=b'%' | b'\''..=b'~' | b'\t'..=b'\r')
}

struct Reader<'t> {
    text: &'t str,
    /// The character before the one being read.
    previous: char,
    /// Whether the text has marks of Windows-1252 read as Latin-1, once somebody asked.
    windows: Option<bool>,
}

impl Reader<'_> {
    /// The character at a byte, where text may have been encoded `times` times too often, and where it ends.
    fn decoded(&self, at: usize, times: usize) -> (char, usize) {
        let Some(inner) = times.checked_sub(1) else { return self.raw(at) };
        let (lead, end) = self.decoded(at, inner);
        let Some(length) = byte_of(lead).and_then(length) else { return (lead, end) };
        let mut bytes = [byte_of(lead).unwrap_or_default(), 0, 0, 0];
        let mut last = (lead, end);
        for count in 1..length {
            let next = (last.1 < self.text.len()).then(|| self.decoded(last.1, inner));
            let byte = next.and_then(|(c, _)| byte_of(c)).filter(|byte| (0x80..0xc0).contains(byte));
            match (byte, next) {
                (Some(byte), Some(next)) => (bytes[count], last) = (byte, next),
                // The third byte of ” has no character in Windows-1252 and got lost.
                _ if count == 2 && bytes[..2] == [0xe2, 0x80] => return ('”', last.1),
                _ => return (lead, end),
            }
        }
        if length == 2 && self.is_capital_before_mark(last) {
            return (lead, end);
        }
        let decoded = std::str::from_utf8(&bytes[..length]).ok().and_then(|s| s.chars().next());
        decoded.map_or((lead, end), |c| (c, last.1))
    }

    /// Whether what looks like two bytes of one letter ends a word in capitals and is followed by a mark: `CAFÉ”`.
    fn is_capital_before_mark(&self, (second, end): (char, usize)) -> bool {
        let next = self.text[end..].chars().next();
        self.previous.is_uppercase() && MARKS.contains(&second) && !next.is_some_and(char::is_alphabetic)
    }

    /// The character at a byte as it stands, or for which an entity stands.
    fn raw(&self, at: usize) -> (char, usize) {
        let rest = &self.text[at..];
        let Some(c) = rest.chars().next() else { return ('\0', at) };
        let read = if c == '&' { entity(rest) } else { None };
        read.map_or((c, at + c.len_utf8()), |(c, length)| (c, at + length))
    }

    /// What becomes of a character that ends at a byte, nothing where it shows nothing; and where that ends.
    fn settled(&mut self, c: char, end: usize) -> (Option<char>, usize) {
        match c {
            // The character for "next line" in Latin-1, the ellipsis in Windows-1252.
            '\u{85}' => (Some(if self.is_from_windows() { '…' } else { c }), end),
            '\u{80}'..='\u{9f}' => (windows(c).filter(|c| !c.is_control()), end),
            // A word that was parted at the end of a line.
            '\u{ad}' => (None, self.next_line(end)),
            _ if is_joiner(c) => (Some(c).filter(|_| !joins_nothing(self.previous)), end),
            _ => (Some(c).filter(|c| !is_invisible(*c)), end),
        }
    }

    fn is_from_windows(&mut self) -> bool {
        let text = self.text;
        *self.windows.get_or_insert_with(|| text.contains(|c| matches!(c, '\u{91}'..='\u{97}')))
    }

    /// The next line's begin, where a line ends here and the next goes on in lower case; otherwise where we are.
    fn next_line(&self, end: usize) -> usize {
        let rest = &self.text[end..];
        let next = rest.trim_start_matches([' ', '\r', '\n', '\t']);
        let between = &rest[..rest.len() - next.len()];
        let breaks = between.matches('\n').count().max(between.matches('\r').count());
        if breaks == 1 && next.starts_with(char::is_lowercase) { end + between.len() } else { end }
    }
}

/// The character for which the entity stands that a text begins with, and its length.
fn entity(text: &str) -> Option<(char, usize)> {
    let mut name = 1;
    for _ in 0..NESTED {
        name += if text[name..].starts_with("amp;") { "amp;".len() } else { break };
    }
    let head = text.as_bytes()[name..].iter().take(LONGEST_ENTITY);
    let length = head.take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'#').count();
    let end = name + length + 1;
    let is_name = length > 0 && text.as_bytes().get(end - 1) == Some(&b';');
    let decoded = if is_name { decoded_entity(&text[name..end]) } else { None };
    decoded.map(|c| (c, end)).or((name > 1).then_some(('&', name)))
}

/// `rsquo;`, `#8217;`, `#x2019;`: one character, or nothing that HTML knows.
fn decoded_entity(name: &str) -> Option<char> {
    let entity = format!("&{name}");
    let decoded = html_escape::decode_html_entities(&entity);
    let mut chars = decoded.chars();
    let c = chars.next().filter(|_| chars.next().is_none())?;
    Some(windows(c).unwrap_or(c))
}

/// What a C1 control stands for where text of Windows-1252 was read as Latin-1.
fn windows(c: char) -> Option<char> {
    (c as usize).checked_sub(0x80).and_then(|at| WINDOWS.get(at)).copied()
}

/// The byte that Windows-1252, or Latin-1 where that has nothing, writes for a character outside of ASCII.
fn byte_of(c: char) -> Option<u8> {
    let special = || WINDOWS.iter().position(|other| *other == c).map(|at| 0x80 + at as u8);
    if c.is_ascii() { None } else { u8::try_from(c).ok().or_else(special) }
}

/// How many bytes UTF-8 writes for a character that begins with this one, where the text may well have it: Latin
/// letters, marks and signs, ligatures, emoji. Other first bytes are letters of their own far more often.
fn length(lead: u8) -> Option<usize> {
    match lead {
        0xc2..=0xc5 => Some(2),
        0xe2 | 0xef => Some(3),
        0xf0 => Some(4),
        _ => None,
    }
}

/// Whether a joiner behind the character is left over: emoji and other scripts need theirs.
fn joins_nothing(previous: char) -> bool {
    previous < '\u{250}' || is_joiner(previous) || is_invisible(previous)
}

/// The letters of a typesetter's ligature.
fn ligature(c: char) -> Option<&'static str> {
    Some(match c {
        'ﬀ' => "ff",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        'ﬃ' => "ffi",
        'ﬄ' => "ffl",
        'ﬅ' | 'ﬆ' => "st",
        _ => return None,
    })
}
