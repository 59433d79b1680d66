//! From format 1 to format 2: every living document is entered anew, in the order of its changes, with its analysis as it was but
//! for the ids of its quotes, which last from now on. Entities are counted again. Of earlier revisions format 1 kept no text.

use super::super::error::Fault;
use super::super::record::encode;
use super::super::rows::CollectionRow;
use super::super::tables::COLLECTIONS;
use super::super::write::{Batch, Entered};
use super::v1;
use crate::domain::annotation::Analysis;
use crate::domain::document::{Document, Seq};
use crate::domain::ids::DocumentName;
use crate::domain::time::Timestamp;
use crate::failpoint::{Failpoint, pass};
use crate::folding::quote_id::quote_ids;
use redb::{ReadableTable, Table, WriteTransaction};
use std::collections::HashMap;

/// Documents between two writings of the counts, which are in memory until then.
const STRIDE: u64 = 1_000;

/// No write of the migration happens at a time of its own.
const NEVER: Timestamp = Timestamp { seconds: 0, nanos: 0 };

/// See the module.
pub(super) fn step(transaction: &WriteTransaction) -> Result<(), Fault> {
    v1::make_way(transaction)?;
    let generations = collections(transaction)?;
    documents(transaction, &generations)?;
    v1::clear_away(transaction)
}

/// Makes the living collections, empty as yet; their numbers by their ids.
fn collections(transaction: &WriteTransaction) -> Result<HashMap<String, u64>, Fault> {
    let (old, mut new) = (transaction.open_table(v1::COLLECTIONS)?, transaction.open_table(COLLECTIONS)?);
    let mut generations = HashMap::new();
    for entry in old.iter()? {
        let (id, row) = entry?;
        let v1::CollectionRow { generation, created_at, seq, .. } = v1::read(row.value())?;
        let row = CollectionRow { generation, created_at, seq, documents: 0, quotes: 0, entities: 0 };
        new.insert(id.value(), encode(&row)?.as_slice())?;
        generations.insert(id.value().to_owned(), generation);
    }
    Ok(generations)
}

/// Enters the documents.
fn documents(transaction: &WriteTransaction, generations: &HashMap<String, u64>) -> Result<(), Fault> {
    let changes = transaction.open_table(v1::CHANGES)?;
    let old = Old::open(transaction)?;
    let mut batch = Batch::begin(transaction, NEVER)?;
    let mut entered = 0;
    for entry in changes.iter()? {
        let (seq, change) = entry?;
        // Those of deleted collections lie in none of these.
        if let v1::ChangeKind::DocumentPut(name) = v1::read(change.value())?
            && let Some(generation) = generations.get(name.collection.as_str())
        {
            let place =
                format!("document {:?} of collection {:?}", name.document.as_str(), name.collection.as_str());
            if let Some(document) =
                old.document(*generation, name, seq.value()).map_err(|fault| within(fault, &place))?
            {
                batch.enter_anew(document)?;
                pass(Failpoint::MigrateDocument);
                entered += 1;
                if entered % STRIDE == 0 {
                    batch.write_counts()?;
                    tracing::info!(
                        documents = entered,
                        "an older store is being brought to the present format"
                    );
                }
            }
        }
    }
    let living = old.count(generations)?;
    if entered != living {
        return Err(Fault::Corrupt(format!("{living} documents of format 1 have {entered} changes")));
    }
    let last = batch.finish_anew()?;
    tracing::warn!(documents = entered, last, "an older store has been brought to the present format");
    Ok(())
}

/// The rows of documents of format 1.
struct Old<'t> {
    heads: Table<'t, super::super::tables::Member, &'static [u8]>,
    texts: Table<'t, super::super::tables::Member, &'static [u8]>,
    analyses: Table<'t, super::super::tables::Member, &'static [u8]>,
    revisions: Table<'t, (u64, &'static str, u32), &'static [u8]>,
}

impl<'t> Old<'t> {
    fn open(transaction: &'t WriteTransaction) -> Result<Self, Fault> {
        Ok(Self {
            heads: transaction.open_table(v1::HEADS)?,
            texts: transaction.open_table(v1::TEXTS)?,
            analyses: transaction.open_table(v1::ANALYSES)?,
            revisions: transaction.open_table(v1::REVISIONS)?,
        })
    }

    /// Documents of living collections.
    fn count(&self, generations: &HashMap<String, u64>) -> Result<u64, Fault> {
        let mut documents = 0;
        for generation in generations.values() {
            documents += self.heads.range((*generation, "")..(generation + 1, ""))?.count() as u64;
        }
        Ok(documents)
    }

    /// The document that the change put; `None` where the collection of that number never had it, being a later one.
    fn document(&self, generation: u64, name: DocumentName, seq: Seq) -> Result<Option<Entered>, Fault> {
        let key = (generation, name.document.as_str());
        let Some(head) = v1::row::<_, v1::HeadRow>(&self.heads, key)?.filter(|head| head.seq == seq) else {
            return Ok(None);
        };
        let missing = |what: &str| Fault::Corrupt(format!("its {what} is missing"));
        let text: v1::Document = v1::row(&self.texts, key)?.ok_or_else(|| missing("text"))?;
        let analysis: Analysis = v1::row(&self.analyses, key)?.ok_or_else(|| missing("analysis"))?;
        let first: Option<v1::RevisionRow> = v1::row(&self.revisions, (key.0, key.1, 1))?;
        let v1::Document { text, title, published_at, source, url, language, labels, .. } = text;
        let analysis = with_lasting_ids(analysis, &text);
        let document =
            Document { name, text, title, published_at, source, url, language, labels, page: None };
        let created_at = first.map_or(head.ingested_at, |first| first.ingested_at);
        let (revision, updated_at) = (head.revision, head.ingested_at);
        Ok(Some(Entered { generation, revision, seq, created_at, updated_at, document, analysis }))
    }
}

/// The analysis with ids of quotes that a new analysis would give them, too.
fn with_lasting_ids(mut analysis: Analysis, text: &str) -> Analysis {
    let contents = analysis.quotes.iter().map(|quote| quote.contents.iter().map(|span| span.slice(text)));
    let ids = quote_ids(contents);
    for (quote, id) in analysis.quotes.iter_mut().zip(ids) {
        quote.id = id.to_string();
    }
    analysis
}

/// Says where damage was found.
fn within(fault: Fault, place: &str) -> Fault {
    match fault {
        Fault::Corrupt(reason) => Fault::Corrupt(format!("{place}: {reason}")),
        fault => fault,
    }
}
