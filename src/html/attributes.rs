//! The attributes that are kept; all others are dropped as they are read. Knows names alone.

/// Name of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attribute {
    AriaHidden,
    Class,
    Content,
    Datetime,
    /// No attribute: the name of an element that is not of HTML ("amp-carousel").
    Element,
    Hidden,
    Href,
    HttpEquiv,
    Id,
    Itemprop,
    Itemtype,
    Lang,
    Name,
    Property,
    Rel,
    Role,
    Style,
    Type,
}

impl Attribute {
    /// The attribute of this name, in lower case, if it is kept.
    pub fn of(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"aria-hidden" => Self::AriaHidden,
            b"class" => Self::Class,
            b"content" => Self::Content,
            b"datetime" => Self::Datetime,
            b"hidden" => Self::Hidden,
            b"href" => Self::Href,
            b"http-equiv" => Self::HttpEquiv,
            b"id" => Self::Id,
            b"itemprop" => Self::Itemprop,
            b"itemtype" => Self::Itemtype,
            b"lang" | b"xml:lang" => Self::Lang,
            b"name" => Self::Name,
            b"property" => Self::Property,
            b"rel" => Self::Rel,
            b"role" => Self::Role,
            b"style" => Self::Style,
            b"type" => Self::Type,
            _ => return None,
        })
    }
}
