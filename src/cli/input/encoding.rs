//! Which encoding bytes are in, judged by the bytes alone: a byte order mark, zero bytes in every other place, UTF-8
//! that holds together, and for all else the statistics of `chardetng`. Knows nothing of where bytes come from or how
//! they are read on; start at [`mark`] for the beginning of an input and at [`settle`] for its first bytes beyond ASCII.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    DecoderResult, Encoding, ISO_2022_JP, ISO_8859_2, UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1252,
};

/// Why an input cannot be read, for people.
pub type Refusal = String;

/// The encoding that a byte order mark names, and the mark's length.
///
/// # Errors
/// Where it is the mark of UTF-32, which nothing here decodes.
pub fn mark(begin: &[u8]) -> Result<Option<(&'static Encoding, usize)>, Refusal> {
    if begin.starts_with(b"\xff\xfe\0\0") || begin.starts_with(b"\0\0\xfe\xff") {
        return Err("is UTF-32, which is not read; convert it to UTF-8".into());
    }
    Ok(Encoding::for_bom(begin))
}

/// UTF-16 without a mark: where text is mostly ASCII, or has but spaces and line ends of it, every other byte of many
/// is zero. `None` where there is no zero byte.
///
/// # Errors
/// Where there are zero bytes and it is no UTF-16.
pub fn by_zeros(begin: &[u8]) -> Result<Option<&'static Encoding>, Refusal> {
    let Some(first) = memchr::memchr(0, begin) else { return Ok(None) };
    let zeros = |odd: usize| begin.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let (encoding, many, few) = if odd > even { (UTF_16LE, odd, even) } else { (UTF_16BE, even, odd) };
    // A tenth: what spaces are in the languages that have them.
    let is_regular = many * 20 >= begin.len() && few * 8 <= many;
    if is_regular && is_text(encoding, begin) {
        return Ok(Some(encoding));
    }
    Err(format!(
        "has a zero byte at {first}, as no text has; if it is one, name its encoding with --encoding"
    ))
}

/// What the first bytes beyond ASCII say.
#[derive(Debug, PartialEq, Eq)]
pub enum Settled {
    /// UTF-8; where it is broken in places, those are errors.
    Utf8,
    /// No UTF-8, and most likely this.
    Guessed(&'static Encoding),
    /// UTF-8 or not, more bytes would tell.
    Unsure,
}

/// Judges a sample that holds bytes beyond ASCII, or the escapes of ISO-2022-JP. `whole` says that there is no more.
///
/// # Errors
/// Where it is no UTF-8, and no encoding makes a text of it.
pub fn settle(sample: &[u8], whole: bool) -> Result<Settled, Refusal> {
    if sample.is_ascii() {
        return Ok(escaped(sample, whole));
    }
    match Vote::of(sample) {
        // Two bytes of another encoding seldom look like UTF-8, and one broken character spoils no file.
        Vote { right, wrong: 0, cut } if right > 0 || !cut => return Ok(Settled::Utf8),
        _ if !whole => return Ok(Settled::Unsure),
        Vote { right, wrong, .. } if right > 0 && right >= wrong => return Ok(Settled::Utf8),
        _ => {}
    }
    let encoding = guess(sample, whole);
    if is_text(encoding, sample) {
        return Ok(Settled::Guessed(encoding));
    }
    Err("is no UTF-8, and no other encoding makes a text of it; if it is one, name its encoding with --encoding".into())
}

/// ISO-2022-JP is ASCII as far as its bytes go; its escapes change what they mean.
fn escaped(sample: &[u8], whole: bool) -> Settled {
    match decode(ISO_2022_JP, sample) {
        Ok(text) if !text.is_ascii() => Settled::Guessed(ISO_2022_JP),
        // Perhaps an escape is cut off.
        Ok(_) if !whole => Settled::Unsure,
        _ => Settled::Utf8,
    }
}

/// How many characters beyond ASCII are right and wrong as UTF-8, and whether the last is cut off.
#[derive(Debug, Default)]
struct Vote {
    right: usize,
    wrong: usize,
    cut: bool,
}

impl Vote {
    fn of(sample: &[u8]) -> Self {
        let mut vote = Self::default();
        let mut chunks = sample.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            vote.right += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
            // Where a sequence is right so far, its error has no length.
            let is_begun =
                std::str::from_utf8(chunk.invalid()).is_err_and(|error| error.error_len().is_none());
            match chunk.invalid() {
                [] => {}
                _ if is_begun && chunks.peek().is_none() => vote.cut = true,
                _ => vote.wrong += 1,
            }
        }
        vote
    }
}

fn guess(sample: &[u8], whole: bool) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, whole);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    let is_central = encoding == WINDOWS_1250 || encoding == ISO_8859_2;
    if is_central && has_pounds_alone(encoding, sample) { WINDOWS_1252 } else { encoding }
}

/// Whether all that a Central European encoding would make of a sample, and a Western one would not, is an Ł before
/// a digit. The detector takes the pounds of English text for Polish.
fn has_pounds_alone(central: &'static Encoding, sample: &[u8]) -> bool {
    let (central, western) = (characters(central, sample), characters(WINDOWS_1252, sample));
    let next = central.iter().skip(1).copied().chain(['\n']);
    let mut places = central.iter().zip(&western).zip(next);
    places.all(|((c, w), next)| c == w || (*c == 'Ł' && next.is_ascii_digit()))
}

fn characters(encoding: &'static Encoding, sample: &[u8]) -> Vec<char> {
    encoding.decode_without_bom_handling(sample).0.chars().collect()
}

/// Where a sample, which may end within a character, is first malformed.
pub fn malformed(encoding: &'static Encoding, sample: &[u8]) -> Option<usize> {
    decode(encoding, sample).err()
}

fn is_text(encoding: &'static Encoding, sample: &[u8]) -> bool {
    decode(encoding, sample).is_ok_and(|text| !text.contains(is_strange))
}

fn decode(encoding: &'static Encoding, sample: &[u8]) -> Result<String, usize> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    // The samples' length is bounded, so that there is room for three times as much.
    let mut text =
        String::with_capacity(decoder.max_utf8_buffer_length(sample.len()).unwrap_or(sample.len() * 3));
    let (result, read) = decoder.decode_to_string_without_replacement(sample, &mut text, false);
    match result {
        DecoderResult::Malformed(length, after) => Err(read - usize::from(length) - usize::from(after)),
        DecoderResult::InputEmpty | DecoderResult::OutputFull => Ok(text),
    }
}

/// Controls but for white space and escapes (of terminals, in logs). Those of the second block, U+0080 to U+009F, are
/// what old encodings give for bytes that they do not use.
fn is_strange(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\x0b' | '\x0c' | '\r' | '\x1b')
}

/// An encoding by any of its labels in the WHATWG Encoding Standard.
///
/// # Errors
/// Where nobody knows the label, with some that are known.
pub fn by_label(label: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label_no_replacement(label.as_bytes()).ok_or_else(|| {
        "is no encoding of the WHATWG Encoding Standard; some that are: utf-8, utf-16le, utf-16be, windows-1252, \
         iso-8859-1, iso-8859-2, windows-1250, windows-1251, koi8-r, macintosh, shift_jis, euc-jp, euc-kr, gbk, big5"
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAYINGS: [(&str, &str); 12] = [
        ("windows-1252", "It’s a £5m deal – “done” for £1.20."),
        ("windows-1252", "The café cost £5m, Renée said."),
        ("windows-1250", "Łódź, Łask. Ł5?"),
        ("windows-1252", "“We will wait,” said Renée Müller. “It’s a naïve plan — and façade.”"),
        ("windows-1251", "«Мы будем ждать решения», — сказала министр Анна Петрова в среду."),
        ("koi8-r", "Мы будем ждать решения, сказала министр Анна Петрова в среду."),
        ("windows-1250", "„Będziemy czekać na decyzję”, powiedziała minister. Łódź, Gdańsk, świat."),
        ("iso-8859-7", "Θα περιμένουμε, είπε η υπουργός την Τετάρτη στην Αθήνα."),
        ("shift_jis", "「待ちます」と大臣は水曜日に東京で述べた。これからも話し合いを続けるという。"),
        ("euc-kr", "“기다리겠습니다”라고 장관이 수요일 서울에서 말했다."),
        ("gbk", "我们会等待"),
        ("iso-2022-jp", "「待ちます」と大臣は水曜日に東京で述べた。"),
    ];

    #[test]
    fn old_encodings_are_told_by_their_bytes() {
        for (label, text) in SAYINGS {
            let encoding = by_label(label).unwrap();
            let (bytes, _, lossy) = encoding.encode(text);
            assert!(!lossy, "{label}");
            let Settled::Guessed(guessed) = settle(&bytes, true).unwrap() else { panic!("{label}") };
            assert_eq!(guessed.decode_without_bom_handling(&bytes).0, text, "{label} as {}", guessed.name());
            assert_eq!(settle(text.as_bytes(), true), Ok(Settled::Utf8));
        }
    }

    #[test]
    fn a_broken_character_leaves_utf8_what_it_is() {
        assert_eq!(settle("“a” \u{fffd}".as_bytes(), true), Ok(Settled::Utf8));
        assert_eq!(settle(b"\xe2\x80\x9ca\xe2\x80\x9d \x93", true), Ok(Settled::Utf8));
        assert_eq!(settle(b"\xe2\x80\x9ca\xe2\x80\x9d \x93", false), Ok(Settled::Unsure));
        assert_eq!(settle(b"\xe2\x80\x9ca\xe2\x80", false), Ok(Settled::Utf8));
        assert_eq!(settle(b"a\xe2\x80", false), Ok(Settled::Unsure));
        assert_eq!(settle(b"\x1b[1mbold\x1b[0m", false), Ok(Settled::Utf8));
    }

    #[test]
    fn what_is_no_text_is_no_encoding_either() {
        assert!(settle(b"\x89PNG\x1a\x81\x9d\xff\x02", true).unwrap_err().contains("--encoding"));
        assert!(by_zeros(b"PK\x03\x04\x14\0\0\0\x08\0").unwrap_err().contains("--encoding"));
        assert!(mark(b"\xff\xfe\0\0a\0\0\0").unwrap_err().contains("UTF-32"));
    }

    #[test]
    fn wide_characters_are_told_by_their_zeros() {
        for text in ["It is late.", "Мы будем ждать решения, сказала она.", "{\"text\": \"“Late.”\"}\n"]
        {
            let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            assert_eq!(by_zeros(&little), Ok(Some(UTF_16LE)), "{text}");
            assert_eq!(by_zeros(&big), Ok(Some(UTF_16BE)), "{text}");
            assert_eq!(by_zeros(text.as_bytes()), Ok(None));
        }
    }

    #[test]
    fn labels_are_those_of_the_standard() {
        assert_eq!(by_label(" Latin1 ").unwrap().name(), "windows-1252");
        for wrong in ["ebcdic", "", "iso-2022-kr"] {
            assert!(by_label(wrong).unwrap_err().contains("windows-1252"), "{wrong}");
        }
    }
}
