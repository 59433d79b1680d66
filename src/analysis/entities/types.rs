//! From the labels that the encoder was trained on to the types of the service. Most map one to one; places that act
//! (countries, cities) are told from other places, and events from works, by the words of the name itself. Knows
//! names, not documents. Start at [`entity_type`].

use super::lexicon::WordList;
use crate::domain::annotation::EntityType;

/// The type of a name under a training label, from the words of the name. `None` for a label that is not known.
pub fn entity_type(label: &str, name: &[&str]) -> Option<EntityType> {
    if matches!(label, "Location" | "LOC" | "Facility" | "Misc" | "MISC") && listed_whole(INSTITUTIONS, name)
    {
        return Some(EntityType::Organization);
    }
    Some(match label {
        "Organization" | "ORG" if is_meeting(name) => EntityType::Event,
        "Person" | "PER" if is_firm(name) => EntityType::Organization,
        "Person" | "PER" => EntityType::Person,
        "Organization" | "ORG" => EntityType::Organization,
        "Location" | "LOC" => place(name),
        "NORP" => EntityType::Norp,
        "Facility" => EntityType::Facility,
        "Product" => EntityType::Product,
        "Date" => EntityType::Date,
        "Money" => EntityType::Money,
        "Misc" | "MISC" => thing(name),
        _ => return None,
    })
}

/// Separated by commas: seats that stand for who sits there, and the agencies that sign pictures.
const INSTITUTIONS: &str =
    "kremlin, white house, pentagon, downing street, ap, afp, dpa, epa, upi, tass, reuters";

/// Nouns that make an event of an organisation.
static MEETINGS: WordList = WordList::new(
    "\
    championship championships conference cup expo fair festival games marathon olympics summit symposium \
    tournament",
);

/// Nouns that make a place one that cannot act.
static NATURAL: WordList = WordList::new(
    "\
    archipelago basin bay beach belt border canyon cape channel coast continent corridor crater creek \
    delta desert estuary falls fjord forest glacier gulf hemisphere highlands hill hills island islands \
    isle isles jungle lake lakes lowlands moon mount mountain mountains mt ocean peak peninsula plain \
    plains plateau range reef region ridge river rivers sea shore steppe strait straits tundra valley \
    volcano waterfall wetlands woods",
);

/// Places without such a noun that are no polity.
static REGIONS: WordList = WordList::new(
    "\
    africa alps amazon america americas andes antarctica arctic asia atlantic balkans baltics caribbean \
    caucasus donbas donbass earth east eurasia europe himalaya himalayas levant maghreb mars \
    mediterranean mesopotamia midwest nile north northeast northwest oceania pacific patagonia polynesia \
    sahara sahel savannah scandinavia siberia south southeast southwest west",
);

/// What may stand before a region without making a polity of it ("West Africa", "the greater Middle East").
static BEARINGS: WordList = WordList::new(
    "\
    - asia black central continental deep east eastern far global greater horn indo inner latin lower \
    mainland mid middle near north northeast northeastern northern northwest northwestern of outer \
    pacific saharan south southeast southeastern southern southwest southwestern sub the trans upper \
    west western",
);

/// Separated by commas: states, provinces and cities whose last word is a [`NATURAL`] noun.
const POLITIES: &str = "\
    beverly hills, cayman islands, central african republic, chapel hill, cook islands, east timor, \
    falkland islands, faroe islands, gold coast, grand forks, green bay, idaho falls, ivory coast, long \
    beach, marshall islands, miami beach, montego bay, newport beach, niagara falls, palm bay, palm \
    beach, prince edward island, rhode island, rock hill, sioux falls, solomon islands, south africa, \
    staten island, sunshine coast, thunder bay, timor leste, virgin islands, virginia beach, west palm \
    beach, wichita falls";

fn place(name: &[&str]) -> EntityType {
    let words: Vec<String> = name.iter().map(|word| word.to_lowercase()).collect();
    let bare: Vec<&str> =
        words.iter().map(String::as_str).filter(|&word| word != "the" && word != ".").collect();
    let (Some(&first), Some(&last)) = (bare.first(), bare.last()) else { return EntityType::Location };
    let natural_head = NATURAL.holds(last) && bare.len() > 1;
    // "Lake Victoria", "Gulf of Guinea", but "Cape Town", "Bay City", "Hill".
    let natural_opening = bare.len() > 1
        && (matches!(first, "lake" | "mount" | "mt") || NATURAL.holds(first) && bare[1] == "of");
    let region = REGIONS.holds(last) && bare[..bare.len() - 1].iter().all(|word| BEARINGS.holds(word));
    if listed_whole(POLITIES, &bare) || !(natural_head || natural_opening || region) {
        EntityType::Gpe
    } else {
        EntityType::Location
    }
}

/// Nouns that make an event of a name.
static EVENTS: WordList = WordList::new(
    "\
    anniversary attack attacks award awards battle biennale carnival celebration celebrations census \
    ceremony championship championships christmas clasico classic conference congress coup covid crisis \
    crusade crusades cup cyclone day depression derby disaster earthquake easter eid election elections \
    epidemic eve exhibition expo fair festival final finals flood floods formula forum friendly games \
    genocide gp hajj holocaust hurricane intifada invasion marathon massacre match month nakba olympic \
    olympics open operation oscars pandemic parade paralympics playoffs pride prix protest protests race \
    rally ramadan referendum revolt revolution riots season series session show siege spring storm \
    summit super symposium talks tour tournament trial trials trophy tsunami typhoon uprising war wars \
    wedding week wimbledon year",
);

fn thing(name: &[&str]) -> EntityType {
    let is_event = |word: &&str| EVENTS.holds(&word.to_lowercase());
    if name.iter().any(is_event) { EntityType::Event } else { EntityType::Work }
}

fn is_meeting(name: &[&str]) -> bool {
    name.len() > 1 && name.last().is_some_and(|last| MEETINGS.holds(&last.to_lowercase()))
}

/// What stands behind the "&" of a firm that bears its founder's name: "J.D. Lund & Sons".
static FIRMS: WordList = WordList::new("associates bros brothers co company daughters partners son sons");

fn is_firm(name: &[&str]) -> bool {
    let last = name.iter().rev().find(|word| **word != ".");
    let firm = |last: &&str| last.starts_with(char::is_uppercase) && FIRMS.holds(&last.to_lowercase());
    name.iter().any(|word| matches!(*word, "&" | "and")) && last.is_some_and(firm)
}

/// Whether the whole name, without an article, is in a list separated by commas.
fn listed_whole(list: &str, name: &[&str]) -> bool {
    let name = name.join(" ").to_lowercase();
    let name = name.strip_prefix("the ").unwrap_or(&name);
    list.split(", ").any(|listed| listed == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(label: &str, name: &str) -> Option<EntityType> {
        let words: Vec<&str> = name.split(' ').collect();
        entity_type(label, &words)
    }

    #[test]
    fn places_that_act_are_told_from_other_places() {
        for gpe in [
            "Ukraine",
            "Cape Town",
            "South Africa",
            "the United States",
            "Ivory Coast",
            "Rhode Island",
            "St . Louis",
            "Bay City",
            "Lakeland",
            "South Sudan",
            "West Bengal",
            "Northern Ireland",
            "Washington",
        ] {
            assert_eq!(typed("Location", gpe), Some(EntityType::Gpe), "{gpe}");
        }
        for other in [
            "Lake Victoria",
            "the Black Sea",
            "Mount Kenya",
            "Gulf of Guinea",
            "West Africa",
            "Europe",
            "East",
            "the Middle East",
            "Sub - Saharan Africa",
            "River",
            "Sahara Desert",
            "the Nile",
            "Chagos Islands",
        ] {
            let expected = if other == "River" { EntityType::Gpe } else { EntityType::Location };
            assert_eq!(typed("Location", other), Some(expected), "{other}");
        }
    }

    #[test]
    fn events_are_told_from_works() {
        for (name, expected) in [
            ("World Cup", EntityType::Event),
            ("Hurricane Maria", EntityType::Event),
            ("Eastern Economic Forum", EntityType::Event),
            ("The Great Gatsby", EntityType::Work),
            ("English", EntityType::Work),
        ] {
            assert_eq!(typed("Misc", name), Some(expected), "{name}");
        }
    }

    #[test]
    fn seats_of_power_and_meetings_are_what_they_stand_for() {
        for (label, name, expected) in [
            ("Location", "the Kremlin", EntityType::Organization),
            ("Facility", "White House", EntityType::Organization),
            ("Misc", "AP", EntityType::Organization),
            ("Organization", "Arctic Arts Summit", EntityType::Event),
            ("Organization", "Summit", EntityType::Organization),
            ("Person", "Reuters", EntityType::Person),
            ("Person", "A . B . Lund & Sons", EntityType::Organization),
            ("Person", "Ida Moe & Co .", EntityType::Organization),
        ] {
            assert_eq!(typed(label, name), Some(expected), "{name}");
        }
    }

    #[test]
    fn other_labels_map_one_to_one_and_unknown_ones_to_nothing() {
        assert_eq!(typed("ORG", "NATO"), Some(EntityType::Organization));
        assert_eq!(typed("Money", "$ 5"), Some(EntityType::Money));
        assert_eq!(typed("Quantity", "5 kg"), None);
    }
}
