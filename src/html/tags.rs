//! Kinds of elements, as coarse as the extraction needs them: which begin a paragraph, which hold no text of an article,
//! which are ended by what follows. Knows names alone. Start at [`Tag::of`].

/// What kind of element a node is; [`Tag::Text`] is none.
#[rustfmt::skip]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    Text,
    // Named as HTML has them, or after what they are.
    Anchor, Article, Aside, Blockquote, Body, Break, Caption, Cell, Figure, Footer, Foreign, Form, Head, Header, Html,
    Item, Link, List, Main, Meta, Paragraph, Preformatted, Quote, Row, Rows, Rule,
    Script, Table, Time, Title,
    /// `<h1>` to `<h6>`
    Heading(u8),
    /// `<dt>`, `<dd>`
    Entry,
    /// What a reader of the article never sees as its text: navigation, controls, embedded things.
    Unread,
    /// What has no content.
    Void,
    /// Any other element that begins a paragraph, such as `<div>`.
    Block,
    /// Everything else, unknown names among it.
    Inline,
}

impl Tag {
    /// The kind of an element with this name, in lower case.
    pub fn of(name: &[u8]) -> Self {
        match name {
            b"a" => Self::Anchor,
            b"article" => Self::Article,
            b"aside" => Self::Aside,
            b"blockquote" => Self::Blockquote,
            b"body" => Self::Body,
            b"br" => Self::Break,
            b"td" | b"th" => Self::Cell,
            b"dt" | b"dd" => Self::Entry,
            b"figcaption" | b"caption" => Self::Caption,
            b"figure" => Self::Figure,
            b"footer" => Self::Footer,
            b"form" => Self::Form,
            b"head" => Self::Head,
            b"header" => Self::Header,
            [b'h', level @ b'1'..=b'6'] => Self::Heading(level - b'0'),
            b"html" => Self::Html,
            b"li" => Self::Item,
            b"link" => Self::Link,
            b"ul" | b"ol" | b"dl" => Self::List,
            b"main" => Self::Main,
            b"meta" => Self::Meta,
            b"p" => Self::Paragraph,
            b"pre" | b"listing" | b"xmp" | b"plaintext" => Self::Preformatted,
            b"q" => Self::Quote,
            b"hr" => Self::Rule,
            b"tr" => Self::Row,
            b"tbody" | b"thead" | b"tfoot" => Self::Rows,
            b"script" => Self::Script,
            b"svg" | b"math" => Self::Foreign,
            b"table" => Self::Table,
            b"time" => Self::Time,
            b"title" => Self::Title,
            b"nav" | b"style" | b"noscript" | b"noembed" | b"noframes" | b"template" | b"iframe"
            | b"object" | b"audio" | b"video" | b"canvas" | b"map" | b"button" | b"select" | b"textarea"
            | b"datalist" | b"dialog" | b"menu" | b"rt" | b"rp" | b"amp-sidebar" | b"amp-consent"
            | b"amp-ad" => Self::Unread,
            b"area" | b"base" | b"col" | b"embed" | b"img" | b"input" | b"param" | b"source" | b"track"
            | b"wbr" | b"basefont" | b"bgsound" | b"frame" | b"keygen" => Self::Void,
            b"address" | b"center" | b"details" | b"dir" | b"div" | b"fieldset" | b"hgroup" | b"search"
            | b"section" | b"summary" | b"legend" | b"optgroup" | b"option" => Self::Block,
            _ => Self::Inline,
        }
    }

    /// Whether text before, in and after it never makes one paragraph.
    #[rustfmt::skip]
    pub fn is_block(self) -> bool {
        !matches!(
            self,
            Self::Anchor | Self::Break | Self::Foreign | Self::Inline | Self::Link | Self::Meta | Self::Quote
                | Self::Script | Self::Text | Self::Time | Self::Unread | Self::Void
        )
    }

    /// Whether it has no content and no end tag.
    pub fn is_void(self) -> bool {
        matches!(self, Self::Break | Self::Link | Self::Meta | Self::Rule | Self::Void)
    }

    /// Whether it can stand before the body.
    pub fn is_of_head(self) -> bool {
        matches!(self, Self::Html | Self::Head | Self::Link | Self::Meta | Self::Script | Self::Title)
    }

    /// Whether it is a part of a table, or one.
    pub fn is_of_table(self) -> bool {
        matches!(self, Self::Cell | Self::Row | Self::Rows | Self::Table | Self::Caption)
    }

    /// Whether it holds other blocks rather than text, so that an article can be all that is in it.
    #[rustfmt::skip]
    pub fn is_container(self) -> bool {
        matches!(
            self,
            Self::Article | Self::Block | Self::Body | Self::Cell | Self::Form | Self::Html | Self::Inline | Self::Main
                | Self::Row | Self::Rows | Self::Table
        )
    }
}
