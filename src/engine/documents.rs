//! Reading documents, straight from the store: what was acknowledged is seen, however far behind the index is.

use super::caller::Caller;
use super::error::{EngineError, Resource};
use super::{Core, Engine, paging};
use crate::domain::document::{CollectionInfo, StoredDocument};
use crate::domain::ids::{CollectionId, DocumentId, DocumentName};
use crate::domain::query::{Cursor, HitPage, PageRequest};
use std::sync::Arc;

impl Engine {
    /// One document.
    pub async fn get_document(
        &self,
        caller: &Caller,
        name: &DocumentName,
    ) -> Result<Arc<StoredDocument>, EngineError> {
        let name = name.clone();
        self.blocking(caller, move |core| core.document(&name)).await
    }

    /// Many documents, in the order asked for; `None` where there is none of that name.
    pub async fn get_documents(
        &self,
        caller: &Caller,
        names: Vec<DocumentName>,
    ) -> Result<Vec<Option<Arc<StoredDocument>>>, EngineError> {
        self.blocking(caller, move |core| {
            names.iter().map(|name| Ok(core.store.document(name)?.map(Arc::new))).collect()
        })
        .await
    }

    /// The documents of a collection by id, ascending.
    pub async fn list_documents(
        &self,
        caller: &Caller,
        collection: &CollectionId,
        page: PageRequest,
    ) -> Result<HitPage<Arc<StoredDocument>>, EngineError> {
        let collection = collection.clone();
        self.blocking(caller, move |core| core.list_documents(&collection, &page)).await
    }
}

impl Core {
    pub(super) fn document(&self, name: &DocumentName) -> Result<Arc<StoredDocument>, EngineError> {
        let found = self.store.document(name)?;
        found.map(Arc::new).ok_or_else(|| EngineError::NotFound(Resource::Document(name.clone())))
    }

    pub(super) fn collection(&self, id: &CollectionId) -> Result<CollectionInfo, EngineError> {
        let found = self.store.collection(id)?;
        found.ok_or_else(|| EngineError::NotFound(Resource::Collection(id.clone())))
    }

    fn list_documents(
        &self,
        collection: &CollectionId,
        page: &PageRequest,
    ) -> Result<HitPage<Arc<StoredDocument>>, EngineError> {
        paging::check(page)?;
        let total = self.collection(collection)?.documents;
        let after = match &page.after {
            Some(cursor) => Some(DocumentId::new(paging::text(cursor)?).map_err(|_| paging::not_ours())?),
            None => None,
        };
        let found = self.store.documents(collection, after.as_ref(), page.size.saturating_add(1))?;
        let found = found.into_iter().map(Arc::new).collect();
        Ok(paging::cut(found, page.size, total, |stored: &Arc<StoredDocument>| {
            Cursor(stored.document.name.document.as_str().into())
        }))
    }
}
