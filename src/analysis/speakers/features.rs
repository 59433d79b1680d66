//! What the ranker looks at. Each feature is 0 to 1 and has one name, which is also the rule's name in the evidence.

/// The features of one candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Feature {
    /// The gender wanted is the candidate's.
    GenderAgrees,
    /// A gender is wanted, the candidate's is unknown.
    GenderUnknown,
    /// Last met in the sentence of the source.
    SameSentence,
    /// Last met in the sentence before.
    PreviousSentence,
    /// Last met two or three sentences before.
    Nearby,
    /// Sentences since, a tenth for each, 1 for out of sight.
    Distance,
    /// No fitting candidate was met later.
    MostRecent,
    /// Last met as a subject.
    Subject,
    /// Last met by a pronoun or as a source.
    Pronoun,
    /// Last met with a possessive 's.
    Possessive,
    /// Last met inside quotation marks.
    InsideQuote,
    /// Spoke last.
    PreviousSpeaker,
    /// Spoke last, in this sentence or paragraph or the sentence before.
    SpokeJustNow,
    /// Spoke last but one.
    SpokeBefore,
    /// Share of the document's names, threefold.
    Dominant,
    /// Named only later.
    Ahead,
    /// Has a role of the description's noun.
    RoleNoun,
    /// Share of the description's narrowing words that the role has.
    RoleWords,
    /// Has roles, none of which fits.
    RoleUnlike,
    /// The role belongs to a country that the description does not name.
    RoleForeign,
    /// Is an organisation.
    Organization,
    /// Is a place.
    Place,
    /// Nobody who is named.
    Nobody,
    /// Nobody, and the description is indefinite.
    NobodyIndefinite,
    /// Nobody, and the description has no determiner.
    NobodyBare,
    /// Nobody, and the description belongs to someone.
    NobodyOwned,
    /// Nobody, and a phrase narrows the description.
    NobodyNarrowed,
    /// Nobody, and no candidate has a fitting role.
    NobodyUnmatched,
    /// Nobody, and the quote before has no named speaker.
    NobodyBefore,
    /// Nobody, and no table knows the noun.
    NobodyUnknownNoun,
}

impl Feature {
    /// How many there are.
    pub const COUNT: usize = 30;

    /// Every feature's name in kebab case, in declaration order.
    pub const NAMES: [&'static str; Self::COUNT] = [
        "gender-agreement",
        "gender-unknown",
        "same-sentence",
        "previous-sentence",
        "nearby",
        "distance",
        "most-recent",
        "subject",
        "pronoun-chain",
        "possessive",
        "inside-quote",
        "previous-speaker",
        "spoke-just-now",
        "spoke-before",
        "dominant",
        "named-later",
        "role-noun",
        "role-words",
        "role-unlike",
        "role-foreign",
        "organization",
        "place",
        "nobody",
        "indefinite",
        "bare-noun",
        "owned",
        "narrowed",
        "no-role-fits",
        "nobody-before",
        "unknown-noun",
    ];
}

/// The values of one candidate's features.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Features(pub [f32; Feature::COUNT]);

impl Features {
    /// Nothing holds.
    pub fn none() -> Self {
        Self([0.0; Feature::COUNT])
    }

    /// Sets one value.
    pub fn set(&mut self, feature: Feature, value: f32) {
        self.0[feature as usize] = value;
    }

    /// Sets one value to whether something holds.
    pub fn hold(&mut self, feature: Feature, holds: bool) {
        self.set(feature, f32::from(u8::from(holds)));
    }
}
