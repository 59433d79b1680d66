//! Which blocks make the article, and whether they make one. A page without an article has blocks as well; it is told by
//! how little of them is prose, or by how many of its headings lead elsewhere. Start at [`text`].

use super::NoArticle;
use super::blocks::{Block, blocks};
use super::meta::Meta;
use super::tags::Tag;
use super::tree::Tree;
use super::{body, boilerplate, paragraphs};

/// Letters of prose in an article of a page that says it is one, or when it was published: a paragraph, such as before a
/// paywall.
const DECLARED_LETTERS: u32 = 60;

/// The same where the page says nothing.
const LETTERS: u32 = 200;

/// Headings that lead elsewhere from which a page is a list, if there is not more prose besides.
const LINKED_HEADINGS: usize = 3;

/// Letters of the longest paragraph that can be a label, or a label and the link behind it.
const LONGEST_LABEL: u32 = 120;

/// Letters of the longest line of authors.
const LONGEST_BYLINE: u32 = 60;

/// Short paragraphs that stand between those of articles without being marked, in lower case without marks at the end.
#[rustfmt::skip]
const LABELS: [&str; 46] = [
    "advert", "advertisement", "advertisement - scroll to continue", "anzeige", "article continues below",
    "article continues below advertisement", "artikel teilen", "caption", "close", "comments",
    "continue reading", "continue reading below advertisement", "follow us", "just watched",
    "leave a comment", "lesen sie auch", "like loading", "like this", "lire aussi", "loading",
    "mehr zum thema", "must watch", "publicidad", "publicité", "read also", "read more", "recommended",
    "related", "related articles", "related news", "related stories", "see also", "share", "share this",
    "share this article", "share this story", "sign up", "sponsored", "story continues below",
    "story continues below advertisement", "subscribe", "teilen", "watch", "weiterlesen", "werbung",
    "you may also like",
];

/// The text of a page's article; what the page says of itself decides how little may be one.
pub(super) fn text(tree: &Tree, meta: &Meta) -> Result<String, NoArticle> {
    let dropped = boilerplate::dropped(tree);
    let blocks = blocks(tree, &dropped);
    let choice = Choice { tree, dropped: &dropped, meta, blocks: body::here(tree, &blocks) };
    if !meta.is_article && choice.is_list() {
        return Err(NoArticle::List);
    }
    let kept = choice.kept();
    let prose = kept.iter().filter(|block| block.is_prose(tree)).map(|block| block.letters).sum::<u32>();
    let is_declared = meta.is_article || meta.published.is_some();
    if prose < if is_declared { DECLARED_LETTERS } else { LETTERS } {
        return Err(NoArticle::NoProse);
    }
    Ok(paragraphs::text(tree, &dropped, &kept))
}

/// The blocks at the article's place, and what they are chosen by.
struct Choice<'p> {
    tree: &'p Tree,
    dropped: &'p [bool],
    meta: &'p Meta,
    blocks: Vec<&'p Block>,
}

impl<'p> Choice<'p> {
    /// Whether headings lead elsewhere, in most of the place.
    fn is_list(&self) -> bool {
        let is_card = |block: &&&Block| self.level(block).is_some() && block.is_linked(4, 5);
        let cards = self.blocks.iter().filter(is_card).count();
        let prose = self.blocks.iter().filter(|block| block.is_prose(self.tree)).count();
        cards >= LINKED_HEADINGS && cards * 2 >= prose
    }

    /// All prose, what stands between it, and headings of what is kept.
    fn kept(&self) -> Vec<&'p Block> {
        let first = self.blocks.iter().position(|block| self.is_text(block)).unwrap_or(self.blocks.len());
        let last = self.blocks.iter().rposition(|block| self.is_text(block)).unwrap_or_default();
        let mut kept: Vec<&Block> = Vec::new();
        let mut has_gap = false;
        for (place, block) in self.blocks.iter().copied().enumerate() {
            let is_kept = match self.level(block) {
                Some(_) => !(self.is_noise(block) || place < first && self.is_headline(block)),
                None => place >= first && (place <= last || block.is_sentence) && !self.is_noise(block),
            };
            if is_kept {
                self.take_back(&mut kept, block, has_gap);
                kept.push(block);
            }
            has_gap = !is_kept && (has_gap || self.level(block).is_none());
        }
        let end = kept.iter().rposition(|block| self.level(block).is_none()).map_or(0, |last| last + 1);
        kept.truncate(end);
        kept
    }

    /// Whether the article can begin or end with a block: with prose, or a sentence of which much is links.
    fn is_text(&self, block: &Block) -> bool {
        let is_paragraph = self.tree.tag(block.owner) == Tag::Paragraph && block.is_long_sentence();
        (is_paragraph || block.is_prose(self.tree)) && !self.is_noise(block)
    }

    /// Takes back headings of which nothing was kept: something followed them that was dropped, and then another heading.
    fn take_back(&self, kept: &mut Vec<&Block>, next: &Block, has_gap: bool) {
        let Some(next) = self.level(next).filter(|_| has_gap) else { return };
        while kept.last().is_some_and(|last| self.level(last).is_some_and(|level| level >= next)) {
            kept.pop();
        }
    }

    /// The level of a heading.
    fn level(&self, block: &Block) -> Option<u8> {
        match self.tree.tag(block.owner) {
            Tag::Heading(level) => Some(level),
            _ => None,
        }
    }

    /// Whether a heading is that of the whole article.
    fn is_headline(&self, heading: &Block) -> bool {
        let is_same = |title: &str| letters(title) == letters(&self.plain(heading));
        self.level(heading) == Some(1) || self.meta.title.as_deref().is_some_and(is_same)
    }

    /// Whether a block is links, a time, a label or a byline.
    fn is_noise(&self, block: &Block) -> bool {
        let is_timed = u64::from(block.timed) * 4 > u64::from(block.letters) * 3;
        block.is_linked(3, 4) || is_timed || self.is_label(block) || self.is_byline(block)
    }

    /// Whether a block is a line with the name of one of the authors.
    fn is_byline(&self, block: &Block) -> bool {
        let is_line = !block.is_sentence && block.letters <= LONGEST_BYLINE && !self.meta.authors.is_empty();
        is_line && {
            let plain = self.plain(block);
            self.meta.authors.iter().any(|author| plain.contains(author.as_str()))
        }
    }

    fn is_label(&self, block: &Block) -> bool {
        if block.letters > LONGEST_LABEL {
            return false;
        }
        let plain = self.plain(block).to_lowercase();
        let label = plain.trim_matches(|c: char| !c.is_alphanumeric());
        let begins =
            |with: &&str| label.strip_prefix(with).is_some_and(|rest| rest.trim_start().starts_with(':'));
        LABELS.contains(&label) || block.linked > 0 && LABELS.iter().any(begins)
    }

    fn plain(&self, block: &Block) -> String {
        paragraphs::plain(self.tree, self.dropped, block)
    }
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
