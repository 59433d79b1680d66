//! From bytes to characters, nearly as browsers do it: a byte order mark goes before what the server said, that before what
//! the page says of itself. But a page that is right as UTF-8 is UTF-8, whatever it says: programs that save pages write
//! UTF-8 and leave `<meta>` as it was, and text in another encoding is next to never right as UTF-8. Knows nothing of
//! elements but `<meta>`. Start at [`decode`].

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;

/// Bytes in which a page must name its encoding; the standard asks for 1024, pages are less strict.
const HEAD: usize = 4096;

/// A page's characters. `charset` is the label that it was sent under (`Content-Type: text/html; charset=…`), where that is
/// known. A page that says nothing and is no UTF-8 is windows-1252. Bytes that are wrong for the
/// encoding become U+FFFD; the byte order mark is no part of the page.
pub fn decode<'b>(bytes: &'b [u8], charset: Option<&str>) -> Cow<'b, str> {
    // `decode` itself lets a byte order mark go first.
    encoding(bytes, charset).decode(bytes).0
}

fn encoding(bytes: &[u8], charset: Option<&str>) -> &'static Encoding {
    let sent = charset.and_then(|label| Encoding::for_label(label.trim().as_bytes()));
    let is_utf_8 = !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok();
    let named = || label(&bytes[..bytes.len().min(HEAD)]).and_then(Encoding::for_label).map(as_read);
    sent.or(is_utf_8.then_some(UTF_8)).or_else(named).unwrap_or(WINDOWS_1252)
}

/// A page whose label could be read is in no encoding of two bytes a character.
fn as_read(named: &'static Encoding) -> &'static Encoding {
    if named == UTF_16LE || named == UTF_16BE { UTF_8 } else { named }
}

/// The label in `<meta charset>`, `<meta http-equiv content="…; charset=">` or `<?xml encoding=…?>`.
fn label(head: &[u8]) -> Option<&[u8]> {
    let in_meta = || {
        let metas = (0..head.len()).filter(|&at| begins(&head[at..], b"<meta"));
        metas.filter_map(|at| value(head[at..].split(|&byte| byte == b'>').next()?, b"charset")).next()
    };
    let in_xml = || value(head.split(|&byte| byte == b'>').next()?, b"encoding");
    in_meta().or_else(|| begins(head, b"<?xml").then(in_xml)?)
}

/// What stands behind a key and `=`, with or without quotation marks.
fn value<'h>(tag: &'h [u8], key: &[u8]) -> Option<&'h [u8]> {
    let at = (0..tag.len()).find(|&at| begins(&tag[at..], key))?;
    let rest = tag[at + key.len()..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    let end = rest
        .iter()
        .position(|byte| matches!(byte, b'"' | b'\'' | b';' | b'/' | b'?') || byte.is_ascii_whitespace());
    Some(&rest[..end.unwrap_or(rest.len())])
}

fn begins(bytes: &[u8], with: &[u8]) -> bool {
    bytes.len() >= with.len() && bytes[..with.len()].eq_ignore_ascii_case(with)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surer_sign_goes_first() {
        let latin = b"<META http-equiv=Content-Type content='text/html; charset=iso-8859-1'>M\xfcller";
        assert!(decode(latin, None).ends_with("Müller"));
        assert!(decode(b"<meta charset = \"windows-1251\">\xcc\xe8\xf0", None).ends_with("Мир"));
        assert!(decode(b"<meta charset=utf-16>\xc3\xbc", None).ends_with('ü'));
        assert!(decode(b"<?xml version='1.0' encoding='iso-8859-15'?>\xa4", None).ends_with('€'));
        assert!(decode(b"<meta charset=utf-8>\xcc\xe8\xf0", Some("windows-1251")).ends_with("Мир"));
        assert_eq!(decode(b"\xef\xbb\xbf\xc3\xbc", Some("windows-1252")), "ü");
        assert_eq!(decode(b"\xff\xfeA\0", Some("utf-8")), "A");
    }

    #[test]
    fn what_is_right_as_utf_8_is_utf_8() {
        assert!(decode("<meta charset=gb2312>“ü”".as_bytes(), None).ends_with("“ü”"));
        assert_eq!(decode("“ü”".as_bytes(), Some("no-such")), "“ü”");
        assert_eq!(decode(b"\x93\xfc\x94", None), "“ü”");
        assert_eq!(decode(b"", None), "");
    }
}
