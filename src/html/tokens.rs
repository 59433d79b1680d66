//! From characters to tags, by the HTML standard's tokenizer. What no article needs is dropped here, before it takes
//! memory: comments, scripts, styles, attributes that nothing reads. html5gum does the work, and not html5ever, because
//! its tokenizer compares each attribute with all others of the tag. Start at [`read`].

use super::attributes::Attribute;
use super::builder::Builder;
use super::tags::Tag;
use super::tree::Tree;
use super::{NoArticle, PAGE_BYTES};
use html5gum::{Emitter, Error, State, Tokenizer};
use std::convert::Infallible;

/// Bytes that are kept of an attribute's value.
const VALUE_BYTES: usize = 8 * 1024;

/// Bytes that are kept of the name of an element or attribute. No name that means anything is longer.
const NAME_BYTES: usize = 64;

/// The tree of a page.
pub(super) fn read(page: &str) -> Result<Tree, NoArticle> {
    if page.len() > PAGE_BYTES {
        return Err(NoArticle::TooLarge);
    }
    let mut builder = Builder::new();
    let Ok(()) = Tokenizer::new_with_emitter(page, Reader::new(&mut builder)).finish();
    builder.finish().ok_or(NoArticle::TooLarge)
}

/// What the tokenizer tells of a page.
struct Reader<'b> {
    builder: &'b mut Builder,
    /// Text that is not in the tree yet.
    text: Vec<u8>,
    /// Whether what comes is the content of an element that nobody reads.
    is_unread: bool,
    tag: Token,
    /// Name of the last start tag, where its content is text up to its end tag.
    raw: Vec<u8>,
    attribute: Vec<u8>,
    value: Vec<u8>,
    attributes: Vec<(Attribute, String)>,
}

/// The tag being read.
#[derive(Default)]
struct Token {
    name: Vec<u8>,
    is_end: bool,
    is_self_closing: bool,
}

impl<'b> Reader<'b> {
    fn new(builder: &'b mut Builder) -> Self {
        Self {
            builder,
            text: Vec::new(),
            is_unread: false,
            tag: Token::default(),
            raw: Vec::new(),
            attribute: Vec::new(),
            value: Vec::new(),
            attributes: Vec::new(),
        }
    }

    fn begin_tag(&mut self, is_end: bool) {
        self.tag.name.clear();
        self.tag.is_end = is_end;
        self.tag.is_self_closing = false;
        self.attribute.clear();
        self.value.clear();
        self.attributes.clear();
    }

    fn flush_text(&mut self) {
        if !self.text.is_empty() {
            self.builder.text(&String::from_utf8_lossy(&self.text));
            self.text.clear();
        }
    }

    /// The first of two attributes of one name counts.
    fn flush_attribute(&mut self) {
        if let Some(attribute) = Attribute::of(&self.attribute)
            && self.attributes.iter().all(|(known, _)| *known != attribute)
        {
            self.attributes.push((attribute, String::from_utf8_lossy(&self.value).into_owned()));
        }
        self.attribute.clear();
        self.value.clear();
    }

    fn is_json_ld(&self) -> bool {
        let is_type = |(attribute, value): &(Attribute, String)| {
            *attribute == Attribute::Type && value.to_ascii_lowercase().contains("ld+json")
        };
        self.attributes.iter().any(is_type)
    }

    /// How the content of an element is read, if not as HTML.
    fn state_in(&self, name: &[u8]) -> Option<State> {
        let is_in_foreign = self.builder.is_in_foreign();
        match name {
            b"title" | b"textarea" if !is_in_foreign => Some(State::RcData),
            b"plaintext" if !is_in_foreign => Some(State::PlainText),
            b"script" | b"style" if is_in_foreign && self.tag.is_self_closing => None,
            b"script" => Some(State::ScriptData),
            b"style" | b"iframe" | b"xmp" | b"noembed" | b"noframes" | b"noscript" => Some(State::RawText),
            _ => None,
        }
    }
}

fn extend_up_to(buffer: &mut Vec<u8>, bytes: usize, more: &[u8]) {
    let room = bytes.saturating_sub(buffer.len());
    buffer.extend_from_slice(&more[..more.len().min(room)]);
}

impl Emitter for Reader<'_> {
    type Token = Infallible;

    fn emit_string(&mut self, text: &[u8]) {
        if !self.is_unread {
            self.text.extend_from_slice(text);
        }
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        self.flush_attribute();
        self.flush_text();
        self.is_unread = false;
        if self.tag.is_end {
            self.builder.close(&self.tag.name);
            return None;
        }
        self.builder.open(&self.tag.name, &self.attributes, self.tag.is_self_closing);
        let state = self.state_in(&self.tag.name);
        let is_read = match Tag::of(&self.tag.name) {
            Tag::Script => self.is_json_ld(),
            tag => matches!(tag, Tag::Title | Tag::Preformatted),
        };
        self.is_unread = state.is_some() && !is_read;
        self.raw.clone_from(&self.tag.name);
        state
    }

    fn emit_eof(&mut self) {
        self.flush_text();
    }

    fn init_start_tag(&mut self) {
        self.begin_tag(false);
    }

    fn init_end_tag(&mut self) {
        self.begin_tag(true);
    }

    fn push_tag_name(&mut self, name: &[u8]) {
        extend_up_to(&mut self.tag.name, NAME_BYTES, name);
    }

    fn set_self_closing(&mut self) {
        self.tag.is_self_closing = true;
    }

    fn init_attribute(&mut self) {
        self.flush_attribute();
    }

    fn push_attribute_name(&mut self, name: &[u8]) {
        extend_up_to(&mut self.attribute, NAME_BYTES, name);
    }

    fn push_attribute_value(&mut self, value: &[u8]) {
        extend_up_to(&mut self.value, VALUE_BYTES, value);
    }

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.tag.is_end && self.tag.name == self.raw
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        self.builder.is_in_foreign()
    }

    #[inline]
    fn should_emit_errors(&mut self) -> bool {
        false
    }

    // Nothing is made of comments, doctypes and errors; tags are handled as they come, so that no token waits.
    fn pop_token(&mut self) -> Option<Infallible> {
        None
    }
    fn emit_error(&mut self, _: Error) {}
    fn set_last_start_tag(&mut self, _: Option<&[u8]>) {}
    fn init_comment(&mut self) {}
    fn push_comment(&mut self, _: &[u8]) {}
    fn emit_current_comment(&mut self) {}
    fn init_doctype(&mut self) {}
    fn push_doctype_name(&mut self, _: &[u8]) {}
    fn set_force_quirks(&mut self) {}
    fn set_doctype_public_identifier(&mut self, _: &[u8]) {}
    fn set_doctype_system_identifier(&mut self, _: &[u8]) {}
    fn push_doctype_public_identifier(&mut self, _: &[u8]) {}
    fn push_doctype_system_identifier(&mut self, _: &[u8]) {}
    fn emit_current_doctype(&mut self) {}
}
