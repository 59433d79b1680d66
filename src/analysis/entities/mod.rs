//! From name spans to the entities of a document.

use super::signals::{Layout, Signals};
use crate::domain::annotation::{Entity, Mention, MentionForm};
use std::collections::HashMap;

/// Groups the name spans by type and text, in order of first mention.
pub fn cluster(layout: &Layout<'_>, signals: &Signals) -> Vec<Entity> {
    let mut entities: Vec<Entity> = Vec::new();
    let mut known = HashMap::new();
    for name in &signals.names {
        let span = layout.span_of(&name.words);
        let text = span.slice(layout.text);
        let at = *known.entry((name.entity_type, text)).or_insert(entities.len());
        if at == entities.len() {
            entities.push(Entity {
                id: format!("e{}", at + 1),
                entity_type: name.entity_type,
                name: text.into(),
                mentions: Vec::new(),
                normalized: None,
                roles: Vec::new(),
            });
        }
        let confidence = super::rounded(name.confidence);
        entities[at].mentions.push(Mention { span, form: MentionForm::Name, confidence });
    }
    entities
}
