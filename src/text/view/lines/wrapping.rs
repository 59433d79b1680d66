//! Which lines were broken at a column and go on in the next one. Two things show it together: breaks inside
//! sentences, and lines that are full, since whoever breaks at a column does so where the next word has no room. A
//! text that has one paragraph a line shows neither. Lines that were quoted equally often are judged together, so that
//! a wrapped answer does not depend on the letter that it quotes. Start at [`goes_on`].

use super::Line;
use std::collections::BTreeMap;

/// Columns at which lines are broken, at least and at most.
const NARROWEST: u32 = 24;
const WIDEST: u32 = 140;
/// A line is full where the next word would come within this part of the column: not everyone breaks as late as can be.
const RAGGED: u32 = 8;
/// Longer words than this, in characters, say nothing about the room that they had.
const LONGEST_WORD: usize = 20;
/// One in so many breaks must lie inside a sentence, those before what shows itself as a paragraph aside.
const INSIDE: usize = 5;
/// One in so many lines may be longer than the column: addresses on the web, tables, a headline.
const LONGER: usize = 6;

/// For each line, whether the next one goes on with it.
pub(super) fn goes_on(text: &str, lines: &[Line]) -> Vec<bool> {
    let mut groups: BTreeMap<u32, Group> = BTreeMap::new();
    let is_one_block = |a: &Line, b: &Line| a.depth == b.depth && a.text.is_empty() == b.text.is_empty();
    let mut begin = 0;
    for block in lines.chunk_by(is_one_block) {
        groups.entry(block[0].depth).or_default().add(text, begin, block);
        begin += block.len();
    }
    let mut goes_on = vec![false; lines.len()];
    for group in groups.values() {
        let Some(column) = group.column() else { continue };
        let joined = group.pairs.iter().filter(|pair| pair.goes_on(column, group.parted));
        joined.for_each(|pair| goes_on[pair.at as usize] = true);
    }
    goes_on
}

/// The lines that were quoted equally often.
#[derive(Default)]
struct Group {
    /// Neighbours.
    pairs: Vec<Pair>,
    /// Columns of each line that says anything.
    widths: Vec<u32>,
    /// Whether empty lines part the paragraphs.
    parted: bool,
}

impl Group {
    /// Adds lines that stand together, of which `begin` is the first one's index.
    fn add(&mut self, text: &str, begin: usize, block: &[Line]) {
        if block[0].text.is_empty() {
            self.parted = true;
            return;
        }
        self.widths.extend(block.iter().map(|line| line.width));
        let margin = block.iter().map(|line| line.indent).min().unwrap_or_default() + 1;
        let mut in_item = false;
        for (at, pair) in block.windows(2).enumerate() {
            // The lines of an item are set in, elsewhere the first line of a paragraph is.
            in_item =
                pair[0].bullet || opens_item(pair[0].text.slice(text)) || in_item && pair[0].indent > margin;
            let opens = pair[1].bullet || pair[1].indent > margin && !in_item;
            self.pairs.push(Pair::new(text, begin + at, [&pair[0], &pair[1]], opens));
        }
    }

    /// The column at which the lines were broken, if they were.
    fn column(&self) -> Option<u32> {
        let inside: Vec<&Pair> = self.pairs.iter().filter(|pair| pair.inside).collect();
        let mut widths: Vec<u32> = inside.iter().map(|pair| pair.width).collect();
        widths.sort_unstable();
        // One in many may hold a word that has no room in any line.
        let column = *widths.get(widths.len().checked_sub(1 + widths.len() / 12)?)?;
        let full = inside.iter().filter(|pair| pair.is_full(column)).count();
        let longer = self.widths.iter().filter(|width| **width > column + column / RAGGED).count();
        let is_column = (NARROWEST..=WIDEST).contains(&column);
        let breaks = self.pairs.iter().filter(|pair| !pair.opens).count();
        let shows = inside.len() * INSIDE >= breaks && full * 4 >= inside.len() * 3;
        (is_column && shows && longer * LONGER <= self.widths.len().max(LONGER)).then_some(column)
    }
}

/// Two lines with nothing between them.
struct Pair {
    /// Index of the first.
    at: u32,
    /// Columns of the first line.
    width: u32,
    /// Columns that the first line would have with the first word of the second.
    with_next: u32,
    /// Whether the second begins a paragraph, as its bullet or its indentation shows.
    opens: bool,
    /// Whether the second looks like an item of a list or a turn of a transcript.
    opens_item: bool,
    /// Whether the break lies inside a sentence.
    inside: bool,
    /// Whether a sentence may end with the first line.
    complete: bool,
}

impl Pair {
    fn new(text: &str, at: usize, lines: [&Line; 2], opens: bool) -> Self {
        let [before, after] = lines.map(|line| line.text.slice(text));
        let word = after.split_whitespace().next().unwrap_or_default().chars().take(LONGEST_WORD).count();
        let goes_on = after.starts_with(char::is_lowercase);
        let open =
            |c: char| c.is_alphanumeric() || matches!(c, ',' | ';' | '-' | '–' | '—' | '’' | ')' | '%');
        let bare = before.trim_end_matches(['"', '”', '’', '\'', '»', ')', ']']);
        Self {
            at: at as u32,
            width: lines[0].width,
            with_next: lines[0].width + 1 + word as u32,
            opens,
            opens_item: opens_item(after),
            inside: before.ends_with(open) && goes_on,
            complete: bare.ends_with(['.', '!', '?', '…', ':']) && !goes_on,
        }
    }

    /// Whether the next word would have gone beyond the column, or nearly.
    fn is_full(&self, column: u32) -> bool {
        self.with_next > column - column / RAGGED
    }

    /// Where nothing parts the paragraphs but a last line that is not full, the column counts to the letter.
    fn goes_on(&self, column: u32, parted: bool) -> bool {
        if self.opens {
            return false;
        }
        if self.complete {
            let full = if parted { self.is_full(column) } else { self.with_next > column };
            return full && !self.opens_item;
        }
        self.is_full(column) || self.inside && self.width * 2 >= column
    }
}

/// Whether a line begins an item of a list or a turn of a transcript: "- ", "2. ", "LUND: ", "Q: ".
fn opens_item(line: &str) -> bool {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let number = word.strip_suffix(['.', ')']).unwrap_or_default();
    let listed =
        matches!(word, "-" | "–" | "—") || !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
    let label = line.split_once(':').is_some_and(|(label, _)| {
        label.len() <= 60 && label.chars().any(char::is_uppercase) && !label.contains(char::is_lowercase)
    });
    listed && !rest.is_empty() || label
}
