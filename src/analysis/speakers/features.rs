//! What the scorer looks at. Each feature is 0 to 1 (logarithms of probability are scaled to that) and has one name, which
//! is also the rule's name in the evidence and in the file of weights.

macro_rules! features {
    ($($(#[$doc:meta])* $variant:ident => $name:literal,)*) => {
        /// The features of one candidate.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(usize)]
        pub enum Feature {
            $($(#[$doc])* $variant,)*
        }

        impl Feature {
            /// Every feature's name in kebab case, in declaration order.
            pub const NAMES: &'static [&'static str] = &[$($name),*];
            /// How many there are.
            pub const COUNT: usize = Self::NAMES.len();
        }
    };
}

features! {
    /// Always 1.
    Somebody => "somebody",
    /// The encoder's probability among all candidates, on a logarithmic scale: 1 for certain, 0 for `e^-8` and less.
    Encoder => "encoder",
    /// The encoder's first choice.
    EncoderFirst => "encoder-first",
    /// The encoder had nothing to say.
    EncoderSilent => "encoder-silent",
    /// The gender wanted is the candidate's, for certain.
    GenderAgrees => "gender-agreement",
    /// The gender wanted is not the candidate's, for certain.
    GenderClash => "gender-clash",
    /// A gender is wanted, the candidate's is unknown.
    GenderUnknown => "gender-unknown",
    /// Share of people of the candidate's given name who have the gender wanted.
    GivenName => "given-name",
    /// Share of the other pronouns that mean the candidate with this gender.
    PronounsAgree => "pronouns-agree",
    /// Share of the other pronouns that mean the candidate with the other gender.
    PronounsClash => "pronouns-clash",
    /// Last met in the sentence of the source.
    SameSentence => "same-sentence",
    /// Last met in the sentence before.
    PreviousSentence => "previous-sentence",
    /// Last met two or three sentences before.
    Nearby => "nearby",
    /// Sentences since, a tenth for each, 1 for out of sight.
    Distance => "distance",
    /// No fitting candidate was met later.
    MostRecent => "most-recent",
    /// One fitting candidate was met later.
    SecondRecent => "second-recent",
    /// Last met as a subject.
    Subject => "subject",
    /// Last met as the subject of the sentence before, and the phrase is a subject, too.
    SubjectAgain => "subject-again",
    /// The subject of the phrase's own clause, of which the phrase is an object.
    Bound => "bound",
    /// Last met by a pronoun or as a source.
    Pronoun => "pronoun-chain",
    /// Last met with a possessive 's.
    Possessive => "possessive",
    /// Last met inside quotation marks.
    InsideQuote => "inside-quote",
    /// In the same quotation as the phrase, or both in none.
    SameVoice => "same-voice",
    /// The speaker of the quotation that the phrase stands in.
    OwnWords => "own-words",
    /// Spoke last.
    PreviousSpeaker => "previous-speaker",
    /// Spoke last, in this sentence or paragraph or the sentence before.
    SpokeJustNow => "spoke-just-now",
    /// Spoke last, and the phrase is a source.
    SpeaksAgain => "speaks-again",
    /// Spoke last but one.
    SpokeBefore => "spoke-before",
    /// Opened the paragraph that the phrase stands in.
    OpensParagraph => "opens-paragraph",
    /// Share of the document's names, threefold.
    Dominant => "dominant",
    /// Named only later.
    Ahead => "named-later",
    /// Named later in the same sentence.
    AheadHere => "named-later-in-sentence",
    /// Has a role of the description's noun.
    RoleNoun => "role-noun",
    /// Share of the description's narrowing words that the role has.
    RoleWords => "role-words",
    /// Has roles, none of which fits.
    RoleUnlike => "role-unlike",
    /// The role belongs to a country that the description does not name.
    RoleForeign => "role-foreign",
    /// Nobody else has a role that fits better.
    RoleBest => "role-best",
    /// Is an organisation.
    Organization => "organization",
    /// Is a place.
    Place => "place",
    /// Nobody who is named.
    Nobody => "nobody",
    /// Nobody, and the encoder thinks of somebody without a name; scaled as `encoder`.
    NobodyUnnamed => "encoder-unnamed",
    /// Nobody, and the encoder thinks of nobody definite; scaled as `encoder`.
    NobodyGeneric => "encoder-generic",
    /// Nobody, and the description is indefinite.
    NobodyIndefinite => "indefinite",
    /// Nobody, and the description has no determiner.
    NobodyBare => "bare-noun",
    /// Nobody, and the description belongs to someone.
    NobodyOwned => "owned",
    /// Nobody, and a phrase narrows the description.
    NobodyNarrowed => "narrowed",
    /// Nobody, and no candidate has a fitting role.
    NobodyUnmatched => "no-role-fits",
    /// Nobody, and the quote before has no named speaker.
    NobodyBefore => "nobody-before",
    /// Nobody, and the last pronoun of this kind means nobody by name.
    NobodyChain => "nobody-chain",
    /// Nobody, and no table knows the noun.
    NobodyUnknownNoun => "unknown-noun",
    /// Nobody, and the phrase is a source.
    NobodySpeaks => "nobody-speaks",
    /// Nobody, and no candidate is in sight.
    NobodyAlone => "nobody-alone",
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

    /// One value.
    pub fn get(&self, feature: Feature) -> f32 {
        self.0[feature as usize]
    }
}
