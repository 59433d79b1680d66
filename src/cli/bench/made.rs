//! Articles that nobody wrote: short news of invented people, with direct, indirect and mixed quotations. An article follows from a seed
//! and its number alone, so that two runs send the same ones in the same order. Start at [`article`].

use crate::transport::wire::Document;
use fastrand::Rng;
use std::collections::BTreeMap;

#[rustfmt::skip]
const FIRST: [&str; 20] = [
    "Ada", "Bram", "Celia", "Dario", "Edda", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Leila", "Milan", "Nadia", "Oskar", "Petra",
    "Quentin", "Rosa", "Stefan", "Talia", "Viktor",
];

#[rustfmt::skip]
const LAST: [&str; 20] = [
    "Quinn", "Marlow", "Okafor", "Lindqvist", "Varga", "Castellan", "Brandt", "Hollis", "Ferreira", "Novak", "Achterberg", "Tanaka",
    "Rourke", "Salim", "Whitcombe", "Zielinski", "Moreau", "Petrov", "Haddad", "Calloway",
];

const ROLES: [&str; 10] = [
    "the harbour master",
    "the finance minister",
    "the head of the water board",
    "a spokeswoman for the railway",
    "the mayor",
    "the chief engineer",
    "the union leader",
    "the opposition leader",
    "the chief inspector of schools",
    "the director of the hospital",
];

const PLACES: [&str; 10] =
    ["Oslo", "Lisbon", "Nairobi", "Toronto", "Lyon", "Krakow", "Bristol", "Osaka", "Lima", "Hamburg"];

const OUTLETS: [&str; 8] = [
    "Northern Wire",
    "The Morning Post-Bag",
    "Harbour Gazette",
    "Evening Ledger",
    "Lakeside Times",
    "The Tribune of Vell",
    "Union Dispatch",
    "Capital Observer",
];

const TOPICS: [&str; 16] = [
    "the new ferry line",
    "the bridge over the lake",
    "the school budget",
    "the strike at the port",
    "the flood barrier",
    "the night train",
    "the hospital wing",
    "the fishing quota",
    "the housing plan",
    "the tram depot",
    "the power station",
    "the water tariff",
    "the airport runway",
    "the market hall",
    "the border crossing",
    "the forest reserve",
];

const VIEWS: [&str; 12] = [
    "will cost far more than anybody in this room has admitted",
    "cannot wait until the council has made up its mind",
    "is the best thing that has happened to this region in years",
    "was planned by people who have never been here",
    "must be paid for by those who asked for it",
    "has been talked about long enough and should now be built",
    "will be remembered as the mistake of a whole generation",
    "needs another look before a single stone is moved",
    "is safe and has been inspected by three independent teams",
    "would not have been possible without the patience of the neighbours",
    "is going to be finished on time and within its budget",
    "has divided families that used to agree about everything",
];

const ENDINGS: [&str; 12] = [
    "and we will say so in public",
    "whatever the ministry writes in its letters",
    "as the figures of last winter show",
    "even if some people find that hard to hear",
    "before the first snow falls",
    "and nobody has offered us another way",
    "because the old one will not last",
    "so we are asking for a vote in the spring",
    "and that is a promise to the people who live here",
    "unless the rain comes early this year",
    "though the contract says something else",
    "and the workers know it better than anyone",
];

const CUES: [&str; 6] = ["said", "told reporters", "insisted", "warned", "argued", "added"];

const INDIRECT: [&str; 4] = ["said that", "warned that", "confirmed that", "denied that"];

const AROUND: [&str; 8] = [
    "The meeting had been called at short notice and lasted until late in the evening.",
    "Work is due to begin after the summer, once the last permits are in.",
    "A first report on the matter had been withdrawn in January.",
    "Shopkeepers along the main road closed their doors for an hour in protest.",
    "The committee will publish its minutes at the end of the month.",
    "Two earlier plans had failed for want of money.",
    "Residents have collected several thousand signatures since the spring.",
    "The figures are in line with those of the year before.",
];

const DESKS: [&str; 4] = ["home", "economy", "world", "city"];

/// Publication times lie within two years from here: 2024-01-01.
const FIRST_DAY: i64 = 1_704_067_200;
const DAYS: i64 = 730;
const DAY: i64 = 86_400;

/// A speaker of an article.
struct Speaker {
    first: &'static str,
    last: &'static str,
    role: &'static str,
}

/// The article of that number.
pub fn article(seed: u64, number: u64) -> Document {
    let random = &mut numbered(seed, number);
    let (topic, place) = (pick(random, &TOPICS), pick(random, &PLACES));
    let (one, other) = (speaker(random), speaker(random));
    let text = [
        format!("{}: {} speaks out on {topic}\n", place.to_uppercase(), one.last),
        direct(random, &one, topic),
        indirect(random, &other, topic),
        mixed(random, &one, topic, place),
        pick(random, &AROUND).to_owned(),
    ];
    Document {
        title: format!("{} speaks out on {topic}", one.last),
        text: text.join("\n"),
        source: pick(random, &OUTLETS).to_owned(),
        language: "en".to_owned(),
        publish_time: Some(prost_types::Timestamp {
            seconds: FIRST_DAY + random.i64(0..DAYS) * DAY + random.i64(0..DAY),
            nanos: 0,
        }),
        labels: BTreeMap::from([("desk".to_owned(), pick(random, &DESKS).to_owned())]),
        ..Document::default()
    }
}

/// Random numbers for the thing of that number: as good as independent of those for any other.
pub fn numbered(seed: u64, number: u64) -> Rng {
    let mut random = Rng::with_seed(seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    Rng::with_seed(random.u64(..))
}

fn pick(random: &mut Rng, from: &[&'static str]) -> &'static str {
    from[random.usize(..from.len())]
}

fn speaker(random: &mut Rng) -> Speaker {
    Speaker { first: pick(random, &FIRST), last: pick(random, &LAST), role: pick(random, &ROLES) }
}

/// What somebody thinks of something.
fn view(random: &mut Rng, topic: &str) -> String {
    format!("{topic} {} {}", pick(random, &VIEWS), pick(random, &ENDINGS))
}

fn direct(random: &mut Rng, who: &Speaker, topic: &str) -> String {
    let (said, cue) = (capital(&view(random, topic)), pick(random, &CUES));
    format!("“{said},” {} {}, {}, {cue} on Monday. {}", who.first, who.last, who.role, pick(random, &AROUND))
}

fn indirect(random: &mut Rng, who: &Speaker, topic: &str) -> String {
    let (cue, said) = (pick(random, &INDIRECT), view(random, topic));
    format!("{} {} {}, {}, {cue} {said}.", pick(random, &AROUND), who.first, who.last, who.role)
}

fn mixed(random: &mut Rng, who: &Speaker, topic: &str, place: &str) -> String {
    let (view, ending) = (pick(random, &VIEWS), pick(random, &ENDINGS));
    format!("In {place}, {} said that {topic} “{view}” {ending}.", who.last)
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn articles_follow_from_seed_and_number_and_are_not_the_same() {
        assert_eq!(article(1, 7), article(1, 7));
        let texts: HashSet<String> = (0..2_000).map(|number| article(1, number).text).collect();
        assert!(texts.len() > 1_990, "{}", texts.len());
        assert_ne!(article(1, 7).text, article(2, 7).text);
    }

    #[test]
    fn an_article_says_who_said_what() {
        let article = article(3, 0);
        assert_eq!(article.text.matches('“').count(), 2);
        assert!(article.text.contains(" said that ") && article.text.len() < 2_000, "{}", article.text);
        assert!(!article.title.is_empty() && article.publish_time.is_some());
    }
}
