//! Entities of a collection.

use super::analysis::{Renderer, Renderers, Rendering, entity_type};
use super::documents::summary;
use super::time::timestamp;
use crate::domain::entity::{Alias, CollectionEntity};
use crate::domain::hit::Summary;
use crate::domain::ids::EntityName;
use crate::engine::{MentionResult, Suggestion, UnknownName};
use crate::transport::wire;

/// An entity with its aliases, roles and counts.
pub fn collection_entity(entity: &CollectionEntity) -> wire::CollectionEntity {
    let inferred_as = entity
        .inferred_as
        .as_ref()
        .map(|id| EntityName { collection: entity.name.collection.clone(), entity: id.clone() }.to_string());
    wire::CollectionEntity {
        name: entity.name.to_string(),
        r#type: entity_type(entity.entity_type).into(),
        display_name: entity.display_name.clone(),
        aliases: entity.aliases.iter().map(alias).collect(),
        roles: entity.roles.iter().map(alias).collect(),
        document_count: entity.documents,
        quote_count: entity.quotes,
        first_seen: entity.first_seen.map(timestamp),
        last_seen: entity.last_seen.map(timestamp),
        inferred_as: inferred_as.unwrap_or_default(),
        alias_count: entity.alias_count,
        role_count: entity.role_count,
        statement_count: entity.statements,
    }
}

/// An entity that may be meant.
pub fn suggestion(suggestion: &Suggestion) -> wire::EntitySuggestion {
    let Suggestion { entity, matched, corrected } = suggestion;
    wire::EntitySuggestion {
        name: entity.name.to_string(),
        display_name: entity.display_name.clone(),
        r#type: entity_type(entity.entity_type).into(),
        matched: matched.clone(),
        corrected: *corrected,
        document_count: entity.documents,
        quote_count: entity.quotes,
    }
}

/// A name that nobody has.
pub fn unknown_name(unknown: &UnknownName) -> wire::UnknownName {
    wire::UnknownName {
        name: unknown.name.clone(),
        suggestions: unknown.suggestions.iter().map(suggestion).collect(),
    }
}

/// A form of words.
pub fn alias(alias: &Alias) -> wire::Alias {
    wire::Alias { text: alias.text.clone(), document_count: alias.documents }
}

/// Mentions with where they stand. What is needed for each text is made once, however many of its mentions are here.
pub fn mentions(mentions: &[MentionResult], rendering: Rendering) -> Vec<wire::MentionResult> {
    let mut renderers = Renderers::new(rendering);
    mentions.iter().map(|found| mention(found, renderers.of(&found.document))).collect()
}

fn mention(result: &MentionResult, renderer: &Renderer<'_>) -> wire::MentionResult {
    let info = &result.document.info;
    wire::MentionResult {
        document: Some(summary(&info.name.collection, &Summary::of(info))),
        entity: result.entity.clone(),
        mention: Some(renderer.mention(&result.mention)),
        sentence: Some(renderer.span(result.sentence)),
    }
}

/// Leaves of a mention what fits into any answer.
pub fn shorten_mention(result: &mut wire::MentionResult) {
    result.sentence = None;
}
