//! Reading documents, straight from the log: what was acknowledged is seen, however far behind the index is.

use super::api::Shown;
use super::error::{EngineError, Resource};
use super::reach::reaches;
use super::{Engine, paging};
use crate::domain::document::StoredDocument;
use crate::domain::hit::HitPage;
use crate::domain::ids::{CollectionId, DocumentId, DocumentName};
use crate::domain::query::{Cursor, PageRequest};
use crate::ports::Caller;
use std::sync::Arc;

/// Whole documents that are held in memory at once while a list is read.
const CHUNK: usize = 4;

impl Engine {
    /// One document, in its current revision or in one that is still kept.
    pub async fn get_document(
        &self,
        caller: &Caller,
        name: &DocumentName,
        revision: Option<u32>,
        whole: bool,
    ) -> Result<Shown, EngineError> {
        reaches(caller, &name.collection, || Resource::Document(name.clone()))?;
        let missing = || EngineError::NotFound(Resource::Document(name.clone()));
        if whole || revision.is_some() {
            return Ok(Shown::Whole(Arc::new(self.document(caller, name, revision).await?)));
        }
        let info = self.core.log.infos(std::slice::from_ref(name)).await?.pop().flatten();
        info.map(|info| Shown::Info(Box::new(info))).ok_or_else(missing)
    }

    /// Many documents, in the order asked for; `None` where there is none of that name.
    pub async fn get_documents(
        &self,
        caller: &Caller,
        names: &[DocumentName],
        whole: bool,
    ) -> Result<Vec<Option<Shown>>, EngineError> {
        caller.check()?;
        let within_reach =
            |name: &&DocumentName| reaches(caller, &name.collection, || Resource::Document((*name).clone()));
        let known: Vec<bool> = names.iter().map(|name| within_reach(&name).is_ok()).collect();
        let found: Vec<Option<Shown>> = if whole {
            let wanted: Vec<_> = names.iter().map(|name| (name.clone(), None)).collect();
            let documents = self.core.log.documents(&wanted).await?.into_iter();
            documents.map(|found| found.map(|document| Shown::Whole(Arc::new(document)))).collect()
        } else {
            let infos = self.core.log.infos(names).await?.into_iter();
            infos.map(|info| info.map(|info| Shown::Info(Box::new(info)))).collect()
        };
        Ok(found.into_iter().zip(known).map(|(shown, known)| shown.filter(|_| known)).collect())
    }

    /// The documents of a collection by id, ascending. Whole ones are read until they fill the page's bytes.
    pub async fn list_documents(
        &self,
        caller: &Caller,
        collection: &CollectionId,
        page: &PageRequest,
        whole: bool,
    ) -> Result<HitPage<Shown>, EngineError> {
        paging::check(page)?;
        let total = self.get_collection(caller, collection).await?.documents;
        let after = match &page.after {
            Some(cursor) => Some(DocumentId::new(paging::text(cursor)?).map_err(|_| paging::not_ours())?),
            None => None,
        };
        let infos = self.core.log.list(collection, after.as_ref(), page.size.saturating_add(1)).await?;
        let mut page_of =
            paging::cut(infos, page.size, total, |info| Cursor(info.name.document.as_str().into()));
        if !whole {
            let hits = page_of.hits.into_iter().map(|(info, after)| (Shown::Info(Box::new(info)), after));
            return Ok(HitPage { hits: hits.collect(), total, more: page_of.more });
        }
        let mut hits = Vec::new();
        let mut bytes = 0;
        while !page_of.hits.is_empty() && bytes < page.bytes {
            let chunk: Vec<_> = page_of.hits.drain(..CHUNK.min(page_of.hits.len())).collect();
            let names: Vec<_> = chunk.iter().map(|(info, _)| info.name.clone()).collect();
            let found = self.get_documents(caller, &names, true).await?;
            for (shown, (_, after)) in found.into_iter().zip(chunk) {
                // One that has gone since it was listed is nothing to show.
                let Some(shown) = shown else { continue };
                if let Shown::Whole(document) = &shown {
                    bytes += document.text.len();
                }
                hits.push((shown, after));
            }
        }
        Ok(HitPage { hits, total, more: page_of.more || !page_of.hits.is_empty() })
    }

    /// A document whole.
    pub(super) async fn document(
        &self,
        caller: &Caller,
        name: &DocumentName,
        revision: Option<u32>,
    ) -> Result<StoredDocument, EngineError> {
        caller.check()?;
        reaches(caller, &name.collection, || Resource::Document(name.clone()))?;
        let found = self.core.log.documents(&[(name.clone(), revision)]).await?.pop().flatten();
        match (found, revision) {
            (Some(document), _) => Ok(document),
            (None, Some(revision)) if self.core.log.current(name).await?.is_some() => {
                Err(EngineError::RevisionNotKept { document: name.clone(), revision })
            }
            (None, _) => Err(EngineError::NotFound(Resource::Document(name.clone()))),
        }
    }
}
