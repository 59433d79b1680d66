//! Whether a date lies behind or ahead, as the verb beside it tells: "met on Monday", "will meet on Monday", "Talks
//! resume on Monday". Reads word forms around a date, no calendar. Start at [`tense`].

use crate::analysis::signals::Layout;
use std::ops::Range;

/// On which side of the day of writing a date lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tense {
    /// What is told has happened.
    Past,
    /// What is told is to come.
    Future,
    /// Nothing tells.
    Unknown,
}

/// Words looked at on either side of a date.
const REACH: usize = 24;

/// Past forms that do not end in -ed. Sorted, as all lists here.
#[rustfmt::skip]
const PAST: [&str; 69] = [
    "became", "been", "began", "bought", "broke", "brought", "built", "came", "caught", "chose", "cost", "did",
    "drew", "drove", "fell", "felt", "fled", "flew", "fought", "found", "froze", "gave", "got", "grew", "had",
    "has", "have", "having", "heard", "held", "hid", "kept", "knew", "laid", "led", "left", "lost", "made", "met",
    "paid", "ran", "rose", "said", "sang", "sank", "sat", "saw", "sent", "shook", "shot", "slept", "sold", "spent",
    "spoke", "stole", "stood", "struck", "swore", "taught", "thought", "threw", "told", "took", "was", "went",
    "were", "won", "wore", "wrote",
];

/// Verbs that tell of what is planned while they stand in the present.
#[rustfmt::skip]
const PLANNED: [&str; 44] = [
    "air", "aire", "appear", "arrive", "begin", "celebrate", "close", "come", "continue", "debut", "decide",
    "depart", "end", "expire", "face", "fall", "fly", "go", "happen", "hold", "host", "kick", "launch", "leave",
    "mark", "meet", "open", "play", "premiere", "publish", "reopen", "resume", "return", "run", "sail", "sit",
    "speak", "start", "stop", "take", "tour", "travel", "visit", "vote",
];

/// Participles and adjectives behind which something is to come, whatever the form of "be" before them.
#[rustfmt::skip]
const AHEAD: [&str; 8] = [
    "bound", "due", "expected", "planned", "poised", "scheduled", "set", "slated",
];

/// Auxiliaries behind which something is to come.
#[rustfmt::skip]
const COMING: [&str; 11] = [
    "can", "could", "ll", "may", "might", "must", "shall", "should", "will", "wo", "would",
];

/// Verbs that, with an infinitive, tell of what was.
#[rustfmt::skip]
const DONE: [&str; 14] = [
    "able", "began", "came", "continued", "declined", "failed", "forced", "had", "managed", "refused", "started",
    "tried", "used", "went",
];

/// Words behind which a word in -ed belongs to the noun that follows.
#[rustfmt::skip]
const ATTRIBUTE: [&str; 21] = [
    "a", "an", "any", "by", "for", "her", "his", "in", "its", "no", "of", "our", "some", "that", "the", "their",
    "these", "this", "those", "with", "your",
];

/// Words behind which a verb of what is planned is a noun: "the vote", "at play".
#[rustfmt::skip]
const NO_SUBJECT: [&str; 20] = [
    "a", "an", "at", "by", "for", "from", "her", "his", "in", "its", "no", "of", "on", "our", "that", "the",
    "their", "this", "with", "your",
];

/// Words at which a clause begins or ends.
#[rustfmt::skip]
const EDGES: [&str; 19] = [
    "after", "although", "and", "as", "because", "before", "but", "if", "or", "since", "so", "that", "though",
    "unless", "when", "where", "which", "while", "who",
];

/// What the words around a date say of it: the nearest verb before it in its clause, or else the first one behind.
pub fn tense(layout: &Layout<'_>, date: &Range<usize>) -> Tense {
    let begin = layout.words.get(date.start).map_or(0, |word| word.span.begin);
    let sentence =
        layout.sentences.get(layout.sentence_at(begin)).map_or(0..0, |span| layout.words_of(*span));
    let from = sentence.start.max(date.start.saturating_sub(REACH));
    let to = sentence.end.min(date.end + REACH);
    let before = (from..date.start).rev().take_while(|at| !is_edge(layout, *at) && !opens(layout, *at));
    let reader = Reader { layout, first: sentence.start };
    let behind = || {
        let start = if layout.word(date.end) == "," { date.end + 1 } else { date.end };
        (start..to).take_while(|at| !is_edge(layout, *at) && !is_stop(layout.word(*at)))
    };
    before
        .into_iter()
        .find_map(|at| reader.read(at))
        .or_else(|| behind().find_map(|at| reader.read(at)))
        .unwrap_or(Tense::Unknown)
}

fn is_edge(layout: &Layout<'_>, at: usize) -> bool {
    listed(&EDGES, &layout.word(at).to_lowercase())
}

fn is_stop(word: &str) -> bool {
    matches!(word, ";" | ":" | "—" | "–" | "." | "!" | "?" | "\"" | "“" | "”")
}

/// Marks behind which another clause begins; a comma parts phrases as well.
fn opens(layout: &Layout<'_>, at: usize) -> bool {
    is_stop(layout.word(at)) && layout.word(at) != "."
}

struct Reader<'l, 't> {
    layout: &'l Layout<'t>,
    first: usize,
}

impl Reader<'_, '_> {
    fn lower(&self, at: usize) -> String {
        self.layout.word(at).to_lowercase()
    }

    fn before(&self, at: usize) -> String {
        at.checked_sub(1).filter(|at| *at >= self.first).map_or(String::new(), |at| self.lower(at))
    }

    /// What one word says, if it is a verb that says anything.
    fn read(&self, at: usize) -> Option<Tense> {
        let word = self.lower(at);
        let name = self.layout.word(at).starts_with(char::is_uppercase) && at > self.first;
        if name || !word.starts_with(char::is_alphabetic) {
            return None;
        }
        let previous = self.before(at);
        if listed(&COMING, &word) || listed(&AHEAD, &word) && self.is_ahead(at) {
            return Some(Tense::Future);
        }
        if previous == "to" {
            return self.infinitive(at - 1);
        }
        if word.ends_with("ing") && matches!(previous.as_str(), "is" | "are" | "am" | "be" | "re" | "m") {
            return Some(Tense::Future);
        }
        if listed(&PAST, &word) || self.is_participle(&word, &previous) {
            return Some(Tense::Past);
        }
        if matches!(word.as_str(), "is" | "are") || self.is_planned(&word, &previous) {
            return Some(Tense::Future);
        }
        None
    }

    /// "due on", "set for", "scheduled to", "expected by", also at the end of a clause.
    fn is_ahead(&self, at: usize) -> bool {
        let next = self.lower(at + 1);
        matches!(next.as_str(), "to" | "for" | "on" | "by" | "at" | "in" | "next" | "tomorrow" | "this")
            || next.ends_with("day")
            || !next.starts_with(char::is_alphabetic)
    }

    /// "plans to meet", "agreed to meet", but "failed to meet"; "from Friday to Monday" says nothing.
    fn infinitive(&self, to: usize) -> Option<Tense> {
        let governing = self.before(to);
        let done = listed(&DONE, &governing);
        Some(if done { Tense::Past } else { Tense::Future })
    }

    /// A word in -ed that is no mere attribute of the noun behind it.
    fn is_participle(&self, word: &str, previous: &str) -> bool {
        word.len() > 3 && word.ends_with("ed") && !word.ends_with("eed") && !listed(&ATTRIBUTE, previous)
    }

    /// "resume", "resumes": a verb of what is planned, behind a subject.
    fn is_planned(&self, word: &str, previous: &str) -> bool {
        let stem = word.strip_suffix('s').unwrap_or(word);
        let known = |stem: &str| listed(&PLANNED, stem);
        let verb = known(word) || known(stem) || word.strip_suffix("es").is_some_and(known);
        verb && !previous.is_empty() && !listed(&NO_SUBJECT, previous)
    }
}

fn listed(list: &[&str], word: &str) -> bool {
    list.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::span::ByteSpan;

    #[test]
    fn lists_are_sorted() {
        let lists: [&[&str]; 8] = [&PAST, &PLANNED, &AHEAD, &COMING, &DONE, &ATTRIBUTE, &NO_SUBJECT, &EDGES];
        assert!(lists.iter().all(|list| list.is_sorted()));
    }

    #[test]
    fn the_verb_beside_a_date_tells_its_side() {
        for (text, date, expected) in [
            ("Talks resume on Monday.", "Monday", Tense::Future),
            ("The talks resumed on Monday.", "Monday", Tense::Past),
            ("The council will meet on Monday in Oslo.", "Monday", Tense::Future),
            ("The council met the union on Monday.", "Monday", Tense::Past),
            ("On Monday, the council will vote.", "Monday", Tense::Future),
            ("On Monday the council voted.", "Monday", Tense::Past),
            ("Lund said on Monday that talks will resume.", "Monday", Tense::Past),
            ("Lund said talks would resume on Monday.", "Monday", Tense::Future),
            ("Lund, who resigned in May, leaves on Monday.", "Monday", Tense::Future),
            ("The vote is on Monday.", "Monday", Tense::Future),
            ("The hearing was scheduled for Monday.", "Monday", Tense::Future),
            ("They agreed to meet on Monday.", "Monday", Tense::Future),
            ("They failed to meet on Monday.", "Monday", Tense::Past),
            ("He is meeting Hale on Monday.", "Monday", Tense::Future),
            ("He was arrested on Monday.", "Monday", Tense::Past),
            ("The delayed ferry arrives on Monday.", "Monday", Tense::Future),
            ("Monday was cold.", "Monday", Tense::Past),
            ("The attack on Monday", "Monday", Tense::Unknown),
            ("Monday", "Monday", Tense::Unknown),
        ] {
            let layout = Layout::new(text);
            let begin = text.find(date).unwrap();
            let words = layout.words_of(ByteSpan::at(begin, begin + date.len()));
            assert_eq!(tense(&layout, &words), expected, "{text}");
        }
    }
}
