//! Which words of a text a query asks for. Works on any text with the index's own analysis, so that it needs no
//! positions from the index. A text is walked once; a word costs more than that only where it begins like one of the
//! query's.

use super::analyzer;
use super::error::IndexError;
use super::pool::Seam;
use super::query_text::{Clause, parse};
use crate::domain::span::ByteSpan;
use crate::folding::search;
use crate::ports::QueryFault;
use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder};
use phrase::{Phrase, Recent};
use std::cell::RefCell;
use std::collections::HashMap;

mod phrase;

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
    phrases: Vec<Phrase>,
    prefixes: Vec<String>,
    fuzzy: Vec<DFA>,
    /// By the first byte of a word, whether any of all that begins so. Stemming never changes the first letter.
    begins: [bool; 256],
    /// Stems of the words met so far.
    met: RefCell<HashMap<String, Option<usize>>>,
}

/// What of a text has been marked, and what the words that come next are looked at with.
struct Walk {
    /// Words so far.
    place: usize,
    recent: Recent,
    /// Of each phrase, see [`Phrase::chain`].
    chains: Vec<Vec<Option<usize>>>,
    spans: Vec<ByteSpan>,
}

impl Highlighter {
    /// Of the words of several texts, each read by itself. Fails where a search would.
    pub(super) fn of(queries: &[&str]) -> Result<Self, QueryFault> {
        let mut all = Self {
            stems: Vec::new(),
            single: Vec::new(),
            phrases: Vec::new(),
            prefixes: Vec::new(),
            fuzzy: Vec::new(),
            begins: [false; 256],
            met: RefCell::default(),
        };
        let clauses = queries.iter().map(|query| parse(query)).collect::<Result<Vec<_>, _>>()?;
        for clause in clauses.into_iter().flatten() {
            match clause {
                Clause::Term(stem) => {
                    let number = all.number(stem);
                    all.single[number] = true;
                }
                Clause::Phrase(phrase, slop) => {
                    let phrase = phrase.into_iter().map(|stem| all.number(stem)).collect();
                    all.phrases.push(Phrase::new(phrase, slop));
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

    /// The words of the text, in its order, disjoint, at most `most`. A phrase is one span, or where other words may stand between its own,
    /// one for each of them.
    pub(super) fn within(
        &self,
        text: &str,
        most: usize,
        seam: &Seam<'_>,
    ) -> Result<Vec<ByteSpan>, IndexError> {
        self.all(std::iter::once((0, text)), most, seam)
    }

    /// The same for parts of a text, ascending, each given with where it begins. From one to the next there is as much as a word, as there
    /// is in the index: no phrase without others between its words reaches over it.
    pub(super) fn all<'t>(
        &self,
        parts: impl Iterator<Item = (u32, &'t str)>,
        most: usize,
        seam: &Seam<'_>,
    ) -> Result<Vec<ByteSpan>, IndexError> {
        if self.stems.is_empty() && self.prefixes.is_empty() && self.fuzzy.is_empty() {
            return Ok(Vec::new());
        }
        let reach = self.phrases.iter().map(Phrase::reach).max().unwrap_or_default();
        let chains = self.phrases.iter().map(Phrase::chain).collect();
        let mut walk = Walk { place: 0, recent: Recent::new(reach), chains, spans: Vec::new() };
        // A phrase joins or adds spans among so many words before its end.
        let enough = most.saturating_add(reach);
        for (begin, part) in parts {
            self.walk(begin as usize, part, &mut walk, enough, seam)?;
            walk.place += 1;
        }
        walk.spans.truncate(most);
        Ok(walk.spans)
    }

    /// Goes through a part, or until more spans are marked than are `enough`.
    fn walk(
        &self,
        part: usize,
        text: &str,
        walk: &mut Walk,
        enough: usize,
        seam: &Seam<'_>,
    ) -> Result<(), IndexError> {
        let mut folded = String::new();
        for (walked, (begin, word)) in search::words(text).enumerate() {
            if walked % WORDS == WORDS - 1 {
                seam.check()?;
            }
            if walk.spans.len() > enough {
                break;
            }
            if self.may_begin(word) {
                analyzer::fold(word, &mut folded);
                if folded.is_empty() {
                    continue;
                }
                self.word(&folded, ByteSpan::at(part + begin, part + begin + word.len()), walk);
            }
            walk.place += 1;
        }
        Ok(())
    }

    /// Whether the word, before it is folded, can be one of the query's. Folding changes nothing but the case of a letter of ASCII at
    /// its front.
    fn may_begin(&self, word: &str) -> bool {
        let first = word.bytes().next().unwrap_or_default();
        !first.is_ascii_alphanumeric() || self.begins[usize::from(first.to_ascii_lowercase())]
    }

    fn word(&self, word: &str, span: ByteSpan, walk: &mut Walk) {
        if word.len() >= analyzer::LONGEST_WORD
            || !word.bytes().next().is_some_and(|first| self.begins[usize::from(first)])
        {
            return;
        }
        let is_near = |fuzzy: &DFA| matches!(fuzzy.eval(word), Distance::Exact(_));
        if self.prefixes.iter().any(|prefix| word.starts_with(prefix.as_str()))
            || self.fuzzy.iter().any(is_near)
        {
            join(&mut walk.spans, span);
        }
        let Some(stem) = self.stem(word) else { return };
        if self.single[stem] {
            join(&mut walk.spans, span);
        }
        if self.phrases.is_empty() {
            return;
        }
        walk.recent.met(stem, walk.place, span);
        for (phrase, chain) in self.phrases.iter().zip(&mut walk.chains) {
            if !phrase.met(chain, stem, walk.place) {
                continue;
            }
            let words = phrase.spans(&walk.recent);
            match words.last() {
                Some(first) if phrase.is_exact() => join(&mut walk.spans, first.cover(span)),
                _ => words.into_iter().for_each(|word| add(&mut walk.spans, word)),
            }
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

/// Adds a word wherever it stands among the spans, unless it lies in one of them.
fn add(spans: &mut Vec<ByteSpan>, word: ByteSpan) {
    let at = spans.partition_point(|span| span.end <= word.begin);
    if spans.get(at).is_none_or(|next| word.end <= next.begin) {
        spans.insert(at, word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::{Caller, Lane};
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn highlight(query: &str, text: &str, most: usize) -> Vec<ByteSpan> {
        let caller = Caller::anonymous(Lane::Interactive, "test");
        Highlighter::of(&[query]).unwrap().within(text, most, &Seam::new(&caller, &|| false)).unwrap()
    }

    #[test]
    fn highlights_slice_to_the_words_that_were_found() {
        let text = "“Gas prices 👩‍🚀 rose,” the Minister’s spokesman said; gas e\u{301}tudes, prices.";
        let cases: [(&str, &[&str]); 16] = [
            ("price", &["prices", "prices"]),
            ("\"gas price\"", &["Gas prices"]),
            ("\"gas prices\" gas", &["Gas prices", "gas"]),
            ("\"gas prices rose the\" \"prices rose\"", &["Gas prices 👩‍🚀 rose,” the"]),
            ("minist*", &["Minister’s"]),
            ("étude", &["e\u{301}tudes"]),
            ("prices rose", &["prices", "rose", "prices"]),
            ("absent", &[]),
            ("", &[]),
            // With other words between, each word is marked, and only where they stand near each other.
            ("\"gas rose\"~1", &["Gas", "rose"]),
            ("\"gas said\"~4", &[]),
            ("\"gas said\"~5", &["Gas", "said"]),
            ("\"gas said\"~5 \"prices rose\"", &["Gas", "prices 👩‍🚀 rose", "said"]),
            ("\"rose gas\"~100", &["rose", "gas"]),
            ("\"gas prices\"~1", &["Gas", "prices", "gas", "prices"]),
            ("\"gas gas\"~100 price", &["Gas", "prices", "gas", "prices"]),
        ];
        for (query, expected) in cases {
            let found: Vec<_> = highlight(query, text, 9).into_iter().map(|span| span.slice(text)).collect();
            assert_eq!(found, expected, "{query}");
        }
    }

    proptest! {
        #[test]
        fn the_words_of_a_phrase_are_marked_where_few_others_stand_between_them(
            text in vec(0..4_usize, 0..30),
            phrase in vec(0..3_usize, 2..5),
            slop in 1..6_usize,
        ) {
            // The last word of the phrase and before it each other as late as it can be.
            let mut expected = vec![false; text.len()];
            for end in (0..text.len()).filter(|end| Some(&text[*end]) == phrase.last()) {
                let mut words = vec![end];
                for word in phrase.iter().rev().skip(1) {
                    let before = text[..words[words.len() - 1]].iter().rposition(|other| other == word);
                    words.extend(before);
                    if before.is_none() {
                        break;
                    }
                }
                if words.len() == phrase.len() && end - words[words.len() - 1] < phrase.len() + slop {
                    words.iter().for_each(|at| expected[*at] = true);
                }
            }
            let written = |words: &[usize]| words.iter().map(|word| format!("w{word}")).collect::<Vec<_>>().join(" ");
            let found = highlight(&format!("\"{}\"~{slop}", written(&phrase)), &written(&text), 99);
            // Each word is two letters and a space.
            let found: Vec<usize> = found.iter().map(|span| span.begin as usize / 3).collect();
            let expected: Vec<usize> = (0..text.len()).filter(|at| expected[*at]).collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn texts_are_read_each_by_itself() {
        let (text, caller) = ("say open xk yk and xk", Caller::anonymous(Lane::Interactive, "test"));
        let seam = Seam::new(&caller, &|| false);
        let found = |queries: &[&str]| {
            let found = Highlighter::of(queries).unwrap().within(text, 9, &seam).unwrap();
            found.into_iter().map(|span| span.slice(text)).collect::<Vec<_>>()
        };
        assert_eq!(found(&["say \"open", "\"xk yk\""]), ["say", "open", "xk yk"]);
        let many = "open ".repeat(crate::folding::free_text::MOST_WORDS);
        assert_eq!(found(&[&many, "say"]), ["say", "open"]);
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
        let query = "peace \"war war\"~100 \"war and peace war and peace war\"~7";
        let all = highlight(query, &text, usize::MAX);
        for most in [0, 1, 2, 77] {
            assert_eq!(highlight(query, &text, most), all[..most]);
        }
    }

    #[test]
    fn a_phrase_reaches_into_the_next_part_where_other_words_may_stand_between_its_own() {
        let text = "war and peace, he said, peace and war";
        let parts = [(0, "war and peace"), (24, "peace and war")];
        let caller = Caller::anonymous(Lane::Interactive, "test");
        let seam = Seam::new(&caller, &|| false);
        let cases: [(&str, &[&str]); 4] = [
            ("\"peace peace\"", &[]),
            ("\"peace peace\"~1", &["peace", "peace"]),
            ("\"war peace\"~1 and", &["war", "and", "peace", "and"]),
            ("\"and peace\" peace", &["and peace", "peace"]),
        ];
        for (query, expected) in cases {
            let found = Highlighter::of(&[query]).unwrap().all(parts.into_iter(), 9, &seam).unwrap();
            assert_eq!(found.iter().map(|span| span.slice(text)).collect::<Vec<_>>(), expected, "{query}");
        }
    }

    #[test]
    fn a_text_is_looked_through_while_somebody_waits() {
        let text = "war and peace ".repeat(WORDS);
        let caller = Caller::anonymous(Lane::Interactive, "test");
        let highlighter = Highlighter::of(&["absent"]).unwrap();
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
