//! Which words of a text a query asks for. Works on any text with the index's own analysis, so that it needs no
//! positions from the index. A text is walked once; a word costs more than that only where it begins like one of the
//! query's.

use super::analyzer;
use super::error::IndexError;
use super::pool::Seam;
use super::query_text::{Clause, parse};
use crate::domain::span::ByteSpan;
use crate::folding::free_text::MOST_WORDS;
use crate::folding::search;
use crate::ports::QueryFault;
use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder};
use std::cell::RefCell;
use std::collections::HashMap;

/// Words between two looks at the caller.
const WORDS: usize = 4096;

/// Words whose stems are remembered; more are forgotten and found again.
const REMEMBERED: usize = 4096;

/// The words of one query, ready to be looked for.
pub(super) struct Highlighter {
    /// Distinct stems of words and phrases; elsewhere a stem is its number here.
    stems: Vec<String>,
    /// Which of them are words of their own.
    single: Vec<bool>,
    phrases: Vec<Vec<usize>>,
    prefixes: Vec<String>,
    fuzzy: Vec<DFA>,
    /// By the first byte of a word, whether any of all that begins so. Stemming never changes the first letter.
    begins: [bool; 256],
    /// Stems of the words met so far.
    met: RefCell<HashMap<String, Option<usize>>>,
}

/// The words of a text that follow each other without one between them that is not asked for.
type Run = Vec<(usize, ByteSpan)>;

impl Highlighter {
    /// Fails where a search would.
    pub(super) fn of(query: &str) -> Result<Self, QueryFault> {
        let mut all = Self {
            stems: Vec::new(),
            single: Vec::new(),
            phrases: Vec::new(),
            prefixes: Vec::new(),
            fuzzy: Vec::new(),
            begins: [false; 256],
            met: RefCell::default(),
        };
        for clause in parse(query)? {
            match clause {
                Clause::Term(stem) => {
                    let number = all.number(stem);
                    all.single[number] = true;
                }
                // With other words between, its words are marked each by itself.
                Clause::Phrase(phrase, 1..) => {
                    for stem in phrase {
                        let number = all.number(stem);
                        all.single[number] = true;
                    }
                }
                Clause::Phrase(phrase, 0) => {
                    let phrase = phrase.into_iter().map(|stem| all.number(stem)).collect();
                    all.phrases.push(phrase);
                }
                Clause::Prefix(prefix) => all.prefixes.push(prefix),
                Clause::Fuzzy(word, edits) => {
                    all.fuzzy.push(LevenshteinAutomatonBuilder::new(edits, true).build_dfa(&word));
                    all.begins = [true; 256];
                }
            }
        }
        for word in all.stems.iter().chain(&all.prefixes) {
            word.bytes().take(1).for_each(|first| all.begins[usize::from(first)] = true);
        }
        Ok(all)
    }

    fn number(&mut self, stem: String) -> usize {
        self.stems.iter().position(|known| *known == stem).unwrap_or_else(|| {
            self.stems.push(stem);
            self.single.push(false);
            self.stems.len() - 1
        })
    }

    /// The words of the text, in its order, disjoint, at most `most`; a phrase is one span.
    pub(super) fn within(
        &self,
        text: &str,
        most: usize,
        seam: &Seam<'_>,
    ) -> Result<Vec<ByteSpan>, IndexError> {
        let mut spans: Vec<ByteSpan> = Vec::new();
        if self.stems.is_empty() && self.prefixes.is_empty() && self.fuzzy.is_empty() {
            return Ok(spans);
        }
        let (mut run, mut folded) = (Run::new(), String::new());
        for (walked, (begin, word)) in search::words(text).enumerate() {
            if walked % WORDS == WORDS - 1 {
                seam.check()?;
            }
            // A phrase joins at most so many of the spans before its end.
            if spans.len() > most.saturating_add(MOST_WORDS) {
                break;
            }
            if !self.may_begin(word) {
                run.clear();
                continue;
            }
            analyzer::fold(word, &mut folded);
            if !folded.is_empty() {
                self.word(&folded, ByteSpan::at(begin, begin + word.len()), &mut run, &mut spans);
            }
        }
        spans.truncate(most);
        Ok(spans)
    }

    /// The same for parts of a text, each given with where it begins; no phrase reaches from one into the next.
    pub(super) fn all<'t>(
        &self,
        parts: impl Iterator<Item = (u32, &'t str)>,
        most: usize,
        seam: &Seam<'_>,
    ) -> Result<Vec<ByteSpan>, IndexError> {
        let mut spans = Vec::new();
        for (begin, part) in parts {
            let found = self.within(part, most - spans.len(), seam)?.into_iter();
            spans.extend(found.map(|span| ByteSpan { begin: begin + span.begin, end: begin + span.end }));
        }
        Ok(spans)
    }

    /// Whether the word, before it is folded, can be one of the query's. Folding changes nothing but the case of a letter of ASCII at
    /// its front.
    fn may_begin(&self, word: &str) -> bool {
        let first = word.bytes().next().unwrap_or_default();
        !first.is_ascii_alphanumeric() || self.begins[usize::from(first.to_ascii_lowercase())]
    }

    fn word(&self, word: &str, span: ByteSpan, run: &mut Run, spans: &mut Vec<ByteSpan>) {
        if word.len() >= analyzer::LONGEST_WORD
            || !word.bytes().next().is_some_and(|first| self.begins[usize::from(first)])
        {
            return run.clear();
        }
        let is_near = |fuzzy: &DFA| matches!(fuzzy.eval(word), Distance::Exact(_));
        if self.prefixes.iter().any(|prefix| word.starts_with(prefix.as_str()))
            || self.fuzzy.iter().any(is_near)
        {
            join(spans, span);
        }
        let Some(stem) = self.stem(word) else { return run.clear() };
        if self.single[stem] {
            join(spans, span);
        }
        if self.phrases.is_empty() {
            return;
        }
        run.push((stem, span));
        for phrase in &self.phrases {
            let tail = run.len().checked_sub(phrase.len()).map(|from| &run[from..]);
            let tail = tail.filter(|tail| tail.iter().map(|(stem, _)| stem).eq(phrase));
            if let Some((_, first)) = tail.and_then(|rest| rest.first()) {
                join(spans, first.cover(span));
            }
        }
        if run.len() > MOST_WORDS {
            run.remove(0);
        }
    }

    /// The number of the word's stem, if the query has it.
    fn stem(&self, word: &str) -> Option<usize> {
        let mut met = self.met.borrow_mut();
        if let Some(known) = met.get(word) {
            return *known;
        }
        if met.len() == REMEMBERED {
            met.clear();
        }
        let stem = analyzer::stem(word);
        let number = self.stems.iter().position(|known| *known == stem);
        met.insert(word.to_owned(), number);
        number
    }
}

/// Adds a span that ends last; it may begin before others.
fn join(spans: &mut Vec<ByteSpan>, mut span: ByteSpan) {
    while let Some(last) = spans.pop_if(|last| last.end > span.begin) {
        span = span.cover(last);
    }
    spans.push(span);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::{Caller, Lane};

    fn highlight(query: &str, text: &str, most: usize) -> Vec<ByteSpan> {
        let caller = Caller::anonymous(Lane::Interactive, "test");
        Highlighter::of(query).unwrap().within(text, most, &Seam::new(&caller, &|| false)).unwrap()
    }

    #[test]
    fn highlights_slice_to_the_words_that_were_found() {
        let text = "“Gas prices 👩‍🚀 rose,” the Minister’s spokesman said; gas e\u{301}tudes, prices.";
        let cases: [(&str, &[&str]); 9] = [
            ("price", &["prices", "prices"]),
            ("\"gas price\"", &["Gas prices"]),
            ("\"gas prices\" gas", &["Gas prices", "gas"]),
            ("\"gas prices rose the\" \"prices rose\"", &["Gas prices 👩‍🚀 rose,” the"]),
            ("minist*", &["Minister’s"]),
            ("étude", &["e\u{301}tudes"]),
            ("prices rose", &["prices", "rose", "prices"]),
            ("absent", &[]),
            ("", &[]),
        ];
        for (query, expected) in cases {
            let found: Vec<_> = highlight(query, text, 9).into_iter().map(|span| span.slice(text)).collect();
            assert_eq!(found, expected, "{query}");
        }
    }

    #[test]
    fn highlights_are_blind_to_what_folds_together() {
        let text = "Lech Wa\u{ad}łęsa\u{200f} und Strauß: 日本語のトランプ大統領";
        let cases: [(&str, &[&str]); 6] = [
            ("walesa", &["Wa\u{ad}łęsa"]),
            ("STRAUSS", &["Strauß"]),
            ("strau*", &["Strauß"]),
            ("日本", &["日本"]),
            ("ﾄﾗﾝﾌﾟ", &["トランプ"]),
            ("本日", &[]),
        ];
        for (query, expected) in cases {
            let found: Vec<_> = highlight(query, text, 9).into_iter().map(|span| span.slice(text)).collect();
            assert_eq!(found, expected, "{query}");
        }
    }

    #[test]
    fn highlights_are_the_first_of_a_text_that_has_too_many() {
        let text = "war and peace ".repeat(1000);
        let all = highlight("war peace \"war and\"", &text, usize::MAX);
        assert_eq!(all.len(), 2000);
        for most in [0, 1, 2, 77] {
            assert_eq!(highlight("war peace \"war and\"", &text, most), all[..most]);
        }
    }

    #[test]
    fn a_text_is_looked_through_while_somebody_waits() {
        let text = "war and peace ".repeat(WORDS);
        let caller = Caller::anonymous(Lane::Interactive, "test");
        let highlighter = Highlighter::of("absent").unwrap();
        for patience in 0..3 {
            let asked = std::cell::Cell::new(0);
            let gone = || asked.replace(asked.get() + 1) == patience;
            let found = highlighter.within(&text, 9, &Seam::new(&caller, &gone));
            assert!(matches!(found, Err(IndexError::Over(_))), "{found:?}");
            assert_eq!(asked.get(), patience + 1, "and not one look longer");
        }
    }

    #[test]
    fn the_first_letter_of_a_stem_is_that_of_its_word() {
        let words =
            ["skies", "dying", "idly", "early", "ally", "innings", "yelling", "generously", "ayes", "us"];
        for word in words {
            assert_eq!(analyzer::stem(word)[..1], word[..1], "{word}");
        }
    }
}
