//! From what people call an entity to its resource name, by the names that the service proposes for it.

use super::CliError;
use super::client::Connection;
use super::query::{AnswerArgs, parse_collection};
use crate::domain::ids::{CollectionId, collection_name};
use crate::transport::wire::{EntitySuggestion, SuggestEntitiesRequest};
use anyhow::anyhow;
use clap::Args;

/// Flags of commands about one entity.
#[derive(Debug, Args)]
pub struct NamedArgs {
    /// Who or what: a name, or a resource name (collections/…/entities/…)
    name: String,
    /// Collection to look in
    #[arg(long, value_name = "ID", default_value = "default", value_parser = parse_collection)]
    collection: CollectionId,
    #[command(flatten)]
    pub answer: AnswerArgs,
}

impl NamedArgs {
    /// The resource name of the entity.
    pub async fn resource_name(&self, connection: &Connection) -> Result<String, CliError> {
        if self.name.starts_with("collections/") {
            return Ok(self.name.clone());
        }
        let parent = collection_name(&self.collection);
        let request = SuggestEntitiesRequest { parent, text: self.name.clone(), ..Default::default() };
        let answer = connection.entities().suggest_entities(request).await;
        let answer = answer.map_err(|status| connection.explain(&status))?.into_inner();
        chosen(&self.name, &answer.suggestions)
            .map(|suggestion| suggestion.name.clone())
            .ok_or_else(|| nobody(&self.name, &answer.suggestions).into())
    }
}

/// The one that is called just so, or else the likeliest that needs no other letters.
fn chosen<'s>(name: &str, suggestions: &'s [EntitySuggestion]) -> Option<&'s EntitySuggestion> {
    let is_exact = |suggestion: &&EntitySuggestion| {
        [&suggestion.display_name, &suggestion.matched]
            .iter()
            .any(|known| known.to_lowercase() == name.to_lowercase())
    };
    let as_typed = || suggestions.iter().filter(|suggestion| !suggestion.corrected);
    as_typed().find(is_exact).or_else(|| as_typed().next())
}

fn nobody(name: &str, suggestions: &[EntitySuggestion]) -> anyhow::Error {
    match suggestions {
        [] => anyhow!("nobody is called \"{name}\""),
        [meant, ..] => anyhow!("nobody is called \"{name}\"; did you mean {}?", meant.display_name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suggestion(display_name: &str, corrected: bool) -> EntitySuggestion {
        EntitySuggestion { display_name: display_name.into(), corrected, ..Default::default() }
    }

    #[test]
    fn a_name_means_whoever_bears_it_and_no_name_that_was_mistyped() {
        let all = [suggestion("Iranian Guard", false), suggestion("Iran", false), suggestion("Ivan", true)];
        let name = |typed: &str| chosen(typed, &all).map(|suggestion| &*suggestion.display_name);
        assert_eq!(name("iran"), Some("Iran"));
        assert_eq!(name("ira"), Some("Iranian Guard"));
        assert!(chosen("Ivn", &all[2..]).is_none());
        assert_eq!(nobody("Ivn", &all[2..]).to_string(), "nobody is called \"Ivn\"; did you mean Ivan?");
    }
}
