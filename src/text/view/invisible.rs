//! Characters that show nothing and mean nothing in a name, a quote or a query: they come from web pages and word
//! processors. Knows single characters, not texts.

/// Whether the character shows nothing, holds nothing apart and joins nothing: controls that are no white space, the
/// soft hyphen, the zero-width space, the byte order mark, marks of writing direction.
pub(super) fn is_invisible(c: char) -> bool {
    match c {
        '\t'..='\r' | '\u{85}' => false,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{feff}' => true,
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' => true,
        '\u{fff9}'..='\u{fffb}' => true,
        _ => c.is_control(),
    }
}

/// The zero-width joiner and its opposite: emoji and some scripts need them, Latin script does not.
pub(super) fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}
