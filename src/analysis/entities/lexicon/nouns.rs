//! Head nouns of descriptions: what kind of thing they describe, which of them describe one office ("spokesman",
//! "spokesperson"), and which are general words for others ("leader" for "president").

use super::WordList;
use crate::folding::names::is_title;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a noun describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::analysis) enum NounKind {
    Person,
    Group,
    Organization,
    Place,
    Document,
    Other,
}

static GROUP: WordList = WordList::new(
    "people police public media press staff team crew family families couple audience crowd majority \
    minority public youth community communities electorate opposition leadership members percent cent panel jury \
    some many others most several few each both all none everyone everybody nobody anyone somebody someone \
    experts officials authorities police residents voters men women children aides allies critics lawmakers \
    brass clergy folks troops personnel",
);

const DOCUMENT: &str = "report circular study statement letter survey poll analysis memo memorandum document documents \
    book article story column op-ed editorial email e-mail emails transcript video ad advertisement tweet post \
    message account complaint lawsuit suit indictment filing brief submission ruling order decision law bill act \
    constitution charter agreement treaty resolution paper review data figures statistics research investigation \
    findings release communique declaration note notice website-post blog commentary testimony affidavit \
    text texts manifesto plan policy guidelines rules chapter section article records minutes footage \
    recording interview speech series census audit assessment forecast estimate estimates polling averages \
    headline caption sign banner autobiography memoir novel publication dossier warrant petition motion opinion numbers";

const ORGANIZATION: &str = "company firm agency ministry department court group committee council commission panel \
    party newspaper paper daily website site network channel station magazine outlet university college school \
    institute institution bank union alliance association federation league club board bureau office organization \
    organisation government administration campaign regime army military navy force forces police parliament \
    senate congress house cabinet legislature assembly corporation conglomerate manufacturer maker operator \
    carrier airline retailer chain startup business employer fund foundation charity nonprofit ngo think-tank \
    watchdog regulator authority body team side church mosque hospital service center centre trust society \
    coalition bloc consortium giant broadcaster publisher brand subsidiary utility exchange tribunal kremlin \
    junta militia movement embassy consulate secretariat guild lab laboratory museum studio wire organizer \
    organiser lender insurer automaker chipmaker";

const PLACE: &str = "country nation state city town village province region county district kingdom republic \
    island capital municipality territory republic emirate neighbourhood neighborhood";

/// Nouns for people that end like none of [`PERSON_ENDINGS`].
const PERSON: &str = "president leader minister secretary premier chief head chair king queen prince princess pope \
    judge justice attorney lawyer doctor professor expert analyst candidate nominee official spokesperson aide \
    ally boss host guest star athlete victim witness client patient student resident citizen parent mother father \
    son daughter wife husband brother sister friend colleague neighbour neighbor relative man woman boy girl lady \
    child mp ceo cfo coo vp deputy delegate diplomat envoy general colonel captain sergeant major admiral \
    commander soldier veteran cop guard agent spy journalist reporter columnist anchor correspondent activist \
    advocate economist scientist physicist chemist artist musician pianist novelist poet author priest bishop \
    cardinal rabbi imam pastor monk nun saint guru coach captain striker goalkeeper midfielder batsman defender \
    nurse surgeon physician psychologist dentist pharmacist architect engineer pilot chef cook clerk \
    mayor governor senator congressman congresswoman representative lawmaker legislator councilman councilwoman \
    ambassador consul chancellor commissioner ombudsman dictator strongman tyrant monarch emperor ruler \
    prosecutor defendant plaintiff suspect inmate prisoner hostage gunman businessman businesswoman tycoon \
    billionaire millionaire mogul magnate investor banker trader entrepreneur developer founder co-founder \
    executive director manager chairman chairwoman chairperson owner partner principal teacher lecturer scholar \
    fellow historian politician democrat republican conservative liberal incumbent challenger contender hopeful \
    rival frontrunner front-runner running-mate running-mate nominee pick appointee successor predecessor widow \
    person individual source whistleblower insider strategist pollster consultant adviser advisor assistant \
    interpreter translator comedian comic actor actress singer rapper dancer model celebrity designer director \
    filmmaker producer writer editor blogger critic photographer farmer fisherman worker driver shopkeeper vendor \
    buyer customer user player footballer boxer runner swimmer cyclist coordinator organizer organiser ranger \
    firefighter paramedic rescuer detective investigator officer superintendent sheriff inspector constable \
    secretary-general undersecretary solicitor barrister counsel magistrate speaker whip native immigrant migrant \
    refugee survivor teenager adult toddler newcomer outsider moderator pundit fan supporter opponent";

const PERSON_ENDINGS: [&str; 12] = [
    "man", "woman", "person", "ist", "ologist", "ician", "eer", "keeper", "maker", "holder", "ographer",
    "leader",
];

/// Nouns for one office or for bodies of one kind, those that end their names among them; the first names it.
const OFFICES: [&str; 49] = [
    "spokesperson spokesman spokeswoman",
    "chair chairman chairwoman chairperson",
    "lawyer attorney solicitor barrister counsel",
    "doctor physician surgeon dr doc",
    "legislator lawmaker senator sen congressman congresswoman representative rep mp parliamentarian deputy del \
     assemblyman assemblywoman councilman councilwoman member democrat republican",
    "nominee candidate contender hopeful",
    "president",
    "premier minister pm",
    "secretary",
    "governor gov",
    "mayor",
    "judge justice magistrate jurist",
    "professor academic scholar lecturer prof",
    "researcher scientist",
    "reporter journalist correspondent",
    "columnist commentator pundit",
    "anchor host presenter moderator",
    "writer author novelist",
    "boss ceo executive chief head",
    "director",
    "adviser advisor aide strategist consultant assistant",
    "ambassador envoy diplomat",
    "pope pontiff",
    "king monarch",
    "businessman businesswoman tycoon mogul magnate billionaire entrepreneur developer",
    "officer cop policeman policewoman detective",
    "general commander gen",
    "colonel col",
    "captain capt",
    "lieutenant lt",
    "sergeant sgt",
    "admiral adm",
    "coach manager",
    "activist campaigner advocate",
    "expert analyst specialist scholar",
    "resident local",
    "founder co-founder",
    "wife widow ex-wife",
    "singer musician artist rapper",
    "company firm corporation business giant manufacturer maker startup retailer chain conglomerate group holdings",
    "newspaper paper daily weekly magazine outlet publication publisher website site tabloid times post herald tribune \
     gazette journal news",
    "group organization organisation association nonprofit charity ngo society coalition alliance movement \
     foundation federation campaign network initiative",
    "university college school institute institution academy",
    "court tribunal",
    "agency bureau authority department office ministry service administration",
    "committee commission council panel board",
    "team club side franchise",
    "bank lender",
    "airline carrier airlines airways",
];

/// A general noun, then the nouns that it may stand for.
const GENERAL: [&str; 9] = [
    "leader president premier minister chair chairman chairwoman chancellor king queen head chief dictator founder \
     general pope taoiseach emir sultan prince secretary",
    "politician president premier minister senator governor mayor mp congressman congresswoman lawmaker candidate \
     nominee representative secretary leader",
    "official minister secretary director chief officer spokesman spokeswoman spokesperson head commissioner mayor \
     governor chairman executive manager deputy coordinator",
    "dictator president leader premier strongman",
    "executive director president chief ceo manager chairman head founder",
    "diplomat ambassador minister envoy secretary consul",
    "head director president chairman chief leader ceo",
    "academic professor scholar researcher economist historian scientist",
    "statesman president premier minister secretary",
];

/// What a folded noun describes; words that no table knows are judged by their ending.
pub(in crate::analysis) fn kind(noun: &str) -> NounKind {
    if let Some(kind) = listed_kind(noun) {
        return kind;
    }
    if let Some(singular) = singular(noun) {
        return match kind(&singular) {
            NounKind::Document => NounKind::Document,
            _ => NounKind::Group,
        };
    }
    if PERSON_ENDINGS.iter().any(|ending| noun.len() > ending.len() + 1 && noun.ends_with(ending)) {
        NounKind::Person
    } else {
        NounKind::Other
    }
}

/// The words of the tables with what they describe; of a word that several tables have, the first counts.
static KINDS: LazyLock<HashMap<&'static str, NounKind>> = LazyLock::new(|| {
    let tables = [
        (DOCUMENT, NounKind::Document),
        (PERSON, NounKind::Person),
        (ORGANIZATION, NounKind::Organization),
        (PLACE, NounKind::Place),
    ];
    let [document, person, organization, place] =
        tables.map(|(list, kind)| list.split(' ').map(move |word| (word, kind)));
    let titles = super::titles::all().map(|word| (word, NounKind::Person));
    let group = GROUP.all().map(|word| (word, NounKind::Group));
    let mut kinds = HashMap::new();
    for (word, kind) in document.chain(person).chain(titles).chain(organization).chain(group).chain(place) {
        kinds.entry(word).or_insert(kind);
    }
    kinds
});

fn listed_kind(noun: &str) -> Option<NounKind> {
    let kind = KINDS.get(noun).copied();
    let is_settled = matches!(kind, Some(NounKind::Document | NounKind::Person));
    if !is_settled && is_title(noun) { Some(NounKind::Person) } else { kind }
}

/// What stands behind the name of a body without naming anything else: "the Herald newspaper".
static CATEGORY: WordList = WordList::new(
    "newspaper paper daily weekly website site magazine outlet channel station network agency \
    company firm airline carrier broadcaster publisher charity nonprofit ngo watchdog think-tank platform app blog portal monitor \
    tabloid journal podcast",
);

/// Who acts for somebody else: what follows "for" or "of" behind such a noun is another person.
static RELATIONAL: WordList = WordList::new(
    "spokesman spokeswoman spokesperson lawyer attorney solicitor barrister counsel aide adviser \
    advisor assistant friend colleague relative supporter opponent critic fan representative agent publicist ally \
    rival neighbour neighbor father mother brother sister son daughter wife husband cousin nephew niece",
);

/// Bodies of which a country, a place or a leader has one, so that its name and the noun are a name.
static SOLE: WordList = WordList::new(
    "administration army campaign caucus commission consulate embassy government junta military ministry navy \
    parliament police regime",
);

/// Whether a folded noun is for a body that its owner's name tells from all others: "the Lund administration".
pub(in crate::analysis) fn is_sole_body(noun: &str) -> bool {
    SOLE.holds(noun)
}

/// Whether a folded noun says of a named body what it is.
pub(in crate::analysis) fn is_category(noun: &str) -> bool {
    CATEGORY.holds(noun)
}

/// Whether a folded noun is for somebody who acts for another, or belongs to one.
pub(in crate::analysis) fn is_relational(noun: &str) -> bool {
    RELATIONAL.holds(noun)
}

/// Whether a folded noun is for several people: "critics", "police", but not "relations".
pub(in crate::analysis) fn is_people(noun: &str) -> bool {
    is_plural(noun)
        && kind(noun) == NounKind::Group
        && singular(noun).is_none_or(|one| GROUP.holds(noun) || kind(&one) == NounKind::Person)
}

/// Whether a folded noun is a plural.
pub(in crate::analysis) fn is_plural(noun: &str) -> bool {
    GROUP.holds(noun) && !matches!(noun, "panel" | "family" | "couple" | "team") || singular(noun).is_some()
}

/// The lines of [`OFFICES`] and [`GENERAL`] that have a word, by their numbers.
#[derive(Debug, Default)]
struct Lines {
    offices: Vec<usize>,
    general: Vec<usize>,
    /// The general line that it opens.
    opens: Option<usize>,
}

static LINES: LazyLock<HashMap<&'static str, Lines>> = LazyLock::new(|| {
    let mut lines: HashMap<&'static str, Lines> = HashMap::new();
    for (at, line) in OFFICES.iter().enumerate() {
        line.split(' ').for_each(|word| lines.entry(word).or_default().offices.push(at));
    }
    for (at, line) in GENERAL.iter().enumerate() {
        line.split(' ').for_each(|word| lines.entry(word).or_default().general.push(at));
        lines.entry(line.split(' ').next().unwrap_or_default()).or_default().opens = Some(at);
    }
    lines
});

/// How well a description's noun fits a role's noun, 0 to 1.
pub(in crate::analysis) fn likeness(description: &str, role: &str) -> f32 {
    if description == role {
        return 1.0;
    }
    let (Some(own), Some(other)) = (LINES.get(description), LINES.get(role)) else { return 0.0 };
    if own.offices.iter().any(|line| other.offices.contains(line)) {
        0.8
    } else if own.opens.is_some_and(|line| other.general.contains(&line)) {
        0.6
    } else {
        0.0
    }
}

/// The nouns of roles that fit a description's noun at all, itself among them; some may come twice.
pub(in crate::analysis) fn fitting(description: &str) -> impl Iterator<Item = &str> {
    let lines = LINES.get(description);
    let offices = lines.into_iter().flat_map(|own| &own.offices).map(|&line| OFFICES[line]);
    let general = lines.and_then(|own| own.opens).map(|line| GENERAL[line]);
    std::iter::once(description).chain(offices.chain(general).flat_map(|line| line.split(' ')))
}

fn singular(noun: &str) -> Option<String> {
    if noun.len() < 4
        || noun.ends_with("ss")
        || noun.ends_with("us")
        || noun.ends_with("is")
        || noun == "news"
    {
        return match noun {
            "men" => Some("man".to_owned()),
            _ => None,
        };
    }
    if let Some(stem) = noun.strip_suffix("men") {
        return Some(format!("{stem}man"));
    }
    if let Some(stem) = noun.strip_suffix("ies") {
        return Some(format!("{stem}y"));
    }
    if matches!(noun, "politics" | "series" | "congress" | "headquarters" | "times" | "boss") {
        return None;
    }
    noun.strip_suffix('s').map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nouns_that_fit_a_description_are_those_that_are_like_it() {
        for description in LINES.keys().copied().chain(["gardener"]) {
            let mut found: Vec<&str> = fitting(description).collect();
            let like =
                LINES.keys().copied().chain(["gardener"]).filter(|role| likeness(description, role) > 0.0);
            let mut expected: Vec<&str> = like.collect();
            found.sort_unstable();
            found.dedup();
            expected.sort_unstable();
            assert_eq!(found, expected, "{description}");
        }
    }

    #[test]
    fn nouns_of_one_office_are_closer_than_general_ones() {
        for (description, role, expected) in [
            ("spokesman", "spokesperson", 0.8),
            ("leader", "president", 0.6),
            ("president", "leader", 0.0),
            ("gardener", "gardener", 1.0),
            ("gardener", "president", 0.0),
        ] {
            assert_eq!(likeness(description, role), expected, "{description} {role}");
        }
    }

    #[test]
    fn of_tables_that_share_a_word_the_first_counts() {
        use NounKind::{Document, Group, Organization, Other, Person, Place};
        for (noun, expected) in [
            ("article", Document),
            ("president", Person),
            ("general", Person),
            ("mrs", Person),
            ("chief", Person),
            ("police", Organization),
            ("critics", Group),
            ("village", Place),
            ("republic", Place),
            ("potato", Other),
        ] {
            assert_eq!(kind(noun), expected, "{noun}");
        }
    }
}
