//! How blocks read: white space is one space, a line break of the page is one of the text, two of them end a paragraph.
//! What shows nothing is left out, so that words are whole ("Straf\u{ad}recht"). Start at [`text`].

use super::blocks::Block;
use super::tags::Tag;
use super::tree::Tree;

/// The text of blocks, a blank line between two.
pub(super) fn text(tree: &Tree, is_dropped: &[bool], blocks: &[&Block]) -> String {
    let mut writer = Writer::default();
    for block in blocks {
        writer.end_paragraph();
        write(&mut writer, tree, is_dropped, block);
    }
    writer.text
}

/// The text of a block in one line.
pub(super) fn plain(tree: &Tree, is_dropped: &[bool], block: &Block) -> String {
    let mut writer = Writer::default();
    write(&mut writer, tree, is_dropped, block);
    tidy(&writer.text)
}

/// Any text in one line: without control characters and what shows nothing, white space as one space.
pub(super) fn tidy(text: &str) -> String {
    let mut writer = Writer::default();
    writer.push(text);
    writer.text
}

fn write(writer: &mut Writer, tree: &Tree, is_dropped: &[bool], block: &Block) {
    let is_as_written = tree.tag(block.owner) == Tag::Preformatted;
    let mut node = block.nodes.start;
    while node < block.nodes.end {
        if is_dropped[node] {
            node = tree.end(node);
            continue;
        }
        match tree.tag(node) {
            Tag::Break => writer.breaks += 1,
            Tag::Text if is_as_written => {
                for (index, line) in tree.text(node).split('\n').enumerate() {
                    writer.breaks += usize::from(index > 0);
                    writer.push(line);
                }
            }
            Tag::Text => writer.push(tree.text(node)),
            _ => {}
        }
        node += 1;
    }
}

/// Writes text, with blanks and breaks only between words.
#[derive(Default)]
struct Writer {
    text: String,
    has_space: bool,
    breaks: usize,
}

impl Writer {
    fn end_paragraph(&mut self) {
        self.breaks = 2;
    }

    fn push(&mut self, text: &str) {
        for c in text.chars() {
            if c.is_whitespace() {
                self.has_space = true;
            } else if !is_nothing(c) {
                self.separate();
                self.text.push(c);
            }
        }
    }

    fn separate(&mut self) {
        if !self.text.is_empty() {
            match (self.breaks, self.has_space) {
                (0, false) => {}
                (0, true) => self.text.push(' '),
                (1, _) => self.text.push('\n'),
                _ => self.text.push_str("\n\n"),
            }
        }
        self.breaks = 0;
        self.has_space = false;
    }
}

/// Characters that show nothing and part nothing.
fn is_nothing(c: char) -> bool {
    c.is_control() || matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}
