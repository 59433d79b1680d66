//! What classes, ids and names of custom elements give away. Designers name things after what they are, and the same few
//! words come back on all sites; this is the oldest of the signs that extractors go by (Readability, 2009). They are weak
//! signs: who asks must have a second one before an article is thrown away. Knows words alone. Start at [`Hint::of`].

/// What an element is called after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hint {
    /// Not for the eye: text for screen readers.
    Unseen,
    /// What a picture shows, and who made it.
    Picture,
    /// Around the article: galleries, sharing, advertisements, authors' boxes, subscriptions, notices.
    Around,
    /// Other articles.
    Elsewhere,
    /// What readers say.
    Comments,
}

/// Words of names, joined where they are two ("most-read"); sorted.
#[rustfmt::skip]
const UNSEEN: [&str; 6] = [
    "assistivetext", "screenreader", "sronly", "vhide", "visuallyhidden", "visuallyhide",
];
#[rustfmt::skip]
const AROUND: [&str; 121] = [
    "actions", "ad", "addthis", "ads", "adslot", "advert", "advertisement", "advertising", "anzeige", "author",
    "authors", "autor", "banner", "bio", "breadcrumb", "breadcrumbs", "btn", "button", "buttons", "byline",
    "carousel", "citations", "cmp", "consent", "contributor", "contributors", "cookie", "cookies", "cta",
    "datenschutz", "dfp", "disclaimer", "donate", "donation", "endslate", "feedback", "follow", "footer",
    "gallery", "gdpr", "gpt", "interstitial", "keywords", "legal", "lightbox", "login", "masthead", "menu",
    "meta", "metadata", "modal", "mpu", "nav", "navbar", "navigation", "newsletter", "newsletters", "noprint",
    "ofcontents", "onetrust", "outbrain", "overlay", "pager", "pagination", "paging", "paid", "partner",
    "paywallbarrier", "paywallbox", "paywallmessage", "paywalloffer", "paywallprompt", "player", "poll",
    "popup", "print", "printonly", "privacy", "promo", "promos", "promoted", "promotion", "prompt", "pubdate",
    "publicidad", "publicite", "pullquote", "quiz", "register", "registration", "regwall", "reklama", "share",
    "sharebar", "sharethis", "sharing", "sidebar", "signin", "signup", "skip", "skiplink", "slideshow",
    "social", "sponsor", "sponsored", "sponsors", "subnav", "subscribe", "subscription", "survey",
    "tableofcontents", "taboola", "tags", "teilen", "timestamp", "toast", "toc", "toolbar", "toolbox", "topbar",
    "werbung",
];
#[rustfmt::skip]
const PICTURES: [&str; 8] = [
    "caption", "captions", "copyright", "credit", "credits", "imagecaption", "photocredit", "slidecount",
];
#[rustfmt::skip]
const ELSEWHERE: [&str; 27] = [
    "alsoread", "furtherreading", "latestnews", "moreabout", "morefrom", "morenews", "moreon", "morestories",
    "mostpopular", "mostread", "mostviewed", "nextprev", "popular", "prevnext", "readmore", "readnext",
    "recirc", "recirculation", "recommendation", "recommendations", "recommended", "related", "relatedlinks",
    "similar", "suggested", "topstories", "trending",
];
#[rustfmt::skip]
const COMMENTS: [&str; 8] = [
    "comment", "commentlist", "comments", "discussion", "disqus", "kommentar", "kommentare", "respond",
];

/// Where the article's text is; unlike the others, whole names.
#[rustfmt::skip]
const BODIES: [&str; 20] = [
    "articlebody", "articlecontent", "articlemain", "articlepage", "articletext", "bodycopy", "bodytext",
    "contentbody", "entry", "entrycontent", "entrytext", "hentry", "maincontent", "postbody", "postcontent",
    "posttext", "storybody", "storycontent", "storytext", "textbody",
];

/// Words that turn the rest of a name around, or say that it is about the state of the whole page.
const STATES: [&str; 12] =
    ["enabled", "has", "hide", "include", "includes", "is", "no", "not", "on", "open", "with", "without"];

/// Bytes of an attribute that are looked at; designers need less.
const NAMES: usize = 256;

impl Hint {
    /// The strongest hint in the names of an element, which are parted by white space.
    pub fn of(names: &str) -> Option<Self> {
        bounded(names).split_ascii_whitespace().filter_map(Self::of_name).max()
    }

    fn of_name(name: &str) -> Option<Self> {
        let words = Words::of(name);
        if words.iter().any(|word| STATES.contains(&word)) {
            return None;
        }
        let lists = [&COMMENTS[..], &ELSEWHERE, &AROUND, &PICTURES, &UNSEEN];
        let hints = [Self::Comments, Self::Elsewhere, Self::Around, Self::Picture, Self::Unseen];
        let has =
            |list: &[&str]| words.iter().chain(words.pairs()).any(|word| list.binary_search(&word).is_ok());
        hints.into_iter().zip(lists).find_map(|(hint, list)| has(list).then_some(hint))
    }
}

/// Whether an element is called after the text of an article.
pub(super) fn is_body(names: &str) -> bool {
    bounded(names).split_ascii_whitespace().any(|name| BODIES.contains(&Words::of(name).letters.as_str()))
}

fn bounded(names: &str) -> &str {
    &names[..names.floor_char_boundary(NAMES)]
}

/// The words of a name, in lower case: "mostRead", "most-read" and "most_read" have the same two.
struct Words {
    /// All words, one right after the other.
    letters: String,
    /// Where each begins, and the end.
    bounds: Vec<usize>,
}

impl Words {
    fn of(name: &str) -> Self {
        let mut words = Self { letters: String::new(), bounds: vec![0] };
        let mut was_lower = false;
        for c in name.chars() {
            if !c.is_ascii_alphabetic() || c.is_ascii_uppercase() && was_lower {
                words.end();
            }
            if c.is_ascii_alphabetic() {
                words.letters.push(c.to_ascii_lowercase());
            }
            was_lower = c.is_ascii_lowercase();
        }
        words.end();
        words
    }

    fn end(&mut self) {
        if self.bounds.last() != Some(&self.letters.len()) {
            self.bounds.push(self.letters.len());
        }
    }

    fn iter(&self) -> impl Iterator<Item = &str> {
        self.bounds.windows(2).map(|word| &self.letters[word[0]..word[1]])
    }

    fn pairs(&self) -> impl Iterator<Item = &str> {
        self.bounds.windows(3).map(|pair| &self.letters[pair[0]..pair[2]])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        assert!([&COMMENTS[..], &ELSEWHERE, &AROUND, &PICTURES, &UNSEEN].iter().all(|list| list.is_sorted()));
    }

    #[test]
    fn names_are_read_as_words() {
        assert_eq!(Hint::of("box mostRead"), Some(Hint::Elsewhere));
        assert_eq!(Hint::of("article__share-bar"), Some(Hint::Around));
        assert_eq!(Hint::of("disqus_thread"), Some(Hint::Comments));
        assert_eq!(Hint::of("sr-only"), Some(Hint::Unseen));
        assert_eq!(Hint::of("header shared-space adventure loads"), None);
    }

    #[test]
    fn states_of_the_page_are_no_hints() {
        assert_eq!(Hint::of("has-sidebar no-comments comments-open with-ads"), None);
    }

    #[test]
    fn bodies_are_whole_names() {
        assert!(is_body("x articleBody") && is_body("article-body") && is_body("article__body"));
        assert!(!is_body("article-body-share"));
    }
}
