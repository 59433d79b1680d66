//! Pronouns and the other function words that a detector may take for a name.

use super::Gender;

/// What a pronoun agrees with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::analysis) enum Pronoun {
    /// he, she and their forms.
    Singular(Gender),
    /// it.
    Neuter,
    /// they.
    Plural,
    /// I, we.
    First,
    /// who, which, that.
    Relative,
    /// you.
    Second,
}

/// Reads a folded word.
pub(in crate::analysis) fn read(word: &str) -> Option<Pronoun> {
    Some(match word {
        "he" | "him" | "his" | "himself" => Pronoun::Singular(Gender::Masculine),
        "she" | "her" | "hers" | "herself" => Pronoun::Singular(Gender::Feminine),
        "it" | "its" | "itself" => Pronoun::Neuter,
        "they" | "them" | "their" | "theirs" | "themselves" => Pronoun::Plural,
        "i" | "me" | "my" | "myself" | "we" | "us" | "our" | "ours" | "ourselves" => Pronoun::First,
        "who" | "which" | "that" | "whom" | "whose" => Pronoun::Relative,
        "you" | "your" | "yours" => Pronoun::Second,
        _ => return None,
    })
}

/// Whether the folded word is a pronoun of any kind.
pub(in crate::analysis) fn is_pronoun(word: &str) -> bool {
    read(word).is_some()
}

/// Whether the folded word does nothing but grammar.
pub(in crate::analysis) fn is_function_word(word: &str) -> bool {
    is_pronoun(word)
        || matches!(
            word,
            "the"
                | "a"
                | "an"
                | "and"
                | "or"
                | "but"
                | "of"
                | "in"
                | "on"
                | "at"
                | "to"
                | "for"
                | "by"
                | "with"
                | "from"
                | "as"
                | "is"
                | "was"
                | "said"
                | "not"
                | "this"
                | "these"
                | "those"
                | "there"
                | "if"
        )
}

/// Prepositions that attach a phrase to the noun before it.
pub(in crate::analysis) fn is_preposition(word: &str) -> bool {
    matches!(
        word,
        "of" | "for"
            | "from"
            | "at"
            | "in"
            | "on"
            | "with"
            | "by"
            | "to"
            | "near"
            | "against"
            | "about"
            | "under"
            | "within"
            | "between"
            | "among"
            | "behind"
            | "including"
            | "like"
            | "on behalf"
            | "representing"
            | "via"
            | "into"
            | "over"
            | "after"
            | "before"
            | "during"
            | "outside"
            | "inside"
            | "across"
            | "than"
            | "as"
            | "without"
            | "upon"
            | "toward"
            | "towards"
            | "around"
    )
}
