//! `dictum entities`: the people, organisations and places of a collection, by the beginning of a name.

use super::client::{self, Connection, ServerArgs};
use super::query::{Page, QueryArgs, day, last_segment, table};
use super::{CliError, CommandResult};
use crate::domain::annotation;
use crate::transport::to_proto::analysis::entity_type;
use crate::transport::wire::{CollectionEntity, EntityFilter, EntityType, SearchEntitiesRequest};
use clap::Args;
use comfy_table::Table;
use std::process::ExitCode;

/// Most other names of an entity that its row shows.
const MOST_ALIASES: usize = 4;

/// Flags of `dictum entities`.
#[derive(Debug, Args)]
pub struct EntitiesArgs {
    /// Beginning of a word of any of its names, without case and accents
    prefix: Option<String>,
    /// What it is (person, organization, gpe, …); any of several
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',', value_parser = parse_type)]
    types: Vec<EntityType>,
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    server: ServerArgs,
}

/// Reads the type of an entity.
pub fn parse_type(text: &str) -> Result<EntityType, String> {
    let all = annotation::EntityType::ALL;
    let found = all.into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(text)).map(entity_type);
    found.ok_or_else(|| format!("must be one of {}", all.map(|kind| kind.as_str().to_lowercase()).join(", ")))
}

impl EntitiesArgs {
    fn request(&self) -> SearchEntitiesRequest {
        let filter = EntityFilter {
            name_prefix: self.prefix.clone().unwrap_or_default(),
            types: self.types.iter().map(|&t| t.into()).collect(),
        };
        SearchEntitiesRequest {
            parent: self.query.parent(),
            filter: Some(filter),
            consistency_token: self.query.consistency_token.clone(),
            ..SearchEntitiesRequest::default()
        }
    }
}

/// Asks and prints.
pub fn run(args: &EntitiesArgs) -> CommandResult {
    client::block_on(async {
        let connection = args.server.connect().await?;
        print(args, &connection).await?;
        Ok(ExitCode::SUCCESS)
    })
}

async fn print(args: &EntitiesArgs, connection: &Connection) -> Result<(), CliError> {
    let fetch = |page_size, page_token| {
        let mut client = connection.entities();
        let request = SearchEntitiesRequest { page_size, page_token, ..args.request() };
        async move {
            let response = client.search_entities(request).await?.into_inner();
            Ok(Page { items: response.entities, next: response.next_page_token, total: response.total_size })
        }
    };
    args.query.print(("entity", "entities"), fetch, |status| connection.explain(status), rows).await
}

fn rows(entities: &[CollectionEntity]) -> Table {
    let mut table = table(&["name", "type", "quotes", "documents", "also", "last seen", "id"]);
    for entity in entities {
        table.add_row([
            entity.display_name.clone(),
            type_name(entity.r#type()).to_lowercase(),
            entity.quote_count.to_string(),
            entity.document_count.to_string(),
            also(entity),
            day(entity.last_seen.as_ref()),
            last_segment(&entity.name).to_owned(),
        ]);
    }
    table
}

/// `PERSON` for `ENTITY_TYPE_PERSON`.
pub fn type_name(kind: EntityType) -> &'static str {
    kind.as_str_name().trim_start_matches("ENTITY_TYPE_")
}

/// Its other names, and whom it is taken for.
fn also(entity: &CollectionEntity) -> String {
    let names = entity.aliases.iter().map(|alias| &*alias.text);
    let mut also: Vec<_> =
        names.filter(|name| *name != entity.display_name).take(MOST_ALIASES).map(str::to_owned).collect();
    if !entity.inferred_as.is_empty() {
        also.push(format!("taken for {}", last_segment(&entity.inferred_as)));
    }
    also.join(", ")
}
