//! Verbs that report speech or thought. A verb that is not listed reports nothing that the rules know of.

/// What a cue reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reports {
    /// Speech or writing.
    Speech,
    /// Belief, wish, feeling, intention, appearance; topics, about which nothing is stated.
    Thought,
}

/// What stands between a verb and its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// "said (that) …": a clause may follow at once.
    Clause,
    /// "told reporters (that) …": a person first.
    Person,
    /// "called for …", "criticised …": a noun phrase; quotations only where marks or "that" say so.
    Phrase,
}

/// A verb that reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cue {
    /// Dictionary form.
    pub lemma: &'static str,
    /// What it reports.
    pub reports: Reports,
    /// What follows it.
    pub frame: Frame,
}

/// The frames with their verbs, each list sorted.
const VERBS: [(Reports, Frame, &[&str]); 5] = [
    (
        Reports::Speech,
        Frame::Clause,
        &[
            "acknowledge",
            "add",
            "admit",
            "affirm",
            "allege",
            "announce",
            "argue",
            "ask",
            "assert",
            "attest",
            "bemoan",
            "boast",
            "caution",
            "certify",
            "chant",
            "claim",
            "clarify",
            "comment",
            "complain",
            "concede",
            "conclude",
            "confess",
            "confirm",
            "contend",
            "counter",
            "cry",
            "declare",
            "deem",
            "demand",
            "deny",
            "disclose",
            "elaborate",
            "emphasise",
            "emphasize",
            "enquire",
            "enthuse",
            "estimate",
            "exclaim",
            "explain",
            "find",
            "forecast",
            "grumble",
            "highlight",
            "hint",
            "imply",
            "indicate",
            "inquire",
            "insist",
            "interject",
            "intone",
            "joke",
            "lament",
            "maintain",
            "mention",
            "muse",
            "note",
            "observe",
            "opine",
            "order",
            "pledge",
            "point",
            "posit",
            "predict",
            "proclaim",
            "profess",
            "project",
            "promise",
            "propose",
            "quip",
            "read",
            "reaffirm",
            "reassert",
            "recall",
            "recommend",
            "recount",
            "reiterate",
            "rejoin",
            "relate",
            "remark",
            "repeat",
            "reply",
            "report",
            "request",
            "respond",
            "retort",
            "reveal",
            "rumor",
            "rumour",
            "say",
            "scream",
            "shout",
            "sigh",
            "signal",
            "specify",
            "state",
            "stipulate",
            "stress",
            "suggest",
            "swear",
            "testify",
            "tweet",
            "underline",
            "underscore",
            "urge",
            "venture",
            "volunteer",
            "vow",
            "warn",
            "whisper",
            "write",
            "yell",
        ],
    ),
    (
        Reports::Speech,
        Frame::Person,
        &[
            "advise", "assure", "brief", "convince", "inform", "notify", "persuade", "reassure", "remind",
            "tell",
        ],
    ),
    (
        Reports::Speech,
        Frame::Phrase,
        &[
            "accuse",
            "address",
            "admonish",
            "advocate",
            "answer",
            "apologise",
            "apologize",
            "appeal",
            "applaud",
            "attack",
            "beg",
            "blame",
            "blast",
            "brand",
            "call",
            "challenge",
            "characterise",
            "characterize",
            "charge",
            "chastise",
            "chide",
            "cite",
            "commend",
            "condemn",
            "congratulate",
            "continue",
            "criticise",
            "criticize",
            "decry",
            "defend",
            "denounce",
            "depict",
            "deride",
            "describe",
            "detail",
            "dismiss",
            "dispute",
            "dub",
            "echo",
            "email",
            "encourage",
            "endorse",
            "express",
            "hail",
            "instruct",
            "invite",
            "issue",
            "label",
            "lambast",
            "lambaste",
            "laud",
            "mock",
            "name",
            "narrate",
            "offer",
            "outline",
            "petition",
            "plead",
            "portray",
            "post",
            "praise",
            "present",
            "press",
            "publish",
            "question",
            "quiz",
            "quote",
            "rebuke",
            "rebut",
            "refute",
            "reject",
            "release",
            "ridicule",
            "rule",
            "scold",
            "show",
            "slam",
            "speak",
            "spell",
            "summon",
            "talk",
            "telephone",
            "thank",
            "threaten",
            "tout",
            "utter",
            "voice",
            "welcome",
        ],
    ),
    (
        Reports::Thought,
        Frame::Clause,
        &[
            "accept",
            "agree",
            "anticipate",
            "appear",
            "appreciate",
            "assess",
            "assume",
            "believe",
            "calculate",
            "care",
            "consider",
            "contemplate",
            "decide",
            "deduce",
            "determine",
            "disagree",
            "dislike",
            "distrust",
            "doubt",
            "dread",
            "dream",
            "envision",
            "expect",
            "fancy",
            "fear",
            "feel",
            "figure",
            "foresee",
            "forget",
            "gather",
            "guess",
            "hear",
            "hold",
            "hope",
            "imagine",
            "judge",
            "know",
            "learn",
            "mean",
            "mull",
            "notice",
            "perceive",
            "ponder",
            "presume",
            "realise",
            "realize",
            "reckon",
            "recognise",
            "recognize",
            "regret",
            "rejoice",
            "remember",
            "resent",
            "resolve",
            "see",
            "seem",
            "sense",
            "sound",
            "suppose",
            "suspect",
            "think",
            "trust",
            "understand",
            "wonder",
            "worry",
        ],
    ),
    (
        Reports::Thought,
        Frame::Phrase,
        &[
            "aim", "back", "choose", "count", "decline", "desire", "discuss", "enjoy", "favor", "favour",
            "hate", "hesitate", "intend", "like", "long", "look", "love", "mind", "need", "oppose", "plan",
            "prefer", "rank", "rate", "refuse", "regard", "search", "seek", "support", "tend", "try", "view",
            "vote", "want", "watch", "win", "wish", "yearn",
        ],
    ),
];

/// "According to", which reports like a verb.
pub const ACCORDING: Cue = Cue { lemma: "according to", reports: Reports::Speech, frame: Frame::Phrase };

/// Forms that no rule of spelling leads back to their verb, sorted.
const IRREGULAR: [(&str, &str); 37] = [
    ("begged", "beg"),
    ("chose", "choose"),
    ("chosen", "choose"),
    ("dreamt", "dream"),
    ("felt", "feel"),
    ("foresaw", "foresee"),
    ("foreseen", "foresee"),
    ("forgot", "forget"),
    ("forgotten", "forget"),
    ("found", "find"),
    ("gone", "go"),
    ("heard", "hear"),
    ("held", "hold"),
    ("hoped", "hope"),
    ("hoping", "hope"),
    ("knew", "know"),
    ("known", "know"),
    ("learnt", "learn"),
    ("meant", "mean"),
    ("pled", "plead"),
    ("ruled", "rule"),
    ("ruling", "rule"),
    ("said", "say"),
    ("saw", "see"),
    ("seen", "see"),
    ("sought", "seek"),
    ("spoke", "speak"),
    ("spoken", "speak"),
    ("swore", "swear"),
    ("sworn", "swear"),
    ("thought", "think"),
    ("told", "tell"),
    ("understood", "understand"),
    ("went", "go"),
    ("won", "win"),
    ("written", "write"),
    ("wrote", "write"),
];

/// The reporting verb of which a word is a form, whatever its case.
pub fn cue(word: &str) -> Option<Cue> {
    let word = word.to_lowercase();
    let irregular =
        IRREGULAR.binary_search_by_key(&word.as_str(), |&(form, _)| form).ok().map(|at| IRREGULAR[at].1);
    irregular.map_or_else(|| candidates(&word).find_map(|lemma| listed(&lemma)), listed)
}

fn listed(lemma: &str) -> Option<Cue> {
    VERBS.iter().find_map(|&(reports, frame, verbs)| {
        let at = verbs.binary_search(&lemma).ok()?;
        Some(Cue { lemma: verbs[at], reports, frame })
    })
}

/// What a form may come from, by the spelling rules of -s, -ed and -ing.
fn candidates(word: &str) -> impl Iterator<Item = String> {
    const ENDINGS: [(&str, &[&str]); 6] = [
        ("ies", &["y"]),
        ("es", &["", "e"]),
        ("s", &[""]),
        ("ied", &["y"]),
        ("ed", &["", "e"]),
        ("ing", &["", "e"]),
    ];
    let stripped =
        ENDINGS.iter().filter_map(|(ending, restored)| Some((word.strip_suffix(ending)?, *restored)));
    let restored = stripped.flat_map(|(stem, restored)| {
        let single = undoubled(stem).map(str::to_owned);
        restored.iter().map(move |end| format!("{stem}{end}")).chain(single).collect::<Vec<_>>()
    });
    std::iter::once(word.to_owned()).chain(restored).collect::<Vec<_>>().into_iter()
}

/// "admitt" comes from "admit".
fn undoubled(stem: &str) -> Option<&str> {
    let mut back = stem.chars().rev();
    let (last, before) = (back.next()?, back.next()?);
    (last == before).then(|| &stem[..stem.len() - last.len_utf8()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_lead_back_to_their_verb() {
        let cases = [
            ("said", "say"),
            ("Says", "say"),
            ("denied", "deny"),
            ("denies", "deny"),
            ("noting", "note"),
            ("stressed", "stress"),
            ("admitting", "admit"),
            ("told", "tell"),
            ("writes", "write"),
            ("wondering", "wonder"),
            ("added", "add"),
        ];
        for (form, lemma) in cases {
            assert_eq!(cue(form).map(|cue| cue.lemma), Some(lemma), "{form}");
        }
        assert_eq!(cue("table"), None);
    }

    #[test]
    fn the_lists_are_sorted() {
        assert!(VERBS.iter().all(|(_, _, verbs)| verbs.is_sorted()));
        assert!(IRREGULAR.is_sorted());
    }
}
