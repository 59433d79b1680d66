//! What the ranker looks at. Each feature is 0 to 1 and has one name, which is also the rule's name in the evidence.

/// The features of one candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Feature {
    GenderAgrees,
    GenderUnknown,
    SameSentence,
    PreviousSentence,
    Nearby,
    Distance,
    MostRecent,
    Subject,
    Pronoun,
    Possessive,
    InsideQuote,
    PreviousSpeaker,
    SpokeJustNow,
    SpokeBefore,
    Dominant,
    Ahead,
    RoleNoun,
    RoleWords,
    RoleUnlike,
    Organization,
    Place,
    Nobody,
    NobodyIndefinite,
    NobodyBare,
    NobodyOwned,
    NobodyNarrowed,
    NobodyUnmatched,
    NobodyBefore,
    NobodyUnknownNoun,
}

impl Feature {
    /// How many there are.
    pub const COUNT: usize = 29;

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
