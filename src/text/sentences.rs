//! Sentences, by rules for news English: a final mark ends one, unless an abbreviation, an initial, a number or a
//! small letter says otherwise. Closing quotation marks and brackets go with the sentence that they close. A paragraph
//! ends its last sentence, so headlines and list items need no full stop.

use crate::domain::span::ByteSpan;

/// The sentences of the paragraphs, in text order, disjoint, without the blanks around them.
pub fn sentences(text: &str, paragraphs: &[ByteSpan]) -> Vec<ByteSpan> {
    let mut sentences = Vec::with_capacity(paragraphs.len() * 2);
    for paragraph in paragraphs {
        split(text, *paragraph, &mut sentences);
    }
    sentences
}

fn split(text: &str, paragraph: ByteSpan, sentences: &mut Vec<ByteSpan>) {
    let mut begin = paragraph.begin as usize;
    let end = paragraph.end as usize;
    let mut at = begin;
    while let Some(found) = text[at..end].find(is_final) {
        let stop = at + found;
        at = after_closers(text, stop, end);
        if at < end && ends_sentence(text, begin, stop, at) {
            sentences.push(ByteSpan::at(begin, at));
            at += text[at..end].len() - text[at..end].trim_start().len();
            begin = at;
        }
    }
    if begin < end {
        sentences.push(ByteSpan::at(begin, end));
    }
}

fn is_final(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？' | '‽')
}

/// The byte after a run of final marks and the closing quotation marks and brackets behind it.
fn after_closers(text: &str, stop: usize, end: usize) -> usize {
    let run = &text[stop..end];
    let finals = run.len() - run.trim_start_matches(is_final).len();
    let closers = run[finals..].trim_start_matches(['"', '”', '’', '\'', ')', ']', '»', '›', '」', '』']);
    stop + run.len() - closers.len()
}

/// Whether the mark at `stop`, with its closers up to `after`, ends the sentence that began at `begin`.
fn ends_sentence(text: &str, begin: usize, stop: usize, after: usize) -> bool {
    let rest = &text[after..];
    if !rest.starts_with(char::is_whitespace) {
        return false;
    }
    let next = rest.trim_start();
    let Some(first) = next.chars().find(|c| c.is_alphanumeric()) else { return true };
    if first.is_lowercase() {
        return false;
    }
    if !text[stop..].starts_with('.') || text[stop + 1..].starts_with('.') {
        return true;
    }
    let word = last_word(&text[begin..stop]);
    !is_abbreviation(word)
}

fn last_word(text: &str) -> &str {
    text.rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '"' | '“' | '‘' | '—' | '–'))
        .next()
        .unwrap_or_default()
}

fn is_abbreviation(word: &str) -> bool {
    const BEFORE_NAMES: [&str; 12] =
        ["Mr", "Mrs", "Ms", "Dr", "Prof", "Gen", "Sen", "Rep", "Gov", "Lt", "Col", "St"];
    let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    initial || BEFORE_NAMES.contains(&word)
}
