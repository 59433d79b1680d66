//! What must be there before anything is measured: the collection, the documents that it is to hold, and the words that are asked for.
//! Nothing here counts in the report. Start at [`fill`].

use super::corpus::{Corpus, PREFIX};
use crate::cli::CliError;
use crate::cli::client::Connection;
use crate::cli::ingest::ensure_collection;
use crate::cli::layout::count;
use crate::cli::query::last_segment;
use crate::domain::ids::{CollectionId, collection_name};
use crate::transport::wire::{GetCollectionRequest, ListDocumentsRequest};
use anyhow::anyhow;
use futures_util::{StreamExt, TryStreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal};
use std::time::Duration;
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// Documents that are sent at once while a collection is filled.
const AT_ONCE: usize = 8;

/// How often in a row a document may be turned away, and the pause where the service names none.
const PATIENCE: u32 = 120;
const PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The most that a page of documents holds.
const PAGE: i32 = 1000;

/// Takes over the documents that earlier runs have left in the collection, where the corpus is bounded.
pub async fn take_over(connection: &Connection, corpus: &Corpus) -> Result<(), CliError> {
    if corpus.keep().is_none() {
        return Ok(());
    }
    let mut page_token = String::new();
    loop {
        let (parent, page_size) = (corpus.parent().to_owned(), PAGE);
        let request =
            ListDocumentsRequest { parent, page_size, page_token, ..ListDocumentsRequest::default() };
        let answer = connection.documents().list_documents(request).await;
        let answer = answer.map_err(|status| connection.explain(&status))?.into_inner();
        // In the order of their ids, which is that of their age.
        let ids = answer.documents.iter().map(|document| last_segment(&document.name));
        ids.filter(|id| id.starts_with(PREFIX)).for_each(|id| corpus.stored(id.to_owned()));
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            return Ok(());
        }
    }
}

/// Makes the collection where it does not exist; how many documents it holds, whoever stored them.
pub async fn collection(connection: &Connection, id: &CollectionId) -> Result<u64, CliError> {
    let request = GetCollectionRequest { name: collection_name(id) };
    match connection.collections().get_collection(request).await {
        Ok(answer) => Ok(answer.into_inner().collection.unwrap_or_default().document_count),
        // Asked for, and not simply created, since that takes more than most callers may do.
        Err(status) if status.code() == Code::NotFound => {
            ensure_collection(connection, id).await?;
            Ok(0)
        }
        Err(status) => Err(connection.explain(&status)),
    }
}

/// Stores so many documents, and gives a token that makes a question see them; none where there are none.
pub async fn fill(connection: &Connection, corpus: &Corpus, many: usize) -> Result<String, CliError> {
    if many == 0 {
        return Ok(String::new());
    }
    let bar = bar(corpus, many);
    let stored = stream::iter(0..many).map(|_| store(connection, corpus)).buffer_unordered(AT_ONCE);
    let tokens: Vec<String> = stored.inspect_ok(|_| bar.inc(1)).try_collect().await?;
    bar.finish_and_clear();
    Ok(tokens.into_iter().next_back().unwrap_or_default())
}

fn bar(corpus: &Corpus, many: usize) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(many as u64);
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:32.cyan/dim} {pos}/{len} ({eta} left)") {
        bar.set_style(style);
    }
    let many = count(many as u64, "document", "documents");
    bar.set_message(format!("storing {many} in {}", corpus.parent()));
    bar
}

/// Stores a document, however often the service asks to come back.
async fn store(connection: &Connection, corpus: &Corpus) -> Result<String, CliError> {
    let (id, request) = corpus.next();
    for _ in 0..PATIENCE {
        match connection.documents().ingest_document(request.clone()).await {
            Ok(answer) => {
                corpus.stored(id);
                return Ok(answer.into_inner().receipt.unwrap_or_default().consistency_token);
            }
            Err(status) if matches!(status.code(), Code::Unavailable | Code::ResourceExhausted) => {
                tokio::time::sleep(pause(&status)).await;
            }
            Err(status) => return Err(connection.explain(&status)),
        }
    }
    Err(anyhow!("the service is too busy to take a document in; nothing was measured").into())
}

fn pause(status: &Status) -> Duration {
    let asked = status.get_details_retry_info().and_then(|info| info.retry_delay);
    asked.unwrap_or(PAUSE).min(LONGEST_PAUSE)
}
