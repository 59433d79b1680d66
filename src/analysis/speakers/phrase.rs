//! A noun phrase that describes someone ("the French president", "a spokesman for the ministry", "Kremlin
//! spokesperson"): its head noun, its determiner, and the words that narrow it down. Read by position of words alone,
//! without a parser: everything up to the first preposition belongs to the head, which is its last noun.

use super::nouns::{self, NounKind};
use super::pronouns;
use super::scene::Scene;
use crate::analysis::entities::lexicon::{Gender, titles};
use std::ops::Range;

/// How a phrase is determined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Determiner {
    /// the, this, that.
    Definite,
    /// a, an, one, another, some.
    Indefinite,
    /// his, her, their; or a name's possessive.
    Owner,
    /// None.
    Bare,
}

/// A read phrase.
#[derive(Debug, Clone)]
pub(super) struct Phrase {
    /// The folded head noun; never empty.
    pub head: String,
    /// Every noun for people, bodies or documents at the top of the phrase, the head among them.
    pub nouns: Vec<String>,
    pub kind: NounKind,
    pub plural: bool,
    pub determiner: Determiner,
    /// Folded words beside head and function words, in order.
    pub modifiers: Vec<String>,
    /// A phrase with a preposition narrows it down.
    pub complement: bool,
    /// All of it.
    pub words: Range<usize>,
}

/// Longest phrase read, in words.
const LONGEST: usize = 40;

impl Phrase {
    /// Reads the words as one phrase; `None` where no word is left.
    pub fn read(scene: &Scene<'_, '_>, words: Range<usize>) -> Option<Self> {
        let words = words.start..words.end.min(words.start + LONGEST);
        let folded: Vec<String> = words.clone().map(|at| token(scene, at)).collect();
        let determiner = determiner(scene, &words, &folded);
        let cut = folded.iter().skip(1).position(|word| ends_head(word)).map_or(folded.len(), |at| at + 1);
        let top: Vec<&String> = folded[..cut].iter().filter(|word| is_content(word)).collect();
        let quantified =
            top.is_empty() || folded.get(cut).is_some_and(|word| word == "of") && is_quantity(&top);
        let head = (*top.last()?).clone();
        let typed = |word: &&&String| nouns::kind(word) != NounKind::Other;
        let mut listed: Vec<String> = top.iter().filter(typed).map(|word| (**word).clone()).collect();
        if !listed.contains(&head) {
            listed.push(head.clone());
        }
        let kind =
            if quantified && determiner != Determiner::Owner { NounKind::Group } else { nouns::kind(&head) };
        let singular_of =
            matches!(folded[0].as_str(), "one") && folded.get(1).is_some_and(|word| word == "of");
        let plural = !singular_of && (quantified || nouns::is_plural(&head) || two_articles(&folded[..cut]));
        let modifiers = folded.iter().filter(|word| is_content(word) && **word != head).cloned().collect();
        Some(Self {
            nouns: listed,
            kind,
            plural,
            determiner,
            modifiers,
            complement: cut < folded.len(),
            words,
            head,
        })
    }

    /// What one of the nouns at the top says: "the former first lady and senator" is a woman.
    pub fn gender(&self) -> Option<Gender> {
        titles::gender(&self.head).or_else(|| self.nouns.iter().find_map(|noun| titles::gender(noun)))
    }
}

/// The folded word; hyphenated compounds and possessives come apart as in the layout.
fn token(scene: &Scene<'_, '_>, at: usize) -> String {
    scene.folded(at)
}

fn determiner(scene: &Scene<'_, '_>, words: &Range<usize>, folded: &[String]) -> Determiner {
    let owned = words.clone().take(8).any(|at| {
        matches!(scene.layout.word(at), "'" | "’") && matches!(scene.layout.word(at + 1), "s" | "S" | "")
    });
    match folded.first().map(String::as_str) {
        _ if owned => Determiner::Owner,
        Some("his" | "her" | "their" | "its" | "my" | "our" | "your" | "whose") => Determiner::Owner,
        // Folding leaves an article alone only where nothing follows it.
        Some("the" | "this" | "that" | "these" | "those") => Determiner::Definite,
        Some("a" | "an" | "one" | "another" | "some" | "any" | "several" | "many" | "two" | "three") => {
            Determiner::Indefinite
        }
        _ => Determiner::Bare,
    }
}

/// "a man and a woman", but not "the former first lady and senator".
fn two_articles(top: &[String]) -> bool {
    top.windows(2)
        .any(|pair| pair[0] == "and" && matches!(pair[1].as_str(), "a" | "an" | "the" | "his" | "her"))
}

/// Words that close the head of a phrase.
fn ends_head(word: &str) -> bool {
    pronouns::is_preposition(word)
        || matches!(
            word,
            "who"
                | "which"
                | "that"
                | "whose"
                | "whom"
                | "said"
                | "says"
                | "led"
                | "named"
                | "known"
                | "called"
                | "familiar"
                | "close"
                | "responsible"
                | "released"
                | "published"
                | "filed"
                | "conducted"
                | "issued"
                | "handling"
                | "seeking"
                | "speaking"
                | "appearing"
                | "responding"
                | "based"
                | "involved"
                | "is"
                | "was"
        )
}

/// Whether the word carries meaning of its own.
fn is_content(word: &str) -> bool {
    let letters = word.chars().any(char::is_alphabetic);
    letters
        && !pronouns::is_function_word(word)
        && !pronouns::is_preposition(word)
        && !matches!(
            word,
            "s" | "his" | "her" | "their" | "its" | "former" | "then" | "also" | "who" | "now" | "one"
        )
}

/// "a number of", "some of", "most of".
fn is_quantity(top: &[&String]) -> bool {
    top.last().is_some_and(|word| {
        matches!(
            word.as_str(),
            "number"
                | "group"
                | "majority"
                | "many"
                | "most"
                | "some"
                | "several"
                | "dozens"
                | "hundreds"
                | "thousands"
                | "array"
                | "handful"
                | "percent"
                | "half"
                | "all"
                | "each"
                | "section"
                | "variety"
        )
    })
}
